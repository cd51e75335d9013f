/// Accounts: how people come in, how they come back, and how they leave.
import type { Page } from '@playwright/test';

import { ChatPage } from '../pages/chat_page.ts';
import { JoinPage } from '../pages/join_page.ts';
import { LoginPage } from '../pages/login_page.ts';
import { RecoverPage } from '../pages/recover_page.ts';
import { expectAccessible } from '../support/accessibility.ts';
import {
  begin,
  invite,
  join,
  openRegistration,
  ownerToken,
  PASSWORD,
  recoveryCodes,
  resetLink,
  WITH_ACCOUNTS,
} from '../support/entering.ts';
import { expect, test } from '../support/test.ts';

test.use({ serverOptions: WITH_ACCOUNTS });

const UNREACHABLE = 'The server cannot be reached. Check your connection and try again.';

test('whoever has the link that a new server prints becomes its owner', async ({ server, openPage }) => {
  const page = await openPage();
  const owner = new JoinPage(page);
  await owner.open(await ownerToken(server));
  await expect(page.locator('.login-lead')).toContainText('owns this chat');
  await expect(owner.username).toBeFocused();
  await owner.join('olga', 'Olga O.', PASSWORD);

  const chat = new ChatPage(page);
  await expect(chat.account.button).toContainText('Olga O.');
  await expect(page).toHaveURL('/');
  await expect(chat.conversation).toContainText('Conversations are shown here once somebody else has come.');
  await chat.account.button.click();
  await expect(chat.account.settings).toBeVisible();
  await expect(chat.account.administration).toBeVisible();
  await chat.account.administration.click();
  await expect(page).toHaveURL('/admin');
  await expect(page.getByRole('heading', { name: 'Administration' })).toBeVisible();
});

test('an invitation makes an account once, and its token is left nowhere', async ({ server, openPage }) => {
  const token = await invite(await begin(server));
  const page = await openPage();
  const guest = new JoinPage(page);
  await guest.open(token);
  await expect(page.locator('.login-lead')).toContainText('You are invited.');
  await expect(page).toHaveURL('/join');
  await guest.join('Greta', '', PASSWORD);
  const chat = new ChatPage(page);
  await expect(chat.account.button).toContainText('Greta');
  await expect(chat.row('Olga')).toBeVisible();
  const left = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, history.state]));
  expect(left).not.toContain(token);
  await page.goBack();
  expect(page.url()).not.toContain(token);

  const second = new JoinPage(await openPage());
  await second.open(token);
  await expect(second.heading).toHaveText('This link does not work');
  await second.signIn.click();
  await new LoginPage(second.page).isShown();
});

test('what is wrong with a form is said at its field, which gets the focus', async ({ server, openPage }) => {
  const guest = new JoinPage(await openPage());
  await guest.open(await invite(await begin(server)));
  await guest.join('not a name', 'Greta', 'short');
  await expect(guest.username).toBeFocused();
  await expect(guest.username).toHaveAccessibleDescription(/^A username has/);
  await expect(guest.username).toHaveAttribute('aria-invalid', 'true');
  await guest.join('olga', 'Greta', 'short');
  await expect(guest.password).toBeFocused();
  await expect(guest.password).toHaveAccessibleDescription(/at least 8 characters/);
  await guest.join('olga', 'Greta', PASSWORD);
  await expect(guest.username).toBeFocused();
  await expect(guest.username).toHaveAccessibleDescription(/taken already/);
  await guest.join('greta', 'Оlga', PASSWORD);
  await expect(guest.name).toBeFocused();
  await expect(guest.name).toHaveAccessibleDescription(/looks like it/);
  await guest.join('greta', '<img src=x onerror=alert(1)>', 'password1');
  await expect(guest.password).toBeFocused();
  await expect(guest.password).toHaveAccessibleDescription(/first that anybody would try/);
  await guest.password.fill(PASSWORD);
  await guest.create.click();
  await expect(new ChatPage(guest.page).account.button).toContainText('<img src=x onerror=alert(1)>');
});

test('the rule for a password is shown while one types, and so is the password on request', async ({ server, openPage }) => {
  const page = await openPage();
  const owner = new JoinPage(page);
  await owner.open(await ownerToken(server));
  await expect(owner.password).toHaveAccessibleDescription(/^At least 8 characters/);
  await owner.password.fill('12345');
  await expect(owner.password).toHaveAccessibleDescription('At least 8 characters, 3 to go.');
  await owner.password.fill('12345678');
  await expect(owner.password).toHaveAccessibleDescription('Long enough.');
  await expect(owner.password).toHaveAttribute('type', 'password');
  await page.getByRole('button', { name: 'Show password' }).click();
  await expect(owner.password).toHaveAttribute('type', 'text');
  await page.getByRole('button', { name: 'Hide password' }).click();
  await expect(owner.password).toHaveAttribute('type', 'password');
});

test('a wrong password and an unknown name get one and the same sentence', async ({ server, visitLogin }) => {
  await begin(server);
  const login = await visitLogin();
  for (const [username, password] of [['olga', 'not her password'], ['nobody', PASSWORD]] as const) {
    await login.signIn(username, password);
    await expect(login.error).toHaveText('The username or the password is not right.');
    await expect(login.password).toBeFocused();
    await expect(login.password).toHaveAttribute('aria-invalid', 'true');
    await expect(login.password).toHaveAccessibleDescription('The username or the password is not right.');
    await login.password.fill('');
    await login.button.click();
    await expect(login.error).toHaveText('Type your password.');
  }
  await login.signIn('olga', PASSWORD);
  await expect(new ChatPage(login.page).account.button).toContainText('Olga');
});

test('a name alone is not enough, and there is nothing to join without a link', async ({ server, visitLogin }) => {
  await begin(server);
  const login = await visitLogin();
  await expect(login.username).toHaveAttribute('autocomplete', 'username webauthn');
  await expect(login.password).toHaveAttribute('autocomplete', 'current-password');
  await login.signIn('olga');
  await expect(login.error).toHaveText('Type your password.');
  await expect(login.create).toHaveCount(0);
  // Passkeys belong to names, and this page came from an IP address.
  await expect(login.passkey).toHaveCount(0);
  await login.page.goto(`http://localhost:${server.port}/login`);
  await expect(login.passkey).toBeVisible();
  await login.page.goto(`${server.origin}/join`);
  await expect(new JoinPage(login.page).heading).toHaveText('People join by invitation');
});

test('a reset link sets a new password for whom it is, and ends their sessions', async ({ server, visit, openPage }) => {
  const owner = await begin(server);
  await join(server, 'greta', await invite(owner));
  const greta = await visit('greta', { password: PASSWORD });
  await expect(greta.row('Olga')).toBeVisible();
  const token = await resetLink(owner, 'greta');

  const reset = new JoinPage(await openPage());
  await reset.open(token);
  await expect(reset.page.locator('.login-lead')).toContainText('greta');
  await expect(reset.newPassword).toBeFocused();
  await reset.newPassword.fill('quite another one');
  await reset.set.click();
  await expect(new ChatPage(reset.page).account.button).toContainText('Greta');

  const login = new LoginPage(greta.page);
  await login.isShown();
  await expect(login.reason).toHaveText('Your session has ended. Sign in again to go on.');
  await login.signIn('greta', PASSWORD);
  await expect(login.error).toHaveText('The username or the password is not right.');
  await login.signIn('greta', 'quite another one');
  await expect(greta.account.button).toContainText('Greta');

  const again = new JoinPage(await openPage());
  await again.open(token);
  await expect(again.heading).toHaveText('This link does not work');
});

test('somebody who is here is told so by an invitation, and may go on with a reset link', async ({ server, visit }) => {
  const owner = await begin(server);
  await join(server, 'greta', await invite(owner));
  const olga = await visit('olga', { password: PASSWORD, path: '/people/greta' });
  await olga.isOpen('Greta');
  const page = await olga.page.context().newPage();
  const link = new JoinPage(page);
  await link.open(await invite(owner));
  await expect(link.heading).toHaveText('You are here already');
  await expect(page.locator('.login-lead')).toContainText('Olga');
  // Another link that is pasted into the same tab counts.
  await page.evaluate((token) => (location.hash = token), await resetLink(owner, 'greta'));
  await expect(link.heading).toHaveText('Set a new password');
  await expect(page.getByRole('status').filter({ hasText: 'signed in as Olga' })).toBeVisible();
  await link.newPassword.fill('quite another one');
  await link.set.click();
  // The session is one for all tabs, so that none goes on to show somebody else.
  for (const tab of [page, olga.page]) await expect(new ChatPage(tab).account.button).toContainText('Greta');
});

test('a recovery code brings one back in, once', async ({ server, visitLogin }) => {
  const [code = ''] = await recoveryCodes(await begin(server));
  const login = await visitLogin();
  await login.lost.click();
  const recover = new RecoverPage(login.page);
  await expect(recover.username).toBeFocused();
  await recover.recover('olga', 'not a code', 'quite another one');
  await expect(recover.code).toBeFocused();
  await expect(recover.code).toHaveAccessibleDescription(/Each code works once/);
  await recover.recover('olga', code, 'short');
  await expect(recover.password).toBeFocused();
  await recover.recover('olga', code, 'quite another one');
  const chat = new ChatPage(login.page);
  await expect(chat.account.button).toContainText('Olga');
  await expect(login.page).toHaveURL('/');

  await chat.account.askToSignOut();
  await login.isShown();
  await login.page.goto('/recover');
  await recover.recover('olga', code, 'the third password');
  await expect(recover.code).toHaveAccessibleDescription(/is not right/);
});

test('where the owner allows it, anybody makes an account', async ({ server, visitLogin }) => {
  await openRegistration(await begin(server));
  const login = await visitLogin();
  await login.create.click();
  const page = new JoinPage(login.page);
  await page.join('greta', 'Greta', PASSWORD);
  const chat = new ChatPage(login.page);
  await expect(chat.row('Olga')).toBeVisible();
  await chat.account.button.click();
  await expect(chat.account.administration).toHaveCount(0);
});

test('a link that cannot be looked at now can be tried again', async ({ server, openPage }) => {
  const page = await openPage();
  await page.route('**/web/links', (route) => route.abort());
  const owner = new JoinPage(page);
  await owner.open(await ownerToken(server));
  await expect(owner.error).toHaveText(UNREACHABLE);
  await owner.again.click();
  await expect(owner.error).toHaveText(UNREACHABLE);
  await page.unroute('**/web/links');
  await owner.again.click();
  await owner.join('olga', 'Olga', PASSWORD);
  await expect(new ChatPage(page).account.button).toContainText('Olga');
});

test('a page that one asked for before signing in is where one is afterwards', async ({ server, openPage }) => {
  await begin(server);
  const page = await openPage();
  for (const path of ['/settings', '/admin']) {
    await page.context().clearCookies();
    await page.goto(path);
    const login = new LoginPage(page);
    await login.isShown();
    await login.signIn('olga', PASSWORD);
    await expect(page).toHaveURL(path);
  }
});

test('signing out in one tab signs out the others, and leaves nothing in the browser', async ({ server, visit }) => {
  const owner = await begin(server);
  await join(server, 'greta', await invite(owner));
  const olga = await visit('olga', { password: PASSWORD, path: '/people/greta' });
  const tab = new ChatPage(await olga.page.context().newPage());
  await tab.page.goto('/people/greta');
  await tab.isOpen('Greta');
  await olga.lookAt();
  await olga.composer.fill('half a sen');
  await olga.account.askToSignOut();
  await expect(olga.account.dialog).toContainText('1 draft is kept in this browser. Sign out and delete it?');
  await olga.account.confirm.click();
  for (const page of [olga.page, tab.page]) {
    const login = new LoginPage(page);
    await login.isShown();
    await expect(login.reason).toHaveText('You are signed out.');
    await expect(page).toHaveURL('/login');
  }
  expect(await kept(olga.page)).toEqual([]);
  expect(await olga.page.context().cookies()).toEqual([]);

  const login = new LoginPage(tab.page);
  await login.signIn('olga', PASSWORD);
  await tab.open('Greta');
  await expect(tab.composer).toHaveValue('');
});

test('messages that wait are asked about, and deleted with the rest', async ({ server, visit }) => {
  const owner = await begin(server);
  await join(server, 'greta', await invite(owner));
  const olga = await visit('olga', {
    password: PASSWORD,
    path: '/people/greta',
    // There is a server, but no line to it.
    prepare: (page) => page.route('**/socket.io/**', (route) => route.abort()).then(() => page.routeWebSocket('**/socket.io/**', (socket) => socket.close())),
  });
  await olga.write('one');
  await olga.write('two');
  await olga.hasTick('two', 'Waiting');
  await olga.account.askToSignOut();
  await expect(olga.account.dialog).toContainText('2 messages were not sent yet. Sign out and delete them?');
  await olga.account.cancel.click();
  await expect(olga.account.dialog).toHaveCount(0);
  await expect(olga.account.button).toBeFocused();
  await olga.hasTick('one', 'Waiting');
  await olga.account.askToSignOut();
  await olga.account.confirm.click();
  await new LoginPage(olga.page).isShown();
  expect(await kept(olga.page)).toEqual([]);
});

test('without the server nobody is signed out, and that is said', async ({ server, visit }) => {
  await begin(server);
  const olga = await visit('olga', { password: PASSWORD });
  await expect(olga.account.button).toContainText('Olga');
  await olga.page.route('**/web/logout', (route) => route.abort());
  await olga.account.askToSignOut();
  await expect(olga.account.dialog.getByRole('alert')).toHaveText(`You are still signed in. ${UNREACHABLE}`);
  await olga.account.cancel.click();
  await expect(olga.account.button).toContainText('Olga');
  await olga.page.reload();
  await expect(olga.account.button).toContainText('Olga');
  await olga.page.unroute('**/web/logout');
  await olga.account.askToSignOut();
  await new LoginPage(olga.page).isShown();
});

test('a keyboard is enough to come in, to leave, and to come back', async ({ server, openPage }) => {
  const page = await openPage();
  const keys = page.keyboard;
  const owner = new JoinPage(page);
  await owner.open(await ownerToken(server));
  await expect(owner.username).toBeFocused();
  await keys.type('olga');
  await keys.press('Tab');
  await keys.type('Olga');
  await keys.press('Tab');
  await keys.type(PASSWORD);
  await keys.press('Enter');

  const chat = new ChatPage(page);
  await expect(chat.account.button).toContainText('Olga');
  await chat.tabTo(chat.account.button);
  await keys.press('Enter');
  await expect(chat.account.settings).toBeVisible();
  await keys.press('Escape');
  await expect(chat.account.settings).toBeHidden();
  await expect(chat.account.button).toBeFocused();
  await keys.press('Enter');
  await chat.tabTo(chat.account.signOut);
  await keys.press('Enter');
  const login = new LoginPage(page);
  await login.isShown();
  await expect(login.username).toBeFocused();
  await keys.type('olga');
  await keys.press('Tab');
  await keys.type(PASSWORD);
  await keys.press('Enter');
  await expect(chat.account.button).toContainText('Olga');
});

test('whoever has just begun a chat is one step away from inviting others', async ({ server, openPage }) => {
  const page = await openPage();
  const link = new JoinPage(page);
  await link.open(await ownerToken(server));
  await link.join('olga', 'Olga', PASSWORD);
  await new ChatPage(page).navigation.getByRole('link', { name: 'Invite people' }).click();
  await expect(page.getByRole('tab', { name: 'Invitations' })).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByRole('button', { name: 'Make an invitation' })).toBeVisible();
});

for (const width of [360, 1280]) {
  test(`axe finds nothing on the ways in, ${width} pixels`, async ({ server, openPage }) => {
    const page = await openPage({ viewport: { width, height: 800 } });
    const link = new JoinPage(page);
    await link.open(await ownerToken(server));
    await link.join('olga', 'Olga', 'short');
    await expect(link.password).toBeFocused();
    await expectAccessible(page, 'the form for an account');
    const owner = await begin(server);
    await link.open('not-a-token');
    await expect(link.heading).toHaveText('This link does not work');
    await expectAccessible(page, 'a link that does not work');
    await link.open(await resetLink(owner, 'olga'));
    await expect(link.newPassword).toBeVisible();
    await expectAccessible(page, 'the form for a new password');
    const login = new LoginPage(page);
    await login.goto();
    await expectAccessible(page, 'the login page');
    await login.signIn('olga', 'not her password');
    await expect(login.error).toHaveText(/\S/);
    await expectAccessible(page, 'the login page with an error');
    await login.lost.click();
    await expect(new RecoverPage(page).button).toBeVisible();
    await expectAccessible(page, 'the page for a recovery code');
    await login.goto();
    await login.signIn('olga', PASSWORD);
    const chat = new ChatPage(page);
    await chat.account.button.click();
    await expect(chat.account.settings).toBeVisible();
    await expectAccessible(page, 'the chat with the account menu');
    await page.route('**/web/logout', (route) => route.abort());
    await chat.account.signOut.click();
    await expect(chat.account.dialog).toBeVisible();
    await expectAccessible(page, 'the dialog for signing out');
  });
}

/** What this browser keeps of a person: drafts and messages, wherever they are. */
async function kept(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const local = Object.keys(localStorage).filter((key) => key !== 'natter.theme');
    const opening = indexedDB.open('natter', 1);
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
    const asked = database.transaction('outbox').objectStore('outbox').getAllKeys();
    const keys = await new Promise<IDBValidKey[]>((resolve, reject) => {
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
    database.close();
    return [...local, ...keys.map(String)];
  });
}
