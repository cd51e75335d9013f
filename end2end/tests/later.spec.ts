/// Pages and dialogs whose code is fetched when nothing else is to do, or when they are first opened.
import type { ChatPage } from '../pages/chat_page.ts';
import { SettingsPage } from '../pages/settings_page.ts';
import { expect, test } from '../support/test.ts';

const LATER = '**/pkg/split_later.*.wasm';

/** Follows a link to the settings within the page. */
async function openSettings(chat: ChatPage): Promise<void> {
  await chat.page.evaluate(() => {
    const link = document.createElement('a');
    link.href = '/settings';
    document.body.append(link);
    link.click();
    link.remove();
  });
}

test('what comes later is fetched once, and shares what the others know', async ({ visit, person }) => {
  const fetched: string[] = [];
  const alice = await visit('alice', {
    prepare: async (page) => page.on('request', (request) => fetched.push(new URL(request.url()).pathname)),
  });
  await expect(alice.row('Bob')).toBeVisible();
  const files = () => fetched.filter((path) => path.startsWith('/pkg/'));
  // Three files are the client, and one is everything that comes later.
  await expect.poll(files).toHaveLength(4);

  await openSettings(alice);
  const settings = new SettingsPage(alice.page);
  await expect(settings.profile).toContainText('alice');
  expect(files()).toHaveLength(4);

  // What the page changes is what the chat shows, and what comes meanwhile is there afterwards.
  const bob = await (await person('bob')).connect();
  await bob.ask('privateMessage', { receiver: 'alice', text: 'hello' });
  await settings.profile.getByLabel('Display name').fill('Alice A.');
  await settings.profile.getByRole('button', { name: 'Save' }).click();
  await expect(settings.profile.getByRole('status')).toContainText('Saved.');

  for (let turn = 0; turn < 3; turn += 1) {
    await alice.page.goBack();
    await expect(alice.navigation).toContainText('Alice A.');
    await alice.open('Bob');
    await expect(alice.message('hello')).toBeVisible();
    await alice.write(`hello ${turn}`);
    await alice.hasTick(`hello ${turn}`, 'Delivered');
    await openSettings(alice);
    await expect(settings.profile.getByLabel('Display name')).toHaveValue('Alice A.');
  }
  expect(files()).toHaveLength(4);
});

test('a page that is opened by its address is fetched at once', async ({ visit }) => {
  const alice = await visit('alice');
  await alice.page.goto('/settings');
  await expect(new SettingsPage(alice.page).profile).toContainText('alice');
});

test('a page that cannot be fetched says so and can be tried again', async ({ visit }) => {
  const alice = await visit('alice', { prepare: (page) => page.route(LATER, (route) => route.abort()) });
  for (const fail of ['abort', 'gone'] as const) {
    await alice.page.route(LATER, (route) => (fail === 'abort' ? route.abort() : route.fulfill({ status: 404 })));
    await openSettings(alice);
    await expect(alice.page.getByRole('alert')).toContainText('This page could not be loaded.');
    await alice.page.getByRole('button', { name: 'Try again' }).click();
    await expect(alice.page.getByRole('alert')).toContainText('This page could not be loaded.');
    if (fail === 'abort') {
      await alice.page.goBack();
      await expect(alice.row('Bob')).toBeVisible();
    }
  }
  await alice.page.unroute(LATER);
  await alice.page.getByRole('button', { name: 'Try again' }).click();
  await expect(alice.page.getByRole('heading', { name: 'Settings' })).toBeVisible();
});

test('a client that came with the second try fetches its later pages too', async ({ visit }) => {
  let failed = 0;
  const alice = await visit('alice', {
    prepare: (page) =>
      page.route(/\/pkg\/natter\.[^/]*\.js$/, (route) => {
        failed += 1;
        return route.abort();
      }),
  });
  await expect(alice.row('Bob')).toBeVisible();
  expect(failed).toBeGreaterThan(0);
  await openSettings(alice);
  await expect(alice.page.getByRole('heading', { name: 'Settings' })).toBeVisible();
});

test('a group is begun without the server too, once the chat was idle', async ({ visit }) => {
  const fetched: string[] = [];
  const alice = await visit('alice', {
    prepare: async (page) => page.on('requestfinished', (request) => fetched.push(request.url())),
  });
  await expect(alice.row('Bob')).toBeVisible();
  await expect.poll(() => fetched.join()).toContain('split_later');
  await alice.page.context().setOffline(true);
  const dialog = await alice.openNewGroup();
  await dialog.cancel.click();
  await expect(alice.newGroup).toBeFocused();
});

test('a dialog that cannot be fetched says so, can be closed, and comes with the next try', async ({ visit }) => {
  const alice = await visit('alice', { prepare: (page) => page.route(LATER, (route) => route.abort()) });
  await alice.newGroup.click();
  const sorry = alice.page.getByRole('dialog', { name: 'This could not be loaded.' });
  await expect(sorry).toBeVisible();
  await sorry.getByRole('button', { name: 'Close' }).click();
  await expect(sorry).toHaveCount(0);
  await expect(alice.newGroup).toBeFocused();
  await alice.page.unroute(LATER);
  await alice.openNewGroup();
});
