// Signing in, lists and pages.
import { STATUS_CODES } from 'node:http';
import express from 'express';
import { conversationId, Refusal, username } from './checks.js';
import { SESSION_SECONDS, sessionCookie } from './tokens.js';

const STATUS = { 'invalid-credentials': 401, unauthorized: 401, 'unknown-conversation': 404, 'not-found': 404 };
const PAGE = 50;
const MAX_PAGE = 200;

/** A whole number of a query, undefined if it is not there. */
const wholeNumber = (value) => {
  if (value === undefined) return undefined;
  if (!/^\d{1,15}$/.test(value)) throw new Refusal('invalid-payload', 'limit, before and after are whole numbers.');
  return Number(value);
};

export const createWeb = (store, tokens) => {
  const app = express();
  app.disable('x-powered-by');
  // Nobody asks for the same page conditionally, so hashing every body would be for nothing.
  app.disable('etag');
  app.use(express.json({ limit: '64kb' }));

  const answer = (response, account) => {
    response.set('auth-token', tokens.forSocket(account.username)).json({
      username: account.username,
      displayName: account.username,
      expiresAt: Date.now() + SESSION_SECONDS * 1000,
    });
  };

  const signedIn = (request, _response, next) => {
    try {
      request.account = store.account(tokens.ofSession(sessionCookie(request.headers.cookie)));
    } catch {
      // Missing, forged or expired: all the same to whoever asks.
    }
    if (!request.account) throw new Refusal('unauthorized', 'Sign in to go on.');
    next();
  };

  app.get(['/health', '/ready'], (_request, response) => response.type('text').send('ok'));

  app.post('/web/login', (request, response) => {
    const name = username(request.body?.username);
    const account = name && store.account(name);
    if (!account) throw new Refusal('invalid-credentials', 'Nobody with this name can sign in here.');
    const cookie = { httpOnly: true, sameSite: 'lax', maxAge: SESSION_SECONDS * 1000 };
    answer(response.cookie('chatToken', tokens.forSession(account.username), cookie), account);
  });

  app.get('/web/session', signedIn, (request, response) => answer(response, request.account));

  app.get('/web/conversations', signedIn, (request, response) => {
    response.json(store.conversationsOf(request.account.id));
  });

  app.get('/web/conversations/:id/messages', signedIn, ({ account, params, query }, response) => {
    const limit = wholeNumber(query.limit) ?? PAGE;
    const before = wholeNumber(query.before);
    const after = wholeNumber(query.after);
    if (limit === 0 || (before !== undefined && after !== undefined)) {
      throw new Refusal('invalid-payload', 'limit is at least 1, and a page lies before a seq or after one, not both.');
    }
    const page = { limit: Math.min(limit, MAX_PAGE), before, after };
    response.json(store.page(account.id, conversationId(params.id), page));
  });

  app.use(() => {
    throw new Refusal('not-found', 'There is nothing here.');
  });

  // Four parameters are what makes it Express's handler of errors.
  app.use((error, _request, response, _next) => {
    const isRefusal = error instanceof Refusal;
    // What the parser of bodies refuses has a status below 500.
    const status = isRefusal ? (STATUS[error.code] ?? 400) : (error.status ?? 500);
    const isFault = status >= 500;
    if (isFault) console.error(error);
    const code = isRefusal ? error.code : isFault ? 'internal' : 'invalid-payload';
    const detail = isRefusal ? error.message : isFault ? 'Something went wrong.' : 'The request cannot be read.';
    response.status(status).type('application/problem+json');
    response.send(JSON.stringify({ title: STATUS_CODES[status], status, code, detail }));
  });

  return app;
};
