/// A receiver that takes a message and does not acknowledge it. In a file of its own, because it
/// waits for the minute of the contract.
import { expect, test } from '../../support/test.ts';

test('a receiver that does not acknowledge within a minute is resynced', async ({ person }) => {
  test.setTimeout(150_000);
  const [alice, bob] = [await person('alice'), await person('bob')];
  const [sender, receiver] = [await alice.connect(), await bob.connect()];
  receiver.acknowledges = false;
  const sent = await sender.ask('privateMessage', { receiver: 'bob', text: 'hello' });
  await receiver.message('hello');
  receiver.acknowledges = true;
  // The first one stays unacknowledged; only the message sent again can be acknowledged now.
  await receiver.count('response', 2, 100_000);
  expect(receiver.texts()).toEqual(['hello', 'hello']);
  await sender.seen('receipt', (event) => event.username === 'bob' && event.deliveredSeq === 1);
  expect((await alice.history(sent.conversationId))[0]!.delivered).toBe(true);
});
