/// Where the timeline stands when messages come.
import { numbered, sendNumbered } from '../support/history.ts';
import { expect, test } from '../support/test.ts';

test('at the end it sticks to the end', async ({ visit, person }) => {
  const bob = await person('bob');
  await sendNumbered(bob, 'alice', 1, 40);
  const alice = await visit('alice', { path: '/people/bob' });
  await expect(alice.message(numbered(40))).toBeInViewport();
  await sendNumbered(bob, 'alice', 41, 50);
  await expect(alice.message(numbered(50))).toBeInViewport();
  await expect.poll(() => alice.distanceToEnd()).toBeLessThanOrEqual(1);
  await expect(alice.pill).toHaveCount(0);
});

test('further up it stays where it is, and a pill counts what is new', async ({ visit, person }) => {
  const bob = await person('bob');
  await sendNumbered(bob, 'alice', 1, 40);
  const alice = await visit('alice', { path: '/people/bob' });
  await expect(alice.message(numbered(40))).toBeInViewport();
  await alice.timeline.evaluate((timeline) => timeline.scrollBy(0, -400));
  await expect(alice.page.getByRole('button', { name: 'Jump to the newest' })).toBeVisible();
  const place = await alice.timeline.evaluate((timeline) => timeline.scrollTop);

  await sendNumbered(bob, 'alice', 41, 43);
  const pill = alice.page.getByRole('button', { name: '3 new messages' });
  await expect(pill).toBeVisible();
  expect(Math.abs((await alice.timeline.evaluate((timeline) => timeline.scrollTop)) - place)).toBeLessThanOrEqual(1);

  await pill.click();
  await expect(alice.message(numbered(43))).toBeInViewport();
  await expect(alice.pill).toHaveCount(0);
  await expect.poll(() => alice.distanceToEnd()).toBeLessThanOrEqual(1);
});

test('one message is “1 new message”', async ({ visit, person }) => {
  const bob = await person('bob');
  await sendNumbered(bob, 'alice', 1, 40);
  const alice = await visit('alice', { path: '/people/bob' });
  await expect(alice.message(numbered(40))).toBeInViewport();
  await alice.timeline.evaluate((timeline) => timeline.scrollBy(0, -400));
  await expect(alice.pill).toBeVisible();
  await sendNumbered(bob, 'alice', 41, 41);
  await expect(alice.pill).toHaveText(/1 new message$/);
});

test('what one sends oneself is always in sight', async ({ visit, person }) => {
  await sendNumbered(await person('bob'), 'alice', 1, 40);
  const alice = await visit('alice', { path: '/people/bob' });
  await expect(alice.message(numbered(40))).toBeInViewport();
  await alice.timeline.evaluate((timeline) => timeline.scrollBy(0, -400));
  await alice.write('mine');
  await expect(alice.message('mine')).toBeInViewport();
});

test('each conversation remembers its place', async ({ visit, person }) => {
  await sendNumbered(await person('bob'), 'alice', 1, 60);
  const alice = await visit('alice', { path: '/people/bob' });
  await expect(alice.message(numbered(60))).toBeInViewport();
  await alice.timeline.evaluate((timeline) => timeline.scrollBy(0, -600));
  await expect(alice.pill).toBeVisible();
  const middle = () =>
    alice.timeline.evaluate((timeline) => {
      const { top } = timeline.getBoundingClientRect();
      const rows = [...timeline.querySelectorAll('li.message')];
      return rows.find((row) => row.getBoundingClientRect().bottom > top + 100)?.querySelector('.message-text')?.textContent?.trim();
    });
  const before = await middle();
  expect(before).toMatch(/^message \d+$/);
  await alice.open('Carol');
  await alice.open('Bob');
  await expect.poll(middle).toBe(before);
});

test('a conversation is full of messages the first time that it is painted, however short they are', async ({ visit, person }) => {
  await sendNumbered(await person('bob'), 'alice', 1, 80);
  const alice = await visit('alice', { path: '/people/bob', context: { viewport: { width: 1_280, height: 1_800 } } });
  await expect(alice.message(numbered(80))).toBeInViewport();
  // How much of the timeline is bare above its first row, right before the first paint that shows one.
  const bareOnReturn = async () => {
    await alice.open('Carol');
    await expect(alice.messages).toHaveCount(0);
    const row = await alice.row('Bob').elementHandle();
    return alice.page.evaluate(
      (row) =>
        new Promise<number>((done) => {
          const look = () => {
            // Observers of sizes are called last before a paint, and this one after all others.
            const observer = new ResizeObserver(() => {
              observer.disconnect();
              const first = document.querySelector('li.message');
              const timeline = document.querySelector('.timeline');
              if (!first || !timeline) return setTimeout(look);
              return done(first.getBoundingClientRect().top - timeline.getBoundingClientRect().top);
            });
            observer.observe(document.documentElement);
          };
          (row as HTMLElement).click();
          look();
        }),
      row,
    );
  };
  expect(await bareOnReturn()).toBeLessThanOrEqual(0);
  // In the middle of it there are rows below the window too. All of them are there once new ones are read out.
  await expect(alice.timeline).toHaveAttribute('aria-live', 'polite');
  await alice.timeline.evaluate((timeline) => timeline.scrollBy(0, -600));
  await expect(alice.pill).toBeVisible();
  expect(await bareOnReturn()).toBeLessThanOrEqual(0);
  await expect.poll(() => alice.distanceToEnd()).toBeGreaterThan(500);
});

test('a turn of the wheel right after opening is scrolled in full, though rows still come above', async ({ visit, person }) => {
  await sendNumbered(await person('bob'), 'alice', 1, 60);
  const alice = await visit('alice', { path: '/people/bob' });
  await expect(alice.message(numbered(60))).toBeInViewport();
  const box = await alice.timeline.boundingBox();
  if (!box) throw new Error('There is no timeline to see.');
  await alice.open('Carol');
  await expect(alice.messages).toHaveCount(0);
  await alice.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  // Without waiting for anything that a click by a pointer would wait for.
  await alice.row('Bob').evaluate((row) => (row as HTMLElement).click());
  await alice.page.mouse.wheel(0, -300);
  await expect(alice.timeline).toHaveAttribute('aria-live', 'polite');
  // Messages begin at a whole pixel, and are put back to the nearest. A browser may tell late how far it has scrolled.
  await expect.poll(async () => Math.abs((await alice.distanceToEnd()) - 300)).toBeLessThanOrEqual(1);
});

test('messages of a conversation that is not open stay unread', async ({ visit, person }) => {
  const alice = await visit('alice');
  await sendNumbered(await person('bob'), 'alice', 1, 3);
  await expect(alice.unread('Bob')).toHaveText('3');
  await alice.open('Carol');
  await expect(alice.unread('Bob')).toHaveText('3');
});
