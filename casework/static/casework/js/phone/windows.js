// Several windows of the app on one phone: what is saved in one is known in the others at once.
(function (phone) {
  "use strict";
  const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("casework-phone");

  async function hear(event) {
    const news = event.data || {};
    if (news.wiped) location.reload();
    if (!news.saved || phone.keys.forStoring() === null) return;
    await phone.made.load();
    await phone.status.refresh();
    const form = document.querySelector("[data-screen] form[data-visit]");
    if (form && form.dataset.visit === news.saved) {
      window.addEventListener("hashchange", () => phone.status.say(phone.say("saved_elsewhere")), { once: true });
      location.hash = "#/saved/" + news.saved;
    }
  }

  if (channel) channel.onmessage = hear;
  phone.windows = { tell: (news) => channel && channel.postMessage(news) };
})((self.phone = self.phone || {}));
