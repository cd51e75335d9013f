/// The messages of one conversation that are held here, in the order of `seq`, every one once.
import { signal } from '@angular/core';

import { get } from './api';
import type { Message } from './protocol';

export const PAGE = 50;

export class Timeline {
  readonly messages = signal<readonly Message[]>([]);
  readonly state = signal<'new' | 'loading' | 'idle' | 'failed'>('new');
  readonly hasOlder = signal(false);

  constructor(readonly conversationId: string) {}

  /** Fetches the newest page, in place of what is held; what came by event meanwhile stays. */
  async loadNewest(): Promise<void> {
    await this.#load('', (page) => {
      const first = page[0]?.seq ?? 0;
      this.messages.update((held) => held.filter((message) => message.seq >= first));
      this.insert(page);
    });
  }

  /** Fetches the page before the first message. */
  async loadOlder(): Promise<void> {
    const first = this.messages()[0];
    if (this.state() !== 'idle' || !this.hasOlder() || first === undefined) return;
    await this.#load(`&before=${first.seq}`, (page) => this.messages.update((held) => [...page, ...held]));
  }

  /** Puts messages where they belong, whatever order they come in. */
  insert(messages: readonly Message[]): void {
    this.messages.update((held) => {
      const bySeq = new Map([...held, ...messages].map((message) => [message.seq, message]));
      return [...bySeq.values()].sort((one, other) => one.seq - other.seq);
    });
  }

  async #load(where: string, put: (page: Message[]) => void): Promise<void> {
    this.state.set('loading');
    try {
      const page = await get<Message[]>(`/web/conversations/${this.conversationId}/messages?limit=${PAGE}${where}`);
      put(page);
      this.hasOlder.set(page.length === PAGE);
      this.state.set('idle');
    } catch {
      this.state.set('failed');
    }
  }
}
