/// Refreshing: the session stays, and so does the place.
import { countSockets } from '../support/wire.ts';
import { numbered, sendNumbered } from '../support/history.ts';
import { expect, test } from '../support/test.ts';

test('a refresh keeps the session, the conversation and what was being written', async ({ visit }) => {
  const [alice, bob] = [await visit('alice'), await visit('bob')];
  await alice.open('Bob');
  await alice.write('hello');
  await alice.composer.fill('half a sen');
  await alice.page.reload();
  await alice.isOpen('Bob');
  await expect(alice.message('hello')).toBeVisible();
  await expect(alice.composer).toHaveValue('half a sen');
  await alice.write('half a sentence');
  await expect(bob.row('Alice')).toContainText('half a sentence');
});

test('each conversation keeps a draft of its own', async ({ visit }) => {
  const alice = await visit('alice');
  await alice.open('Bob');
  await alice.composer.fill('for bob');
  await alice.open('Carol');
  await expect(alice.composer).toHaveValue('');
  await alice.composer.fill('for carol');
  await alice.open('Bob');
  await expect(alice.composer).toHaveValue('for bob');
  await alice.open('Carol');
  await expect(alice.composer).toHaveValue('for carol');
});

test('the login page does not flash on the way', async ({ visit }) => {
  const alice = await visit('alice', { path: '/people/bob' });
  await alice.page.addInitScript(() => {
    const look = () => {
      const buttons = [...document.querySelectorAll('button')].filter((button) => button.textContent?.includes('Sign in'));
      // The form is part of every page that is served.
      const shown = buttons.some((button) => button.checkVisibility());
      if (shown || location.pathname === '/login') Object.assign(window, { sawLogin: true });
    };
    new MutationObserver(look).observe(document, { attributes: true, childList: true, subtree: true });
  });
  await alice.page.reload();
  await alice.isOpen('Bob');
  expect(await alice.page.evaluate(() => 'sawLogin' in window)).toBe(false);
});

test('the others see no flicker of presence', async ({ visit, person }) => {
  const alice = await visit('alice', { path: '/people/bob' });
  const bob = await (await person('bob')).connect();
  await expect(alice.status).toHaveText('online');
  await alice.page.reload();
  await alice.isOpen('Bob');
  await alice.write('back again');
  await bob.message('back again');
  expect(bob.all('onlineStatus').filter((event) => event.username === 'alice' && !event.online)).toEqual([]);
});

test('one tab has one socket, wherever one goes in it', async ({ visit }) => {
  let sockets!: () => Promise<number>;
  const alice = await visit('alice', { prepare: async (page) => (sockets = await countSockets(page)) });
  for (const name of ['Bob', 'Carol', 'Dave', 'Bob']) await alice.open(name);
  await alice.write('hello');
  await alice.hasTick('hello', 'Stored');
  expect(await sockets()).toBe(1);
});

test('what a page needs first is asked for once, beside the client and not after it', async ({ visit, person }) => {
  await sendNumbered(await person('bob'), 'alice', 1, 25);
  const alice = await visit('alice', { path: '/people/bob' });
  await expect(alice.message(numbered(25))).toBeInViewport();
  await expect(alice.unread('Bob')).toHaveCount(0);
  // With more to read it would begin further up; the page knows what is read before the server does.
  const unread = async () => {
    const conversations = await alice.page.request.get('/web/conversations');
    return ((await conversations.json()) as { unread: number }[]).map((it) => it.unread);
  };
  await expect.poll(unread).toEqual([0]);
  const asked: string[] = [];
  alice.page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  let come = () => {};
  const hasCome = new Promise<void>((resolve) => (come = resolve));
  await alice.page.route('**/pkg/natter.*.wasm', async (route) => {
    await hasCome;
    await route.continue();
  });
  const reloaded = alice.page.reload();
  const early = () => asked.filter((path) => /^\/web\/(session|conversations.*)$/.test(path));
  await expect.poll(early).toHaveLength(3);
  come();
  await reloaded;
  await expect(alice.message(numbered(25))).toBeInViewport();
  await expect(alice.composer).toBeEnabled();
  expect(early()).toEqual(['/web/session', '/web/conversations', expect.stringMatching(/\/messages$/)]);
});
