/// The deployment's two nginx, started from the very templates in docker/nginx: the one in front
/// and the backend's own, over plain HTTP (`dev`) or TLS (`prod`), on free ports of this machine.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  accessSync,
  chmodSync,
  constants,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { get as httpGet } from 'node:http';
import { get as httpsGet } from 'node:https';
import { createServer, type AddressInfo, type Server as Listener } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const DOCKER = fileURLToPath(new URL('../../docker', import.meta.url));
/** How long nginx may take to answer or to stop before it counts as stuck. */
const PATIENCE = 10_000;

export type ProxyKind = 'dev' | 'prod';

export interface ProxyOptions {
  /** The port that browsers use; a free one unless given. */
  publicPort?: number;
  /** The host that browsers use, 127.0.0.1 unless given; whoever names another makes it resolve. */
  hostName?: string;
}

/** The ports on 127.0.0.1 where the server behind the proxy listens. */
export interface Upstream {
  httpPort: number;
  socketPort: number;
}

/**
 * Reserves the ports, so that `origin` can be told to a server before it starts.
 * Then comes `start`, and `stop` in any case, also for a proxy that never started.
 */
export async function prepareProxy(kind: ProxyKind, options: ProxyOptions = {}): Promise<Proxy> {
  const nginx = findProgram('nginx');
  const openssl = findProgram('openssl');
  if (nginx === undefined || openssl === undefined) {
    throw new Error(
      'The deployment test needs the programs nginx and openssl: install the packages nginx and openssl' +
        ' (on Debian: apt-get install nginx-light openssl).',
    );
  }
  const front = await reservePort('127.0.0.1', options.publicPort ?? 0);
  // The template listens on every address, so every address has to be free.
  const back = await reservePort('0.0.0.0', 0);
  return new Proxy(kind, nginx, options.hostName ?? '127.0.0.1', front, back);
}

export class Proxy {
  readonly kind: ProxyKind;
  /** What browsers see, and what the server gets as NATTER_PUBLIC_ORIGIN. */
  readonly origin: string;
  /** The certificate (PEM) that a program has to trust to talk to `origin`; none for `dev`. */
  readonly certificate: string | undefined;
  readonly #nginx: string;
  readonly #front: Listener;
  readonly #back: Listener;
  readonly #directory: string;
  readonly #processes: NginxProcess[] = [];
  #lastLogs = '';

  constructor(kind: ProxyKind, nginx: string, hostName: string, front: Listener, back: Listener) {
    this.kind = kind;
    this.#nginx = nginx;
    this.#front = front;
    this.#back = back;
    this.#directory = mkdtempSync(join(tmpdir(), 'natter-nginx-'));
    // Started by root, nginx works as another user, who has to get to its temporary files.
    if (process.getuid?.() === 0) chmodSync(this.#directory, 0o711);
    if (kind === 'prod') {
      execFileSync('sh', [join(DOCKER, 'certificates.sh'), this.#certificates], { stdio: 'pipe' });
      this.certificate = readFileSync(join(this.#certificates, 'selfSigned.crt'), 'utf8');
    }
    this.origin = `${kind === 'prod' ? 'https' : 'http'}://${hostName}:${portOf(front)}`;
  }

  /** Starts both nginx and waits until they answer, with an error page while the server is not there. */
  async start(upstream: Upstream): Promise<this> {
    const [frontPort, backPort] = [portOf(this.#front), portOf(this.#back)];
    const variables = { ...readEnvironment(this.kind), ...this.#differences(frontPort, backPort, upstream) };
    await Promise.all([release(this.#front), release(this.#back)]);
    // The backend first, as in the deployment: the one in front looks its address up at start.
    await this.#startNginx('back', `backend-nginx-${this.kind}.config`, variables, backPort);
    await this.#startNginx('front', `nginx-${this.kind}.config`, variables, frontPort);
    return this;
  }

  /** Everything that both nginx have logged so far. */
  logs(): string {
    if (this.#processes.length > 0) this.#lastLogs = this.#processes.map((nginx) => nginx.logs()).join('');
    return this.#lastLogs;
  }

  /** Stops both nginx, and removes their files; `logs` still tells what they wrote. */
  async stop(): Promise<void> {
    await Promise.all([release(this.#front), release(this.#back)]);
    await Promise.all(this.#processes.map((nginx) => nginx.stop()));
    this.logs();
    this.#processes.length = 0;
    rmSync(this.#directory, { recursive: true, force: true });
  }

  get #certificates(): string {
    return join(this.#directory, 'certificates');
  }

  /** What is not as in the containers: one machine instead of three, other ports, other folders. */
  #differences(frontPort: number, backPort: number, upstream: Upstream): Record<string, string> {
    return {
      CLIENT_NGINX_PORT: `127.0.0.1:${frontPort}`,
      BACKEND_NGINX_NAME: '127.0.0.1',
      BACKEND_NGINX_PORT: String(backPort),
      UPSTREAM_HOST: '127.0.0.1',
      UPSTREAM_HTTP_PORT: String(upstream.httpPort),
      UPSTREAM_SOCKET_PORT: String(upstream.socketPort),
      SSL_DIRECTORY: this.#certificates,
      BACKEND_SSL_CERTIFICATE: join(this.#certificates, 'selfSigned.crt'),
    };
  }

  async #startNginx(name: string, template: string, variables: Record<string, string>, port: number): Promise<void> {
    const directory = join(this.#directory, name);
    mkdirSync(join(directory, 'conf.d'), { recursive: true });
    const values = { ...variables, NGINX_LOG_DIRECTORY: directory };
    writeFileSync(join(directory, 'conf.d', '00-shared.conf'), render('shared.conf', values));
    writeFileSync(join(directory, 'conf.d', 'default.conf'), render(template, values));
    writeFileSync(join(directory, 'nginx.conf'), mainConfiguration(directory));
    const nginx = new NginxProcess(this.#nginx, directory);
    this.#processes.push(nginx);
    await nginx.answers(port, this.certificate);
  }
}

class NginxProcess {
  readonly #directory: string;
  readonly #child: ChildProcess;
  #output = '';

  constructor(program: string, directory: string) {
    this.#directory = directory;
    const words = ['-p', directory, '-c', join(directory, 'nginx.conf'), '-e', join(directory, 'error.log')];
    this.#child = spawn(program, words, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child.stderr?.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
    this.#child.on('error', (error) => (this.#output += error.message));
    running.add(this.#child);
    this.#child.once('close', () => running.delete(this.#child));
  }

  /** Waits for any answer at all, whatever its status. */
  async answers(port: number, certificate: string | undefined): Promise<void> {
    const deadline = Date.now() + PATIENCE;
    while (!(await answersNow(port, certificate))) {
      if (this.#ended) throw new Error(`nginx ended at once. It wrote:\n${this.logs()}`);
      if (Date.now() > deadline) throw new Error(`nginx does not answer. It wrote:\n${this.logs()}`);
      await pause(20);
    }
  }

  logs(): string {
    const files = readdirSync(this.#directory).filter((name) => name.endsWith('.log'));
    return this.#output + files.map((name) => readFileSync(join(this.#directory, name), 'utf8')).join('');
  }

  async stop(): Promise<void> {
    if (this.#ended) return;
    const closed = once(this.#child, 'close');
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), PATIENCE);
    await closed;
    clearTimeout(timer);
  }

  get #ended(): boolean {
    return this.#child.pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}

/** Those that a test which ends early would leave behind. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGTERM');
});

/**
 * Puts the variables into a template as the nginx image does with envsubst: `${NAME}` and `$NAME` are replaced when
 * the variable is defined, and everything else, nginx's own variables among it, is left alone.
 */
export function render(template: string, variables: Record<string, string>): string {
  const rendered = readFileSync(join(DOCKER, 'nginx', template), 'utf8').replace(
    /\$(?:\{(\w+)\}|(\w+))/g,
    (written, braced?: string, bare?: string) => variables[braced ?? bare ?? ''] ?? written,
  );
  const missing = /\$\{(\w+)\}/.exec(rendered)?.[1];
  if (missing !== undefined) {
    throw new Error(`docker/nginx/${template} needs ${missing}, which no file in docker/environments sets.`);
  }
  return rendered;
}

/** The variables that the containers of a kind get, the later file winning as in compose. */
export function readEnvironment(kind: ProxyKind): Record<string, string> {
  const lines = ['common.env', `${kind}.env`].flatMap((name) =>
    readFileSync(join(DOCKER, 'environments', name), 'utf8').split('\n'),
  );
  return Object.fromEntries(
    lines.filter((line) => /^\w+=/.test(line)).map((line) => line.split(/=(.*)/s, 2) as [string, string]),
  );
}

/**
 * What the image's own nginx.conf does, with every file in one folder. It logs requests too unless a server block
 * says otherwise: a test that searches the logs for tokens searches this one as well.
 */
function mainConfiguration(directory: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `  ${name}_temp_path "${join(directory, `${name}_temp`)}";\n`,
  );
  return `daemon off;
worker_processes 1;
pid "${join(directory, 'nginx.pid')}";
error_log "${join(directory, 'error.log')}" notice;
events {
  worker_connections 1024;
}
http {
${temporary.join('')}  default_type application/octet-stream;
  access_log "${join(directory, 'image_access.log')}" combined;
  keepalive_timeout 65;
  include "${join(directory, 'conf.d')}/*.conf";
}
`;
}

/** The path of a program, also where the PATH of people who are not root leaves out the system's own programs. */
function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin'];
  return folders.map((folder) => join(folder, name)).find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Takes a port, any free one for 0, and keeps it until it is released. */
async function reservePort(host: string, port: number): Promise<Listener> {
  const listener = createServer((connection) => connection.destroy()).listen(port, host);
  await once(listener, 'listening');
  return listener;
}

function portOf(listener: Listener): number {
  return (listener.address() as AddressInfo).port;
}

async function release(listener: Listener): Promise<void> {
  if (listener.listening) await new Promise<void>((done) => listener.close(() => done()));
}

function answersNow(port: number, certificate: string | undefined): Promise<boolean> {
  const host = '127.0.0.1';
  return new Promise((done) => {
    const request =
      certificate === undefined
        ? httpGet({ host, port, path: '/health', agent: false })
        : httpsGet({ host, port, path: '/health', agent: false, ca: certificate, servername: 'localhost' });
    request.once('response', (response) => {
      response.resume();
      done(true);
    });
    request.once('error', () => done(false));
    request.setTimeout(PATIENCE, () => request.destroy());
  });
}
