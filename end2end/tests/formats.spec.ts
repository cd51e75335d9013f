/// The form that people give their words.
import { expect, test } from '../support/test.ts';

test('links, bold, italic, code, quotes and lists have their form for both', async ({ visit, person }) => {
  const bob = await (await person('bob')).connect();
  const alice = await visit('alice', { path: '/people/bob' });
  const text = [
    'See **this** and *that*: https://example.org/a?b=c#d.',
    '> What did `main` say?',
    '- one',
    '- two',
    '```rust',
    'let a = *b;',
    '```',
    'Bye',
  ].join('\n');
  await bob.ask('privateMessage', { receiver: 'alice', text });
  const message = alice.messages.last();
  const link = message.getByRole('link');
  await expect(link).toHaveText('https://example.org/a?b=c#d');
  await expect(link).toHaveAttribute('href', 'https://example.org/a?b=c#d');
  await expect(link).toHaveAttribute('rel', 'noopener noreferrer');
  await expect(link).toHaveAttribute('target', '_blank');
  await expect(message.getByRole('strong')).toHaveText('this');
  await expect(message.getByRole('emphasis')).toHaveText('that');
  await expect(message.getByRole('blockquote')).toHaveText('What did main say?');
  await expect(message.getByRole('listitem')).toHaveText(['one', 'two']);
  await expect(message.locator('pre')).toHaveText(/^rust\s+let a = \*b;$/);
  await expect(message.locator('.message-text')).toContainText('Bye');

  // A line of code that is longer than the bubble stays in it.
  await bob.ask('privateMessage', { receiver: 'alice', text: `\`\`\`\n${'let a = b; '.repeat(40)}\n\`\`\`` });
  const code = alice.messages.last().locator('pre');
  await expect(code).toContainText('let a = b;');
  expect(await code.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0);

  await alice.composer.fill('*mine* and http://example.org');
  await alice.composer.press('Enter');
  await expect(alice.messages.last().getByRole('emphasis')).toHaveText('mine');
  await expect(alice.messages.last().getByRole('link')).toHaveAttribute('href', 'http://example.org');
});

test('what looks like a form and is none stays as it was typed', async ({ visit, person }) => {
  const bob = await (await person('bob')).connect();
  const alice = await visit('alice', { path: '/people/bob' });
  for (const text of [
    '2 * 3 * 4 and **half',
    'javascript:alert(1) data:text/html,a <a href="https://example.org">a</a',
    '<img src=x onerror=alert(1)> `',
  ]) {
    await bob.ask('privateMessage', { receiver: 'alice', text });
    await expect(alice.message(text)).toBeVisible();
  }
  await expect(alice.messages.locator('.message-text :not(a)')).toHaveCount(0);
});
