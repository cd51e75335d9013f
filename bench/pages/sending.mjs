/// A sent message on the screen: from the key to the first frame that has it.
import { openPageOf } from './browser.mjs';
import { occurrences, summaryWithTail } from './statistics.mjs';

export async function measureSending(browser, client, { times }) {
  const { context, page } = await openPageOf('alice', browser, client.origin);
  await page.goto('/people/carol');
  await page.locator('.composer-input').click();
  const runs = [];
  for (let time = 0; time < times + 2; time += 1) {
    const text = `${time}: one more message to see how soon it is there.`;
    await page.keyboard.insertText(text);
    await page.evaluate((text) => window.probe.arm('keydown', 'newest', text), text);
    await page.keyboard.press('Enter');
    const run = await page.evaluate(() => window.probe.response());
    // The first two warm up.
    if (time >= 2) runs.push(run);
    // Stored, so that the next one is not measured in the middle of it.
    await page.waitForFunction(() => !document.querySelector('.tick[data-state="waiting"]'));
    await page.waitForTimeout(30 + (time * 7) % 17);
  }
  const presented = await page.evaluate(() => window.probe.presented.filter(({ name }) => name === 'keydown'));
  // A key that does nothing: what is left is how long the browser lets the next frame wait.
  const idle = [];
  for (let time = 0; time < times; time += 1) {
    await page.evaluate(() => window.probe.arm('keydown', 'anything'));
    await page.keyboard.press('Shift');
    idle.push(await page.evaluate(() => window.probe.response()));
    await page.waitForTimeout(30 + (time * 7) % 17);
  }
  await context.close();
  return {
    begun: summaryWithTail(runs.map(({ begun }) => begun)),
    painted: summaryWithTail(runs.map(({ painted }) => painted)),
    frames: occurrences(runs.map(({ frames }) => frames)),
    presentedAccordingToTheBrowser: occurrences(presented.map(({ duration }) => duration)),
    /** The same of a key that does nothing. */
    idle: {
      begun: summaryWithTail(idle.map(({ begun }) => begun)),
      painted: summaryWithTail(idle.map(({ painted }) => painted)),
    },
  };
}
