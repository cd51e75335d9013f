/// Which pages may open a socket, and when a browser's cookie counts.
import type { ConnectOptions } from '../../support/chat_socket.ts';
import type { Person } from '../../support/person.ts';
import { pollingHandshake, webSocketHandshake } from '../../support/raw.ts';
import { expect, test } from '../../support/test.ts';

const FOREIGN = ['http://evil.example', 'https://127.0.0.1', 'http://127.0.0.1:1', 'null', 'http://127.0.0.1.evil.example'];

test('a handshake from our own origin, or from a program, is let in', async ({ server }) => {
  for (const headers of [{ origin: server.origin }, {} as Record<string, string>]) {
    expect(await pollingHandshake(server.origin, headers)).toBe(200);
    expect(await webSocketHandshake(server.origin, headers)).toBe(101);
  }
});

for (const origin of FOREIGN) {
  test(`a handshake from ${origin} is refused before any upgrade`, async ({ server }) => {
    expect(await pollingHandshake(server.origin, { origin: server.origin })).toBe(200);
    expect(await webSocketHandshake(server.origin, { origin: server.origin })).toBe(101);
    for (const handshake of [pollingHandshake, webSocketHandshake]) {
      const status = await handshake(server.origin, { origin });
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
    }
  });
}

test('a good token does not open the door to a foreign page', async ({ person }) => {
  const alice = await person('alice');
  for (const transport of ['polling', 'websocket'] as const) {
    const from = (origin: string): ConnectOptions => ({
      auth: { token: alice.token },
      transports: [transport],
      extraHeaders: { origin },
    });
    expect((await alice.socket(from(alice.origin)).connect()).socket.connected).toBe(true);
    await expect(alice.socket(from('http://evil.example')).connect()).rejects.toThrow();
  }
});

test('a name that only points at this machine is a foreign host', async ({ server }) => {
  const rebound = { host: `evil.example:${server.port}`, origin: `http://evil.example:${server.port}` };
  expect(await pollingHandshake(server.origin, { origin: server.origin })).toBe(200);
  for (const handshake of [pollingHandshake, webSocketHandshake]) {
    const status = await handshake(server.origin, rebound);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
  }
});

test('localhost is as good a name of this machine as its number', async ({ server }) => {
  const local = { host: `localhost:${server.port}`, origin: `http://localhost:${server.port}` };
  expect(await pollingHandshake(server.origin, local)).toBe(200);
  expect(await webSocketHandshake(server.origin, local)).toBe(101);
});

test.describe('behind a proxy with an origin of its own', () => {
  test.use({ serverOptions: { environment: { NATTER_PUBLIC_ORIGIN: 'https://chat.example' } } });

  test('that origin is ours and no other', async ({ server }) => {
    expect(await pollingHandshake(server.origin, { origin: 'https://chat.example' })).toBe(200);
    expect(await webSocketHandshake(server.origin, { origin: 'https://chat.example' })).toBe(101);
    for (const origin of ['http://chat.example', 'https://chat.example.evil.example', 'https://chat.example:444']) {
      const status = await webSocketHandshake(server.origin, { origin });
      expect(status, origin).toBeGreaterThanOrEqual(400);
      expect(status, origin).toBeLessThan(500);
    }
  });
});

test.describe('where a browser sends no Origin, Sec-Fetch-Site decides whether the cookie counts:', () => {
  const withCookie = (person: Person, site: string | undefined): ConnectOptions => ({
    transports: ['polling'],
    extraHeaders: { cookie: person.cookie, ...(site === undefined ? {} : { 'sec-fetch-site': site }) },
  });

  test('it does for our own page', async ({ person }) => {
    const alice = await person('alice');
    const socket = await alice.socket(withCookie(alice, 'same-origin')).connect();
    expect(await socket.ask('privateMessage', { receiver: 'bob', text: 'hello' })).toMatchObject({ sender: 'alice' });
  });

  for (const site of ['cross-site', 'same-site']) {
    test(`it does not for a page that is ${site}`, async ({ person }) => {
      const alice = await person('alice');
      expect((await alice.socket(withCookie(alice, 'same-origin')).connect()).socket.connected).toBe(true);
      await expect(alice.socket(withCookie(alice, site)).connect()).rejects.toThrow();
    });
  }

  test('it does not for a program that sends neither, which brings a token instead', async ({ person }) => {
    const alice = await person('alice');
    expect((await alice.connect()).socket.connected).toBe(true);
    await expect(alice.socket(withCookie(alice, undefined)).connect()).rejects.toThrow(/^unauthorized$/);
  });
});
