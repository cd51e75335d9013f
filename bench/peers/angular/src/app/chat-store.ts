/// What the chat knows, and the socket that keeps it up to date. It lives as long as the chat page.
import { computed, DestroyRef, inject, Injectable, signal } from '@angular/core';
import { Router } from '@angular/router';
import { io, type Socket } from 'socket.io-client';

import { get } from './api';
import type { Acknowledgement, ClientEvents, Conversation, Message, Receipt, ServerEvents, User } from './protocol';
import { idOf, isGroup, type Recipient, recipientOfConversation, recipientOfMessage } from './recipient';
import { SessionService } from './session';
import { Timeline } from './timeline';

/** How long an acknowledgement may take before a message counts as not sent. */
const PATIENCE = 20_000;

/** A message that was written and is not known to be stored. */
export interface Pending {
  clientId: string;
  recipient: Recipient;
  text: string;
  sentAt: number;
  /** Why it was not taken. */
  failure: string | null;
}

@Injectable()
export class ChatStore {
  readonly #session = inject(SessionService);
  readonly #router = inject(Router);
  readonly #timelines = signal<ReadonlyMap<string, Timeline>>(new Map());
  readonly #conversations = signal<readonly Conversation[]>([]);
  readonly #socket: Socket<ServerEvents, ClientEvents>;
  #refreshing: Promise<void> | undefined;

  readonly viewer: string = this.#session.session()?.username ?? '';
  readonly connected = signal(true);
  /** The lists are here. */
  readonly loaded = signal(false);
  readonly users = signal<ReadonlyMap<string, User>>(new Map());
  readonly pending = signal<readonly Pending[]>([]);
  /** The conversation that is open. */
  readonly open = signal<Recipient | null>(null);
  /** By their recipients, the newest activity first. */
  readonly conversations = computed<ReadonlyMap<Recipient, Conversation>>(() => {
    const newestFirst = [...this.#conversations()].sort((one, other) => activity(other) - activity(one));
    return new Map(newestFirst.map((each) => [recipientOfConversation(each, this.viewer), each]));
  });

  constructor() {
    this.#socket = io('/chat', {
      transports: ['websocket', 'polling'],
      auth: (connect) => void this.#authenticate(connect),
    });
    this.#listen();
    inject(DestroyRef).onDestroy(() => this.#socket.disconnect());
    // Not after the connection but beside it: the lists are what people look at first.
    void this.refresh();
  }

  displayName(username: string): string {
    const user = username === this.viewer ? this.#session.session() : this.users().get(username);
    return user?.displayName ?? username;
  }

  /** What a conversation is called. */
  name(recipient: Recipient): string {
    if (isGroup(recipient)) return this.conversations().get(recipient)?.name ?? '';
    return this.displayName(idOf(recipient));
  }

  timeline(recipient: Recipient): Timeline | undefined {
    const conversation = this.conversations().get(recipient);
    return conversation && this.#timelines().get(conversation.id);
  }

  /** Makes sure that a conversation's newest messages are here or on their way. */
  load({ id }: Conversation): void {
    if (this.#timelines().has(id)) return;
    const timeline = new Timeline(id);
    this.#timelines.update((timelines) => new Map(timelines).set(id, timeline));
    void timeline.loadNewest();
  }

  send(recipient: Recipient, text: string): void {
    const message = { clientId: crypto.randomUUID(), recipient, text, sentAt: Date.now(), failure: null };
    this.pending.update((pending) => [...pending, message]);
    void this.#deliver(message);
  }

  retry(message: Pending): void {
    this.#change(message, { failure: null });
    void this.#deliver(message);
  }

  discard({ clientId }: Pick<Pending, 'clientId'>): void {
    this.pending.update((pending) => pending.filter((each) => each.clientId !== clientId));
  }

  /** Everything up to here has been read. */
  markRead({ id, unread }: Conversation, seq: number): void {
    if (unread === 0) return;
    this.#socket.emit('markRead', { conversationId: id, seq });
    this.#update(id, (conversation) => ({ ...conversation, unread: 0 }));
  }

  /** Fetches who there is and what was said last. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#fetch().finally(() => (this.#refreshing = undefined));
    return this.#refreshing;
  }

  async #fetch(): Promise<void> {
    try {
      const [users, conversations] = await Promise.all([
        get<User[]>('/web/users'),
        get<Conversation[]>('/web/conversations'),
      ]);
      this.users.set(new Map(users.map((user) => [user.username, user])));
      this.#conversations.update((held) => {
        // An event may have brought something newer while this was on its way.
        const heldById = new Map(held.map((each) => [each.id, each]));
        return conversations.map((each) => {
          const before = heldById.get(each.id);
          return before && before.lastSeq > each.lastSeq ? before : each;
        });
      });
      this.loaded.set(true);
    } catch {
      // The next connection asks again.
      this.connected.set(false);
    }
  }

  #listen(): void {
    const socket = this.#socket;
    let first = true;
    socket.on('connect', () => {
      this.connected.set(true);
      // What came between the first answers and the connection is sent by the server; after a break more may differ.
      if (!first || !this.loaded()) void this.#catchUp();
      first = false;
    });
    socket.on('disconnect', (reason) => {
      this.connected.set(false);
      // A server that stops says so, and the socket leaves it at that.
      if (reason === 'io server disconnect' && this.#session.session()) setTimeout(() => socket.connect(), 1000);
    });
    socket.on('connect_error', () => {
      this.connected.set(false);
      // Refused, probably because of an old token. The next try begins with a fresh one.
      if (!socket.active) setTimeout(() => socket.connect(), 1000);
    });
    socket.on('response', ({ response }, acknowledge) => {
      this.#receive(response);
      acknowledge?.({ success: true, receiver: this.viewer });
    });
    socket.on('updateDeliveryStatusOnConnection', ({ response, receiver, upToSeq }) => {
      const { conversationId } = response;
      this.#move({ conversationId, username: receiver, deliveredSeq: upToSeq, readSeq: 0 });
    });
    socket.on('receipt', (receipt) => this.#move(receipt));
    socket.on('onlineStatus', ({ username, online }) => {
      const user = this.users().get(username);
      if (user) this.users.update((users) => new Map(users).set(username, { ...user, online }));
      else if (username !== this.viewer) void this.refresh();
    });
    socket.on('newgrp', ({ conversation }) => {
      this.#conversations.update((held) => [conversation, ...held.filter((each) => each.id !== conversation.id)]);
    });
    socket.on('token-expired', () => this.#end());
  }

  async #authenticate(connect: (auth: { token?: string }) => void): Promise<void> {
    const token = await this.#session.socketToken().catch(() => null);
    if (this.#session.session() === null) this.#end();
    else connect(token === null ? {} : { token });
  }

  #end(): void {
    this.#socket.disconnect();
    this.#session.forget('Your session has ended. Sign in again.');
    void this.#router.navigate(['/login'], { queryParams: { next: this.#router.url } });
  }

  async #catchUp(): Promise<void> {
    await this.refresh();
    await Promise.all([...this.#timelines().values()].map((timeline) => timeline.loadNewest()));
  }

  async #deliver({ clientId, recipient, text }: Pending): Promise<void> {
    const socket = this.#socket.timeout(PATIENCE);
    let answer: Acknowledgement<Message>;
    try {
      answer = isGroup(recipient)
        ? await socket.emitWithAck('groupMessage', { clientId, groupId: idOf(recipient), text })
        : await socket.emitWithAck('privateMessage', { clientId, receiver: idOf(recipient), text });
    } catch {
      answer = { success: false, error: { code: 'timeout', message: 'The server did not answer.' } };
    }
    if (answer.success) this.#receive(answer.response);
    else this.#change({ clientId }, { failure: answer.error.message });
  }

  /** Puts a stored message where it belongs. */
  #receive(message: Message): void {
    const own = message.sender === this.viewer;
    if (own) this.discard(message);
    const timeline = this.#timelines().get(message.conversationId);
    if (timeline && timeline.state() !== 'new') timeline.insert([message]);
    const conversation = this.conversations().get(recipientOfMessage(message, this.viewer));
    if (!conversation) {
      void this.refresh();
    } else if (message.seq > conversation.lastSeq) {
      this.#update(conversation.id, ({ unread, ...rest }) => ({
        ...rest,
        lastMessage: message,
        lastSeq: message.seq,
        unread: own ? unread : unread + 1,
      }));
    }
  }

  /** Somebody holds, or has read, the messages of a conversation up to here. Positions never go back. */
  #move({ conversationId, username, deliveredSeq, readSeq }: Receipt): void {
    this.#update(conversationId, (conversation) => {
      const positions = conversation.positions ?? [];
      const before = positions.find((each) => each.username === username);
      const after = {
        username,
        deliveredSeq: Math.max(deliveredSeq, before?.deliveredSeq ?? 0),
        readSeq: Math.max(readSeq, before?.readSeq ?? 0),
      };
      const unread = username === this.viewer && readSeq >= conversation.lastSeq ? 0 : conversation.unread;
      return { ...conversation, unread, positions: [...positions.filter((each) => each !== before), after] };
    });
  }

  #update(id: string, change: (conversation: Conversation) => Conversation): void {
    this.#conversations.update((held) => held.map((each) => (each.id === id ? change(each) : each)));
  }

  #change({ clientId }: Pick<Pending, 'clientId'>, change: Partial<Pending>): void {
    const changed = (each: Pending) => (each.clientId === clientId ? { ...each, ...change } : each);
    this.pending.update((pending) => pending.map(changed));
  }
}

function activity({ lastMessage }: Conversation): number {
  return lastMessage?.sentAt ?? 0;
}
