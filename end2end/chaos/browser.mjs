/// Browsers for the harness: people who write in the real page while everything goes wrong. Started
/// by chaos/src/browsers.rs, which says over the standard input when to stop and when to show.
///
/// node browser.mjs ORIGIN SEED PERSON...
///
/// Out come lines of JSON: what was written to whom, and at the end what the pages show.
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';

import { chromium } from '@playwright/test';

const SYSTEM_CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
/** How long something may take while the server is away or the line is bad. */
const PATIENCE = 90_000;
/** How long one try may take, in milliseconds. */
const TRY = 4_000;
/** Pause between two doings, in milliseconds, at most. */
const PAUSE = 1_500;

const [origin, seed, ...people] = process.argv.slice(2);

let ending = false;
const commands = createInterface({ input: process.stdin });
const ended = new Promise((resolve) => {
  commands.on('line', (line) => {
    const command = JSON.parse(line);
    if (command.command === 'end') {
      ending = true;
      resolve();
    } else if (command.command === 'show') {
      void show(command.expected);
    }
  });
});
// Whoever has started this is gone: so are the browsers.
commands.on('close', () => process.exit(0));

function say(event, facts = {}) {
  process.stdout.write(`${JSON.stringify({ event, ...facts })}\n`);
}

/** The same choices for the same seed: mulberry32, by Tommy Ettinger. */
function chance(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Tries until it works, however long the server is away. */
async function persistently(what, doing) {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    try {
      return await doing();
    } catch (error) {
      if (Date.now() > deadline) throw new Error(`${what}: ${error.message}`);
      // The error came at once where nobody listens.
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

class Visit {
  written = 0;
  /** The names of the rows that were written to. */
  opened = new Set();

  constructor(person, page, random) {
    this.person = person;
    this.page = page;
    this.random = random;
    this.navigation = page.getByRole('navigation', { name: 'Conversations' });
    this.rows = this.navigation.getByRole('listitem').getByRole('link');
    this.composer = page.getByRole('textbox', { name: 'Write a message', exact: true });
    this.heading = page.getByRole('main').getByRole('heading', { level: 2 });
    this.timeline = page.getByRole('log', { name: 'Messages' });
    this.messages = this.timeline.locator('li.message');
  }

  static async begin(browser, person, random) {
    const context = await browser.newContext({ baseURL: origin, viewport: { width: 1280, height: 800 } });
    await persistently(`${person} signs in`, async () => {
      const answer = await context.request.post('/web/login', { data: { username: person }, timeout: TRY });
      if (answer.status() !== 200) throw new Error(`${answer.status()}`);
    });
    const page = await context.newPage();
    const visit = new Visit(person, page, random);
    page.on('pageerror', (error) => say('failed', { what: `${person}: ${error.message}` }));
    page.on('crash', () => say('failed', { what: `${person}: the page crashed` }));
    page.on('console', (message) => {
      if (message.text().includes('panicked at')) say('failed', { what: `${person}: ${message.text()}` });
    });
    await visit.load();
    return visit;
  }

  async load() {
    await persistently(`${this.person} loads the page`, async () => {
      await this.page.goto('/', { timeout: TRY });
      await this.rows.first().waitFor({ timeout: TRY });
    });
  }

  async act() {
    const choice = this.random();
    if (choice < 0.08) {
      say('reloaded');
      await this.load();
    } else {
      await this.write();
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE * this.random()));
  }

  async write() {
    const names = await this.rowNames();
    // Always the same few, so that their conversations can be looked through in the end.
    const known = names.filter((name) => this.opened.has(name));
    const from = known.length < 3 ? names : known;
    const name = from[Math.floor(this.random() * from.length)];
    if (name === undefined || !(await this.open(name))) return;
    this.written += 1;
    const text = `${this.person} in a browser ${this.written} ${Math.floor(this.random() * 1e9)}`;
    await this.composer.fill(text, { timeout: TRY });
    // Before it is sent: what nobody was told of would count as invented.
    say('wrote', { person: this.person, to: name, text });
    await this.composer.press('Enter', { timeout: TRY });
    this.opened.add(name);
  }

  /** False when it is gone, as a group is that somebody was taken out of. */
  async open(name) {
    try {
      await this.row(name).click({ timeout: TRY });
      await this.heading.filter({ hasText: name }).waitFor({ timeout: TRY });
      await this.composer.waitFor({ timeout: TRY });
      return true;
    } catch {
      return false;
    }
  }

  row(name) {
    return this.navigation.getByRole('link', { name: new RegExp(`^${escape(name)}(,|$)`) });
  }

  async rowNames() {
    const names = this.rows.locator('.conversation-row-name');
    return (await names.allTextContents()).map((name) => name.trim());
  }

  /** Waits until everything that was written here is stored. */
  async drain() {
    for (const name of this.opened) {
      if (!(await this.open(name))) continue;
      const waiting = this.messages.getByRole('img', { name: 'Waiting', exact: true });
      await persistently(`${this.person} waits for ${name}`, async () => {
        const left = await waiting.count();
        if (left > 0) throw new Error(`${left} messages still wait`);
      });
    }
  }

  /** What the rows tell, then what the timelines show once they show what they are to end with. */
  async shows(expected) {
    const labels = await this.rows.evaluateAll((rows) => rows.map((row) => row.getAttribute('aria-label') ?? ''));
    const names = await this.rowNames();
    const unread = {};
    for (const [index, name] of names.entries()) {
      const told = (labels[index] ?? '').slice(name.length).match(/^(?:, (?:online|offline))?, (\d+) unread/);
      unread[name] = told ? Number(told[1]) : 0;
    }
    const timelines = {};
    for (const name of this.opened) {
      if (expected[name] === undefined || !(await this.open(name))) continue;
      const texts = this.messages.locator('.message-text');
      const last = words(expected[name]);
      try {
        await persistently(name, async () => {
          const shown = words((await texts.last().textContent({ timeout: TRY })) ?? '');
          if (shown !== last) throw new Error(`ends with ${shown}`);
        });
      } catch {
        // What it shows instead says more than an error.
      }
      timelines[name] = (await texts.allTextContents()).map(words);
    }
    return { person: this.person, unread, timelines };
  }
}

/** White space as a browser shows it. */
function words(text) {
  return text.trim().split(/\s+/).join(' ');
}

function escape(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

let visits = [];

async function show(expected) {
  for (const visit of visits) say('shows', await visit.shows(expected[visit.person] ?? {}));
  say('shown');
}

async function main() {
  const named = process.env.NATTER_CHROMIUM;
  const own = chromium.executablePath();
  const system = SYSTEM_CHROMIUM.find((path) => existsSync(path));
  const executablePath = named ?? (own && existsSync(own) ? undefined : system);
  const args = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];
  if (process.getuid?.() === 0) args.push('--no-sandbox');
  const browser = await chromium.launch({ executablePath, args });
  visits = await Promise.all(
    people.map((person, index) => Visit.begin(browser, person, chance(Number(seed) + index))),
  );
  say('ready');
  await Promise.all(
    visits.map(async (visit) => {
      while (!ending) {
        try {
          await visit.act();
        } catch (error) {
          // The page was in between two servers: what matters is what it shows in the end.
          say('troubled', { what: `${visit.person}: ${error.message}` });
        }
      }
    }),
  );
  await ended;
  for (const visit of visits) await visit.drain();
  say('drained');
}

main().catch((error) => {
  say('failed', { what: error.message });
  process.exitCode = 1;
});
