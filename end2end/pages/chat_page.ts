/// The chat: the list of conversations, the one that is open, and what is written into it.
import { expect, type Locator, type Page } from '@playwright/test';

import { AccountMenu } from './account_menu.ts';
import { NewGroupDialog } from './new_group_dialog.ts';

export type Tick = 'Waiting' | 'Stored' | 'Delivered' | 'Read' | 'Not sent';

export class ChatPage {
  readonly navigation: Locator;
  readonly account: AccountMenu;
  readonly search: Locator;
  readonly newGroup: Locator;
  readonly theme: Locator;
  readonly rows: Locator;
  readonly conversation: Locator;
  readonly heading: Locator;
  readonly status: Locator;
  readonly back: Locator;
  readonly timeline: Locator;
  readonly messages: Locator;
  readonly pill: Locator;
  readonly composer: Locator;
  readonly send: Locator;
  /** How much room is left, once there is little. */
  readonly count: Locator;
  readonly banner: Locator;

  constructor(readonly page: Page) {
    this.navigation = page.getByRole('navigation', { name: 'Conversations' });
    this.account = new AccountMenu(page);
    this.search = this.navigation.getByRole('searchbox', { name: 'Find a person or group' });
    this.newGroup = this.navigation.getByRole('button', { name: 'New group' });
    this.theme = this.navigation.getByRole('button', { name: /^Theme: / });
    this.rows = this.navigation.getByRole('listitem').getByRole('link');
    this.conversation = page.getByRole('main');
    this.heading = this.conversation.getByRole('heading', { level: 2 });
    this.status = this.conversation.locator('.conversation-status');
    this.back = page.getByRole('link', { name: 'Back to conversations' });
    this.timeline = page.getByRole('log', { name: 'Messages' });
    this.messages = this.timeline.locator('li.message');
    this.pill = page.getByRole('button', { name: /new message|Jump to the newest/ });
    this.composer = page.getByRole('textbox', { name: 'Write a message', exact: true });
    this.send = page.getByRole('button', { name: 'Send', exact: true });
    this.count = page.getByRole('status').filter({ hasText: /characters|too long/ });
    this.banner = page.locator('.connection-banner');
  }

  /** The row of a person or a group; its name goes before everything else that it tells. */
  row(name: string): Locator {
    return this.navigation.getByRole('link', { name: new RegExp(`^${escape(name)}(,|$)`) });
  }

  unread(name: string): Locator {
    return this.row(name).locator('.unread');
  }

  async open(name: string): Promise<void> {
    await this.row(name).click();
    await this.isOpen(name);
  }

  async isOpen(name: string): Promise<void> {
    await expect(this.heading).toHaveText(name);
    await expect(this.composer).toBeVisible();
  }

  /** Writes into the open conversation and sends with Enter. */
  async write(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press('Enter');
    await expect(this.composer).toHaveValue('');
  }

  /** The rows of the timeline that hold this text. */
  message(text: string): Locator {
    return this.messages.filter({ has: this.page.locator('.message-text', { hasText: exactly(text) }) });
  }

  /** Waits until the message is there, once, with this tick. */
  async hasTick(text: string, tick: Tick): Promise<void> {
    const message = this.message(text);
    await expect(message).toHaveCount(1);
    await expect(message.getByRole('button', { name: `${tick}: who has it`, exact: true })).toBeVisible();
  }

  /** Waits until the timeline shows exactly these texts, in this order. */
  async shows(texts: string[]): Promise<void> {
    await expect(this.messages.locator('.message-text')).toHaveText(texts.map(exactly));
  }

  /** How far the timeline's end is below what one sees of it, in pixels. */
  distanceToEnd(): Promise<number> {
    return this.timeline.evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight);
  }

  /** Waits until everything is there that comes when the browser has nothing else to do. */
  async isComplete(): Promise<void> {
    await expect(this.theme).toBeVisible();
  }

  async openNewGroup(): Promise<NewGroupDialog> {
    await this.newGroup.click();
    const dialog = new NewGroupDialog(this.page);
    await expect(dialog.dialog).toBeVisible();
    return dialog;
  }

  /** In Firefox only one page of all has the focus; this is the one that is being read. */
  async lookAt(): Promise<void> {
    await this.page.bringToFront();
  }

  /** Presses Tab until the focus is on `target`. */
  async tabTo(target: Locator): Promise<void> {
    for (let presses = 0; presses < 60; presses += 1) {
      await this.page.keyboard.press('Tab');
      if (await target.evaluate((element) => element === document.activeElement)) return;
    }
    throw new Error(`Sixty presses of Tab did not reach ${target}.`);
  }

  /** Chooses light or dark by the button, whatever was chosen before. */
  async chooseTheme(theme: 'system' | 'light' | 'dark'): Promise<void> {
    const chosen = this.navigation.getByRole('button', { name: `Theme: ${theme}` });
    await expect(async () => {
      if (!(await chosen.isVisible())) await this.theme.click();
      await expect(chosen).toBeVisible({ timeout: 500 });
    }).toPass();
  }
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Matches a text as a whole, with white space as a browser shows it. */
function exactly(text: string): RegExp {
  return new RegExp(`^\\s*${escape(text).replace(/\s+/g, '\\s+')}\\s*$`);
}
