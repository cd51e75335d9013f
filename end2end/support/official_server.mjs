/// The official Socket.IO server, for the tests of our own client. It prints its origin once it
/// listens, like the example `echo_server` of socketio-client.
import { createServer } from 'node:http';
import { Server } from 'socket.io';

const TOKEN = 'open sesame';
const http = createServer();
const io = new Server(http, { pingInterval: 500, pingTimeout: 2000, cors: { origin: '*' } });

function admit(socket) {
  socket.emit('welcome', { id: socket.id });
  socket.on('echo', (data, acknowledge) => acknowledge(data));
  socket.on('echo-in-order', (data) => socket.emit('echoed', data));
  socket.on('auth', (data, acknowledge) => acknowledge(socket.handshake.auth));
  socket.on('transport', (data, acknowledge) => acknowledge(socket.conn.transport.name));
  socket.on('dismiss', () => socket.disconnect());
  socket.on('ask-me', (question) => {
    socket.timeout(1000).emit('question', question, (error, answer) => {
      socket.emit('answered', error ? { error: error.message } : { answer });
    });
  });
}

io.on('connection', admit);
io.of('/guarded').use((socket, next) => {
  const refusal = Object.assign(new Error('unauthorized'), { data: { code: 7 } });
  next(socket.handshake.auth.token === TOKEN ? undefined : refusal);
});
io.of('/guarded').on('connection', admit);
http.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${http.address().port}`));
