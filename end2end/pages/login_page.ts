/// The login page, as a person finds their way on it.
import { expect, type Locator, type Page } from '@playwright/test';

export class LoginPage {
  readonly heading: Locator;
  readonly username: Locator;
  readonly button: Locator;
  /** Why a sign-in did not work, under the field. */
  readonly error: Locator;
  /** Why one is here, when one was signed in before. */
  readonly reason: Locator;

  constructor(readonly page: Page) {
    this.heading = page.getByRole('heading', { level: 1, name: 'Natter' });
    this.username = page.getByRole('textbox', { name: 'Username' });
    this.button = page.getByRole('button', { name: 'Sign in' });
    this.error = page.getByRole('alert');
    this.reason = page.getByRole('status').filter({ hasText: 'session' });
  }

  async goto(): Promise<void> {
    await this.page.goto('/login');
    await this.isShown();
  }

  async isShown(patience?: number): Promise<void> {
    await expect(this.button).toBeVisible({ timeout: patience });
    await expect(this.page).toHaveURL(/\/login(\?|$)/);
  }

  async signIn(username: string): Promise<void> {
    await this.username.fill(username);
    await this.button.click();
  }
}
