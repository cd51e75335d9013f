/// What becomes of a group after it was made: another name, other members, and the way out.
import type { ChatPage } from '../pages/chat_page.ts';
import { GroupDialog } from '../pages/group_dialog.ts';
import { expectAccessible } from '../support/accessibility.ts';
import { expect, test, type Visit } from '../support/test.ts';

/** Alice makes a group of herself, Bob and Carol, and has it open. */
async function lunch(visit: (username: string, how?: Visit) => Promise<ChatPage>, how: Visit = {}): Promise<ChatPage> {
  const alice = await visit('alice', how);
  await (await alice.openNewGroup()).make('Lunch', ['Bob', 'Carol']);
  await alice.isOpen('Lunch');
  return alice;
}

test('a group gets another name, and its members see that at once', async ({ visit }) => {
  const alice = await lunch(visit);
  const bob = await visit('bob');
  await bob.open('Lunch');
  await alice.lookAt();
  const details = new GroupDialog(alice.page);
  await details.open();
  await expect(details.name).toHaveValue('Lunch');
  await details.name.fill('  ');
  await details.rename.click();
  await expect(details.name).toHaveAccessibleDescription('A group needs a name.');
  await expect(details.name).toBeFocused();
  await details.name.fill('Supper');
  await details.name.press('Enter');
  await expect(details.dialog.getByText('Saved.')).toBeVisible();
  await expect(bob.row('Supper')).toBeVisible();
  await expect(bob.heading).toHaveText('Supper');
  await details.done.click();
  await expect(details.dialog).toBeHidden();
  await expect(details.button).toBeFocused();
  await expect(alice.heading).toHaveText('Supper');
});

test('people are taken into a group, and read what was written before', async ({ visit }) => {
  const alice = await lunch(visit);
  await alice.write('soup?');
  await alice.hasTick('soup?', 'Stored');
  const dave = await visit('dave');
  await expect(dave.row('Alice')).toBeVisible();
  await alice.lookAt();
  const details = new GroupDialog(alice.page);
  await details.open();
  await details.addPeople.click();
  await expect(details.search).toBeFocused();
  await expect(details.person('Bob')).toHaveCount(0);
  await details.person('Dave').check();
  await details.add.click();
  await expect(details.dialog.getByText('Added 1 person.')).toBeVisible();
  await expect(details.addPeople).toBeFocused();
  await expect(details.members).toHaveCount(4);
  await dave.lookAt();
  await dave.open('Lunch');
  await expect(dave.message('soup?')).toBeVisible();
  await expect(alice.status).toHaveText('4 members: Alice, Bob, Carol, Dave');
  await alice.lookAt();
  await details.addPeople.click();
  await expect(details.dialog).toContainText('Everybody is a member already.');
});

test('who made a group takes others out of it, after a question; nobody else can', async ({ visit }) => {
  const alice = await lunch(visit);
  const bob = await visit('bob');
  await bob.open('Lunch');
  const ofBob = new GroupDialog(bob.page);
  await ofBob.open();
  await expect(ofBob.members).toHaveText([/Bob\s*You/, /Alice\s*Made this group/, /Carol\s*Offline/]);
  await expect(ofBob.remove('Carol')).toHaveCount(0);

  const details = new GroupDialog(alice.page);
  await details.open();
  await expect(details.members).toHaveText([/Alice\s*You, who made this group/, /Bob\s*Online/, /Carol\s*Offline/]);
  await details.remove('Bob').click();
  const question = details.question('Take Bob out of the group?');
  await question.getByRole('button', { name: 'Cancel' }).click();
  await expect(details.members).toHaveCount(3);
  await details.remove('Bob').click();
  await question.getByRole('button', { name: 'Remove' }).click();
  await expect(question).toBeHidden();
  await expect(details.members).toHaveText([/Alice/, /Carol/]);
  // Where it was open, it says what has become of it.
  await expect(ofBob.dialog).toBeHidden();
  await expect(bob.row('Lunch')).toHaveCount(0);
  await expect(bob.conversation).toContainText('you are not a member of it');
});

test('one leaves a group after a question, and is taken in again', async ({ visit }) => {
  const alice = await lunch(visit);
  const bob = await visit('bob');
  await bob.open('Lunch');
  const details = new GroupDialog(bob.page);
  await details.open();
  await details.leave.click();
  const question = details.question('Leave this group?');
  await expect(question).not.toContainText('You have made this group');
  await question.getByRole('button', { name: 'Leave' }).click();
  await expect(question).toBeHidden();
  await expect(details.dialog).toBeHidden();
  await expect(bob.page).toHaveURL(/\/$/);
  await expect(bob.row('Lunch')).toHaveCount(0);
  await expect(alice.status).toHaveText('2 members: Alice, Carol');

  const ofAlice = new GroupDialog(alice.page);
  await ofAlice.open();
  await ofAlice.addPeople.click();
  await ofAlice.person('Bob').check();
  await ofAlice.add.click();
  await expect(bob.row('Lunch')).toBeVisible();
});

test('without a connection nothing is changed, and the dialog says so', async ({ visit }) => {
  const alice = await lunch(visit);
  const details = new GroupDialog(alice.page);
  await details.open();
  await alice.page.context().setOffline(true);
  await expect(alice.banner).toBeVisible();
  await details.name.fill('Supper');
  await details.rename.click();
  await expect(details.dialog.getByRole('alert').filter({ hasText: 'There is no connection' })).toBeVisible();
  await expect(details.name).toHaveValue('Supper');
  await alice.page.context().setOffline(false);
  await expect(alice.banner).toBeHidden();
  await details.rename.click();
  await expect(details.dialog.getByText('Saved.')).toBeVisible();
});

test('axe finds nothing in the details of a group', async ({ visit }) => {
  const alice = await lunch(visit);
  const details = new GroupDialog(alice.page);
  await details.open();
  await expectAccessible(alice.page, 'the details of a group');
  await details.addPeople.click();
  await expect(details.person('Dave')).toBeVisible();
  await expectAccessible(alice.page, 'the people to add');
});
