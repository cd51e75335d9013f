/// Messages to somebody who is not there, and what one does without a connection oneself.
import { stepIn, type Wire } from '../support/wire.ts';
import { expect, test } from '../support/test.ts';

test('messages to somebody offline wait, and the tick changes when they come', async ({ visit }) => {
  const alice = await visit('alice', { path: '/people/bob' });
  await expect(alice.status).toHaveText('offline');
  for (const text of ['one', 'two', 'three']) await alice.write(text);
  for (const text of ['one', 'two', 'three']) await alice.hasTick(text, 'Stored');

  const bob = await visit('bob');
  await expect(bob.unread('Alice')).toHaveText('3');
  for (const text of ['one', 'two', 'three']) await alice.hasTick(text, 'Delivered');
  await bob.open('Alice');
  await bob.shows(['one', 'two', 'three']);
  await expect(bob.timeline.locator('.new-line')).toHaveText('New');
});

test('they reach a stock client too, and the tick changes then', async ({ visit, person }) => {
  const alice = await visit('alice', { path: '/people/bob' });
  await alice.write('hello');
  await alice.hasTick('hello', 'Stored');
  const bob = await (await person('bob')).connect();
  await bob.message('hello');
  await alice.hasTick('hello', 'Delivered');
});

test('while the browser is offline it says so, and what is written then goes out once', async ({ visit }) => {
  const [alice, bob] = [await visit('alice', { path: '/people/bob' }), await visit('bob', { path: '/people/alice' })];
  await alice.write('before');
  await alice.hasTick('before', 'Read');
  await alice.page.context().setOffline(true);
  await expect(alice.banner).toHaveText('You are offline. Messages wait here and go out when you are back.');
  await alice.write('in the tunnel');
  await expect(alice.message('in the tunnel')).toHaveCount(1);
  await alice.page.context().setOffline(false);
  await expect(alice.banner).toBeHidden();
  await alice.hasTick('in the tunnel', 'Read');
  await bob.shows(['before', 'in the tunnel']);
});

test('an answer that is lost on the way makes no second copy', async ({ visit, person }) => {
  let wire!: Wire;
  const alice = await visit('alice', { path: '/people/bob', prepare: async (page) => (wire = await stepIn(page)) });
  const bob = await (await person('bob')).connect();
  await alice.write('first');
  await alice.hasTick('first', 'Delivered');
  wire.loseNextAnswer();
  await alice.write('lost and found');
  await alice.hasTick('lost and found', 'Delivered');
  await alice.write('third');
  await bob.message('third');
  expect(bob.texts()).toEqual(['first', 'lost and found', 'third']);
  await alice.shows(['first', 'lost and found', 'third']);
});

test('a message that the server refuses says so, and can be sent again', async ({ visit }) => {
  let wire!: Wire;
  const alice = await visit('alice', { path: '/people/bob', prepare: async (page) => (wire = await stepIn(page)) });
  await alice.write('fine');
  await alice.hasTick('fine', 'Stored');
  wire.refuseNextMessage();
  await alice.write('refused');
  await alice.hasTick('refused', 'Not sent');
  await expect(alice.message('refused')).toContainText('Not sent.');
  await alice.message('refused').getByRole('button', { name: 'Retry' }).click();
  await alice.hasTick('refused', 'Stored');
  await alice.shows(['fine', 'refused']);
});

test('a message that the server refuses can be deleted', async ({ visit }) => {
  let wire!: Wire;
  const alice = await visit('alice', { path: '/people/bob', prepare: async (page) => (wire = await stepIn(page)) });
  await alice.write('fine');
  await alice.hasTick('fine', 'Stored');
  wire.refuseNextMessage();
  await alice.write('refused');
  await alice.message('refused').getByRole('button', { name: 'Delete' }).click();
  await alice.shows(['fine']);
  await alice.write('the next');
  await alice.hasTick('the next', 'Stored');
});
