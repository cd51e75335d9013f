/// axe finds nothing, in either theme; and what axe cannot see of keyboards and screen readers.
import { LoginPage } from '../pages/login_page.ts';
import { expectAccessible } from '../support/accessibility.ts';
import { expect, test } from '../support/test.ts';

test('axe finds nothing on the login page', async ({ openPage }) => {
  const page = await openPage();
  const login = new LoginPage(page);
  await login.goto();
  await expectAccessible(page, 'the login page');
  await login.signIn('mallory');
  await expect(login.error).toHaveText(/\S/);
  await expectAccessible(page, 'the login page with an error');
});

test('axe finds nothing in the chat', async ({ visit }) => {
  const alice = await visit('alice');
  await expect(alice.row('Bob')).toBeVisible();
  await expectAccessible(alice.page, 'the chat with nothing open');
  await alice.open('Bob');
  await expectAccessible(alice.page, 'an empty conversation');

  const bob = await visit('bob', { path: '/people/alice' });
  await bob.write('hello');
  await bob.write('how are you?');
  await alice.write('well, thank you');
  await alice.hasTick('well, thank you', 'Read');
  await alice.composer.fill('x'.repeat(19_999));
  await expect(alice.count).toBeVisible();
  await expectAccessible(alice.page, 'a conversation');
  await alice.page.setViewportSize({ width: 360, height: 740 });
  await expect(alice.back).toBeVisible();
  await expectAccessible(alice.page, 'a conversation on a phone');
});

test('axe finds nothing in the dialog, on the page that is not there and while offline', async ({ visit }) => {
  const alice = await visit('alice');
  const dialog = await alice.openNewGroup();
  await dialog.create.click();
  await expect(dialog.dialog).toContainText('A group needs a name.');
  await expectAccessible(alice.page, 'the dialog');
  await dialog.cancel.click();
  await alice.search.fill('x');
  await expect(alice.navigation).toContainText('Nobody and no group');
  await expectAccessible(alice.page, 'a search without a hit');
  await alice.page.goto('/no/such/place');
  await expect(alice.page.locator('.not-found')).toBeVisible();
  await expectAccessible(alice.page, 'the page that is not there');
  await alice.page.goto('/people/bob');
  await alice.isOpen('Bob');
  await alice.page.context().setOffline(true);
  await expect(alice.banner).toBeVisible();
  await expectAccessible(alice.page, 'the chat while offline');
});

test('the timeline is a log, and the ticks have words', async ({ visit }) => {
  const alice = await visit('alice', { path: '/people/bob' });
  await expect(alice.timeline).toBeVisible();
  await alice.write('hello');
  await alice.hasTick('hello', 'Stored');
});

test('opening a conversation by keyboard leads into its composer', async ({ visit }) => {
  const alice = await visit('alice');
  await expect(alice.row('Carol')).toBeVisible();
  await alice.tabTo(alice.row('Carol'));
  await alice.page.keyboard.press('Enter');
  await alice.isOpen('Carol');
  await expect(alice.composer).toBeFocused();
});

test('the timeline is scrolled without a mouse', async ({ visit, person }) => {
  const socket = await (await person('bob')).connect();
  for (let number = 1; number <= 40; number += 1) {
    await socket.ask('privateMessage', { receiver: 'alice', text: `line ${number}` });
  }
  const alice = await visit('alice', { path: '/people/bob' });
  await expect(alice.message('line 40')).toBeInViewport();
  await alice.tabTo(alice.timeline);
  await alice.page.keyboard.press('PageUp');
  await expect(alice.pill).toBeVisible();
  await expect(alice.message('line 40')).not.toBeInViewport();
});
