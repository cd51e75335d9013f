/// Measures the pages of Natter, and beside them the same screens in Angular. README.md tells what and how.
import { existsSync } from 'node:fs';
import os from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { launch, SLOW } from './browser.mjs';
import { measureBytes } from './bytes.mjs';
import { measureFrames } from './frames.mjs';
import { startFront } from './front.mjs';
import { goals } from './goals.mjs';
import { connect, talk } from './history.mjs';
import { measureLoading } from './loading.mjs';
import { measureHour, measureMemory } from './memory.mjs';
import { startNatter } from './natter.mjs';
import { measureOpening } from './opening.mjs';
import { measureSending } from './sending.mjs';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const PARTS = ['bytes', 'loading', 'opening', 'sending', 'frames', 'memory'];
/** Those that run only where they are named. */
const LONG = ['hour'];

const { values } = parseArgs({
  options: {
    server: { type: 'string', default: path('../../target/release/natter-server') },
    site: { type: 'string', default: path('../../target/site') },
    angular: { type: 'string', default: path('../peers/angular/dist') },
    rounds: { type: 'string', default: '7' },
    only: { type: 'string', default: PARTS.join(',') },
    minutes: { type: 'string', default: '60' },
    quick: { type: 'boolean', default: false },
  },
});
const plan = {
  rounds: values.quick ? 1 : Number(values.rounds),
  times: values.quick ? 10 : 50,
  past: 500,
  messages: values.quick ? 2000 : 10_000,
  seconds: values.quick ? 5 : 30,
  minutes: Number(values.minutes),
  perMinute: 167,
};
const parts = values.only.split(',');
const unknown = parts.filter((part) => ![...PARTS, ...LONG].includes(part));
if (unknown.length > 0) throw new Error(`There is nothing called ${unknown.join(', ')} to measure.`);
const [program, site, angular] = [values.server, values.site, values.angular].map((each) => resolve(each));
for (const needed of [program, site, angular]) {
  if (!existsSync(needed)) throw new Error(`There is no ${needed}. Build it first; README.md tells how.`);
}

const say = (line) => console.error(line);
const undo = [];
try {
  console.log(JSON.stringify(await measure(), undefined, 2));
} finally {
  for (const each of undo.reverse()) await each();
}

async function measure() {
  const natter = await kept(startNatter(program, site));
  const upstream = natter.origin;
  const fronts = {
    natter: await kept(startFront({ upstream, folder: site })),
    angular: await kept(startFront({ upstream, folder: angular, shell: 'index.html' })),
  };
  const clients = [
    // The pages behind a link, such as the settings, come in a file of their own when the browser is idle.
    { name: 'natter', origin: fronts.natter.origin, later: /split_later/ },
    { name: 'angular', origin: fronts.angular.origin },
  ];

  say('writing the history');
  const [alice, bob, carol, dave] = await Promise.all(
    ['alice', 'bob', 'carol', 'dave'].map((name) => connect(upstream, name)),
  );
  undo.push(() => [alice, bob, carol, dave].forEach((person) => person.close()));
  const newestOfCarol = await talk(carol, alice, plan.past);
  const newest = await talk(bob, alice, plan.past);
  const context = { ...plan, newest, newestOfCarol, say };

  const browser = await launch();
  undo.push(() => browser.close());
  const result = {
    measuredAt: new Date().toISOString(),
    machine: {
      processors: os.availableParallelism(),
      model: os.cpus()[0]?.model,
      load: os.loadavg().map((load) => Math.round(load * 100) / 100),
      chromium: browser.version(),
      node: process.version,
    },
    plan: { ...plan, slow: SLOW },
  };
  const each = async (measureOne) => {
    const entries = [];
    for (const client of clients) entries.push([client.name, await measureOne(browser, client, context)]);
    return Object.fromEntries(entries);
  };
  const measurements = {
    bytes: () => each(measureBytes),
    loading: () => measureLoading(browser, clients, context),
    opening: () => each(measureOpening),
    // By now nobody asks any more what was said last.
    sending: () => each(measureSending),
    frames: async () => ({ natter: await measureFrames(browser, clients[0], { ...context, sender: carol }) }),
    memory: async () => ({ natter: await measureMemory(clients[0], { ...context, sender: dave }) }),
    hour: async () => ({ natter: await measureHour(clients[0], { ...context, senders: [carol, dave] }) }),
  };
  for (const part of [...PARTS, ...LONG].filter((part) => parts.includes(part))) {
    say(part);
    result[part] = await measurements[part]();
  }
  return { ...result, goals: goals(result) };
}

/** What has started, and is stopped at the end whatever happens. */
async function kept(starting) {
  const started = await starting;
  undo.push(started.stop);
  return started;
}
