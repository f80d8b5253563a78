// Keeps the static demo at hand without a network. The build puts its files and their common fingerprint in here.

const FILES = /*FILES*/ [];
// Caches belong to the host: a demo in another folder of it has its own. No address has a blank in it.
const OWN = `inflight-demo-${registration.scope} `;
const CACHE = `${OWN}/*FINGERPRINT*/`;

addEventListener("install", (event) => {
  event.waitUntil(fill().then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
  event.waitUntil(forget().then(() => clients.claim()));
});

addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  if (method === "GET" && url.startsWith(registration.scope)) event.respondWith(answer(event.request));
});

async function fill() {
  const cache = await caches.open(CACHE);
  // "no-cache" asks the host whether a file that the browser still holds is the one that was built.
  await cache.addAll(FILES.map((file) => new Request(file, { cache: "no-cache" })));
}

async function forget() {
  for (const name of await caches.keys()) {
    if (name.startsWith(OWN) && name !== CACHE) await caches.delete(name);
  }
}

/** From the cache; the view in the query belongs to the page, not to the file. */
async function answer(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request, { ignoreSearch: true, ignoreVary: true });
  return kept ?? fetch(request);
}
