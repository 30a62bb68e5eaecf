// The line on top of every screen: with or without network, how many wait; and notices that must not be missed.
(function (phone) {
  "use strict";
  const notices = new Set();

  function mark(name, isOn) {
    if (isOn) notices.add(name);
    else notices.delete(name);
    document.querySelectorAll("[data-notice]").forEach((node) => {
      node.hidden = !notices.has(node.dataset.notice);
    });
  }

  async function refresh() {
    const counts = await phone.queue.counts();
    const facts = await phone.facts.all();
    const unsent = counts.waiting + counts.held + counts.refused;
    if (facts.person) phone.facts.mark({ phone: facts.phone, person: facts.person.id, waiting: unsent });
    document.querySelectorAll("[data-waiting-number]").forEach((node) => {
      node.textContent = counts.waiting + counts.refused;
      node.hidden = counts.waiting + counts.refused === 0;
    });
    network();
    return counts;
  }

  function network() {
    const isOn = navigator.onLine;
    document.querySelectorAll("[data-network]").forEach((node) => {
      node.hidden = (node.dataset.network === "on") !== isOn;
    });
  }

  function say(text) {
    const node = document.querySelector("[data-said]");
    node.textContent = text;
    node.hidden = !text;
  }

  // Everything has been sent: what was said about the network is not true any more.
  function arrived() {
    const untrue = ["no_network", "server_trouble", "log_in"].map((name) => phone.say(name));
    if (untrue.includes(document.querySelector("[data-said]").textContent)) say("");
  }

  function trouble(error) {
    if (error.kind === "login") mark("login", true);
    else if (error.kind === "offline") say(phone.say("no_network"));
    else if (error.kind === "too_much") say(phone.say("too_many"));
    else if (error.kind) say(phone.say("server_trouble"));
    else broken(error);
  }

  // Not foreseen: nothing is hidden from whoever can help.
  function broken(error) {
    const isFull = error && (error.name === "QuotaExceededError" || /quota/i.test(String(error.message)));
    if (isFull) mark("full", true);
    else say(phone.say("broken", { what: String((error && error.message) || error) }));
  }

  window.addEventListener("online", network);
  window.addEventListener("offline", network);
  phone.status = {
    mark: mark,
    refresh: refresh,
    say: say,
    arrived: arrived,
    trouble: trouble,
    broken: broken,
    full: (isFull) => mark("full", isFull),
  };
})((self.phone = self.phone || {}));
