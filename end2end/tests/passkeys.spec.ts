/// Passkeys, with a device that Chromium pretends to have: adding one, coming in with it, confirming by it,
/// and removing it.
import type { Locator } from '@playwright/test';

import { AdminPage } from '../pages/admin_page.ts';
import { ChatPage } from '../pages/chat_page.ts';
import { LoginPage } from '../pages/login_page.ts';
import { SettingsPage, wantProofOnce } from '../pages/settings_page.ts';
import { expectAccessible } from '../support/accessibility.ts';
import { ACCOUNTS, becomeOwner, expectSignedOut, joinAs, PASSWORD } from '../support/accounts.ts';
import { Authenticator } from '../support/authenticator.ts';
import type { Server } from '../support/server.ts';
import { expect, test, type Visit } from '../support/test.ts';

test.use({ serverOptions: ACCOUNTS });

test.beforeEach(() => {
  const { name } = test.info().project;
  test.skip(name !== 'chromium', 'only Chromium has an authenticator that a test can give orders to');
});

const NO_ACCOUNT = 'This passkey does not open an account here. Try again, or sign in with your password.';
const NOT_USED = 'No passkey was used. Try again, or sign in with your password.';

/** The server by its name, because passkeys belong to names and not to addresses. */
function byName(server: Server): string {
  return `http://localhost:${server.port}`;
}

/** Bob's settings in a browser that has an authenticator. */
async function bobsSettings(
  server: Server,
  visit: (username: string, how?: Visit) => Promise<ChatPage>,
): Promise<{ settings: SettingsPage; chat: ChatPage; login: LoginPage; device: Authenticator }> {
  await joinAs(server, 'bob', await (await becomeOwner(server, 'ada')).invite(), 'Bob');
  const chat = await visit('bob', { password: PASSWORD, path: '/settings', context: { baseURL: byName(server) } });
  const device = await Authenticator.of(chat.page);
  return { settings: new SettingsPage(chat.page), chat, login: new LoginPage(chat.page), device };
}

function nameField(settings: SettingsPage): Locator {
  return settings.passkeys.getByRole('textbox', { name: 'Name of a new passkey' });
}

function passkey(settings: SettingsPage, name: string): Locator {
  return settings.passkeys.getByRole('listitem').filter({ hasText: name });
}

async function add(settings: SettingsPage, name: string): Promise<void> {
  await nameField(settings).fill(name);
  await settings.passkeys.getByRole('button', { name: 'Add a passkey' }).click();
}

async function hasAdded(settings: SettingsPage, name: string): Promise<void> {
  await expect(settings.passkeys.getByRole('status')).toHaveText('Added. You can sign in with it from now on.');
  await expect(passkey(settings, name)).toBeVisible();
}

async function hasRemoved(settings: SettingsPage): Promise<void> {
  const said = settings.passkeys.getByRole('status').filter({ hasText: /\S/ });
  await expect(said).toHaveText('Removed. It does not open your account any more.');
  await expect(settings.passkeys.getByRole('listitem')).toHaveCount(0);
  await expect(settings.passkeys.getByRole('heading', { name: 'Passkeys', exact: true })).toBeFocused();
}

async function signOut(chat: ChatPage, login: LoginPage): Promise<void> {
  await chat.page.goto('/');
  await chat.account.askToSignOut();
  await login.isShown();
}

/** The options of a ceremony, as far as these stories change them. */
interface Options {
  userVerification?: string;
  authenticatorSelection?: { userVerification: string };
  extensions?: Record<string, unknown>;
}

/** Has the page ask its device for less than the server wants, as a page of somebody else's would. */
async function askForLess(chat: ChatPage, start: string, change: (options: Options) => void): Promise<void> {
  await chat.page.route(start, async (route) => {
    const answer = await route.fetch();
    const challenge = (await answer.json()) as { id: string; options: string };
    const options = JSON.parse(challenge.options) as Options;
    expect((options.authenticatorSelection ?? options).userVerification).toBe('required');
    change(options);
    await route.fulfill({ response: answer, json: { ...challenge, options: JSON.stringify(options) } });
  });
}

test('a passkey is added under a name, and lets one in who types none', async ({ server, visit }) => {
  const { settings, chat, login, device } = await bobsSettings(server, visit);
  await add(settings, '  ');
  await expect(nameField(settings)).toBeFocused();
  await expect(nameField(settings)).toHaveAccessibleDescription(/Give it a name that says where it is/);
  expect(await device.held()).toHaveLength(0);

  await add(settings, 'the blue key');
  await hasAdded(settings, 'the blue key');
  await expect(nameField(settings)).toHaveValue('');
  await expect(passkey(settings, 'the blue key')).toContainText('not used yet');
  await expectAccessible(chat.page, 'the settings with a passkey');
  // It says by itself whose it is, to this server alone, and holds nothing to know its owner by.
  const [held] = await device.held();
  expect(held).toMatchObject({ isResidentCredential: true, rpId: 'localhost' });
  expect(Buffer.from(held?.userHandle ?? '', 'base64').toString('latin1')).not.toMatch(/bob/i);

  await signOut(chat, login);
  await expect(login.username).toHaveValue('');
  await login.passkey.click();
  await expect(chat.account.button).toContainText('Bob');
  await expect(chat.page).toHaveURL('/');
  await chat.page.reload();
  await expect(chat.account.button).toContainText('Bob');

  await chat.page.goto('/settings');
  await expect(passkey(settings, 'the blue key')).toContainText(/last used \d/);
  await expect(settings.passkeys.getByRole('listitem')).toHaveCount(1);
});

test('where one wanted to be is where a passkey leads', async ({ server, visit }) => {
  const { settings, chat, login } = await bobsSettings(server, visit);
  await add(settings, 'my phone');
  await hasAdded(settings, 'my phone');
  await chat.page.context().clearCookies();
  await chat.page.goto('/people/ada');
  await login.isShown();
  await login.passkey.click();
  await chat.isOpen('Ada');
  await expect(chat.page).toHaveURL('/people/ada');
});

test('a device holds one passkey for an account, and an account has several devices', async ({ server, visit }) => {
  const { settings, chat, device } = await bobsSettings(server, visit);
  await add(settings, 'my phone');
  await hasAdded(settings, 'my phone');
  await add(settings, 'my phone again');
  await expect(settings.passkeys.getByRole('alert').filter({ hasText: /\S/ })).toHaveText(
    'There is a passkey for your account on this device already.',
  );
  await expect(nameField(settings)).toHaveValue('my phone again');
  expect(await device.held()).toHaveLength(1);

  const second = await visit('bob', { password: PASSWORD, path: '/settings', context: { baseURL: byName(server) } });
  await Authenticator.of(second.page);
  const elsewhere = new SettingsPage(second.page);
  await add(elsewhere, 'the blue key');
  await hasAdded(elsewhere, 'the blue key');
  await chat.page.reload();
  await expect(settings.passkeys.getByRole('listitem')).toHaveText([/my phone/, /the blue key/]);
});

test('when a proof is old, a passkey is one', async ({ server, visit }) => {
  const { settings, chat } = await bobsSettings(server, visit);
  await add(settings, 'my phone');
  await hasAdded(settings, 'my phone');
  await wantProofOnce(chat.page, '**/web/account/recovery-codes');
  const proved = chat.page.waitForResponse('**/web/confirm/passkey');
  await settings.recoveryCodes.getByRole('button', { name: 'Make new codes' }).click();
  const use = settings.confirm.dialog.getByRole('button', { name: 'Use a passkey' });
  await expect(use).toBeVisible();
  await expectAccessible(chat.page, 'the question who one is, with a passkey');
  await use.click();
  expect((await proved).status()).toBe(204);
  await expect(settings.confirm.dialog).toBeHidden();
  await expect(settings.dialog('Your recovery codes')).toBeVisible();
});

test('where a passkey proves nothing, the password does', async ({ server, visit }) => {
  const { settings, chat, device } = await bobsSettings(server, visit);
  await add(settings, 'my phone');
  await hasAdded(settings, 'my phone');
  await device.verifies(false);
  await wantProofOnce(chat.page, '**/web/account/passkeys/*');
  await settings.passkeys.getByRole('button', { name: 'Remove my phone' }).click();
  await settings.dialog('Remove “my phone”?').getByRole('button', { name: 'Remove' }).click();
  const { confirm } = settings;
  await confirm.dialog.getByRole('button', { name: 'Use a passkey' }).click();
  await expect(confirm.dialog.getByRole('alert').filter({ hasText: /\S/ })).toHaveText(
    'Your passkey was not used: it was cancelled, or it took too long. Try again.',
  );
  // The password is a proof all the same.
  await confirm.password.fill(PASSWORD);
  await confirm.button.click();
  await expect(passkey(settings, 'my phone')).toHaveCount(0);
});

test('a passkey that is removed opens nothing, and ends what it may have begun', async ({ server, visit }) => {
  const { settings, chat, login, device } = await bobsSettings(server, visit);
  await add(settings, 'my phone');
  await hasAdded(settings, 'my phone');
  await signOut(chat, login);
  await login.passkey.click();
  await expect(chat.account.button).toContainText('Bob');
  const elsewhere = await visit('bob', { password: PASSWORD, context: { baseURL: byName(server) } });
  await expect(elsewhere.row('Ada')).toBeVisible();

  await chat.page.goto('/settings');
  const remove = settings.passkeys.getByRole('button', { name: 'Remove my phone' });
  await remove.click();
  const question = settings.dialog('Remove “my phone”?');
  await question.getByRole('button', { name: 'Cancel' }).click();
  await expect(remove).toBeFocused();
  await remove.click();
  await question.getByRole('button', { name: 'Remove' }).click();
  await hasRemoved(settings);
  await expectSignedOut(elsewhere.page, 2_000);

  // The device knows nothing of it, and goes on to offer it.
  expect(await device.held()).toHaveLength(1);
  await signOut(chat, login);
  await login.passkey.click();
  await expect(login.error).toHaveText(NO_ACCOUNT);
  await expect(login.button).toBeVisible();
  await login.passkey.click();
  await expect(login.error).toHaveText(NO_ACCOUNT);
  await login.signIn('bob', PASSWORD);
  await expect(chat.account.button).toContainText('Bob');
});

test('an authenticator that does not know its owner is refused', async ({ server, visit }) => {
  const { settings, chat, login, device } = await bobsSettings(server, visit);
  await add(settings, 'my phone');
  await hasAdded(settings, 'my phone');
  await signOut(chat, login);
  await device.verifies(false);
  await login.passkey.click();
  await expect(login.error).toHaveText(NOT_USED);

  // Even if it signs, because the page that asks is not ours: the server looks at it too.
  await askForLess(chat, '**/web/login/passkey/start', (options) => {
    options.userVerification = 'discouraged';
  });
  await login.passkey.click();
  await expect(login.error).toHaveText(NO_ACCOUNT);
  await device.verifies(true);
  await chat.page.unroute('**/web/login/passkey/start');
  await login.passkey.click();
  await expect(chat.account.button).toContainText('Bob');
});

test('an authenticator that does not know its owner makes no passkey', async ({ server, visit }) => {
  const { settings, chat, device } = await bobsSettings(server, visit);
  const refusal = settings.passkeys.getByRole('alert').filter({ hasText: /\S/ });
  await device.verifies(false);
  await add(settings, 'my phone');
  await expect(refusal).toHaveText('No passkey was made: it was cancelled, or it took too long. Try again.');

  // A page of somebody else's asks for less, and gets no more by it: who knows their owner says so all the same.
  await askForLess(chat, '**/web/account/passkeys/start', (options) => {
    if (options.authenticatorSelection) options.authenticatorSelection.userVerification = 'discouraged';
    delete options.extensions;
  });
  await device.verifies(true);
  await add(settings, 'my phone');
  await hasAdded(settings, 'my phone');
  await device.leave();
  const simple = await Authenticator.of(chat.page, false);
  await add(settings, 'the blue key');
  await expect(refusal).toHaveText(/^This passkey was not added/);
  expect(await simple.held()).toHaveLength(1);
  await chat.page.reload();
  await expect(settings.passkeys.getByRole('listitem')).toHaveText([/my phone/]);
});

test('a copy of a passkey that has fallen behind is refused', async ({ server, visit }) => {
  const { settings, chat, login, device } = await bobsSettings(server, visit);
  await add(settings, 'my phone');
  await hasAdded(settings, 'my phone');
  const [copy] = await device.held();
  for (let turn = 0; turn < 2; turn += 1) {
    await signOut(chat, login);
    await login.passkey.click();
    await expect(chat.account.button).toContainText('Bob');
  }
  await signOut(chat, login);
  if (copy === undefined) throw new Error('The device holds no passkey.');
  await device.restore(copy);
  await login.passkey.click();
  await expect(login.error).toHaveText(NO_ACCOUNT);
});

test('an answer that comes a second time is worth nothing', async ({ server, visit }) => {
  const { settings, chat, login } = await bobsSettings(server, visit);
  await add(settings, 'my phone');
  await hasAdded(settings, 'my phone');
  await signOut(chat, login);
  const sent = chat.page.waitForRequest('**/web/login/passkey');
  await login.passkey.click();
  await expect(chat.account.button).toContainText('Bob');
  const answer = await fetch(`${byName(server)}/web/login/passkey`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: (await sent).postData(),
  });
  expect(answer.status).toBe(403);
  expect(await answer.json()).toMatchObject({ code: 'passkey-refused' });
});

test('whoever has no passkey here, or changes their mind, is told so and signs in otherwise', async ({ server, visit }) => {
  const { chat, login } = await bobsSettings(server, visit);
  await signOut(chat, login);
  await login.passkey.click();
  await expect(login.error).toHaveText(NOT_USED);
  await expectAccessible(chat.page, 'the login page after a passkey that was not used');
  await login.signIn('bob', PASSWORD);
  await expect(chat.account.button).toContainText('Bob');
});

test('without the server a passkey lets nobody in, and that is said', async ({ server, visit }) => {
  const { settings, chat, login } = await bobsSettings(server, visit);
  await add(settings, 'my phone');
  await hasAdded(settings, 'my phone');
  await signOut(chat, login);
  await chat.page.route('**/web/login/passkey', (route) => route.abort());
  await login.passkey.click();
  await expect(login.error).toHaveText('The server cannot be reached. Check your connection and try again.');
  await chat.page.unroute('**/web/login/passkey');
  await login.passkey.click();
  await expect(chat.account.button).toContainText('Bob');
});

test('a passkey of somebody who was deactivated opens nothing', async ({ server, visit }) => {
  const ada = await becomeOwner(server, 'ada');
  await joinAs(server, 'bob', await ada.invite(), 'Bob');
  const chat = await visit('bob', { password: PASSWORD, path: '/settings', context: { baseURL: byName(server) } });
  await Authenticator.of(chat.page);
  const settings = new SettingsPage(chat.page);
  await add(settings, 'my phone');
  await hasAdded(settings, 'my phone');
  await ada.ask('PATCH', '/web/admin/people/bob', { deactivated: true });
  await expectSignedOut(chat.page);
  const login = new LoginPage(chat.page);
  await login.passkey.click();
  await expect(login.error).toHaveText(NO_ACCOUNT);
  await ada.ask('PATCH', '/web/admin/people/bob', { deactivated: false });
  await login.passkey.click();
  await expect(settings.heading).toBeVisible();
});

test('by a number there are no passkeys, and the settings say why', async ({ server, visit }) => {
  const { settings, chat } = await bobsSettings(server, visit);
  await add(settings, 'my phone');
  await hasAdded(settings, 'my phone');
  expect(server.origin).toContain('127.0.0.1');

  const other = await visit('bob', { password: PASSWORD, path: '/settings' });
  await Authenticator.of(other.page);
  const numbered = new SettingsPage(other.page);
  await expect(numbered.passkeys).toContainText(
    'Passkeys belong to a name, and this page was opened by a number. Open it by its name to add one.',
  );
  await expect(nameField(numbered)).toHaveCount(0);
  await expect(passkey(numbered, 'my phone')).toBeVisible();
  // Nor is one offered as a proof.
  await wantProofOnce(other.page, '**/web/account/recovery-codes');
  await numbered.recoveryCodes.getByRole('button', { name: 'Make new codes' }).click();
  await expect(numbered.confirm.password).toBeFocused();
  await expect(numbered.confirm.button).toBeVisible();
  await expect(numbered.confirm.dialog.getByRole('button', { name: 'Use a passkey' })).toHaveCount(0);
  await other.page.keyboard.press('Escape');

  await signOut(other, new LoginPage(other.page));
  await expect(new LoginPage(other.page).passkey).toHaveCount(0);
  await expect(chat.page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible();
  const answer = await fetch(`${server.origin}/web/login/passkey/start`, { method: 'POST' });
  expect(answer.status).toBe(422);
  expect(await answer.json()).toMatchObject({ code: 'passkeys-unavailable' });
});

test('the name of a passkey is text, for its owner and in the log', async ({ server, visit }) => {
  const ada = await becomeOwner(server, 'ada');
  const chat = await visit('ada', { password: PASSWORD, path: '/settings', context: { baseURL: byName(server) } });
  await Authenticator.of(chat.page);
  const settings = new SettingsPage(chat.page);
  const name = `"><img src=x onerror="hacked=1">{{7*7}}&lt;`;
  await add(settings, name);
  await hasAdded(settings, name);
  await chat.page.reload();
  await expect(passkey(settings, name).locator('strong')).toHaveText(name);
  await expect(chat.page.locator('[onerror]')).toHaveCount(0);
  await chat.page.goto('/admin');
  const admin = new AdminPage(chat.page);
  await admin.openTab('Audit log');
  await expect(admin.row(`Added a passkey: ${name}`)).toContainText(ada.username);
  await expect(chat.page.locator('[onerror]')).toHaveCount(0);
  expect(await chat.page.evaluate(() => 'hacked' in window)).toBe(false);
});

test('a keyboard is enough to add a passkey, to come in with it, and to remove it', async ({ server, visit }) => {
  const { settings, chat, login } = await bobsSettings(server, visit);
  const keys = chat.page.keyboard;
  await expect(settings.heading).toBeFocused();
  await chat.tabTo(nameField(settings));
  await keys.type('my phone');
  await keys.press('Enter');
  await hasAdded(settings, 'my phone');
  await expect(nameField(settings)).toBeFocused();

  await chat.page.goto('/');
  await chat.tabTo(chat.account.button);
  await keys.press('Enter');
  await chat.tabTo(chat.account.signOut);
  await keys.press('Enter');
  await expect(login.username).toBeFocused();
  await chat.tabTo(login.passkey);
  await keys.press('Enter');
  await expect(chat.account.button).toContainText('Bob');

  await chat.page.goto('/settings');
  await expect(settings.heading).toBeFocused();
  await wantProofOnce(chat.page, '**/web/account/passkeys/*');
  await chat.tabTo(settings.passkeys.getByRole('button', { name: 'Remove my phone' }));
  await keys.press('Enter');
  const question = settings.dialog('Remove “my phone”?');
  await expect(question).toBeVisible();
  await chat.tabTo(question.getByRole('button', { name: 'Remove' }));
  await keys.press('Enter');
  const use = settings.confirm.dialog.getByRole('button', { name: 'Use a passkey' });
  await expect(use).toBeVisible();
  await chat.tabTo(use);
  await keys.press('Enter');
  await hasRemoved(settings);
});
