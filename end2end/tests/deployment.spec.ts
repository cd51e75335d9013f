/// The story of two people once more, behind the deployment's nginx: over plain http (dev) and
/// over TLS (prod), with sockets on a listener of their own.
import { io } from 'socket.io-client';

import { prepareProxy, type Proxy, type ProxyKind } from '../nginx/proxy.ts';
import { ChatPage } from '../pages/chat_page.ts';
import { LoginPage } from '../pages/login_page.ts';
import { startServer, type Server } from '../support/server.ts';
import { expect, test as base } from '../support/test.ts';

const test = base.extend<{ kind: ProxyKind; deployment: { proxy: Proxy; server: Server } }>({
  kind: ['dev', { option: true }],
  deployment: async ({ kind }, use) => {
    const proxy = await prepareProxy(kind);
    try {
      const environment = { NATTER_PUBLIC_ORIGIN: proxy.origin };
      const server = await startServer({ environment, socketListener: true });
      try {
        await proxy.start({ httpPort: server.port, socketPort: server.socketPort });
        await use({ proxy, server });
      } finally {
        await server.dispose();
      }
    } finally {
      await proxy.stop();
    }
  },
});

for (const kind of ['dev', 'prod'] as const) {
  test.describe(`behind the ${kind} nginx`, () => {
    test.use({ kind });

    test('two people sign in and talk', async ({ browser, deployment }) => {
      const chats: ChatPage[] = [];
      for (const username of ['alice', 'bob']) {
        const context = await browser.newContext({ baseURL: deployment.proxy.origin });
        const page = await context.newPage();
        await page.goto('/');
        const login = new LoginPage(page);
        await login.isShown();
        await login.signIn(username);
        const chat = new ChatPage(page);
        await expect(chat.navigation).toBeVisible();
        const [cookie] = await context.cookies();
        expect(cookie).toMatchObject({ name: 'chatToken', httpOnly: true, secure: kind === 'prod' });
        chats.push(chat);
      }
      const [alice, bob] = chats as [ChatPage, ChatPage];
      await alice.open('Bob');
      await alice.write('hello Bob');
      await alice.hasTick('hello Bob', 'Delivered');
      await bob.open('Alice');
      await bob.write('hello Alice');
      await alice.shows(['hello Bob', 'hello Alice']);

      await alice.page.reload();
      await alice.isOpen('Bob');
      await alice.shows(['hello Bob', 'hello Alice']);
      for (const chat of chats) await chat.page.context().close();
    });

    test('a deep link is served, and an unknown path is not', async ({ browser, deployment }) => {
      const context = await browser.newContext({ baseURL: deployment.proxy.origin });
      expect((await context.request.get('/people/bob')).status()).toBe(200);
      const unknown = await context.request.get('/no/such/place');
      expect(unknown.status()).toBe(404);
      expect(unknown.headers()['content-type']).toContain('text/html');
      await context.close();
    });

    test(kind === 'prod' ? 'browsers are told to come by TLS alone' : 'nothing is said of TLS', async ({ browser, deployment }) => {
      const context = await browser.newContext({ baseURL: deployment.proxy.origin });
      for (const path of ['/', '/web/session']) {
        const header = (await context.request.get(path)).headers()['strict-transport-security'];
        expect(header, path).toBe(kind === 'prod' ? 'max-age=63072000; includeSubDomains; preload' : undefined);
      }
      await context.close();
    });

    test('a stock client connects by both transports, and its token is in no log', async ({ deployment, request }) => {
      const { proxy, server } = deployment;
      const signedIn = await request.post(`${proxy.origin}/web/login`, { data: { username: 'alice' } });
      const token = signedIn.headers()['auth-token']!;
      for (const transport of ['polling', 'websocket']) {
        const socket = io(`${proxy.origin}/chat`, {
          forceNew: true,
          reconnection: false,
          transports: [transport],
          query: { token },
          rejectUnauthorized: false,
        });
        await new Promise<void>((done, fail) => {
          socket.once('connect', done);
          socket.once('connect_error', fail);
        });
        const answer = await socket.timeout(10_000).emitWithAck('privateMessage', { receiver: 'bob', text: transport });
        expect(answer).toMatchObject({ success: true, response: { sender: 'alice', text: transport } });
        socket.disconnect();
      }
      await server.stop();
      await proxy.stop();
      expect(proxy.logs()).toContain('/socket.io/');
      expect(proxy.logs()).not.toContain(token);
      expect(server.log).not.toContain(token);
    });
  });
}
