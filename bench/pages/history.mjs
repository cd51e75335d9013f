/// Conversations with a past, made through the wire before anybody looks.
import { io } from './packages.mjs';

const WORDS = 'the mill by the river turns again since yesterday and whoever walks past stops to listen'.split(' ');
/** Messages that are on their way at once, and may be stored in any order. */
export const AT_ONCE = 50;

/** A person on a socket of their own, who takes what is sent to them. */
export async function connect(origin, username) {
  const token = await signIn(origin, username);
  const socket = io(`${origin}/chat`, { auth: { token }, transports: ['websocket'], forceNew: true });
  socket.on('response', (_, acknowledge) => acknowledge?.({ success: true, receiver: username }));
  await new Promise((done, fail) => {
    socket.once('connect', done);
    socket.once('connect_error', fail);
  });
  const ask = async (name, payload) => {
    const answer = await socket.timeout(30_000).emitWithAck(name, payload);
    if (!answer.success) throw new Error(`${name} was refused: ${answer.error.code}, ${answer.error.message}`);
    return answer.response;
  };
  return { username, ask, close: () => socket.disconnect() };
}

/** Lets two people write to each other, and read everything. The answer is the text of the last message. */
export async function talk(one, other, count) {
  let last;
  for (let number = 1; number <= count; number += 1) {
    const [from, to] = number % 3 === 0 ? [one, other] : [other, one];
    last = await from.ask('privateMessage', { receiver: to.username, text: words(number, one.username) });
  }
  const { conversationId, seq } = last;
  for (const reader of [one, other]) await reader.ask('markRead', { conversationId, seq });
  return last.text;
}

/** Sends the messages `from` to `to` (both included), many at once; the answer is the text of the last. */
export async function flood(sender, receiver, from, to) {
  const send = (number) => sender.ask('privateMessage', { receiver, text: words(number, sender.username) });
  for (let first = from; first < to; first += AT_ONCE) {
    const numbers = Array.from({ length: Math.min(AT_ONCE, to - first) }, (_, index) => first + index);
    await Promise.all(numbers.map(send));
  }
  // Alone, so that it is surely the last.
  return (await send(to)).text;
}

/** A message of 3 to 40 words, the same for the same number and name and for no others. */
function words(number, name) {
  const count = 3 + ((number * 7919) % 38);
  const row = Array.from({ length: count }, (_, index) => WORDS[(number + index * 5) % WORDS.length]);
  return `${number}, ${name}: ${row.join(' ')}.`;
}

async function signIn(origin, username) {
  const answer = await fetch(`${origin}/web/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username }),
  });
  if (!answer.ok) throw new Error(`${username} could not sign in: ${answer.status}`);
  return answer.headers.get('auth-token');
}
