/// What owners and admins look after: people, invitations, registration, and what has happened.
import { AdminPage } from '../pages/admin_page.ts';
import { ChatPage } from '../pages/chat_page.ts';
import { wantProofOnce } from '../pages/settings_page.ts';
import { expectAccessible } from '../support/accessibility.ts';
import {
  ACCOUNTS,
  becomeOwner,
  expectSignedOut,
  joinAs,
  PASSWORD,
  tokenOf,
  visitAs,
  type Account,
} from '../support/accounts.ts';
import { expectNothingWider, pictures } from '../support/looks.ts';
import type { Server } from '../support/server.ts';
import { expect, test } from '../support/test.ts';

test.use({ serverOptions: ACCOUNTS });

/** An owner, and two members whom they invited. */
async function people(server: Server): Promise<{ ada: Account; bob: Account; carol: Account }> {
  const ada = await becomeOwner(server, 'ada');
  const token = await ada.invite(2);
  return { ada, bob: await joinAs(server, 'bob', token, 'Bob'), carol: await joinAs(server, 'carol', token, 'Carol') };
}

test('an owner invites, somebody joins by the link, and both are on the list', async ({ server, openPage }) => {
  const ada = await becomeOwner(server, 'ada');
  const admin = new AdminPage(await visitAs(ada, openPage, '/admin'));
  await expect(admin.heading).toBeFocused();
  await expect(admin.row('Ada')).toContainText('Owner');
  await expect(admin.page.getByRole('button', { name: 'Manage Ada' })).toHaveCount(0);

  await admin.openTab('Invitations');
  await expect(admin.invitations).toContainText('There are none.');
  const people = admin.invite.getByRole('textbox', { name: 'How many people' });
  await people.fill('5000');
  await people.press('Enter');
  await expect(people).toBeFocused();
  await expect(people).toHaveAccessibleDescription('An invitation is for 1 to 1,000 people.');
  const url = await admin.makeInvitation(2, 3);
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/join#[\w-]{43}$/);
  await expect(admin.invite.getByRole('textbox', { name: 'Link' })).toBeFocused();
  const picture = admin.invite.getByRole('img', { name: 'The link as a QR code' });
  await expect(picture).toBeVisible();
  expect(await picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
  await expect(admin.invitations.getByRole('listitem')).toContainText(['For 2 people']);
  await expect(admin.invitations.getByRole('listitem')).toContainText(['Made by ada']);

  await joinAs(server, 'bob', tokenOf(url), 'Bob');
  await admin.openTab('People');
  await expect(admin.row('Bob')).toContainText('Member');
  await admin.openTab('Invitations');
  await expect(admin.invitations.getByRole('listitem')).toContainText(['For 1 person']);

  await admin.invitations.getByRole('button', { name: /^Revoke: / }).click();
  await admin.dialog('Revoke this invitation?').getByRole('button', { name: 'Revoke' }).click();
  await expect(admin.invitations).toContainText('There are none.');
  await expect(admin.invitations.getByRole('heading')).toBeFocused();
  await expect(joinAs(server, 'carol', tokenOf(url))).rejects.toThrow(/invalid-link/);
});

test('a link is copied', async ({ server, openPage, browserName }) => {
  test.skip(browserName !== 'chromium', 'only Chromium lets a test read what is on the clipboard');
  const ada = await becomeOwner(server, 'ada');
  const admin = new AdminPage(
    await visitAs(ada, openPage, '/admin', { permissions: ['clipboard-read', 'clipboard-write'] }),
  );
  await admin.openTab('Invitations');
  const url = await admin.makeInvitation(1, 1);
  await admin.invite.getByRole('button', { name: 'Copy' }).click();
  await expect(admin.invite.getByText('Copied.')).toBeVisible();
  expect(await admin.page.evaluate(() => navigator.clipboard.readText())).toBe(url);
});

test('people are found by typing, and an owner gives them another role', async ({ server, openPage }) => {
  const { ada, bob } = await people(server);
  const admin = new AdminPage(await visitAs(ada, openPage, '/admin'));
  await expect(admin.row(/Ada|Bob|Carol/)).toHaveCount(3);
  await admin.search.fill('BO');
  await expect(admin.row(/Ada|Bob|Carol/)).toHaveCount(1);
  await expect(admin.page.getByRole('status').filter({ hasText: '1 person' })).toBeVisible();

  const dialog = await admin.manage('Bob');
  await dialog.getByLabel('Role').selectOption('Admin');
  await dialog.getByRole('button', { name: 'Change role' }).click();
  await expect(dialog.getByRole('status')).toHaveText(['Done. The role is Admin now.']);
  await expect(admin.row('Bob')).toContainText('Admin');
  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect(admin.page.getByRole('button', { name: 'Manage Bob' })).toBeFocused();

  // An admin looks after members, and gives no roles.
  const others = new AdminPage(await visitAs(bob, openPage, '/admin'));
  await expect(others.row('Carol')).toBeVisible();
  await expect(others.page.getByRole('button', { name: /^Manage / })).toHaveCount(1);
  const carol = await others.manage('Carol');
  await expect(carol.getByRole('button', { name: 'Reset password' })).toBeVisible();
  await expect(carol.getByLabel('Role')).toHaveCount(0);
  await carol.getByRole('button', { name: 'Close' }).click();
  await others.openTab('Invitations');
  await expect(others.registration).toContainText('Only people with an invitation can make an account.');
  await expect(others.registration.getByRole('switch')).toHaveCount(0);
});

test('whoever is deactivated is signed out at once, and can be let in again', async ({ server, openPage }) => {
  const { ada, bob } = await people(server);
  const admin = new AdminPage(await visitAs(ada, openPage, '/admin'));
  const chat = await visitAs(bob, openPage, '/');
  await expect(new ChatPage(chat).row('Ada')).toBeVisible();
  await bob.request('POST', '/web/login', { username: 'bob', password: 'a wrong one' });
  await admin.page.bringToFront();

  const dialog = await admin.manage('Bob');
  await dialog.getByRole('button', { name: 'Deactivate' }).click();
  const question = admin.dialog('Deactivate Bob?');
  await admin.page.keyboard.press('Escape');
  await expect(question).toBeHidden();
  await expect(dialog.getByRole('button', { name: 'Deactivate' })).toBeFocused();
  await admin.page.keyboard.press('Enter');
  await question.getByRole('button', { name: 'Deactivate' }).click();
  await expectSignedOut(chat, 2_000);
  await expect(dialog.getByRole('button', { name: 'Reactivate' })).toBeVisible();
  await expect(admin.row('Bob')).toContainText('Deactivated');
  const login = { username: 'bob', password: PASSWORD };
  expect((await bob.request('POST', '/web/login', login)).status).toBe(401);

  await dialog.getByRole('button', { name: 'Reactivate' }).click();
  await expect(dialog.getByRole('status').filter({ hasText: 'They can sign in again.' })).toBeVisible();
  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect(admin.row('Bob')).not.toContainText('Deactivated');
  expect((await bob.request('POST', '/web/login', login)).status).toBe(200);

  await admin.openTab('Audit log');
  await expect(admin.row('Reactivated').first()).toContainText('ada');
  await expect(admin.row('Deactivated').first()).toContainText('bob');
  await expect(admin.row('Deactivated').first()).toContainText('127.0.0.1');
  await expect(admin.row('Could not sign in').last()).toContainText('bob');
  await expect(admin.row('Joined: owner link')).toHaveCount(1);
});

test('somebody is signed out everywhere, and gets a link for a new password', async ({ server, openPage }) => {
  const { ada, bob } = await people(server);
  const admin = new AdminPage(await visitAs(ada, openPage, '/admin'));
  const chat = await visitAs(bob, openPage, '/');
  await expect(new ChatPage(chat).row('Ada')).toBeVisible();
  await admin.page.bringToFront();
  const dialog = await admin.manage('Bob');
  await dialog.getByRole('button', { name: 'Sign out everywhere' }).click();
  await admin.dialog('Sign Bob out everywhere?').getByRole('button', { name: 'Sign out' }).click();
  await expectSignedOut(chat, 2_000);
  await expect(dialog.getByRole('status').filter({ hasText: 'Signed out everywhere.' })).toBeVisible();

  await dialog.getByRole('button', { name: 'Reset password' }).click();
  const link = dialog.getByRole('textbox', { name: 'Link' });
  await expect(link).toBeFocused();
  await expect(dialog.getByRole('img', { name: 'The link as a QR code' })).toBeVisible();
  const body = { token: tokenOf(await link.inputValue()), password: 'a password of his own' };
  expect((await bob.request('POST', '/web/reset', body)).status).toBe(200);
  await dialog.getByRole('button', { name: 'Close' }).click();
  await admin.manage('Bob');
  await expect(link).toHaveCount(0);
});

test('an owner opens the registration, and anybody can join', async ({ server, openPage }) => {
  const ada = await becomeOwner(server, 'ada');
  const admin = new AdminPage(await visitAs(ada, openPage, '/admin'));
  await admin.openTab('Invitations');
  const open = admin.registration.getByRole('switch', { name: 'Open registration' });
  await expect(open).not.toBeChecked();
  await expect(joinAs(server, 'bob')).rejects.toThrow(/registration-closed/);
  await open.click();
  await expect(open).toBeChecked();
  await expect(admin.registration).toContainText('Anybody who has the address of this chat');
  await joinAs(server, 'bob');

  await wantProofOnce(admin.page, '**/web/admin/settings');
  await open.click();
  await expect(admin.confirm.dialog).toBeVisible();
  await admin.page.keyboard.press('Escape');
  await expect(open).toBeChecked();
});

test('when a proof is old, it is asked for over the dialog, and the rest goes on', async ({ server, openPage }) => {
  const { ada } = await people(server);
  const admin = new AdminPage(await visitAs(ada, openPage, '/admin'));
  const dialog = await admin.manage('Bob');
  await wantProofOnce(admin.page, '**/web/admin/people/bob/reset');
  await dialog.getByRole('button', { name: 'Reset password' }).click();
  await expect(admin.confirm.password).toBeFocused();
  await admin.confirm.password.fill(PASSWORD);
  await admin.confirm.button.click();
  await expect(admin.confirm.dialog).toBeHidden();
  await expect(dialog.getByRole('textbox', { name: 'Link' })).toBeFocused();
});

test('the audit log goes back a page at a time', async ({ server, openPage }) => {
  const ada = await becomeOwner(server, 'ada');
  const page = await openPage();
  await ada.signInOn(page);
  // A real server refuses to be asked so much at once that its log has two pages.
  const entry = (id: number) => ({ id, at: 1_700_000_000_000, action: 'signed-in', actor: 'ada', detail: `<i>${id}</i>` });
  await page.route('**/web/admin/audit*', (route) => {
    const before = Number(new URL(route.request().url()).searchParams.get('before') ?? 104);
    const number = Math.min(100, before - 1);
    return route.fulfill({ json: Array.from({ length: number }, (_, place) => entry(before - 1 - place)) });
  });
  await page.goto('/admin');
  const admin = new AdminPage(page);
  await admin.openTab('Audit log');
  await expect(admin.row('Signed in: <i>103</i>')).toHaveCount(1);
  await expect(admin.row('Signed in')).toHaveCount(100);
  await page.getByRole('button', { name: 'Show more' }).click();
  await expect(admin.row('Signed in: <i>1</i>')).toHaveCount(1);
  await expect(admin.row('Signed in')).toHaveCount(103);
  await expect(page.getByRole('status').filter({ hasText: '3 entries more.' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Show more' })).toHaveCount(0);
});

test('whoever has no right reads so, and finds the way back', async ({ server, openPage }) => {
  const { bob } = await people(server);
  const page = await visitAs(bob, openPage, '/admin');
  await expect(page.getByRole('main')).toContainText('This page is for owners and admins of this chat.');
  await expect(page.getByRole('tab')).toHaveCount(0);
  await expectAccessible(page, 'the administration for a member');
  await page.getByRole('link', { name: 'Back to the chat' }).click();
  await expect(new ChatPage(page).row('Ada')).toBeVisible();
});

test('the tabs are one stop of the keyboard, and arrows go between them', async ({ server, openPage }) => {
  const ada = await becomeOwner(server, 'ada');
  const admin = new AdminPage(await visitAs(ada, openPage, '/admin'));
  const tab = (name: string) => admin.page.getByRole('tab', { name });
  await expect(admin.heading).toBeFocused();
  await admin.page.keyboard.press('Tab');
  await expect(tab('People')).toBeFocused();
  await admin.page.keyboard.press('ArrowRight');
  await expect(tab('Invitations')).toBeFocused();
  await expect(tab('Invitations')).toHaveAttribute('aria-selected', 'true');
  await expect(admin.page.getByRole('tabpanel', { name: 'Invitations' })).toBeVisible();
  await admin.page.keyboard.press('End');
  await expect(tab('Audit log')).toBeFocused();
  await admin.page.keyboard.press('ArrowRight');
  await expect(tab('People')).toBeFocused();
  await expect(admin.row('Ada')).toBeVisible();
  await admin.page.keyboard.press('Tab');
  await expect(admin.search).toBeFocused();
});

for (const width of [360, 1280]) {
  test(`axe finds nothing in the administration, ${width} wide`, async ({ server, openPage }) => {
    const { ada, bob } = await people(server);
    await ada.ask('PATCH', '/web/admin/people/carol', { deactivated: true });
    await bob.ask('PATCH', '/web/account', { displayName: 'Friends of the long walk along the river to the mill' });
    await ada.request('POST', '/web/login', { username: 'bob', password: 'a wrong one' });
    const page = await openPage({ viewport: { width, height: 800 } });
    await ada.signInOn(page);
    await page.goto('/admin');
    const admin = new AdminPage(page);
    const look = async (state: string) => {
      await expectAccessible(page, state);
      await expectNothingWider(page);
      await pictures(page, `admin-${state.replaceAll(' ', '-')}-${width}`, true);
    };
    await expect(admin.row('Carol')).toContainText('Deactivated');
    await look('people');
    const dialog = await admin.manage('Carol');
    await dialog.getByRole('button', { name: 'Reset password' }).click();
    await expect(dialog.getByRole('img')).toBeVisible();
    await expectAccessible(page, 'a person');
    await pictures(page, `admin-person-${width}`);
    await dialog.getByRole('button', { name: 'Close' }).click();
    await admin.openTab('Invitations');
    await admin.makeInvitation(3, 7);
    await expect(admin.invitations.getByRole('listitem')).toHaveCount(1);
    await expect(admin.registration.getByRole('switch')).toBeVisible();
    await look('invitations');
    await admin.openTab('Audit log');
    await expect(admin.row('Could not sign in')).toBeVisible();
    await look('audit log');
    await page.setViewportSize({ width: 320, height: 640 });
    await expectNothingWider(page);
  });
}
