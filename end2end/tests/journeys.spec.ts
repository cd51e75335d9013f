/// The whole way, from signing in to finding what somebody wrote long ago: once with nothing but a keyboard, and once
/// as the accessibility tree tells it.
import type { Locator, Page } from '@playwright/test';

import { ChatPage } from '../pages/chat_page.ts';
import { Switcher } from '../pages/switcher.ts';
import { numbered, sendNumbered } from '../support/history.ts';
import { expect, test } from '../support/test.ts';

/** How much Bob has written before Alice comes: more than is loaded at once. */
const PAST = 300;

type Role = 'button' | 'checkbox' | 'combobox' | 'log' | 'searchbox' | 'textbox';

test('by keyboard alone one signs in, makes a group, writes and finds an old message', async ({
  visitLogin,
  person,
}) => {
  await sendNumbered(await person('bob'), 'alice', 1, PAST);
  const { page } = await visitLogin();
  const { keyboard } = page;
  const chat = new ChatPage(page);

  // Signing in.
  await hasFocus(page, 'textbox', 'Username');
  await keyboard.type('alice');
  await keyboard.press('Enter');
  await expect(chat.row('Bob')).toBeVisible();

  // Making a group.
  await go(page, 'Tab', 'button', 'New group');
  await keyboard.press('Enter');
  await hasFocus(page, 'textbox', 'Group name');
  await keyboard.type('Lunch');
  await go(page, 'Tab', 'searchbox', 'Find people');
  for (const name of ['Bob', 'Carol']) {
    await go(page, 'Tab', 'checkbox', name);
    await keyboard.press('Space');
    await expect(focus(page)).toBeChecked();
  }
  await go(page, 'Tab', 'button', 'Create group');
  await keyboard.press('Enter');
  await chat.isOpen('Lunch');
  await expect(chat.status).toHaveText('3 members: Alice, Bob, Carol');

  // Writing.
  await hasFocus(page, 'textbox', 'Write a message');
  await keyboard.type('soup?');
  await keyboard.press('Enter');
  await chat.hasTick('soup?', 'Stored');
  await hasFocus(page, 'textbox', 'Write a message');

  // Finding the conversation by letters of its name.
  await chat.isComplete();
  await keyboard.press('ControlOrMeta+k');
  await hasFocus(page, 'combobox', 'Go to a person, a group or a command');
  await keyboard.type('bo');
  await expect(new Switcher(page).marked).toHaveAccessibleName(/^Bob/);
  await keyboard.press('Enter');
  await chat.isOpen('Bob');
  await hasFocus(page, 'textbox', 'Write a message');
  await expect(chat.message(numbered(PAST))).toBeInViewport();

  // Finding the message, and going back to where one writes.
  await go(page, 'Shift+Tab', 'log', 'Messages');
  await keyboard.press('PageUp');
  await expect(chat.message(numbered(PAST))).not.toBeInViewport();
  await expect(async () => {
    await keyboard.press('Home');
    await expect(chat.message(numbered(1))).toBeInViewport({ timeout: 500 });
    // Some browsers take their time to scroll, and what they still do then would win over the next key.
    expect(await chat.timeline.evaluate((timeline) => timeline.scrollTop)).toBe(0);
  }).toPass({ timeout: 30_000, intervals: [0] });
  await hasFocus(page, 'log', 'Messages');
  await keyboard.press('Escape');
  await expect(chat.message(numbered(PAST))).toBeInViewport();
  await hasFocus(page, 'textbox', 'Write a message');
});

test('the accessibility tree tells the same way: landmarks, headings, controls and messages', async ({
  visitLogin,
  person,
}) => {
  await sendNumbered(await person('bob'), 'alice', 1, PAST);
  const { page } = await visitLogin();
  const main = page.getByRole('main');
  const log = page.getByRole('log', { name: 'Messages' });
  const write = page.getByRole('textbox', { name: 'Write a message' });

  // Signing in.
  await expect(main).toHaveCount(1);
  await expect(main).toMatchAriaSnapshot(`
    - main:
      - heading "Natter" [level=1]
      - paragraph: /Sign in with your username/
      - textbox "Username"
      - button "Sign in"
  `);
  await main.getByRole('textbox', { name: 'Username' }).fill('alice');
  await main.getByRole('button', { name: 'Sign in' }).click();

  // The list, and nothing open yet.
  await expect(page.getByRole('navigation')).toHaveCount(1);
  await expect(page.getByRole('navigation', { name: 'Conversations' })).toMatchAriaSnapshot(`
    - navigation "Conversations":
      - button "Alice"
      - button "New group"
      - 'button "Theme: system"'
      - searchbox "Find a person or group"
      - list:
        - listitem:
          - link /^Bob, (online|offline), ${PAST} unread, ${numbered(PAST)}, /
      - heading "People" [level=2]
      - list "People":
        - listitem:
          - link "Carol, offline"
        - listitem:
          - link "Dave, offline"
  `);
  await expect(main).toHaveCount(1);
  await expect(main).toMatchAriaSnapshot(`
    - main:
      - heading "Natter" [level=1]
      - paragraph: /Pick a conversation/
  `);

  // Making a group.
  await page.getByRole('button', { name: 'New group' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toMatchAriaSnapshot(`
    - dialog "New group":
      - heading "New group" [level=2]
      - textbox "Group name"
      - searchbox "Find people"
      - group "Members":
        - checkbox "Bob"
        - checkbox "Carol"
        - checkbox "Dave"
      - button "Cancel"
      - button "Create group"
  `);
  await dialog.getByRole('textbox', { name: 'Group name' }).fill('Lunch');
  await dialog.getByRole('checkbox', { name: 'Bob' }).check();
  await dialog.getByRole('checkbox', { name: 'Carol' }).check();
  await expect(dialog.getByRole('group', { name: 'Members' })).toMatchAriaSnapshot(`
    - group "Members":
      - checkbox "Bob" [checked]
      - checkbox "Carol" [checked]
      - checkbox "Dave"
  `);
  await dialog.getByRole('button', { name: 'Create group' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(main).toMatchAriaSnapshot(`
    - main:
      - heading "Natter" [level=1]
      - heading "Lunch" [level=2]
      - paragraph: "3 members: Alice, Bob, Carol"
      - button "Details"
      - log "Messages":
        - paragraph: /No messages yet/
      - textbox "Write a message"
      - button "Send" [disabled]
  `);

  // Writing.
  await write.fill('soup?');
  await expect(main.getByRole('button', { name: 'Send' })).toBeEnabled();
  await write.press('Enter');
  const soup = log.getByRole('listitem').filter({ hasText: 'soup?' });
  await expect(soup).toHaveCount(1);
  await expect(soup).toMatchAriaSnapshot(`
    - listitem:
      - text: "/You: soup/"
      - time
      - button /^Stored.*who has it/
  `);

  // Finding the conversation by letters of its name.
  await new Switcher(page).open();
  await page.keyboard.type('bo');
  await expect(dialog).toMatchAriaSnapshot(`
    - dialog "Go to":
      - combobox "Go to a person, a group or a command"
      - listbox "Found":
        - option /^Bob/ [selected]
  `);
  await page.keyboard.press('Enter');
  await expect(dialog).toHaveCount(0);
  await expect(main).toMatchAriaSnapshot(`
    - main:
      - heading "Natter" [level=1]
      - heading "Bob" [level=2]
      - button "Details"
      - log "Messages":
        - list:
          - listitem: "/Bob: ${numbered(PAST)}/"
      - textbox "Write a message"
      - button "Send" [disabled]
  `);

  // Finding the message.
  const oldest = heard(log, numbered(1));
  await expect(oldest).toHaveCount(0);
  await expect(async () => {
    await log.press('Home');
    await expect(oldest).toBeInViewport({ timeout: 500 });
  }).toPass({ timeout: 30_000, intervals: [0] });
  await expect(log).toMatchAriaSnapshot(`
    - log "Messages":
      - list:
        - listitem: Today
        - listitem: "/Bob: ${numbered(1)}/"
        - listitem: "/Bob: ${numbered(2)}/"
  `);
});

/** The message of this text, as it is read out. */
function heard(log: Locator, text: string): Locator {
  return log.getByRole('listitem').filter({ hasText: text });
}

/** Whatever has the focus. */
function focus(page: Page): Locator {
  return page.locator('*:focus');
}

async function hasFocus(page: Page, role: Role, name: string): Promise<void> {
  await expect(focus(page)).toHaveRole(role);
  await expect(focus(page)).toHaveAccessibleName(name);
}

/** Presses a key until what it leads to has the focus. */
async function go(page: Page, key: 'Tab' | 'Shift+Tab', role: Role, name: string): Promise<void> {
  const target = page.getByRole(role, { name, exact: true });
  await expect(target).toBeVisible();
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press(key);
    if ((await target.and(focus(page)).count()) === 1) return hasFocus(page, role, name);
  }
  throw new Error(`Sixty presses of ${key} did not reach the ${role} “${name}”.`);
}
