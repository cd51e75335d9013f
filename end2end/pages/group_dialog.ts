/// The dialog about the group that is open.
import { expect, type Locator, type Page } from '@playwright/test';

export class GroupDialog {
  readonly button: Locator;
  readonly dialog: Locator;
  readonly name: Locator;
  readonly rename: Locator;
  readonly members: Locator;
  readonly addPeople: Locator;
  readonly search: Locator;
  readonly add: Locator;
  readonly leave: Locator;
  readonly done: Locator;

  constructor(readonly page: Page) {
    this.button = page.getByRole('button', { name: 'Details' });
    this.dialog = page.locator('dialog[open]').filter({ has: page.locator('#group-title') });
    this.name = this.dialog.getByRole('textbox', { name: 'Group name' });
    this.rename = this.dialog.getByRole('button', { name: 'Rename' });
    this.members = this.dialog.locator('.member');
    this.addPeople = this.dialog.getByRole('button', { name: 'Add people' });
    this.search = this.dialog.getByRole('searchbox', { name: 'Find people' });
    this.add = this.dialog.getByRole('button', { name: 'Add', exact: true });
    this.leave = this.dialog.getByRole('button', { name: 'Leave group' });
    this.done = this.dialog.getByRole('button', { name: 'Done' });
  }

  async open(): Promise<void> {
    await this.button.click();
    await expect(this.dialog).toBeVisible();
  }

  remove(displayName: string): Locator {
    return this.dialog.getByRole('button', { name: `Take ${displayName} out of the group` });
  }

  person(displayName: string): Locator {
    return this.dialog.getByRole('checkbox', { name: displayName });
  }

  /** The question that is open over the dialog. */
  question(title: string): Locator {
    return this.page.getByRole('dialog', { name: title });
  }
}
