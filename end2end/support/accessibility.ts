/// What axe says about a page.
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

/** Checks with every rule that axe has, best practices too, that it finds nothing. */
export async function expectAccessible(page: Page, state: string): Promise<void> {
  // In the middle of fading in, nothing has the contrast that it will have.
  await page.evaluate(async () => {
    const ends = document.getAnimations().filter((it) => it.effect?.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(ends.map((animation) => animation.finished));
  });
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.html}`));
  expect(found, `what axe finds on ${state}`).toEqual([]);
}
