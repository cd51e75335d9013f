/// The line that is being read stays where it is, whatever happens around it: a random walk through a long conversation,
/// a thousand steps in Chromium and 300 in Firefox. What does not move are the words of the first message that begins in
/// view. They are looked at right before the browser paints, so that a jump that is taken back in the next frame counts too.
import type { Page } from '@playwright/test';

import type { ChatPage } from '../pages/chat_page.ts';
import type { ChatSocket } from '../support/chat_socket.ts';
import { numbered } from '../support/history.ts';
import { expect, test } from '../support/test.ts';

// Thousands of messages in a few seconds are more than anybody may write.
test.use({ serverOptions: { environment: { NATTER_RATE_LIMITS: 'off' } } });

/** Every run takes the same walk; another number takes another one. */
const SEED = Number(process.env.NATTER_SEED ?? 3);
const MESSAGES = 3_000;
/** A thousand steps in Chromium, and 300 in Firefox, so that every run of the tests can afford them. */
const turnsIn = (browserName: string) => (browserName === 'firefox' ? 30 : 100);
/** Steps within the page in each turn, which ends with one that comes from outside of it. */
const WITHIN = 9;
/** How many messages a client holds at most while pages are added at one end. */
const WINDOW = 250;

/** What happens within the page. */
type Step =
  | { what: 'scrolls'; by: number }
  | { what: 'letters change'; percent: number }
  | { what: 'a draft grows or shrinks'; lines: number }
  | { what: 'the theme changes' };

/** What comes from outside of it. */
type Incident =
  | { what: 'the window changes'; width: number; height: number }
  | { what: 'a message comes'; from: 'bob' | 'carol' }
  | { what: 'another device sends' }
  | { what: 'an older page comes'; top: number }
  | { what: 'a newer page comes'; bottom: number };

/** What a page does and measures for this test. Distances are pixels; one that is gone has moved infinitely far. */
interface Reading {
  /** Takes down where the line is that is being read. */
  begin(): void;
  /** The same, with much above it and below it. */
  beginAmid(): Promise<void>;
  /** Takes steps, and tells of each how far the line has moved by it at most. */
  walk(steps: Step[]): Promise<number[]>;
  /** Watches the line until the window has this size. */
  untilSized(width: number, height: number): Promise<number>;
  /** Watches the line until the list of conversations tells of this message. */
  untilListed(text: string): Promise<number>;
  /** Scrolls so near to the first message that is loaded, and watches the line until older ones have come. */
  older(top: number): Promise<number>;
  /** The same at the other end, unless the newest message, of this number, is loaded. */
  newer(bottom: number, newest: number): Promise<number>;
}

declare const reading: Reading;

test(`in a long random walk what one reads moves by a pixel at most (seed ${SEED})`, async ({ visit, person, browserName }) => {
  test.setTimeout(180_000);
  const turns = turnsIn(browserName);
  const random = chance(SEED);
  const connect = async (username: string) => (await person(username)).connect();
  const [alice, bob, carol] = [await connect('alice'), await connect('bob'), await connect('carol')];
  const group = await bob.ask('createGroup', { name: 'Walk', members: ['alice', 'carol'] });
  let written = 0;
  const write = async (socket: ChatSocket, words: string): Promise<string> => {
    written += 1;
    const text = `${numbered(written)}${words}`;
    await socket.ask('groupMessage', { groupId: group.id, text });
    return text;
  };
  while (written < MESSAGES - 1) {
    // The last ones are by others, so that there is something to read.
    const author = pick(random, written < MESSAGES - 2 * WINDOW ? [alice, bob, carol] : [bob, carol]);
    const block = Math.min(whole(random, 1, 5), MESSAGES - 1 - written);
    await Promise.all(Array.from({ length: block }, () => write(author, someWords(random))));
  }
  await write(bob, '');

  const chat = await visit('alice', { path: `/groups/${group.id}` });
  await expect(chat.message(numbered(MESSAGES))).toBeInViewport();
  await chat.isComplete();
  const { page } = chat;
  await learnToRead(page);
  const carryOut = async (incident: Incident): Promise<number> => {
    switch (incident.what) {
      case 'the window changes':
        return resize(page, incident.width, incident.height);
      case 'a message comes':
        return watchWhile(page, () => write(incident.from === 'bob' ? bob : carol, someWords(random)));
      case 'another device sends':
        return watchWhile(page, () => write(alice, someWords(random)));
      case 'an older page comes':
        return page.evaluate((top) => reading.older(top), incident.top);
      case 'a newer page comes':
        return page.evaluate(({ bottom, newest }) => reading.newer(bottom, newest), {
          bottom: incident.bottom,
          newest: written,
        });
    }
  };

  const tooFar: string[] = [];
  let taken = 0;
  const note = (step: Step | Incident, moved: number): void => {
    taken += 1;
    if (moved > 1) tooFar.push(`step ${taken}, ${JSON.stringify(step)}: ${moved.toFixed(1)} px`);
  };
  // First where new messages are added at the end of what is loaded, then where they are far away.
  await loadUntil(chat, async () => (await chat.messages.count()) >= 200);
  await page.evaluate(() => reading.beginAmid());
  for (let turn = 0; turn < turns; turn += 1) {
    if (turn === turns / 2) await loadUntil(chat, async () => (await numberOfFirst(chat)) < MESSAGES / 2);
    const steps = Array.from({ length: WITHIN }, () => drawStep(random));
    const moved = await page.evaluate((all) => reading.walk(all), steps);
    steps.forEach((step, index) => note(step, moved[index] ?? Number.POSITIVE_INFINITY));
    const incident = drawIncident(random);
    note(incident, await carryOut(incident));
  }
  expect(taken).toBe(turns * (WITHIN + 1));
  const what = `the first of ${tooFar.length} steps that moved the line, in the walk of the seed ${SEED}`;
  expect(tooFar.slice(0, 20), what).toEqual([]);
});

test('a message longer than the window stays in sight when the window gets wider', async ({ visit, person }) => {
  const bob = await (await person('bob')).connect();
  const long = 'The wheel of the mill turns again. '.repeat(115).trim();
  const row = (chat: ChatPage) => chat.messages.filter({ hasText: 'turns again' });
  for (let number = 1; number <= 40; number += 1) {
    await bob.ask('privateMessage', { receiver: 'alice', text: numbered(number) });
    if (number === 20) await bob.ask('privateMessage', { receiver: 'alice', text: long });
  }
  const alice = await visit('alice', { path: '/people/bob', context: { viewport: { width: 420, height: 740 } } });
  await expect(alice.message(numbered(40))).toBeInViewport();

  // Its end is at the foot of the timeline, and its beginning is far above the upper edge.
  await row(alice).evaluate((row) => {
    const timeline = row.closest('.timeline')!;
    timeline.scrollTop += row.getBoundingClientRect().bottom - timeline.getBoundingClientRect().bottom;
  });
  await expect(alice.pill).toBeVisible();
  await expect(alice.message(numbered(20))).not.toBeInViewport();
  await expect(row(alice)).toBeInViewport();
  await alice.page.setViewportSize({ width: 1_400, height: 740 });
  await expect.poll(() => alice.page.evaluate(() => window.innerWidth)).toBe(1_400);
  await expect(row(alice)).toBeInViewport();
});

/** Makes the window so large, and tells how far the line has moved by that. */
async function resize(page: Page, width: number, height: number): Promise<number> {
  await page.evaluate(() => reading.beginAmid());
  const [moved] = await Promise.all([
    page.evaluate((size) => reading.untilSized(size.width, size.height), { width, height }),
    page.setViewportSize({ width, height }),
  ]);
  return moved;
}

/** Tells how far the line moves while a message is sent, until that is told in the list. */
async function watchWhile(page: Page, send: () => Promise<string>): Promise<number> {
  await page.evaluate(() => reading.begin());
  const text = await send();
  return page.evaluate((words) => reading.untilListed(words), text.split(/\s/).slice(0, 2).join(' '));
}

/** Scrolls up, page by page. */
async function loadUntil(chat: ChatPage, isEnough: () => Promise<boolean>): Promise<void> {
  await expect(async () => {
    if (!(await isEnough())) await chat.page.evaluate(() => reading.older(300));
    expect(await isEnough()).toBe(true);
  }).toPass({ timeout: 60_000, intervals: [0] });
}

function numberOfFirst(chat: ChatPage): Promise<number> {
  return chat.timeline.evaluate((timeline) => {
    const text = timeline.querySelector('li.message .message-text')?.textContent ?? '';
    return Number(text.split(/\s/)[1]);
  });
}

/** Teaches the page, which has a conversation open, to take steps and to watch the line. */
async function learnToRead(page: Page): Promise<void> {
  await page.evaluate(() => {
    const PATIENCE = 15_000;
    /** So far from the edges of what is loaded no page is fetched, and the end is not near. */
    const INSIDE = 800;
    /** So far no edge is reached when everything gets smaller. */
    const AMID = 1_500;
    const root = document.documentElement;
    const timeline = document.querySelector<HTMLElement>('.timeline')!;
    const rows = () => [...timeline.querySelectorAll<HTMLElement>('li.message')];
    const words = (row: HTMLElement) => row.querySelector<HTMLElement>('.message-text')!;
    const top = (element: HTMLElement) => element.getBoundingClientRect().top - timeline.getBoundingClientRect().top;
    const number = (row: HTMLElement | undefined) => Number(row && words(row).textContent?.split(/\s/)[1]);

    /** Looks right before the next paint: observers of sizes are called last, and this one after all others. */
    const atPaint = <Seen>(look: () => Seen) =>
      new Promise<Seen>((done, fail) => {
        const observer = new ResizeObserver(() => {
          observer.disconnect();
          try {
            const seen = look();
            // In a task of its own: what comes next is not to happen in the middle of this frame.
            setTimeout(() => done(seen));
          } catch (error) {
            fail(error);
          }
        });
        observer.observe(root);
      });

    let line = { text: '', top: 0 };
    const begin = () => {
      const row = rows().find((each) => top(words(each)) >= 0);
      if (!row) throw new Error('No message begins in view.');
      line = { text: words(row).textContent ?? '', top: top(words(row)) };
    };
    const moved = () => {
      const row = rows().find((each) => words(each).textContent === line.text);
      if (!row) return Number.POSITIVE_INFINITY;
      return Math.abs(top(words(row)) - line.top);
    };
    const settled = async () => Math.max(await atPaint(moved), await atPaint(moved));
    const until = async (what: string, holds: () => boolean) => {
      const deadline = performance.now() + PATIENCE;
      let furthest = 0;
      while (!holds()) {
        if (performance.now() > deadline) throw new Error(`In ${PATIENCE} ms ${what}.`);
        furthest = Math.max(furthest, await atPaint(moved));
      }
      return Math.max(furthest, await settled());
    };
    /** Goes to a place as a person who scrolls, and begins there once the app has taken that down. */
    const beginAt = async (place: number) => {
      if (place === timeline.scrollTop) return begin();
      timeline.scrollTop = place;
      await atPaint(begin);
    };
    const end = () => timeline.scrollHeight - timeline.clientHeight;
    const within = (place: number, margin: number) => Math.min(Math.max(place, margin), end() - margin);

    const take = async (step: Step): Promise<number> => {
      switch (step.what) {
        case 'scrolls':
          await beginAt(within(timeline.scrollTop + step.by, INSIDE));
          return 0;
        case 'letters change':
          await beginAt(within(timeline.scrollTop, AMID));
          root.style.fontSize = `${step.percent}%`;
          return settled();
        case 'a draft grows or shrinks': {
          begin();
          const field = document.querySelector<HTMLTextAreaElement>('.composer-input')!;
          field.value = Array.from({ length: step.lines }, (_, index) => `line ${index}`).join('\n');
          field.dispatchEvent(new InputEvent('input', { bubbles: true }));
          return settled();
        }
        case 'the theme changes':
          begin();
          document.querySelector<HTMLElement>('[aria-label^="Theme: "]')!.click();
          return settled();
      }
    };
    const taught: Reading = {
      begin,
      beginAmid: () => beginAt(within(timeline.scrollTop, AMID)),
      walk: async (steps) => {
        const distances: number[] = [];
        for (const step of steps) distances.push(await take(step));
        return distances;
      },
      untilSized: (width, height) =>
        until('the window did not change', () => window.innerWidth === width && window.innerHeight === height),
      untilListed: (text) =>
        until(`“${text}” did not come`, () => {
          const previews = [...document.querySelectorAll('.conversation-row-preview')];
          return previews.some((preview) => preview.textContent?.includes(text));
        }),
      older: async (place) => {
        // At the beginning of the conversation there are none.
        if (!timeline.querySelector('.timeline-start')) return 0;
        const before = number(rows()[0]);
        await beginAt(place);
        return until('no older messages came', () => number(rows()[0]) !== before);
      },
      newer: async (place, newest) => {
        const before = number(rows().at(-1));
        if (before === newest) return 0;
        await beginAt(end() - place);
        return until('no newer messages came', () => number(rows().at(-1)) !== before);
      },
    };
    Object.assign(window, { reading: taught });
  });
}

function drawStep(random: () => number): Step {
  const kind = random();
  if (kind < 0.1) return { what: 'scrolls', by: whole(random, -2, 2) };
  if (kind < 0.4) return { what: 'scrolls', by: whole(random, -1_500, 1_500) };
  if (kind < 0.6) return { what: 'letters change', percent: pick(random, [87.5, 100, 112.5, 125]) };
  if (kind < 0.8) return { what: 'a draft grows or shrinks', lines: whole(random, 0, 8) };
  return { what: 'the theme changes' };
}

function drawIncident(random: () => number): Incident {
  const kind = random();
  if (kind < 0.35) {
    // The smallest timeline is higher than any message, so that there is always one that begins in it.
    return { what: 'the window changes', width: whole(random, 400, 1_400), height: whole(random, 680, 1_000) };
  }
  if (kind < 0.5) return { what: 'a message comes', from: pick(random, ['bob', 'carol'] as const) };
  if (kind < 0.6) return { what: 'another device sends' };
  if (kind < 0.8) return { what: 'an older page comes', top: whole(random, 0, 500) };
  // Not so near that it counts as being at the end.
  return { what: 'a newer page comes', bottom: whole(random, 200, 500) };
}

const WORDS = ['mill', 'river', 'wheel', 'bread', 'on', 'a', 'yesterday'];

/** From no word to a few lines of them. */
function someWords(random: () => number): string {
  const count = random() < 0.5 ? whole(random, 0, 4) : whole(random, 5, 22);
  const words = Array.from({ length: count }, () => pick(random, WORDS));
  const text = words.map((word) => ` ${word}`).join('');
  return random() < 0.2 ? `${text}\nand so on` : text;
}

function whole(random: () => number, least: number, most: number): number {
  return least + Math.floor(random() * (most - least + 1));
}

function pick<Choice>(random: () => number, choices: readonly Choice[]): Choice {
  return choices[whole(random, 0, choices.length - 1)]!;
}

/** The same choices for the same seed: mulberry32, by Tommy Ettinger. */
function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
