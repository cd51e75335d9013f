/// What tells of messages that are not being looked at: notifications, the title, the icon.
import type { Page } from '@playwright/test';

import type { ChatPage } from '../pages/chat_page.ts';
import { LoginPage } from '../pages/login_page.ts';
import { expect, test, type Visit } from '../support/test.ts';

interface Note {
  title: string;
  body: string;
  tag: string;
  silent: boolean;
}

/** Looks on at what the browser is asked to show, and lets it. */
async function watchNotifications(page: Page): Promise<void> {
  await page.context().grantPermissions(['notifications']);
  await page.addInitScript(() => {
    const notes: Note[] = [];
    const closed: string[] = [];
    let shown: { tag: string; title: string; body: string; close: () => void }[] = [];
    Object.assign(window, { notes, takenBack: closed });
    Notification.requestPermission = () => Promise.resolve('granted');
    ServiceWorkerRegistration.prototype.showNotification = (title, options) => {
      const { body = '', tag = '', silent } = options ?? {};
      notes.push({ title, body, tag, silent: silent ?? false });
      const close = () => {
        closed.push(tag);
        shown = shown.filter((it) => it.tag !== tag);
      };
      shown = [...shown.filter((it) => it.tag !== tag), { tag, title, body, close }];
      return Promise.resolve();
    };
    ServiceWorkerRegistration.prototype.getNotifications = (which) =>
      Promise.resolve(shown.filter(({ tag }) => !which?.tag || tag === which.tag) as unknown as Notification[]);
  });
}

const notes = (page: Page): Promise<Note[]> => page.evaluate(() => (window as unknown as { notes: Note[] }).notes);

type Visitor = (username: string, how?: Visit) => Promise<ChatPage>;

/** Alice, who has chosen to be notified and looks at her conversation with Carol. */
async function notified(visit: Visitor): Promise<ChatPage> {
  const alice = await visit('alice', { path: '/settings', context: { serviceWorkers: 'allow' }, prepare: watchNotifications });
  await alice.page.getByRole('switch', { name: 'Notify me of new messages' }).check();
  await expect(alice.page.getByRole('switch', { name: 'With a sound' })).toBeEnabled();
  await lookAtCarol(alice);
  return alice;
}

/** Alice looks at her conversation with Carol, and what notifies of others is there. */
async function lookAtCarol(alice: ChatPage): Promise<void> {
  await alice.page.goto('/people/carol');
  await alice.isOpen('Carol');
  await alice.isComplete();
  await alice.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
}

test('a message in another conversation notifies once, one that is being read does not', async ({ visit, person }) => {
  const alice = await notified(visit);
  const [bob, carol] = [await (await person('bob')).connect(), await (await person('carol')).connect()];
  await carol.ask('privateMessage', { receiver: 'alice', text: 'you see me' });
  await expect(alice.message('you see me')).toBeVisible();
  await bob.ask('privateMessage', { receiver: 'alice', text: 'lunch?' });
  await expect.poll(() => notes(alice.page)).toEqual([{ title: 'Bob', body: 'lunch?', tag: '/people/bob', silent: true }]);
});

test('in a group it says who wrote', async ({ visit, person }) => {
  const alice = await notified(visit);
  const bob = await (await person('bob')).connect();
  const group = await bob.ask('createGroup', { name: 'Lunch', members: ['alice'] });
  await bob.ask('groupMessage', { groupId: group.id, text: 'soup' });
  await expect
    .poll(() => notes(alice.page))
    .toEqual([{ title: 'Lunch', body: 'Bob: soup', tag: `/groups/${group.id}`, silent: true }]);
});

test('what was read in another tab meanwhile does not notify', async ({ visit, person }) => {
  const alice = await notified(visit);
  const bob = await (await person('bob')).connect();
  const other = await alice.page.context().newPage();
  await other.goto('/people/bob');
  await expect(other.getByRole('heading', { level: 2, name: 'Bob' })).toBeVisible();
  await other.bringToFront();
  await bob.ask('privateMessage', { receiver: 'alice', text: 'read elsewhere' });
  await expect(other.getByText('read elsewhere').last()).toBeVisible();
  await alice.lookAt();
  await expect(alice.unread('Bob')).toHaveCount(0);
  // What is not read notifies, and later than that would have.
  await (await (await person('dave')).connect()).ask('privateMessage', { receiver: 'alice', text: 'unread' });
  await expect.poll(async () => (await notes(alice.page)).map(({ body }) => body)).toContain('unread');
  expect((await notes(alice.page)).map(({ body }) => body)).toEqual(['unread']);
});

test('a conversation that is muted does not notify, until it is muted no more', async ({ visit, person }) => {
  const alice = await notified(visit);
  const [bob, dave] = [await (await person('bob')).connect(), await (await person('dave')).connect()];
  await alice.open('Bob');
  const details = alice.page.getByRole('dialog', { name: 'Bob' });
  const mute = details.getByRole('switch', { name: /^Mute/ });
  await alice.page.getByRole('button', { name: 'Details' }).click();
  await expect(details).toContainText('@bob');
  await mute.check();
  await details.getByRole('button', { name: 'Done' }).click();
  await alice.open('Carol');
  await bob.ask('privateMessage', { receiver: 'alice', text: 'not heard' });
  await expect(alice.unread('Bob')).toHaveText('1');
  await dave.ask('privateMessage', { receiver: 'alice', text: 'heard' });
  await expect.poll(async () => (await notes(alice.page)).map(({ body }) => body)).toEqual(['heard']);

  await alice.open('Bob');
  await alice.page.getByRole('button', { name: 'Details' }).click();
  await expect(mute).toBeChecked();
  await mute.uncheck();
  await details.getByRole('button', { name: 'Done' }).click();
  await alice.open('Carol');
  await bob.ask('privateMessage', { receiver: 'alice', text: 'heard again' });
  await expect.poll(async () => (await notes(alice.page)).map(({ body }) => body)).toEqual(['heard', 'heard again']);
});

test('nothing notifies without a choice, and where the browser says no that is said', async ({ visit, person }) => {
  const refuse = (page: Page) =>
    page.addInitScript(() => {
      Notification.requestPermission = () => Promise.resolve('denied');
    });
  const alice = await visit('alice', { path: '/settings', context: { serviceWorkers: 'allow' }, prepare: async (page) => {
    await watchNotifications(page);
    await refuse(page);
  } });
  const notify = alice.page.getByRole('switch', { name: 'Notify me of new messages' });
  await notify.click();
  await expect(alice.page.getByRole('alert').filter({ hasText: 'does not let Natter notify you' })).toBeVisible();
  await expect(notify).not.toBeChecked();
  await expect(alice.page.getByRole('switch', { name: 'With a sound' })).toBeDisabled();
  await lookAtCarol(alice);
  const bob = await (await person('bob')).connect();
  await bob.ask('privateMessage', { receiver: 'alice', text: 'quiet' });
  await expect(alice.unread('Bob')).toHaveText('1');
  // Had the first one notified, it would have been before this one.
  await alice.page.evaluate(() => localStorage.setItem('natter.notifications', 'on'));
  await bob.ask('privateMessage', { receiver: 'alice', text: 'now' });
  await expect.poll(async () => (await notes(alice.page)).map(({ body }) => body)).toEqual(['now']);
});

test('what was shown goes when it is read, and all of it when one signs out', async ({ visit, person }) => {
  const closed = (page: Page) => page.evaluate(() => (window as unknown as { takenBack: string[] }).takenBack);
  const alice = await notified(visit);
  const bob = await (await person('bob')).connect();
  await bob.ask('privateMessage', { receiver: 'alice', text: 'read me' });
  await expect.poll(async () => (await notes(alice.page)).map(({ body }) => body)).toEqual(['read me']);
  expect(await closed(alice.page)).toEqual([]);
  await alice.lookAt();
  await alice.open('Bob');
  await expect.poll(() => closed(alice.page)).toEqual(['/people/bob']);
  await alice.open('Carol');
  await bob.ask('privateMessage', { receiver: 'alice', text: 'not read' });
  await expect.poll(async () => (await notes(alice.page)).length).toBe(2);
  await alice.account.askToSignOut();
  await new LoginPage(alice.page).isShown();
  await expect.poll(() => closed(alice.page)).toEqual(['/people/bob', '/people/bob']);
});

test('the title and the icon of the tab tell how much is unread', async ({ visit, person }) => {
  const alice = await visit('alice', { path: '/people/carol' });
  await alice.isOpen('Carol');
  const icon = alice.page.locator('link[rel=icon]');
  const bob = await (await person('bob')).connect();
  for (let number = 1; number <= 2; number += 1) await bob.ask('privateMessage', { receiver: 'alice', text: `${number}` });
  await expect(alice.page).toHaveTitle('(2) Natter');
  await expect(icon).toHaveAttribute('href', /^data:image\/svg\+xml,.*%3E2%3C%2Ftext/);
  await alice.lookAt();
  await alice.open('Bob');
  await expect(alice.page).toHaveTitle('Natter');
  await expect(icon).toHaveAttribute('href', '/favicon.svg');
});
