/// The looks that every state is checked in: two themes, three widths; and where the pictures go.
import { fileURLToPath } from 'node:url';

import { expect, test, type Page } from '@playwright/test';

export type Theme = 'light' | 'dark';

export const THEMES: Theme[] = ['light', 'dark'];
export const SIZES = [
  { width: 360, height: 740 },
  { width: 768, height: 1024 },
  { width: 1440, height: 900 },
];

/**
 * Chooses a theme before the page loads, as the button keeps it. The system's own theme cannot be
 * set in every browser from outside.
 */
export async function preferTheme(page: Page, theme: Theme): Promise<void> {
  await page.addInitScript((chosen) => localStorage.setItem('natter.theme', chosen), theme);
}

/** Shows the page for a while in the theme that it does not have, as the button would. */
export async function inTheOtherTheme(page: Page, look: (theme: Theme) => Promise<void>): Promise<void> {
  const chosen = await page.evaluate(() => {
    const { dataset } = document.documentElement;
    const dark = matchMedia('(prefers-color-scheme: dark)').matches;
    return { theme: dataset.theme ?? '', isDark: (dataset.theme ?? (dark ? 'dark' : 'light')) === 'dark' };
  });
  const put = (theme: string) =>
    page.evaluate((it) => {
      const root = document.documentElement;
      if (it) root.dataset.theme = it;
      else delete root.dataset.theme;
    }, theme);
  const other = chosen.isDark ? 'light' : 'dark';
  await put(other);
  await look(other);
  await put(chosen.theme);
}

/** Whether pictures are taken for people to look at: `NATTER_PICTURES=1`. Nothing compares them. */
export const TAKES_PICTURES = Boolean(process.env.NATTER_PICTURES);

/** Saves pictures in both themes, of the screen or of the whole page, if they are wanted. */
export async function pictures(page: Page, name: string, fullPage: boolean = false): Promise<void> {
  if (!TAKES_PICTURES) return;
  await picture(page, name, fullPage);
  await inTheOtherTheme(page, (theme) => picture(page, `${name}-${theme}`, fullPage));
}

/** Saves one picture. */
export async function picture(page: Page, name: string, fullPage: boolean = false): Promise<void> {
  const file = `../test-results/screenshots/${name}-${test.info().project.name}.png`;
  await page.screenshot({ path: fileURLToPath(new URL(file, import.meta.url)), fullPage });
}

/** Checks that nobody has to scroll sideways. */
export async function expectNothingWider(page: Page): Promise<void> {
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
}
