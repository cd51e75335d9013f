/// The administration, tab by tab.
import { type Locator, type Page } from '@playwright/test';

import { ConfirmDialog } from './settings_page.ts';

export class AdminPage {
  readonly heading: Locator;
  readonly search: Locator;
  readonly invite: Locator;
  readonly invitations: Locator;
  readonly registration: Locator;
  readonly confirm: ConfirmDialog;

  constructor(readonly page: Page) {
    const section = (name: string) => page.getByRole('region', { name, exact: true });
    this.heading = page.getByRole('heading', { level: 1, name: 'Administration' });
    this.search = page.getByRole('searchbox', { name: 'Find a person' });
    this.invite = section('Invite people');
    this.invitations = section('Open invitations');
    this.registration = section('Registration');
    this.confirm = new ConfirmDialog(page);
  }

  async openTab(name: 'People' | 'Invitations' | 'Audit log'): Promise<void> {
    await this.page.getByRole('tab', { name }).click();
  }

  /** A row of the table on the open tab. */
  row(text: string | RegExp): Locator {
    return this.page.getByRole('row').filter({ hasText: text });
  }

  dialog(name: string): Locator {
    return this.page.getByRole('dialog', { name, exact: true });
  }

  /** Opens the dialog about somebody. */
  async manage(name: string): Promise<Locator> {
    await this.page.getByRole('button', { name: `Manage ${name}` }).click();
    return this.dialog(name);
  }

  /** Makes an invitation; the answer is its link. */
  async makeInvitation(people: number, days: number): Promise<string> {
    await this.invite.getByLabel('How many people').fill(String(people));
    await this.invite.getByLabel('How many days').fill(String(days));
    await this.invite.getByRole('button', { name: 'Make an invitation' }).click();
    return this.invite.getByRole('textbox', { name: 'Link' }).inputValue();
  }
}
