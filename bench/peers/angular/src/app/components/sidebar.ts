/// Who one is, what one looks for, and the conversations.
import { NgTemplateOutlet } from '@angular/common';
import { ChangeDetectionStrategy, Component, computed, inject, signal } from '@angular/core';
import { Router, RouterLink } from '@angular/router';

import { ChatStore } from '../chat-store';
import { machine, short } from '../dates';
import { idOf, isGroup, type Recipient } from '../recipient';
import { SessionService } from '../session';
import { Avatar } from './avatar';

interface ListRow {
  recipient: Recipient;
  name: string;
  /** `null` for a group. */
  online: boolean | null;
  unread: number;
  preview: string;
  at: number | null;
}

@Component({
  selector: 'chat-sidebar',
  imports: [Avatar, NgTemplateOutlet, RouterLink],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { role: 'navigation', 'aria-label': 'Conversations' },
  templateUrl: 'sidebar.html',
  styleUrl: 'sidebar.css',
})
export class Sidebar {
  private readonly session = inject(SessionService);
  private readonly router = inject(Router);
  protected readonly store = inject(ChatStore);
  protected readonly search = signal('');
  protected readonly ownName = computed(() => this.session.session()?.displayName ?? '');
  protected readonly conversations = computed(() => {
    const rows = [...this.store.conversations()].map(([recipient, { unread, lastMessage }]): ListRow => {
      const by = lastMessage && this.author(recipient, lastMessage.sender);
      const preview = lastMessage ? `${by}${lastMessage.text.slice(0, 120)}` : '';
      return { ...this.who(recipient), unread, preview, at: lastMessage?.sentAt ?? null };
    });
    return rows.filter((row) => this.isLookedFor(row));
  });
  /** Those with whom there is no conversation yet. */
  protected readonly people = computed(() => {
    const held = this.store.conversations();
    const recipients = [...this.store.users().keys()].map((username): Recipient => `/people/${username}`);
    const rows = recipients
      .filter((recipient) => !held.has(recipient))
      .map((recipient): ListRow => ({ ...this.who(recipient), unread: 0, preview: '', at: null }));
    return rows.filter((row) => this.isLookedFor(row));
  });
  protected readonly empty = computed(() => {
    if (!this.store.loaded() || this.conversations().length + this.people().length > 0) return '';
    const search = this.search().trim();
    return search === '' ? 'Nobody else is here yet.' : `Nobody and no group is called “${search}”.`;
  });
  protected readonly idOf = idOf;
  protected readonly short = short;
  protected readonly machine = machine;

  protected label({ name, online, unread, preview, at }: ListRow): string {
    const presence = online === null ? '' : online ? 'online' : 'offline';
    const parts = [name, presence, unread > 0 ? `${unread} unread` : '', preview, at === null ? '' : short(at)];
    return parts.filter(Boolean).join(', ');
  }

  protected goToFirst(): void {
    const first = this.conversations()[0] ?? this.people()[0];
    if (this.search().trim() === '' || first === undefined) return;
    this.search.set('');
    void this.router.navigateByUrl(first.recipient);
  }

  protected async signOut(): Promise<void> {
    await this.session.signOut();
    await this.router.navigateByUrl('/login');
  }

  private who(recipient: Recipient): Pick<ListRow, 'recipient' | 'name' | 'online'> {
    const online = isGroup(recipient) ? null : (this.store.users().get(idOf(recipient))?.online ?? false);
    return { recipient, name: this.store.name(recipient), online };
  }

  private author(recipient: Recipient, sender: string): string {
    if (sender === this.store.viewer) return 'You: ';
    return isGroup(recipient) ? `${this.store.displayName(sender)}: ` : '';
  }

  private isLookedFor({ name }: ListRow): boolean {
    return name.toLocaleLowerCase().includes(this.search().trim().toLocaleLowerCase());
  }
}
