/// The page for somebody who has lost their password and kept a recovery code.
import { type Locator, type Page } from '@playwright/test';

export class RecoverPage {
  readonly username: Locator;
  readonly code: Locator;
  readonly password: Locator;
  readonly button: Locator;

  constructor(readonly page: Page) {
    this.username = page.getByRole('textbox', { name: 'Username' });
    this.code = page.getByRole('textbox', { name: 'Recovery code' });
    this.password = page.getByLabel('New password', { exact: true });
    this.button = page.getByRole('button', { name: 'Set password and sign in' });
  }

  async recover(username: string, code: string, password: string): Promise<void> {
    await this.username.fill(username);
    await this.code.fill(code);
    await this.password.fill(password);
    await this.button.click();
  }
}
