/// The menu under the viewer's name, and the dialog in which signing out asks and tells.
import { type Locator, type Page } from '@playwright/test';

export class AccountMenu {
  readonly button: Locator;
  readonly settings: Locator;
  readonly administration: Locator;
  readonly signOut: Locator;
  readonly dialog: Locator;
  readonly cancel: Locator;
  /** Signs out from within the dialog. */
  readonly confirm: Locator;

  constructor(readonly page: Page) {
    const sidebar = page.getByRole('navigation', { name: 'Conversations' });
    this.button = sidebar.locator('.account');
    this.settings = sidebar.getByRole('link', { name: 'Settings' });
    this.administration = sidebar.getByRole('link', { name: 'Administration' });
    this.signOut = sidebar.getByRole('button', { name: 'Sign out' });
    this.dialog = page.getByRole('dialog', { name: 'Sign out' });
    this.cancel = this.dialog.getByRole('button', { name: 'Cancel' });
    this.confirm = this.dialog.getByRole('button', { name: /^Sign out/ });
  }

  async askToSignOut(): Promise<void> {
    await this.button.click();
    await this.signOut.click();
  }
}
