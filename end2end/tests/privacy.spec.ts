/// What others see of one, and how that is turned off.
import type { Page } from '@playwright/test';

import { expect, test } from '../support/test.ts';

/** Changes a setting, and waits until the server has it. */
async function change(page: Page, act: () => Promise<void>): Promise<void> {
  const stored = page.waitForResponse((answer) => answer.url().endsWith('/web/account/privacy') && answer.ok());
  await act();
  await stored;
}

test('what is read stays one’s own where somebody wants that, and their count goes all the same', async ({ visit, person }) => {
  const alice = await (await person('alice')).connect();
  const bob = await visit('bob', { path: '/settings' });
  const shown = bob.page.getByRole('switch', { name: 'Show others what I have read' });
  await expect(shown).toBeChecked();
  await change(bob.page, () => shown.uncheck());
  await bob.page.reload();
  await expect(shown).not.toBeChecked();

  const { conversationId } = await alice.ask('privateMessage', { receiver: 'bob', text: 'hello' });
  await bob.page.goto('/');
  await expect(bob.unread('Alice')).toHaveText('1');
  await bob.open('Alice');
  await expect(bob.unread('Alice')).toHaveCount(0);
  await bob.write('I am here');
  // It would have come before this.
  await alice.message('I am here');
  const read = alice.all('receipt').filter((receipt) => receipt.username === 'bob' && receipt.conversationId === conversationId);
  expect(read.map((receipt) => receipt.readSeq)).toEqual(read.map(() => 0));
});

test('whoever has gone was last here at a time, unless they do not show it', async ({ visit }) => {
  const alice = await visit('alice', { path: '/people/bob' });
  await expect(alice.status).toHaveText('offline');
  const bob = await visit('bob');
  await expect(alice.status).toHaveText('online');
  await bob.page.goto('about:blank');
  await expect(alice.status).toHaveText(/^last seen \d+:\d\d/);
  await alice.page.reload();
  await expect(alice.status).toHaveText(/^last seen \d+:\d\d/);

  await bob.page.goto('/settings');
  const shown = bob.page.getByRole('switch', { name: 'Show others when I was last here' });
  await change(bob.page, () => shown.uncheck());
  await bob.page.reload();
  await expect(shown).not.toBeChecked();
  await bob.page.goto('about:blank');
  await expect(async () => {
    await alice.page.reload();
    await expect(alice.status).toHaveText('offline', { timeout: 1000 });
  }).toPass();
});
