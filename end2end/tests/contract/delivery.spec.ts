/// Delivery: a receiver's acknowledgement, the receipts it makes, and what waits for somebody who
/// is offline.
import type { ChatSocket } from '../../support/chat_socket.ts';
import { expect, test } from '../../support/test.ts';

async function sendMany(socket: ChatSocket, receiver: string, count: number): Promise<string> {
  const texts = Array.from({ length: count }, (_, index) => `message ${index + 1}`);
  let conversation = '';
  for (const text of texts) conversation = (await socket.ask('privateMessage', { receiver, text })).conversationId;
  return conversation;
}

const row = (length: number) => Array.from({ length }, (_, index) => index + 1);
const seqsOf = (socket: ChatSocket) => socket.all('response').map((event) => event.response.seq);

test('the acknowledgement of a response is the delivery', async ({ person }) => {
  const [alice, bob] = [await person('alice'), await person('bob')];
  const [sender, receiver] = [await alice.connect(), await bob.connect()];
  receiver.acknowledges = false;
  const sent = await sender.ask('privateMessage', { receiver: 'bob', text: 'hello' });
  await receiver.message('hello');
  expect((await alice.history(sent.conversationId))[0]!.delivered).toBe(false);

  receiver.acknowledgeHeldBack();
  const receipt = await sender.seen('receipt', (event) => event.username === 'bob');
  expect(receipt).toMatchObject({ conversationId: sent.conversationId, username: 'bob', deliveredSeq: 1, readSeq: 0 });
  expect((await alice.history(sent.conversationId))[0]!.delivered).toBe(true);
  expect((await alice.conversation(sent.conversationId)).lastMessage!.delivered).toBe(true);
});

test('an acknowledgement of a response that does not say success delivers nothing', async ({ person }) => {
  const [alice, bob] = [await person('alice'), await person('bob')];
  const [sender, receiver] = [await alice.connect(), bob.socket({ auth: { token: bob.token } })];
  receiver.acknowledges = false;
  receiver.socket.on('response', (_event, acknowledge) => acknowledge({ success: false }));
  await receiver.connect();
  const sent = await sender.ask('privateMessage', { receiver: 'bob', text: 'hello' });
  await receiver.message('hello');
  await receiver.ask('privateMessage', { receiver: 'alice', text: 'a round trip later' });
  expect((await alice.history(sent.conversationId))[0]!.delivered).toBe(false);
});

test('a group message is delivered once every other member has it', async ({ person }) => {
  const [alice, bob, carol] = [await person('alice'), await person('bob'), await person('carol')];
  const [sender, one] = [await alice.connect(), await bob.connect()];
  const group = await sender.ask('createGroup', { name: 'Lunch', members: ['bob', 'carol'] });
  await sender.ask('groupMessage', { groupId: group.id, text: 'soup?' });
  await one.message('soup?');
  await sender.seen('receipt', (event) => event.username === 'bob' && event.deliveredSeq === 1);
  expect((await alice.history(group.id))[0]!.delivered).toBe(false);
  await carol.connect();
  await sender.seen('receipt', (event) => event.username === 'carol' && event.deliveredSeq === 1);
  expect((await alice.history(group.id))[0]!.delivered).toBe(true);
});

test('delivered advances without gaps only', async ({ person }) => {
  const [alice, bob] = [await person('alice'), await person('bob')];
  const [sender, receiver] = [await alice.connect(), await bob.connect()];
  receiver.acknowledges = false;
  const conversation = await sendMany(sender, 'bob', 2);
  await receiver.count('response', 2);
  receiver.acknowledgeNewestHeldBack();
  await receiver.ask('privateMessage', { receiver: 'alice', text: 'a round trip later' });
  expect((await alice.history(conversation)).slice(0, 2).map((message) => message.delivered)).toEqual([false, false]);
  receiver.acknowledgeHeldBack();
  await sender.seen('receipt', (event) => event.username === 'bob' && event.deliveredSeq >= 2);
  expect((await alice.history(conversation)).slice(0, 2).map((message) => message.delivered)).toEqual([true, true]);
});

test('receipts go to the members alone, at most one a second for each member and conversation', async ({ person }) => {
  const [alice, bob, carol] = [await person('alice'), await person('bob'), await person('carol')];
  const [sender, stranger] = [await alice.connect(), await carol.connect()];
  const receiver = await bob.connect();
  const sent = await sender.ask('privateMessage', { receiver: 'bob', text: 'first' });
  // Messages keep coming for long enough to see what a second does to their receipts.
  const until = performance.now() + 2500;
  let seq = sent.seq;
  while (performance.now() < until) {
    seq = (await sender.ask('privateMessage', { receiver: 'bob', text: `message ${seq + 1}` })).seq;
    await receiver.seen('response', (event) => event.response.seq === seq);
  }
  await sender.seen('receipt', (event) => event.username === 'bob' && event.deliveredSeq === seq);
  const times = sender.times('receipt', (event) => event.username === 'bob');
  expect(times.length).toBeGreaterThan(1);
  expect(times.length).toBeLessThanOrEqual(6);
  const pauses = times.slice(1).map((time, index) => time - times[index]!);
  expect(Math.min(...pauses)).toBeGreaterThan(800);
  expect(stranger.all('receipt')).toEqual([]);
});

test.describe('somebody who was offline', () => {
  test('gets what they missed, oldest first, each exactly once', async ({ person }) => {
    const [alice, bob] = [await person('alice'), await person('bob')];
    const conversation = await sendMany(await alice.connect(), 'bob', 120);
    const receiver = await bob.connect();
    await receiver.count('response', 120);
    await receiver.ask('privateMessage', { receiver: 'alice', text: 'thank you' });
    await receiver.message('thank you');
    expect(seqsOf(receiver)).toEqual([...row(120), 121]);
    await expect.poll(async () => (await alice.history(conversation, 'after=0&limit=120')).every((message) => message.delivered)).toBe(true);
  });

  test('gets it in windows of fifty, the next when the last was acknowledged', async ({ person }) => {
    const [alice, bob] = [await person('alice'), await person('bob')];
    await sendMany(await alice.connect(), 'bob', 120);
    const receiver = bob.socket({ auth: { token: bob.token } });
    receiver.acknowledges = false;
    await receiver.connect();
    await receiver.count('response', 50);
    // Two round trips give a fifty-first every chance to come.
    expect((await receiver.emit('unknownEvent')).success).toBe(false);
    expect((await receiver.emit('unknownEvent')).success).toBe(false);
    expect(seqsOf(receiver)).toEqual(row(50));
    receiver.acknowledgeHeldBack();
    await receiver.count('response', 120);
    expect(seqsOf(receiver)).toEqual(row(120));
  });

  test('does not get it again when they connect once more', async ({ person }) => {
    const [alice, bob] = [await person('alice'), await person('bob')];
    const sender = await alice.connect();
    await sendMany(sender, 'bob', 3);
    const first = await bob.connect();
    await first.count('response', 3);
    await sender.seen('receipt', (event) => event.username === 'bob' && event.deliveredSeq === 3);
    first.close();
    const second = await bob.connect();
    await sender.ask('privateMessage', { receiver: 'bob', text: 'new' });
    await second.message('new');
    expect(second.texts()).toEqual(['new']);
  });

  test('gets again what they did not acknowledge', async ({ person }) => {
    const [alice, bob] = [await person('alice'), await person('bob')];
    await sendMany(await alice.connect(), 'bob', 3);
    const first = bob.socket({ auth: { token: bob.token } });
    first.acknowledges = false;
    await first.connect();
    await first.count('response', 3);
    first.close();
    const second = await bob.connect();
    await second.count('response', 3);
    expect(seqsOf(second)).toEqual([1, 2, 3]);
  });

  test('gets messages of that very moment once too', async ({ person }) => {
    const [alice, bob] = [await person('alice'), await person('bob')];
    const sender = await alice.connect();
    await sendMany(sender, 'bob', 120);
    const receiver = bob.socket({ auth: { token: bob.token } });
    const connecting = receiver.connect();
    for (let number = 121; number <= 150; number += 1) {
      await sender.ask('privateMessage', { receiver: 'bob', text: `message ${number}` });
    }
    await connecting;
    await receiver.count('response', 150);
    await receiver.ask('privateMessage', { receiver: 'alice', text: 'thank you' });
    await receiver.message('thank you');
    expect(seqsOf(receiver).sort((one, other) => one - other)).toEqual(row(151));
  });

  test('gets what they missed in every conversation', async ({ person }) => {
    const [alice, bob, carol] = [await person('alice'), await person('bob'), await person('carol')];
    const [one, other] = [await alice.connect(), await carol.connect()];
    const group = await one.ask('createGroup', { name: 'Lunch', members: ['bob', 'carol'] });
    await one.ask('privateMessage', { receiver: 'bob', text: 'from alice' });
    await other.ask('privateMessage', { receiver: 'bob', text: 'from carol' });
    await other.ask('groupMessage', { groupId: group.id, text: 'to all' });
    const receiver = await bob.connect();
    await receiver.count('response', 3);
    expect(receiver.texts().sort()).toEqual(['from alice', 'from carol', 'to all']);
  });
});

test.describe('when messages that waited reach their receiver', () => {
  test('their sender hears of the newest of them', async ({ person }) => {
    const [alice, bob] = [await person('alice'), await person('bob')];
    const sender = await alice.connect();
    const conversation = await sendMany(sender, 'bob', 3);
    await bob.connect();
    const event = await sender.seen('updateDeliveryStatusOnConnection', (status) => status.upToSeq === 3);
    expect(event).toEqual({
      response: expect.objectContaining({ conversationId: conversation, seq: 3, sender: 'alice', text: 'message 3', delivered: true }),
      upToSeq: 3,
      receiver: 'bob',
    });
  });

  test('each sender hears of their own', async ({ person }) => {
    const [alice, bob, carol] = [await person('alice'), await person('bob'), await person('carol')];
    const [one, other] = [await alice.connect(), await carol.connect()];
    const group = await one.ask('createGroup', { name: 'Lunch', members: ['bob', 'carol'] });
    await one.ask('groupMessage', { groupId: group.id, text: 'from alice' });
    await other.ask('groupMessage', { groupId: group.id, text: 'from carol' });
    await bob.connect();
    const toAlice = await one.seen('updateDeliveryStatusOnConnection');
    const toCarol = await other.seen('updateDeliveryStatusOnConnection');
    expect(toAlice).toMatchObject({ upToSeq: 1, receiver: 'bob', response: { text: 'from alice', seq: 1 } });
    expect(toCarol).toMatchObject({ upToSeq: 2, receiver: 'bob', response: { text: 'from carol', seq: 2 } });
  });

  test('every socket of the sender hears of it, and a receiver who was there all along makes no such event', async ({ person }) => {
    const [alice, bob, carol] = [await person('alice'), await person('bob'), await person('carol')];
    const [one, other] = [await alice.connect(), await alice.connect()];
    await carol.connect();
    await one.ask('privateMessage', { receiver: 'carol', text: 'you are here' });
    await one.seen('receipt', (event) => event.username === 'carol' && event.deliveredSeq === 1);
    await one.ask('privateMessage', { receiver: 'bob', text: 'you are not' });
    await bob.connect();
    for (const socket of [one, other]) {
      await socket.seen('updateDeliveryStatusOnConnection', (event) => event.receiver === 'bob');
      expect(socket.all('updateDeliveryStatusOnConnection').map((event) => event.receiver)).toEqual(['bob']);
    }
  });
});
