/// What one can do without a mouse: going anywhere, and finding out which keys there are.
import type { ChatPage } from '../pages/chat_page.ts';
import { Switcher } from '../pages/switcher.ts';
import { expectAccessible } from '../support/accessibility.ts';
import { expect, test } from '../support/test.ts';

test('a few letters lead to a person, to a group and to a command', async ({ visit }) => {
  const alice = await visit('alice');
  await expect(alice.row('Bob')).toBeVisible();
  const { keyboard } = alice.page;
  const switcher = new Switcher(alice.page);
  await switcher.open();
  await keyboard.type('crl');
  await expect(switcher.options).toHaveText([/Carol/]);
  await keyboard.press('Enter');
  await alice.isOpen('Carol');
  await expect(alice.composer).toBeFocused();

  await switcher.open();
  await keyboard.type('new gr');
  await keyboard.press('Enter');
  await expect(alice.page.getByRole('dialog', { name: 'New group' })).toBeVisible();
  await keyboard.type('Lunch');
  await alice.page.getByRole('checkbox', { name: 'Bob' }).check();
  await keyboard.press('Enter');
  await alice.isOpen('Lunch');

  await alice.open('Dave');
  await switcher.open();
  await keyboard.type('lun');
  await expect(switcher.marked).toContainText('Lunch');
  await keyboard.press('Enter');
  await alice.isOpen('Lunch');
});

test('arrows mark what Enter goes to, and a click goes there too', async ({ visit }) => {
  const alice = await visit('alice', { path: '/people/bob' });
  await alice.isOpen('Bob');
  const { keyboard } = alice.page;
  const switcher = new Switcher(alice.page);
  await switcher.open();
  // Whoever is open already is nowhere to go to.
  await expect(switcher.options.first()).toContainText('Carol');
  await expect(switcher.marked).toContainText('Carol');
  await keyboard.press('ArrowDown');
  await expect(switcher.marked).toContainText('Dave');
  await expect(switcher.field).toHaveAttribute('aria-activedescendant', (await switcher.marked.getAttribute('id')) ?? '');
  await keyboard.press('ArrowUp');
  await keyboard.press('ArrowUp');
  await expect(switcher.marked).toHaveText(/Sign out/);
  await expect(switcher.marked).toBeInViewport();
  await keyboard.press('ArrowDown');
  await keyboard.press('Enter');
  await alice.isOpen('Carol');
  await switcher.open();
  await switcher.options.filter({ hasText: 'Dave' }).click();
  await alice.isOpen('Dave');
});

test('Escape leaves everything as it was, and what is not there is said', async ({ visit }) => {
  const alice = await visit('alice', { path: '/people/bob' });
  await alice.isOpen('Bob');
  await alice.composer.fill('half a sen');
  const switcher = new Switcher(alice.page);
  await switcher.open();
  await alice.page.keyboard.type('zzz');
  await expect(switcher.dialog.getByRole('status')).toHaveText('Nothing is called “zzz”.');
  await alice.page.keyboard.press('Enter');
  await expect(switcher.dialog).toBeVisible();
  await alice.page.keyboard.press('Escape');
  await expect(switcher.dialog).toBeHidden();
  await alice.isOpen('Bob');
  await expect(alice.composer).toBeFocused();
  await expect(alice.composer).toHaveValue('half a sen');
});

test('the theme is changed from there, and the button shows it', async ({ visit }) => {
  const alice = await visit('alice');
  await expect(alice.row('Bob')).toBeVisible();
  const switcher = new Switcher(alice.page);
  await switcher.open();
  await alice.page.keyboard.type('dark');
  await alice.page.keyboard.press('Enter');
  await expect(alice.page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await expect(alice.navigation.getByRole('button', { name: 'Theme: dark' })).toBeVisible();
});

test('a question mark lists the keys, but not where one writes', async ({ visit }) => {
  const alice = await visit('alice', { path: '/people/bob' });
  await alice.isOpen('Bob');
  const keys = alice.page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await alice.composer.press('?');
  await expect(alice.composer).toHaveValue('?');
  await expect(keys).toBeHidden();
  await alice.composer.fill('');
  await alice.isComplete();
  await alice.heading.focus();
  await alice.page.keyboard.press('?');
  await expect(keys).toBeVisible();
  await expect(keys).toContainText('Next unread conversation');
  await alice.page.keyboard.press('Escape');
  await expect(keys).toBeHidden();
});

test('Alt and an arrow go to the next conversation, with Shift to the next that is unread', async ({ visit, person }) => {
  const alice = await visit('alice', { path: '/people/bob' });
  await alice.isOpen('Bob');
  await alice.isComplete();
  const { keyboard } = alice.page;
  await keyboard.press('Alt+ArrowDown');
  await alice.isOpen('Carol');
  await keyboard.press('Alt+ArrowUp');
  await alice.isOpen('Bob');
  await (await (await person('dave')).connect()).ask('privateMessage', { receiver: 'alice', text: 'unread' });
  await expect(alice.unread('Dave')).toHaveText('1');
  await keyboard.press('Alt+Shift+ArrowUp');
  await alice.isOpen('Dave');
});

test('whoever does not want that key turns it off', async ({ visit }) => {
  const alice = await visit('alice', { path: '/settings' });
  const key = alice.page.getByRole('switch', { name: 'The key ? lists the keyboard shortcuts' });
  await expect(key).toBeChecked();
  await key.uncheck();
  await alice.page.getByRole('link', { name: 'Back to the chat' }).click();
  await expect(alice.row('Bob')).toBeVisible();
  await alice.isComplete();
  await alice.page.keyboard.press('?');
  const switcher = new Switcher(alice.page);
  await switcher.open();
  await alice.page.keyboard.press('ControlOrMeta+k');
  await expect(switcher.field).toBeFocused();
  await alice.page.keyboard.press('Escape');
  await expect(alice.page.getByRole('dialog')).toHaveCount(0);
});

test('Escape leads to the end of a conversation, which is read then', async ({ visit, person }) => {
  const bob = await (await person('bob')).connect();
  for (let number = 1; number <= 40; number += 1) {
    await bob.ask('privateMessage', { receiver: 'alice', text: `line ${number}` });
  }
  const alice = await visit('alice', { path: '/people/bob' });
  await alice.lookAt();
  await expect(alice.message('line 40')).toBeInViewport();
  await alice.tabTo(alice.timeline);
  await alice.page.keyboard.press('PageUp');
  await expect(alice.pill).toBeVisible();
  await comesToRest(alice);
  await alice.isComplete();
  await bob.ask('privateMessage', { receiver: 'alice', text: 'the newest' });
  await expect(alice.unread('Bob')).toHaveText('1');
  await alice.page.keyboard.press('Escape');
  await expect(alice.message('the newest')).toBeInViewport();
  await expect(alice.unread('Bob')).toHaveCount(0);
});

/** Waits until the timeline does not move any more. */
async function comesToRest(chat: ChatPage): Promise<void> {
  let before = Number.NaN;
  await expect
    .poll(async () => {
      const now = await chat.distanceToEnd();
      const rests = now === before;
      before = now;
      return rests;
    })
    .toBe(true);
}

test('axe finds nothing in the switcher and the list of keys', async ({ visit }) => {
  const alice = await visit('alice');
  await expect(alice.row('Bob')).toBeVisible();
  const switcher = new Switcher(alice.page);
  await switcher.open();
  await expectAccessible(alice.page, 'the switcher');
  await alice.page.keyboard.type('keyboard');
  await alice.page.keyboard.press('Enter');
  await expect(alice.page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  await expectAccessible(alice.page, 'the list of keys');
});
