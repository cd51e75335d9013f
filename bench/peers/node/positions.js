// How far each member has got in each conversation. A position moves at once in memory, and with all others that have
// moved to the disk a moment later. Should the process die in between, its receivers are sent those messages again.
import { LARGE_GROUP } from './store.js';

/** How long acknowledgements are collected for one commit, in milliseconds. */
const TICK = 50;
/** Shortest time between two receipts of the same member and conversation, in milliseconds. */
const QUIET = 1_000;
/** Most acknowledgements behind a gap that are remembered for a member of a conversation. */
const MAX_AHEAD = 1_000;

export class Positions {
  #store;
  #tell;
  #moved = new Set();
  #timer;
  /** What was told last, and is for the time being not told again. */
  #recent = new Map();
  /** Of large groups: where all of their members stand. */
  #least = new Map();

  /** `tell` has `receipt(position, receipt)`, `ownReceipt(…)` and `caughtUp(position, sender, message)`. */
  constructor(store, tell) {
    this.#store = store;
    this.#tell = tell;
  }

  /** One of a person's sockets has acknowledged a message. `hadWaited`: for them to come back. */
  acknowledged(person, conversation, seq, hadWaited = false) {
    const position = this.of(person, conversation);
    if (seq <= position.delivered) return;
    if (hadWaited) position.waitedAfter ??= position.delivered;
    if (seq > position.delivered + 1) {
      // Without gaps only: this one counts when those before it have come.
      if (position.ahead.size < MAX_AHEAD) position.ahead.add(seq);
      return;
    }
    this.#advance(position, seq);
    this.#changed(position);
  }

  /** Somebody has read up to here, and it is on disk. Returns the receipt. */
  read(position, seq) {
    const isNews = seq > position.read;
    position.read = Math.max(position.read, seq);
    // Nobody reads what they do not hold.
    this.#advance(position, seq);
    if (isNews) {
      position.hasRead = true;
      this.#changed(position);
    }
    return this.#receipt(position);
  }

  /** Writes down what has moved, and tells the members. */
  flush() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const moved = [...this.#moved];
    try {
      this.#store.movePositions(moved);
    } catch (error) {
      console.error(error);
      this.#timer = setTimeout(() => this.flush(), QUIET);
      return;
    }
    this.#moved.clear();
    const looked = new Set();
    for (const position of moved) {
      this.#tellSenders(position);
      if (position.size <= LARGE_GROUP) this.#tellMembers(`${position.conversation} ${position.person.id}`, position);
      else this.#tellOfLargeGroup(position, looked);
      position.hasRead = false;
    }
  }

  /** Where a person stands in a conversation, undefined if they are no member. Asked before anything moves it. */
  of(person, conversation) {
    const known = person.positions.get(conversation);
    if (known !== undefined) return known;
    const row = this.#store.position(conversation, person.id);
    if (row === undefined) return undefined;
    const position = {
      person,
      conversation,
      size: row.size,
      delivered: row.delivered_seq,
      read: row.read_seq,
      // Acknowledged, but behind a gap.
      ahead: new Set(),
      // Messages behind this one had waited, and their senders are to be told.
      waitedAfter: undefined,
      hasRead: false,
    };
    person.positions.set(conversation, position);
    if (row.size > LARGE_GROUP && !this.#least.has(conversation)) {
      this.#least.set(conversation, this.#store.least(conversation));
    }
    return position;
  }

  #advance(position, upTo) {
    position.delivered = Math.max(position.delivered, upTo);
    while (position.ahead.delete(position.delivered + 1)) position.delivered += 1;
  }

  #changed(position) {
    this.#moved.add(position);
    this.#timer ??= setTimeout(() => this.flush(), TICK);
  }

  #receipt({ person, conversation, delivered, read }) {
    return {
      conversationId: String(conversation),
      username: person.username,
      deliveredSeq: delivered,
      readSeq: read,
      ...this.#store.least(conversation),
    };
  }

  /** Tells the members at once, and then not before the time is over, but as things are then. */
  #tellMembers(key, position) {
    if (this.#recent.has(key)) {
      this.#recent.set(key, position);
      return;
    }
    this.#recent.set(key, undefined);
    this.#tell.receipt(position, this.#receipt(position));
    setTimeout(() => {
      const owed = this.#recent.get(key);
      this.#recent.delete(key);
      if (owed !== undefined) this.#tellMembers(key, owed);
    }, QUIET);
  }

  /** Of a large group it is told how far all have got, whoever was the last; their own reading only to themselves. */
  #tellOfLargeGroup(position, looked) {
    const { conversation } = position;
    if (!looked.has(conversation)) {
      looked.add(conversation);
      const before = this.#least.get(conversation);
      const now = this.#store.least(conversation);
      this.#least.set(conversation, now);
      if (now.allDeliveredSeq !== before.allDeliveredSeq || now.allReadSeq !== before.allReadSeq) {
        this.#tellMembers(`${conversation}`, position);
        return;
      }
    }
    if (position.hasRead) this.#tell.ownReceipt(position, this.#receipt(position));
  }

  #tellSenders(position) {
    const { person, conversation, waitedAfter, delivered } = position;
    if (waitedAfter === undefined) return;
    position.waitedAfter = undefined;
    for (const { sender, message } of this.#store.newestBySender(conversation, waitedAfter, delivered, person.id)) {
      this.#tell.caughtUp(position, sender, message);
    }
  }
}
