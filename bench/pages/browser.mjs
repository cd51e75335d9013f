/// Chromium: finding it, a context as cold as a first visit, and a slow line and machine.
import { existsSync } from 'node:fs';

import { chromium } from './packages.mjs';
import { probe } from './probe.mjs';

const SYSTEM_CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const QUIET = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A slow phone on a slow line: what Lighthouse calls slow 4G, and Chromium before it fast 3G. */
export const SLOW = { name: 'slow', bitsPerSecond: 1_600_000, latency: 150, processor: 4 };
/** This machine as it is. */
export const FREE = { name: 'free' };

export function launch() {
  const own = chromium.executablePath();
  const isThere = own && existsSync(own);
  const executablePath = process.env.NATTER_CHROMIUM ?? (isThere ? undefined : SYSTEM_CHROMIUM.find(existsSync));
  const isRoot = process.getuid?.() === 0;
  return chromium.launch({ executablePath, args: isRoot ? ['--no-sandbox', ...QUIET] : QUIET });
}

/** Opens a page of a context of its own: nothing is cached, nobody is signed in. */
export async function openPage(browser, origin) {
  const context = await browser.newContext({
    baseURL: origin,
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    colorScheme: 'light',
  });
  await context.addInitScript(probe);
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  return { context, page, session };
}

/** As `openPage`, for somebody who has signed in before. */
export async function openPageOf(username, browser, origin) {
  const opened = await openPage(browser, origin);
  const answer = await opened.context.request.post('/web/login', { data: { username } });
  if (!answer.ok()) throw new Error(`${username} could not sign in: ${answer.status()}`);
  return opened;
}

export async function slowDown(session, { bitsPerSecond, latency, processor }) {
  if (bitsPerSecond !== undefined) {
    const throughput = bitsPerSecond / 8;
    await session.send('Network.enable');
    await session.send('Network.emulateNetworkConditions', {
      offline: false,
      latency,
      downloadThroughput: throughput,
      uploadThroughput: throughput,
    });
  }
  if (processor !== undefined) await session.send('Emulation.setCPUThrottlingRate', { rate: processor });
}
