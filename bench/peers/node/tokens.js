// Two tokens: the cookie is the session, the other one opens sockets for ten minutes. Neither passes for the other.
import { createSecretKey, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import jwt from 'jsonwebtoken';

export const SESSION_SECONDS = 7 * 24 * 3600;
const SOCKET_SECONDS = 600;

// Whoever is signed in stays so over a restart, so the secret is kept.
const readSecret = (file) => {
  try {
    return readFileSync(file);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    const secret = randomBytes(32);
    writeFileSync(file, secret, { mode: 0o600 });
    return secret;
  }
};

export const openTokens = (file) => {
  // A key object once: a plain secret would be made into one for every token.
  const key = createSecretKey(readSecret(file));
  const sign = (username, audience, expiresIn) => jwt.sign({}, key, { subject: username, audience, expiresIn });
  // Throws what jsonwebtoken throws.
  const check = (token, audience) => jwt.verify(token, key, { algorithms: ['HS256'], audience }).sub;
  return {
    forSession: (username) => sign(username, 'session', SESSION_SECONDS),
    forSocket: (username) => sign(username, 'socket', SOCKET_SECONDS),
    ofSession: (token) => check(token, 'session'),
    ofSocket: (token) => check(token, 'socket'),
  };
};

/** The session in a Cookie header, if there is one. */
export const sessionCookie = (header = '') => /(?:^|;\s*)chatToken=([^;\s]+)/.exec(header)?.[1];
