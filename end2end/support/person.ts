/// Somebody who is signed in without a browser: the session's cookie, a token for the socket, and
/// the requests and connections that they make.
import { ChatSocket, type ConnectOptions } from './chat_socket.ts';
import type { Conversation, Message, Session, User } from './protocol.ts';

/** Signs in as a program does. */
export async function signIn(origin: string, username: string, socketOrigin: string = origin): Promise<Person> {
  const answer = await login(origin, username);
  if (answer.status !== 200) throw new Error(`${username} cannot sign in: ${answer.status} ${await answer.text()}`);
  return new Person(
    origin,
    socketOrigin,
    ((await answer.json()) as Session).username,
    sessionCookie(answer),
    answer.headers.get('auth-token') ?? '',
  );
}

export function login(origin: string, username: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${origin}/web/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ username }),
  });
}

/** The session's JWT, out of the answer to a sign-in. */
export function sessionCookie(answer: Response): string {
  const cookie = answer.headers.getSetCookie().find((line) => line.startsWith('chatToken='));
  return cookie?.slice('chatToken='.length).split(';')[0] ?? '';
}

export class Person {
  #sockets: ChatSocket[] = [];

  constructor(
    readonly origin: string,
    readonly socketOrigin: string,
    readonly username: string,
    /** The JWT in the cookie: the session. */
    readonly session: string,
    /** The JWT in the header: good for opening a socket. */
    readonly token: string,
  ) {}

  get cookie(): string {
    return `chatToken=${this.session}`;
  }

  get(path: string): Promise<Response> {
    return fetch(this.origin + path, { headers: { cookie: this.cookie } });
  }

  async users(): Promise<User[]> {
    return (await this.json(await this.get('/web/users'))) as User[];
  }

  async conversations(): Promise<Conversation[]> {
    return (await this.json(await this.get('/web/conversations'))) as Conversation[];
  }

  async conversation(id: string): Promise<Conversation> {
    const found = (await this.conversations()).find((conversation) => conversation.id === id);
    if (!found) throw new Error(`${this.username} has no conversation ${id}.`);
    return found;
  }

  async history(conversationId: string, query = 'limit=200'): Promise<Message[]> {
    return (await this.json(await this.page(conversationId, query))) as Message[];
  }

  page(conversationId: string, query = ''): Promise<Response> {
    return this.get(`/web/conversations/${conversationId}/messages${query && `?${query}`}`);
  }

  /** Opens one more socket, with the token in the auth payload unless the options say otherwise. */
  connect(options: ConnectOptions = {}): Promise<ChatSocket> {
    return this.socket({ auth: { token: this.token }, ...options }).connect();
  }

  /** A socket that is not connected yet, with nothing but what the options bring. */
  socket(options: ConnectOptions = {}): ChatSocket {
    const socket = new ChatSocket(this.socketOrigin, this.username, options);
    this.#sockets.push(socket);
    return socket;
  }

  leave(): void {
    for (const socket of this.#sockets) socket.close();
  }

  async json(answer: Response): Promise<unknown> {
    if (!answer.ok) throw new Error(`${answer.url} answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  }
}
