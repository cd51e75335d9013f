/// The small server in front of both clients: files from memory, compressed before anybody asks, everything else from
/// Natter's server. Both are served by the same code in the same way, so that only what they consist of differs.
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import { extname, join, relative, sep } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
};
/** Whatever was built, it was built before. */
const YESTERYEAR = new Date(Date.now() - 365 * 24 * 60 * 60 * 1000).toUTCString();
/** With a hash in its name a file never changes. */
const HASHED = /[.-][\w-]{8,}\.(css|js|wasm)$/;
/** What Natter's server says with every answer, and what the files here say too: some of it costs a browser time. */
const PROTECTION = [
  'cross-origin-opener-policy',
  'cross-origin-resource-policy',
  'permissions-policy',
  'referrer-policy',
  'x-content-type-options',
  'x-frame-options',
];
/** For pages that Natter's server does not write: as strict as Angular's build allows without a nonce. */
const POLICY =
  "default-src 'none'; script-src 'self'; script-src-attr 'unsafe-inline'; style-src 'self' 'unsafe-inline'; " +
  "img-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; " +
  "frame-ancestors 'none'";

/**
 * Serves the files of `folder`, and `upstream` for the rest. With `shell`, the name of one of the files, every
 * address that is neither a file nor the server's own shows that page.
 */
export async function startFront({ upstream, folder, shell }) {
  const protection = await protectionOf(upstream);
  const files = await compressed(folder, protection);
  const page = shell && files.get(`/${shell}`);
  if (shell && !page) throw new Error(`There is no ${shell} in ${folder}. Build it first.`);
  const target = new URL(upstream);
  const agent = new http.Agent({ keepAlive: true });

  const server = http.createServer((request, response) => {
    const { pathname } = new URL(request.url, upstream);
    const isUpstream = /^\/(web|socket\.io)\//.test(pathname);
    const file = isUpstream ? undefined : (files.get(pathname) ?? page);
    if (file) send(file, request, response);
    else pass(request, response, target, agent);
  });
  server.on('upgrade', (request, socket, head) => tunnel(request, socket, head, target));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    stop: async () => {
      agent.destroy();
      server.close();
      server.closeAllConnections();
    },
  };
}

async function protectionOf(upstream) {
  const { headers } = await fetch(`${upstream}/health`);
  return Object.fromEntries(PROTECTION.filter((name) => headers.has(name)).map((name) => [name, headers.get(name)]));
}

/** The files of a folder by their paths, each as it is and compressed. */
async function compressed(folder, protection) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    // As Node 20 called it first, and as it is called now.
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  const files = new Map();
  for (const path of paths.filter((path) => !/\.(br|gz)$/.test(path))) {
    const body = await readFile(path);
    const isPage = path.endsWith('.html');
    const address = `/${relative(folder, path).split(sep).join('/')}`;
    files.set(address, {
      body,
      // What the build compressed itself counts; else it is compressed as well as brotli can.
      brotli: paths.includes(`${path}.br`) ? await readFile(`${path}.br`) : brotli(body),
      headers: {
        ...protection,
        'content-type': TYPES[extname(path)] ?? 'application/octet-stream',
        // What has no hash, such as the icon, a browser keeps for as long as it thinks right.
        ...(isPage ? { 'cache-control': 'no-store' } : { 'last-modified': YESTERYEAR }),
        ...(HASHED.test(path) ? { 'cache-control': 'public, max-age=31536000, immutable' } : {}),
        vary: 'accept-encoding',
        ...(isPage ? { 'content-security-policy': POLICY } : {}),
      },
    });
  }
  return files;
}

function brotli(body) {
  const { BROTLI_PARAM_QUALITY, BROTLI_MAX_QUALITY, BROTLI_PARAM_SIZE_HINT } = constants;
  const params = { [BROTLI_PARAM_QUALITY]: BROTLI_MAX_QUALITY, [BROTLI_PARAM_SIZE_HINT]: body.length };
  return brotliCompressSync(body, { params });
}

function send(file, request, response) {
  const takesBrotli = /\bbr\b/.test(request.headers['accept-encoding'] ?? '');
  const body = takesBrotli ? file.brotli : file.body;
  const encoding = takesBrotli ? { 'content-encoding': 'br' } : {};
  response.writeHead(200, { ...file.headers, ...encoding, 'content-length': body.length });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** Hands a request on, with the Host that the browser sent: the server compares it with the Origin. */
function pass(request, response, { hostname, port }, agent) {
  const { method, url: path, headers } = request;
  const onward = http.request({ hostname, port, method, path, headers, agent }, (answer) => {
    response.writeHead(answer.statusCode, answer.rawHeaders);
    answer.pipe(response);
  });
  onward.on('error', () => response.destroy());
  response.on('close', () => onward.destroy());
  request.pipe(onward);
}

/** Connects a WebSocket through, byte by byte. */
function tunnel(request, socket, head, { hostname, port }) {
  const onward = net.connect(Number(port), hostname, () => {
    const { rawHeaders } = request;
    const lines = rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${rawHeaders[index + 1]}`] : []));
    onward.write(`${request.method} ${request.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    onward.write(head);
    onward.pipe(socket).pipe(onward);
  });
  onward.setNoDelay(true);
  socket.setNoDelay(true);
  for (const [end, other] of [[onward, socket], [socket, onward]]) {
    end.on('error', () => other.destroy());
    end.on('close', () => other.destroy());
  }
}
