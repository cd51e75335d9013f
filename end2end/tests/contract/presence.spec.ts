/// `onlineStatus`: the first socket coming and the last one going.
import { expect, test } from '../../support/test.ts';

test('the first socket makes a person online, and a second one nothing more', async ({ person }) => {
  const [alice, bob] = [await person('alice'), await person('bob')];
  const watcher = await alice.connect();
  await bob.connect();
  expect(await watcher.seen('onlineStatus', (event) => event.username === 'bob')).toEqual({ username: 'bob', online: true });
  const second = await bob.connect();
  await second.ask('privateMessage', { receiver: 'alice', text: 'a round trip later' });
  await watcher.message('a round trip later');
  expect(watcher.all('onlineStatus').filter((event) => event.username === 'bob')).toHaveLength(1);
});

test('the last socket going makes a person offline after five to ten seconds', async ({ person }) => {
  const [alice, bob] = [await person('alice'), await person('bob')];
  const watcher = await alice.connect();
  const [one, other] = [await bob.connect(), await bob.connect()];
  await watcher.seen('onlineStatus', (event) => event.username === 'bob' && event.online);
  one.close();
  await other.ask('privateMessage', { receiver: 'alice', text: 'one is left' });
  const left = performance.now();
  other.close();
  const isGone = (event: { username: string; online: boolean }) => event.username === 'bob' && !event.online;
  await watcher.seen('onlineStatus', isGone, 15_000);
  const [gone] = watcher.times('onlineStatus', isGone);
  expect(gone! - left).toBeGreaterThan(4_900);
  expect(gone! - left).toBeLessThan(11_000);
  const bobsRow = (await alice.users()).find((user) => user.username === 'bob');
  expect(bobsRow).toMatchObject({ online: false });
});

test('a refresh within the grace is no flicker', async ({ person }) => {
  const [alice, bob, carol, dave] = [await person('alice'), await person('bob'), await person('carol'), await person('dave')];
  const watcher = await alice.connect();
  const [before, first, second] = [await bob.connect(), await carol.connect(), await dave.connect()];
  await watcher.seen('onlineStatus', (event) => event.username === 'bob');
  before.close();
  await bob.connect();
  // Two others go one after the other: by the time that both are seen to be gone, ten seconds have passed for bob.
  first.close();
  await watcher.seen('onlineStatus', (event) => event.username === 'carol' && !event.online, 15_000);
  second.close();
  await watcher.seen('onlineStatus', (event) => event.username === 'dave' && !event.online, 15_000);
  expect(watcher.all('onlineStatus').filter((event) => event.username === 'bob')).toEqual([{ username: 'bob', online: true }]);
});

test('a connection that breaks without a goodbye ends the same way', async ({ person }) => {
  const [alice, bob] = [await person('alice'), await person('bob')];
  const watcher = await alice.connect();
  const socket = await bob.connect({ transports: ['websocket'], reconnection: false });
  await watcher.seen('onlineStatus', (event) => event.username === 'bob' && event.online);
  // The engine closes the connection without the namespace's DISCONNECT packet.
  socket.socket.io.engine.close();
  await watcher.seen('onlineStatus', (event) => event.username === 'bob' && !event.online, 15_000);
});
