/// `/health` and `/ready`, and what is not there at all.
import { expectProblem } from '../../support/problem.ts';
import { expect, test } from '../../support/test.ts';

test('the process says that it serves, and that its database answers, to anybody', async ({ server }) => {
  expect((await fetch(`${server.origin}/health`)).status).toBe(200);
  expect((await fetch(`${server.origin}/ready`)).status).toBe(200);
});

test('an unknown path under /web is a problem, not a page', async ({ server, person }) => {
  const alice = await person('alice');
  await expectProblem(await alice.get('/web/nothing-here'), 404, 'not-found');
  await expectProblem(await fetch(`${server.origin}/web/nothing-here`), 404, 'not-found');
});

test('a method that a path does not know is a problem', async ({ server, person }) => {
  const alice = await person('alice');
  expect((await alice.get('/web/users')).status).toBe(200);
  const answer = await fetch(`${server.origin}/web/users`, { method: 'DELETE', headers: { cookie: alice.cookie } });
  await expectProblem(answer, 405, 'method-not-allowed');
  await expectProblem(await fetch(`${server.origin}/web/login`), 405, 'method-not-allowed');
});
