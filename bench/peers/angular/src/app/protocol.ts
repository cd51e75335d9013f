/// The shapes on the wire.

export interface Session {
  username: string;
  displayName: string;
}

export interface User {
  username: string;
  displayName: string;
  online: boolean;
}

export interface Message {
  id: string;
  clientId: string;
  conversationId: string;
  seq: number;
  sender: string;
  receiver?: string;
  groupId?: string;
  text: string;
  sentAt: number;
  delivered: boolean;
}

/** Up to where a member holds, and has read, the messages of a conversation. */
export interface Position {
  username: string;
  deliveredSeq: number;
  readSeq: number;
}

export interface Receipt extends Position {
  conversationId: string;
}

export interface Conversation {
  id: string;
  kind: 'private' | 'group';
  name: string;
  members: string[];
  lastMessage: Message | null;
  unread: number;
  lastSeq: number;
  positions?: Position[];
}

export type Acknowledgement<T> =
  | { success: true; response: T }
  | { success: false; error: { code: string; message: string } };

/** What the server emits. */
export interface ServerEvents {
  response: (event: { response: Message }, acknowledge?: (answer: { success: true; receiver: string }) => void) => void;
  updateDeliveryStatusOnConnection: (event: { response: Message; upToSeq: number; receiver: string }) => void;
  receipt: (receipt: Receipt) => void;
  onlineStatus: (status: { username: string; online: boolean }) => void;
  newgrp: (event: { conversation: Conversation }) => void;
  'token-expired': () => void;
}

/** What a client emits. */
export interface ClientEvents {
  privateMessage: (
    message: { clientId: string; receiver: string; text: string },
    acknowledge: (answer: Acknowledgement<Message>) => void,
  ) => void;
  groupMessage: (
    message: { clientId: string; groupId: string; text: string },
    acknowledge: (answer: Acknowledgement<Message>) => void,
  ) => void;
  markRead: (position: { conversationId: string; seq: number }) => void;
}
