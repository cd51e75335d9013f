/// The WebSockets of pages with somebody in between, who can lose and refuse things.
import type { BrowserContext, Page } from '@playwright/test';

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
  /** The texts that pages have sent to the server, in the order of sending, each as often as it was sent. */
  readonly sent: string[];
  /** Answers the next message that a page sends with a refusal, instead of the server. */
  refuseNextMessage(): void;
  /** Passes the next message on, loses all that comes back, and breaks the connection then. */
  loseNextAnswer(): void;
  /** Breaks every connection, and lets none through until `mend` is called. Pages load all the same. */
  cut(): Promise<void>;
  mend(): void;
}

/**
 * Steps in between a page, or all pages of a context, and the server. To be called before they load.
 */
export async function stepIn(pages: Page | BrowserContext): Promise<Wire> {
  const plan = { refuse: false, lose: false, cut: false };
  const sent: string[] = [];
  const lines = new Set<() => Promise<void>>();
  // Nothing goes past the WebSocket, by long-polling.
  await pages.route(/\/socket\.io\/.*transport=polling/, (route) => route.abort());
  await pages.routeWebSocket(/\/socket\.io\//, (socket) => {
    if (plan.cut) {
      void socket.close({ code: 1001 });
      return;
    }
    const server = socket.connectToServer();
    const end = async (): Promise<void> => {
      lines.delete(end);
      await Promise.all([server.close(), socket.close({ code: 1001 })]);
    };
    lines.add(end);
    let deaf = false;
    socket.onMessage((data) => {
      const event = /^42\/chat,(\d+)(\["(?:private|group)Message".*)$/s.exec(String(data));
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
      if (event) sent.push((JSON.parse(String(event[2])) as [string, { text: string }])[1].text);
      server.send(data);
    });
    server.onMessage((data) => {
      if (!deaf) {
        socket.send(data);
        return;
      }
      // The answer shows that the message is stored; it is lost with the connection.
      if (/^43\/chat,/.test(String(data))) void end();
    });
  });
  return {
    sent,
    refuseNextMessage: () => (plan.refuse = true),
    loseNextAnswer: () => (plan.lose = true),
    cut: async () => {
      plan.cut = true;
      await Promise.all([...lines].map((end) => end()));
    },
    mend: () => (plan.cut = false),
  };
}
