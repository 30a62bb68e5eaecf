// How one comes in: what the browser must be able to do, whose phone it is, login, PIN; and the ways one is shut out.
(function (phone) {
  "use strict";
  let over = false; // nothing may be kept or sent from this window any more

  function isPossible() {
    return Boolean(self.indexedDB && self.crypto && crypto.subtle && self.Promise && self.fetch && self.TextEncoder);
  }

  function cutOff() {
    over = true;
    phone.caseload.forget();
    phone.dom.show(phone.dom.copy("cut-off"));
    // The service worker may have wiped while this window was reading, and so made the store anew, empty.
    phone.store.shut();
    phone.send.wipe().catch(() => null);
  }

  // Another cadre has logged in, and what the earlier one kept still lies here.
  async function otherPerson() {
    const facts = await phone.facts.all();
    const left = await phone.leave.unsent();
    over = true;
    const values = { name: facts.person.name, unsent: phone.say("unsent_n", { n: left.length }), has_unsent: left.length };
    const screen = phone.dom.show(phone.dom.copy("other-person", values));
    phone.dom.on(screen, "export", "click", () => phone.leave.exportFile());
    phone.dom.on(screen, "wipe", "click", async () => {
      await phone.leave.wipe();
      location.reload();
    });
  }

  async function evicted() {
    const marker = phone.facts.marker();
    if (!marker) return;
    const facts = await phone.facts.all();
    if (facts.phone === marker.phone) return;
    phone.facts.mark(null);
    const node = document.querySelector("[data-evicted]");
    node.textContent = marker.waiting ? phone.say("evicted_lost", { n: marker.waiting }) : phone.say("evicted");
    phone.status.mark("evicted", true);
  }

  function shut(name) {
    phone.dom.show(phone.dom.copy(name));
  }

  // Greets the server and has a PIN chosen; true when the key is there.
  async function greet() {
    try {
      if ((await phone.facts.all()).must_log_in) {
        const isOut = await phone.leave.logOut();
        if (!isOut) {
          shut("first-network");
          return false;
        }
        await phone.facts.set({ must_log_in: false });
      }
      const answer = await phone.send.hello();
      if (answer.isOther) {
        await otherPerson();
        return false;
      }
      await phone.lock.choose(answer.storage_key);
      return true;
    } catch (error) {
      if (!error.kind) throw error;
      if (error.kind === "cut_off") {
        await phone.send.wipe();
        cutOff();
      } else if (error.kind === "old_version") await phone.shell.renew();
      else shut(error.kind === "login" ? "log-in" : "first-network");
      return false;
    }
  }

  async function unlock() {
    if (await phone.lock.ask()) return true;
    await phone.facts.set({ must_log_in: true });
    await greet();
    return false;
  }

  async function enter() {
    document.body.classList.add("is-shut");
    const state = await phone.keys.state();
    if (state === "none" && !(await greet())) return;
    if (state === "locked" && !(await unlock())) return;
    document.body.classList.remove("is-shut");
    phone.lock.used();
    await phone.caseload.load();
    await phone.made.load();
    await phone.status.refresh();
    phone.route();
    phone.sending.soon();
    phone.shell.isPersistent().catch(() => false);
  }

  async function begin() {
    if (!isPossible()) {
      shut("not-possible");
      return;
    }
    try {
      await phone.store.read("meta", "facts");
    } catch (error) {
      shut("not-possible"); // the phone forbids keeping anything: a private window, or no room at all
      return;
    }
    await evicted();
    await enter();
  }

  phone.entry = { begin: begin, enter: enter, cutOff: cutOff, otherPerson: otherPerson, isOver: () => over };
})((self.phone = self.phone || {}));
