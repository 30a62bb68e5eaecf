// The keys on this phone. Families and drafts lie under the key that comes with the login; visits to be sent lie
// under a key of the phone's own, so that they can leave in the background while the PIN lock is on.
(function (phone) {
  "use strict";
  const MOST_TRIES = 5;
  let current = null; // the storage key, while the phone is unlocked

  async function forSending() {
    const known = await phone.store.read("keys", "send");
    if (known) return known;
    const fresh = await phone.seal.made();
    return phone.store.change(["keys"], async (stores) => {
      const first = await phone.store.answer(stores.keys.get("send")); // another window may have been faster
      if (first) return first;
      stores.keys.put(fresh, "send");
      return fresh;
    });
  }

  // "none": a login is needed; "locked": the PIN is needed; "open".
  async function state() {
    if (current) return "open";
    const kept = await phone.store.read("keys", "store");
    if (!kept) return "none";
    if (kept.wrapped) return "locked";
    current = kept.key;
    return "open";
  }

  async function keep(base64, pin) {
    const raw = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const key = await phone.seal.imported(raw);
    let kept = { key: key };
    if (pin) {
      const salt = phone.seal.random(16);
      kept = { salt: salt, wrapped: await phone.seal.bytesUnder(await phone.seal.fromPin(pin, salt), raw), tries: 0 };
    }
    await phone.store.keep("keys", "store", kept);
    current = key;
  }

  // Each try is written down before it is made: pulling out the battery gives no further ones.
  async function unlock(pin) {
    const kept = await phone.store.change(["keys"], async (stores) => {
      const found = await phone.store.answer(stores.keys.get("store"));
      if (!found || !found.wrapped) return null;
      found.tries += 1;
      stores.keys.put(found, "store");
      return found;
    });
    if (!kept) return { isOpen: false, left: 0 };
    try {
      const raw = await phone.seal.bytesOf(await phone.seal.fromPin(pin, kept.salt), kept.wrapped);
      current = await phone.seal.imported(raw);
    } catch (error) {
      const left = MOST_TRIES - kept.tries;
      if (left <= 0) await phone.store.drop("keys", "store");
      return { isOpen: false, left: left };
    }
    kept.tries = 0;
    await phone.store.keep("keys", "store", kept);
    return { isOpen: true, left: MOST_TRIES };
  }

  async function hasPin() {
    const kept = await phone.store.read("keys", "store");
    return Boolean(kept && kept.wrapped);
  }

  phone.keys = {
    forSending: forSending,
    forStoring: () => current,
    state: state,
    keep: keep,
    unlock: unlock,
    hasPin: hasPin,
    lock: () => {
      current = null;
    },
  };
})((self.phone = self.phone || {}));
