/// Starts the real server, the release build, on a port and in a data directory of its own.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
/** How long a server may take to start or to stop before it counts as stuck. */
const PATIENCE = 20_000;

export interface ServerOptions {
  /** Settings over those that every test server has. */
  environment?: Record<string, string>;
  /** Gives `/socket.io/` a listener of its own. */
  socketListener?: boolean;
}

export interface Finished {
  code: number | null;
  output: string;
}

/** The path of the server's program. */
export function serverProgram(): string {
  const target = resolve(REPOSITORY, process.env.CARGO_TARGET_DIR ?? 'target');
  const program = process.env.NATTER_SERVER ?? join(target, 'release', 'natter-server');
  if (!existsSync(program)) {
    throw new Error(`There is no server at ${program}. Build it first, or name another in NATTER_SERVER.`);
  }
  return program;
}

/** Makes a copy of the program and its pages, as of another version: its style sheet has another name. */
export function anotherVersion(directory: string): string {
  const built = dirname(serverProgram());
  const hashes = readFileSync(join(built, 'hash.txt'), 'utf8');
  const hash = /^css: (.+)$/m.exec(hashes)?.[1] ?? '';
  cpSync(join(built, '..', 'site'), join(directory, 'site'), { recursive: true });
  writeFileSync(join(directory, 'hash.txt'), hashes.replace(hash, 'another'));
  for (const ending of ['', '.br', '.gz']) {
    const style = (name: string) => join(directory, 'site', 'pkg', `natter.${name}.css${ending}`);
    if (existsSync(style(hash))) renameSync(style(hash), style('another'));
  }
  const program = join(directory, 'natter-server');
  copyFileSync(serverProgram(), program);
  return program;
}

/** Makes a copy of the program that serves the page of components: the client as developers have it. */
export function programWithComponents(directory: string): string {
  const site = resolve(dirname(serverProgram()), '..', 'components', 'site');
  if (!existsSync(site)) {
    throw new Error(`There is no page of components at ${site}. Build it: cargo xtask components`);
  }
  symlinkSync(site, join(directory, 'site'));
  const program = join(directory, 'natter-server');
  copyFileSync(serverProgram(), program);
  return program;
}

/** Runs the server's program to its end, as for `--help` or a start that fails. */
export async function runServerProgram(
  words: string[],
  environment: Record<string, string>,
  directory: string = tmpdir(),
): Promise<Finished> {
  const child = spawn(serverProgram(), words, {
    cwd: directory,
    env: { ...inherited(), NATTER_SIGN_IN: 'name', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const collect = (chunk: Buffer) => (output += chunk.toString());
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  return { code, output };
}

/** Starts a server and waits until it says where it listens. Its owner stops it with `dispose`. */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const server = new Server(options, mkdtempSync(join(tmpdir(), 'natter-test-')));
  try {
    await server.start();
  } catch (error) {
    await server.dispose();
    throw error;
  }
  return server;
}

export class Server {
  readonly dataDirectory: string;
  #environment: Record<string, string>;
  #socketListener: boolean;
  #child: ChildProcess | undefined;
  #output = '';
  #port = 0;
  #socketPort = 0;

  constructor(options: ServerOptions, dataDirectory: string) {
    this.dataDirectory = dataDirectory;
    this.#environment = options.environment ?? {};
    this.#socketListener = options.socketListener ?? false;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get port(): number {
    return this.#port;
  }

  /** Where `/socket.io/` is served: the listener of its own, else the only one. */
  get socketOrigin(): string {
    return `http://127.0.0.1:${this.socketPort}`;
  }

  get socketPort(): number {
    return this.#socketListener ? this.#socketPort : this.#port;
  }

  /** Everything that the server has written so far, over all its starts. */
  get log(): string {
    return this.#output;
  }

  /** Starts it, on the ports that it had before if it ran before. */
  async start(program: string = serverProgram()): Promise<void> {
    const child = spawn(program, [], {
      cwd: this.dataDirectory,
      env: {
        ...inherited(),
        NATTER_SIGN_IN: 'name',
        NATTER_ADDR: `127.0.0.1:${this.#port}`,
        NATTER_DATA_DIR: join(this.dataDirectory, 'data'),
        ...(this.#socketListener ? { NATTER_SOCKET_ADDR: `127.0.0.1:${this.#socketPort}` } : {}),
        ...this.#environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    const startedAt = this.#output.length;
    const announced = new Promise<void>((done, fail) => {
      const timer = setTimeout(() => fail(new Error(this.#complaint('did not say where it listens'))), PATIENCE);
      const read = (chunk: Buffer) => {
        this.#output += chunk.toString();
        if (this.#readPorts(this.#output.slice(startedAt))) {
          clearTimeout(timer);
          done();
        }
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      child.once('error', fail);
      child.once('close', (code) => {
        clearTimeout(timer);
        fail(new Error(this.#complaint(`ended at once with ${code}`)));
      });
    });
    await announced;
  }

  /** Ends the process and waits until it is gone; the data stays. The answer is its exit code. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<number | null> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const closed = once(child, 'close');
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
    await closed;
    clearTimeout(timer);
    if (signal === 'SIGTERM' && child.signalCode === 'SIGKILL') {
      throw new Error(this.#complaint('did not stop when it was asked to'));
    }
    return child.exitCode;
  }

  /** Stops it and starts it again with the same data and the same ports. */
  async restart(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    await this.stop(signal);
    await this.start();
  }

  /** Stops it and removes its data. */
  async dispose(): Promise<void> {
    try {
      await this.stop();
    } finally {
      rmSync(this.dataDirectory, { recursive: true, force: true });
    }
  }

  #readPorts(output: string): boolean {
    const port = /Natter is running at https?:\/\/\S+?:(\d+)/.exec(output)?.[1];
    const socketPort = /Sockets at https?:\/\/\S+?:(\d+)/.exec(output)?.[1];
    if (port === undefined || (this.#socketListener && socketPort === undefined)) return false;
    this.#port = Number(port);
    this.#socketPort = Number(socketPort ?? 0);
    return true;
  }

  #complaint(what: string): string {
    return `The server ${what}. It wrote:\n${this.#output.slice(-4000)}`;
  }
}

/** This process's environment without what would configure the server by accident. */
function inherited(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(NATTER|LEPTOS)_/.test(name) && name !== 'DATABASE_URL' && name !== 'RUST_LOG',
  );
  return Object.fromEntries(kept);
}
