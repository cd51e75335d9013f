/// How regular frames are while one scrolls through ten thousand messages, and while fifty arrive each second.
import { openPageOf } from './browser.mjs';
import { flood } from './history.mjs';
import { summaryWithTail } from './statistics.mjs';

/** As fast as a finger that is in a hurry, in pixels for each frame. */
const SPEED = 120;
const MESSAGES_PER_SECOND = 50;
/** Long after this a frame has surely been left out, in milliseconds. */
const LATE = 1.5 * (1000 / 60);

/** `sender` writes to alice, who has what is written open. */
export async function measureFrames(browser, client, { sender, messages, seconds, say }) {
  const { context, page } = await openPageOf('alice', browser, client.origin);
  const newest = await flood(sender, 'alice', 1, messages);
  await page.goto(`/people/${sender.username}`);
  await page.evaluate((text) => window.probe.since('conversation', text), newest);
  // What is fetched and compiled when nothing else is to do is not what is measured.
  await page.waitForTimeout(5_000);
  const result = {};
  say('frames while nothing happens');
  result.idle = summed(await watch(page, { milliseconds: 3_000, speed: 0 }));
  say('frames while scrolling');
  result.scrolling = summed(await watch(page, { milliseconds: seconds * 1000, speed: SPEED }));
  result.scrolling.reached = await page.evaluate(() =>
    Number.parseInt(document.querySelector('li.message .message-text').textContent, 10),
  );
  say('frames while messages arrive');
  await page.reload();
  await page.evaluate((text) => window.probe.since('conversation', text), newest);
  await page.waitForTimeout(5_000);
  const watched = watch(page, { milliseconds: seconds * 1000, speed: 0 });
  const count = seconds * MESSAGES_PER_SECOND;
  const begun = performance.now();
  const answers = [];
  for (let number = 1; number <= count; number += 1) {
    const due = begun + (number * 1000) / MESSAGES_PER_SECOND;
    await new Promise((done) => setTimeout(done, Math.max(0, due - performance.now())));
    answers.push(sender.ask('privateMessage', { receiver: 'alice', text: `${messages + number}, and one more.` }));
  }
  await Promise.all(answers);
  result.arriving = summed(await watched);
  await page.evaluate((text) => window.probe.since('newest', text), `${messages + count}, and one more.`);
  await context.close();
  return result;
}

/** The times between frames, in milliseconds, while the timeline is scrolled up by `speed` pixels in each. */
function watch(page, plan) {
  return page.evaluate(async ({ milliseconds, speed }) => {
    const timeline = document.querySelector('.timeline');
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const times = [];
    const end = performance.now() + milliseconds;
    for (let before = await frame(); performance.now() < end; ) {
      timeline.scrollTop -= speed;
      const now = await frame();
      times.push(now - before);
      before = now;
    }
    return times;
  }, plan);
}

function summed(times) {
  return { ...summaryWithTail(times), late: times.filter((time) => time > LATE).length };
}
