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

/** Saves a picture for people to look at, of the screen or of the whole page; nothing compares it. */
export async function picture(page: Page, name: string, fullPage: boolean = false): Promise<void> {
  const file = `../test-results/screenshots/${name}-${test.info().project.name}.png`;
  await page.screenshot({ path: fileURLToPath(new URL(file, import.meta.url)), fullPage });
}

/** Checks that nobody has to scroll sideways. */
export async function expectNothingWider(page: Page): Promise<void> {
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
}
