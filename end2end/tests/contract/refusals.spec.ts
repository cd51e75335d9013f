/// What is refused: with an error in the acknowledgement, never with silence, and nothing stored.
import { randomUUID } from 'node:crypto';

import type { ChatSocket } from '../../support/chat_socket.ts';
import { expectNothingInternal } from '../../support/problem.ts';
import type { Acknowledgement } from '../../support/protocol.ts';
import { expect, test } from '../../support/test.ts';

function expectRefusal(answer: Acknowledgement<unknown>, code?: string): void {
  expect(answer).toMatchObject({
    success: false,
    error: { code: expect.stringMatching(/^[a-z]+(-[a-z]+)*$/), message: expect.stringMatching(/\S/) },
  });
  expect(answer).not.toHaveProperty('response');
  if (code !== undefined) expect(answer.error?.code).toBe(code);
  expectNothingInternal(JSON.stringify(answer));
}

test.describe('a text', () => {
  const ALLOWED: [string, string][] = [
    ['of one character', 'x'],
    ['of 20,000 letters', 'x'.repeat(20_000)],
    ['of 20,000 characters outside the first plane', '𝄞'.repeat(20_000)],
    ['with surrounding space and lines', '  two\n lines\t '],
    ['of an emoji of seven scalar values', '👩‍👩‍👧‍👦'],
    ['that is read from the right', 'שלום ‏עולם'],
    ['of mark-up', '<script>alert(1)</script>&amp;"\'\\'],
    ['of other control characters', 'a\u0001b\u007fc\u2028d\ufeff'],
  ];
  for (const [what, text] of ALLOWED) {
    test(`${what} is kept exactly as it was written`, async ({ person }) => {
      const alice = await person('alice');
      const sent = await (await alice.connect()).ask('privateMessage', { receiver: 'bob', text });
      expect(sent.text === text).toBe(true);
      expect((await alice.history(sent.conversationId))[0]!.text === text).toBe(true);
    });
  }

  const REFUSED: [string, string, string][] = [
    ['of nothing', '', 'text-empty'],
    ['of blanks', ' \n\t\u2003\u00a0', 'text-empty'],
    ['of 20,001 letters', 'x'.repeat(20_001), 'text-too-long'],
    ['of 20,001 characters outside the first plane', '𝄞'.repeat(20_001), 'text-too-long'],
    ['with U+0000', 'a\u0000b', 'text-invalid'],
  ];
  for (const [what, text, code] of REFUSED) {
    test(`${what} is refused, in private and in a group`, async ({ person }) => {
      const alice = await person('alice');
      const socket = await alice.connect();
      const group = await socket.ask('createGroup', { name: 'Lunch', members: ['bob'] });
      expectRefusal(await socket.send('privateMessage', { receiver: 'bob', text }), code);
      expectRefusal(await socket.send('groupMessage', { groupId: group.id, text }), code);
      expect((await socket.ask('privateMessage', { receiver: 'bob', text: 'fine' })).seq).toBe(1);
      expect((await socket.ask('groupMessage', { groupId: group.id, text: 'fine' })).seq).toBe(1);
    });
  }
});

test('a message to nobody, to oneself or from outside the group is refused', async ({ person }) => {
  const [alice, dave] = [await person('alice'), await person('dave')];
  const [socket, stranger] = [await alice.connect(), await dave.connect()];
  const group = await socket.ask('createGroup', { name: 'Lunch', members: ['bob'] });
  await socket.ask('groupMessage', { groupId: group.id, text: 'for members' });

  expectRefusal(await socket.send('privateMessage', { receiver: 'mallory', text: 'x' }), 'unknown-receiver');
  expectRefusal(await socket.send('privateMessage', { receiver: '', text: 'x' }));
  expectRefusal(await socket.send('privateMessage', { receiver: 'alice', text: 'x' }), 'receiver-is-sender');
  const notAMember = await stranger.send('groupMessage', { groupId: group.id, text: 'x' });
  const unknown = await stranger.send('groupMessage', { groupId: randomUUID(), text: 'x' });
  expectRefusal(notAMember, 'unknown-conversation');
  expect(notAMember).toEqual(unknown);
  expectRefusal(await stranger.send('groupMessage', { groupId: '', text: 'x' }));

  expect((await alice.history(group.id)).map((message) => message.text)).toEqual(['for members']);
  expect(await alice.conversations()).toHaveLength(1);
});

test('a private conversation takes no group message', async ({ person }) => {
  const socket = await (await person('alice')).connect();
  const sent = await socket.ask('privateMessage', { receiver: 'bob', text: 'hello' });
  const answer = await socket.send('groupMessage', { groupId: sent.conversationId, text: 'x' });
  // Either it is no group, or it is the conversation that it names; what must not be is a message of neither kind.
  if (answer.success) expect(answer.response).toMatchObject({ conversationId: sent.conversationId, seq: 2 });
  else expectRefusal(answer, 'unknown-conversation');
});

const EVENTS = ['privateMessage', 'groupMessage', 'createGroup', 'markRead'];
const WRONG: [string, unknown[]][] = [
  ['no payload', []],
  ['null', [null]],
  ['a string', ['hello']],
  ['a number', [7]],
  ['a list', [[1, 2, 3]]],
  ['an empty object', [{}]],
  ['bytes', [Buffer.from([1, 2, 3])]],
  ['an object full of nulls', [{ receiver: null, text: null, groupId: null, name: null, members: null, conversationId: null, seq: null }]],
  ['an object full of lists', [{ receiver: [], text: [], groupId: [], name: [], members: {}, conversationId: [], seq: [] }]],
  ['an object full of numbers', [{ receiver: 1, text: 2, groupId: 3, name: 4, members: 5, conversationId: 6, seq: 'seven' }]],
  ['bytes for its fields', [{ receiver: Buffer.from('bob'), text: Buffer.from('x'), groupId: Buffer.from('x'), name: Buffer.from('x') }]],
];

for (const event of EVENTS) {
  test(`${event} of the wrong shape is acknowledged with an error, and the socket goes on`, async ({ person }) => {
    const alice = await person('alice');
    const socket = await alice.connect();
    for (const [what, payload] of WRONG) {
      await test.step(what, async () => expectRefusal(await socket.emit(event, ...payload)));
    }
    expect(await alice.conversations()).toEqual([]);
    expect((await socket.ask('privateMessage', { receiver: 'bob', text: 'still here' })).seq).toBe(1);
  });
}

test('a clientId that is no UUID is refused', async ({ person }) => {
  const alice = await person('alice');
  const socket = await alice.connect();
  for (const clientId of ['', 'one', '1234', 'x'.repeat(100_000)]) {
    expectRefusal(await socket.send('privateMessage', { clientId, receiver: 'bob', text: 'x' }), 'invalid-client-id');
  }
  for (const clientId of [7, [], {}]) {
    expectRefusal(await socket.emit('privateMessage', { clientId, receiver: 'bob', text: 'x' }));
  }
  expect(await alice.conversations()).toEqual([]);
});

test('an event that does not exist is acknowledged with an error', async ({ person }) => {
  const socket = await (await person('alice')).connect();
  expectRefusal(await socket.emit('makeCoffee', { strong: true }), 'unknown-event');
  expectRefusal(await socket.emit('makeCoffee'), 'unknown-event');
  expectRefusal(await socket.emit(''), 'unknown-event');
  // Names of the server's own events are none for a client.
  expectRefusal(await socket.emit('response', { response: { text: 'forged' } }), 'unknown-event');
  expect((await socket.ask('privateMessage', { receiver: 'bob', text: 'still here' })).seq).toBe(1);
});

test('an unknown event without a callback harms nothing', async ({ person }) => {
  const socket = await (await person('alice')).connect();
  socket.socket.emit('makeCoffee');
  socket.socket.emit('privateMessage', 'rubbish');
  expect((await socket.ask('privateMessage', { receiver: 'bob', text: 'still here' })).seq).toBe(1);
});

/** A packet that ends its connection, and nothing else. */
const FATAL: [string, (socket: ChatSocket) => void][] = [
  ['oversized', (socket) => socket.socket.emit('privateMessage', { receiver: 'bob', text: 'x'.repeat(1_200_000) })],
  ['not a packet at all', (socket) => socket.socket.io.engine.write('rubbish')],
  ['broken JSON', (socket) => socket.socket.io.engine.write('2/chat,["privateMessage",{"receiver":')],
  ['an event that is no list', (socket) => socket.socket.io.engine.write('2/chat,{"receiver":"bob"}')],
  ['of an unknown type', (socket) => socket.socket.io.engine.write('9/chat,[]')],
];

for (const [what, send] of FATAL) {
  for (const transport of ['websocket', 'polling'] as const) {
    test(`a packet that is ${what} ends that connection alone, by ${transport}`, async ({ person }) => {
      const [alice, bob] = [await person('alice'), await person('bob')];
      const [other, receiver] = [await alice.connect(), await bob.connect()];
      const socket = await alice.connect({ transports: [transport], reconnection: false });
      expect((await socket.ask('privateMessage', { receiver: 'bob', text: 'before' })).seq).toBe(1);
      send(socket);
      await socket.disconnected();
      expect(other.socket.connected && receiver.socket.connected).toBe(true);
      expect((await other.ask('privateMessage', { receiver: 'bob', text: 'after' })).seq).toBe(2);
      await receiver.message('after');
      expect(receiver.texts()).toEqual(['before', 'after']);
    });
  }
}
