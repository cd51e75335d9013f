/// Initials on a colour that stays the same, with a dot that tells whether somebody is here.
import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';

@Component({
  selector: 'chat-avatar',
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { 'aria-hidden': 'true', '[style.--hue]': 'hue()' },
  template: `
    {{ initials() }}
    @if (online() !== null) {
      <span class="presence" [attr.data-online]="online()"></span>
    }
  `,
  styles: `
    :host {
      display: inline-grid;
      position: relative;
      flex: none;
      place-items: center;
      width: var(--avatar-size, 2.75rem);
      height: var(--avatar-size, 2.75rem);
      border-radius: 50%;
      background: light-dark(oklch(0.89 0.06 var(--hue)), oklch(0.38 0.07 var(--hue)));
      color: light-dark(oklch(0.38 0.09 var(--hue)), oklch(0.93 0.04 var(--hue)));
      font-size: calc(var(--avatar-size, 2.75rem) * 0.38);
      font-weight: 600;
      line-height: 1;
      text-transform: uppercase;
    }

    .presence {
      position: absolute;
      right: -1px;
      bottom: -1px;
      width: 0.875rem;
      height: 0.875rem;
      border: 2px solid var(--surface);
      border-radius: 50%;
      background: radial-gradient(circle closest-side, var(--surface) 45%, var(--control) 55%);

      &[data-online='true'] {
        background: var(--online);
      }
    }
  `,
})
export class Avatar {
  readonly name = input.required<string>();
  /** What the colour is made of: an id, because names change. */
  readonly id = input.required<string>();
  readonly online = input<boolean | null>(null);

  protected readonly initials = computed(() => {
    const words = this.name().split(/\s+/).filter(Boolean);
    const letters = words.length > 1 ? [words[0], words.at(-1)] : words;
    return letters.map((word) => [...(word ?? '')][0]).join('');
  });

  protected readonly hue = computed(() => {
    // FNV-1a, because equal ids have to give equal colours on every device.
    const hash = new TextEncoder()
      .encode(this.id())
      .reduce((hash, byte) => Math.imul(hash ^ byte, 0x0100_0193) >>> 0, 0x811c_9dc5);
    return hash % 360;
  });
}
