/// German in place of English: every word of it, from the browser's language or by choice.
import { readFileSync } from 'node:fs';

import type { Page } from '@playwright/test';

import { expect, test } from '../support/test.ts';

const GERMAN = { locale: 'de-DE' };

/** What the catalog has for this language, each with holes where something is put in. */
function translations(): RegExp[] {
  const catalog = readFileSync(new URL('../../app/languages/de.po', import.meta.url), 'utf8');
  const texts = [...catalog.matchAll(/^msgstr(?:\[\d\])? "(.+)"$/gm)].map(([, text]) => (text ?? '').replaceAll('\\"', '"'));
  // What is put in may be an element, and then what stands around it is said in parts.
  const parts = texts.flatMap((text) => text.split(/\{\w+\}/)).map((part) => part.trim().replace(/:$/, ''));
  const wholes = texts.map((text) => text.split(/\{\w+\}/).map(escape).join('[^]*'));
  return [...wholes, ...parts.filter((part) => part.length > 3).map(escape)].map((text) => new RegExp(`^${text}$`));
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Everything that is said on a page: texts, and names that only a screen reader tells. */
function said(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const texts = new Set<string>();
    const walk = (node: Node): void => {
      if (node instanceof HTMLElement || node instanceof SVGElement) {
        // What people have written has a direction of its own; times are the browser's.
        if (node.matches('script, style, noscript, [dir="auto"], bdi, time, kbd, .avatar, [lang]:not(html)')) return;
        for (const name of ['aria-label', 'title', 'placeholder', 'alt']) texts.add(node.getAttribute(name) ?? '');
      }
      if (node instanceof Text) texts.add(node.data);
      node.childNodes.forEach(walk);
    };
    walk(document.documentElement);
    return [...texts].map((text) => text.trim().replace(/:$/, '')).filter((text) => /\p{L}{2}/u.test(text));
  });
}

async function expectGerman(page: Page, names: RegExp): Promise<void> {
  const known = translations();
  const strange = (await said(page)).filter((text) => !names.test(text) && !known.some((it) => it.test(text)));
  expect(strange, `said at ${page.url()} and not in the catalog`).toEqual([]);
}

/** Not words of the app: its name, people, and what they have written. */
const NAMES = /^(\(\d+\) )?(Natter|Alice|Bob|Carol|Dave|alice|bob|\W*)$|^(Alice|Bob|Carol|Dave|Mittag)(,|$)|hallo/;

test('a browser that is set to German is answered in German, from the first byte on', async ({ openPage, server }) => {
  const page = await fetch(`${server.origin}/login`, { headers: { 'accept-language': 'de-AT,de;q=0.9,en;q=0.5' } });
  const html = await page.text();
  expect(html).toContain('<html lang="de"');
  expect(html).toContain('Anmelden');
  const login = await openPage(GERMAN);
  await login.goto('/login');
  await expectGerman(login, NAMES);
  await login.getByLabel('Benutzername').fill('nobody');
  await login.getByRole('button', { name: 'Anmelden' }).click();
  await expect(login.getByRole('alert')).not.toHaveText('');
  await expectGerman(login, NAMES);
});

test('the chat, its dialogs, the settings and what goes wrong are German', async ({ visit, person }) => {
  const bob = await (await person('bob')).connect();
  await bob.ask('privateMessage', { receiver: 'alice', text: 'hallo' });
  const alice = await (await person('alice')).connect();
  const { id } = await alice.ask('createGroup', { name: 'Mittag', members: ['bob', 'carol'] });
  await alice.ask('renameGroup', { groupId: id, name: 'Mittag' });
  const { page } = await visit('alice', { context: GERMAN, path: '/people/bob' });
  await expect(page.getByRole('log', { name: 'Nachrichten' })).toContainText('hallo');
  await page.getByRole('textbox', { name: /Nachricht/ }).fill('hallo');
  await page.keyboard.press('Enter');
  await expectGerman(page, NAMES);
  await page.goto(`/groups/${id}`);
  await expect(page.locator('.note-line').first()).toContainText('gegründet');
  await expectGerman(page, NAMES);
  for (const [keys, name] of [
    ['Control+k', 'Gehe zu'],
    ['?', 'Tastenkürzel'],
  ] as const) {
    await page.getByRole('log').focus();
    await page.keyboard.press(keys);
    await expect(page.getByRole('dialog')).toBeVisible();
    await expect(page.getByRole('dialog')).toHaveAccessibleName(name);
    await expectGerman(page, NAMES);
    await page.keyboard.press('Escape');
  }
  for (const name of ['Details', 'Neue Gruppe']) {
    await page.getByRole('button', { name }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
    await expectGerman(page, NAMES);
    await page.keyboard.press('Escape');
  }
  await page.goto('/settings');
  await expect(page.getByRole('heading', { name: 'Einstellungen' })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Geräte' })).toBeVisible();
  await expectGerman(page, /^(\(\d+\) )?Natter|Chrom|Firefox|127\.0\.0\.1|^alice$/);
  await page.goto('/nowhere');
  await expect(page.getByRole('link').first()).toBeVisible();
  await expectGerman(page, NAMES);
});

test('the language is chosen in the settings, and stays in this browser', async ({ visit }) => {
  const alice = await visit('alice', { path: '/settings' });
  const { page } = alice;
  await page.getByRole('combobox', { name: 'Language' }).selectOption('Deutsch');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Einstellungen');
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
  await page.goto('/people/bob');
  await expect(page.getByRole('textbox', { name: 'Nachricht schreiben' })).toBeVisible();
  await page.goto('/settings');
  await page.getByRole('combobox', { name: 'Sprache' }).selectOption('Wie der Browser');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Settings');
});

test('compact is chosen in the settings, and shows more at once', async ({ visit }) => {
  const alice = await visit('alice');
  const height = () => alice.row('Bob').evaluate((row) => row.getBoundingClientRect().height);
  const roomy = await height();
  await alice.page.goto('/settings');
  await alice.page.getByRole('combobox', { name: 'Density' }).selectOption('Compact');
  await alice.page.getByRole('combobox', { name: 'Theme' }).selectOption('Dark');
  await alice.page.goto('/');
  await expect(alice.page.locator('html')).toHaveAttribute('data-density', 'compact');
  await expect(alice.page.locator('html')).toHaveAttribute('data-theme', 'dark');
  expect(await height()).toBeLessThan(roomy);
});
