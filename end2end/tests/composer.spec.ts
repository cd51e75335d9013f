/// The composer's rules.
import { expect, test } from '../support/test.ts';

test('Enter sends, Shift+Enter breaks the line', async ({ visit }) => {
  const alice = await visit('alice', { path: '/people/bob' });
  await expect(alice.composer).toBeFocused();
  const { keyboard } = alice.page;
  await keyboard.type('one');
  await keyboard.press('Shift+Enter');
  await keyboard.type('two');
  await expect(alice.composer).toHaveValue('one\ntwo');
  await expect(alice.messages).toHaveCount(0);
  await keyboard.press('Enter');
  await expect(alice.composer).toHaveValue('');
  await expect(alice.messages).toHaveCount(1);
  expect(await alice.messages.locator('.message-text').evaluate((element) => (element as HTMLElement).innerText)).toBe('one\ntwo');
});

test('the button sends too, and the focus stays where one writes', async ({ visit }) => {
  const alice = await visit('alice', { path: '/people/bob' });
  await alice.composer.fill('by button');
  await alice.send.click();
  await alice.hasTick('by button', 'Stored');
  await expect(alice.composer).toHaveValue('');
  await expect(alice.composer).toBeFocused();
});

test('nothing is sent when there is nothing but blanks', async ({ visit }) => {
  const alice = await visit('alice', { path: '/people/bob' });
  await expect(alice.send).toBeDisabled();
  await alice.composer.fill(' \n\t ');
  await expect(alice.send).toBeDisabled();
  await alice.composer.press('Enter');
  await alice.composer.fill('words');
  await alice.composer.press('Enter');
  await alice.shows(['words']);
});

const COMPOSING: [string, { isComposing?: boolean; keyCode?: number }][] = [
  ['says that it is composing', { isComposing: true }],
  ['has the key code 229', { keyCode: 229 }],
];

for (const [what, flags] of COMPOSING) {
  test(`nothing is sent by an Enter that ${what}`, async ({ visit }) => {
    const alice = await visit('alice', { path: '/people/bob' });
    await alice.composer.fill('にほん');
    await alice.composer.dispatchEvent('compositionstart', {});
    await alice.composer.evaluate((field, init) => {
      field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, ...init }));
    }, flags);
    await expect(alice.composer).toHaveValue('にほん');
    await alice.composer.dispatchEvent('compositionend', { data: 'にほん' });
    await expect(alice.messages).toHaveCount(0);
    await alice.composer.press('Enter');
    await alice.shows(['にほん']);
  });
}

test('it grows with what is written to six lines, and then scrolls', async ({ visit }) => {
  const alice = await visit('alice', { path: '/people/bob' });
  const heightOf = async (lines: number) => {
    await alice.composer.fill(Array.from({ length: lines }, (_, index) => `line ${index}`).join('\n'));
    return alice.composer.evaluate(
      (field) => new Promise<number>((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(field.clientHeight)))),
    );
  };
  const [one, three, six, ten] = [await heightOf(1), await heightOf(3), await heightOf(6), await heightOf(10)];
  expect(three).toBeGreaterThan(one);
  expect(six).toBeGreaterThan(three);
  expect(Math.abs(ten - six)).toBeLessThanOrEqual(2);
  expect(await alice.composer.evaluate((field) => field.scrollHeight > field.clientHeight)).toBe(true);
  await alice.composer.press('Enter');
  await expect.poll(() => alice.composer.evaluate((field) => field.clientHeight)).toBeLessThanOrEqual(one + 1);
});

test('near the limit it counts, and beyond it says so and does not send', async ({ visit }) => {
  const alice = await visit('alice', { path: '/people/bob' });
  await alice.composer.fill('x'.repeat(15_000));
  await expect(alice.count).toHaveCount(0);
  await alice.composer.fill('x'.repeat(19_950));
  await expect(alice.count).toHaveText('19,950 of 20,000 characters');
  await expect(alice.send).toBeEnabled();
  await alice.composer.fill('x'.repeat(20_001));
  await expect(alice.count).toContainText('too long');
  await expect(alice.send).toBeDisabled();
  await alice.composer.press('Enter');
  await expect(alice.composer).toHaveValue('x'.repeat(20_001));
  await expect(alice.messages).toHaveCount(0);
});

test('a character is a character, however many bytes it takes', async ({ visit }) => {
  const alice = await visit('alice', { path: '/people/bob' });
  await alice.composer.fill('𝄞'.repeat(20_000));
  await expect(alice.count).toHaveText('20,000 of 20,000 characters');
  await expect(alice.send).toBeEnabled();
  await alice.composer.press('Enter');
  await expect(alice.messages).toHaveCount(1);
  await expect(alice.messages.getByRole('button', { name: 'Stored: who has it', exact: true })).toBeVisible();
});

test('a sent message is on screen within a frame', async ({ visit }) => {
  const alice = await visit('alice', { path: '/people/bob' });
  await alice.composer.fill('at once');
  const shown = await alice.composer.evaluate(async (field) => {
    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
    // The first callback runs before the next paint, the second one after it.
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    return document.querySelectorAll('li.message').length;
  });
  expect(shown).toBe(1);
  await alice.hasTick('at once', 'Stored');
});

test('a large paste does not freeze it', async ({ visit }) => {
  const alice = await visit('alice', { path: '/people/bob' });
  const took = await alice.composer.evaluate(async (field) => {
    const area = field as HTMLTextAreaElement;
    const start = performance.now();
    area.value = 'a line of a hundred thousand characters\n'.repeat(2_500);
    area.dispatchEvent(new InputEvent('input', { bubbles: true, inputType: 'insertFromPaste' }));
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    return performance.now() - start;
  });
  expect(took).toBeLessThan(1_000);
  await expect(alice.count).toContainText('too long');
});
