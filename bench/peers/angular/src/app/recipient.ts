/// Whom a conversation is with: it names one before its first message has given it an id.
import type { Conversation, Message } from './protocol';

/** The address of the conversation in the app, such as `/people/bob`. */
export type Recipient = `/people/${string}` | `/groups/${string}`;

export function recipientOfConversation({ kind, id, members }: Conversation, viewer: string): Recipient {
  return kind === 'group' ? `/groups/${id}` : `/people/${members.find((member) => member !== viewer) ?? viewer}`;
}

export function recipientOfMessage({ groupId, sender, receiver }: Message, viewer: string): Recipient {
  if (groupId !== undefined) return `/groups/${groupId}`;
  return `/people/${sender === viewer ? receiver : sender}`;
}

export function isGroup(recipient: Recipient): boolean {
  return recipient.startsWith('/groups/');
}

/** The username or the id of the group. */
export function idOf(recipient: Recipient): string {
  return recipient.slice(recipient.lastIndexOf('/') + 1);
}
