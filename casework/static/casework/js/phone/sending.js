// When to send: at once after saving, when the network returns, when the app is looked at, and again after a while.
(function (phone) {
  "use strict";
  const SOONEST = 15000; // milliseconds
  const LATEST = 300000;
  let pause = SOONEST;
  let timer = 0;

  async function register() {
    if (!navigator.serviceWorker || !navigator.serviceWorker.controller) return;
    const worker = await navigator.serviceWorker.ready;
    if (worker.sync) await worker.sync.register("phone-send").catch(() => null);
  }

  async function now() {
    clearTimeout(timer);
    const done = await phone.send.run();
    const counts = await settle(done);
    pause = done.state === "sent" ? SOONEST : Math.min(pause * 2, LATEST);
    const isStuck = ["cut_off", "other_person", "login", "old_version"].includes(done.state);
    if (counts.waiting + counts.photos && !isStuck) timer = setTimeout(soon, pause);
    return done;
  }

  // Shows what has become of the visits, whoever has sent them.
  async function settle(done) {
    await heed(done);
    if (phone.entry.isOver()) return {}; // nothing may be opened, and so made, again
    await phone.made.load();
    const counts = await phone.status.refresh();
    phone.waiting.refresh();
    const shown = /^#\/saved\/(.+)$/.exec(location.hash);
    if (shown && phone.keys.forStoring()) phone.lists.saved(shown[1]);
    if (done.state === "sent" && phone.keys.forStoring()) await phone.lists.refresh().catch(() => null);
    return counts;
  }

  // What the server's answer means for the whole app.
  async function heed(done) {
    phone.status.mark("login", done.state === "login");
    if (done.state === "sent") phone.status.arrived();
    if (done.state === "cut_off") phone.entry.cutOff();
    if (done.state === "other_person") phone.entry.otherPerson();
    if (done.state === "old_version") await phone.shell.renew();
  }

  async function soon() {
    if (phone.entry.isOver()) return;
    await register();
    if (!navigator.onLine) return;
    now().catch((error) => phone.status.broken(error));
  }

  function watch() {
    phone.send.told = () => {
      phone.status.refresh().catch(() => null);
    };
    window.addEventListener("online", soon);
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) soon();
    });
    if (navigator.serviceWorker) {
      navigator.serviceWorker.addEventListener("message", (event) => {
        const news = event.data ? event.data.news : "language";
        if (news !== "language") settle({ state: news }).catch((error) => phone.status.broken(error));
      });
    }
  }

  phone.sending = { now: now, soon: soon, watch: watch };
})((self.phone = self.phone || {}));
