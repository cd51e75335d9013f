/// What a restart keeps: all that was acknowledged, whether the server was asked to stop or killed.
import { randomUUID } from 'node:crypto';

import type { Message } from '../../support/protocol.ts';
import { expect, test } from '../../support/test.ts';

test('a restart keeps sessions, conversations, positions and the count of each conversation', async ({ server, person }) => {
  const [alice, bob] = [await person('alice'), await person('bob')];
  const [one, other] = [await alice.connect(), await bob.connect()];
  const group = await one.ask('createGroup', { name: 'Lunch', members: ['bob', 'carol'] });
  await one.ask('groupMessage', { groupId: group.id, text: 'soup?' });
  const sent = await one.ask('privateMessage', { receiver: 'bob', text: 'one' });
  await one.ask('privateMessage', { receiver: 'bob', text: 'two' });
  await other.message('two');
  await other.ask('markRead', { conversationId: sent.conversationId, seq: 1 });
  await one.seen('receipt', (event) => event.username === 'bob' && event.conversationId === sent.conversationId && event.deliveredSeq === 2);
  const before = [await alice.conversations(), await bob.conversations()];

  await server.restart();
  expect((await alice.get('/web/session')).status).toBe(200);
  expect([await alice.conversations(), await bob.conversations()]).toEqual(before);
  const again = await alice.connect();
  expect((await again.ask('privateMessage', { receiver: 'bob', text: 'three' })).seq).toBe(3);
});

test('a stock client reconnects by itself, and gets what it missed meanwhile once', async ({ server, person }) => {
  const [alice, bob] = [await person('alice'), await person('bob')];
  const receiver = await bob.connect({ reconnectionDelay: 100, reconnectionDelayMax: 500 });
  const sender = await alice.connect({ reconnectionDelay: 100, reconnectionDelayMax: 500 });
  await sender.ask('privateMessage', { receiver: 'bob', text: 'before' });
  await receiver.message('before');
  await sender.seen('receipt', (event) => event.username === 'bob' && event.deliveredSeq === 1);
  await server.restart('SIGKILL');
  await sender.ask('privateMessage', { receiver: 'bob', text: 'after' });
  await receiver.message('after');
  expect(receiver.texts()).toEqual(['before', 'after']);
});

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  test(`what was acknowledged survives ${signal} in the middle of sending`, async ({ server, person }) => {
    const alice = await person('alice');
    const socket = await alice.connect({ reconnection: false });
    const acknowledged: Message[] = [];
    const refused: unknown[] = [];
    const sending = Array.from({ length: 400 }, async (_, index) => {
      const answer = await socket
        .send('privateMessage', { clientId: randomUUID(), receiver: 'bob', text: `message ${index}` })
        .catch(() => undefined);
      if (answer?.success) acknowledged.push(answer.response);
      else if (answer) refused.push(answer.error.code);
    });
    await expect.poll(() => acknowledged.length, { intervals: [1] }).toBeGreaterThan(5);
    const code = await server.stop(signal);
    if (signal === 'SIGTERM') expect(code).toBe(0);
    socket.close();
    await Promise.all(sending);
    expect(refused.filter((reason) => reason !== 'unavailable')).toEqual([]);

    await server.start();
    const id = acknowledged[0]!.conversationId;
    const pages = [await alice.history(id, 'after=0&limit=200'), await alice.history(id, 'after=200&limit=200')].flat();
    expect(pages.map((message) => message.seq)).toEqual(pages.map((_, index) => index + 1));
    const stored = new Map(pages.map((message) => [message.id, message]));
    const lost = acknowledged.filter((message) => stored.get(message.id)?.text !== message.text);
    expect(lost).toEqual([]);
  });
}

test('a server that is asked to stop says goodbye and ends without an error', async ({ server, person }) => {
  const alice = await person('alice');
  const socket = await alice.connect({ reconnection: false });
  await socket.ask('privateMessage', { receiver: 'bob', text: 'hello' });
  expect(await server.stop('SIGTERM')).toBe(0);
  await socket.disconnected();
});
