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

// What has arrived does not start anew, and what has not may be asked for again.
function once(run) {
  let result;
  return () =>
    (result ??= run().catch((error) => {
      result = undefined;
      throw error;
    }));
}

// Lets the client ask for the file with its later pages, which works in the memory of the first.
function provideLater(first) {
  window.natterLater = once(() => WebAssembly.instantiateStreaming(fetch(LATER), { __wasm_split: first }));
  // Not every browser says when it is idle.
  const whenIdle = window.requestIdleCallback ?? ((run) => setTimeout(run, 2000));
  // All who wait for this get it in the same moment: where one sees a part of it, all of it is there.
  window.natterLaterWhenIdle = once(async () => {
    for (let pause = 2000; ; pause *= 2) {
      await new Promise(whenIdle);
      try {
        return await window.natterLater();
      } catch (error) {
        if (pause > 1e6) throw error;
        await new Promise((resume) => setTimeout(resume, pause));
      }
    }
  });
}

// The form for signing in works before the client has come, except that what is pressed waits for it.
{
  const login = document.querySelector("#skeleton > .login");
  const form = login.querySelector("form");
  let isTakenOver, pressed;
  login.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.className === "password-toggle") {
      const field = button.previousSibling;
      const shows = field.type === "password";
      field.type = shows ? "text" : "password";
      button.textContent = shows ? WORDS.hide : WORDS.show;
      button.ariaLabel = shows ? WORDS.hidePassword : WORDS.showPassword;
    } else if (!isTakenOver) {
      event.preventDefault();
      pressed = button;
      button.ariaBusy = "true";
      if (button.id) button.textContent = WORDS.signingIn;
    }
  });
  // Moves the form into an element of the client, or forgets what was typed in it.
  window.natterLogin = (into) => {
    if (!into) {
      login.querySelector('[type="text"] + .password-toggle')?.click();
      return form.reset();
    }
    const { activeElement } = document;
    into.append(login);
    isTakenOver = true;
    (login.contains(activeElement) ? activeElement : form.username).focus();
    pressed?.click();
    pressed = undefined;
  };
}

load().then(
  (client) => client.hydrate(),
  (error) => {
    console.error(error);
    const notice = document.getElementById("load-failed");
    if (!notice) return;
    document.querySelector("#skeleton .login").remove();
    notice.hidden = false;
    notice.querySelector("button").addEventListener("click", () => location.reload());
  },
);
