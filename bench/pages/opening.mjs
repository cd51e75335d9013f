/// Opening a conversation that was seen before: from the click to the frame with its messages.
import { openPageOf } from './browser.mjs';
import { occurrences, summaryWithTail } from './statistics.mjs';

export async function measureOpening(browser, client, { times, newest, newestOfCarol }) {
  const { context, page } = await openPageOf('alice', browser, client.origin);
  const people = [
    { path: '/people/carol', text: newestOfCarol },
    { path: '/people/bob', text: newest },
  ];
  await page.goto('/people/bob');
  await page.evaluate((text) => window.probe.since('conversation', text), newest);
  const runs = [];
  // The first time of each is not measured: it was not seen before.
  for (let time = 0; time < times + people.length; time += 1) {
    const { path, text } = people[time % people.length];
    const row = await page.locator(`a[href="${path}"]`).boundingBox();
    await page.mouse.move(row.x + row.width / 2, row.y + row.height / 2);
    // Whatever the pointer's coming has changed is over.
    await page.waitForTimeout(50);
    await page.evaluate((text) => window.probe.arm('click', 'conversation', text), text);
    await page.mouse.down();
    await page.mouse.up();
    const run = await page.evaluate(() => window.probe.response());
    if (time >= people.length) runs.push(run);
  }
  const presented = await page.evaluate(() => window.probe.presented.filter(({ name }) => name === 'click'));
  await context.close();
  return {
    painted: summaryWithTail(runs.map(({ painted }) => painted)),
    frames: occurrences(runs.map(({ frames }) => frames)),
    presentedAccordingToTheBrowser: occurrences(presented.slice(people.length).map(({ duration }) => duration)),
  };
}
