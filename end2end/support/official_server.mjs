/// The official Socket.IO server, for the tests of our own client. It prints its origin once it
/// listens, and does what the package `echo-server` does.
import { createServer } from 'node:http';
import { Server } from 'socket.io';
import msgpack from 'socket.io-msgpack-parser';
import { Decoder } from 'socket.io-parser';

const TOKEN = 'open sesame';
const http = createServer((request, response) => response.writeHead(404).end());
const settings = {
  pingInterval: 500,
  pingTimeout: 2000,
  maxHttpBufferSize: 64 * 1024,
  cors: { origin: '*' },
};

function admit(socket) {
  const notes = [];
  socket.emit('welcome', { id: socket.id });
  socket.on('echo', (data, acknowledge) => acknowledge(data));
  socket.on('echo-event', (data) => socket.emit('echoed', data));
  socket.on('echo-in-order', (data) => socket.emit('echoed', data));
  socket.on('echo-two', (first, second, acknowledge) => acknowledge(first, second));
  socket.on('emit-two', (first, second) => socket.emit('two', first, second));
  socket.on('echo-bytes', (file, acknowledge) => acknowledge(file));
  socket.on('bytes-please', (bytes) => {
    socket.emit('bytes', { name: 'echo.bin', content: Buffer.from(bytes) });
  });
  socket.on('note', (number, from, acknowledge) => {
    notes.push(number);
    if (notes.filter((each) => each === number).length >= from) acknowledge?.();
  });
  socket.on('notes', (_nothing, acknowledge) => acknowledge(notes));
  socket.on('about', (_nothing, acknowledge) => {
    acknowledge({
      server: 'socket.io',
      id: socket.id,
      line: socket.conn.id,
      transport: socket.conn.transport.name,
      query: socket.request.url.split('?')[1],
    });
  });
  socket.on('auth', (_nothing, acknowledge) => acknowledge(socket.handshake.auth));
  socket.on('silence', () => {});
  socket.on('ask-me', (question) => {
    socket.timeout(1000).emit('question', question, (error, answer) => {
      socket.emit('answered', error ? { error: error.message } : { answer });
    });
  });
  socket.on('decode', (frames, acknowledge) => acknowledge(frames.map(decode)));
  socket.on('shout', (data) => socket.broadcast.emit('shouted', data));
  socket.on('dismiss', () => socket.disconnect());
  socket.on('disconnect', () => socket.broadcast.emit('gone', socket.id));
}

/// What the official parser makes of the text of a packet; null if it is none.
function decode(frame) {
  try {
    const { type, nsp, id, data, attachments } = new Decoder().decodeString(frame);
    return { type, nsp, id: id ?? null, data: data ?? null, attachments: attachments ?? 0 };
  } catch {
    return null;
  }
}

function serve(io) {
  io.on('connection', admit);
  io.of('/other').on('connection', admit);
  io.of('/guarded').use((socket, next) => {
    const refusal = Object.assign(new Error('unauthorized'), { data: { code: 7 } });
    next(socket.handshake.auth.token === TOKEN ? undefined : refusal);
  });
  io.of('/guarded').on('connection', admit);
  // Never answers.
  io.of('/slow').use(() => {});
}

serve(new Server(http, settings));
// Keeps what a client misses while it is away.
serve(new Server(http, { ...settings, path: '/keeping/', connectionStateRecovery: {} }));
// Its packets are MessagePack.
serve(new Server(http, { ...settings, path: '/msgpack/', parser: msgpack }));
http.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${http.address().port}`));
