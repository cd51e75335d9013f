/// What a tab holds while ten thousand messages go through one conversation.
import { readFile } from 'node:fs/promises';

import { launch, openPageOf } from './browser.mjs';
import { AT_ONCE, flood } from './history.mjs';

/** How long it may take to scroll through a quarter of the history, in milliseconds. */
const PATIENCE = 120_000;
const SETTLING = 5000;
/** How often a long run is looked at. */
const SAMPLES = 12;

/** In a browser of its own, in which no other page was. `sender` writes to alice for the first time, and she reads. */
export async function measureMemory(client, { sender, messages, say }) {
  const browser = await launch();
  try {
    const { page, session } = await openPageOf('alice', browser, client.origin);
    const take = async (what, count) => {
      const figures = { after: what, messages: count * senders.length, ...(await memory(browser, page, session)) };
      say(`memory, ${what}, ${count}: ${JSON.stringify(figures)}`);
      return figures;
    };
    await session.send('Performance.enable');
    const blank = await processMemory(browser);
    await page.goto(`/people/${sender.username}`);
    await page.evaluate(() => window.probe.since('writable'));
    // What is fetched and compiled when nothing else is to do belongs to an open page too.
    await page.waitForTimeout(SETTLING);
    const rows = [await take('opening', 0)];
    const step = messages / 4;
    for (let count = 0; count < messages; count += step) {
      const text = await flood(sender, 'alice', count + 1, count + step);
      await page.evaluate((text) => window.probe.since('newest', text), text);
      rows.push(await take('receiving', count + step));
    }
    for (let count = step; count <= messages; count += step) {
      await scrollBack(page, messages - count + 1);
      rows.push(await take('scrolling back', count));
    }
    return { blankPage: blank, rows };
  } finally {
    await browser.close();
  }
}

/**
 * The same by the clock: `perMinute` messages a minute in the conversation that she has open and as many in another, and
 * once a minute she answers and opens the other one.
 */
export async function measureHour(client, { senders, minutes, perMinute, say }) {
  const browser = await launch();
  try {
    const { page, session } = await openPageOf('alice', browser, client.origin);
    await session.send('Performance.enable');
    const open = async ({ username }) => {
      // As somebody does who clicks on it: nothing is loaded anew.
      const row = page.locator(`a[href="/people/${username}"]`);
      if ((await row.count()) > 0) await row.click();
      else await page.goto(`/people/${username}`);
      await page.evaluate(() => window.probe.since('writable'));
    };
    await open(senders[0]);
    await page.waitForTimeout(SETTLING);
    const rows = [];
    let count = 0;
    for (let minute = 0; minute <= minutes; minute += 1) {
      if (minute % Math.ceil(minutes / SAMPLES) === 0) {
        const row = { minute, messages: count * senders.length, ...(await memory(browser, page, session)) };
        say(`memory after ${minute} minutes: ${JSON.stringify(row)}`);
        rows.push(row);
      }
      const begun = performance.now();
      const answers = [];
      for (let number = 1; number <= perMinute; number += 1) {
        const due = begun + (number * 60_000) / perMinute;
        await new Promise((done) => setTimeout(done, Math.max(0, due - performance.now())));
        const text = `${(count += 1)}: the mill by the river turns again since yesterday.`;
        answers.push(...senders.map((sender) => sender.ask('privateMessage', { receiver: 'alice', text })));
      }
      await Promise.all(answers);
      await page.locator('.composer-input').fill(`That was minute ${minute}.`);
      await page.keyboard.press('Enter');
      await page.evaluate((text) => window.probe.since('newest', text), `That was minute ${minute}.`);
      await open(senders[(minute + 1) % senders.length]);
    }
    return { rows };
  } finally {
    await browser.close();
  }
}

/** Scrolls up through the history until the message with this number, or one that was sent beside it, is the first. */
async function scrollBack(page, number) {
  await page.evaluate(
    async ([number, patience]) => {
      const timeline = document.querySelector('.timeline');
      const first = () => Number.parseInt(document.querySelector('li.message .message-text').textContent, 10);
      const deadline = performance.now() + patience;
      while (first() > number) {
        if (performance.now() > deadline) throw new Error(`Scrolling ended at message ${first()}.`);
        timeline.scrollTop = 0;
        await new Promise(requestAnimationFrame);
      }
    },
    [number + AT_ONCE, PATIENCE],
  );
}

async function memory(browser, page, session) {
  const uncollected = await processMemory(browser);
  // Twice: what the first leaves because of what it runs at its end, the second takes.
  for (let time = 0; time < 2; time += 1) await session.send('HeapProfiler.collectGarbage');
  await page.waitForTimeout(500);
  const { metrics } = await session.send('Performance.getMetrics');
  const metric = (name) => metrics.find((each) => each.name === name)?.value;
  return {
    scriptHeap: metric('JSHeapUsedSize'),
    webAssembly: await page.evaluate(() => window.probe.wasmBytes()),
    nodes: metric('Nodes'),
    rowsInThePage: await page.locator('li.message').count(),
    uncollected,
    ...(await processMemory(browser)),
  };
}

/**
 * The renderer's own memory as the browser's task manager shows it, in bytes: what it alone holds and could not be
 * read again from a file. `null` where this system does not tell.
 */
async function processMemory(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const renderers = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
  const all = await Promise.all(renderers.map((id) => readFile(`/proc/${id}/status`, 'utf8').catch(() => '')));
  const held = all.filter(Boolean).map((status) => {
    const kilobytes = (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0);
    return {
      privateFootprint: (kilobytes('RssAnon') + kilobytes('VmSwap')) * 1024,
      resident: kilobytes('VmRSS') * 1024,
    };
  });
  // A browser keeps a spare renderer, which holds less than any page.
  return held.sort((one, other) => other.privateFootprint - one.privateFootprint)[0] ?? null;
}
