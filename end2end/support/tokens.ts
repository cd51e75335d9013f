/// JWTs as a forger makes them, and what one says to whoever reads it.
import { createHmac } from 'node:crypto';

export interface Claims {
  sub: string;
  exp: number;
  [name: string]: unknown;
}

/** What a token claims, unchecked. */
export function claimsOf(token: string): Claims {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Claims;
}

/** The same claims, signed with a secret that is not the server's. */
export function signedByAnother(token: string): string {
  const [header, claims] = token.split('.');
  const signature = createHmac('sha256', 'not the secret of this server, but long').update(`${header}.${claims}`);
  return `${header}.${claims}.${signature.digest('base64url')}`;
}

/** The same claims, with a header that says that there is no signature, and none. */
export function unsigned(token: string): string {
  return `${encode({ alg: 'none', typ: 'JWT' })}.${token.split('.')[1]}.`;
}

/** Another person's name in the claims, under the signature for the first. */
export function renamed(token: string, username: string): string {
  const [header, , signature] = token.split('.');
  return `${header}.${encode({ ...claimsOf(token), sub: username })}.${signature}`;
}

/** The same token with one character of its signature changed. */
export function damaged(token: string): string {
  const at = token.lastIndexOf('.') + 10;
  return token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
