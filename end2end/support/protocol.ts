/// The wire contract's shapes, written down a second time on purpose: the tests would not notice
/// a change of the contract if they shared the server's own.

export interface Session {
  username: string;
  displayName: string;
}

export interface User {
  username: string;
  displayName: string;
  online: boolean;
  lastSeenAt?: number;
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

export interface Conversation {
  id: string;
  kind: 'private' | 'group';
  name: string;
  members: string[];
  lastMessage: Message | null;
  unread: number;
  lastSeq: number;
}

export interface Receipt {
  conversationId: string;
  username: string;
  deliveredSeq: number;
  readSeq: number;
}

export interface DeliveryStatus {
  response: Message;
  upToSeq: number;
  receiver: string;
}

export interface OnlineStatus {
  username: string;
  online: boolean;
}

export interface NewGroup {
  response: string;
  conversation: Conversation;
}

export interface Refusal {
  code: string;
  message: string;
}

export type Acknowledgement<T> =
  | { success: true; response: T; error?: undefined }
  | { success: false; error: Refusal; response?: undefined };

/** What the server emits, by the name of the event. */
export interface ServerEvents {
  response: { response: Message };
  updateDeliveryStatusOnConnection: DeliveryStatus;
  receipt: Receipt;
  onlineStatus: OnlineStatus;
  newgrp: NewGroup;
  userTyping: { conversationId: string; username: string };
  'token-expired': { response: string };
}

/** What a client emits: its payload and what a successful acknowledgement holds. */
export interface ClientEvents {
  privateMessage: { payload: { clientId?: string; receiver: string; text: string }; response: Message };
  groupMessage: { payload: { clientId?: string; groupId: string; text: string }; response: Message };
  createGroup: { payload: { clientId?: string; name: string; members: string[] }; response: Conversation };
  renameGroup: { payload: { groupId: string; name: string }; response: Conversation };
  addMembers: { payload: { groupId: string; members: string[] }; response: Conversation };
  removeMembers: { payload: { groupId: string; members: string[] }; response: Conversation };
  leaveGroup: { payload: { groupId: string }; response: unknown };
  markRead: { payload: { conversationId: string; seq: number }; response: unknown };
  typing: { payload: { conversationId: string }; response: unknown };
}
