/// A server that does not answer when the page loads: a banner, and never the login page.
import type { Route } from '@playwright/test';

import { LoginPage } from '../pages/login_page.ts';
import { expect, test } from '../support/test.ts';

const SESSION = '**/web/session';
const FAILURES: [string, (route: Route) => Promise<void>][] = [
  ['cannot be reached', (route) => route.abort()],
  ['is down behind its proxy', (route) => route.fulfill({ status: 502, contentType: 'text/html', body: '<h1>Bad gateway</h1>' })],
];

for (const [what, fail] of FAILURES) {
  test(`a server that ${what} on load gives a banner that tries again by itself`, async ({ visit }) => {
    const alice = await visit('alice', { path: '/people/bob' });
    await alice.write('hello');
    await alice.hasTick('hello', 'Stored');
    await alice.page.route(SESSION, fail);
    await alice.page.reload();
    await expect(alice.banner).toContainText('The server cannot be reached. Trying again…');
    await expect(new LoginPage(alice.page).button).toHaveCount(0);
    await expect(alice.page).toHaveURL('/people/bob');

    await alice.page.unroute(SESSION);
    await expect(alice.message('hello')).toBeVisible({ timeout: 20_000 });
    await expect(alice.banner).toBeHidden();
    await alice.write('back');
    await alice.hasTick('back', 'Stored');
  });
}

test('“Try now” does not wait for the next try', async ({ visit }) => {
  const alice = await visit('alice', { path: '/people/bob' });
  await alice.isOpen('Bob');
  // It fails often enough that the pauses between the tries have grown.
  let tries = 0;
  await alice.page.route(SESSION, async (route) => {
    tries += 1;
    await route.abort();
  });
  await alice.page.reload();
  const again = alice.banner.getByRole('button', { name: 'Try now' });
  await expect(again).toBeVisible();
  const before = tries;
  await again.click();
  await expect.poll(() => tries, { timeout: 1_500, intervals: [50] }).toBeGreaterThan(before);
  await alice.page.unroute(SESSION);
  await expect(async () => {
    if (await again.isVisible()) await again.click({ timeout: 500 });
    await expect(alice.composer).toBeVisible({ timeout: 1_000 });
  }).toPass();
  await alice.isOpen('Bob');
});

test('a session that turns out to have ended leads to the login page after all', async ({ visit }) => {
  const alice = await visit('alice', { path: '/people/bob' });
  await alice.isOpen('Bob');
  await alice.page.route(SESSION, (route) => route.abort());
  await alice.page.reload();
  await expect(alice.banner).toContainText('The server cannot be reached.');
  await alice.page.context().clearCookies();
  await alice.page.unroute(SESSION);
  await new LoginPage(alice.page).isShown(20_000);
});
