/// Two people talk, each in a browser of their own.
import { expect, test } from '../support/test.ts';

test('what one writes the other sees at once, and the ticks tell how far it got', async ({ visit }) => {
  const [alice, bob] = [await visit('alice'), await visit('bob')];
  await alice.open('Bob');
  await expect(alice.page).toHaveURL('/people/bob');
  await expect(alice.status).toHaveText('online');
  await expect(alice.timeline).toContainText('No messages yet. Say hello to Bob.');

  await alice.write('hello Bob');
  await alice.hasTick('hello Bob', 'Delivered');
  await expect(alice.row('Bob')).toContainText('You: hello Bob');
  await expect(bob.unread('Alice')).toHaveText('1');
  await expect(bob.row('Alice')).toContainText('hello Bob');
  await expect(bob.row('Alice')).toHaveAccessibleName(/1 unread/);
  await expect(bob.page).toHaveTitle('(1) Natter');

  await bob.lookAt();
  await bob.open('Alice');
  await expect(bob.message('hello Bob')).toBeVisible();
  await expect(bob.unread('Alice')).toHaveCount(0);
  await expect(bob.page).toHaveTitle('Natter');
  await alice.hasTick('hello Bob', 'Read');
  await alice.lookAt();
  await alice.message('hello Bob').getByRole('button', { name: /who has it/ }).click();
  await expect(alice.message('hello Bob')).toContainText(/Read by Bob \(\d?\d:\d\d\)/);

  await bob.write('hello Alice');
  await expect(alice.message('hello Alice')).toBeVisible();
  await alice.shows(['hello Bob', 'hello Alice']);
  await bob.shows(['hello Bob', 'hello Alice']);
});

test('many messages from both sides have one order for both', async ({ visit }) => {
  const [alice, bob] = [await visit('alice', { path: '/people/bob' }), await visit('bob', { path: '/people/alice' })];
  for (let number = 1; number <= 8; number += 1) {
    await Promise.all([alice.write(`alice ${number}`), bob.write(`bob ${number}`)]);
  }
  await expect(alice.messages).toHaveCount(16);
  await expect(bob.messages).toHaveCount(16);
  await alice.hasTick('alice 8', 'Read');
  const texts = (await alice.messages.locator('.message-text').allTextContents()).map((text) => text.trim());
  await bob.shows(texts);
  const numbers = (who: string) => texts.filter((text) => text.startsWith(who)).map((text) => Number(text.split(' ')[1]));
  expect(numbers('alice')).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(numbers('bob')).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

test('text is shown as text, whatever it looks like', async ({ visit }) => {
  const attack = '<script>window.hacked = 1</script><img src="x" onerror="window.hacked = 2">&lt;b&gt;';
  const [alice, bob] = [await visit('alice', { path: '/people/bob' }), await visit('bob')];
  await alice.write(attack);
  await bob.open('Alice');
  for (const chat of [alice, bob]) {
    await expect(chat.message(attack)).toHaveCount(1);
    await expect(chat.timeline.locator('script, img, b')).toHaveCount(0);
    expect(await chat.page.evaluate(() => 'hacked' in window)).toBe(false);
  }
  await expect(bob.row('Alice')).toContainText('<script>');
});

test('lines, spaces, emoji and right-to-left text arrive as they were written', async ({ visit }) => {
  const text = 'one\n  two 👩‍👩‍👧‍👦\nשלום עולם';
  const [alice, bob] = [await visit('alice', { path: '/people/bob' }), await visit('bob', { path: '/people/alice' })];
  await alice.write(text);
  const shown = bob.messages.locator('.message-text');
  await expect(shown).toHaveCount(1);
  expect(await shown.evaluate((element) => (element as HTMLElement).innerText)).toBe(text);
});

test('one sees who comes and who goes', async ({ visit }) => {
  const alice = await visit('alice', { path: '/people/bob' });
  await expect(alice.status).toHaveText('offline');
  const bob = await visit('bob');
  await expect(alice.status).toHaveText('online');
  await expect(alice.row('Bob')).toHaveAccessibleName(/^Bob, online/);
  await bob.page.close();
  // The grace is five to ten seconds.
  await expect(alice.status).toHaveText(/^last seen \d+:\d\d/, { timeout: 15_000 });
});

test('people and groups are found by typing', async ({ visit }) => {
  const alice = await visit('alice');
  await expect(alice.row('Bob')).toBeVisible();
  await expect(alice.navigation.getByRole('heading', { name: 'People' })).toBeVisible();
  await alice.search.fill('caR');
  await expect(alice.row('Carol')).toBeVisible();
  await expect(alice.row('Bob')).toHaveCount(0);
  await alice.search.fill('x');
  await expect(alice.navigation).toContainText('Nobody and no group is called “x”.');
  await alice.search.fill('');
  await expect(alice.row('Bob')).toBeVisible();
});

test('the newest conversation is on top', async ({ visit, person }) => {
  const alice = await visit('alice');
  for (const username of ['bob', 'carol']) {
    await (await (await person(username)).connect()).ask('privateMessage', { receiver: 'alice', text: 'hello' });
    const name = username === 'bob' ? /^Bob/ : /^Carol/;
    await expect(alice.rows.first()).toHaveAccessibleName(name);
  }
  await alice.open('Bob');
  await alice.write('hello yourself');
  await expect(alice.rows.first()).toHaveAccessibleName(/^Bob/);
});

test('messages of one author in a row are one block, under the date', async ({ visit }) => {
  const [alice, bob] = [await visit('alice', { path: '/people/bob' }), await visit('bob', { path: '/people/alice' })];
  await alice.write('one');
  await alice.write('two');
  await alice.hasTick('two', 'Read');
  await bob.write('three');
  await alice.shows(['one', 'two', 'three']);
  const edges = await alice.messages.evaluateAll((rows) =>
    rows.map((row) => [row.getAttribute('data-first'), row.getAttribute('data-last')].map((edge) => edge !== null && edge !== 'false')),
  );
  expect(edges).toEqual([
    [true, false],
    [false, true],
    [true, true],
  ]);
  await expect(alice.timeline.locator('.date-line')).toHaveText(['Today']);
  await expect(alice.message('one').locator('time')).toHaveAttribute('datetime', /^\d{4}-\d\d-\d\dT/);
});
