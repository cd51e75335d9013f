/// What the system asks for: a dark theme and less motion. Firefox takes them as preferences of
/// the whole browser, Chromium for each context, so both are told both ways.
import { expect, test } from '../support/test.ts';

test.use({
  colorScheme: 'dark',
  contextOptions: { reducedMotion: 'reduce' },
  launchOptions: [
    async ({ launchOptions }, use) => {
      const firefoxUserPrefs = { 'layout.css.prefers-color-scheme.content-override': 0, 'ui.prefersReducedMotion': 1 };
      await use({ ...launchOptions, firefoxUserPrefs });
    },
    { scope: 'worker' },
  ],
});

test('a system that is dark has a dark chat without anybody choosing', async ({ visit }) => {
  const alice = await visit('alice', { path: '/people/bob' });
  expect(await alice.page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches)).toBe(true);
  await expect(alice.theme).toHaveAccessibleName('Theme: system');
  const text = await alice.heading.evaluate((element) => getComputedStyle(element).color);
  await alice.chooseTheme('light');
  await expect.poll(() => alice.heading.evaluate((element) => getComputedStyle(element).color)).not.toBe(text);
  await alice.chooseTheme('system');
  await expect.poll(() => alice.heading.evaluate((element) => getComputedStyle(element).color)).toBe(text);
});

test('a system that wants less motion gets none', async ({ visit }) => {
  const alice = await visit('alice', { path: '/people/bob' });
  expect(await alice.page.evaluate(() => matchMedia('(prefers-reduced-motion: reduce)').matches)).toBe(true);
  await alice.write('hello');
  await alice.hasTick('hello', 'Stored');
  // What takes no time still takes until the next frame.
  const moving = () => document.getAnimations().filter((animation) => animation.playState === 'running').length;
  await expect.poll(() => alice.page.evaluate(moving)).toBe(0);
});
