// The database. Everything here is synchronous, as better-sqlite3 is.
import Database from 'better-sqlite3';
import { Refusal, unknownConversation, unknownMember } from './checks.js';
import { prepare } from './sql.js';

/** Most members for whom every single position is told. */
export const LARGE_GROUP = 50;

/** A message as the contract has it. */
const toMessage = (row, delivered) => ({
  id: String(row.id),
  clientId: row.client_id,
  conversationId: String(row.conversation_id),
  seq: row.seq,
  sender: row.sender,
  ...(row.receiver ? { receiver: row.receiver } : { groupId: String(row.conversation_id) }),
  text: row.text,
  sentAt: row.sent_at,
  delivered,
});

export const openStore = (file, { sharesCommits }) => {
  const db = new Database(file);
  db.pragma('journal_mode = WAL');
  // An acknowledged message survives a power cut: each commit is synced. NORMAL, which many use with WAL, would not.
  db.pragma('synchronous = FULL');
  db.pragma('cache_size = -64000');
  const sql = prepare(db);
  const inOneTransaction = db.transaction((works) => works.map((work) => work()));

  // Writing. `done(error, result)` is called in the same turn as the commit, so that nothing comes between storing a
  // message and sending it: whoever connects either finds it in the database or is sent it, and never both. A refusal
  // is returned and not thrown, so that what others have in the same transaction stays.
  const commit = (writes) => {
    let results;
    try {
      results = inOneTransaction(writes.map(({ work }) => work));
    } catch (error) {
      // One of them is at fault: each by itself, so that the others are stored.
      if (writes.length > 1) writes.forEach((write) => commit([write]));
      else writes[0].done(error);
      return;
    }
    writes.forEach(({ done }, index) => done(null, results[index]));
  };

  let waiting = [];
  const commitWaiting = () => {
    const writes = waiting;
    waiting = [];
    commit(writes);
  };
  const write = (work, done) => {
    if (!sharesCommits) return commit([{ work, done }]);
    // All that is read from sockets in this turn of the event loop shares a commit.
    if (waiting.push({ work, done }) === 1) setImmediate(commitWaiting);
  };

  // Reading.
  const toMessages = (rows) => {
    const least = new Map();
    return rows.map((row) => {
      const id = row.conversation_id;
      if (!least.has(id)) least.set(id, sql.leastDelivered.all(id));
      const last = least.get(id).find((member) => member.account_id !== row.sender_id);
      return toMessage(row, last === undefined || last.delivered_seq >= row.seq);
    });
  };

  const toConversation = (row) => {
    const members = sql.members.all(row.id);
    const told = row.size > LARGE_GROUP ? members.filter(({ id }) => id === row.viewer) : members;
    const other = members.find(({ id }) => id !== row.viewer);
    return {
      id: String(row.id),
      kind: row.name === null ? 'private' : 'group',
      name: row.name ?? other.username,
      members: members.map(({ username }) => username),
      lastMessage: toMessages(sql.newest.all(row.id, 1))[0] ?? null,
      unread: sql.unread.get(row.id, row.read_seq, row.viewer),
      lastSeq: row.last_seq,
      positions: told.map((member) => ({
        username: member.username,
        deliveredSeq: member.delivered_seq,
        readSeq: member.read_seq,
      })),
      ...sql.least.get(row.id),
    };
  };

  // Within a transaction.
  const addMessage = ({ id, last_seq: seq }, sender, receiver, clientId, text, sentAt) => {
    const added = sql.addMessage.run(id, seq, sender.id, clientId, text, sentAt);
    const row = {
      id: added.lastInsertRowid,
      conversation_id: id,
      seq,
      sender: sender.username,
      receiver: receiver?.username,
      client_id: clientId,
      text,
      sent_at: sentAt,
    };
    return { conversation: id, seq, message: toMessage(row, false) };
  };

  // A message that its sender has sent before is answered as it is now, and goes to nobody again.
  const knownMessage = (sender, clientId) => {
    const known = !clientId.isNew && sql.messageOfClient.get(sender.id, clientId.id);
    return known && { message: toMessages([known])[0], isKnown: true };
  };

  return {
    addPeople: db.transaction((count) => {
      for (let number = 0; number < count; number += 1) sql.addAccount.run(`user${number}`);
    }),
    account: (username) => sql.account.get(username),

    sendPrivate: (sender, receiver, clientId, text, done) => {
      const work = () => {
        const known = knownMessage(sender, clientId);
        if (known) return known;
        const now = Date.now();
        const [one, other] = [sender.id, receiver.id].sort((left, right) => left - right);
        const conversation = sql.nextOfPair.get(one, other, now);
        const added = addMessage(conversation, sender, receiver, clientId.id, text, now);
        if (added.seq > 1) return added;
        sql.addPair.run({ id: conversation.id, one, other });
        return { ...added, began: [one, other] };
      };
      write(work, done);
    },

    sendToGroup: (sender, group, clientId, text, done) => {
      const work = () => {
        const known = knownMessage(sender, clientId);
        if (known) return known;
        const now = Date.now();
        const conversation = sql.nextOfGroup.get(now, group, sender.id);
        if (!conversation) return { refusal: unknownConversation() };
        return addMessage(conversation, sender, undefined, clientId.id, text, now);
      };
      write(work, done);
    },

    createGroup: (maker, name, usernames, clientId, done) => {
      const work = () => {
        const known = sql.groupOfClient.get(maker.id, clientId.id);
        if (known) return { conversation: toConversation(sql.conversation.get(maker.id, known.id)), isKnown: true };
        const names = JSON.stringify(usernames);
        if (sql.accounts.get(names) < usernames.length) return { refusal: unknownMember() };
        const id = sql.addGroup.run(name, maker.id, clientId.id, usernames.length, Date.now()).lastInsertRowid;
        sql.addMembers.run(id, names);
        return { conversation: toConversation(sql.conversation.get(maker.id, id)), members: sql.memberIds.all(id) };
      };
      write(work, done);
    },

    markRead: (conversation, account, seq, done) => {
      const work = () => {
        const { last_seq: last } = sql.position.get(conversation, account);
        if (seq > last) return { refusal: new Refusal('invalid-seq', 'There is no such message yet.') };
        sql.movePosition.run(seq, seq, conversation, account);
        return {};
      };
      write(work, done);
    },

    conversationsOf: (account) => sql.conversations.all(account).map(toConversation),
    conversationIdsOf: (account) => sql.conversationIds.all(account),
    missedBy: (account) => toMessages(sql.missed.all(account)),

    page: (account, conversation, { limit, before, after }) => {
      if (!sql.position.get(conversation, account)) throw unknownConversation();
      if (after !== undefined) return toMessages(sql.after.all(conversation, after, limit));
      const rows =
        before === undefined ? sql.newest.all(conversation, limit) : sql.before.all(conversation, before, limit);
      return toMessages(rows.reverse());
    },

    position: (conversation, account) => sql.position.get(conversation, account),
    least: (conversation) => sql.least.get(conversation),
    /** The newest message of each other sender in a part of a conversation. */
    newestBySender: (conversation, after, upTo, account) =>
      sql.newestBySender.all(conversation, after, upTo, account).map((row) => ({
        sender: row.sender_id,
        message: toMessages([sql.messageOfSeq.get(conversation, row.seq)])[0],
      })),
    movePositions: db.transaction((positions) => {
      for (const { delivered, read, conversation, person } of positions) {
        sql.movePosition.run(delivered, read, conversation, person.id);
      }
    }),

    close: () => {
      commitWaiting();
      db.close();
    },
  };
};
