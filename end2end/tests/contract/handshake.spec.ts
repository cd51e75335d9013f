/// Opening a socket: the open packet, where the token may come from, and who is refused.
import type { ChatSocket, ConnectOptions } from '../../support/chat_socket.ts';
import type { Person } from '../../support/person.ts';
import { expect, test } from '../../support/test.ts';
import { damaged, renamed, signedByAnother, unsigned } from '../../support/tokens.ts';

/** Whom the server takes a socket for: the sender of what it sends. */
async function whoIs(socket: ChatSocket): Promise<string> {
  return (await socket.ask('privateMessage', { receiver: 'dave', text: 'who am I?' })).sender;
}

/** The headers by which a browser of our own origin sends its cookie. */
function asOurPage(person: Person): ConnectOptions {
  return { extraHeaders: { cookie: person.cookie, origin: person.origin, 'sec-fetch-site': 'same-origin' } };
}

test('polling answers an Engine.IO open packet with the figures of the contract', async ({ server }) => {
  const answer = await fetch(`${server.origin}/socket.io/?EIO=4&transport=polling`);
  expect(answer.status).toBe(200);
  const packet = await answer.text();
  expect(packet[0]).toBe('0');
  expect(JSON.parse(packet.slice(1))).toEqual({
    sid: expect.stringMatching(/.{16,}/),
    upgrades: ['websocket'],
    pingInterval: 25000,
    pingTimeout: 20000,
    maxPayload: 1000000,
  });
});

const TRANSPORTS: [string, ConnectOptions][] = [
  ['polling first, then an upgrade', {}],
  ['polling alone', { transports: ['polling'] }],
  ['WebSocket alone', { transports: ['websocket'] }],
];

for (const [what, options] of TRANSPORTS) {
  test(`the stock client connects and talks by ${what}`, async ({ person }) => {
    const [alice, bob] = [await person('alice'), await person('bob')];
    const receiver = await bob.connect(options);
    const sender = await alice.connect(options);
    const sent = await sender.ask('privateMessage', { receiver: 'bob', text: 'hello' });
    expect((await receiver.message('hello')).id).toBe(sent.id);
    await receiver.ask('privateMessage', { receiver: 'alice', text: 'hello yourself' });
    await sender.message('hello yourself');
  });
}

test('the stock client upgrades to a WebSocket', async ({ person }) => {
  const socket = await (await person('alice')).connect();
  const engine = socket.socket.io.engine;
  await expect.poll(() => engine.transport.name).toBe('websocket');
  expect(await whoIs(socket)).toBe('alice');
});

test.describe('the token', () => {
  test('comes in the auth payload', async ({ person }) => {
    const alice = await person('alice');
    expect(await whoIs(await alice.socket({ auth: { token: alice.token } }).connect())).toBe('alice');
  });

  test('comes in the query', async ({ person }) => {
    const alice = await person('alice');
    expect(await whoIs(await alice.socket({ query: { token: alice.token } }).connect())).toBe('alice');
  });

  test('is in the query of a WebSocket too, as with the original', async ({ person }) => {
    const alice = await person('alice');
    const socket = alice.socket({ query: { token: alice.token }, transports: ['websocket'] });
    expect(await whoIs(await socket.connect())).toBe('alice');
  });

  for (const [what, options] of TRANSPORTS) {
    test(`is the session in the cookie, from a page of our own origin, by ${what}`, async ({ person }) => {
      const alice = await person('alice');
      expect(await whoIs(await alice.socket({ ...options, ...asOurPage(alice) }).connect())).toBe('alice');
    });
  }

  test('in the auth payload goes before the one in the query, and that before the cookie', async ({ person }) => {
    const [alice, bob, carol] = [await person('alice'), await person('bob'), await person('carol')];
    const all = { auth: { token: alice.token }, query: { token: bob.token }, ...asOurPage(carol) };
    expect(await whoIs(await alice.socket(all).connect())).toBe('alice');
    const two = { query: { token: bob.token }, ...asOurPage(carol) };
    expect(await whoIs(await alice.socket(two).connect())).toBe('bob');
  });

  test('that is present first decides, even when a later one is good', async ({ person }) => {
    const alice = await person('alice');
    const good = { auth: { token: alice.token }, query: { token: 'rubbish' } };
    expect(await whoIs(await alice.socket(good).connect())).toBe('alice');

    const badAuth = { auth: { token: 'rubbish' }, query: { token: alice.token }, ...asOurPage(alice) };
    await expect(alice.socket(badAuth).connect()).rejects.toThrow(/^unauthorized$/);
    const badQuery = { query: { token: 'rubbish' }, ...asOurPage(alice) };
    await expect(alice.socket(badQuery).connect()).rejects.toThrow(/^unauthorized$/);
  });
});

const REFUSED: [string, (alice: Person) => ConnectOptions][] = [
  ['nothing', () => ({})],
  ['an empty token', () => ({ auth: { token: '' } })],
  ['a token that is a number', () => ({ auth: { token: 7 } })],
  ['rubbish', () => ({ auth: { token: 'rubbish' } })],
  ['a token signed with another secret', (alice) => ({ auth: { token: signedByAnother(alice.token) } })],
  ['a token with a damaged signature', (alice) => ({ auth: { token: damaged(alice.token) } })],
  ['a token that says that it needs no signature', (alice) => ({ auth: { token: unsigned(alice.token) } })],
  ['a token with another name put in', (alice) => ({ auth: { token: renamed(alice.token, 'bob') } })],
  ['the session as the token', (alice) => ({ auth: { token: alice.session } })],
  ['the session as the token in the query', (alice) => ({ query: { token: alice.session } })],
  [
    'the socket token as the cookie',
    (alice) => ({
      extraHeaders: { cookie: `chatToken=${alice.token}`, origin: alice.origin, 'sec-fetch-site': 'same-origin' },
    }),
  ],
];

for (const [what, options] of REFUSED) {
  test(`${what} is refused as unauthorized`, async ({ person }) => {
    const alice = await person('alice');
    expect((await alice.connect()).socket.connected).toBe(true);
    for (const transport of ['polling', 'websocket'] as const) {
      const refused = alice.socket({ ...options(alice), transports: [transport] });
      await expect(refused.connect(), transport).rejects.toThrow(/^unauthorized$/);
      expect(refused.socket.connected).toBe(false);
    }
  });
}

test('a refused socket gets no event carried out', async ({ person }) => {
  const [alice, bob] = [await person('alice'), await person('bob')];
  const receiver = await bob.connect();
  const refused = alice.socket({ auth: { token: 'rubbish' } });
  await expect(refused.connect()).rejects.toThrow();
  // Past the client's own guard, straight onto the connection.
  refused.socket.io.engine.write(`2/chat,["privateMessage",{"receiver":"bob","text":"from nobody"}]`);
  await (await alice.connect()).ask('privateMessage', { receiver: 'bob', text: 'from alice' });
  await receiver.message('from alice');
  expect(receiver.texts()).toEqual(['from alice']);
});

test('the namespace is /chat; another is refused', async ({ server, person }) => {
  const alice = await person('alice');
  await alice.connect();
  const { io } = await import('socket.io-client');
  for (const namespace of ['/', '/admin']) {
    const socket = io(server.origin + namespace, { forceNew: true, auth: { token: alice.token } });
    const outcome = await new Promise<string>((done) => {
      socket.once('connect', () => done('connected'));
      socket.once('connect_error', (error) => done(error.message));
    });
    socket.disconnect();
    expect(outcome, namespace).not.toBe('connected');
  }
});

test.describe('with sessions of two seconds', () => {
  test.use({ serverOptions: { environment: { NATTER_SESSION_SECONDS: '2' } } });

  test('a token whose time is over is refused as token-expired', async ({ person }) => {
    const alice = await person('alice');
    expect((await alice.connect()).socket.connected).toBe(true);
    await expect.poll(async () => (await alice.get('/web/session')).status).toBe(401);
    await expect(alice.socket({ auth: { token: alice.token } }).connect()).rejects.toThrow(/^token-expired$/);
    await expect(alice.socket({ query: { token: alice.token } }).connect()).rejects.toThrow(/^token-expired$/);
    await expect(alice.socket(asOurPage(alice)).connect()).rejects.toThrow(/^(token-expired|unauthorized)$/);
  });

  test('a forged token is unauthorized, however old it says that it is', async ({ person }) => {
    const alice = await person('alice');
    await expect.poll(async () => (await alice.get('/web/session')).status).toBe(401);
    await expect(alice.socket({ auth: { token: signedByAnother(alice.token) } }).connect()).rejects.toThrow(
      /^unauthorized$/,
    );
  });
});

test('what a query brings as a token is in no log', async ({ server, person }) => {
  const alice = await person('alice');
  const socket = await alice.connect({ auth: {}, query: { token: alice.token }, transports: ['websocket'] });
  expect(await whoIs(socket)).toBe('alice');
  await expect(alice.connect({ auth: {}, query: { token: 'not-a-token-at-all' } })).rejects.toThrow();
  await server.stop();
  expect(server.log).not.toContain(alice.token);
  expect(server.log).not.toContain('not-a-token-at-all');
});
