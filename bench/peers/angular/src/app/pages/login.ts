/// Signing in by name.
import {
  afterNextRender,
  ChangeDetectionStrategy,
  Component,
  ElementRef,
  inject,
  input,
  signal,
  viewChild,
} from '@angular/core';
import { Router } from '@angular/router';

import { SessionService } from '../session';

@Component({
  selector: 'chat-login',
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: 'login.html',
  styleUrl: 'login.css',
})
export class LoginPage {
  /** Where to go afterwards, from the address. */
  readonly next = input<string>();

  private readonly session = inject(SessionService);
  private readonly router = inject(Router);
  private readonly field = viewChild.required<ElementRef<HTMLInputElement>>('username');
  protected readonly reason = this.session.reason;
  protected readonly busy = signal(false);
  protected readonly error = signal('');

  constructor() {
    afterNextRender(() => this.field().nativeElement.focus());
  }

  protected async signIn(event: Event): Promise<void> {
    event.preventDefault();
    const username = this.field().nativeElement.value.trim();
    if (username === '') return this.error.set('Type your username.');
    this.busy.set(true);
    try {
      await this.session.signIn(username);
      const next = this.next() ?? '/';
      // Only addresses within: a link must not lead elsewhere through the login.
      await this.router.navigateByUrl(/^\/(?!\/)/.test(next) ? next : '/');
    } catch (error) {
      this.error.set(error instanceof TypeError ? 'The server cannot be reached.' : (error as Error).message);
      this.field().nativeElement.focus();
    } finally {
      this.busy.set(false);
    }
  }
}
