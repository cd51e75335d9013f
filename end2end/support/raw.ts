/// Handshakes with exactly the headers that a test says, which neither fetch nor a stock client
/// lets one choose.
import { randomBytes } from 'node:crypto';
import { request, type IncomingMessage, type RequestOptions } from 'node:http';

const HANDSHAKE = '/socket.io/?EIO=4&transport=';

/** Asks for an Engine.IO session over polling; the answer is its status. */
export async function pollingHandshake(origin: string, headers: Record<string, string>): Promise<number> {
  const answer = await send(origin, { path: `${HANDSHAKE}polling`, headers });
  return answer.statusCode ?? 0;
}

/** Asks for a WebSocket; 101 where it gets one, otherwise the status of the refusal. */
export async function webSocketHandshake(origin: string, headers: Record<string, string>): Promise<number> {
  const upgrade = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
  };
  const answer = await send(origin, { path: `${HANDSHAKE}websocket`, headers: { ...upgrade, ...headers } });
  return answer.statusCode ?? 0;
}

function send(origin: string, options: RequestOptions): Promise<IncomingMessage> {
  return new Promise((done, fail) => {
    const asked = request(origin, { agent: false, ...options });
    asked.once('response', (answer) => {
      answer.resume();
      done(answer);
    });
    asked.once('upgrade', (answer, socket) => {
      socket.destroy();
      done(answer);
    });
    asked.once('error', fail);
    asked.end();
  });
}
