/// Starts a server of Natter with a database of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** How long it may take to start or to stop before it counts as stuck. */
const PATIENCE = 20_000;

/** The server and where it listens; `stop` ends it and removes its data. */
export async function startNatter(program, site) {
  const directory = await mkdtemp(join(tmpdir(), 'natter-pages-'));
  const child = spawn(program, [], {
    cwd: directory,
    env: {
      ...inherited(),
      NATTER_SIGN_IN: 'name',
      NATTER_ADDR: '127.0.0.1:0',
      NATTER_DATA_DIR: join(directory, 'data'),
      NATTER_SITE_DIR: site,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const closed = once(child, 'close');
      const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
      child.kill('SIGTERM');
      await closed;
      clearTimeout(timer);
    }
    await rm(directory, { recursive: true, force: true });
  };
  try {
    return { origin: await announced(child), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Waits until the server says where it listens. */
function announced(child) {
  let output = '';
  return new Promise((done, fail) => {
    const complain = (what) => fail(new Error(`The server ${what}. It wrote:\n${output.slice(-4000)}`));
    const timer = setTimeout(() => complain('did not say where it listens'), PATIENCE);
    const read = (chunk) => {
      output += chunk;
      const origin = /Natter is running at (https?:\/\/\S+?:\d+)/.exec(output)?.[1];
      if (origin === undefined) return;
      clearTimeout(timer);
      done(origin);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('error', fail);
    child.once('close', (code) => {
      clearTimeout(timer);
      complain(`ended at once with ${code}`);
    });
  });
}

/** This process's environment without what would configure the server by accident. */
function inherited() {
  const kept = ([name]) => !/^(NATTER|LEPTOS)_/.test(name) && name !== 'DATABASE_URL' && name !== 'RUST_LOG';
  return Object.fromEntries(Object.entries(process.env).filter(kept));
}
