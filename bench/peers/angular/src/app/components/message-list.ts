/// The timeline: what scrolls, the rows in it, and the pill that leads back to the end.
import {
  afterRenderEffect,
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  ElementRef,
  inject,
  input,
  signal,
  untracked,
  viewChild,
} from '@angular/core';

import { ChatStore } from '../chat-store';
import { dayLine } from '../dates';
import { isGroup, type Recipient } from '../recipient';
import { layOut } from '../rows';
import { MessageRow } from './message-row';

/** This near to an edge, in pixels, one is at it. */
const NEAR_END = 40;
const NEAR_TOP = 600;

@Component({
  selector: 'chat-message-list',
  imports: [MessageRow],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { '(document:visibilitychange)': 'look()' },
  templateUrl: 'message-list.html',
  styleUrl: 'message-list.css',
})
export class MessageList {
  readonly recipient = input.required<Recipient>();

  protected readonly store = inject(ChatStore);
  protected readonly conversation = computed(() => this.store.conversations().get(this.recipient()));
  protected readonly timeline = computed(() => this.store.timeline(this.recipient()));
  protected readonly isGroup = computed(() => isGroup(this.recipient()));
  protected readonly rows = computed(() => {
    const pending = this.store.pending().filter(({ recipient }) => recipient === this.recipient());
    return layOut(this.timeline()?.messages() ?? [], pending, this.conversation(), this.store.viewer);
  });
  protected readonly state = computed(() => {
    // Where there is no conversation yet, there is nothing to fetch.
    if (this.store.loaded() && !this.conversation()) return 'idle';
    return this.timeline()?.state() ?? 'loading';
  });
  protected readonly atEnd = signal(true);
  protected readonly dayLine = dayLine;
  private firstKey: string | undefined;
  /** How far the upper edge of what one sees is from the end of the timeline, in pixels. */
  private fromEnd = 0;
  private readonly looks = signal(document.visibilityState === 'visible');
  private readonly scroller = viewChild.required<ElementRef<HTMLElement>>('scroller');

  constructor() {
    afterRenderEffect(() => {
      const firstKey = this.rows()[0]?.key;
      if (untracked(this.atEnd)) this.scrollToEnd();
      else if (firstKey !== this.firstKey) this.keepPlace();
      this.firstKey = firstKey;
      this.measure();
    });
    effect(() => {
      const conversation = this.conversation();
      const last = this.timeline()?.messages().at(-1);
      if (conversation && last && this.atEnd() && this.looks()) {
        untracked(() => this.store.markRead(conversation, last.seq));
      }
    });
  }

  goToEnd(): void {
    this.atEnd.set(true);
    this.scrollToEnd();
  }

  protected look(): void {
    this.looks.set(document.visibilityState === 'visible');
  }

  protected scrolled(): void {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller().nativeElement;
    this.atEnd.set(scrollHeight - scrollTop - clientHeight < NEAR_END);
    this.measure();
    if (scrollTop < NEAR_TOP) void this.timeline()?.loadOlder();
  }

  private measure(): void {
    const { scrollHeight, scrollTop } = this.scroller().nativeElement;
    this.fromEnd = scrollHeight - scrollTop;
  }

  /** Older messages have come above what one reads, which stays where it is. */
  private keepPlace(): void {
    const scroller = this.scroller().nativeElement;
    scroller.scrollTop = scroller.scrollHeight - this.fromEnd;
  }

  private scrollToEnd(): void {
    const scroller = this.scroller().nativeElement;
    scroller.scrollTop = scroller.scrollHeight;
  }
}
