/// What people change about themselves, and where they are signed in.
import { ChatPage } from '../pages/chat_page.ts';
import { SettingsPage, wantProofOnce } from '../pages/settings_page.ts';
import { expectAccessible } from '../support/accessibility.ts';
import { ACCOUNTS, becomeOwner, expectSignedOut, joinAs, PASSWORD, visitAs, type Account } from '../support/accounts.ts';
import { expectNothingWider, pictures } from '../support/looks.ts';
import type { Server } from '../support/server.ts';
import { expect, test } from '../support/test.ts';

test.use({ serverOptions: ACCOUNTS });

/** An owner, and a member whom they invited. */
async function people(server: Server): Promise<{ ada: Account; bob: Account }> {
  const ada = await becomeOwner(server, 'ada');
  return { ada, bob: await joinAs(server, 'bob', await ada.invite(), 'Bob') };
}

test('a new name is read by the others without loading anything', async ({ server, openPage }) => {
  const { ada, bob } = await people(server);
  const settings = new SettingsPage(await visitAs(ada, openPage, '/settings'));
  const chat = new ChatPage(await visitAs(bob, openPage, '/'));
  await settings.page.bringToFront();
  await expect(settings.heading).toBeFocused();
  await expect(settings.profile).toContainText('ada');
  const name = settings.profile.getByRole('textbox', { name: 'Display name' });

  await name.fill('  ');
  await name.press('Enter');
  await expect(name).toBeFocused();
  await expect(name).toHaveAttribute('aria-invalid', 'true');
  await expect(name).toHaveAccessibleDescription('Type the name that others will read.');
  await name.fill('Bob');
  await name.press('Enter');
  await expect(name).toHaveAttribute('aria-invalid', 'true');
  await expect(name).toBeFocused();

  await name.fill('Ada, Countess of <b>Lovelace</b>');
  await name.press('Enter');
  await expect(settings.profile.getByRole('status')).toContainText('Saved.');
  await expect(chat.row('Ada, Countess of <b>Lovelace</b>')).toBeVisible();
  await settings.page.getByRole('link', { name: 'Back to the chat' }).click();
  await expect(new ChatPage(settings.page).navigation).toContainText('Ada, Countess of <b>Lovelace</b>');
});

test('a new password signs one out everywhere else at once, and not here', async ({ server, openPage }) => {
  const { bob } = await people(server);
  const settings = new SettingsPage(await visitAs(bob, openPage, '/settings'));
  const elsewhere = await visitAs(bob, openPage, '/');
  await expect(new ChatPage(elsewhere).row('Ada')).toBeVisible();
  await settings.page.bringToFront();

  await settings.changePassword('', 'a better one than before');
  await expect(settings.password.getByLabel('Current password', { exact: true })).toBeFocused();
  await settings.changePassword('not my password', 'a better one than before');
  const current = settings.password.getByLabel('Current password', { exact: true });
  await expect(current).toHaveAccessibleDescription('This is not your password.');
  await expect(current).toBeFocused();
  await settings.changePassword(PASSWORD, 'short');
  const wanted = settings.password.getByLabel('New password', { exact: true });
  await expect(wanted).toHaveAttribute('aria-invalid', 'true');
  await expect(wanted).toBeFocused();

  await settings.changePassword(PASSWORD, 'a better one than before');
  await expect(settings.password.getByRole('status')).toContainText('Your password is changed');
  await expectSignedOut(elsewhere, 2_000);
  await expect(wanted).toHaveValue('');
  await expect(settings.device('this')).toBeVisible();
  await expect(settings.device('other')).toHaveCount(0);
  await settings.page.reload();
  await expect(settings.heading).toBeVisible();
});

test('what one types for a password can be shown', async ({ server, openPage }) => {
  const { bob } = await people(server);
  const settings = new SettingsPage(await visitAs(bob, openPage, '/settings'));
  const current = settings.password.getByLabel('Current password', { exact: true });
  await current.fill('something');
  await expect(current).toHaveAttribute('type', 'password');
  await settings.password.getByRole('button', { name: 'Show: Current password' }).click();
  await expect(current).toHaveAttribute('type', 'text');
  await expect(current).toHaveValue('something');
  await settings.password.getByRole('button', { name: 'Hide: Current password' }).click();
  await expect(current).toHaveAttribute('type', 'password');
});

test('a device is signed out from the list, and then all others', async ({ server, openPage }) => {
  const { bob } = await people(server);
  const settings = new SettingsPage(await visitAs(bob, openPage, '/settings'));
  // The session in which the account was made is there too.
  await expect(settings.device('other')).toHaveCount(1);
  const elsewhere = await visitAs(bob, openPage, '/');
  await expect(new ChatPage(elsewhere).row('Ada')).toBeVisible();
  await settings.page.bringToFront();
  await settings.page.reload();
  await expect(settings.device('other')).toHaveCount(2);
  const browser = (await settings.device('this').locator('strong').textContent()) ?? '';
  await settings.device('other').filter({ hasText: browser }).getByRole('button').click();
  await expectSignedOut(elsewhere, 2_000);
  await expect(settings.device('other')).toHaveCount(1);
  await expect(settings.devices.getByRole('status')).toHaveText('Signed out there.');
  await expect(settings.devices.getByRole('heading')).toBeFocused();

  await settings.devices.getByRole('button', { name: 'Sign out everywhere else' }).click();
  const question = settings.dialog('Sign out everywhere else?');
  await question.getByRole('button', { name: 'Cancel' }).click();
  await expect(question).toBeHidden();
  await expect(settings.devices.getByRole('button', { name: 'Sign out everywhere else' })).toBeFocused();
  await settings.page.keyboard.press('Enter');
  await question.getByRole('button', { name: 'Sign out' }).click();
  await expect(settings.device('other')).toHaveCount(0);
  await expect(settings.device('this')).toBeVisible();
  expect((await bob.request('GET', '/web/account')).status).toBe(401);

  await settings.device('this').getByRole('button', { name: 'Sign out of this device' }).click();
  await expectSignedOut(settings.page);
});

test('a question that is asked again as soon as it is closed stays', async ({ server, openPage }) => {
  const { bob } = await people(server);
  const settings = new SettingsPage(await visitAs(bob, openPage, '/settings'));
  await settings.devices.getByRole('button', { name: 'Sign out everywhere else' }).click();
  const question = settings.dialog('Sign out everywhere else?');
  await expect(question).toBeVisible();
  // Before the browser tells anybody that it is closed.
  await settings.devices.locator('button', { hasText: 'Sign out everywhere else' }).evaluate((button: HTMLElement) => {
    document.querySelector('dialog')?.close();
    button.click();
  });
  await expect(question).toBeVisible();
  await settings.page.keyboard.press('Escape');
  await expect(question).toBeHidden();
  await expect(settings.devices.getByRole('button', { name: 'Sign out everywhere else' })).toBeFocused();
});

test('recovery codes are shown once, and one of them lets in', async ({ server, openPage }) => {
  const { bob } = await people(server);
  const settings = new SettingsPage(await visitAs(bob, openPage, '/settings'));
  await expect(settings.recoveryCodes).toContainText('You have none.');
  await settings.recoveryCodes.getByRole('button', { name: 'Make new codes' }).click();
  const shown = settings.dialog('Your recovery codes');
  await expect(shown.getByRole('listitem').first()).toBeVisible();
  const codes = await shown.getByRole('listitem').allTextContents();
  expect(codes.length).toBeGreaterThanOrEqual(8);
  const [download] = await Promise.all([
    settings.page.waitForEvent('download'),
    shown.getByRole('link', { name: 'Download' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('natter-recovery-codes.txt');
  await shown.getByRole('button', { name: 'I have kept them' }).click();
  await expect(shown).toBeHidden();
  await expect(settings.recoveryCodes).toContainText(`You have ${codes.length} codes left.`);
  // Once it is closed, they go from the page as well.
  await expect.poll(() => settings.page.content()).not.toContain(codes[0]);
  const kept = await settings.page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  expect(kept).not.toContain(codes[0]);

  const body = { username: 'bob', code: codes[0], newPassword: 'another good password' };
  expect((await bob.request('POST', '/web/login/recovery', body)).status).toBe(200);
});

test('making codes anew asks first, and the earlier ones are worth nothing', async ({ server, openPage }) => {
  const { bob } = await people(server);
  const before = await bob.ask<{ codes: string[] }>('POST', '/web/account/recovery-codes');
  const settings = new SettingsPage(await visitAs(bob, openPage, '/settings'));
  await settings.recoveryCodes.getByRole('button', { name: 'Make new codes' }).click();
  const question = settings.dialog('Make new recovery codes?');
  await question.getByRole('button', { name: 'Make new codes' }).click();
  await expect(settings.dialog('Your recovery codes')).toBeVisible();
  const body = { username: 'bob', code: before.codes[0], newPassword: 'another good password' };
  expect((await bob.request('POST', '/web/login/recovery', body)).status).toBe(401);
});

test('when a proof is old, it is asked for, and what was asked for goes on by itself', async ({ server, openPage }) => {
  const { bob } = await people(server);
  const settings = new SettingsPage(await visitAs(bob, openPage, '/settings'));
  const make = settings.recoveryCodes.getByRole('button', { name: 'Make new codes' });
  const { confirm } = settings;

  await wantProofOnce(settings.page, '**/web/account/recovery-codes');
  await make.click();
  await expect(confirm.password).toBeFocused();
  await settings.page.keyboard.press('Escape');
  await expect(confirm.dialog).toBeHidden();
  await expect(make).toBeFocused();
  await expect(settings.recoveryCodes).toContainText('You have none.');

  await wantProofOnce(settings.page, '**/web/account/recovery-codes');
  await make.click();
  await confirm.button.click();
  await expect(confirm.password).toHaveAccessibleDescription('Type your password.');
  await confirm.password.fill('not my password');
  await confirm.button.click();
  await expect(confirm.password).toHaveAccessibleDescription('This is not your password.');
  await expect(confirm.password).toBeFocused();
  await confirm.password.fill(PASSWORD);
  await confirm.password.press('Enter');
  await expect(confirm.dialog).toBeHidden();
  await expect(settings.dialog('Your recovery codes')).toBeVisible();
});

test('passkeys are offered by their reason where there can be none', async ({ server, openPage }) => {
  const { bob } = await people(server);
  const settings = new SettingsPage(await visitAs(bob, openPage, '/settings'));
  await expect(settings.passkeys).toContainText('this page was opened by a number');
  await expect(settings.passkeys.getByRole('button')).toHaveCount(0);
});

test('an account is deactivated after a question, and the last owner stays', async ({ server, openPage }) => {
  const { ada, bob } = await people(server);
  const chat = new ChatPage(await visitAs(ada, openPage, '/'));
  const settings = new SettingsPage(await visitAs(bob, openPage, '/settings'));
  await expect(chat.row('Bob')).toBeVisible();
  await settings.deactivate.getByRole('button').click();
  const question = settings.dialog('Deactivate your account?');
  await expect(question).toContainText('You are signed out everywhere at once');
  await question.getByRole('button', { name: 'Deactivate' }).click();
  await expectSignedOut(settings.page);
  await expect(chat.row('Bob')).toHaveCount(0);

  await chat.page.goto('/settings');
  const own = new SettingsPage(chat.page);
  await own.deactivate.getByRole('button').click();
  await own.dialog('Deactivate your account?').getByRole('button', { name: 'Deactivate' }).click();
  await expect(own.page.getByRole('alert').filter({ hasText: 'There has to be an owner' })).toBeVisible();
  await own.page.keyboard.press('Escape');
  await expect(own.heading).toBeVisible();
});

test('a server that cannot be reached is said to be so, and can be tried again', async ({ server, openPage }) => {
  const { bob } = await people(server);
  const page = await openPage();
  await bob.signInOn(page);
  await page.route('**/web/account', (route) => route.abort());
  await page.goto('/settings');
  await expect(page.getByRole('alert').filter({ hasText: 'The server cannot be reached.' })).toBeVisible();
  await page.unroute('**/web/account');
  await page.getByRole('button', { name: 'Try again' }).first().click();
  await expect(new SettingsPage(page).profile).toBeVisible();
});

test('it is done without a mouse', async ({ server, openPage }) => {
  const { bob } = await people(server);
  const settings = new SettingsPage(await visitAs(bob, openPage, '/settings'));
  await expect(settings.heading).toBeFocused();
  const name = settings.profile.getByRole('textbox', { name: 'Display name' });
  await expect(name).toBeVisible();
  await settings.page.keyboard.press('Tab');
  await expect(name).toBeFocused();
  await settings.page.keyboard.press('Tab');
  await expect(settings.profile.getByRole('button', { name: 'Save' })).toBeFocused();
});

for (const width of [360, 1280]) {
  test(`axe finds nothing in the settings, ${width} wide`, async ({ server, openPage }) => {
    const { bob } = await people(server);
    const page = await openPage({ viewport: { width, height: 800 } });
    await bob.signInOn(page);
    await page.goto('/settings');
    const settings = new SettingsPage(page);
    await expect(settings.device('this')).toBeVisible();
    await settings.changePassword('not my password', 'long enough for now');
    await expect(settings.password.getByText('This is not your password.')).toBeVisible();
    await expectAccessible(page, 'the settings');
    await expectNothingWider(page);
    await page.evaluate(() => scrollTo(0, 0));
    await pictures(page, `settings-${width}`, true);
    await wantProofOnce(page, '**/web/account/recovery-codes');
    await settings.recoveryCodes.getByRole('button').click();
    await expect(settings.confirm.password).toBeVisible();
    await expectAccessible(page, 'the question who one is');
    await pictures(page, `confirm-${width}`);
    await settings.confirm.password.fill(PASSWORD);
    await settings.confirm.button.click();
    await expect(settings.dialog('Your recovery codes')).toBeVisible();
    await expectAccessible(page, 'the recovery codes');
    await pictures(page, `recovery-codes-${width}`);
    await page.getByRole('button', { name: 'I have kept them' }).click();
    await settings.deactivate.getByRole('button').click();
    await expect(settings.dialog('Deactivate your account?')).toBeVisible();
    await expectAccessible(page, 'the question before the end of an account');
    await pictures(page, `deactivate-${width}`);
    await page.keyboard.press('Escape');
    await page.setViewportSize({ width: 320, height: 640 });
    await expectNothingWider(page);
  });
}

test.describe('where people sign in by name alone', () => {
  test.use({ serverOptions: {} });

  test('there are the name and the devices, and nothing that needs an account', async ({ visit }) => {
    const alice = await visit('alice', {
      // What the server writes into its page.
      prepare: (page) =>
        page.addInitScript(() => {
          const say = () => document.documentElement?.setAttribute('data-sign-in', 'name');
          new MutationObserver(say).observe(document, { childList: true });
        }),
    });
    await alice.page.goto('/settings');
    const settings = new SettingsPage(alice.page);
    await expect(settings.profile).toBeVisible();
    await expect(settings.device('this')).toBeVisible();
    await expect(alice.page.getByRole('region')).toHaveCount(5);
    await expectAccessible(alice.page, 'the settings where people sign in by name alone');
  });
});
