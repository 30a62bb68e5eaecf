// Small facts about this phone: its id, whose it is, the server's epoch and clock; and a marker that tells when the
// system has thrown the database away.
(function (phone) {
  "use strict";
  const MARKER = "phone:marker";
  let known = null;

  async function all() {
    if (!known) known = (await phone.store.read("meta", "facts")) || {};
    return known;
  }

  async function set(changes) {
    known = await phone.store.change(["meta"], async (stores) => {
      const now = Object.assign((await phone.store.answer(stores.meta.get("facts"))) || {}, changes);
      stores.meta.put(now, "facts");
      return now;
    });
    return known;
  }

  async function id() {
    const facts = await all();
    if (facts.phone) return facts.phone;
    return phone.store.change(["meta"], async (stores) => {
      const now = (await phone.store.answer(stores.meta.get("facts"))) || {};
      if (!now.phone) now.phone = phone.seal.uuid();
      stores.meta.put(now, "facts");
      known = now;
      return now.phone;
    });
  }

  function marker() {
    try {
      return JSON.parse(localStorage.getItem(MARKER));
    } catch (error) {
      return null; // none, forbidden, or not ours
    }
  }

  function mark(value) {
    if (typeof localStorage === "undefined") return; // the service worker has none
    try {
      if (value) localStorage.setItem(MARKER, JSON.stringify(value));
      else localStorage.removeItem(MARKER);
    } catch (error) {
      return; // full or forbidden: eviction is then not noticed, all else works
    }
  }

  function now() {
    return Date.now() + ((known && known.clock_ahead) || 0);
  }

  // The day in Shanghai, whatever the phone's own zone.
  function today() {
    return new Date(now() + 8 * 3600000).toISOString().slice(0, 10);
  }

  phone.facts = {
    all: all,
    set: set,
    id: id,
    marker: marker,
    mark: mark,
    now: now,
    today: today,
    forget: () => {
      known = null;
    },
  };
})((self.phone = self.phone || {}));
