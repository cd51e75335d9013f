/// The page behind a link: an account is made there, or a password is set.
import { type Locator, type Page } from '@playwright/test';

export class JoinPage {
  readonly heading: Locator;
  readonly username: Locator;
  readonly name: Locator;
  readonly password: Locator;
  readonly newPassword: Locator;
  readonly create: Locator;
  readonly set: Locator;
  /** What is wrong with the form as a whole, or why the link cannot be looked at. */
  readonly error: Locator;
  readonly again: Locator;
  readonly signIn: Locator;

  constructor(readonly page: Page) {
    this.heading = page.getByRole('heading', { level: 1 });
    this.username = page.getByRole('textbox', { name: 'Username' });
    this.name = page.getByRole('textbox', { name: 'Name', exact: true });
    this.password = page.getByLabel('Password', { exact: true });
    this.newPassword = page.getByLabel('New password', { exact: true });
    this.create = page.getByRole('button', { name: 'Create account' });
    this.set = page.getByRole('button', { name: 'Set password' });
    this.error = page.getByRole('alert');
    this.again = page.getByRole('button', { name: 'Try again' });
    this.signIn = page.getByRole('link', { name: 'Sign in', exact: true });
  }

  /** Opens a link by its token. */
  async open(token: string): Promise<void> {
    await this.page.goto(`/join#${token}`);
  }

  async join(username: string, name: string, password: string): Promise<void> {
    await this.username.fill(username);
    await this.name.fill(name);
    await this.password.fill(password);
    await this.create.click();
  }
}
