// The tables, and every statement.

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS accounts (
    id INTEGER PRIMARY KEY,
    username TEXT NOT NULL UNIQUE
  );
  -- A private conversation has its two people, the lower id first; a group has a name.
  CREATE TABLE IF NOT EXISTS conversations (
    id INTEGER PRIMARY KEY,
    one INTEGER REFERENCES accounts,
    other INTEGER REFERENCES accounts,
    name TEXT,
    created_by INTEGER REFERENCES accounts,
    client_id TEXT,
    size INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    active_at INTEGER NOT NULL,
    UNIQUE (one, other),
    UNIQUE (created_by, client_id)
  );
  CREATE TABLE IF NOT EXISTS members (
    conversation_id INTEGER NOT NULL REFERENCES conversations,
    account_id INTEGER NOT NULL REFERENCES accounts,
    delivered_seq INTEGER NOT NULL DEFAULT 0,
    read_seq INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (conversation_id, account_id)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS members_account ON members (account_id);
  CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY,
    conversation_id INTEGER NOT NULL REFERENCES conversations,
    seq INTEGER NOT NULL,
    sender_id INTEGER NOT NULL REFERENCES accounts,
    client_id TEXT NOT NULL,
    text TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    UNIQUE (conversation_id, seq),
    UNIQUE (sender_id, client_id)
  );
`;

const MESSAGES = `
  SELECT messages.id, messages.conversation_id, messages.seq, messages.sender_id, messages.client_id, messages.text,
    messages.sent_at, sender.username AS sender, receiver.username AS receiver
  FROM messages
  JOIN conversations ON conversations.id = messages.conversation_id
  JOIN accounts AS sender ON sender.id = messages.sender_id
  LEFT JOIN accounts AS receiver
    ON receiver.id = iif(conversations.one = messages.sender_id, conversations.other, conversations.one)
`;

const CONVERSATIONS = `
  SELECT conversations.id, conversations.name, conversations.size, conversations.last_seq, mine.account_id AS viewer,
    mine.read_seq
  FROM members AS mine
  JOIN conversations ON conversations.id = mine.conversation_id
  WHERE mine.account_id = ?
`;

const STATEMENTS = {
  account: 'SELECT id, username FROM accounts WHERE username = ?',
  accounts: 'SELECT count(*) FROM accounts WHERE username IN (SELECT value FROM json_each(?))',
  addAccount: 'INSERT INTO accounts (username) VALUES (?) ON CONFLICT DO NOTHING',

  messageOfClient: `${MESSAGES} WHERE messages.sender_id = ? AND messages.client_id = ?`,
  messageOfSeq: `${MESSAGES} WHERE messages.conversation_id = ? AND messages.seq = ?`,
  newest: `${MESSAGES} WHERE messages.conversation_id = ? ORDER BY messages.seq DESC LIMIT ?`,
  before: `${MESSAGES} WHERE messages.conversation_id = ? AND messages.seq < ? ORDER BY messages.seq DESC LIMIT ?`,
  after: `${MESSAGES} WHERE messages.conversation_id = ? AND messages.seq > ? ORDER BY messages.seq LIMIT ?`,
  missed: `${MESSAGES} JOIN members ON members.conversation_id = conversations.id
    WHERE members.account_id = ? AND conversations.last_seq > members.delivered_seq
      AND messages.seq > members.delivered_seq
    ORDER BY messages.id`,
  addMessage: `INSERT INTO messages (conversation_id, seq, sender_id, client_id, text, sent_at)
    VALUES (?, ?, ?, ?, ?, ?)`,

  // Each of these two takes the next seq, if the sender may write there.
  nextOfPair: `INSERT INTO conversations (one, other, size, last_seq, active_at) VALUES (?, ?, 2, 1, ?)
    ON CONFLICT (one, other) DO UPDATE SET last_seq = last_seq + 1, active_at = excluded.active_at
    RETURNING id, last_seq`,
  nextOfGroup: `UPDATE conversations SET last_seq = last_seq + 1, active_at = ?
    WHERE id = ? AND name IS NOT NULL
      AND EXISTS (SELECT 1 FROM members WHERE conversation_id = conversations.id AND account_id = ?)
    RETURNING id, last_seq`,

  addPair: 'INSERT INTO members (conversation_id, account_id) VALUES (@id, @one), (@id, @other)',
  groupOfClient: 'SELECT id FROM conversations WHERE created_by = ? AND client_id = ?',
  addGroup: `INSERT INTO conversations (name, created_by, client_id, size, last_seq, active_at)
    VALUES (?, ?, ?, ?, 0, ?)`,
  addMembers: `INSERT INTO members (conversation_id, account_id)
    SELECT ?, id FROM accounts WHERE username IN (SELECT value FROM json_each(?)) ORDER BY id`,
  memberIds: 'SELECT account_id FROM members WHERE conversation_id = ?',
  members: `SELECT accounts.id, username, delivered_seq, read_seq FROM members
    JOIN accounts ON accounts.id = account_id WHERE conversation_id = ? ORDER BY username`,
  conversations: `${CONVERSATIONS} ORDER BY conversations.active_at DESC, conversations.id DESC`,
  conversation: `${CONVERSATIONS} AND mine.conversation_id = ?`,
  conversationIds: 'SELECT conversation_id FROM members WHERE account_id = ?',
  unread: 'SELECT count(*) FROM messages WHERE conversation_id = ? AND seq > ? AND sender_id <> ?',

  position: `SELECT delivered_seq, read_seq, size, last_seq FROM members
    JOIN conversations ON id = conversation_id WHERE conversation_id = ? AND account_id = ?`,
  movePosition: `UPDATE members SET delivered_seq = max(delivered_seq, ?), read_seq = max(read_seq, ?)
    WHERE conversation_id = ? AND account_id = ?`,
  least: `SELECT min(delivered_seq) AS allDeliveredSeq, min(read_seq) AS allReadSeq FROM members
    WHERE conversation_id = ?`,
  leastDelivered: `SELECT account_id, delivered_seq FROM members WHERE conversation_id = ?
    ORDER BY delivered_seq LIMIT 2`,
  newestBySender: `SELECT sender_id, max(seq) AS seq FROM messages
    WHERE conversation_id = ? AND seq > ? AND seq <= ? AND sender_id <> ? GROUP BY sender_id`,
};

/** Makes what tables are missing, and prepares every statement, once. */
export const prepare = (db) => {
  db.exec(SCHEMA);
  const sql = {};
  for (const [name, text] of Object.entries(STATEMENTS)) sql[name] = db.prepare(text);
  // These answer with a value, not with a row.
  for (const name of ['accounts', 'unread', 'conversationIds', 'memberIds']) sql[name].pluck();
  return sql;
};
