/// A picture of every main state, in both themes and three widths, for people to look at.
import type { Page } from '@playwright/test';

import { ChatPage } from '../pages/chat_page.ts';
import { LoginPage } from '../pages/login_page.ts';
import { pictures as inBothThemes, SIZES } from '../support/looks.ts';
import type { Person } from '../support/person.ts';
import { expect, test } from '../support/test.ts';
import { stepIn, type Wire } from '../support/wire.ts';

const LONG_NAME = 'Friends of the long walk along the river to the old mill and back again';

/** One state in every width, the widest last. */
async function pictures(page: Page, state: string): Promise<void> {
  for (const size of SIZES) {
    await page.setViewportSize(size);
    await inBothThemes(page, `${state}-${size.width}`);
  }
}

/** A few conversations with everything in them that is hard to lay out. */
async function busyPast(people: { alice: Person; bob: Person; carol: Person }): Promise<void> {
  const [alice, bob, carol] = [await people.alice.connect(), await people.bob.connect(), await people.carol.connect()];
  const say = async (who: typeof alice, receiver: string, text: string) => void (await who.ask('privateMessage', { receiver, text }));
  await say(bob, 'alice', 'Have you seen the mill?');
  await say(alice, 'bob', 'Yes, yesterday. The wheel turns again! 🎉');
  await say(alice, 'bob', 'Two lines,\nthe second one is here.');
  await say(bob, 'alice', '👩‍👩‍👧‍👦');
  await say(bob, 'alice', 'שלום, מה שלומך היום?');
  await say(bob, 'alice', `https://example.org/${'path/'.repeat(30)}`);
  await say(alice, 'bob', 'A long message. It goes on and on. '.repeat(143).trim());
  await say(bob, 'alice', 'That was long.');
  await say(alice, 'bob', 'It was.');
  await say(carol, 'alice', 'Are you there?');
  await say(carol, 'alice', 'Never mind.');
  const group = await bob.ask('createGroup', { name: LONG_NAME, members: ['alice', 'carol', 'dave'] });
  await bob.ask('groupMessage', { groupId: group.id, text: 'Who comes along on Sunday?' });
  await carol.ask('groupMessage', { groupId: group.id, text: 'I do.' });
  await alice.ask('groupMessage', { groupId: group.id, text: 'And I.' });
  await carol.ask('groupMessage', { groupId: group.id, text: 'Bring cake.' });
  for (const socket of [alice, carol]) socket.close();
}

test('the login page', async ({ openPage }) => {
  const page = await openPage();
  const login = new LoginPage(page);
  await login.goto();
  await pictures(page, 'login');
  await login.signIn('mallory');
  await expect(login.error).toHaveText(/\S/);
  await pictures(page, 'login-error');
});

test('the empty states', async ({ visit }) => {
  const alice = await visit('alice');
  await expect(alice.row('Bob')).toBeVisible();
  await pictures(alice.page, 'nothing-open');
  await alice.open('Bob');
  await expect(alice.timeline).toContainText('No messages yet.');
  await pictures(alice.page, 'no-messages');
  for (const path of ['**/web/users', '**/web/conversations']) {
    await alice.page.route(path, (route) => route.fulfill({ json: [] }));
  }
  await alice.page.goto('/');
  await expect(alice.navigation).toContainText('Nobody else is here yet.');
  await pictures(alice.page, 'nobody-else');
  await alice.page.goto('/no/such/place');
  await expect(alice.page.locator('.not-found')).toBeVisible();
  await pictures(alice.page, 'not-found');
});

test('a busy chat', async ({ visit, person }) => {
  await busyPast({ alice: await person('alice'), bob: await person('bob'), carol: await person('carol') });
  let wire!: Wire;
  const prepare = async (page: Page) => {
    wire = await stepIn(page);
  };
  const alice = await visit('alice', { prepare });
  await expect(alice.unread('Carol')).toHaveText('2');
  await pictures(alice.page, 'list');
  await alice.open(LONG_NAME);
  await expect(alice.message('Bring cake.')).toBeVisible();
  await pictures(alice.page, 'group');
  await alice.page.goto('/people/bob');
  await expect(alice.message('It was.')).toBeInViewport();
  await pictures(alice.page, 'conversation');
  wire.refuseNextMessage();
  await alice.write('This one is refused.');
  await alice.hasTick('This one is refused.', 'Not sent');
  await alice.composer.fill('Some words\nin three\nlines');
  await pictures(alice.page, 'failed');
  await alice.timeline.evaluate((timeline) => timeline.scrollBy(0, -2_000));
  await expect(alice.pill).toBeVisible();
  await pictures(alice.page, 'scrolled-up');
  const dialog = await openDialogWide(alice);
  await dialog.name.fill('Lunch');
  await dialog.member('Bob').check();
  await pictures(alice.page, 'new-group');
});

test('without a connection', async ({ visit, server }) => {
  const alice = await visit('alice', { path: '/people/bob' });
  await alice.write('hello');
  await alice.hasTick('hello', 'Stored');
  await server.stop('SIGKILL');
  await expect(alice.banner).toContainText('The server cannot be reached.', { timeout: 20_000 });
  await alice.write('waiting');
  await alice.hasTick('waiting', 'Waiting');
  await pictures(alice.page, 'server-down');
  await alice.page.context().setOffline(true);
  await expect(alice.banner).toContainText('You are offline.');
  await pictures(alice.page, 'offline');
});

/** The button for it is on the list, which a phone does not show beside a conversation. */
async function openDialogWide(chat: ChatPage) {
  await chat.page.setViewportSize({ width: 1440, height: 900 });
  return chat.openNewGroup();
}
