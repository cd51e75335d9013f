/// `GET /web/session`, and everything that is not a session.
import type { Person } from '../../support/person.ts';
import { expectProblem } from '../../support/problem.ts';
import { expect, test } from '../../support/test.ts';
import { claimsOf, damaged, renamed, signedByAnother, unsigned } from '../../support/tokens.ts';

test('the cookie gets the session and a fresh socket token', async ({ person }) => {
  const alice = await person('alice');
  const answer = await alice.get('/web/session');
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ username: 'alice', displayName: 'Alice' });
  const token = answer.headers.get('auth-token')!;
  expect(claimsOf(token).sub).toBe('alice');
  const socket = await alice.connect({ auth: { token } });
  expect(socket.socket.connected).toBe(true);
});

test('a token and a session are never kept by a cache', async ({ person }) => {
  const answer = await (await person('alice')).get('/web/session');
  expect(answer.headers.get('cache-control')).toContain('no-store');
});

test('without a cookie there is no session', async ({ server, person }) => {
  expect((await (await person('alice')).get('/web/session')).status).toBe(200);
  const answer = await fetch(`${server.origin}/web/session`);
  expect(answer.headers.get('auth-token')).toBeNull();
  await expectProblem(answer, 401, 'unauthorized');
});

const NOT_A_SESSION: [string, (alice: Person) => string][] = [
  ['nothing', () => ''],
  ['rubbish', () => 'rubbish'],
  ['three rubbish parts', () => 'a.b.c'],
  ['a token signed with another secret', (alice) => signedByAnother(alice.session)],
  ['a token with a damaged signature', (alice) => damaged(alice.session)],
  ['a token that says that it needs no signature', (alice) => unsigned(alice.session)],
  ['a token with another name put in', (alice) => renamed(alice.session, 'bob')],
  ['the socket token', (alice) => alice.token],
];

for (const [what, cookie] of NOT_A_SESSION) {
  test(`${what} in the cookie is no session`, async ({ server, person }) => {
    const alice = await person('alice');
    expect((await alice.get('/web/session')).status).toBe(200);
    for (const path of ['/web/session', '/web/users', '/web/conversations', '/web/conversations/1/messages']) {
      const answer = await fetch(server.origin + path, { headers: { cookie: `chatToken=${cookie(alice)}` } });
      await expectProblem(answer, 401, 'unauthorized');
    }
  });
}

test('the session in an Authorization header is not taken for the cookie', async ({ server, person }) => {
  const alice = await person('alice');
  const answer = await fetch(`${server.origin}/web/session`, { headers: { authorization: `Bearer ${alice.session}` } });
  await expectProblem(answer, 401, 'unauthorized');
});

test.describe('with sessions of two seconds', () => {
  test.use({ serverOptions: { environment: { NATTER_SESSION_SECONDS: '2' } } });

  test('a session ends when its time is over', async ({ person }) => {
    const alice = await person('alice');
    expect((await alice.get('/web/session')).status).toBe(200);
    await expect.poll(async () => (await alice.get('/web/session')).status).toBe(401);
    await expectProblem(await alice.get('/web/session'), 401, 'unauthorized');
    expect(Date.now() / 1000).toBeGreaterThanOrEqual(claimsOf(alice.session).exp);
  });

  test('asking for the session does not make it longer than it is', async ({ person }) => {
    const alice = await person('alice');
    const answer = await alice.get('/web/session');
    const token = answer.headers.get('auth-token')!;
    expect(claimsOf(token).exp).toBeLessThanOrEqual(claimsOf(alice.session).exp);
  });
});
