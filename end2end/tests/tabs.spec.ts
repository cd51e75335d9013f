/// Several tabs of one person.
import { ChatPage } from '../pages/chat_page.ts';
import { expect, test } from '../support/test.ts';

test('what one tab sends the others show, and what comes in comes to all', async ({ visit }) => {
  const first = await visit('alice', { path: '/people/bob' });
  const second = new ChatPage(await first.page.context().newPage());
  await second.page.goto('/people/bob');
  await second.isOpen('Bob');
  const bob = await visit('bob', { path: '/people/alice' });

  await first.write('from the first tab');
  await second.write('from the second tab');
  await bob.write('to both');
  for (const tab of [first, second]) {
    await expect(tab.messages).toHaveCount(3);
    await expect(tab.message('to both')).toBeVisible();
  }
  await first.hasTick('from the second tab', 'Read');
  await second.hasTick('from the first tab', 'Read');
  const texts = (await first.messages.locator('.message-text').allTextContents()).map((text) => text.trim());
  await second.shows(texts);
});

test('reading in one tab clears it in the other', async ({ visit }) => {
  const first = await visit('alice');
  const second = new ChatPage(await first.page.context().newPage());
  await second.page.goto('/');
  await expect(second.row('Bob')).toBeVisible();
  const bob = await visit('bob', { path: '/people/alice' });
  await bob.write('one');
  await bob.write('two');
  for (const tab of [first, second]) {
    await expect(tab.unread('Bob')).toHaveText('2');
    await expect(tab.page).toHaveTitle('(2) Natter');
  }
  await first.lookAt();
  await first.open('Bob');
  for (const tab of [first, second]) {
    await expect(tab.unread('Bob')).toHaveCount(0);
    await expect(tab.page).toHaveTitle('Natter');
  }
  await bob.hasTick('two', 'Read');
});

test('closing one tab leaves the others connected, and the person online', async ({ visit }) => {
  const first = await visit('alice', { path: '/people/bob' });
  const second = await first.page.context().newPage();
  await second.goto('/people/bob');
  await new ChatPage(second).isOpen('Bob');
  const bob = await visit('bob', { path: '/people/alice' });
  await expect(bob.status).toHaveText('online');
  await second.close();
  await first.write('still here');
  await expect(bob.message('still here')).toBeVisible();
  await expect(bob.status).toHaveText('online');
});

test('rubbish in the channel between tabs is dropped', async ({ visit }) => {
  const alice = await visit('alice', { path: '/people/bob' });
  await alice.write('before');
  await alice.hasTick('before', 'Stored');
  const other = await alice.page.context().newPage();
  await other.goto('/robots.txt');
  await other.evaluate(() => {
    const channel = new BroadcastChannel('natter-outbox:alice');
    const rubbish = [null, 7, {}, [], '', 'x'.repeat(100_000), '{"id":', '<script>', new Uint8Array(9), { clientId: {} }];
    for (const message of rubbish) channel.postMessage(message);
    channel.close();
  });
  await alice.lookAt();
  await alice.write('after');
  await alice.hasTick('after', 'Stored');
  await alice.shows(['before', 'after']);
});
