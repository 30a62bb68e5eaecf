// The service worker: keeps the shell, so that it opens without network, and sends in the background.
// It never keeps a personal page: besides the shell's own files everything comes from the network.
(function (phone) {
  "use strict";
  const SHELL = self.SHELL; // {version, page, files, later}: written before this script by the server
  const PREFIX = "phone-shell-";
  const CACHE = PREFIX + SHELL.version;
  const whole = (name) => new URL(name, self.location).href;
  const files = new Set(SHELL.files.map(whole));
  const later = new Set(SHELL.later.map(whole)); // not every phone needs them: kept once a page asked for one
  phone.store.neverMake();

  async function keepPage(cache) {
    const answer = await fetch(new Request(SHELL.page, { credentials: "same-origin", cache: "reload" }));
    if (!answer.ok || answer.redirected) throw new Error("no shell");
    await cache.put(SHELL.page, answer);
  }

  self.addEventListener("install", (event) => {
    const work = async () => {
      const cache = await caches.open(CACHE);
      await Promise.all([keepPage(cache), cache.addAll(SHELL.files)]);
      await self.skipWaiting();
    };
    event.waitUntil(work());
  });

  self.addEventListener("activate", (event) => {
    const work = async () => {
      const names = await caches.keys();
      const old = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE);
      await Promise.all(old.map((name) => caches.delete(name)));
      await self.clients.claim();
    };
    event.waitUntil(work());
  });

  async function kept(request) {
    const cache = await caches.open(CACHE);
    return (await cache.match(request, { ignoreVary: true, ignoreSearch: true })) || fetch(request);
  }

  async function keptOnceAsked(request) {
    const cache = await caches.open(CACHE);
    const known = await cache.match(request, { ignoreVary: true });
    if (known) return known;
    const answer = await fetch(request);
    if (answer.ok) await cache.put(request, answer.clone());
    return answer;
  }

  // Without network every page leads to the shell; the code on a family's door leads to the family in it.
  async function fromNetwork(request, url) {
    try {
      return await fetch(request);
    } catch (error) {
      const code = /^\/h\/([^/]+)\/$/.exec(url.pathname);
      return Response.redirect(SHELL.page + (code ? "#/code/" + code[1] : ""));
    }
  }

  // How many wait here; none when nothing is kept on this phone.
  function counted() {
    return phone.queue.counts().catch((error) => {
      if (error && error.name === "AbortError") return { waiting: 0, refused: 0, photos: 0 };
      throw error;
    });
  }

  // Logging out on another page: unsent visits are looked after first, otherwise the phone is emptied.
  async function loggedOut(request) {
    const counts = await counted();
    if (counts.waiting + counts.refused > 0) return Response.redirect(SHELL.page + "#/leave");
    await phone.send.wipe();
    return fetch(request);
  }

  self.addEventListener("fetch", (event) => {
    const request = event.request;
    const url = new URL(request.url);
    if (url.origin !== self.location.origin) return;
    if (request.mode === "navigate" && request.method === "POST") {
      if (url.pathname === "/logout/") event.respondWith(loggedOut(request));
      return;
    }
    if (request.method !== "GET") return;
    if (request.mode === "navigate") {
      if (url.pathname === SHELL.page) event.respondWith(kept(SHELL.page));
      else if (!url.pathname.startsWith("/admin/")) event.respondWith(fromNetwork(request, url));
    } else if (files.has(url.href)) {
      event.respondWith(kept(request));
    } else if (later.has(url.href)) {
      event.respondWith(keptOnceAsked(request));
    }
  });

  self.addEventListener("sync", (event) => {
    if (event.tag !== "phone-send") return;
    const work = async () => {
      const counts = await counted();
      if (counts.waiting + counts.photos === 0) return;
      const done = await phone.send.run();
      // A window that sends may be closed on the way: the browser asks again later whether anything waits.
      if (["offline", "failed", "busy"].includes(done.state)) throw new Error(done.state);
      const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
      windows.forEach((client) => client.postMessage({ news: done.state }));
    };
    event.waitUntil(work());
  });

  self.addEventListener("message", (event) => {
    if (!event.data || event.data.ask !== "language") return;
    const work = caches.open(CACHE).then(keepPage);
    event.waitUntil(work.then(() => event.source.postMessage({ news: "language" })));
  });
})((self.phone = self.phone || {}));
