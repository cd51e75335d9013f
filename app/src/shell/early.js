// Before the first paint: the chosen theme, and which of the pages the skeleton stands for.
{
  const root = document.documentElement;
  try {
    const theme = localStorage.getItem("natter.theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  } catch {}
  const path = location.pathname;
  root.dataset.skeleton = /^\/(login|join|recover)$/.test(path) ? "login" : path === "/" ? "list" : "conversation";
  // A passkey belongs to a name, which an IP address is not.
  if (window.PublicKeyCredential?.parseRequestOptionsFromJSON && !/^[\d.]+$|:/.test(location.hostname)) {
    root.dataset.passkeys = "";
  }
}
// Asked here, so that it runs beside the download of the client and not after it. Status 0 says
// that no answer came. A JSON string, because that is what the client reads without glue code.
window.natterSession = fetch("/web/session", {
  credentials: "same-origin",
  cache: "no-store",
  signal: AbortSignal.timeout ? AbortSignal.timeout(10000) : undefined,
}).then(
  async (answer) => {
    const body = await answer.text();
    return JSON.stringify({ status: answer.status, token: answer.headers.get("auth-token"), body });
  },
).catch(() => JSON.stringify({ status: 0, token: null, body: "" }));
