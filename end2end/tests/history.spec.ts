/// History by pages while scrolling up.
import type { ChatPage } from '../pages/chat_page.ts';
import { numbered, sendNumbered } from '../support/history.ts';
import { expect, test } from '../support/test.ts';

/** The numbers of the messages that are in the page now, in the order of the page. */
async function numbersOf(chat: ChatPage): Promise<number[]> {
  const texts = await chat.messages.locator('.message-text').allTextContents();
  return texts.map((text) => Number(text.trim().split(' ')[1]));
}

function expectRow(numbers: number[]): void {
  expect(numbers).toEqual(numbers.map((_, index) => numbers[0]! + index));
}

test('older messages come while one scrolls up, to the first one, and every one once', async ({ visit, person }) => {
  await sendNumbered(await person('bob'), 'alice', 1, 300);
  const alice = await visit('alice', { path: '/people/bob' });
  await expect(alice.message(numbered(300))).toBeInViewport();
  await expect(alice.message(numbered(1))).toHaveCount(0);

  await alice.timeline.hover();
  const seen = new Set<number>();
  await expect(async () => {
    const numbers = await numbersOf(alice);
    expectRow(numbers);
    for (const number of numbers) seen.add(number);
    await alice.page.mouse.wheel(0, -2_000);
    await expect(alice.message(numbered(1))).toBeInViewport({ timeout: 200 });
  }).toPass({ timeout: 30_000, intervals: [0] });
  for (const number of await numbersOf(alice)) seen.add(number);
  expect(seen.size).toBe(300);
  await expect(alice.timeline.locator('.date-line').first()).toHaveText('Today');
});

/** Most elements in a page, however much history was scrolled through: a window of it, and what is around that. */
const ELEMENTS = 1_700;

test('however far one scrolls back, the page holds no more than a window of it', async ({ visit, person }) => {
  await sendNumbered(await person('bob'), 'alice', 1, 800);
  const alice = await visit('alice', { path: '/people/bob' });
  await expect(alice.message(numbered(800))).toBeInViewport();
  await alice.timeline.hover();
  let most = 0;
  await expect(async () => {
    most = Math.max(most, await alice.page.locator('*').count());
    await alice.page.mouse.wheel(0, -2_000);
    await expect(alice.message(numbered(1))).toBeInViewport({ timeout: 200 });
  }).toPass({ timeout: 30_000, intervals: [0] });
  console.log(`elements in the page: ${most} of ${ELEMENTS}`);
  expect(most).toBeLessThanOrEqual(ELEMENTS);
  await expect(alice.message(numbered(800))).toHaveCount(0);
});

test('what one reads does not move when older messages come above it', async ({ visit, person }) => {
  await sendNumbered(await person('bob'), 'alice', 1, 300);
  const alice = await visit('alice', { path: '/people/bob' });
  await expect(alice.message(numbered(300))).toBeInViewport();

  // Goes to the top and looks in every frame where the words are that were first in sight, until
  // older ones are above it and some frames more.
  const moved = await alice.timeline.evaluate(async (timeline) => {
    const rows = () => [...timeline.querySelectorAll<HTMLElement>('li.message')];
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const words = (row: HTMLElement) => row.querySelector<HTMLElement>('.message-text')!;
    const text = (row: HTMLElement) => words(row).textContent ?? '';
    timeline.scrollTop = 1;
    const top = timeline.getBoundingClientRect().top;
    const anchor = rows().find((row) => words(row).getBoundingClientRect().top >= top);
    if (!anchor) throw new Error('There is no message in sight.');
    const [name, place, oldest] = [text(anchor), words(anchor).getBoundingClientRect().top, text(rows()[0]!)];
    let [furthest, framesAfter] = [0, 0];
    const deadline = performance.now() + 15_000;
    while (framesAfter < 30) {
      await frame();
      if (performance.now() > deadline) throw new Error('No older messages came.');
      const row = rows().find((one) => text(one) === name);
      if (!row) throw new Error(`${name} was taken away while it was in sight.`);
      furthest = Math.max(furthest, Math.abs(words(row).getBoundingClientRect().top - place));
      if (text(rows()[0]!) !== oldest) framesAfter += 1;
    }
    return furthest;
  });
  expect(moved).toBeLessThanOrEqual(1);
  expectRow(await numbersOf(alice));
});

test('three hundred messages that came while one was away are all there', async ({ visit, person }) => {
  const bob = await person('bob');
  await sendNumbered(bob, 'alice', 1, 10);
  const alice = await visit('alice', { path: '/people/bob' });
  await expect(alice.message(numbered(10))).toBeInViewport();
  // Away means that the page stays and the connection goes.
  await alice.page.context().setOffline(true);
  await expect(alice.banner).toBeVisible();
  await sendNumbered(bob, 'alice', 11, 300);
  await alice.page.context().setOffline(false);
  await expect(alice.banner).toBeHidden();
  await expect(alice.row('Bob')).toContainText(numbered(300));
  await alice.timeline.evaluate((timeline) => timeline.scrollTo(0, timeline.scrollHeight));
  await expect(alice.message(numbered(300))).toBeVisible();
  expectRow(await numbersOf(alice));
});
