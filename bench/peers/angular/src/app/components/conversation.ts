/// The conversation that is open: its header, its timeline and what is written into it.
import {
  ChangeDetectionStrategy,
  Component,
  computed,
  DestroyRef,
  effect,
  inject,
  input,
  viewChild,
} from '@angular/core';
import { RouterLink } from '@angular/router';

import { ChatStore } from '../chat-store';
import { idOf, isGroup, type Recipient } from '../recipient';
import { Avatar } from './avatar';
import { Composer } from './composer';
import { MessageList } from './message-list';

@Component({
  selector: 'chat-conversation',
  imports: [Avatar, Composer, MessageList, RouterLink],
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: 'conversation.html',
  styleUrl: 'conversation.css',
})
export class ConversationView {
  /** From the address; one of the two is there. */
  readonly username = input<string>();
  readonly groupId = input<string>();

  protected readonly store = inject(ChatStore);
  protected readonly recipient = computed((): Recipient => {
    const groupId = this.groupId();
    return groupId === undefined ? `/people/${this.username() ?? ''}` : `/groups/${groupId}`;
  });
  protected readonly id = computed(() => idOf(this.recipient()));
  protected readonly user = computed(() => (isGroup(this.recipient()) ? undefined : this.store.users().get(this.id())));
  protected readonly conversation = computed(() => this.store.conversations().get(this.recipient()));
  protected readonly exists = computed(() => !this.store.loaded() || Boolean(this.conversation() ?? this.user()));
  protected readonly online = computed(() => (isGroup(this.recipient()) ? null : (this.user()?.online ?? false)));
  protected readonly status = computed(() => {
    const members = this.conversation()?.members ?? [];
    if (isGroup(this.recipient())) {
      return `${members.length} members: ${members.map((member) => this.store.displayName(member)).join(', ')}`;
    }
    return this.user() === undefined ? '' : this.online() ? 'online' : 'offline';
  });
  private readonly list = viewChild(MessageList);

  constructor() {
    effect(() => this.store.open.set(this.recipient()));
    effect(() => {
      const conversation = this.conversation();
      if (conversation) this.store.load(conversation);
    });
    inject(DestroyRef).onDestroy(() => this.store.open.set(null));
  }

  protected send(text: string): void {
    this.list()?.goToEnd();
    this.store.send(this.recipient(), text);
  }
}
