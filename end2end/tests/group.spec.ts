/// Groups.
import { NewGroupDialog } from '../pages/new_group_dialog.ts';
import { expect, test } from '../support/test.ts';

test('a new group is there for its members at once, and for nobody else', async ({ visit }) => {
  const [alice, bob, dave] = [await visit('alice'), await visit('bob'), await visit('dave')];
  await expect(bob.row('Alice')).toBeVisible();
  await expect(dave.row('Alice')).toBeVisible();
  await (await alice.openNewGroup()).make('Lunch', ['Bob', 'Carol']);

  await alice.isOpen('Lunch');
  await expect(alice.page).toHaveURL(/\/groups\/.+/);
  await expect(alice.status).toHaveText('3 members: Alice, Bob, Carol');
  await expect(bob.row('Lunch')).toBeVisible();

  await alice.write('soup?');
  await bob.open('Lunch');
  await expect(bob.message('soup?')).toContainText('Alice');
  await bob.write('soup.');
  await expect(alice.message('soup.')).toContainText('Bob');
  // A message to dave proves that he would have seen the group by now.
  await bob.open('Dave');
  await bob.write('nothing for you');
  await expect(dave.row('Bob')).toContainText('nothing for you');
  await expect(dave.row('Lunch')).toHaveCount(0);
});

test('the second tick comes when everybody has it, and the colour when everybody read it', async ({ visit }) => {
  const [alice, bob] = [await visit('alice'), await visit('bob')];
  await (await alice.openNewGroup()).make('Lunch', ['Bob', 'Carol']);
  await alice.isOpen('Lunch');
  await alice.write('soup?');
  await expect(bob.unread('Lunch')).toHaveText('1');
  await alice.hasTick('soup?', 'Stored');
  const carol = await visit('carol');
  await alice.hasTick('soup?', 'Delivered');
  await bob.lookAt();
  await bob.open('Lunch');
  await expect(bob.unread('Lunch')).toHaveCount(0);
  await alice.hasTick('soup?', 'Delivered');
  await carol.lookAt();
  await carol.open('Lunch');
  await alice.hasTick('soup?', 'Read');
});

test('the tick of a group tells who has read a message and when, who has it and who does not', async ({ visit }) => {
  const [alice, bob, carol] = [await visit('alice'), await visit('bob'), await visit('carol')];
  await (await alice.openNewGroup()).make('Lunch', ['Bob', 'Carol', 'Dave']);
  await alice.isOpen('Lunch');
  await bob.lookAt();
  await bob.open('Lunch');
  await alice.lookAt();
  await alice.write('soup?');
  await expect(carol.unread('Lunch')).toHaveText('1');
  await bob.lookAt();
  await expect(bob.message('soup?')).toBeVisible();
  await alice.lookAt();
  const tick = alice.message('soup?').getByRole('button', { name: /who has it/ });
  await expect(tick).toHaveAttribute('aria-expanded', 'false');
  await tick.click();
  const who = alice.message('soup?').locator('.message-receipts');
  await expect(who).toHaveText(/^Read by Bob \(\d?\d:\d\d\)\nDelivered to Carol\nNot delivered yet to Dave$/, {
    useInnerText: true,
  });
  await carol.lookAt();
  await carol.open('Lunch');
  await alice.lookAt();
  await expect(who).toHaveText(/^Read by Bob \(\d?\d:\d\d\), Carol \(\d?\d:\d\d\)\nNot delivered yet to Dave$/, {
    useInnerText: true,
  });
  await tick.press('Enter');
  await expect(who).toHaveCount(0);
  await expect(tick).toBeFocused();
});

test('a group needs a name, and says so under the field', async ({ visit }) => {
  const alice = await visit('alice');
  const dialog = await alice.openNewGroup();
  await dialog.member('Bob').check();
  await dialog.create.click();
  await expect(dialog.dialog).toContainText('A group needs a name.');
  await expect(dialog.name).toHaveAccessibleDescription(/A group needs a name\./);
  await dialog.name.fill('Lunch');
  await dialog.create.click();
  await alice.isOpen('Lunch');
  await expect(alice.status).toHaveText('2 members: Alice, Bob');
});

test('people are found in the dialog, and stay chosen while one looks for others', async ({ visit }) => {
  const alice = await visit('alice');
  const dialog = await alice.openNewGroup();
  await dialog.name.fill('Lunch');
  await dialog.search.fill('bo');
  await expect(dialog.member('Carol')).toHaveCount(0);
  await dialog.member('Bob').check();
  await dialog.search.fill('ca');
  await dialog.member('Carol').check();
  await dialog.search.fill('');
  await expect(dialog.member('Bob')).toBeChecked();
  await dialog.create.click();
  await alice.isOpen('Lunch');
  await expect(alice.status).toHaveText('3 members: Alice, Bob, Carol');
});

test('cancelling makes nothing, and the focus goes back to where it was', async ({ visit }) => {
  const alice = await visit('alice');
  const dialog = await alice.openNewGroup();
  await dialog.name.fill('Never');
  await dialog.cancel.click();
  await expect(dialog.dialog).toBeHidden();
  await expect(alice.newGroup).toBeFocused();
  await alice.openNewGroup();
  await expect(dialog.name).toHaveValue('');
  await alice.page.keyboard.press('Escape');
  await expect(dialog.dialog).toBeHidden();
  await expect(alice.newGroup).toBeFocused();
  await expect(alice.row('Never')).toHaveCount(0);
});

test('a group is made without a mouse', async ({ visit }) => {
  const alice = await visit('alice');
  const { keyboard } = alice.page;
  await expect(alice.row('Bob')).toBeVisible();
  await alice.tabTo(alice.newGroup);
  await keyboard.press('Enter');
  const dialog = new NewGroupDialog(alice.page);
  await expect(dialog.name).toBeFocused();
  await keyboard.type('Lunch');
  await alice.tabTo(dialog.member('Bob'));
  await keyboard.press('Space');
  await alice.tabTo(dialog.member('Carol'));
  await keyboard.press('Space');
  await expect(dialog.member('Carol')).toBeChecked();
  await alice.tabTo(dialog.create);
  await keyboard.press('Enter');
  await alice.isOpen('Lunch');
  await expect(alice.composer).toBeFocused();
  await keyboard.type('soup?');
  await keyboard.press('Enter');
  await alice.hasTick('soup?', 'Stored');
});

test('while the dialog is open the focus stays in it', async ({ visit }) => {
  const alice = await visit('alice');
  const { dialog } = await alice.openNewGroup();
  for (let presses = 0; presses < 20; presses += 1) {
    await alice.page.keyboard.press('Tab');
    // Between the last control and the first, browsers put their own; then the focus is on nothing of the page.
    const outside = await dialog.evaluate((element) => {
      const focused = document.activeElement;
      return focused !== null && focused !== document.body && !element.contains(focused) && focused !== document.documentElement;
    });
    expect(outside).toBe(false);
  }
});
