/// What a first visit transfers until one can sign in and chat.
import { openPage } from './browser.mjs';

/** How long the line has to be quiet before nothing more is expected, in milliseconds. */
const QUIET = 3000;

/** Goes all the way from nothing to an open conversation, and counts. */
export async function measureBytes(browser, client, { newest }) {
  const { context, page, session } = await openPage(browser, client.origin);
  const transfers = await watch(session);
  await page.goto('/login');
  await page.evaluate(() => window.probe.since('login'));
  await page.keyboard.type('alice');
  await page.keyboard.press('Enter');
  await page.locator('a[href="/people/bob"]').click();
  await page.evaluate((text) => window.probe.since('conversation', text), newest);
  const chatting = performance.now();
  await page.waitForTimeout(QUIET);
  await context.close();

  const done = transfers.filter(({ bytes }) => bytes > 0);
  const files = done.filter(({ path }) => !/^\/(web|socket\.io)\//.test(path));
  const isLater = ({ path }) => client.later?.test(path) ?? false;
  const needed = files.filter((file) => !isLater(file));
  const shown = ({ path, type, encoding, body, bytes }) => ({ path, type, encoding, body, bytes });
  return {
    /** Without and with the headers. */
    body: sum(needed, 'body'),
    transferred: sum(needed, 'bytes'),
    files: needed.map(shown),
    /** Not needed for it, and fetched when the browser is idle. */
    later: files
      .filter(isLater)
      .map((file) => ({ ...shown(file), startedBeforeOneCouldChat: file.startedAt < chatting })),
    answersOfTheServer: sum(done.filter(({ path }) => path.startsWith('/web/')), 'bytes'),
  };
}

/** The requests of a page, as they come to their ends. */
async function watch(session) {
  const byId = new Map();
  const transfers = [];
  session.on('Network.requestWillBeSent', ({ requestId, request, type }) => {
    const { pathname: path } = new URL(request.url);
    byId.set(requestId, { path, type, head: 0, startedAt: performance.now() });
  });
  session.on('Network.responseReceived', ({ requestId, response }) => {
    const headers = Object.entries(response.headers).map(([name, value]) => [name.toLowerCase(), value]);
    const encoding = Object.fromEntries(headers)['content-encoding'] ?? 'none';
    Object.assign(byId.get(requestId) ?? {}, { encoding, head: response.encodedDataLength });
  });
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const transfer = byId.get(requestId);
    if (!transfer) return;
    transfers.push({ ...transfer, bytes: encodedDataLength, body: encodedDataLength - transfer.head });
  });
  await session.send('Network.enable');
  return transfers;
}

function sum(transfers, part) {
  return transfers.reduce((total, transfer) => total + transfer[part], 0);
}
