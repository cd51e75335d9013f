/// Where one writes.
import {
  afterNextRender,
  ChangeDetectionStrategy,
  Component,
  computed,
  ElementRef,
  output,
  signal,
  viewChild,
} from '@angular/core';

const MAX_LENGTH = 20_000;

@Component({
  selector: 'chat-composer',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <form class="composer" (submit)="submit($event)">
      <textarea
        #field
        class="composer-input"
        aria-label="Write a message"
        placeholder="Write a message"
        rows="1"
        dir="auto"
        autocomplete="off"
        (input)="text.set(field.value)"
        (keydown.enter)="submit($event)"
      ></textarea>
      <button type="submit" class="composer-send" [disabled]="!canSend()">Send</button>
    </form>
  `,
  styleUrl: 'composer.css',
})
export class Composer {
  readonly written = output<string>();
  protected readonly text = signal('');
  protected readonly canSend = computed(() => this.text().trim() !== '' && [...this.text()].length <= MAX_LENGTH);
  private readonly field = viewChild.required<ElementRef<HTMLTextAreaElement>>('field');

  constructor() {
    afterNextRender(() => {
      // Where it would bring up a keyboard, the focus stays where it is.
      if (matchMedia('(pointer: fine)').matches) this.field().nativeElement.focus();
    });
  }

  protected submit(event: Event): void {
    if (event instanceof KeyboardEvent && (event.isComposing || event.shiftKey)) return;
    event.preventDefault();
    if (!this.canSend()) return;
    this.written.emit(this.text());
    const field = this.field().nativeElement;
    field.value = '';
    this.text.set('');
    field.focus();
  }
}
