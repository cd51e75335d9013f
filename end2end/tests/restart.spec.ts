/// The server dies in the middle of a chat and comes back.
import { expect, test } from '../support/test.ts';

test('what was typed while the server was down arrives once, in order', async ({ server, visit }) => {
  const [alice, bob] = [await visit('alice', { path: '/people/bob' }), await visit('bob', { path: '/people/alice' })];
  await alice.write('before');
  await alice.hasTick('before', 'Read');

  await server.stop('SIGKILL');
  await expect(alice.banner).toContainText(/Connecting…|The server cannot be reached\. Trying again…/);
  for (const text of ['one', 'two', 'three']) await alice.write(text);
  for (const text of ['one', 'two', 'three']) await alice.hasTick(text, 'Waiting');
  await bob.write('and mine');
  await bob.hasTick('and mine', 'Waiting');
  // The row that waits is the row that is stored: it is marked here and looked at again there.
  await alice.message('two').evaluate((row) => Object.assign(row, { marked: true }));

  await server.start();
  await expect(alice.banner).toBeHidden({ timeout: 20_000 });
  await expect(bob.banner).toBeHidden({ timeout: 20_000 });
  await bob.lookAt();
  for (const text of ['one', 'two', 'three']) await expect(bob.message(text)).toHaveCount(1);
  await alice.hasTick('three', 'Read');
  await expect(alice.message('and mine')).toHaveCount(1);
  expect(await alice.message('two').evaluate((row) => 'marked' in row)).toBe(true);

  await expect(alice.messages).toHaveCount(5);
  const texts = (await alice.messages.locator('.message-text').allTextContents()).map((text) => text.trim());
  await bob.shows(texts);
  expect(texts.filter((text) => text !== 'and mine')).toEqual(['before', 'one', 'two', 'three']);
  await alice.page.reload();
  await alice.shows(texts);
});

test('“Try now” brings the connection back without waiting', async ({ server, visit }) => {
  const alice = await visit('alice', { path: '/people/bob' });
  await alice.write('before');
  await alice.hasTick('before', 'Stored');
  await server.stop('SIGKILL');
  const again = alice.banner.getByRole('button', { name: 'Try now' });
  await expect(again).toBeVisible({ timeout: 20_000 });
  await server.start();
  await expect(async () => {
    if (await again.isVisible()) await again.click({ timeout: 500 });
    await expect(alice.banner).toBeHidden({ timeout: 1_000 });
  }).toPass();
  await alice.write('after');
  await alice.hasTick('after', 'Stored');
});

test('a message that arrived while one was away from the server is there afterwards', async ({ server, visit, person }) => {
  const alice = await visit('alice', { path: '/people/bob' });
  const bob = await person('bob');
  await (await bob.connect()).ask('privateMessage', { receiver: 'alice', text: 'before' });
  await expect(alice.message('before')).toBeVisible();
  await server.stop('SIGTERM');
  await expect(alice.banner).toBeVisible();
  await alice.page.route('**/web/session', (route) => route.abort());
  await server.start();
  bob.leave();
  await (await bob.connect()).ask('privateMessage', { receiver: 'alice', text: 'meanwhile' });
  await alice.page.unroute('**/web/session');
  await expect(alice.message('meanwhile')).toBeVisible({ timeout: 20_000 });
  await alice.shows(['before', 'meanwhile']);
});
