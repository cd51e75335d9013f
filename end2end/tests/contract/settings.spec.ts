/// The settings of the contract, and starts that fail with a sentence.
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { login } from '../../support/person.ts';
import { runServerProgram, startServer } from '../../support/server.ts';
import { expect, test } from '../../support/test.ts';

test('--help lists every setting', async () => {
  const { code, output } = await runServerProgram(['--help'], {});
  expect(code).toBe(0);
  for (const name of [
    'NATTER_ADDR',
    'NATTER_SOCKET_ADDR',
    'NATTER_DATA_DIR',
    'DATABASE_URL',
    'NATTER_SIGN_IN',
    'NATTER_TRUSTED_NETWORK',
    'NATTER_SESSION_SECONDS',
    'NATTER_PUBLIC_ORIGIN',
  ]) {
    expect(output).toContain(name);
  }
});

test('the signing secret is for its owner alone', async ({ server }) => {
  expect((await login(server.origin, 'alice')).status).toBe(200);
  const data = join(server.dataDirectory, 'data');
  const secrets = readdirSync(data).filter((name) => /secret/.test(name));
  expect(secrets).toHaveLength(1);
  expect(statSync(join(data, secrets[0]!)).mode & 0o777).toBe(0o600);
});

test('somebody who is added on the command line can sign in', async ({ server }) => {
  expect((await login(server.origin, 'erin')).status).toBe(401);
  const added = await runServerProgram(['users', 'add', 'erin'], { NATTER_DATA_DIR: join(server.dataDirectory, 'data') });
  expect(added.code, added.output).toBe(0);
  expect((await login(server.origin, 'erin')).status).toBe(200);
});

test.describe('a listener for sockets of its own', () => {
  test.use({ serverOptions: { socketListener: true } });

  test('serves /socket.io/ while the other serves /web', async ({ server, person }) => {
    expect(server.socketPort).not.toBe(server.port);
    const [alice, bob] = [await person('alice'), await person('bob')];
    const [sender, receiver] = [await alice.connect(), await bob.connect()];
    await sender.ask('privateMessage', { receiver: 'bob', text: 'hello' });
    const message = await receiver.message('hello');
    expect(await alice.history(message.conversationId)).toHaveLength(1);
  });
});

test.describe('a start that cannot be', () => {
  let directory: string;
  test.beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'natter-test-'));
  });
  test.afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  /** Runs to the end with an error, and says what to do without a panic or a stack. */
  async function expectFailure(environment: Record<string, string>, says: RegExp): Promise<void> {
    const { code, output } = await runServerProgram([], { NATTER_ADDR: '127.0.0.1:0', NATTER_DATA_DIR: join(directory, 'data'), ...environment });
    expect(code, output).toBeGreaterThan(0);
    expect(output).toMatch(says);
    expect(output).not.toMatch(/panicked|RUST_BACKTRACE/);
  }

  test('says that the port is taken', async ({ server }) => {
    await expectFailure({ NATTER_ADDR: `127.0.0.1:${server.port}` }, new RegExp(String(server.port)));
  });

  test('says that the data directory cannot be written', async () => {
    // A file where a directory has to be stops root too, whom permissions do not.
    writeFileSync(join(directory, 'file'), '');
    await expectFailure({ NATTER_DATA_DIR: join(directory, 'file', 'data') }, /data/i);
  });

  test('says that sign-in by name is for this machine alone', async () => {
    await expectFailure({ NATTER_ADDR: '0.0.0.0:0' }, /NATTER_TRUSTED_NETWORK/);
  });

  for (const [name, value] of [
    ['NATTER_SESSION_SECONDS', 'long'],
    ['NATTER_SESSION_SECONDS', '0'],
    ['NATTER_ADDR', 'nowhere'],
    ['NATTER_SIGN_IN', 'magic'],
    ['NATTER_PUBLIC_ORIGIN', 'chat.example/path'],
  ] as const) {
    test(`says that ${name} is not ${value}`, async () => {
      await expectFailure({ [name]: value }, new RegExp(name));
    });
  }
});

test('sign-in by name listens beyond this machine where the network is said to be trusted', async () => {
  const server = await startServer({ environment: { NATTER_ADDR: '0.0.0.0:0', NATTER_TRUSTED_NETWORK: '1' } });
  try {
    expect((await login(`http://127.0.0.1:${server.port}`, 'alice')).status).toBe(200);
  } finally {
    await server.dispose();
  }
});
