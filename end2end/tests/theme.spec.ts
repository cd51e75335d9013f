/// Light and dark, by choice.
import { expect, test } from '../support/test.ts';
import type { ChatPage } from '../pages/chat_page.ts';

/** How bright the page is behind everything, from 0 to 255. */
function brightness(chat: ChatPage): Promise<number> {
  return chat.page.evaluate(() => {
    const context = document.createElement('canvas').getContext('2d')!;
    for (const element of [document.documentElement, document.body, document.querySelector('main')!]) {
      context.fillStyle = getComputedStyle(element).backgroundColor;
      context.fillRect(0, 0, 1, 1);
    }
    const [red, green, blue] = context.getImageData(0, 0, 1, 1).data;
    return (red! + green! + blue!) / 3;
  });
}

test('the button goes from the system to light to dark and back', async ({ visit }) => {
  const alice = await visit('alice');
  const html = alice.page.locator('html');
  await expect(alice.theme).toHaveAccessibleName('Theme: system');
  await expect(html).not.toHaveAttribute('data-theme');
  await alice.theme.click();
  await expect(alice.theme).toHaveAccessibleName('Theme: light');
  await expect(html).toHaveAttribute('data-theme', 'light');
  await expect.poll(() => brightness(alice)).toBeGreaterThan(200);
  await alice.theme.click();
  await expect(alice.theme).toHaveAccessibleName('Theme: dark');
  await expect(html).toHaveAttribute('data-theme', 'dark');
  await expect.poll(() => brightness(alice)).toBeLessThan(60);
  await alice.theme.click();
  await expect(alice.theme).toHaveAccessibleName('Theme: system');
  await expect(html).not.toHaveAttribute('data-theme');
});

test('the choice is there before the first paint of the next load', async ({ visit }) => {
  const alice = await visit('alice');
  await alice.chooseTheme('dark');
  await alice.page.addInitScript(() => {
    // The first frame of the page comes after what its head has run.
    requestAnimationFrame(() => Object.assign(window, { firstTheme: document.documentElement.dataset.theme }));
  });
  await alice.page.reload();
  await expect(alice.theme).toHaveAccessibleName('Theme: dark');
  expect(await alice.page.evaluate(() => (window as unknown as { firstTheme: string }).firstTheme)).toBe('dark');
});

test('the choice holds at the login page too', async ({ visit }) => {
  const alice = await visit('alice');
  await alice.chooseTheme('dark');
  await alice.page.context().clearCookies();
  await alice.page.goto('/login');
  await expect(alice.page.locator('html')).toHaveAttribute('data-theme', 'dark');
});
