// The worker of notes: opens the note page of a device that has lost its connection, and seals what a tab that is
// closing had no time to. It keeps one page without anything of any review in it, and the files that this page needs;
// never another page, and nothing that was asked of Upstream. What it is served with stands in front: PRECACHE (the
// addresses of those files), SHELL (that page) and VERSION; and device-store.js.

const CACHE = `upstream-notes ${VERSION}`;
const PATIENCE = 10000; // for a connection that is there and brings nothing
const NOTE_PAGE = /^\/reviews\/[^/]+\/(notes|needed)\//;
const DOWN = [502, 503, 504]; // what stands before Upstream says so, where it is not there

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(
    caches.open(CACHE).then((cache) =>
      // As nobody in particular: this page greets nobody by name.
      cache.addAll([SHELL, ...PRECACHE].map((url) => new Request(url, { credentials: "omit", cache: "no-cache" }))),
    ),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => names.filter((name) => name.startsWith("upstream-notes ") && name !== CACHE))
      .then((names) => Promise.all(names.map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    if (NOTE_PAGE.test(url.pathname)) event.respondWith(pageOrShell(request));
  } else if (PRECACHE.includes(url.pathname)) {
    event.respondWith(fileOrKept(request, url));
  }
});

async function pageOrShell(request) {
  const kept = () => caches.match(SHELL);
  try {
    const response = await soon(request);
    return (DOWN.includes(response.status) && (await kept())) || response;
  } catch {
    return (await kept()) || Response.error();
  }
}

async function fileOrKept(request, url) {
  try {
    const response = await soon(request);
    if (response.ok) return response;
  } catch {
    // It is kept.
  }
  return (await caches.match(url.pathname)) || Response.error();
}

function soon(request) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error("late")), PATIENCE));
  return Promise.race([fetch(request), late]);
}

// A page that closes can't wait until something is sealed. It gives it to us, who stay a moment longer.
self.addEventListener("message", (event) => {
  if (event.data.seal) event.waitUntil(sealed(event.data.seal));
});

async function sealed({ person, begun, fields }) {
  const store = await DeviceStore.open(person);
  try {
    const stands = (now) => now && now.typed_at >= fields.typed_at;
    await store.change(begun.key, (now) =>
      stands(now) ? now : { ...(now ?? begun), ...fields, unsent: true, refused: null },
    );
  } finally {
    store.close();
  }
}
