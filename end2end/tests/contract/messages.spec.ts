/// `privateMessage` and `groupMessage`: what is stored, acknowledged and sent to whom.
import { randomUUID } from 'node:crypto';

import { expect, test } from '../../support/test.ts';

test('a private message is acknowledged as it was stored', async ({ person }) => {
  const [alice, bob] = [await person('alice'), await person('bob')];
  const socket = await alice.connect();
  const clientId = randomUUID();
  const before = Date.now();
  const answer = await socket.send('privateMessage', { clientId, receiver: 'bob', text: 'hello' });
  expect(answer).toEqual({
    success: true,
    response: {
      id: expect.any(String),
      clientId,
      conversationId: expect.any(String),
      seq: 1,
      sender: 'alice',
      receiver: 'bob',
      text: 'hello',
      sentAt: expect.any(Number),
      delivered: false,
    },
  });
  const message = answer.response!;
  expect(Number.isInteger(message.sentAt)).toBe(true);
  expect(message.sentAt).toBeGreaterThanOrEqual(before - 1000);
  expect(message.sentAt).toBeLessThanOrEqual(Date.now() + 1000);
  expect(await bob.history(message.conversationId)).toEqual([message]);
});

test('both directions of a private conversation are one conversation', async ({ person }) => {
  const [alice, bob] = [await person('alice'), await person('bob')];
  const there = await (await alice.connect()).ask('privateMessage', { receiver: 'bob', text: 'one' });
  const back = await (await bob.connect()).ask('privateMessage', { receiver: 'alice', text: 'two' });
  expect(back.conversationId).toBe(there.conversationId);
  expect(back.seq).toBe(2);
});

test('the first messages of two people to each other at the same moment begin one conversation', async ({ person }) => {
  const [alice, bob] = [await person('alice'), await person('bob')];
  const [one, other] = [await alice.connect(), await bob.connect()];
  const messages = await Promise.all([
    ...Array.from({ length: 5 }, () => one.ask('privateMessage', { receiver: 'bob', text: 'from alice' })),
    ...Array.from({ length: 5 }, () => other.ask('privateMessage', { receiver: 'alice', text: 'from bob' })),
  ]);
  expect(new Set(messages.map((message) => message.conversationId)).size).toBe(1);
  expect(await alice.conversations()).toHaveLength(1);
});

test('every socket of both people gets a private message, the sending one too, and nobody else', async ({ person }) => {
  const [alice, bob, carol] = [await person('alice'), await person('bob'), await person('carol')];
  const sockets = [await alice.connect(), await alice.connect(), await bob.connect(), await bob.connect()];
  const stranger = await carol.connect();
  const sent = await sockets[0]!.ask('privateMessage', { receiver: 'bob', text: 'hello' });
  for (const socket of sockets) expect((await socket.message('hello')).id).toBe(sent.id);

  await sockets[0]!.ask('privateMessage', { receiver: 'carol', text: 'for carol' });
  await stranger.message('for carol');
  expect(stranger.texts()).toEqual(['for carol']);
  for (const socket of sockets) expect(socket.texts().filter((text) => text === 'hello')).toHaveLength(1);
});

test('every socket of every member gets a group message, and nobody else', async ({ person }) => {
  const [alice, bob, carol, dave] = [await person('alice'), await person('bob'), await person('carol'), await person('dave')];
  const sockets = [await alice.connect(), await bob.connect(), await bob.connect(), await carol.connect()];
  const stranger = await dave.connect();
  const group = await sockets[0]!.ask('createGroup', { name: 'Lunch', members: ['bob', 'carol'] });
  const sent = await sockets[1]!.ask('groupMessage', { groupId: group.id, text: 'soup?' });
  expect(sent).toMatchObject({ sender: 'bob', groupId: group.id, conversationId: group.id, seq: 1, text: 'soup?' });
  expect(sent.receiver ?? null).toBeNull();
  for (const socket of sockets) expect((await socket.message('soup?')).id).toBe(sent.id);

  await sockets[0]!.ask('privateMessage', { receiver: 'dave', text: 'for dave' });
  await stranger.message('for dave');
  expect(stranger.texts()).toEqual(['for dave']);
});

test('an event without a callback is carried out all the same', async ({ person }) => {
  const [alice, bob] = [await person('alice'), await person('bob')];
  const [sender, receiver] = [await alice.connect(), await bob.connect()];
  sender.socket.emit('privateMessage', { receiver: 'bob', text: 'no callback' });
  const message = await receiver.message('no callback');
  expect(await alice.history(message.conversationId)).toHaveLength(1);
  sender.socket.emit('createGroup', { name: 'Quiet', members: ['bob'] });
  expect((await receiver.seen('newgrp')).response).toBe('Quiet');
});

test('the sender is whoever signed in, whatever the payload says', async ({ person }) => {
  const [alice, bob] = [await person('alice'), await person('bob')];
  const [sender, receiver] = [await alice.connect(), await bob.connect()];
  const answer = await sender.emit('privateMessage', { receiver: 'bob', text: 'truly', sender: 'carol', seq: 99, delivered: true });
  expect(answer).toMatchObject({ success: true, response: { sender: 'alice', seq: 1, delivered: false } });
  expect(await receiver.message('truly')).toMatchObject({ sender: 'alice', seq: 1 });
});

test('a receiver in capitals is the same person', async ({ person }) => {
  const socket = await (await person('alice')).connect();
  expect(await socket.ask('privateMessage', { receiver: 'Bob', text: 'hello' })).toMatchObject({ receiver: 'bob' });
});

test('fifty sends at once from five sockets get fifty seqs in a row', async ({ person }) => {
  const people = [await person('alice'), await person('bob'), await person('carol')];
  const watcher = await people[0]!.connect();
  const group = await watcher.ask('createGroup', { name: 'Busy', members: ['bob', 'carol'] });
  const sockets = [...(await Promise.all(people.map((one) => one.connect()))), await people[1]!.connect(), await people[2]!.connect()];
  const sent = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      sockets[index % 5]!.ask('groupMessage', { groupId: group.id, text: `message ${index}` }),
    ),
  );
  const row = Array.from({ length: 50 }, (_, index) => index + 1);
  expect(sent.map((message) => message.seq).sort((one, other) => one - other)).toEqual(row);

  const history = await people[2]!.history(group.id);
  expect(history.map((message) => message.seq)).toEqual(row);
  expect(history.map((message) => message.id)).toEqual(
    [...sent].sort((one, other) => one.seq - other.seq).map((message) => message.id),
  );
  const seen = await watcher.count('response', 50);
  expect(new Set(seen.map((event) => event.response.id)).size).toBe(50);
});

test('each conversation counts for itself', async ({ person }) => {
  const socket = await (await person('alice')).connect();
  expect((await socket.ask('privateMessage', { receiver: 'bob', text: 'one' })).seq).toBe(1);
  expect((await socket.ask('privateMessage', { receiver: 'carol', text: 'one' })).seq).toBe(1);
  await socket.ask('createGroup', { name: 'Lunch', members: ['bob'] });
  expect((await socket.ask('privateMessage', { receiver: 'bob', text: 'two' })).seq).toBe(2);
});

test('a burst of three hundred events of one socket is not too much', async ({ person }) => {
  const socket = await (await person('alice')).connect();
  const answers = await Promise.all(
    Array.from({ length: 300 }, (_, index) => socket.send('privateMessage', { receiver: 'bob', text: `burst ${index}` })),
  );
  expect(answers.filter((answer) => !answer.success)).toEqual([]);
});
