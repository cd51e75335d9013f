/// The app without a server: it opens, shows what was read, and keeps what is written; and it changes its
/// version without losing anything.
import type { Page } from '@playwright/test';

import { LoginPage } from '../pages/login_page.ts';
import { anotherVersion } from '../support/server.ts';
import { expect, test } from '../support/test.ts';

const installed = { context: { serviceWorkers: 'allow' } } as const;

/** Waits until the page could be opened without a server, and would show this then. */
async function isKept(page: Page, text: string): Promise<void> {
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await expect.poll(() => kept(page), { timeout: 15_000 }).toContain(text);
}

/** What is kept in the browser for when there is no server. */
function kept(page: Page): Promise<string> {
  return page.evaluate(
    () =>
      new Promise<string>((done) => {
        const opening = indexedDB.open('natter.offline');
        // It is not there, and is not to be made by looking.
        opening.onupgradeneeded = () => opening.transaction?.abort();
        opening.onerror = () => done('');
        opening.onsuccess = () => {
          const database = opening.result;
          const request = database.transaction('outbox').objectStore('outbox').get('snapshot');
          request.onsuccess = () => {
            database.close();
            done(String(request.result ?? ''));
          };
        };
      }),
  );
}

test('without a server the app opens, shows what was read, and sends what is written once it is back', async ({ server, visit, person }) => {
  const bob = await person('bob');
  const socket = await bob.connect();
  const alice = await visit('alice', { ...installed, path: '/people/bob' });
  await socket.ask('privateMessage', { receiver: 'alice', text: 'see you **there**' });
  await expect(alice.message('see you there')).toBeVisible();
  await alice.write('yes');
  await alice.hasTick('yes', 'Delivered');
  await isKept(alice.page, '"text":"yes"');

  bob.leave();
  await server.stop('SIGKILL');
  await alice.page.reload();
  await alice.isOpen('Bob');
  await alice.shows(['see you there', 'yes']);
  await expect(alice.row('Carol')).toBeVisible();
  await expect(alice.status).toHaveText(/^last seen /);
  await expect(alice.banner).toContainText('The server cannot be reached.');
  await alice.write('from the tunnel');
  await alice.hasTick('from the tunnel', 'Waiting');
  await alice.page.reload();
  await alice.hasTick('from the tunnel', 'Waiting');
  await alice.page.goto('/people/carol');
  await alice.isOpen('Carol');
  await alice.open('Bob');
  await alice.shows(['see you there', 'yes', 'from the tunnel']);

  await server.start();
  await expect(alice.banner).toBeHidden({ timeout: 20_000 });
  await alice.hasTick('from the tunnel', 'Stored');
  await alice.shows(['see you there', 'yes', 'from the tunnel']);
  expect((await bob.history((await bob.conversations())[0]?.id ?? '')).map(({ text }) => text)).toEqual([
    'see you **there**',
    'yes',
    'from the tunnel',
  ]);
});

test('what was open when the line went down can be read without it', async ({ server, visit, person }) => {
  const socket = await (await person('bob')).connect();
  for (const text of ['the first', 'the last']) await socket.ask('privateMessage', { receiver: 'alice', text });
  const before = await visit('alice', { path: '/people/bob' });
  await expect(before.message('the last')).toBeVisible();
  await expect(before.unread('Bob')).toHaveCount(0);

  // Nothing changes by opening what was read before.
  const alice = await visit('alice', installed);
  await isKept(alice.page, '"text":"the last"');
  expect(await kept(alice.page)).not.toContain('the first');
  await alice.open('Bob');
  await alice.shows(['the first', 'the last']);
  await server.stop('SIGKILL');
  await isKept(alice.page, '"text":"the first"');
  await alice.page.reload();
  await alice.shows(['the first', 'the last']);
});

test('what others wrote meanwhile is there afterwards, without a gap', async ({ server, visit, person }) => {
  const bob = await person('bob');
  const alice = await visit('alice', { ...installed, path: '/people/bob' });
  await alice.write('before');
  await alice.hasTick('before', 'Stored');
  await isKept(alice.page, '"text":"before"');
  await server.stop('SIGTERM');
  await alice.page.reload();
  await alice.shows(['before']);
  await alice.page.route('**/web/session', (route) => route.abort());
  await server.start();
  const socket = await bob.connect();
  for (const text of ['one', 'two', 'three']) await socket.ask('privateMessage', { receiver: 'alice', text });
  await alice.page.unroute('**/web/session');
  await expect(alice.banner).toBeHidden({ timeout: 20_000 });
  await alice.shows(['before', 'one', 'two', 'three']);
});

test('whoever signs out leaves nothing behind, not even without a server', async ({ server, visit }) => {
  const alice = await visit('alice', { ...installed, path: '/people/bob' });
  await alice.write('between us');
  await alice.hasTick('between us', 'Stored');
  await isKept(alice.page, 'between us');
  await alice.account.askToSignOut();
  await new LoginPage(alice.page).isShown();
  await expect.poll(() => kept(alice.page)).toBe('');
  await server.stop('SIGKILL');
  await alice.page.goto('/people/bob');
  await expect(alice.banner).toContainText('The server cannot be reached.');
  await expect(alice.rows).toHaveCount(0);
  await expect(alice.page.locator('body')).not.toContainText('between us');
});

test('a session that ended meanwhile leads to the login page, and nothing of it stays', async ({ server, visit }) => {
  const alice = await visit('alice', { ...installed, path: '/people/bob' });
  await alice.write('between us');
  await alice.hasTick('between us', 'Stored');
  await isKept(alice.page, 'between us');
  await server.stop('SIGKILL');
  await alice.page.reload();
  await expect(alice.message('between us')).toBeVisible();
  await alice.page.context().clearCookies();
  await server.start();
  await new LoginPage(alice.page).isShown(20_000);
  await expect.poll(() => kept(alice.page)).toBe('');
});

test('another version is there when somebody wants it, and what is typed stays', async ({ server, visit }, testInfo) => {
  const alice = await visit('alice', { ...installed, path: '/people/bob' });
  await alice.isOpen('Bob');
  await isKept(alice.page, 'bob');
  await alice.composer.fill('half a sen');
  await server.stop();
  await server.start(anotherVersion(testInfo.outputPath()));
  const card = alice.page.locator('.new-version');
  await expect(card).toContainText('A new version is ready.', { timeout: 20_000 });
  await expect(alice.composer).toHaveValue('half a sen');
  await card.getByRole('button', { name: 'Reload' }).click();
  await expect(alice.page.locator('link[rel=stylesheet]')).toHaveAttribute('href', '/pkg/natter.another.css');
  await alice.isOpen('Bob');
  await expect(alice.composer).toHaveValue('half a sen');
  await expect(card).not.toContainText('A new version');

  // The other version opens without a server as well.
  await server.stop('SIGKILL');
  await alice.page.reload();
  await alice.isOpen('Bob');
  await expect(alice.page.locator('link[rel=stylesheet]')).toHaveAttribute('href', '/pkg/natter.another.css');
});

test('the app can be installed, with icons of its own', async ({ openPage, request, server }) => {
  const page = await openPage();
  await page.goto('/login');
  const address = await page.locator('link[rel=manifest]').getAttribute('href');
  const answer = await request.get(server.origin + address);
  expect(answer.headers()['content-type']).toContain('application/manifest+json');
  const manifest = (await answer.json()) as { display: string; start_url: string; icons: { src: string; sizes: string; type: string }[] };
  expect(manifest).toMatchObject({ name: 'Natter', display: 'standalone', start_url: '/' });
  expect(manifest.icons.map(({ sizes }) => sizes)).toEqual(expect.arrayContaining(['192x192', '512x512']));
  for (const { src, type, sizes } of manifest.icons) {
    const icon = await request.get(server.origin + src);
    expect(icon.headers()['content-type']).toMatch(new RegExp(`^${type.replace('+', '\\+')}(;|$)`));
    if (type !== 'image/png') continue;
    const picture = await icon.body();
    expect(`${picture.readUInt32BE(16)}x${picture.readUInt32BE(20)}`, src).toBe(sizes);
  }
});
