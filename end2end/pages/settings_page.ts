/// The settings, section by section.
import { type Locator, type Page } from '@playwright/test';

export class SettingsPage {
  readonly heading: Locator;
  readonly profile: Locator;
  readonly password: Locator;
  readonly passkeys: Locator;
  readonly recoveryCodes: Locator;
  readonly devices: Locator;
  readonly deactivate: Locator;
  readonly confirm: ConfirmDialog;

  constructor(readonly page: Page) {
    const section = (name: string) => page.getByRole('region', { name, exact: true });
    this.heading = page.getByRole('heading', { level: 1, name: 'Settings' });
    this.profile = section('Profile');
    this.password = section('Password');
    this.passkeys = section('Passkeys');
    this.recoveryCodes = section('Recovery codes');
    this.devices = section('Devices');
    this.deactivate = section('Deactivate account');
    this.confirm = new ConfirmDialog(page);
  }

  dialog(name: string): Locator {
    return this.page.getByRole('dialog', { name, exact: true });
  }

  /** The row of a device: this one, or another. */
  device(which: 'this' | 'other'): Locator {
    const here = { hasText: 'This device' };
    return this.devices.getByRole('listitem').filter(which === 'this' ? here : { hasNotText: here.hasText });
  }

  async changePassword(current: string, wanted: string): Promise<void> {
    await this.password.getByLabel('Current password', { exact: true }).fill(current);
    await this.password.getByLabel('New password', { exact: true }).fill(wanted);
    await this.password.getByRole('button', { name: 'Change password' }).click();
  }
}

/** The question who one is. */
export class ConfirmDialog {
  readonly dialog: Locator;
  readonly password: Locator;
  readonly button: Locator;

  constructor(page: Page) {
    this.dialog = page.getByRole('dialog', { name: 'Is it still you?' });
    this.password = this.dialog.getByLabel('Password', { exact: true });
    this.button = this.dialog.getByRole('button', { name: 'Confirm' });
  }
}

/** Lets the server's first answer to a request be that it wants to know who asks; the next are its own. */
export async function wantProofOnce(page: Page, path: string): Promise<void> {
  const problem = { title: 'Forbidden', status: 403, code: 'confirm-identity', detail: 'Confirm that it is you.' };
  const answer = { status: 403, contentType: 'application/problem+json', body: JSON.stringify(problem) };
  await page.route(path, (route) => route.fulfill(answer), { times: 1 });
}
