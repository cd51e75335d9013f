/// Signing in.
import { ChatPage } from '../pages/chat_page.ts';
import { LoginPage } from '../pages/login_page.ts';
import { expect, test } from '../support/test.ts';

test('somebody known signs in and sees the chat', async ({ openPage }) => {
  const page = await openPage();
  await page.goto('/');
  const login = new LoginPage(page);
  await login.isShown();
  await expect(login.heading).toBeVisible();
  await expect(login.username).toBeFocused();
  await login.signIn('alice');

  const chat = new ChatPage(page);
  await expect(chat.navigation).toContainText('Alice');
  await expect(page).toHaveURL('/');
  await expect(page).toHaveTitle('Natter');
  for (const name of ['Bob', 'Carol', 'Dave']) await expect(chat.row(name)).toBeVisible();
  await expect(chat.conversation).toContainText('Pick a conversation, or start one with somebody from the list.');
});

test('Enter signs in too, and no script can read the session', async ({ visitLogin }) => {
  const login = await visitLogin();
  await login.username.fill('alice');
  await login.username.press('Enter');
  await expect(new ChatPage(login.page).navigation).toBeVisible();
  const cookies = await login.page.context().cookies();
  expect(cookies).toEqual([expect.objectContaining({ name: 'chatToken', httpOnly: true, sameSite: 'Lax', path: '/' })]);
  const readable = await login.page.evaluate(() =>
    [document.cookie, JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage })].join(' '),
  );
  expect(readable).not.toContain('chatToken');
  expect(readable).not.toMatch(/eyJ[\w-]+\.[\w-]+\./);
});

test('one can type and press before the client has come', async ({ openPage }) => {
  const page = await openPage();
  let come = () => {};
  const hasCome = new Promise<void>((resolve) => (come = resolve));
  await page.route('**/pkg/natter.*.wasm', async (route) => {
    await hasCome;
    await route.continue();
  });
  await page.goto('/');
  const login = new LoginPage(page);
  await expect(login.username).toBeFocused();
  await page.keyboard.type('mallory');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Signing in…' })).toBeVisible();
  come();
  await expect(login.error).toHaveText(/\S+ \S+/);
  await expect(login.username).toHaveValue('mallory');
  await expect(login.username).toBeFocused();
  await login.signIn('alice');
  await expect(new ChatPage(page).navigation).toContainText('Alice');
});

test('whoever has signed out finds an empty form', async ({ visit }) => {
  const chat = await visit('alice');
  await chat.account.askToSignOut();
  const login = new LoginPage(chat.page);
  await expect(login.username).toHaveValue('');
  await expect(login.username).toBeFocused();
  await login.signIn('bob');
  await expect(new ChatPage(chat.page).navigation).toContainText('Bob');
});

test('an unknown name is refused under the field, and the next one can be right', async ({ visitLogin }) => {
  const login = await visitLogin();
  await login.signIn('mallory');
  await expect(login.error).toHaveText(/\S+ \S+/);
  await expect(login.username).toHaveAccessibleDescription((await login.error.textContent())!.trim());
  await expect(login.username).toHaveAttribute('aria-invalid', 'true');
  await expect(login.username).toHaveValue('mallory');
  await expect(login.username).toBeFocused();
  await login.isShown();

  await login.signIn('alice');
  await expect(new ChatPage(login.page).navigation).toContainText('Alice');
});

test('without a name nobody is signed in', async ({ visitLogin }) => {
  const login = await visitLogin();
  await login.button.click();
  await login.isShown();
  expect(await login.page.context().cookies()).toEqual([]);
});

test('a server that cannot be reached is said to be so, and can be tried again', async ({ visitLogin }) => {
  const login = await visitLogin();
  await login.page.route('**/web/login', (route) => route.abort());
  await login.signIn('alice');
  await expect(login.error).toHaveText('The server cannot be reached. Check your connection and try again.');
  await login.page.unroute('**/web/login');
  await login.button.click();
  await expect(new ChatPage(login.page).navigation).toContainText('Alice');
});

test('a place that one asked for before signing in is where one is afterwards', async ({ openPage }) => {
  const page = await openPage();
  await page.goto('/people/bob');
  const login = new LoginPage(page);
  await login.isShown();
  await login.signIn('alice');
  await new ChatPage(page).isOpen('Bob');
  await expect(page).toHaveURL('/people/bob');
});

test('whoever is signed in has no business at the login page', async ({ visit }) => {
  const chat = await visit('alice');
  await chat.page.goto('/login');
  await expect(chat.navigation).toContainText('Alice');
  await expect(chat.page).toHaveURL('/');
});
