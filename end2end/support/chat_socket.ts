/// A stock socket.io-client that keeps what it received, so that a test can ask for it before or
/// after it came.
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';

import type { Acknowledgement, ClientEvents, Message, ServerEvents } from './protocol.ts';

const PATIENCE = 10_000;

export type ConnectOptions = Partial<ManagerOptions & SocketOptions>;
type EventName = keyof ServerEvents;
type Seen = { name: string; payload: unknown; at: number };

export class ChatSocket {
  /** Whether messages are acknowledged as they come, as a client that works does. */
  acknowledges = true;
  readonly socket: Socket;
  readonly #username: string;
  #seen: Seen[] = [];
  #unacknowledged: (() => void)[] = [];
  #watchers = new Set<() => void>();

  constructor(origin: string, username: string, options: ConnectOptions) {
    this.#username = username;
    // A manager of its own: two sockets of one test are two connections, as two devices are.
    this.socket = io(`${origin}/chat`, { forceNew: true, autoConnect: false, ...options });
    this.socket.onAny((name: string, payload: unknown, acknowledge?: unknown) => {
      if (name === 'response' && typeof acknowledge === 'function') this.#acknowledge(acknowledge as () => void);
      this.#notice(name, payload);
    });
    this.socket.on('disconnect', (reason) => this.#notice('disconnect', reason));
  }

  /**
   * Connects; fails with the server's message where it refuses. A line that breaks on the way is told, and
   * tried again, as the client does by itself.
   */
  async connect(): Promise<this> {
    const outcome = new Promise<this>((done, fail) => {
      let tries = 0;
      const hear = (error: Error & { description?: unknown; context?: { responseText?: string } }) => {
        const { message, description, context } = error;
        if (description === 0 && this.socket.io.reconnection() && (tries += 1) < 3) {
          const cause = context?.responseText?.split('\n')[0] ?? '';
          console.warn(`No answer came to ${this.#username}'s handshake (${message}; ${cause}); it is tried again.`);
        } else if (typeof description === 'number') {
          fail(new Error(`${message}: HTTP ${description} ${context?.responseText ?? ''}`));
        } else {
          fail(error);
        }
      };
      this.socket.on('connect_error', hear);
      this.socket.once('connect', () => {
        this.socket.off('connect_error', hear);
        done(this);
      });
    });
    this.socket.connect();
    return outcome;
  }

  close(): void {
    this.socket.disconnect();
  }

  /** Emits one of the contract's events and returns its acknowledgement. */
  send<Name extends keyof ClientEvents>(
    name: Name,
    payload: ClientEvents[Name]['payload'],
  ): Promise<Acknowledgement<ClientEvents[Name]['response']>> {
    return this.emit(name, payload) as Promise<Acknowledgement<ClientEvents[Name]['response']>>;
  }

  /** As `send`, for what has to succeed: the answer is what the acknowledgement holds. */
  async ask<Name extends keyof ClientEvents>(
    name: Name,
    payload: ClientEvents[Name]['payload'],
  ): Promise<ClientEvents[Name]['response']> {
    const answer = await this.send(name, payload);
    if (!answer.success) throw new Error(`${name} was refused: ${answer.error.code}, ${answer.error.message}`);
    return answer.response;
  }

  /** Emits anything at all, of whatever shape, and returns what it was acknowledged with. */
  emit(name: string, ...payload: unknown[]): Promise<Acknowledgement<unknown>> {
    return this.socket.timeout(PATIENCE).emitWithAck(name, ...payload) as Promise<Acknowledgement<unknown>>;
  }

  /** The first event of this name, and for which `matches` holds, that came or will come. */
  seen<Name extends EventName>(
    name: Name,
    matches: (payload: ServerEvents[Name]) => boolean = () => true,
    patience: number = PATIENCE,
  ): Promise<ServerEvents[Name]> {
    const find = () => this.all(name).find(matches);
    return this.#until(find, patience, `no fitting “${name}” came`);
  }

  /** The message of this text, as a `response` event brought or will bring it. */
  async message(text: string): Promise<Message> {
    return (await this.seen('response', (event) => event.response.text === text)).response;
  }

  /** Waits until as many events of this name have come, and returns all there are by then. */
  count<Name extends EventName>(name: Name, atLeast: number, patience: number = PATIENCE): Promise<ServerEvents[Name][]> {
    const find = () => (this.all(name).length >= atLeast ? this.all(name) : undefined);
    return this.#until(find, patience, `fewer than ${atLeast} of “${name}” came`);
  }

  /** Every event of this name so far, in the order of arrival. */
  all<Name extends EventName>(name: Name): ServerEvents[Name][] {
    return this.#seen.filter((event) => event.name === name).map((event) => event.payload as ServerEvents[Name]);
  }

  /** When the events of this name came, in milliseconds. */
  times<Name extends EventName>(name: Name, matches: (payload: ServerEvents[Name]) => boolean): number[] {
    return this.#seen
      .filter((event) => event.name === name && matches(event.payload as ServerEvents[Name]))
      .map((event) => event.at);
  }

  /** The texts of the messages so far, in the order of arrival. */
  texts(): string[] {
    return this.all('response').map((event) => event.response.text);
  }

  /** Why the connection ended; waits until it has. */
  disconnected(patience: number = PATIENCE): Promise<string> {
    const find = () => this.#seen.find((event) => event.name === 'disconnect')?.payload as string | undefined;
    return this.#until(find, patience, 'the connection did not end');
  }

  /** Acknowledges the messages that were held back so far, and those to come as they come. */
  acknowledgeHeldBack(): void {
    this.acknowledges = true;
    for (const acknowledge of this.#unacknowledged.splice(0)) acknowledge();
  }

  /** Acknowledges the newest message that was held back, and none before it. */
  acknowledgeNewestHeldBack(): void {
    this.#unacknowledged.pop()?.();
  }

  #acknowledge(acknowledge: (answer: unknown) => void): void {
    const answer = () => acknowledge({ success: true, receiver: this.#username });
    if (this.acknowledges) answer();
    else this.#unacknowledged.push(answer);
  }

  #notice(name: string, payload: unknown): void {
    this.#seen.push({ name, payload, at: performance.now() });
    for (const watcher of [...this.#watchers]) watcher();
  }

  #until<T>(find: () => T | undefined, patience: number, complaint: string): Promise<T> {
    return new Promise((done, fail) => {
      const look = () => {
        const found = find();
        if (found === undefined) return;
        this.#watchers.delete(look);
        clearTimeout(timer);
        done(found);
      };
      const timer = setTimeout(() => {
        this.#watchers.delete(look);
        const names = this.#seen.map((event) => event.name).join(', ');
        fail(new Error(`In ${patience} ms ${complaint} to ${this.#username}. There came: ${names || 'nothing'}.`));
      }, patience);
      this.#watchers.add(look);
      look();
    });
  }
}
