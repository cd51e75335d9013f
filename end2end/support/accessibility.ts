/// What axe says about a page.
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

import { inTheOtherTheme } from './looks.ts';

/**
 * Checks with every rule that axe has, best practices too, that it finds nothing; and in the other theme with the
 * rules on contrast, because nothing else hangs on colours, which are the same numbers in every browser.
 */
export async function expectAccessible(page: Page, state: string): Promise<void> {
  await expectNothing(page, state, (axe) => axe);
  if (page.context().browser()?.browserType().name() === 'firefox') return;
  await inTheOtherTheme(page, async (theme) => {
    await expectNothing(page, `${state}, ${theme}`, (axe) => axe.withRules(['color-contrast', 'link-in-text-block']));
  });
}

async function expectNothing(page: Page, state: string, choose: (axe: AxeBuilder) => AxeBuilder): Promise<void> {
  // In the middle of fading in, nothing has the contrast that it will have.
  await page.evaluate(async () => {
    const ends = document.getAnimations().filter((it) => it.effect?.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(ends.map((animation) => animation.finished));
  });
  // There are no frames here, for which the other mode opens a page of its own each time.
  const { violations } = await choose(new AxeBuilder({ page }).setLegacyMode()).analyze();
  const found = violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.html}`));
  expect(found, `what axe finds on ${state}`).toEqual([]);
}
