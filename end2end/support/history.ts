/// Conversations with a past, made through a socket before anybody looks.
import type { Person } from './person.ts';

/** The text of one of many messages; no two of them hold each other. */
export function numbered(number: number): string {
  return `message ${String(number).padStart(3, '0')}`;
}

/** Sends the messages `from` to `to` (both included), in order. */
export async function sendNumbered(sender: Person, receiver: string, from: number, to: number): Promise<void> {
  const socket = await sender.connect();
  for (let number = from; number <= to; number += 1) {
    await socket.ask('privateMessage', { receiver, text: numbered(number) });
  }
  socket.close();
}
