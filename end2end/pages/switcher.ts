/// The dialog that leads to any person, group or command.
import { expect, type Locator, type Page } from '@playwright/test';

export class Switcher {
  readonly dialog: Locator;
  readonly field: Locator;
  readonly options: Locator;
  readonly marked: Locator;

  constructor(readonly page: Page) {
    this.dialog = page.getByRole('dialog', { name: 'Go to' });
    this.field = this.dialog.getByRole('combobox');
    this.options = this.dialog.getByRole('option');
    this.marked = this.dialog.getByRole('option', { selected: true });
  }

  async open(): Promise<void> {
    // The keys come when the browser has nothing else to do.
    await expect(this.page.getByRole('button', { name: /^Theme: / })).toBeVisible();
    await this.page.keyboard.press('ControlOrMeta+k');
    await expect(this.field).toBeFocused();
  }
}
