// What is being typed, kept at each keystroke until it is saved. One draft a family, whatever window it is typed in.
(function (phone) {
  "use strict";
  const waiting = new Map(); // the latest values not yet written, by target
  const writing = new Map();

  // The draft of the target, or the fresh one, kept at once: two windows opened together get the same id.
  async function open(target, fresh) {
    const key = phone.keys.forStoring();
    const sealed = await phone.seal.under(key, fresh);
    const first = await phone.store.change(["drafts"], async (stores) => {
      const known = await phone.store.answer(stores.drafts.get(target));
      if (!known) stores.drafts.put(sealed, target);
      return known;
    });
    if (!first) return { values: fresh, isRestored: false };
    try {
      const values = await phone.seal.opened(key, first);
      if (values.typed) return { values: values, isRestored: true };
      // Opened before and left alone, perhaps yesterday: the id stays, what is known by now is put in.
      return { values: Object.assign({}, fresh, { id: values.id }), isRestored: false };
    } catch (error) {
      await phone.store.keep("drafts", target, sealed); // of an earlier key, which nobody has any more
      return { values: fresh, isRestored: false };
    }
  }

  async function write(target) {
    while (waiting.has(target)) {
      const values = waiting.get(target);
      waiting.delete(target);
      await phone.store.keep("drafts", target, await phone.seal.under(phone.keys.forStoring(), values));
    }
  }

  // Resolves when these values, or later ones, are on the disk; rejects when the phone is full.
  function keep(target, values) {
    waiting.set(target, JSON.parse(JSON.stringify(values)));
    if (!writing.has(target)) {
      const work = write(target);
      writing.set(target, work);
      const over = () => writing.delete(target);
      work.then(over, over);
    }
    return writing.get(target);
  }

  async function settle(target) {
    waiting.delete(target);
    if (writing.has(target)) await writing.get(target).catch(() => null);
  }

  async function drop(target) {
    await settle(target);
    await phone.store.drop("drafts", target);
  }

  // What is remembered until the evening: how one goes about today, and with whom.
  async function dayHabits() {
    const sealed = await phone.store.read("drafts", "day");
    const kept = sealed ? await phone.seal.opened(phone.keys.forStoring(), sealed).catch(() => null) : null;
    return kept && kept.day === phone.facts.today() ? kept : {};
  }

  async function rememberDay(habits) {
    const kept = Object.assign({ day: phone.facts.today() }, habits);
    await phone.store.keep("drafts", "day", await phone.seal.under(phone.keys.forStoring(), kept));
  }

  phone.drafts = { open: open, keep: keep, settle: settle, drop: drop, dayHabits: dayHabits, rememberDay: rememberDay };
})((self.phone = self.phone || {}));
