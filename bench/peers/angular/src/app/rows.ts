/// What a timeline looks like: messages in blocks, lines between days, and what waits at the end.
import type { Pending } from './chat-store';
import { day } from './dates';
import type { Conversation, Message } from './protocol';

/** Messages of one author belong together while no more than this lies between two of them. */
const BLOCK_MILLISECONDS = 5 * 60 * 1000;

export type Tick = 'waiting' | 'stored' | 'delivered' | 'read' | 'failed';

export interface Row {
  key: string;
  author: string;
  text: string;
  at: number;
  own: boolean;
  /** First and last of its block. */
  first: boolean;
  last: boolean;
  /** A day begins here. */
  beginsDay: boolean;
  /** What is known about an own message. */
  tick: Tick | null;
  pending: Pending | null;
}

export function layOut(
  messages: readonly Message[],
  pending: readonly Pending[],
  conversation: Conversation | undefined,
  viewer: string,
): Row[] {
  const progress = progressOf(conversation, viewer);
  const stored = messages.map((message) => {
    const own = message.sender === viewer;
    const { clientId, sender: author, text, sentAt: at } = message;
    return row({ key: `${author}:${clientId}`, author, text, at, own, tick: own ? tickOf(message, progress) : null });
  });
  const waiting = pending.map((message) => {
    const tick: Tick = message.failure === null ? 'waiting' : 'failed';
    const { clientId, text, sentAt: at } = message;
    return row({ key: `${viewer}:${clientId}`, author: viewer, text, at, own: true, tick, pending: message });
  });
  const rows = [...stored, ...waiting];
  rows.forEach((row, index) => {
    const before = rows[index - 1];
    row.beginsDay = before === undefined || day(before.at) !== day(row.at);
    const continues =
      before !== undefined &&
      !row.beginsDay &&
      before.author === row.author &&
      Math.abs(row.at - before.at) <= BLOCK_MILLISECONDS;
    row.first = !continues;
    if (continues) before.last = false;
  });
  return rows;
}

function row(parts: Pick<Row, 'key' | 'author' | 'text' | 'at' | 'own' | 'tick'> & Partial<Row>): Row {
  return { first: true, last: true, beginsDay: false, pending: null, ...parts };
}

/** Up to where every other member holds, and has read, the messages. */
function progressOf(conversation: Conversation | undefined, viewer: string): { delivered: number; read: number } {
  const others = (conversation?.members ?? []).filter((member) => member !== viewer);
  const least = (seq: 'deliveredSeq' | 'readSeq') => {
    const of = (member: string) => conversation?.positions?.find(({ username }) => username === member)?.[seq] ?? 0;
    return others.length === 0 ? 0 : Math.min(...others.map(of));
  };
  return { delivered: least('deliveredSeq'), read: least('readSeq') };
}

function tickOf({ seq, delivered }: Message, progress: { delivered: number; read: number }): Tick {
  if (seq <= progress.read) return 'read';
  return delivered || seq <= progress.delivered ? 'delivered' : 'stored';
}
