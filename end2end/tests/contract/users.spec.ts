/// `GET /web/users`: everyone the caller may write to.
import { expectProblem } from '../../support/problem.ts';
import { expect, test } from '../../support/test.ts';

test('everyone else is there, by name, with whether they are online and were ever here', async ({ person }) => {
  const alice = await person('alice');
  const users = await alice.users();
  expect([...users].sort((one, other) => one.username.localeCompare(other.username))).toEqual([
    { username: 'bob', displayName: 'Bob', online: false, lastSeenAt: 0 },
    { username: 'carol', displayName: 'Carol', online: false, lastSeenAt: 0 },
    { username: 'dave', displayName: 'Dave', online: false, lastSeenAt: 0 },
  ]);
});

test('somebody with an open socket is online', async ({ person }) => {
  const [alice, bob] = [await person('alice'), await person('bob')];
  await bob.connect();
  await expect
    .poll(async () => (await alice.users()).filter((user) => user.online).map((user) => user.username))
    .toEqual(['bob']);
});

test('nobody sees the people without a session', async ({ server, person }) => {
  expect((await (await person('alice')).get('/web/users')).status).toBe(200);
  await expectProblem(await fetch(`${server.origin}/web/users`), 401, 'unauthorized');
});
