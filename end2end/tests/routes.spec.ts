/// Addresses: every route is a deep link with a true status.
import { LoginPage } from '../pages/login_page.ts';
import { expect, test } from '../support/test.ts';

test('a person and a group each have an address', async ({ visit, person }) => {
  const group = await (await (await person('bob')).connect()).ask('createGroup', { name: 'Lunch', members: ['alice'] });
  const alice = await visit('alice', { path: '/people/carol' });
  await alice.isOpen('Carol');
  await expect(alice.row('Carol')).toHaveAttribute('aria-current', 'page');
  await alice.page.goto(`/groups/${group.id}`);
  await alice.isOpen('Lunch');
  await expect(alice.row('Lunch')).toHaveAttribute('aria-current', 'page');
  await expect(alice.row('Carol')).not.toHaveAttribute('aria-current', 'page');
});

test('known routes answer 200, others 404 with a page that leads home', async ({ visit }) => {
  const alice = await visit('alice');
  for (const path of ['/', '/login', '/people/bob', '/groups/anything']) {
    expect((await alice.page.request.get(path)).status(), path).toBe(200);
  }
  const answer = await alice.page.goto('/no/such/place');
  expect(answer?.status()).toBe(404);
  await expect(alice.page.locator('.not-found')).toBeVisible();
  await alice.page.locator('.not-found').getByRole('link').first().click();
  await expect(alice.row('Bob')).toBeVisible();
});

test('somebody who does not exist has no conversation', async ({ visit }) => {
  const alice = await visit('alice');
  for (const path of ['/people/mallory', '/groups/00000000-0000-4000-8000-000000000000']) {
    await alice.page.goto(path);
    await expect(alice.row('Bob')).toBeVisible();
    await expect(alice.composer).toHaveCount(0);
  }
  await alice.open('Bob');
});

test('back and forward go through the conversations', async ({ visit }) => {
  const alice = await visit('alice');
  await alice.open('Bob');
  await alice.open('Carol');
  await alice.page.evaluate(() => history.back());
  await alice.isOpen('Bob');
  await alice.page.evaluate(() => history.forward());
  await alice.isOpen('Carol');
});

test('a page is there for whoever is signed in alone', async ({ openPage }) => {
  const page = await openPage();
  for (const path of ['/', '/people/bob', '/groups/anything']) {
    await page.goto(path);
    await new LoginPage(page).isShown();
  }
});

test('pages come with a content security policy that lets no foreign script run', async ({ visit }) => {
  const alice = await visit('alice');
  const first = (await alice.page.request.get('/')).headers();
  const second = (await alice.page.request.get('/')).headers();
  const policy = first['content-security-policy'] ?? '';
  expect(policy).toMatch(/script-src [^;]*'nonce-[\w+/=-]{16,}'/);
  expect(policy).toContain("'wasm-unsafe-eval'");
  expect(policy).not.toMatch(/script-src [^;]*'unsafe-(inline|eval)'/);
  expect(second['content-security-policy']).not.toBe(policy);
  expect(first['x-content-type-options']).toBe('nosniff');
});

test('the service worker is asked for anew each time, and may fetch from here and do nothing else', async ({ visit }) => {
  const alice = await visit('alice');
  const answer = await alice.page.request.get('/service-worker.js');
  expect(answer.status()).toBe(200);
  expect(answer.headers()).toMatchObject({
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': 'no-cache',
    'content-security-policy': expect.stringContaining("default-src 'none'; connect-src 'self'"),
  });
  const style = await alice.page.locator('link[rel=stylesheet]').getAttribute('href');
  expect(await answer.text()).toContain(`"${style}"`);
  expect((await alice.page.request.get('/')).headers()['content-security-policy']).toContain("worker-src 'self'");
});
