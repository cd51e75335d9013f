/// The chat: the list of conversations, and the one that is open.
import { ChangeDetectionStrategy, Component, effect, inject } from '@angular/core';
import { Title } from '@angular/platform-browser';
import { RouterOutlet } from '@angular/router';

import { ChatStore } from '../chat-store';
import { Sidebar } from '../components/sidebar';

@Component({
  selector: 'chat-page',
  imports: [RouterOutlet, Sidebar],
  providers: [ChatStore],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { class: 'chat', '[attr.data-open]': 'store.open() !== null' },
  template: `
    <chat-sidebar />
    <main>
      <h1 class="visually-hidden">Natter</h1>
      <router-outlet />
    </main>
    <p class="connection-banner" role="status" [hidden]="store.connected()">
      The server cannot be reached. Trying again…
    </p>
  `,
  styleUrl: 'chat.css',
})
export class ChatPage {
  protected readonly store = inject(ChatStore);

  constructor() {
    const title = inject(Title);
    effect(() => {
      const unread = [...this.store.conversations().values()].reduce((sum, each) => sum + each.unread, 0);
      title.setTitle(unread === 0 ? 'Natter' : `(${unread}) Natter`);
    });
  }
}
