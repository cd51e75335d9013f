/// `markRead`: what is unread, and how others hear what was read.
import { randomUUID } from 'node:crypto';

import { expect, test } from '../../support/test.ts';

test('what others wrote behind the read position is unread, and what was read is not', async ({ person }) => {
  const [alice, bob] = [await person('alice'), await person('bob')];
  const [one, other] = [await alice.connect(), await bob.connect()];
  let id = '';
  for (const text of ['1', '2', '3']) id = (await one.ask('privateMessage', { receiver: 'bob', text })).conversationId;
  await other.ask('privateMessage', { receiver: 'alice', text: '4' });
  const unread = async () => (await bob.conversation(id)).unread;
  expect((await alice.conversation(id)).unread).toBe(1);

  expect(await other.send('markRead', { conversationId: id, seq: 2 })).toMatchObject({ success: true });
  expect(await unread()).toBe(1);
  expect(await other.send('markRead', { conversationId: id, seq: 4 })).toMatchObject({ success: true });
  expect(await unread()).toBe(0);
});

test('it never goes back', async ({ person }) => {
  const [alice, bob] = [await person('alice'), await person('bob')];
  const [one, other] = [await alice.connect(), await bob.connect()];
  let id = '';
  for (const text of ['1', '2', '3']) id = (await one.ask('privateMessage', { receiver: 'bob', text })).conversationId;
  await other.ask('markRead', { conversationId: id, seq: 3 });
  for (const seq of [2, 1, 0]) {
    expect(await other.send('markRead', { conversationId: id, seq })).toMatchObject({ success: true });
    expect((await bob.conversation(id)).unread).toBe(0);
  }
  await one.seen('receipt', (event) => event.username === 'bob' && event.readSeq === 3);
  const positions = one.all('receipt').filter((event) => event.username === 'bob').map((event) => event.readSeq);
  expect(positions).toEqual([...positions].sort((before, after) => before - after));
});

test('every socket of the members hears of it, the reader in another tab too, and nobody else', async ({ person }) => {
  const [alice, bob, carol] = [await person('alice'), await person('bob'), await person('carol')];
  const [writer, reader, tab, stranger] = [await alice.connect(), await bob.connect(), await bob.connect(), await carol.connect()];
  const { conversationId } = await writer.ask('privateMessage', { receiver: 'bob', text: 'hello' });
  await reader.message('hello');
  await reader.ask('markRead', { conversationId, seq: 1 });
  for (const socket of [writer, reader, tab]) {
    const receipt = await socket.seen('receipt', (event) => event.username === 'bob' && event.readSeq === 1);
    expect(receipt).toMatchObject({ conversationId, username: 'bob', deliveredSeq: 1, readSeq: 1 });
  }
  expect(stranger.all('receipt')).toEqual([]);
});

test('in a group each member reads for themselves', async ({ person }) => {
  const [alice, bob, carol] = [await person('alice'), await person('bob'), await person('carol')];
  const writer = await alice.connect();
  const group = await writer.ask('createGroup', { name: 'Lunch', members: ['bob', 'carol'] });
  await writer.ask('groupMessage', { groupId: group.id, text: 'soup?' });
  await (await bob.connect()).ask('markRead', { conversationId: group.id, seq: 1 });
  expect((await bob.conversation(group.id)).unread).toBe(0);
  expect((await carol.conversation(group.id)).unread).toBe(1);
  expect((await alice.conversation(group.id)).unread).toBe(0);
});

test('somebody who is not a member, and a position that there is not, are refused', async ({ person }) => {
  const [alice, bob, carol] = [await person('alice'), await person('bob'), await person('carol')];
  const { conversationId } = await (await alice.connect()).ask('privateMessage', { receiver: 'bob', text: 'hello' });
  const [reader, stranger] = [await bob.connect(), await carol.connect()];

  const notAMember = await stranger.send('markRead', { conversationId, seq: 1 });
  expect(notAMember).toMatchObject({ success: false, error: { code: 'unknown-conversation' } });
  expect(await stranger.send('markRead', { conversationId: randomUUID(), seq: 1 })).toEqual(notAMember);
  for (const seq of [2, -1, 1.5, 1e300, '1']) {
    const answer = await reader.emit('markRead', { conversationId, seq });
    expect(answer, String(seq)).toMatchObject({ success: false, error: { code: expect.any(String) } });
  }
  expect((await bob.conversation(conversationId)).unread).toBe(1);
  await reader.ask('markRead', { conversationId, seq: 1 });
  expect((await bob.conversation(conversationId)).unread).toBe(0);
});
