/// `clientId`: the same message sent again is stored once.
import { randomUUID } from 'node:crypto';

import { expect, test } from '../../support/test.ts';

test('the same sender sending it again gets the message that it named the first time', async ({ person }) => {
  const [alice, bob] = [await person('alice'), await person('bob')];
  const receiver = await bob.connect();
  const socket = await alice.connect();
  const clientId = randomUUID();
  const first = await socket.ask('privateMessage', { clientId, receiver: 'bob', text: 'once' });
  const again = await socket.ask('privateMessage', { clientId, receiver: 'bob', text: 'once' });
  expect({ ...again, delivered: null }).toEqual({ ...first, delivered: null });
  await socket.ask('privateMessage', { receiver: 'bob', text: 'the next' });
  await receiver.message('the next');
  expect(receiver.texts()).toEqual(['once', 'the next']);
  expect((await alice.history(first.conversationId)).map((message) => message.text)).toEqual(['once', 'the next']);
});

test('it names the same message from any of the sockets of its sender', async ({ person }) => {
  const alice = await person('alice');
  const clientId = randomUUID();
  const first = await (await alice.connect()).ask('privateMessage', { clientId, receiver: 'bob', text: 'once' });
  const again = await (await alice.connect()).ask('privateMessage', { clientId, receiver: 'bob', text: 'once' });
  expect(again.id).toBe(first.id);
  expect(await alice.history(first.conversationId)).toHaveLength(1);
});

test('it names the same message whatever the text and the receiver are the second time', async ({ person }) => {
  const alice = await person('alice');
  const socket = await alice.connect();
  const clientId = randomUUID();
  const first = await socket.ask('privateMessage', { clientId, receiver: 'bob', text: 'once' });
  const again = await socket.ask('privateMessage', { clientId, receiver: 'carol', text: 'something else' });
  expect(again).toMatchObject({ id: first.id, text: 'once', receiver: 'bob' });
  expect(await alice.conversations()).toHaveLength(1);
});

test('it names the same message in whichever case it is written', async ({ person }) => {
  const socket = await (await person('alice')).connect();
  const clientId = randomUUID();
  const first = await socket.ask('privateMessage', { clientId, receiver: 'bob', text: 'once' });
  const again = await socket.ask('privateMessage', { clientId: clientId.toUpperCase(), receiver: 'bob', text: 'once' });
  expect(again.id).toBe(first.id);
});

test('twenty copies at the same moment from two sockets are one message', async ({ person }) => {
  const [alice, bob] = [await person('alice'), await person('bob')];
  const receiver = await bob.connect();
  const sockets = [await alice.connect(), await alice.connect()];
  const clientId = randomUUID();
  const copies = await Promise.all(
    Array.from({ length: 20 }, (_, index) => sockets[index % 2]!.ask('privateMessage', { clientId, receiver: 'bob', text: 'once' })),
  );
  expect(new Set(copies.map((message) => message.id)).size).toBe(1);
  expect(await alice.history(copies[0]!.conversationId)).toHaveLength(1);
  await sockets[0]!.ask('privateMessage', { receiver: 'bob', text: 'the next' });
  expect(await receiver.message('the next')).toMatchObject({ seq: 2 });
  expect(receiver.texts()).toEqual(['once', 'the next']);
});

test('it is unique for its sender alone', async ({ person }) => {
  const [alice, bob] = [await person('alice'), await person('bob')];
  const clientId = randomUUID();
  const one = await (await alice.connect()).ask('privateMessage', { clientId, receiver: 'bob', text: 'from alice' });
  const other = await (await bob.connect()).ask('privateMessage', { clientId, receiver: 'alice', text: 'from bob' });
  expect(other.id).not.toBe(one.id);
  expect(other).toMatchObject({ sender: 'bob', text: 'from bob', seq: 2 });
});

test('it still names its message after the server was started again', async ({ server, person }) => {
  const alice = await person('alice');
  const clientId = randomUUID();
  const first = await (await alice.connect()).ask('privateMessage', { clientId, receiver: 'bob', text: 'once' });
  alice.leave();
  await server.restart('SIGKILL');
  const again = await (await alice.connect()).ask('privateMessage', { clientId, receiver: 'bob', text: 'once' });
  expect(again.id).toBe(first.id);
  expect(await alice.history(first.conversationId)).toHaveLength(1);
});

test('a client that leaves it out gets one made by the server, another for each message', async ({ person }) => {
  const socket = await (await person('alice')).connect();
  const one = await socket.ask('privateMessage', { receiver: 'bob', text: 'same words' });
  const other = await socket.ask('privateMessage', { receiver: 'bob', text: 'same words' });
  expect(one.clientId).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  expect(other.clientId).not.toBe(one.clientId);
  expect(other.seq).toBe(2);
});

test('a message that was refused leaves its clientId free', async ({ person }) => {
  const socket = await (await person('alice')).connect();
  const clientId = randomUUID();
  expect(await socket.send('privateMessage', { clientId, receiver: 'bob', text: ' ' })).toMatchObject({ success: false });
  const sent = await socket.ask('privateMessage', { clientId, receiver: 'bob', text: 'now with words' });
  expect(sent).toMatchObject({ clientId, seq: 1, text: 'now with words' });
});
