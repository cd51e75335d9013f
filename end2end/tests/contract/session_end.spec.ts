/// The session that ends while a socket is open.
import { expect, test } from '../../support/test.ts';
import { claimsOf } from '../../support/tokens.ts';

test.use({ serverOptions: { environment: { NATTER_SESSION_SECONDS: '3' } } });

test('an open socket is told that its session ended, and is then disconnected', async ({ person }) => {
  const alice = await person('alice');
  const sockets = [await alice.connect(), await alice.connect({ transports: ['polling'] })];
  await sockets[0]!.ask('privateMessage', { receiver: 'bob', text: 'while it lasts' });
  for (const socket of sockets) {
    const event = await socket.seen('token-expired');
    expect(event.response).toMatch(/\S+ \S+/);
    expect(await socket.disconnected()).toBe('io server disconnect');
    expect(socket.socket.connected).toBe(false);
  }
  expect(Date.now() / 1000).toBeGreaterThanOrEqual(claimsOf(alice.session).exp - 1);
});

test('another session of the same person goes on', async ({ person }) => {
  const first = await person('alice');
  const early = await first.connect();
  // Sessions count from their own sign-in: this one begins when a second of the first is over.
  await expect.poll(() => Date.now() / 1000 > claimsOf(first.session).exp - 1.5, { intervals: [50] }).toBe(true);
  const second = await person('alice');
  const late = await second.connect();
  await early.disconnected();
  expect(late.socket.connected).toBe(true);
  await late.ask('privateMessage', { receiver: 'bob', text: 'still here' });
});
