// Which address shows which screen, and the start of it all.
(function (phone) {
  "use strict";

  function target(text) {
    const household = /^household=(\d+)$/.exec(text);
    if (household) return { household: Number(household[1]) };
    const village = /^village=(\d{12})$/.exec(text);
    return village ? { village: village[1] } : null;
  }

  async function more() {
    const facts = await phone.facts.all();
    const isSafe = await phone.shell.isPersistent().catch(() => false);
    const values = { name: facts.person.name, is_safe: isSafe, is_unsafe: !isSafe, phone: facts.phone.slice(0, 8) };
    const screen = phone.dom.show(phone.dom.copy("more", values));
    phone.dom.on(screen, "language", "click", (event) => {
      phone.shell.choose(event.currentTarget.value).catch((error) => phone.status.trouble(error));
    });
    phone.dom.on(screen, "lock", "click", () => {
      phone.keys.lock();
      phone.caseload.forget();
      phone.entry.enter();
    });
  }

  function fix(id) {
    const line = phone.made.lineOf(id);
    if (!line) return phone.waiting.show();
    const visit = line.visit;
    return phone.visit.show(visit.household ? { household: visit.household } : { village: visit.village }, line);
  }

  function screenOf(parts) {
    if (parts[0] === "plan") return phone.lists.plan(parts[1], parts[2] === "all");
    if (parts[0] === "family") return phone.lists.family(Number(parts[1]));
    if (parts[0] === "visit" && target(parts[1] || "")) return phone.visit.show(target(parts[1]));
    if (parts[0] === "fix") return fix(parts[1]);
    if (parts[0] === "saved") return phone.lists.saved(parts[1]);
    if (parts[0] === "waiting") return phone.waiting.show();
    if (parts[0] === "more") return more();
    if (parts[0] === "leave") return phone.leave.show();
    if (parts[0] === "scan") return phone.scan.show();
    if (parts[0] === "code") return phone.scan.open(parts[1]) ? null : phone.lists.start();
    return phone.lists.start();
  }

  async function route() {
    if (!phone.keys.forStoring() || phone.entry.isOver()) return;
    const parts = location.hash.replace(/^#\//, "").split("/");
    phone.shell.warn(!parts[0]);
    await screenOf(parts);
    document.querySelectorAll("[data-way]").forEach((way) => {
      const isHere = way.dataset.way === (["waiting", "more"].includes(parts[0]) ? parts[0] : "start");
      if (isHere) way.setAttribute("aria-current", "page");
      else way.removeAttribute("aria-current");
    });
  }

  function moved() {
    phone.status.say("");
    window.scrollTo(0, 0);
    phone.route();
    const main = document.querySelector("main");
    if (main) main.focus({ preventScroll: true });
  }

  // The page behind a family's code may lead here with the family's number.
  function fromAddress() {
    const asked = /[?&]household=(\d+)/.exec(location.search);
    if (asked) history.replaceState(null, "", "/phone/#/family/" + asked[1]);
  }

  phone.route = () => route().catch((error) => phone.status.broken(error));
  fromAddress();
  window.addEventListener("hashchange", moved);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-act=reload]")) location.reload();
  });
  phone.lock.watch();
  phone.sending.watch();
  phone.shell.register();
  phone.entry
    .begin()
    .then(() => phone.shell.follow())
    .catch((error) => phone.status.broken(error));
})((self.phone = self.phone || {}));
