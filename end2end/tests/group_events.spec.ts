/// What happened to a group stands between its messages, for everybody who is in it.
import { expect, test } from '../support/test.ts';
import type { ChatPage } from '../pages/chat_page.ts';

const lines = (chat: ChatPage) => chat.timeline.locator('.note-line');

test('everybody reads what happened, in its place and from their own side', async ({ visit, person }) => {
  const [alice, bob] = [await visit('alice'), await visit('bob')];
  await (await alice.openNewGroup()).make('Lunch', ['Bob']);
  await alice.isOpen('Lunch');
  await bob.open('Lunch');
  await expect(lines(alice)).toHaveText(['You made this group.']);
  await expect(lines(bob)).toHaveText(['Alice made this group.']);
  await alice.lookAt();
  await alice.write('soup?');
  await expect(bob.message('soup?')).toBeVisible();

  const groupId = new URL(alice.page.url()).pathname.split('/')[2] ?? '';
  const hand = await (await person('alice')).connect();
  await hand.ask('addMembers', { groupId, members: ['carol', 'dave'] });
  await hand.ask('renameGroup', { groupId, name: 'Supper' });
  await hand.ask('removeMembers', { groupId, members: ['dave'] });
  const carol = await (await person('carol')).connect();
  await carol.ask('leaveGroup', { groupId });
  const after = ['added Carol, Dave.', 'named this group “Supper”.', 'took Dave out.'];
  await expect(lines(alice)).toHaveText([
    'You made this group.',
    ...after.map((what) => `You ${what}`),
    'Carol left.',
  ]);
  await expect(lines(bob)).toHaveText([
    'Alice made this group.',
    ...after.map((what) => `Alice ${what}`),
    'Carol left.',
  ]);
  // The first line is above the first message, the others are below it.
  await expect(bob.timeline.getByRole('listitem')).toHaveText([/Today/, /made this group/, /soup\?/, /added/, /named/, /took/, /left/]);
  await bob.page.reload();
  await expect(lines(bob)).toHaveCount(5);
});

test('an empty group still says what to do next', async ({ visit }) => {
  const alice = await visit('alice');
  await (await alice.openNewGroup()).make('Lunch', ['Bob']);
  await expect(lines(alice)).toHaveText(['You made this group.']);
  await expect(alice.timeline.getByText('No messages yet. Say hello to Lunch.')).toBeVisible();
});
