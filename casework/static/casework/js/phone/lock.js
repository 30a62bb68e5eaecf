// The PIN: chosen once after the login, asked when the app is opened and after some idle minutes.
(function (phone) {
  "use strict";
  const SHAPE = /^\d{6}$/;
  const LOOK = 10000; // milliseconds between two looks at the clock
  let usedAt = Date.now();

  function wrong(form, text) {
    const node = form.querySelector("[data-pin-wrong]");
    node.textContent = text;
    node.hidden = false;
    form.elements.pin.value = "";
    form.elements.pin.focus();
  }

  // Resolves when a PIN is chosen and the key lies under it.
  function choose(storageKey) {
    const screen = phone.dom.show(phone.dom.copy("pin-new"));
    const form = screen.querySelector("form");
    return new Promise((resolve) => {
      form.addEventListener("submit", async (event) => {
        event.preventDefault();
        const pin = form.elements.pin.value;
        if (!SHAPE.test(pin)) return wrong(form, phone.say("pin_shape"));
        if (pin !== form.elements.again.value) return wrong(form, phone.say("pin_differs"));
        await phone.keys.keep(storageKey, pin);
        return resolve();
      });
    });
  }

  // Resolves with true when unlocked, with false when the key is gone after too many wrong tries.
  function ask() {
    const screen = phone.dom.show(phone.dom.copy("pin"));
    const form = screen.querySelector("form");
    form.elements.pin.focus();
    return new Promise((resolve) => {
      form.addEventListener("submit", async (event) => {
        event.preventDefault();
        const found = await phone.keys.unlock(form.elements.pin.value);
        if (found.isOpen) resolve(true);
        else if (found.left <= 0) resolve(false);
        else wrong(form, phone.say("pin_wrong", { n: found.left }));
      });
    });
  }

  function used() {
    usedAt = Date.now();
  }

  async function look() {
    if (!phone.keys.forStoring()) return;
    const minutes = (await phone.facts.all()).lock_after_minutes || 10;
    if (Date.now() - usedAt < minutes * 60000 || !(await phone.keys.hasPin())) return;
    phone.keys.lock();
    phone.caseload.forget();
    await phone.entry.enter();
  }

  function watch() {
    ["pointerdown", "keydown", "input", "touchstart"].forEach((name) => document.addEventListener(name, used, true));
    setInterval(() => look().catch((error) => phone.status.broken(error)), LOOK);
    document.addEventListener("visibilitychange", () => look().catch((error) => phone.status.broken(error)));
  }

  phone.lock = { choose: choose, ask: ask, watch: watch, used: used };
})((self.phone = self.phone || {}));
