// Opens the app when the server cannot be reached. What people have written is none of its business: it
// keeps the files of one version, which are the same for everybody.
const KEPT = `natter-${FILES.join()}`;
// Longer than this nobody waits for a page that is here.
const PATIENCE = 3000;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(["/", ...FILES])));
});

self.addEventListener("activate", (event) => {
  const clean = async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((name) => name !== KEPT).map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(clean());
});

// Whoever is shown that there is another version has asked for it.
self.addEventListener("message", ({ data }) => {
  if (data === "take over") self.skipWaiting();
});

// Whoever taps a notification gets to its conversation, in a page that is there or in a new one.
self.addEventListener("notificationclick", (event) => {
  const { notification } = event;
  notification.close();
  const open = async () => {
    const [page] = await self.clients.matchAll({ type: "window" });
    if (!page) return self.clients.openWindow(notification.data);
    await page.focus();
    page.postMessage(notification.data);
  };
  event.waitUntil(open());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (FILES.includes(pathname)) event.respondWith(file(request, pathname));
});

// The page as the server has it now; the one that is kept if no answer comes, or one that only says that
// there is no server behind the proxy.
async function page(request) {
  const fresh = fetch(request).then(
    (answer) => (answer.status >= 502 && answer.status <= 504 ? undefined : answer),
    () => undefined,
  );
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE));
  const kept = () => caches.match("/", { cacheName: KEPT });
  return (await Promise.race([fresh, late])) ?? (await kept()) ?? (await fresh) ?? Response.error();
}

async function file(request, pathname) {
  return (await caches.match(pathname, { cacheName: KEPT })) ?? fetch(request);
}
