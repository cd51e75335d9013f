/// How soon one can type after a navigation, in a browser that has never been here.
import { FREE, openPage, openPageOf, SLOW, slowDown } from './browser.mjs';
import { summary } from './statistics.mjs';

const VISITS = [
  { name: 'signed out', path: '/login', open: openPage, shows: 'login' },
  { name: 'signed in', path: '/people/bob', open: (...where) => openPageOf('alice', ...where), shows: 'conversation' },
];

/** Every client by turns, so that whatever else this machine does meets them all. */
export async function measureLoading(browser, clients, { rounds, newest, say }) {
  const results = [];
  for (const conditions of [SLOW, FREE]) {
    for (const visit of VISITS) {
      const runs = new Map(clients.map(({ name }) => [name, []]));
      // One round more than counts: the first warms up the servers and the browser's own process.
      for (let round = 0; round <= rounds; round += 1) {
        const order = round % 2 === 0 ? clients : [...clients].reverse();
        for (const client of order) {
          const run = await load(browser, client, visit, conditions, newest);
          say(`${conditions.name}, ${visit.name}, ${round}, ${client.name}: ${Math.round(run.interactive)} ms`);
          if (round > 0) runs.get(client.name).push(run);
        }
      }
      results.push({
        conditions: conditions.name,
        visit: visit.name,
        ...Object.fromEntries([...runs].map(([name, of]) => [name, figures(of)])),
      });
    }
  }
  return results;
}

async function load(browser, client, visit, conditions, newest) {
  const { context, page, session } = await visit.open(browser, client.origin);
  // From the page's first moment: to ask later would be to wait until the page has time to answer.
  const watch = ([shows, text]) => Object.assign(window, { shown: window.probe.since(shows, text) });
  await context.addInitScript(watch, [visit.shows, newest]);
  await slowDown(session, conditions);
  await page.goto(visit.path, { waitUntil: 'commit' });
  const run = await page.evaluate(async () => {
    const interactive = await window.shown;
    // Told some time after the frame.
    const paints = Object.fromEntries(await window.probe.paints());
    return { interactive, ...paints, waterfall: window.probe.waterfall() };
  });
  await context.close();
  return run;
}

function figures(runs) {
  const of = (name) => summary(runs.map((run) => run[name]));
  const interactive = of('interactive');
  const [typical] = [...runs].sort((one, other) => distance(one, interactive) - distance(other, interactive));
  return {
    interactive,
    // Anything at all, and the first text or picture: grey shapes are the former alone.
    firstPaint: of('first-paint'),
    firstContentfulPaint: of('first-contentful-paint'),
    /** What was asked for when, and when it was there, in the run that is nearest to the median. */
    waterfall: typical.waterfall,
  };
}

function distance({ interactive }, { median }) {
  return Math.abs(interactive - median);
}
