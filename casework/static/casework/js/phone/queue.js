// Visits on their way: waiting, held or refused until a receipt repeats id and digest; delivered ones stay 14 days.
(function (phone) {
  "use strict";
  const KEEP_DAYS = 14;
  const DAY = 86400000;

  async function record(visit, more) {
    const key = await phone.keys.forSending();
    const content = { visit: visit, label: more.label, reason: more.reason || "", receipt: more.receipt || null };
    return {
      id: visit.id,
      digest: visit.digest,
      state: more.state || "waiting",
      saved_at: more.saved_at,
      delivered_at: more.delivered_at || null,
      tries: more.tries || 0,
      sealed: await phone.seal.under(key, content),
    };
  }

  // Keeps a visit. "saved", "same" when it lies here already, "other" when other content lies here under its id.
  async function add(visit, label, options) {
    const fresh = await record(visit, { label: label, saved_at: phone.facts.now() });
    return phone.store.change(["queue", "delivered", "drafts"], async (stores) => {
      const lies = await phone.store.answer(stores.queue.get(visit.id));
      const known = lies || (await phone.store.answer(stores.delivered.get(visit.id)));
      const isCorrected = Boolean(lies && lies.state === "refused"); // nothing of it is on the server yet
      if (known && known.digest !== visit.digest && !isCorrected) return "other";
      if (!known || isCorrected) stores.queue.put(fresh, visit.id);
      if (options.replaces && options.replaces !== visit.id) stores.queue.delete(options.replaces);
      if (options.draft) stores.drafts.delete(options.draft);
      return known ? "same" : "saved";
    });
  }

  async function opened(kept) {
    const content = await phone.seal.opened(await phone.keys.forSending(), kept.sealed);
    return Object.assign({}, kept, content);
  }

  async function lines(name) {
    const kept = await phone.store.all(name);
    return Promise.all(kept.map(opened));
  }

  async function counts() {
    const found = { waiting: 0, held: 0, refused: 0, declined: 0, delivered: 0, photos: 0, oldest: null };
    (await phone.store.all("queue")).forEach((kept) => {
      found[kept.state] += 1;
      if (kept.state !== "waiting") return;
      if (found.oldest === null || kept.saved_at < found.oldest) found.oldest = kept.saved_at;
    });
    const delivered = new Set(await phone.store.keys("delivered"));
    found.delivered = delivered.size;
    const photos = await phone.store.keys("photos");
    found.photos = photos.filter((place) => delivered.has(place.split("/")[0])).length;
    found.photos_refused = photos.filter((place) => place.startsWith("refused/")).length;
    return found;
  }

  // Moves what the receipt answers for. The receipt must repeat id and digest, otherwise nothing changes.
  async function deliver(kept, answer) {
    if (answer.id !== kept.id || answer.digest !== kept.digest || !answer.receipt) return false;
    const now = phone.facts.now();
    const more = { label: kept.label, receipt: answer.receipt, state: "delivered", saved_at: kept.saved_at };
    const fresh = await record(kept.visit, Object.assign(more, { delivered_at: now }));
    return phone.store.change(["queue", "delivered"], (stores) => {
      stores.delivered.put(fresh, kept.id);
      stores.queue.delete(kept.id);
      return true;
    });
  }

  // The word that a delivered visit was asked for has been given.
  async function explained(kept, flag) {
    const flags = kept.receipt.flags.map((one) => (one.id === flag ? Object.assign({}, one, { is_explained: true }) : one));
    const receipt = Object.assign({}, kept.receipt, { flags: flags });
    const fresh = await record(kept.visit, Object.assign({}, kept, { receipt: receipt }));
    await phone.store.keep("delivered", kept.id, fresh);
  }

  async function mark(kept, state, reason, tries) {
    const more = { label: kept.label, reason: reason, state: state, saved_at: kept.saved_at, tries: tries };
    const fresh = await record(kept.visit, more);
    await phone.store.change(["queue"], async (stores) => {
      const still = await phone.store.answer(stores.queue.get(kept.id));
      if (still) stores.queue.put(fresh, kept.id);
    });
  }

  // The server was restored from a backup: what it may have lost is offered again, under the same ids.
  async function offerAgain(epoch) {
    await phone.store.change(["queue", "delivered"], async (stores) => {
      const delivered = await phone.store.answer(stores.delivered.getAll());
      delivered.forEach((kept) => {
        stores.queue.put(Object.assign({}, kept, { state: "waiting", delivered_at: null }), kept.id);
        stores.delivered.delete(kept.id);
      });
    });
    await phone.facts.set({ epoch: epoch });
  }

  async function forgetOld() {
    const limit = phone.facts.now() - KEEP_DAYS * DAY;
    await phone.store.change(["delivered", "queue"], async (stores) => {
      const waiting = await phone.store.answer(stores.queue.getAll());
      const isOver = (kept) => kept.state === "declined" && kept.saved_at < limit;
      waiting.filter(isOver).forEach((kept) => stores.queue.delete(kept.id));
      const delivered = await phone.store.answer(stores.delivered.getAll());
      delivered.filter((kept) => kept.delivered_at < limit).forEach((kept) => stores.delivered.delete(kept.id));
    });
  }

  phone.queue = {
    add: add,
    lines: lines,
    counts: counts,
    deliver: deliver,
    explained: explained,
    mark: mark,
    offerAgain: offerAgain,
    forgetOld: forgetOld,
  };
})((self.phone = self.phone || {}));
