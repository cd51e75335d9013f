/// Every component in every state, as the page of components in development builds shows it: pictures of all of
/// them, compared with those in `end2end/pictures/`. The letters are of fonts that come with this project's packages,
/// so that pictures do not depend on those of the machine. After a change that is meant:
/// `npx playwright test components --update-snapshots`, and look at what has changed.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import type { Locator, Page } from '@playwright/test';

import { preferTheme, type Theme } from '../support/looks.ts';
import { programWithComponents, Server } from '../support/server.ts';
import { expect, test as base } from '../support/test.ts';

const test = base.extend<object>({
  server: async ({}, use, testInfo) => {
    const server = new Server({ environment: { NATTER_SIGN_IN: 'account' } }, testInfo.outputPath());
    try {
      await server.start(programWithComponents(testInfo.outputPath()));
      await use(server);
    } finally {
      await server.stop();
    }
  },
});

/** Edges are smoothed a little differently from one version of a browser to the next. */
const TOLERANCE = { maxDiffPixels: 30, animations: 'disabled' } as const;
const FONTS: [family: string, file: string, weight: string][] = [
  ...['400', '600', '700'].flatMap((weight): [string, string, string][] => [
    ['Letters', `@fontsource/inter/files/inter-latin-${weight}-normal.woff2`, weight],
    ['Hebrew', `@fontsource/noto-sans-hebrew/files/noto-sans-hebrew-hebrew-${weight}-normal.woff2`, weight],
  ]),
  ['Code', '@fontsource/jetbrains-mono/files/jetbrains-mono-latin-400-normal.woff2', '400'],
];

/**
 * Both themes and both widths in Chromium, and each of them once in Firefox, which is enough for pages: they are made
 * of the same components.
 */
const LOOKS: { theme: Theme; width: number; browsers: string[] }[] = [
  { theme: 'light', width: 360, browsers: ['chromium'] },
  { theme: 'light', width: 1280, browsers: ['chromium', 'firefox'] },
  { theme: 'dark', width: 360, browsers: ['chromium', 'firefox'] },
  { theme: 'dark', width: 1280, browsers: ['chromium'] },
];

test('components look as they did', async ({ openPage, browserName }) => {
  test.setTimeout(240_000);
  for (const { theme, width, browsers } of LOOKS.filter((look) => look.browsers.includes(browserName))) {
    const page = await openPage({ viewport: { width, height: 800 } });
    await preferTheme(page, theme);
    const compare = async (element: Locator, name: string) => {
      // Emoji are of the machine's own letters.
      const options = { ...TOLERANCE, mask: [element.locator('.emoji-option')] };
      await expect.soft(element).toHaveScreenshot([browserName, `${theme}-${width}`, `${name}.png`], options);
    };
    await open(page, '/components');
    const parts = await page.locator('main > section').all();
    expect(parts.length).toBeGreaterThan(0);
    for (const part of parts) await compare(part, (await part.getAttribute('aria-labelledby')) ?? '');
    const [dialogs, pages] = [await names(page, 'Dialogs'), await names(page, 'Pages')];
    for (const name of dialogs) {
      await open(page, `/components?dialog=${name}`);
      await compare(page.getByRole('dialog'), `dialog-${name}`);
    }
    for (const name of browsers.includes('firefox') ? pages : []) {
      await open(page, `/components?page=${name}`);
      await expect(page.getByText('Loading…')).toHaveCount(0);
      await compare(page.locator('body'), `page-${name}`);
    }
    await page.close();
  }
});

/** What the page of components has beside itself. */
async function names(page: Page, kind: string): Promise<string[]> {
  const names = await page.getByRole('navigation', { name: kind }).getByRole('link').allTextContents();
  expect(names.length).toBeGreaterThan(0);
  return names;
}

/** Opens a page of components, in the letters of this test. */
async function open(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await expect(page.locator('#skeleton')).toHaveCount(0);
  await page.locator('main').waitFor();
  const require = createRequire(import.meta.url);
  const fonts = FONTS.map(([family, file, weight]) => ({
    family,
    weight,
    data: readFileSync(require.resolve(file)).toString('base64'),
  }));
  await page.evaluate(async (all) => {
    for (const { family, weight, data } of all) {
      const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
      document.fonts.add(await new FontFace(family, bytes, { weight }).load());
    }
    const { style } = document.documentElement;
    style.setProperty('--font', 'Letters, Hebrew');
    style.setProperty('--font-code', 'Code');
  }, fonts);
}
