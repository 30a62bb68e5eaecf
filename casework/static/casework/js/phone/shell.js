// The shell around the screens: its service worker, its language, a new version of it.
(function (phone) {
  "use strict";

  let isWithoutWorker = false;

  function without() {
    isWithoutWorker = true;
    phone.status.mark("no-worker", true);
  }

  async function register() {
    if (!navigator.serviceWorker) {
      without();
      return;
    }
    let hadOne = Boolean(navigator.serviceWorker.controller);
    navigator.serviceWorker.addEventListener("controllerchange", () => {
      if (hadOne) phone.status.mark("new-version", true); // what is typed is kept: load it when it suits
      hadOne = true;
    });
    await navigator.serviceWorker.register("/sw.js").catch(without);
  }

  // Said where one sets out; above each form it would only stand in the way.
  function warn(isStart) {
    phone.status.mark("no-worker", isWithoutWorker && isStart);
  }

  // The server takes this version no longer: fetch the present one. The queue stays where it is.
  async function renew() {
    const tried = sessionStorage.getItem("phone:renewed");
    phone.status.mark("new-version", true);
    if (tried) return;
    sessionStorage.setItem("phone:renewed", "1");
    const worker = navigator.serviceWorker ? await navigator.serviceWorker.getRegistration() : null;
    if (worker) await worker.update().catch(() => null);
    setTimeout(() => location.reload(), 1500);
  }

  function chosen() {
    const found = /(?:^|; )django_language=([^;]+)/.exec(document.cookie);
    return found ? found[1] : "zh-hans";
  }

  // The kept shell speaks one language; when another was chosen meanwhile, it is fetched anew.
  async function follow() {
    const spoken = document.documentElement.dataset.language;
    const worker = navigator.serviceWorker && navigator.serviceWorker.controller;
    if (chosen() === spoken || !navigator.onLine || !worker || sessionStorage.getItem("phone:language") === chosen()) return;
    sessionStorage.setItem("phone:language", chosen());
    navigator.serviceWorker.addEventListener("message", (event) => {
      if (event.data && event.data.news === "language") location.reload();
    });
    worker.postMessage({ ask: "language" });
  }

  async function choose(language) {
    const form = new FormData();
    form.append("language", language);
    form.append("next", "/phone/");
    const how = { method: "POST", body: form, credentials: "same-origin", redirect: "manual" };
    how.headers = { "X-CSRFToken": await phone.api.token() };
    await fetch("/language/", how);
    sessionStorage.removeItem("phone:language");
    if (navigator.serviceWorker && navigator.serviceWorker.controller) await follow();
    else location.reload();
  }

  async function isPersistent() {
    if (!navigator.storage || !navigator.storage.persist) return false;
    return (await navigator.storage.persisted()) || navigator.storage.persist();
  }

  phone.shell = {
    register: register,
    warn: warn,
    renew: renew,
    follow: follow,
    choose: choose,
    isPersistent: isPersistent,
  };
})((self.phone = self.phone || {}));
