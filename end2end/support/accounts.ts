/// People with real accounts: made through the API, as a program does, and signed in in a browser.
import { expect, type BrowserContextOptions, type Page } from '@playwright/test';

import { sessionCookie } from './person.ts';
import type { Server, ServerOptions } from './server.ts';

/** What makes a server one where people have accounts. */
export const ACCOUNTS: ServerOptions = { environment: { NATTER_SIGN_IN: 'account' } };

/** Good enough for every rule there is, and the same for everybody. */
export const PASSWORD = 'seven quiet otters';

/** The token of the link that the server writes as long as nobody owns it. */
export async function ownerToken(server: Server): Promise<string> {
  const find = () => /\/join#([\w-]+)/.exec(server.log)?.[1] ?? '';
  await expect.poll(find, { message: 'the link for the owner' }).not.toBe('');
  return find();
}

/** Makes an account, by a link's token where registration is not open. */
export async function joinAs(server: Server, username: string, token?: string, displayName?: string): Promise<Account> {
  const answer = await fetch(`${server.origin}/web/join`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token, username, displayName, password: PASSWORD }),
  });
  if (!answer.ok) throw new Error(`${username} cannot join: ${answer.status} ${await answer.text()}`);
  return new Account(server.origin, username, sessionCookie(answer));
}

/** Makes the first account, which owns the chat. */
export async function becomeOwner(server: Server, username: string): Promise<Account> {
  return joinAs(server, username, await ownerToken(server));
}

/** Somebody with an account, and a session of it that no browser has. */
export class Account {
  constructor(
    readonly origin: string,
    readonly username: string,
    readonly session: string,
  ) {}

  /** A request as they make it; refused ones are answers too. */
  request(method: string, path: string, body?: unknown): Promise<Response> {
    return fetch(this.origin + path, {
      method,
      headers: { cookie: `chatToken=${this.session}`, 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  }

  /** A request that has to work, and its answer. */
  async ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.request(method, path, body);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  /** Lets others in: the token of an invitation that they made. */
  async invite(uses: number = 1): Promise<string> {
    const link = await this.ask<{ url: string }>('POST', '/web/admin/invitations', { uses, days: 1 });
    return tokenOf(link.url);
  }

  /** Their account in a browser, with a session of its own. */
  async signInOn(page: Page): Promise<void> {
    const data = { username: this.username, password: PASSWORD };
    const answer = await page.context().request.post(`${this.origin}/web/login`, { data });
    expect(answer.status()).toBe(200);
  }
}

/** What follows the `#` of a link. */
export function tokenOf(url: string): string {
  return url.split('#')[1] ?? '';
}

/** Opens a page of the chat as somebody with an account. */
export async function visitAs(
  account: Account,
  openPage: (context?: BrowserContextOptions) => Promise<Page>,
  path: string,
  context?: BrowserContextOptions,
): Promise<Page> {
  const page = await openPage(context);
  await account.signInOn(page);
  await page.goto(path);
  return page;
}

/** Checks that a page was signed out by the server, and says so. */
export async function expectSignedOut(page: Page, patience?: number): Promise<void> {
  await expect(page).toHaveURL(/\/login(\?|$)/, { timeout: patience });
  await expect(page.getByRole('status').filter({ hasText: 'Your session has ended.' })).toBeVisible();
}
