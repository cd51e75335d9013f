/// One message.
import { ChangeDetectionStrategy, Component, input, output } from '@angular/core';

import type { Pending } from '../chat-store';
import { machine, time } from '../dates';
import type { Row, Tick } from '../rows';
import { Avatar } from './avatar';

/** What a screen reader says. */
const LABELS: Record<Tick, string> = {
  waiting: 'Waiting',
  stored: 'Stored',
  delivered: 'Delivered',
  read: 'Read',
  failed: 'Not sent',
};

@Component({
  selector: 'li[row]',
  imports: [Avatar],
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: {
    '[attr.data-own]': 'row().own',
    '[attr.data-first]': 'row().first',
    '[attr.data-last]': 'row().last',
  },
  templateUrl: 'message-row.html',
  styleUrl: 'message-row.css',
})
export class MessageRow {
  readonly row = input.required<Row>();
  /** Who wrote it. */
  readonly name = input.required<string>();
  readonly isGroup = input.required<boolean>();
  readonly retry = output<Pending>();
  readonly discard = output<Pending>();

  protected readonly labels = LABELS;
  protected readonly time = time;
  protected readonly machine = machine;
}
