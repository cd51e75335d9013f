/// What is not sent yet: it outlives its page, is the same in all tabs, and goes out once and in order.
import { ChatPage } from '../pages/chat_page.ts';
import { stepIn, type Wire } from '../support/wire.ts';
import { expect, test, type Visit } from '../support/test.ts';

/** Opens one more page of the same person, with the conversation that the first one has open. */
async function anotherTab(chat: ChatPage): Promise<ChatPage> {
  const tab = new ChatPage(await chat.page.context().newPage());
  await tab.page.goto('/people/bob');
  await tab.isOpen('Bob');
  return tab;
}

/** Waits until the tabs have noticed that there is no connection. */
async function cut(wire: Wire, ...tabs: ChatPage[]): Promise<void> {
  await wire.cut();
  for (const tab of tabs) await expect(tab.banner).toBeVisible();
}

async function mend(wire: Wire, ...tabs: ChatPage[]): Promise<void> {
  wire.mend();
  for (const tab of tabs) await expect(tab.banner).toBeHidden({ timeout: 20_000 });
}

/** As a page is that ends before anything has come to the database, or that has none. */
function withoutDatabase(): void {
  IDBObjectStore.prototype.put = () => {
    throw new DOMException('No.', 'QuotaExceededError');
  };
}

/** All that a page finds of what is not sent yet, wherever it is kept. */
async function kept(): Promise<string[]> {
  const opened = await new Promise<IDBDatabase>((done, fail) => {
    const request = indexedDB.open('natter', 1);
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });
  const keys = await new Promise<IDBValidKey[]>((done, fail) => {
    const request = opened.transaction('outbox').objectStore('outbox').getAllKeys();
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });
  opened.close();
  return [...keys.map(String), ...Object.keys(localStorage).filter((key) => key.startsWith('natter.outbox.'))];
}

let wire!: Wire;
const visitBob: Visit = {
  path: '/people/bob',
  prepare: async (page) => (wire = await stepIn(page.context())),
};

test('a message is in the database before it is on the wire, and until the server has it', async ({ visit }) => {
  const prepare = async (page: ChatPage['page']): Promise<void> => {
    await page.addInitScript(() => {
      const order: string[] = [];
      Object.assign(window, { order });
      const { put } = IDBObjectStore.prototype;
      IDBObjectStore.prototype.put = function (...words) {
        this.transaction.addEventListener('complete', () => order.push('kept'));
        return put.apply(this, words);
      };
      const { send } = WebSocket.prototype;
      WebSocket.prototype.send = function (data) {
        if (String(data).includes('privateMessage')) order.push('sent');
        send.call(this, data);
      };
    });
  };
  const alice = await visit('alice', { path: '/people/bob', prepare });
  await alice.write('hello');
  await alice.hasTick('hello', 'Stored');
  expect(await alice.page.evaluate(() => (window as unknown as { order: string[] }).order)).toEqual(['kept', 'sent']);
  await expect.poll(() => alice.page.evaluate(kept)).toEqual([]);
});

test('what was written without a connection outlives its page, and goes out once and in order', async ({ visit, person }) => {
  const alice = await visit('alice', visitBob);
  const bob = await (await person('bob')).connect();
  await alice.write('before');
  await alice.hasTick('before', 'Delivered');
  await cut(wire, alice);
  const texts = ['one', 'two', 'three'];
  for (const text of texts) await alice.write(text);
  for (const text of texts) await alice.hasTick(text, 'Waiting');
  await alice.composer.fill('half a sen');
  const context = alice.page.context();
  await alice.page.close();

  const anew = new ChatPage(await context.newPage());
  await anew.page.goto('/people/bob');
  await anew.shows(['before', ...texts]);
  for (const text of texts) await anew.hasTick(text, 'Waiting');
  await expect(anew.composer).toHaveValue('half a sen');
  await anew.page.reload();
  await anew.shows(['before', ...texts]);
  expect(await anew.page.evaluate(kept)).toHaveLength(texts.length);

  await mend(wire, anew);
  for (const text of texts) await anew.hasTick(text, 'Delivered');
  expect(wire.sent).toEqual(['before', ...texts]);
  expect(bob.texts()).toEqual(['before', ...texts]);
  await anew.shows(['before', ...texts]);
  await anew.page.reload();
  await anew.shows(['before', ...texts]);
  for (const text of texts) await anew.hasTick(text, 'Delivered');
});

test('what two tabs write without a connection goes out once, in the order of writing', async ({ visit, person }) => {
  const first = await visit('alice', visitBob);
  const bob = await (await person('bob')).connect();
  await first.write('before');
  await first.hasTick('before', 'Delivered');
  const second = await anotherTab(first);
  const tabs = [first, second];
  await cut(wire, ...tabs);
  const texts = ['before'];
  for (const text of ['one', 'two', 'three', 'four', 'five', 'six']) {
    const tab = tabs[texts.length % 2] ?? first;
    await tab.lookAt();
    await tab.write(text);
    texts.push(text);
    // What one tab writes waits in the other too.
    for (const each of tabs) {
      await each.shows(texts);
      await each.hasTick(text, 'Waiting');
    }
  }

  await mend(wire, ...tabs);
  for (const tab of tabs) {
    for (const text of texts) await tab.hasTick(text, 'Delivered');
    await tab.shows(texts);
  }
  expect(wire.sent).toEqual(texts);
  expect(bob.texts()).toEqual(texts);
});

test('a tab without a connection leaves its messages to one that has a connection', async ({ visit, person }) => {
  // Only the first tab can be cut off.
  const first = await visit('alice', { ...visitBob, prepare: async (page) => (wire = await stepIn(page)) });
  const bob = await (await person('bob')).connect();
  const second = await anotherTab(first);
  await cut(wire, first);
  await first.lookAt();
  await first.write('from the tunnel');
  await second.hasTick('from the tunnel', 'Delivered');
  await first.hasTick('from the tunnel', 'Waiting');
  await mend(wire, first);
  await first.hasTick('from the tunnel', 'Delivered');
  await first.write('out of it');
  await second.hasTick('out of it', 'Delivered');
  // Either tab may have sent that one, but the first has not repeated what the second sent.
  expect(wire.sent).not.toContain('from the tunnel');
  expect(bob.texts()).toEqual(['from the tunnel', 'out of it']);
});

test('a tab that is closed right after Enter loses nothing', async ({ visit, person }) => {
  const alice = await visit('alice', visitBob);
  const bob = await (await person('bob')).connect();
  await alice.composer.fill('last words');
  await alice.composer.press('Enter');
  const context = alice.page.context();
  await alice.page.close();
  const anew = new ChatPage(await context.newPage());
  await anew.page.goto('/people/bob');
  await anew.hasTick('last words', 'Delivered');
  await expect(anew.composer).toHaveValue('');
  await anew.shows(['last words']);
  expect(bob.texts()).toEqual(['last words']);
});

test('a tab that ends before its message is in the database leaves it to the next page', async ({ visit, person }) => {
  const alice = await visit('alice', visitBob);
  const bob = await (await person('bob')).connect();
  await alice.page.evaluate(withoutDatabase);
  // It ends between the two steps by which the text stops being a draft, so that it is in both places.
  await alice.page.evaluate(() => {
    Storage.prototype.removeItem = () => undefined;
  });
  await cut(wire, alice);
  await alice.write('last words');
  await alice.hasTick('last words', 'Waiting');
  const context = alice.page.context();
  await alice.page.close();
  const anew = new ChatPage(await context.newPage());
  await anew.page.goto('/people/bob');
  await anew.hasTick('last words', 'Waiting');
  await expect(anew.composer).toHaveValue('');
  await mend(wire, anew);
  await anew.hasTick('last words', 'Delivered');
  expect(wire.sent).toEqual(['last words']);
  expect(bob.texts()).toEqual(['last words']);
  await anew.page.reload();
  await anew.shows(['last words']);
  await expect(anew.composer).toHaveValue('');
});

test('a tab that ends before its message is in the database leaves it to another tab', async ({ visit, person }) => {
  const first = await visit('alice', visitBob);
  const bob = await (await person('bob')).connect();
  const second = await anotherTab(first);
  await first.page.evaluate(withoutDatabase);
  await cut(wire, first, second);
  await first.lookAt();
  await first.write('last words');
  await first.page.close();
  await second.hasTick('last words', 'Waiting');
  await mend(wire, second);
  await second.hasTick('last words', 'Delivered');
  expect(wire.sent).toEqual(['last words']);
  expect(bob.texts()).toEqual(['last words']);
});

test('a refused message shows in all tabs, and deleting it in one clears it in the others', async ({ visit }) => {
  const first = await visit('alice', visitBob);
  const second = await anotherTab(first);
  await first.lookAt();
  await first.write('fine');
  for (const tab of [first, second]) await tab.hasTick('fine', 'Stored');
  wire.refuseNextMessage();
  await first.write('refused');
  for (const tab of [first, second]) {
    await tab.hasTick('refused', 'Not sent');
    await expect(tab.message('refused').getByRole('button', { name: 'Retry' })).toBeVisible();
    await expect(tab.message('refused').getByRole('button', { name: 'Delete' })).toBeVisible();
  }
  await second.lookAt();
  await second.message('refused').getByRole('button', { name: 'Delete' }).click();
  for (const tab of [first, second]) await tab.shows(['fine']);
  for (const tab of [first, second]) {
    await tab.page.reload();
    await tab.shows(['fine']);
  }
  await second.write('the next');
  for (const tab of [first, second]) await tab.hasTick('the next', 'Stored');
  expect(wire.sent).toEqual(['fine', 'the next']);
});

test('a message that was refused in one tab can be sent again in another', async ({ visit }) => {
  const first = await visit('alice', visitBob);
  const second = await anotherTab(first);
  await first.lookAt();
  await first.write('fine');
  for (const tab of [first, second]) await tab.hasTick('fine', 'Stored');
  wire.refuseNextMessage();
  await first.write('refused');
  await second.hasTick('refused', 'Not sent');
  await second.page.reload();
  await second.hasTick('refused', 'Not sent');
  await second.lookAt();
  await second.message('refused').getByRole('button', { name: 'Retry' }).click();
  for (const tab of [first, second]) {
    await tab.hasTick('refused', 'Stored');
    await tab.shows(['fine', 'refused']);
  }
  expect(wire.sent).toEqual(['fine', 'refused']);
});

test('a tab that has its turn to send and hangs is passed over', async ({ visit }) => {
  const alice = await visit('alice', visitBob);
  const hung = await alice.page.context().newPage();
  await hung.goto('/robots.txt');
  await hung.evaluate(
    () =>
      new Promise<void>((granted) => {
        const hold = (): Promise<never> => {
          granted();
          return new Promise(() => undefined);
        };
        // It is told when the turn is taken from it.
        navigator.locks.request('natter-outbox:alice', hold).catch(() => undefined);
      }),
  );
  await alice.lookAt();
  await alice.write('not for ever');
  await alice.hasTick('not for ever', 'Waiting');
  await alice.hasTick('not for ever', 'Stored');
  await alice.write('and the next');
  await alice.hasTick('and the next', 'Stored');
  expect(wire.sent).toEqual(['not for ever', 'and the next']);
});

const MISSING: [string, () => void][] = [
  ['IndexedDB', () => Object.defineProperty(window, 'indexedDB', { value: undefined })],
  ['room in IndexedDB', withoutDatabase],
  ['an answer of IndexedDB', () => (IDBFactory.prototype.open = () => new EventTarget() as IDBOpenDBRequest)],
  ['Web Locks', () => Object.defineProperty(Navigator.prototype, 'locks', { value: undefined })],
  ['BroadcastChannel', () => Object.defineProperty(window, 'BroadcastChannel', { value: undefined })],
];

for (const [what, remove] of MISSING) {
  test(`without ${what} messages are sent all the same, and wait through a reload`, async ({ visit, person }) => {
    const prepare = async (page: ChatPage['page']): Promise<void> => {
      wire = await stepIn(page.context());
      await page.addInitScript(remove);
    };
    const alice = await visit('alice', { path: '/people/bob', prepare });
    const bob = await (await person('bob')).connect();
    await alice.write('before');
    await alice.hasTick('before', 'Delivered');
    await cut(wire, alice);
    await alice.write('one');
    await alice.write('two');
    await alice.page.reload();
    await alice.shows(['before', 'one', 'two']);
    await alice.hasTick('two', 'Waiting');
    await mend(wire, alice);
    await alice.hasTick('two', 'Delivered');
    await alice.shows(['before', 'one', 'two']);
    expect(wire.sent).toEqual(['before', 'one', 'two']);
    expect(bob.texts()).toEqual(['before', 'one', 'two']);
  });
}
