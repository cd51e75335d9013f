/// What runs in the page. It is the same for every client, and looks at nothing but the elements that a person uses.

/** To be given to `addInitScript`: leaves `window.probe`. */
export function probe() {
  const isInView = (element) => {
    const { top, bottom, height } = element.getBoundingClientRect();
    return height > 0 && top < innerHeight && bottom > 0;
  };
  const is = {
    anything: () => true,
    /** The name can be typed. */
    login: () => {
      const field = document.querySelector('#username');
      return field !== null && !field.disabled && isInView(field);
    },
    /** This is the newest message, in view, and one can write. */
    conversation: (text) => is.writable() && is.newest(text),
    newest: (text) => {
      const newest = [...document.querySelectorAll('li.message')].at(-1);
      return newest?.querySelector('.message-text')?.textContent.trim() === text && isInView(newest);
    },
    writable: () => {
      const field = document.querySelector('.composer-input');
      return field !== null && !field.disabled && !field.readOnly && isInView(field);
    },
  };

  /** The next frame, before anything in it has run. */
  const frame = () => new Promise((done) => requestAnimationFrame(() => done(performance.now())));

  // Observers of sizes are told after everything that runs in a frame, and after its layout: what is there then is
  // what the frame shows. So every frame gets something that changes its size.
  const ruler = document.createElement('div');
  Object.assign(ruler.style, { position: 'fixed', visibility: 'hidden', height: '1px', width: '0' });
  const laidOut = async () => {
    const begun = await frame();
    await new Promise((done) => {
      const observer = new ResizeObserver(() => {
        observer.disconnect();
        done();
      });
      ruler.style.width = ruler.style.width === '1px' ? '2px' : '1px';
      observer.observe(ruler);
    });
    return begun;
  };

  /** The moment when the frame that is under way has been painted, and the page listens again. */
  const painted = () =>
    new Promise((done) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => done(performance.now());
      port2.postMessage(null);
    });

  // Of every click and key, how long it took until the next frame was on the screen, as the browser itself measures
  // it: in steps of 8 ms, and not at all below 16.
  // Whatever comes to lie below a resting pointer makes events too, several for each message: they would be most of what
  // the scripts of a page hold more after an hour.
  const presented = [];
  new PerformanceObserver((list) => {
    for (const { name, duration } of list.getEntries()) {
      if (name === 'click' || name === 'keydown') presented.push({ name, duration });
    }
  }).observe({ type: 'event', durationThreshold: 16 });

  /** How long after the event this holds: until the frame began that shows it, and until that was painted. */
  const response = async ({ timeStamp }, name, text) => {
    for (let frames = 1; ; frames += 1) {
      const begun = await laidOut();
      if (is[name](text)) return { frames, begun: begun - timeStamp, painted: (await painted()) - timeStamp };
    }
  };

  let answer;
  let wasm;
  window.probe = {
    /** When, after the navigation began, this was painted for the first time. */
    since: async (name, text) => {
      do await frame();
      while (!is[name](text));
      return painted();
    },
    /** Measures the response to the next event of this type. */
    arm: (type, name, text) => {
      document.documentElement.append(ruler);
      answer = new Promise((done) => {
        const begin = (event) => done(response(event, name, text));
        addEventListener(type, begin, { capture: true, once: true });
      });
    },
    response: () => answer,
    presented,
    /** The names and times of the first paint and of the first that has content, once both have been. */
    paints: () =>
      new Promise((done) => {
        const entries = [];
        new PerformanceObserver((list) => {
          entries.push(...list.getEntries().map(({ name, startTime }) => [name, startTime]));
          if (entries.length === 2) done(entries);
        }).observe({ type: 'paint', buffered: true });
      }),
    waterfall: () => {
      const entries = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
      const rows = entries.map(({ name, requestStart, responseEnd, encodedBodySize }) => {
        const [from, to] = [requestStart, responseEnd].map(Math.round);
        return { path: new URL(name).pathname, from, to, bytes: encodedBodySize };
      });
      return rows.sort((one, other) => one.from - other.from);
    },
    /** How large the memory of WebAssembly has grown, in bytes. */
    wasmBytes: () => wasm?.buffer.byteLength ?? 0,
  };

  for (const name of ['instantiate', 'instantiateStreaming']) {
    const original = WebAssembly[name];
    WebAssembly[name] = async (...parts) => {
      const result = await original.apply(WebAssembly, parts);
      wasm ??= (result.instance ?? result).exports.memory;
      return result;
    };
  }
}
