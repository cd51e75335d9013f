/// The colours of the design against one another, in both themes (WCAG 2.2): words reach 4.5 : 1 (SC 1.4.3), and what
/// tells where a control is and in what state it is reaches 3 : 1 (SC 1.4.11). axe sees the words of the states that
/// tests bring about; this is every pair that the style sheets make.
import { readFileSync } from 'node:fs';

import type { Page } from '@playwright/test';

import { Switcher } from '../pages/switcher.ts';
import { preferTheme, THEMES } from '../support/looks.ts';
import { expect, test } from '../support/test.ts';

const WORDS = 4.5;
const PARTS = 3;

/** Two tokens without the `--colour-` before them, the least ratio between them, and where they meet. */
type Pair = [foreground: string, background: string, least: number, where: string];

const PAIRS: Pair[] = [
  ['text', 'canvas', WORDS, 'headings of pages, the tab under the pointer'],
  ['text', 'surface', WORDS, 'names in the list and in the header, dialogs, sections, tables, keys'],
  ['text', 'raised', WORDS, 'messages of others, fields, buttons, the menu, suggestions, recovery codes'],
  ['text', 'hover', WORDS, 'rows, buttons and icons under the pointer'],
  ['text', 'selected', WORDS, 'the row that is open or marked, badges, a link that was just made'],
  ['text', 'own', WORDS, 'own messages'],
  ['quiet', 'canvas', WORDS, 'lines between messages, empty screens, the count of characters, tabs'],
  ['quiet', 'surface', WORDS, 'times and previews of the list, its sections, hints, heads of tables, icon buttons'],
  ['quiet', 'raised', WORDS, 'placeholders, times of others’ messages, beside suggestions, “Connecting…”'],
  ['quiet', 'hover', WORDS, 'times and previews under the pointer, buttons that cannot be pressed'],
  ['quiet', 'selected', WORDS, 'times and previews of the row that is open or marked'],
  ['own-quiet', 'own', WORDS, 'times and ticks of own messages, and who has them'],
  ['accent', 'canvas', WORDS, 'links of pages, the “New” line, the tab that is open; the ring of the focus'],
  ['accent', 'surface', WORDS, 'links at the login, the way back, quiet buttons; the ring of the focus'],
  ['accent', 'raised', WORDS, 'links in others’ messages, “Show” in a password’s field; the field in use'],
  ['accent', 'hover', WORDS, 'the way back and quiet buttons under the pointer'],
  ['accent', 'own', WORDS, 'links in own messages; the ring of the focus on their ticks'],
  ['accent', 'selected', PARTS, 'the ring of the focus on the row that is open, the emoji that is marked'],
  ['accent', 'caution-tint', PARTS, 'the ring of the focus on “Try now”'],
  ['accent-strong', 'canvas', PARTS, '“Send” and the pill under the pointer'],
  ['accent-strong', 'surface', PARTS, 'what a screen is for, under the pointer'],
  ['on-accent', 'accent', WORDS, '“Send”, what a screen is for, the pill, how much is unread, selected words'],
  ['on-accent', 'accent-strong', WORDS, 'the same under the pointer and while it is being done'],
  ['danger', 'canvas', WORDS, 'that a message is too long'],
  ['danger', 'surface', WORDS, 'what is wrong with a form; the border of the field that is wrong'],
  ['danger', 'raised', WORDS, 'buttons that end something; the border of the field that is wrong, from within'],
  ['danger', 'hover', WORDS, 'buttons that end something, under the pointer'],
  ['danger', 'own', WORDS, 'that a message was not sent, and the buttons for that'],
  ['own', 'danger', WORDS, 'the sign in the mark of a message that was not sent'],
  ['caution', 'caution-tint', WORDS, 'the card about the connection, why one is at the login, mentions'],
  ['control', 'canvas', PARTS, 'the border of the composer, and of fields and buttons of the administration'],
  ['control', 'surface', PARTS, 'borders of fields, buttons and keys; the ring of somebody who is away'],
  ['control', 'raised', PARTS, 'the same from within; the border of “Reload”'],
  ['control', 'hover', PARTS, 'the ring of somebody who is away, under the pointer'],
  ['control', 'selected', PARTS, 'the ring of somebody who is away where the row is open; the field of a new link'],
  ['online', 'surface', PARTS, 'the dot of somebody who is online'],
  ['online', 'hover', PARTS, 'the same under the pointer'],
  ['online', 'selected', PARTS, 'the same where the row is open or marked'],
  ['read', 'own', PARTS, 'the ticks of a message that was read'],
];

/** What nobody has to make out, and why. */
const DECORATIVE: Record<string, string> = {
  '--colour-line': 'It parts what its place and its distance part too.',
  '--colour-backdrop': 'It lies over a page that cannot be used as long as the dialog is open.',
  '--shadow-small': 'Bubbles and cards have a colour of their own too.',
  '--shadow-large': 'What floats has a colour or a border of its own too.',
};

const SHEET = readFileSync(new URL('../../style/tokens.css', import.meta.url), 'utf8');
const COLOUR = /#[\da-f]{3,8}\b|\b(?:light-dark|rgb|hsl|hwb|lab|lch|oklab|oklch|color|color-mix)\(/i;

/** The tokens that are colours, or have one in them. */
function colourTokens(): string[] {
  const declared = [...SHEET.matchAll(/^\s*(--[\w-]+):([^;]+);/gm)];
  return [...new Set(declared.filter(([, , value]) => COLOUR.test(value ?? '')).map(([, name]) => name ?? ''))];
}

test('every colour token is held against another one, or says why it need not be', () => {
  const tokens = colourTokens();
  expect(tokens).toContain('--colour-text');
  const held = PAIRS.flatMap(([foreground, background]) => [`--colour-${foreground}`, `--colour-${background}`]);
  const known = new Set([...held, ...Object.keys(DECORATIVE)]);
  expect(tokens.filter((token) => !known.has(token)), 'tokens that are in no pair and in no list').toEqual([]);
  expect([...known].filter((token) => !tokens.includes(token)), 'tokens that are not there any more').toEqual([]);
});

for (const theme of THEMES) {
  test(`words and controls stand out from what they are on, ${theme}`, async ({ visitLogin }) => {
    const { page } = await visitLogin();
    await learnToCompare(page);
    await choose(page, theme);
    expect(await tooFaint(page)).toEqual([]);
  });

  test(`they stand out for those who ask for more contrast, ${theme}`, async ({ visitLogin }) => {
    const { page } = await visitLogin();
    await learnToCompare(page);
    await choose(page, theme);
    // Not every browser can be made to ask for it from outside, so what it would get is put in place by hand.
    expect(await putMoreContrastInPlace(page)).toContain('--colour-quiet');
    expect(await tooFaint(page)).toEqual([]);
  });

  test(`names and initials can be read in whatever hue somebody has, ${theme}`, async ({ visitLogin }) => {
    const { page } = await visitLogin();
    await learnToCompare(page);
    await choose(page, theme);
    const faintest = await page.evaluate(() => {
      document.body.insertAdjacentHTML(
        'beforeend',
        '<div class="message"><div class="message-bubble"><span class="message-author">B</span></div></div>' +
          '<span class="avatar">B</span>',
      );
      const find = (selector: string) => document.querySelector<HTMLElement>(selector)!;
      const [avatar, author, bubble] = [find('.avatar'), find('.message-author'), find('.message-bubble')];
      const hues = Array.from({ length: 360 }, (_, hue) => {
        for (const element of [avatar, author]) element.style.setProperty('--hue', String(hue));
        const [initials, name] = [getComputedStyle(avatar), getComputedStyle(author)];
        return {
          initials: ratio(initials.color, initials.backgroundColor),
          name: ratio(name.color, getComputedStyle(bubble).backgroundColor),
        };
      });
      return {
        initials: Math.min(...hues.map((each) => each.initials)),
        name: Math.min(...hues.map((each) => each.name)),
      };
    });
    expect(faintest.initials).toBeGreaterThanOrEqual(WORDS);
    expect(faintest.name).toBeGreaterThanOrEqual(WORDS);
  });

  test(`code can be read in own messages and in those of others, ${theme}`, async ({ visitLogin }) => {
    const { page } = await visitLogin();
    await learnToCompare(page);
    await choose(page, theme);
    const ratios = await page.evaluate(() =>
      ['true', 'false'].map((own) => {
        const message = document.createElement('div');
        message.className = 'message';
        message.dataset.own = own;
        message.innerHTML = '<div class="message-bubble"><span class="message-text"><code>x</code></span></div>';
        document.body.append(message);
        const style = (selector: string) => getComputedStyle(message.querySelector(selector)!);
        const code = style('code');
        return ratio(code.color, style('.message-bubble').backgroundColor, code.backgroundColor);
      }),
    );
    expect(Math.min(...ratios)).toBeGreaterThanOrEqual(WORDS);
  });

  test(`what Enter goes to in the switcher is marked so that one sees it, ${theme}`, async ({ visit }) => {
    const alice = await visit('alice', { path: '/people/bob', prepare: (page) => preferTheme(page, theme) });
    await alice.isOpen('Bob');
    await learnToCompare(alice.page);
    const switcher = new Switcher(alice.page);
    await switcher.open();
    expect(await switcher.marked.evaluate(howMuchItStandsOut)).toBeGreaterThanOrEqual(PARTS);
  });

  test(`what Enter puts in is marked so that one sees it, ${theme}`, async ({ visit }) => {
    const alice = await visit('alice', { path: '/people/bob', prepare: (page) => preferTheme(page, theme) });
    await alice.isOpen('Bob');
    await alice.isComplete();
    await learnToCompare(alice.page);
    await alice.composer.pressSequentially('@');
    const suggestions = alice.page.getByRole('listbox', { name: 'Suggestions' });
    const marked = suggestions.getByRole('option', { selected: true });
    await expect(marked).toContainText('Bob');
    expect(await marked.evaluate(howMuchItStandsOut)).toBeGreaterThanOrEqual(PARTS);
  });

  test(`the list and the timeline show how far one has scrolled, ${theme}`, async ({ visit }) => {
    const alice = await visit('alice', { path: '/people/bob', prepare: (page) => preferTheme(page, theme) });
    await alice.isOpen('Bob');
    await learnToCompare(alice.page);
    for (const scroller of [alice.navigation, alice.timeline]) {
      expect(await scroller.evaluate(thumb), `the scrollbar of ${scroller}`).toBeGreaterThanOrEqual(PARTS);
    }
  });
}

/** Within a page that has learned to compare: the ratio of a colour to what lies under it, the lowest first. */
declare const ratio: (foreground: string, ...under: string[]) => number;

/** Gives a page what measures two of its colours, in whatever way they are written. */
async function learnToCompare(page: Page): Promise<void> {
  await page.evaluate(() => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 1, height: 1 });
    const context = canvas.getContext('2d', { willReadFrequently: true })!;
    const paint = (colour: string) => {
      const unlikely = '#010203';
      context.fillStyle = unlikely;
      context.fillStyle = colour;
      if (context.fillStyle === unlikely) throw new Error(`${colour} is no colour.`);
      context.fillRect(0, 0, 1, 1);
    };
    // Relative luminance, as WCAG 2.2 defines it for sRGB.
    const luminance = () => {
      const [red, green, blue] = [...context.getImageData(0, 0, 1, 1).data].map((byte) => {
        const part = byte / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
    };
    const compare: typeof ratio = (foreground, ...under) => {
      for (const colour of under) paint(colour);
      const below = luminance();
      paint(foreground);
      const above = luminance();
      return (Math.max(above, below) + 0.05) / (Math.min(above, below) + 0.05);
    };
    Object.assign(window, { ratio: compare });
  });
}

/** Puts the theme on the page as the app does. */
async function choose(page: Page, theme: string): Promise<void> {
  await page.evaluate((chosen) => void (document.documentElement.dataset.theme = chosen), theme);
}

/** Gives the root the tokens of `prefers-contrast: more`, and tells which they are. */
function putMoreContrastInPlace(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const inside = (rule: CSSRule): CSSRule[] => {
      const sheet = rule instanceof CSSImportRule ? rule.styleSheet : rule;
      return sheet && 'cssRules' in sheet ? [...(sheet.cssRules as CSSRuleList)] : [];
    };
    const all = (rules: CSSRule[]): CSSRule[] => rules.flatMap((rule) => [rule, ...all(inside(rule))]);
    const rules = all([...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]));
    const asksForMore = (rule: CSSRule) =>
      rule instanceof CSSMediaRule && /prefers-contrast: ?more/.test(rule.conditionText);
    const names: string[] = [];
    for (const rule of all(rules.filter(asksForMore))) {
      if (!(rule instanceof CSSStyleRule)) continue;
      for (const name of [...rule.style].filter((each) => each.startsWith('--'))) {
        document.documentElement.style.setProperty(name, rule.style.getPropertyValue(name));
        names.push(name);
      }
    }
    return names;
  });
}

/** The pairs that are nearer to one another than they may be, told so that one knows what to do. */
async function tooFaint(page: Page): Promise<string[]> {
  const ratios = await page.evaluate((pairs) => {
    const probe = document.body.appendChild(document.createElement('i'));
    const colour = (name: string) => {
      const token = `--colour-${name}`;
      if (!getComputedStyle(probe).getPropertyValue(token)) throw new Error(`There is no ${token}.`);
      probe.style.color = `var(${token})`;
      return getComputedStyle(probe).color;
    };
    return pairs.map(([foreground, background]) => ratio(colour(foreground), colour(background)));
  }, PAIRS);
  return PAIRS.flatMap(([foreground, background, least, where], index) => {
    const found = ratios[index] ?? 0;
    if (found >= least) return [];
    return [`${foreground} on ${background} is ${found.toFixed(2)} : 1 and not ${least} : 1: ${where}`];
  });
}

/** How much the strongest mark of an element stands out from what the element lies on: its ring, border or ground. */
function howMuchItStandsOut(element: Element): number {
  const isSeen = (colour: string) => colour !== 'rgba(0, 0, 0, 0)' && colour !== 'transparent';
  let behind = element.parentElement;
  while (behind && !isSeen(getComputedStyle(behind).backgroundColor)) behind = behind.parentElement;
  const ground = getComputedStyle(behind ?? document.documentElement).backgroundColor;
  const style = getComputedStyle(element);
  const marks = [
    style.backgroundColor,
    ...(style.outlineStyle === 'none' ? [] : [style.outlineColor]),
    ...['top', 'right', 'bottom', 'left'].flatMap((side) => {
      const width = style.getPropertyValue(`border-${side}-width`);
      return width === '0px' ? [] : [style.getPropertyValue(`border-${side}-color`)];
    }),
    // A shadow is written with its colour first.
    ...(style.boxShadow === 'none' ? [] : [style.boxShadow.replace(/\).*$/, ')')]),
  ];
  return Math.max(...marks.filter(isSeen).map((mark) => ratio(mark, ground)));
}

/** How much the thumb of a scrollbar stands out from the box. Where it is the browser's own it is none of ours. */
function thumb(scroller: Element): number {
  const { scrollbarColor } = getComputedStyle(scroller);
  if (scrollbarColor === 'auto') return Number.POSITIVE_INFINITY;
  let behind: Element | null = scroller;
  const isSeen = (colour: string) => colour !== 'rgba(0, 0, 0, 0)' && colour !== 'transparent';
  while (behind && !isSeen(getComputedStyle(behind).backgroundColor)) behind = behind.parentElement;
  // The thumb's colour comes before that of its track.
  const colour = /^[a-z]+\([^)]*\)|^\S+/.exec(scrollbarColor)?.[0] ?? '';
  return ratio(colour, getComputedStyle(behind ?? document.documentElement).backgroundColor);
}
