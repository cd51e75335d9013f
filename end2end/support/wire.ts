/// A page's WebSocket with somebody in between, who can lose and refuse things.
import type { Page } from '@playwright/test';

/** How often this page opens a WebSocket, from its next load on. */
export async function countSockets(page: Page): Promise<() => Promise<number>> {
  await page.addInitScript(() => {
    const count = { opened: 0 };
    Object.assign(window, { socketCount: count });
    window.WebSocket = class extends WebSocket {
      constructor(url: string | URL, protocols?: string | string[]) {
        super(url, protocols);
        count.opened += 1;
      }
    };
  });
  return () => page.evaluate(() => (window as unknown as { socketCount: { opened: number } }).socketCount.opened);
}

export interface Wire {
  /** Answers the next message that the page sends with a refusal, instead of the server. */
  refuseNextMessage(): void;
  /** Passes the next message on, loses all that comes back, and breaks the connection then. */
  loseNextAnswer(): void;
}

/** Steps in between the page and the server. To be called before the page loads. */
export async function stepIn(page: Page): Promise<Wire> {
  const plan = { refuse: false, lose: false };
  await page.routeWebSocket(/\/socket\.io\//, (socket) => {
    const server = socket.connectToServer();
    let deaf = false;
    socket.onMessage((data) => {
      const event = /^42\/chat,(\d+)\["(?:private|group)Message"/.exec(String(data));
      if (event && plan.refuse) {
        plan.refuse = false;
        const error = { code: 'internal', message: 'The server could not store it.' };
        socket.send(`43/chat,${event[1]}[${JSON.stringify({ success: false, error })}]`);
        return;
      }
      if (event && plan.lose) {
        plan.lose = false;
        deaf = true;
      }
      server.send(data);
    });
    server.onMessage((data) => {
      if (!deaf) {
        socket.send(data);
        return;
      }
      // The answer shows that the message is stored; it is lost with the connection.
      if (/^43\/chat,/.test(String(data))) {
        void server.close();
        void socket.close({ code: 1001 });
      }
    });
  });
  return {
    refuseNextMessage: () => (plan.refuse = true),
    loseNextAnswer: () => (plan.lose = true),
  };
}
