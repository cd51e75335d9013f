// Before the first paint: the chosen theme and density, and which of the pages the skeleton stands for.
{
  const root = document.documentElement;
  try {
    const theme = localStorage.getItem("natter.theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    if (localStorage.getItem("natter.density") === "compact") root.dataset.density = "compact";
  } catch {}
  const path = location.pathname;
  root.dataset.skeleton =
    path === "/login" ? "login" : /^\/(join|recover)$/.test(path) ? "form" : path === "/" ? "list" : "conversation";
  // A passkey belongs to a name, which an IP address is not.
  if (window.PublicKeyCredential?.parseRequestOptionsFromJSON && !/^[\d.]+$|:/.test(location.hostname)) {
    root.dataset.passkeys = "";
  }
}
// What the client asks first is asked here, so that it runs beside the download of the client and not
// after it. Each answer is given away once, and not long after it came.
{
  const answers = new Map();
  const ask = (address) => {
    // Read to its end at once, because the signal would end that too.
    const answer = fetch(address, { cache: "no-store", signal: AbortSignal.timeout(10000) }).then(
      async (it) => new Response(await it.text(), it),
    );
    answers.set(address, answer);
    return answer;
  };
  window.natterEarly = (address) => {
    const answer = answers.get(address);
    answers.delete(address);
    return answer;
  };
  setTimeout(() => answers.clear(), 20000);
  const begin = async () => {
    const { status } = await ask("/web/session");
    const { dataset } = document.documentElement;
    if (status === 401 && /^\/($|people|groups|settings|admin)/.test(location.pathname)) dataset.skeleton = "login";
    if (status !== 200) {
      if (document.activeElement === document.body) document.querySelector("#skeleton input")?.focus();
      return;
    }
    if (dataset.skeleton === "login") dataset.skeleton = "list";
    ask("/web/users").catch(() => {});
    const list = await ask("/web/conversations");
    const [, , id] = location.pathname.split("/").map(decodeURIComponent);
    const isOpen = (it) => it.id === id || (it.kind === "private" && it.members.includes(id));
    const open = id && (await list.clone().json()).find(isOpen);
    // With more to read it begins further up.
    if (open?.unread <= 10) await ask(`/web/conversations/${open.id}/messages?limit=30`);
  };
  // Whoever takes an answer sees what became of it.
  begin().catch(() => {});
}
