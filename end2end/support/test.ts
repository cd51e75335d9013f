/// The tests' fixtures: a server for each test, people who are signed in without a browser
/// (`person`), and people who look at it in one (`visit`).
import { test as base, expect, type Browser, type BrowserContextOptions, type Page } from '@playwright/test';

import { ChatPage } from '../pages/chat_page.ts';
import { LoginPage } from '../pages/login_page.ts';
import { signIn, type Person } from './person.ts';
import { startServer, type Server, type ServerOptions } from './server.ts';

export { expect };

export interface Visit {
  /** Where people have accounts. */
  password?: string;
  /** Where to go after signing in. */
  path?: string;
  context?: BrowserContextOptions;
  /** Runs before the first page of this server loads. */
  prepare?: (page: Page) => Promise<unknown>;
}

interface Fixtures {
  serverOptions: ServerOptions;
  server: Server;
  /** Signs somebody in as a program; their sockets are closed at the end. */
  person: (username: string) => Promise<Person>;
  /** A new, signed-out browser context with one page, which is watched for faults. */
  openPage: (context?: BrowserContextOptions) => Promise<Page>;
  /** Somebody in a browser context of their own, signed out, at the login page. */
  visitLogin: (context?: BrowserContextOptions) => Promise<LoginPage>;
  /** Somebody in a browser context of their own, signed in, looking at the chat. */
  visit: (username: string, how?: Visit) => Promise<ChatPage>;
}

interface WorkerFixtures {
  /** The browser for the next test. */
  nextBrowser: () => Promise<Browser>;
}

/**
 * After so many tests Firefox is started anew. It keeps something of every page: after a hundred tests it takes two
 * gigabytes, and half of its time for looking through them.
 */
const TESTS_OF_A_FIREFOX = 25;

export const test = base.extend<Fixtures, WorkerFixtures>({
  nextBrowser: [
    async ({ browser, browserName }, use) => {
      let current = browser;
      let tests = 0;
      await use(async () => {
        tests += 1;
        if (browserName === 'firefox' && tests > TESTS_OF_A_FIREFOX) {
          tests = 1;
          await current.close();
          current = await browser.browserType().launch();
        }
        return current;
      });
      await current.close();
    },
    { scope: 'worker' },
  ],

  serverOptions: [{}, { option: true }],

  server: async ({ serverOptions }, use, testInfo) => {
    const server = await startServer(serverOptions);
    try {
      await use(server);
    } finally {
      await server.dispose();
      if (testInfo.status !== testInfo.expectedStatus) {
        await testInfo.attach('server.log', { body: server.log, contentType: 'text/plain' });
      }
    }
    // Whatever a test does, no input makes the server panic, and no token reaches its log.
    expect(server.log).not.toContain('panicked at');
    expect(server.log).not.toMatch(/eyJ[\w-]+\.[\w-]+\.[\w-]*/);
  },

  person: async ({ server }, use) => {
    const people: Person[] = [];
    await use(async (username) => {
      const person = await signIn(server.origin, username, server.socketOrigin);
      people.push(person);
      return person;
    });
    for (const person of people) person.leave();
  },

  openPage: async ({ nextBrowser, server }, use) => {
    const browser = await nextBrowser();
    const faults: string[] = [];
    const contexts: { close(): Promise<void> }[] = [];
    await use(async (options) => {
      const context = await browser.newContext({ baseURL: server.origin, ...options });
      contexts.push(context);
      context.on('page', (page) => watch(page, faults));
      return context.newPage();
    });
    for (const context of contexts) await context.close();
    expect(faults, 'faults in the pages of this test').toEqual([]);
  },

  visitLogin: async ({ openPage }, use) => {
    await use(async (options) => {
      const login = new LoginPage(await openPage(options));
      await login.goto();
      return login;
    });
  },

  visit: async ({ openPage }, use) => {
    await use(async (username, { path = '/', password, context, prepare } = {}) => {
      const page = await openPage(context);
      await signInWithoutThePage(page, username, password);
      await prepare?.(page);
      await page.goto(path);
      const chat = new ChatPage(page);
      await expect(chat.navigation.or(chat.conversation).first()).toBeVisible();
      return chat;
    });
  },
});

/** Gets the page's context a session; the login page has stories of its own. */
async function signInWithoutThePage(page: Page, username: string, password?: string): Promise<void> {
  const answer = await page.context().request.post('/web/login', { data: { username, password } });
  expect(answer.status()).toBe(200);
}

/**
 * The style sheet that Playwright adds for a screenshot, by its hash. In Firefox it adds it as a
 * part of the page, and the page's policy rightly refuses it.
 */
const STYLE_OF_SCREENSHOTS = 'sha256-YjaKGiklmzC6wjXA513HAMmzus8VE61XCOT+SmwNZWA=';

/**
 * What Firefox reports, as if it were an error of the page, when a page with a socket closes, and
 * when a socket ends before it is open, as those do that a test cuts while they connect.
 */
const SOCKET_THAT_ENDED =
  /^(The connection to ws\S+ was interrupted while the page was loading|Firefox can’t establish a connection to the server at ws\S+)\.$/;

/** Notes what no page may do: throw, panic, or run into its own content security policy. */
function watch(page: Page, faults: string[]): void {
  const note = (text: string): void => {
    // Before the first page loads there is none of ours, and what tests prepare may run there too.
    if (page.url() === 'about:blank' || text.includes(STYLE_OF_SCREENSHOTS)) return;
    faults.push(`${page.url()}: ${text}`);
  };
  page.on('pageerror', (error) => {
    if (!SOCKET_THAT_ENDED.test(error.message)) note(error.message);
  });
  page.on('crash', () => note('the page crashed'));
  page.on('console', (message) => {
    const text = message.text();
    if (/panicked at|Refused to |Content.Security.Policy[^]*block|violates the following/i.test(text)) note(text);
  });
}
