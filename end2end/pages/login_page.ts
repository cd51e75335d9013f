/// The login page, as a person finds their way on it.
import { expect, type Locator, type Page } from '@playwright/test';

export class LoginPage {
  readonly heading: Locator;
  readonly username: Locator;
  /** The fields and links from here to `create` are there where people have accounts. */
  readonly password: Locator;
  readonly showPassword: Locator;
  readonly passkey: Locator;
  readonly lost: Locator;
  readonly create: Locator;
  readonly button: Locator;
  /** Why a sign-in did not work, under the field. */
  readonly error: Locator;
  /** Why one is here, when one was signed in before. */
  readonly reason: Locator;

  constructor(readonly page: Page) {
    this.heading = page.getByRole('heading', { level: 1, name: 'Natter' });
    this.username = page.getByRole('textbox', { name: 'Username' });
    this.password = page.getByLabel('Password', { exact: true });
    this.showPassword = page.getByRole('button', { name: 'Show password' });
    this.passkey = page.getByRole('button', { name: 'Sign in with a passkey' });
    this.lost = page.getByRole('link', { name: 'Lost your password?' });
    this.create = page.getByRole('link', { name: 'Create an account' });
    this.button = page.getByRole('button', { name: 'Sign in', exact: true });
    this.error = page.getByRole('alert');
    this.reason = page.getByRole('status').filter({ hasText: /session|signed out/ });
  }

  async goto(): Promise<void> {
    await this.page.goto('/login');
    await this.isShown();
  }

  async isShown(patience?: number): Promise<void> {
    await expect(this.button).toBeVisible({ timeout: patience });
    await expect(this.page).toHaveURL(/\/login(\?|$)/);
  }

  async signIn(username: string, password?: string): Promise<void> {
    await this.username.fill(username);
    if (password !== undefined) await this.password.fill(password);
    await this.button.click();
  }
}
