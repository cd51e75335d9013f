/// On a phone: one pane at a time.
import { expect, test } from '../support/test.ts';

test.use({ viewport: { width: 360, height: 740 } });

test('the list fills the screen, then the conversation does, and Back goes back', async ({ visit }) => {
  const alice = await visit('alice');
  await expect(alice.row('Bob')).toBeInViewport();
  await expect(alice.composer).toBeHidden();
  await expect(alice.back).toBeHidden();

  await alice.open('Bob');
  await expect(alice.navigation).toBeHidden();
  await expect(alice.composer).toBeInViewport({ ratio: 1 });
  await expect(alice.heading).toBeInViewport();
  await alice.write('hello');
  await expect(alice.message('hello')).toBeInViewport();

  await alice.back.click();
  await expect(alice.row('Bob')).toBeInViewport();
  await expect(alice.composer).toBeHidden();
  await expect(alice.page).toHaveURL('/');
});

test("the browser's own Back goes back too, and Forward forward", async ({ visit }) => {
  const alice = await visit('alice');
  await alice.open('Bob');
  await alice.page.evaluate(() => history.back());
  await expect(alice.row('Bob')).toBeVisible();
  await expect(alice.composer).toBeHidden();
  await alice.page.evaluate(() => history.forward());
  await alice.isOpen('Bob');
  await expect(alice.navigation).toBeHidden();
});

test('a deep link opens the conversation, and Back leads to the list', async ({ visit }) => {
  const alice = await visit('alice', { path: '/people/bob' });
  await alice.isOpen('Bob');
  await expect(alice.navigation).toBeHidden();
  await alice.back.click();
  await expect(alice.row('Bob')).toBeVisible();
});

test('nothing is wider than the screen, down to 320 pixels', async ({ visit, visitLogin }) => {
  const alice = await visit('alice', { path: '/people/bob' });
  await alice.write(`https://example.org/${'a-very-long-address/'.repeat(20)}`);
  await alice.write('w'.repeat(300));
  await (await visit('carol', { path: '/people/alice' })).write('w'.repeat(300));
  const login = await visitLogin();
  const fits = (page: typeof alice.page) =>
    page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
  for (const width of [360, 320]) {
    for (const page of [alice.page, login.page]) await page.setViewportSize({ width, height: 640 });
    expect(await fits(alice.page), `conversation at ${width}`).toBe(true);
    expect(await fits(login.page), `login at ${width}`).toBe(true);
    expect(await alice.timeline.evaluate((element) => element.scrollWidth <= element.clientWidth)).toBe(true);
    await alice.back.click();
    await expect(alice.row('Carol')).toBeInViewport();
    expect(await fits(alice.page), `list at ${width}`).toBe(true);
    const dialog = await alice.openNewGroup();
    await expect(dialog.create).toBeInViewport({ ratio: 1 });
    expect(await fits(alice.page), `dialog at ${width}`).toBe(true);
    await dialog.cancel.click();
    await alice.open('Bob');
  }
});

test('fields have sixteen pixels, so that no phone zooms in on them', async ({ visit, visitLogin }) => {
  const size = (element: Element) => Number.parseFloat(getComputedStyle(element).fontSize);
  const alice = await visit('alice');
  expect(await alice.search.evaluate(size)).toBeGreaterThanOrEqual(16);
  const dialog = await alice.openNewGroup();
  expect(await dialog.name.evaluate(size)).toBeGreaterThanOrEqual(16);
  await dialog.cancel.click();
  await alice.open('Bob');
  expect(await alice.composer.evaluate(size)).toBeGreaterThanOrEqual(16);
  expect(await (await visitLogin()).username.evaluate(size)).toBeGreaterThanOrEqual(16);
});
