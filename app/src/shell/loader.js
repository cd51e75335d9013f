// Loads the client and starts it; a line that breaks off gets three more tries.
async function load() {
  for (let attempt = 0; ; attempt += 1) {
    try {
      // A browser remembers a failed import by its address, so each further try needs another one.
      const client = await import(attempt === 0 ? SCRIPT : `${SCRIPT}?again=${attempt}`);
      provideLater(await client.default({ module_or_path: WASM }));
      return client;
    } catch (error) {
      if (attempt === 3) throw error;
      await new Promise((resume) => setTimeout(resume, 500 * 3 ** attempt));
    }
  }
}

// Lets the client ask for the file with its later pages, which works in the memory of the first. What
// has arrived must not start anew, and what has not may be asked for again.
function provideLater(first) {
  let later;
  window.natterLater = () =>
    (later ??= WebAssembly.instantiateStreaming(fetch(LATER), { __wasm_split: first }).catch((error) => {
      later = undefined;
      throw error;
    }));
  // Not every browser says when it is idle.
  const whenIdle = window.requestIdleCallback ?? ((run) => setTimeout(run, 2000));
  window.natterLaterWhenIdle = () => whenIdle(() => window.natterLater().catch(() => {}));
}

load().then(
  (client) => client.hydrate(),
  (error) => {
    console.error(error);
    const notice = document.getElementById("load-failed");
    if (!notice) return;
    notice.hidden = false;
    notice.querySelector("button").addEventListener("click", () => location.reload());
  },
);
