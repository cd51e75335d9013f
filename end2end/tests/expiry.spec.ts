/// The session that ends: the login page says why, and what was typed survives.
import { ChatPage } from '../pages/chat_page.ts';
import { LoginPage } from '../pages/login_page.ts';
import { expect, test } from '../support/test.ts';

const REASON = 'Your session has ended. Sign in again to go on.';

test.describe('a session of eight seconds', () => {
  test.use({ serverOptions: { environment: { NATTER_SESSION_SECONDS: '8' } } });

  test('ends at the login page with the reason, in every tab, and what was typed survives', async ({ visit }) => {
    const alice = await visit('alice', { path: '/people/bob' });
    await alice.composer.fill('half a sen');
    const tab = await alice.page.context().newPage();
    await tab.goto('/people/carol');
    await new ChatPage(tab).isOpen('Carol');

    for (const page of [alice.page, tab]) {
      const login = new LoginPage(page);
      await login.isShown(20_000);
      await expect(login.reason).toHaveText(REASON);
    }
    await alice.lookAt();
    await new LoginPage(alice.page).signIn('alice');
    await alice.isOpen('Bob');
    await expect(alice.composer).toHaveValue('half a sen');
  });

  test('leaves nothing of the chat on the screen', async ({ visit }) => {
    const alice = await visit('alice', { path: '/people/bob' });
    await alice.write('a secret');
    await alice.hasTick('a secret', 'Stored');
    await new LoginPage(alice.page).isShown(20_000);
    await expect(alice.navigation).toHaveCount(0);
    await expect(alice.page.getByText('a secret')).toHaveCount(0);
    await alice.page.goto('/people/bob');
    await new LoginPage(alice.page).isShown();
  });
});

test('a session that is no longer good leads to the login page on the next load', async ({ visit }) => {
  const alice = await visit('alice', { path: '/people/bob' });
  await alice.isOpen('Bob');
  await alice.page.context().clearCookies();
  await alice.page.reload();
  const login = new LoginPage(alice.page);
  await login.isShown();
  await login.signIn('alice');
  await expect(alice.navigation).toContainText('Alice');
});

test('a draft is for its writer alone: the next person to sign in here does not see it', async ({ visit }) => {
  const alice = await visit('alice', { path: '/people/carol' });
  await alice.composer.fill('not for bob to read');
  await alice.page.context().clearCookies();
  await alice.page.reload();
  await new LoginPage(alice.page).signIn('bob');
  await expect(alice.navigation).toContainText('Bob');
  await alice.open('Carol');
  await expect(alice.composer).toHaveValue('');
});
