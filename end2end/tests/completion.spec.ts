/// Suggestions while one writes: people behind an at sign, emoji behind a colon; and mentions in what was written.
import type { Locator } from '@playwright/test';

import { expectAccessible } from '../support/accessibility.ts';
import { expect, test } from '../support/test.ts';
import type { ChatPage } from '../pages/chat_page.ts';

const options = (chat: ChatPage): Locator => chat.page.getByRole('listbox', { name: 'Suggestions' }).getByRole('option');

test('somebody is mentioned by a few letters, and sees it', async ({ visit }) => {
  const [alice, bob] = [await visit('alice'), await visit('bob')];
  await (await alice.openNewGroup()).make('Lunch', ['Bob', 'Carol']);
  await alice.isOpen('Lunch');
  await bob.open('Lunch');
  await alice.lookAt();
  await alice.isComplete();
  await alice.composer.pressSequentially('soup, @');
  await expect(options(alice)).toHaveText([/Bob\s*@bob/, /Carol\s*@carol/]);
  await alice.composer.pressSequentially('car');
  await expect(options(alice)).toHaveText([/Carol/]);
  await alice.composer.press('Backspace');
  await alice.composer.press('Backspace');
  await alice.composer.press('Backspace');
  await alice.composer.press('ArrowDown');
  const marked = alice.page.getByRole('option', { selected: true });
  await expect(marked).toContainText('Carol');
  await expect(alice.composer).toHaveAttribute('aria-activedescendant', (await marked.getAttribute('id')) ?? '');
  await alice.composer.press('ArrowUp');
  await alice.composer.press('Enter');
  await expect(alice.composer).toHaveValue('soup, @bob ');
  await expect(options(alice)).toHaveCount(0);
  await alice.composer.pressSequentially('?');
  await alice.composer.press('Enter');
  await alice.hasTick('soup, @bob ?', 'Stored');
  const background = (chat: ChatPage) =>
    chat.message('soup, @bob ?').locator('b', { hasText: '@bob' }).evaluate((mention) => getComputedStyle(mention).backgroundColor);
  await expect.poll(() => background(bob)).not.toBe('rgba(0, 0, 0, 0)');
  expect(await background(alice)).toBe('rgba(0, 0, 0, 0)');
});

test('an emoji is found by its name, or is there at once by the whole of it', async ({ visit }) => {
  const alice = await visit('alice', { path: '/people/bob' });
  await alice.isOpen('Bob');
  await alice.isComplete();
  await alice.composer.pressSequentially('done :tad');
  await expect(options(alice).first()).toHaveText(/🎉\s*:tada:/);
  await alice.composer.press('Tab');
  await expect(alice.composer).toHaveValue('done 🎉 ');
  await expect(alice.composer).toBeFocused();
  await alice.composer.pressSequentially('and :heart:');
  await expect(alice.composer).toHaveValue('done 🎉 and ❤️');
  await alice.composer.press('Enter');
  await alice.hasTick('done 🎉 and ❤️', 'Stored');
});

test('suggestions go by Escape and when there is nothing to suggest, and Enter sends as ever', async ({ visit }) => {
  const alice = await visit('alice', { path: '/people/bob' });
  await alice.isOpen('Bob');
  await alice.isComplete();
  await alice.composer.pressSequentially('@b');
  await expect(options(alice)).toHaveCount(1);
  await alice.composer.press('Escape');
  await expect(options(alice)).toHaveCount(0);
  await alice.composer.press('Enter');
  await alice.hasTick('@b', 'Stored');
  await alice.composer.pressSequentially('@zzz :-) 10:30');
  await expect(options(alice)).toHaveCount(0);
  await alice.composer.press('Enter');
  await alice.hasTick('@zzz :-) 10:30', 'Stored');
});

test('what is in the middle of a text is completed there, by a click too', async ({ visit }) => {
  const alice = await visit('alice', { path: '/people/bob' });
  await alice.isOpen('Bob');
  await alice.isComplete();
  await alice.composer.fill('𝒜 and you');
  await alice.composer.press('Home');
  for (let steps = 0; steps < 2; steps += 1) await alice.composer.press('ArrowRight');
  await alice.composer.pressSequentially('@bo');
  await options(alice).first().click();
  await expect(alice.composer).toHaveValue('𝒜 @bob and you');
  await expect(alice.composer).toBeFocused();
  await alice.composer.pressSequentially('too ');
  await expect(alice.composer).toHaveValue('𝒜 @bob too and you');
});

test('axe finds nothing while something is suggested, nor in a mention', async ({ visit, person }) => {
  const alice = await visit('alice', { path: '/people/bob' });
  await (await (await person('bob')).connect()).ask('privateMessage', { receiver: 'alice', text: '@alice, @carol is here' });
  await expect(alice.messages.locator('b')).toHaveText(['@alice', '@carol']);
  await alice.isComplete();
  await alice.composer.pressSequentially(':he');
  await expect(options(alice)).toHaveCount(6);
  await expectAccessible(alice.page, 'suggestions');
});
