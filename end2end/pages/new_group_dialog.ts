/// The dialog in which a group gets its name and its members.
import { type Locator, type Page } from '@playwright/test';

export class NewGroupDialog {
  readonly dialog: Locator;
  readonly name: Locator;
  readonly search: Locator;
  readonly create: Locator;
  readonly cancel: Locator;

  constructor(readonly page: Page) {
    this.dialog = page.getByRole('dialog', { name: 'New group' });
    this.name = this.dialog.getByRole('textbox', { name: 'Group name' });
    this.search = this.dialog.getByRole('searchbox', { name: 'Find people' });
    this.create = this.dialog.getByRole('button', { name: 'Create group' });
    this.cancel = this.dialog.getByRole('button', { name: 'Cancel' });
  }

  member(displayName: string): Locator {
    return this.dialog.getByRole('checkbox', { name: displayName });
  }

  async make(name: string, members: string[]): Promise<void> {
    await this.name.fill(name);
    for (const member of members) await this.member(member).check();
    await this.create.click();
  }
}
