/// The dialog in which one picks an emoji.
import type { Locator } from '@playwright/test';

import { expectAccessible } from '../support/accessibility.ts';
import { expect, test } from '../support/test.ts';
import type { ChatPage } from '../pages/chat_page.ts';

const button = (chat: ChatPage): Locator => chat.conversation.getByRole('button', { name: 'Emoji' });
const dialog = (chat: ChatPage): Locator => chat.page.getByRole('dialog', { name: 'Emoji' });
const options = (chat: ChatPage): Locator => dialog(chat).getByRole('option');

test('an emoji is found by its name and put where one writes', async ({ visit }) => {
  const alice = await visit('alice', { path: '/people/bob' });
  await alice.composer.fill('well done!');
  await alice.composer.press('Home');
  await button(alice).click();
  const search = dialog(alice).getByRole('combobox', { name: 'Search emoji' });
  await expect(search).toBeFocused();
  await search.pressSequentially('tad');
  await expect(options(alice)).toHaveText(['🎉']);
  await search.press('Enter');
  await expect(dialog(alice)).toBeHidden();
  await expect(alice.composer).toHaveValue('🎉well done!');
  await expect(alice.composer).toBeFocused();
  await alice.composer.press('Enter');
  await alice.hasTick('🎉well done!', 'Stored');
});

test('arrows go over the emoji, and what was picked last is offered first', async ({ visit }) => {
  const alice = await visit('alice', { path: '/people/bob' });
  await button(alice).click();
  const marked = dialog(alice).getByRole('option', { selected: true });
  await expect(dialog(alice).getByRole('combobox')).toBeFocused();
  await expect(marked).toHaveAccessibleName('smile');
  await alice.page.keyboard.press('ArrowRight');
  await alice.page.keyboard.press('ArrowRight');
  await expect(marked).toHaveAccessibleName('joy');
  await alice.page.keyboard.press('ArrowDown');
  const below = await marked.boundingBox();
  const first = await options(alice).nth(2).boundingBox();
  expect([below?.x, (below?.y ?? 0) > (first?.y ?? 0)]).toEqual([first?.x, true]);
  await alice.page.keyboard.press('ArrowUp');
  await alice.page.keyboard.press('Enter');
  await expect(alice.composer).toHaveValue('😂');
  await button(alice).click();
  await expect(options(alice).first()).toHaveText('😂');
  await alice.page.keyboard.press('Escape');
  await expect(dialog(alice)).toBeHidden();
  await expect(button(alice)).toBeFocused();
  await expect(alice.composer).toHaveValue('😂');
});

test('a name that nothing has is said to have nothing', async ({ visit }) => {
  const alice = await visit('alice', { path: '/people/bob' });
  await button(alice).click();
  await expect(dialog(alice).getByRole('combobox')).toBeFocused();
  await alice.page.keyboard.type('qqq');
  await expect(dialog(alice).getByRole('status')).toHaveText('No emoji is called “qqq”.');
  await alice.page.keyboard.press('Enter');
  await expect(dialog(alice)).toBeVisible();
});

test('in German they have German names, in the picker and between colons', async ({ visit }) => {
  const alice = await visit('alice', { path: '/people/bob', context: { locale: 'de-DE' } });
  await alice.page.locator('.composer-emoji').click();
  const picker = alice.page.getByRole('dialog');
  await picker.getByRole('combobox').fill('gebrochenes');
  await expect(picker.getByRole('option')).toHaveAccessibleName('gebrochenes herz');
  await alice.page.keyboard.press('Enter');
  const field = alice.page.locator('.composer-input');
  await expect(field).toHaveValue('💔');
  await field.pressSequentially(' :kaffee:');
  await expect(field).toHaveValue('💔 ☕');
});

test('axe finds nothing where an emoji is picked', async ({ visit }) => {
  const alice = await visit('alice', { path: '/people/bob' });
  await button(alice).click();
  await expect(options(alice).first()).toBeVisible();
  await expectAccessible(alice.page, 'emoji');
});
