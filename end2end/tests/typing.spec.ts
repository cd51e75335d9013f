/// Who is writing: seen by those it is for, quiet, and over by itself.
import { expect, test } from '../support/test.ts';

test('while somebody writes, the other one sees it, until the message is there', async ({ visit }) => {
  const [alice, bob] = [await visit('alice', { path: '/people/bob' }), await visit('bob', { path: '/people/alice' })];
  await alice.write('hello');
  await expect(bob.message('hello')).toBeVisible();
  await bob.lookAt();
  await bob.isComplete();
  await alice.isComplete();
  await bob.composer.pressSequentially('hel', { delay: 20 });
  await expect(alice.status).toHaveText('typing…');
  await expect(bob.status).toHaveText('online');
  await bob.composer.press('Enter');
  await expect(alice.message('hel')).toBeVisible();
  await expect(alice.status).toHaveText('online');
});

test('whoever stops writing is not said to be writing for long', async ({ visit, person }) => {
  const alice = await visit('alice', { path: '/people/bob' });
  const bob = await (await person('bob')).connect();
  const { conversationId } = await bob.ask('privateMessage', { receiver: 'alice', text: 'hello' });
  await expect(alice.message('hello')).toBeVisible();
  await alice.isComplete();
  await bob.ask('typing', { conversationId });
  await expect(alice.status).toHaveText('typing…');
  await expect(alice.status).toHaveText('online');
});

test('in a group it is said who writes', async ({ visit, person }) => {
  const alice = await visit('alice');
  const [bob, carol] = [await (await person('bob')).connect(), await (await person('carol')).connect()];
  await (await alice.openNewGroup()).make('Lunch', ['Bob', 'Carol']);
  await alice.isOpen('Lunch');
  await alice.isComplete();
  const conversationId = new URL(alice.page.url()).pathname.split('/')[2] ?? '';
  await bob.ask('typing', { conversationId });
  await expect(alice.status).toHaveText('Bob is typing…');
  await carol.ask('typing', { conversationId });
  await expect(alice.status).toHaveText('Bob and Carol are typing…');
  await carol.ask('groupMessage', { groupId: conversationId, text: 'soup' });
  await expect(alice.message('soup')).toBeVisible();
  await expect(alice.status).not.toContainText('Carol are');
});

test('whoever does not want to be seen writing is not', async ({ visit, person }) => {
  const alice = await visit('alice', { path: '/people/bob' });
  const bob = await (await person('bob')).connect();
  await alice.write('hello');
  await bob.message('hello');
  await alice.isComplete();
  await alice.composer.pressSequentially('seen', { delay: 20 });
  await bob.seen('userTyping');
  await alice.composer.press('Enter');
  await bob.message('seen');

  await alice.page.goto('/settings');
  await alice.page.getByRole('switch', { name: 'Show others when I am typing, from this browser' }).uncheck();
  await alice.page.goto('/people/bob');
  await alice.isComplete();
  const before = bob.all('userTyping').length;
  await alice.composer.pressSequentially('unseen', { delay: 20 });
  await alice.composer.press('Enter');
  // It would have come before this.
  await bob.message('unseen');
  expect(bob.all('userTyping')).toHaveLength(before);
});
