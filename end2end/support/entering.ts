/// A server on which people have accounts: how the first of them comes in, and what they do for others
/// by requests alone.
import { expect } from '@playwright/test';

import type { Session } from './protocol.ts';
import { Person, sessionCookie } from './person.ts';
import type { Server, ServerOptions } from './server.ts';

export const WITH_ACCOUNTS: ServerOptions = { environment: { NATTER_SIGN_IN: 'account' } };
/** Good enough for everybody in these stories. */
export const PASSWORD = 'a horse that reads';

/** The token of the link that a new server prints for its owner, after it has said where it listens. */
export async function ownerToken(server: Server): Promise<string> {
  const link = /\S+\/join#\S+(?=\s)/;
  await expect.poll(() => server.log).toMatch(link);
  return tokenOf(link.exec(server.log)?.[0] ?? '');
}

/** Makes an account as a program does. */
export async function join(server: Server, username: string, token: string): Promise<Person> {
  const answer = await fetch(`${server.origin}/web/join`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password: PASSWORD, token }),
  });
  if (answer.status !== 200) throw new Error(`${username} cannot join: ${answer.status} ${await answer.text()}`);
  const { username: name } = (await answer.json()) as Session;
  return new Person(server.origin, server.socketOrigin, name, sessionCookie(answer), answer.headers.get('auth-token') ?? '');
}

/** The owner, who is called olga. */
export async function begin(server: Server): Promise<Person> {
  return join(server, 'olga', await ownerToken(server));
}

/** The token of an invitation that `person` makes. */
export async function invite(person: Person, uses = 1): Promise<string> {
  const link = (await change(person, 'POST', '/web/admin/invitations', { uses, days: 1 })) as { url: string };
  return tokenOf(link.url);
}

/** The token of a link by which somebody sets a new password. */
export async function resetLink(person: Person, username: string): Promise<string> {
  return tokenOf(((await change(person, 'POST', `/web/admin/people/${username}/reset`)) as { url: string }).url);
}

export async function openRegistration(person: Person): Promise<void> {
  await change(person, 'PATCH', '/web/admin/settings', { openRegistration: true });
}

export async function recoveryCodes(person: Person): Promise<string[]> {
  return ((await change(person, 'POST', '/web/account/recovery-codes')) as { codes: string[] }).codes;
}

function tokenOf(url: string): string {
  const token = url.split('#')[1];
  if (!token) throw new Error(`There is no token in “${url}”.`);
  return token;
}

async function change(person: Person, method: string, path: string, body: object = {}): Promise<unknown> {
  const answer = await fetch(person.origin + path, {
    method,
    headers: { cookie: person.cookie, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return person.json(answer);
}
