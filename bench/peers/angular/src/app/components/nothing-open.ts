/// In place of a conversation, until one is opened.
import { ChangeDetectionStrategy, Component } from '@angular/core';

@Component({
  selector: 'chat-nothing-open',
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { class: 'empty' },
  template: 'Pick a conversation, or start one with somebody from the list.',
})
export class NothingOpen {}
