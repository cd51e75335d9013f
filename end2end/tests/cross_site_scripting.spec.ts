/// Whatever somebody types, and wherever, it is text to everybody: nothing of it becomes an element, and
/// nothing of it runs. A violation of a page's policy fails these stories too, because there was something
/// that the policy had to stop.
import type { Locator, Page } from '@playwright/test';

import { AdminPage } from '../pages/admin_page.ts';
import { ChatPage } from '../pages/chat_page.ts';
import { JoinPage } from '../pages/join_page.ts';
import { LoginPage } from '../pages/login_page.ts';
import { RecoverPage } from '../pages/recover_page.ts';
import { SettingsPage } from '../pages/settings_page.ts';
import { ATTACKS, NAMES, test, Watch } from '../support/attacks.ts';
import { begin, invite, join, ownerToken, PASSWORD, WITH_ACCOUNTS } from '../support/entering.ts';
import type { Person } from '../support/person.ts';
import type { Server } from '../support/server.ts';
import { expect } from '../support/test.ts';

test.use({ serverOptions: WITH_ACCOUNTS });

/** One that does many things at once, and is short enough for every field. */
const ATTACK = `"'><img src=x onerror="alert(1);hacked=1"><b>{{7*7}}</b>&lt;`;
/** For names, of which no two may look alike. */
const OTHER_ATTACK = `</title></style><svg onload=hacked=1><script>hacked=1</script>`;

/** An owner and a member whom they invited, with sockets and no browsers. */
async function people(server: Server): Promise<{ olga: Person; greta: Person }> {
  const olga = await begin(server);
  return { olga, greta: await join(server, 'greta', await invite(olga)) };
}

async function rename(person: Person, displayName: string): Promise<void> {
  const answer = await fetch(`${person.origin}/web/account`, {
    method: 'PATCH',
    headers: { cookie: person.cookie, 'content-type': 'application/json' },
    body: JSON.stringify({ displayName }),
  });
  await person.json(answer);
}

/** The text of each element to the letter, which the assertions for texts do not look at. */
async function showsToTheLetter(texts: Locator, expected: string[]): Promise<void> {
  await expect(texts).toHaveCount(expected.length);
  expect(await texts.evaluateAll((elements) => elements.map((element) => element.textContent))).toEqual(expected);
}

/** The same for messages. Signs that may give words a form are left out of those that have any, and of no other. */
async function saysToTheLetter(texts: Locator, expected: string[]): Promise<void> {
  const mayHaveForm = (text: string) => /[`*]|^> |\n/.test(text);
  const bare = (text: string) => text.replace(/^> /gm, '').replace(/[`*\n]/g, '');
  const compared = (text: string, index: number) => (mayHaveForm(expected[index] ?? '') ? bare(text) : text);
  await expect(texts).toHaveCount(expected.length);
  const shown = await texts.evaluateAll((elements) => elements.map((element) => element.textContent ?? ''));
  expect(shown.map(compared)).toEqual(expected.map(compared));
}

/** The address as the page has it, without whose it is. */
async function path(page: Page): Promise<string> {
  return page.evaluate(() => location.pathname + location.search + location.hash);
}

test('these stories would notice markup, and the policy of every page stops what it would run', async ({ nextBrowser, server }) => {
  const page = await (await nextBrowser()).newPage({ baseURL: server.origin });
  const watch = await Watch.over(page);
  await new LoginPage(page).goto();
  await watch.sawNothing();

  await page.getByRole('main').evaluate((main) => {
    const attacks = [
      '<img src=x onerror=hacked=1>',
      '<svg onload=hacked=1></svg>',
      '<iframe srcdoc="<script>parent.hacked=1</script>"></iframe>',
      '<a href="javascript:hacked=1">here</a>',
    ];
    main.insertAdjacentHTML('afterbegin', attacks.join(''));
  });
  await page.getByText('here').click();
  await expect.poll(() => watch.violations()).toEqual(expect.arrayContaining([expect.stringMatching(/^script-src-attr inline/)]));
  expect(await watch.strangers()).toHaveLength(4);
  expect(await watch.marker()).toBeUndefined();

  await page.evaluate(() => Object.assign(window, { hacked: 1 }));
  expect(await watch.marker()).toBe(1);
  await page.evaluate(() => alert(1));
  expect(watch.dialogs).toEqual(['1']);
  await page.close();
});

test('a username of markup is refused, wherever it is typed', async ({ server, openPage, watches }) => {
  const page = await openPage();
  const [watch] = watches;
  const owner = new JoinPage(page);
  await owner.open(await ownerToken(server));
  for (const attack of NAMES) {
    await owner.join(attack, 'Olga', PASSWORD);
    await expect(owner.username).toHaveAccessibleDescription(/^A username has/);
    await expect(owner.username).toHaveValue(attack);
    await watch?.sawNothing();
  }
  await owner.join('olga', 'Olga', PASSWORD);
  const chat = new ChatPage(page);
  await expect(chat.account.button).toContainText('Olga');
  await chat.account.askToSignOut();

  const login = new LoginPage(page);
  await login.isShown();
  for (const attack of NAMES) {
    await login.signIn(attack, PASSWORD);
    await expect(login.error).toHaveText('The username or the password is not right.');
    await login.button.focus();
    await login.password.fill('');
    await login.button.click();
    await expect(login.error).toHaveText('Type your password.');
    await watch?.sawNothing();
  }

  await login.lost.click();
  const recover = new RecoverPage(page);
  for (const attack of NAMES) {
    await recover.recover(attack, attack, PASSWORD);
    await expect(recover.code).toHaveAccessibleDescription(/is not right/);
    await recover.recover(attack, attack, '1');
    await expect(recover.password).toBeFocused();
    await expect(recover.username).toHaveValue(attack);
    await watch?.sawNothing();
  }
});

test('a display name is text wherever it is read', async ({ server, openPage, visit, watches }) => {
  const olga = await begin(server);
  const page = await openPage();
  const guest = new JoinPage(page);
  await guest.open(await invite(olga));
  await guest.join('greta', ATTACK, PASSWORD);
  const greta = new ChatPage(page);
  await expect(greta.account.button).toContainText(ATTACK);

  await page.goto('/settings');
  const settings = new SettingsPage(page);
  const name = settings.profile.getByRole('textbox', { name: 'Display name' });
  await expect(name).toHaveValue(ATTACK);
  await name.fill(OTHER_ATTACK);
  await name.press('Enter');
  await expect(settings.profile.getByRole('status')).toContainText('Saved.');
  await page.reload();
  await expect(name).toHaveValue(OTHER_ATTACK);

  const host = await visit('olga', { password: PASSWORD });
  await expect(host.row(OTHER_ATTACK)).toBeVisible();
  await host.open(OTHER_ATTACK);
  await expect(host.page).toHaveURL('/people/greta');
  await expect(host.timeline).toContainText(`No messages yet. Say hello to ${OTHER_ATTACK}.`);
  const dialog = await host.openNewGroup();
  await dialog.search.fill('onload');
  await dialog.make('Lunch', [OTHER_ATTACK]);
  await host.isOpen('Lunch');
  await expect(host.status).toHaveText(`2 members: ${OTHER_ATTACK}, Olga`);
  await host.write('Hello');

  await page.goto('/');
  await greta.open('Lunch');
  await greta.write('Hello yourself');
  await expect(host.message('Hello yourself').locator('.message-author')).toHaveText(OTHER_ATTACK);
  await expect(host.row('Lunch')).toContainText(`${OTHER_ATTACK}: Hello yourself`);
  await host.page.getByRole('button', { name: /who has it/ }).first().click();
  await expect(host.message('Hello').locator('.message-receipts')).toContainText(OTHER_ATTACK);
  // As it is read by itself, by others at once, and in a link for somebody who is here already.
  const again = new JoinPage(page);
  await again.open(await invite(olga));
  await expect(page.locator('.login-lead')).toContainText(`You are signed in as ${OTHER_ATTACK}.`);
  for (const watch of watches) await watch.sawNothing();
});

test('every name of markup is shown as it was typed, and its row is found by it', async ({ server, visit, watches }) => {
  const { greta } = await people(server);
  const olga = await visit('olga', { password: PASSWORD });
  await expect(olga.row('Greta')).toBeVisible();
  for (const name of NAMES) {
    await rename(greta, name);
    await expect(olga.row(name)).toBeVisible();
    await showsToTheLetter(olga.row(name).locator('.conversation-row-name'), [name]);
    await olga.search.fill(name);
    await expect(olga.row(name)).toBeVisible();
    await olga.search.fill('');
    await watches[0]?.sawNothing();
  }
});

test('a group of any name is called so to the letter', async ({ server, visit, watches }) => {
  await people(server);
  const [olga, greta] = [
    await visit('olga', { password: PASSWORD }),
    await visit('greta', { password: PASSWORD }),
  ];
  for (const name of [...NAMES, '\u202e>tpircs/<1=dekcah>tpircs<\u202c']) {
    const dialog = await olga.openNewGroup();
    await dialog.make(name, ['Greta']);
    await expect(dialog.dialog).toHaveCount(0);
    await showsToTheLetter(olga.heading, [name]);
    await showsToTheLetter(greta.navigation.locator('.conversation-row-name').filter({ hasText: name }), [name]);
    await expect(olga.page).toHaveTitle('Natter');
    for (const watch of watches) await watch.sawNothing();
  }
  await greta.row(NAMES[0] ?? '').click();
  await greta.isOpen(NAMES[0] ?? '');
});

test('two hundred attacks in one private message are one text', async ({ server, visit, watches }) => {
  expect(new Set(ATTACKS).size).toBe(200);
  await people(server);
  const [olga, greta] = [
    await visit('olga', { password: PASSWORD, path: '/people/greta' }),
    await visit('greta', { password: PASSWORD }),
  ];
  const text = ATTACKS.join('\n');
  await olga.write(text);
  await expect(greta.unread('Olga')).toHaveText('1');
  await expect(greta.page).toHaveTitle('(1) Natter');
  await expect(greta.row('Olga')).toContainText(text.slice(0, 20));
  await greta.open('Olga');
  for (const chat of [olga, greta]) await saysToTheLetter(chat.messages.locator('.message-text'), [text]);
  await greta.page.reload();
  await saysToTheLetter(greta.messages.locator('.message-text'), [text]);
  for (const watch of watches) await watch.sawNothing();
});

test('two hundred attacks in a group are two hundred texts, as they come and when they are loaded', async ({
  server,
  visit,
  watches,
}) => {
  const { greta } = await people(server);
  const socket = await greta.connect();
  const group = await socket.ask('createGroup', { name: 'Lunch', members: ['olga'] });
  const olga = await visit('olga', { password: PASSWORD, path: `/groups/${group.id}` });
  await olga.isOpen('Lunch');
  for (const text of ATTACKS) await socket.ask('groupMessage', { groupId: group.id, text });
  const texts = olga.messages.locator('.message-text');
  await saysToTheLetter(texts, ATTACKS);
  await expect(olga.row('Lunch')).toContainText(`Greta: ${(ATTACKS.at(-1) ?? '').trim()}`);
  await watches[0]?.sawNothing();

  await olga.page.reload();
  await expect(texts.last()).toBeInViewport();
  await olga.timeline.hover();
  await expect(async () => {
    await olga.page.mouse.wheel(0, -2_000);
    await expect(texts).toHaveCount(ATTACKS.length, { timeout: 200 });
  }).toPass({ timeout: 30_000, intervals: [0] });
  await saysToTheLetter(texts, ATTACKS);
});

test('a draft is kept as it was typed, and so is a message that waits', async ({ server, visit, watches }) => {
  await people(server);
  const olga = await visit('olga', { password: PASSWORD, path: '/people/greta' });
  await olga.composer.fill(ATTACKS.join('\n'));
  await expect(olga.send).toBeEnabled();
  await olga.page.reload();
  await expect(olga.composer).toHaveValue(ATTACKS.join('\n'));
  await watches[0]?.sawNothing();
  await olga.account.askToSignOut();
  await expect(olga.account.dialog).toContainText('1 draft is kept in this browser.');
  await olga.account.cancel.click();

  await olga.page.context().setOffline(true);
  await olga.write(ATTACK);
  await olga.hasTick(ATTACK, 'Waiting');
  await olga.page.context().setOffline(false);
  await olga.hasTick(ATTACK, 'Stored');
  await showsToTheLetter(olga.messages.locator('.message-text'), [ATTACK]);
});

test('what one looks for is repeated as text where it is not found', async ({ server, visit, watches }) => {
  await people(server);
  const olga = await visit('olga', { password: PASSWORD });
  await expect(olga.row('Greta')).toBeVisible();
  const dialog = await olga.openNewGroup();
  for (const attack of NAMES) {
    await dialog.search.fill(attack);
    await expect(dialog.dialog).toContainText(`Nobody is called “${attack}”.`);
  }
  await dialog.cancel.click();
  for (const attack of NAMES) {
    await olga.search.fill(attack);
    await expect(olga.navigation.getByText(`Nobody and no group is called “${attack}”.`, { exact: true })).toBeVisible();
    await watches[0]?.sawNothing();
  }
  await olga.page.goto('/admin');
  const admin = new AdminPage(olga.page);
  await admin.search.fill(ATTACK);
  await expect(olga.page.getByRole('status').filter({ hasText: '0 people' })).toBeVisible();
});

test('an address with markup opens nothing, and says so in text', async ({ server, visit, watches }) => {
  await people(server);
  const olga = await visit('olga', { password: PASSWORD });
  for (const attack of ['<img src=x onerror=hacked=1>', '"><svg onload=hacked=1>', 'javascript:hacked=1', '{{7*7}}']) {
    for (const address of [`/people/${attack}`, `/people/${encodeURIComponent(attack)}`]) {
      await olga.page.goto(address);
      await expect(olga.conversation).toContainText('There is nobody called “');
      await expect(olga.composer).toHaveCount(0);
      await expect(olga.row('Greta')).toBeVisible();
      await watches[0]?.sawNothing();
    }
    await olga.page.goto(`/groups/${attack}`);
    await expect(olga.conversation).toContainText('There is no such group');
    await expect(olga.composer).toHaveCount(0);
    await expect(olga.page).toHaveTitle('Natter');
    await watches[0]?.sawNothing();
  }
  for (const address of ['/groups/<script>hacked=1</script>', '/<img src=x onerror=hacked=1>', '/javascript:hacked=1']) {
    const answer = await olga.page.goto(address);
    expect(answer?.status()).toBe(404);
    expect(await answer?.text()).not.toMatch(/hacked/);
    await expect(olga.page.locator('.not-found')).toBeVisible();
    await watches[0]?.sawNothing();
  }
  for (const query of ['?<script>hacked=1</script>', `?x=${ATTACK}`, '#<img src=x onerror=hacked=1>', '#javascript:hacked=1']) {
    await olga.page.goto(`/people/greta${query}`);
    await olga.isOpen('Greta');
    await watches[0]?.sawNothing();
  }
});

test('a link that is an attack is one that does not work, and is left nowhere', async ({ server, openPage, watches }) => {
  await begin(server);
  const page = await openPage();
  const guest = new JoinPage(page);
  for (const token of [
    '<script>hacked=1</script>',
    '<img src=x onerror=hacked=1>',
    'javascript:hacked=1',
    `"><svg onload=hacked=1>`,
    '//evil.example/',
    'data:text/html,<script>hacked=1</script>',
  ]) {
    // Nothing is loaded for another fragment alone.
    await page.goto('/recover');
    await guest.open(token);
    await expect(guest.heading).toHaveText('This link does not work');
    await expect(guest.signIn).toHaveAttribute('href', '/login');
    expect(await path(page)).toBe('/join');
    await expect(page.getByText('hacked')).toHaveCount(0);
    await watches[0]?.sawNothing();
  }
  await page.goto(`/join?token=${ATTACK}`);
  await expect(guest.heading).toHaveText('People join by invitation');
});

test('signing in leads to no other place, whatever the address asks for', async ({ server, openPage, watches }) => {
  await begin(server);
  const page = await openPage();
  const login = new LoginPage(page);
  const chat = new ChatPage(page);
  for (const next of ['//evil.example', '/\\evil.example', 'https://evil.example/', 'javascript:hacked=1']) {
    await page.context().clearCookies();
    await page.goto(`/login?next=${encodeURIComponent(next)}`);
    await login.signIn('olga', PASSWORD);
    await expect(chat.account.button).toContainText('Olga');
    await expect(page).toHaveURL('/');
    await watches[0]?.sawNothing();
  }
  // Who is signed in is sent on at once.
  for (const next of [
    '/\\\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '///evil.example',
    '/%2f%2fevil.example',
    'http:evil.example',
    'JaVaScRiPt:hacked=1',
    ' javascript:hacked=1',
    'java\nscript:hacked=1',
    'data:text/html,<script>hacked=1</script>',
    '/login?next=//evil.example',
    '<script>hacked=1</script>',
  ]) {
    await page.goto(`/login?next=${encodeURIComponent(next)}`);
    await expect(chat.account.button).toContainText('Olga');
    await expect(page).toHaveURL('/');
    await watches[0]?.sawNothing();
  }
  // What is an address of a person, by its form alone, stays within.
  for (const person of ['<img src=x onerror=hacked=1>', '\\evil.example', 'javascript:hacked=1']) {
    await page.goto(`/login?next=${encodeURIComponent(`/people/${person}`)}`);
    await expect(chat.conversation).toContainText('There is nobody called “');
    expect(new URL(page.url()).origin).toBe(server.origin);
    await watches[0]?.sawNothing();
  }
});

test('the administration and its log show names and words as they are', async ({ server, visit, watches }) => {
  const { olga, greta } = await people(server);
  await rename(greta, ATTACK);
  for (const username of NAMES) {
    await fetch(`${server.origin}/web/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': OTHER_ATTACK },
      body: JSON.stringify({ username, password: ATTACK }),
    });
  }
  await rename(olga, OTHER_ATTACK);
  const { page } = await visit('olga', { password: PASSWORD, path: '/admin' });
  const admin = new AdminPage(page);
  await expect(admin.row(ATTACK)).toContainText('Member');
  await showsToTheLetter(page.getByRole('row').locator('strong').filter({ hasText: 'onerror' }), [ATTACK]);
  const dialog = await admin.manage(ATTACK);
  await dialog.getByRole('button', { name: 'Sign out everywhere' }).click();
  await expect(admin.dialog(`Sign ${ATTACK} out everywhere?`)).toBeVisible();
  await page.keyboard.press('Escape');
  await dialog.getByRole('button', { name: 'Deactivate' }).click();
  await expect(admin.dialog(`Deactivate ${ATTACK}?`)).toBeVisible();
  await watches[0]?.sawNothing();
  await page.keyboard.press('Escape');
  await dialog.getByRole('button', { name: 'Close' }).click();

  await admin.openTab('Audit log');
  await expect(admin.row(`Changed the display name: ${ATTACK}`)).toHaveCount(1);
  await expect(admin.row(`Changed the display name: ${OTHER_ATTACK}`)).toHaveCount(1);
  await expect(admin.row('Could not sign in')).toHaveCount(NAMES.length);
  await watches[0]?.sawNothing();
});

test('even a server that is not ours could put nothing into the administration', async ({ server, visit, watches }) => {
  await people(server);
  const olga = await visit('olga', { password: PASSWORD });
  const { page } = olga;
  await page.route('**/web/admin/audit*', (route) =>
    route.fulfill({
      json: ATTACKS.slice(0, 99).map((attack, place) => ({
        id: 99 - place,
        at: 1_700_000_000_000,
        action: attack,
        actor: attack,
        subject: attack.slice(1),
        address: attack,
        detail: attack,
      })),
    }),
  );
  await page.goto('/admin');
  const admin = new AdminPage(page);
  await admin.openTab('Audit log');
  await expect(page.getByRole('row')).toHaveCount(100);
  await showsToTheLetter(
    page.getByRole('row').last().getByRole('cell').nth(1),
    [`${ATTACKS[98]}: ${ATTACKS[98]}`],
  );
  await watches[0]?.sawNothing();
});

test('the devices are named by words of ours, whatever a browser says of itself', async ({ server, visit, watches }) => {
  await people(server);
  for (const agent of [ATTACK, `${OTHER_ATTACK} Firefox/140.0`, `Mozilla/5.0 (Windows; ${ATTACK}) Chrome/140.0`]) {
    const answer = await fetch(`${server.origin}/web/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': agent },
      body: JSON.stringify({ username: 'greta', password: PASSWORD }),
    });
    expect(answer.status).toBe(200);
  }
  const { page } = await visit('greta', { password: PASSWORD, path: '/settings' });
  const settings = new SettingsPage(page);
  const others = settings.device('other').locator('strong');
  // One more is that in which the account was made.
  await expect(others).toHaveCount(4);
  expect((await others.allTextContents()).sort()).toEqual(['A program', 'A program', 'Chrome on Windows', 'Firefox']);
  await watches[0]?.sawNothing();

  // And if they were not: what is shown is text.
  const device = { id: ATTACK, current: false, createdAt: 1_700_000_000_000, lastSeenAt: 1_700_000_000_000 };
  const devices = NAMES.map((name) => ({ ...device, browser: name, address: name }));
  await page.route('**/web/sessions', (route) => route.fulfill({ json: devices }));
  await page.reload();
  await showsToTheLetter(others, NAMES);
  await watches[0]?.sawNothing();
});

test('the name of a passkey is text, in its row and in the question before its end', async ({ server, visit, watches }) => {
  await people(server);
  const { page } = await visit('greta', { password: PASSWORD });
  // As if they had been added, which not every browser can be made to do by a test.
  await page.route('**/web/account', async (route) => {
    const answer = await route.fetch();
    const account = (await answer.json()) as object;
    const passkeys = NAMES.map((name, place) => ({ id: `id${place}`, name, createdAt: 1_700_000_000_000, lastUsedAt: null }));
    await route.fulfill({ response: answer, json: { ...account, passkeys } });
  });
  await page.goto('/settings');
  const settings = new SettingsPage(page);
  await showsToTheLetter(settings.passkeys.getByRole('listitem').locator('strong'), NAMES);
  for (const name of NAMES) {
    await settings.passkeys.getByRole('button', { name: `Remove ${name}`, exact: true }).click();
    await expect(settings.dialog(`Remove “${name}”?`)).toBeVisible();
    await watches[0]?.sawNothing();
    await page.keyboard.press('Escape');
    await expect(settings.dialog(`Remove “${name}”?`)).toBeHidden();
  }
});
