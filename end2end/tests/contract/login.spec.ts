/// `POST /web/login`: signing in by name, the cookie and the header, and what is refused.
import { login, sessionCookie, signIn } from '../../support/person.ts';
import { expectProblem } from '../../support/problem.ts';
import { expect, test } from '../../support/test.ts';
import { claimsOf } from '../../support/tokens.ts';

test('a known name gets the session in a cookie and a socket token in a header', async ({ server }) => {
  const answer = await login(server.origin, 'alice');
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ username: 'alice', displayName: 'Alice' });
  expect(answer.headers.get('auth-token')).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
  expect(sessionCookie(answer)).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
});

test('the cookie is HttpOnly, for every path, SameSite=Lax, and not Secure over plain http', async ({ server }) => {
  const answer = await login(server.origin, 'alice');
  const cookies = answer.headers.getSetCookie();
  expect(cookies).toHaveLength(1);
  const attributes = cookies[0]!.split(';').slice(1).map((attribute) => attribute.trim());
  expect(attributes).toEqual(expect.arrayContaining(['HttpOnly', 'Path=/', 'SameSite=Lax']));
  expect(attributes).not.toContain('Secure');
  expect(attributes.filter((attribute) => attribute.startsWith('Domain'))).toEqual([]);
});

test.describe('behind an https origin', () => {
  test.use({ serverOptions: { environment: { NATTER_PUBLIC_ORIGIN: 'https://chat.example' } } });

  test('the cookie is Secure', async ({ server }) => {
    const answer = await login(server.origin, 'alice', { origin: 'https://chat.example' });
    expect(answer.status).toBe(200);
    const attributes = answer.headers.getSetCookie()[0]!.split(';').map((attribute) => attribute.trim());
    expect(attributes).toEqual(expect.arrayContaining(['Secure', 'HttpOnly', 'Path=/', 'SameSite=Lax']));
  });
});

test('both tokens name the person in sub, and the one in the header is good for ten minutes at most', async ({ server }) => {
  const alice = await signIn(server.origin, 'alice');
  const now = Date.now() / 1000;
  expect(claimsOf(alice.session).sub).toBe('alice');
  expect(claimsOf(alice.token).sub).toBe('alice');
  expect(claimsOf(alice.token).exp - now).toBeGreaterThan(9 * 60);
  expect(claimsOf(alice.token).exp - now).toBeLessThanOrEqual(10 * 60 + 1);
  expect(alice.token).not.toBe(alice.session);
});

test('a session lasts seven days unless told otherwise', async ({ person }) => {
  const alice = await person('alice');
  const seconds = claimsOf(alice.session).exp - Date.now() / 1000;
  expect(seconds).toBeGreaterThan(7 * 24 * 3600 - 60);
  expect(seconds).toBeLessThan(7 * 24 * 3600 + 60);
});

test('a fresh database has the people alice, bob, carol and dave', async ({ server }) => {
  for (const username of ['alice', 'bob', 'carol', 'dave']) {
    expect((await login(server.origin, username)).status, username).toBe(200);
  }
});

test('capitals and surrounding space in a username do not matter', async ({ server }) => {
  const answer = await login(server.origin, '  Alice ');
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ username: 'alice' });
});

test('an unknown name is refused with a sentence for the field', async ({ server }) => {
  expect((await login(server.origin, 'alice')).status).toBe(200);
  const answer = await login(server.origin, 'mallory');
  expect(answer.headers.getSetCookie()).toEqual([]);
  expect(answer.headers.get('auth-token')).toBeNull();
  const problem = await expectProblem(answer, 401, 'invalid-credentials');
  expect(problem.field).toBe('username');
});

test('thirty sign-ins in a row from one address are not too many', async ({ server }) => {
  const answers = await Promise.all(Array.from({ length: 30 }, () => login(server.origin, 'alice')));
  expect(answers.map((answer) => answer.status)).toEqual(Array(30).fill(200));
});

const BAD_BODIES: [string, string, Record<string, string>][] = [
  ['no body', '', { 'content-type': 'application/json' }],
  ['malformed JSON', '{"username":', { 'content-type': 'application/json' }],
  ['a body that is no object', '"alice"', { 'content-type': 'application/json' }],
  ['a missing field', '{}', { 'content-type': 'application/json' }],
  ['a number for a name', '{"username":7}', { 'content-type': 'application/json' }],
  ['null for a name', '{"username":null}', { 'content-type': 'application/json' }],
  ['a list for a name', '{"username":["alice"]}', { 'content-type': 'application/json' }],
  ['an empty name', '{"username":""}', { 'content-type': 'application/json' }],
  ['a name with a null character', '{"username":"alice\\u0000"}', { 'content-type': 'application/json' }],
  ['a name with SQL in it', `{"username":"alice' OR '1'='1"}`, { 'content-type': 'application/json' }],
  ['a name of a thousand letters', `{"username":"${'a'.repeat(1000)}"}`, { 'content-type': 'application/json' }],
  ['a body that is not said to be JSON', '{"username":"alice"}', { 'content-type': 'text/plain' }],
  ['a body of four megabytes', `{"username":"alice","x":"${'x'.repeat(4_000_000)}"}`, { 'content-type': 'application/json' }],
];

for (const [what, body, headers] of BAD_BODIES) {
  test(`a sign-in with ${what} is a clear refusal`, async ({ server }) => {
    expect((await login(server.origin, 'alice')).status).toBe(200);
    const answer = await fetch(`${server.origin}/web/login`, { method: 'POST', headers, body });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(answer.headers.getSetCookie()).toEqual([]);
    await expectProblem(answer, answer.status);
    expect((await login(server.origin, 'alice')).status).toBe(200);
  });
}

test('a sign-in that a page of a foreign origin sends is refused', async ({ server }) => {
  const own = { origin: server.origin, 'sec-fetch-site': 'same-origin' };
  expect((await login(server.origin, 'alice', own)).status).toBe(200);
  const foreign = { origin: 'http://evil.example', 'sec-fetch-site': 'cross-site' };
  const answer = await login(server.origin, 'alice', foreign);
  expect(answer.status).toBe(403);
  expect(answer.headers.getSetCookie()).toEqual([]);
});
