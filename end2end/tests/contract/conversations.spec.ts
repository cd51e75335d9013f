/// `GET /web/conversations` and its pages of history.
import { expectProblem } from '../../support/problem.ts';
import { expect, test } from '../../support/test.ts';

test('the conversations are a bare array, empty at first', async ({ person }) => {
  const alice = await person('alice');
  expect(await (await alice.get('/web/conversations')).json()).toEqual([]);
});

test('a conversation has the fields of the contract, as each member sees it', async ({ person }) => {
  const [alice, bob] = [await person('alice'), await person('bob')];
  const socket = await alice.connect();
  const message = await socket.ask('privateMessage', { receiver: 'bob', text: 'hello' });
  const seenByAlice = {
    id: message.conversationId,
    kind: 'private',
    name: 'Bob',
    members: ['alice', 'bob'],
    lastMessage: message,
    unread: 0,
    lastSeq: 1,
  };
  expect(await alice.conversations()).toEqual([expect.objectContaining(seenByAlice)]);
  expect(await bob.conversations()).toEqual([expect.objectContaining({ ...seenByAlice, name: 'Alice', unread: 1 })]);
});

test('a group without messages has no last message', async ({ person }) => {
  const alice = await person('alice');
  const socket = await alice.connect();
  const group = await socket.ask('createGroup', { name: 'Lunch', members: ['bob'] });
  expect(await alice.conversations()).toEqual([
    expect.objectContaining({ id: group.id, kind: 'group', name: 'Lunch', lastMessage: null, unread: 0, lastSeq: 0 }),
  ]);
});

test('the newest activity comes first', async ({ person }) => {
  const alice = await person('alice');
  const socket = await alice.connect();
  const names = async () => (await alice.conversations()).map((conversation) => conversation.name);
  await socket.ask('privateMessage', { receiver: 'bob', text: 'one' });
  await socket.ask('privateMessage', { receiver: 'carol', text: 'two' });
  await socket.ask('createGroup', { name: 'Lunch', members: ['dave'] });
  expect(await names()).toEqual(['Lunch', 'Carol', 'Bob']);
  await socket.ask('privateMessage', { receiver: 'bob', text: 'three' });
  expect(await names()).toEqual(['Bob', 'Lunch', 'Carol']);
});

test('nobody sees a conversation that they are not a member of', async ({ server, person }) => {
  const [alice, carol] = [await person('alice'), await person('carol')];
  await (await alice.connect()).ask('privateMessage', { receiver: 'bob', text: 'for bob alone' });
  expect(await alice.conversations()).toHaveLength(1);
  expect(await carol.conversations()).toEqual([]);
  await expectProblem(await fetch(`${server.origin}/web/conversations`), 401, 'unauthorized');
});

test.describe('pages of history', () => {
  test('are always oldest first: the newest, those behind a seq, and those ahead of one', async ({ person }) => {
    const alice = await person('alice');
    const socket = await alice.connect();
    const sent = [];
    for (let number = 1; number <= 10; number += 1) {
      sent.push(await socket.ask('privateMessage', { receiver: 'bob', text: `message ${number}` }));
    }
    const id = sent[0]!.conversationId;
    const seqs = async (query: string) => (await alice.history(id, query)).map((message) => message.seq);

    expect(await seqs('limit=3')).toEqual([8, 9, 10]);
    expect(await seqs('limit=3&after=2')).toEqual([3, 4, 5]);
    expect(await seqs('limit=3&before=9')).toEqual([6, 7, 8]);
    expect(await seqs('limit=3&before=3')).toEqual([1, 2]);
    expect(await seqs('limit=3&before=1')).toEqual([]);
    expect(await seqs('limit=3&after=9')).toEqual([10]);
    expect(await seqs('limit=3&after=10')).toEqual([]);
    expect(await seqs('after=0')).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(await seqs('limit=1')).toEqual([10]);

    const [first] = await alice.history(id, 'limit=1&after=0');
    expect({ ...first, delivered: false }).toEqual({ ...sent[0], delivered: false });
  });

  test('hold fifty messages unless told otherwise, and two hundred at most', async ({ person }) => {
    const alice = await person('alice');
    const socket = await alice.connect();
    const texts = Array.from({ length: 205 }, (_, index) => `message ${index + 1}`);
    const sent = await Promise.all(texts.map((text) => socket.ask('privateMessage', { receiver: 'bob', text })));
    const id = sent[0]!.conversationId;

    const usual = await alice.history(id, '');
    expect(usual.map((message) => message.seq)).toEqual(Array.from({ length: 50 }, (_, index) => 156 + index));
    expect(await alice.history(id, 'limit=200')).toHaveLength(200);
    // More than the most there can be is either cut down to it or refused; never more comes.
    const greedy = await alice.page(id, 'limit=201');
    if (greedy.ok) expect(await greedy.json()).toHaveLength(200);
    else expect(greedy.status).toBe(400);
  });

  test('refuse a limit, a before or an after that is no number', async ({ person }) => {
    const alice = await person('alice');
    const sent = await (await alice.connect()).ask('privateMessage', { receiver: 'bob', text: 'hello' });
    expect((await alice.page(sent.conversationId, 'limit=1')).status).toBe(200);
    for (const query of ['limit=many', 'limit=-1', 'before=x', 'after=-1', 'after=1.5', 'before=99999999999999999999']) {
      const answer = await alice.page(sent.conversationId, query);
      expect(answer.status, query).toBeGreaterThanOrEqual(400);
      expect(answer.status, query).toBeLessThan(500);
      await expectProblem(answer, answer.status);
    }
  });

  test('are there for members alone; anybody else gets the 404 of an unknown id', async ({ person }) => {
    const [alice, bob, carol] = [await person('alice'), await person('bob'), await person('carol')];
    const { conversationId } = await (await alice.connect()).ask('privateMessage', { receiver: 'bob', text: 'hello' });
    expect((await alice.page(conversationId)).status).toBe(200);
    expect((await bob.page(conversationId)).status).toBe(200);

    const notAMember = await expectProblem(await carol.page(conversationId), 404);
    const unknown = await expectProblem(await carol.page('00000000-0000-4000-8000-000000000000'), 404);
    const nonsense = await expectProblem(await carol.page('%00..%2f'), 404);
    expect(notAMember).toEqual(unknown);
    expect(notAMember).toEqual(nonsense);
  });
});
