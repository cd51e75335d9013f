/// `createGroup` and `newgrp`.
import { randomUUID } from 'node:crypto';

import { expect, test } from '../../support/test.ts';

test('a group is acknowledged as the conversation that it is, its maker a member', async ({ person }) => {
  const alice = await person('alice');
  const socket = await alice.connect();
  const answer = await socket.send('createGroup', { clientId: randomUUID(), name: 'Lunch', members: ['carol', 'bob'] });
  expect(answer).toEqual({
    success: true,
    response: expect.objectContaining({
      id: expect.any(String),
      kind: 'group',
      name: 'Lunch',
      members: ['alice', 'bob', 'carol'],
      lastMessage: null,
      unread: 0,
      lastSeq: 0,
    }),
  });
  expect(await alice.conversation(answer.response!.id)).toMatchObject({ name: 'Lunch' });
});

test('every socket of every member hears of a new group, the maker too, and nobody else', async ({ person }) => {
  const [alice, bob, dave] = [await person('alice'), await person('bob'), await person('dave')];
  const [maker, tab, one, other] = [await alice.connect(), await alice.connect(), await bob.connect(), await bob.connect()];
  const stranger = await dave.connect();
  const group = await maker.ask('createGroup', { name: 'Lunch', members: ['bob'] });
  for (const socket of [maker, tab, one, other]) {
    const event = await socket.seen('newgrp');
    expect(event).toEqual({
      response: 'Lunch',
      conversation: expect.objectContaining({ id: group.id, kind: 'group', name: 'Lunch', members: ['alice', 'bob'] }),
    });
  }
  await maker.ask('createGroup', { name: 'With dave', members: ['dave'] });
  expect((await stranger.seen('newgrp')).response).toBe('With dave');
  expect(stranger.all('newgrp')).toHaveLength(1);
});

test('a member named twice, or the maker named again, is one member', async ({ person }) => {
  const socket = await (await person('alice')).connect();
  const group = await socket.ask('createGroup', { name: 'Lunch', members: ['bob', 'alice', 'bob', 'Bob'] });
  expect(group.members).toEqual(['alice', 'bob']);
});

test('one unknown member refuses the whole group', async ({ person }) => {
  const [alice, bob] = [await person('alice'), await person('bob')];
  const [socket, member] = [await alice.connect(), await bob.connect()];
  expect(await socket.send('createGroup', { name: 'Good', members: ['bob', 'carol'] })).toMatchObject({ success: true });
  for (const unknown of ['mallory', '', 'no such name', 'x'.repeat(1000)]) {
    const answer = await socket.send('createGroup', { name: 'Bad', members: ['bob', unknown, 'carol'] });
    expect(answer).toMatchObject({ success: false, error: { code: expect.any(String), message: expect.any(String) } });
  }
  expect(await socket.send('createGroup', { name: 'Bad', members: ['mallory'] })).toMatchObject({
    error: { code: 'unknown-member' },
  });
  expect((await alice.conversations()).map((conversation) => conversation.name)).toEqual(['Good']);
  await socket.ask('createGroup', { name: 'Good too', members: ['bob'] });
  await member.seen('newgrp', (event) => event.response === 'Good too');
  expect(member.all('newgrp').map((event) => event.response)).toEqual(['Good', 'Good too']);
});

test('a group needs a name, on one line, of eighty characters at most', async ({ person }) => {
  const alice = await person('alice');
  const socket = await alice.connect();
  expect(await socket.ask('createGroup', { name: '𝄞'.repeat(80), members: ['bob'] })).toMatchObject({ name: '𝄞'.repeat(80) });
  const code = async (name: string) => (await socket.send('createGroup', { name, members: ['bob'] })).error?.code;
  expect(await code('')).toBe('name-empty');
  expect(await code(' \t ')).toBe('name-empty');
  expect(await code('x'.repeat(81))).toBe('name-invalid');
  expect(await code('two\nlines')).toBe('name-invalid');
  expect(await code('a\u0000b')).toBe('name-invalid');
  expect(await alice.conversations()).toHaveLength(1);
});

test('a group made again with the same clientId is the same group', async ({ person }) => {
  const [alice, bob] = [await person('alice'), await person('bob')];
  const [socket, member] = [await alice.connect(), await bob.connect()];
  const clientId = randomUUID();
  const groups = await Promise.all(
    Array.from({ length: 5 }, () => socket.ask('createGroup', { clientId, name: 'Lunch', members: ['bob'] })),
  );
  expect(new Set(groups.map((group) => group.id)).size).toBe(1);
  expect(await alice.conversations()).toHaveLength(1);
  await socket.ask('createGroup', { name: 'Another', members: ['bob'] });
  await member.seen('newgrp', (event) => event.response === 'Another');
  expect(member.all('newgrp').map((event) => event.response)).toEqual(['Lunch', 'Another']);
});

test('two groups of the same name are two groups', async ({ person }) => {
  const socket = await (await person('alice')).connect();
  const one = await socket.ask('createGroup', { name: 'Lunch', members: ['bob'] });
  const other = await socket.ask('createGroup', { name: 'Lunch', members: ['bob'] });
  expect(other.id).not.toBe(one.id);
});

test('a member who was offline finds the group when they come', async ({ person }) => {
  const [alice, bob] = [await person('alice'), await person('bob')];
  const group = await (await alice.connect()).ask('createGroup', { name: 'Lunch', members: ['bob'] });
  expect(await bob.conversation(group.id)).toMatchObject({ name: 'Lunch', members: ['alice', 'bob'] });
  expect(await (await bob.connect()).ask('groupMessage', { groupId: group.id, text: 'here' })).toMatchObject({ seq: 1 });
});
