/// Who is signed in, and the token that opens a socket.
import { Injectable, signal } from '@angular/core';

import { request, Unauthorized } from './api';
import type { Session } from './protocol';

@Injectable({ providedIn: 'root' })
export class SessionService {
  /** `null` while nobody is signed in, and before it is known. */
  readonly session = signal<Session | null>(null);
  /** Why somebody is at the login page who had been signed in. */
  readonly reason = signal('');
  #known: Promise<Session | null> | undefined;
  #token: string | null = null;

  /** The session as the server knows it, asked for once. */
  known(): Promise<Session | null> {
    return (this.#known ??= this.renew().catch(() => null));
  }

  /** Asks the server for the session and for a fresh token. Fails where the server cannot be reached. */
  async renew(): Promise<Session | null> {
    try {
      return await this.#take(await request('/web/session'));
    } catch (error) {
      if (!(error instanceof Unauthorized)) throw error;
      this.session.set(null);
      return null;
    }
  }

  async signIn(username: string): Promise<void> {
    this.#known = this.#take(await request('/web/login', { username }));
    this.reason.set('');
    await this.#known;
  }

  async signOut(): Promise<void> {
    await request('/web/logout', {});
    this.forget('');
  }

  /** The session is over; `reason` says why. */
  forget(reason: string): void {
    this.session.set(null);
    this.reason.set(reason);
    this.#known = Promise.resolve(null);
  }

  /** A token for one connection: the one at hand, else a fresh one. `null` where nobody is signed in any more. */
  async socketToken(): Promise<string | null> {
    if (this.#token === null) await this.renew();
    const token = this.#token;
    this.#token = null;
    return token;
  }

  async #take(answer: Response): Promise<Session> {
    this.#token = answer.headers.get('auth-token');
    const session = (await answer.json()) as Session;
    this.session.set(session);
    return session;
  }
}
