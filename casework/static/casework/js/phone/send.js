// Sends what waits: texts first, then photos. One window, or the service worker, sends at a time.
// `phone.version` is written before the scripts by the server.
(function (phone) {
  "use strict";
  const BATCH = 50;
  const MOST_TRIES = 3; // of a visit that arrives damaged
  const FOR_EVER = [409, 413, 415]; // answers about a photo that will not change
  let isBusy = false;

  // Runs `work` unless somebody else sends already.
  async function alone(work) {
    if (self.navigator && navigator.locks) {
      return navigator.locks.request("phone-send", { ifAvailable: true }, (lock) => (lock ? work() : null));
    }
    if (isBusy) return null;
    isBusy = true;
    try {
      return await work();
    } finally {
      isBusy = false;
    }
  }

  // Greets the server; keeps whose phone it is, the epoch and by how much the phone's clock is wrong.
  async function hello() {
    const counts = await phone.queue.counts();
    const answer = await phone.api.post("hello/", {
      phone: await phone.facts.id(),
      app_version: phone.version,
      waiting: counts.waiting,
      oldest_waiting_at: counts.oldest === null ? null : new Date(counts.oldest).toISOString(),
    });
    const facts = await phone.facts.all();
    if (facts.person && facts.person.id !== answer.person.id) return { isOther: true, person: answer.person };
    if (facts.epoch && facts.epoch !== answer.epoch) await phone.queue.offerAgain(answer.epoch);
    await phone.facts.set({
      person: answer.person,
      epoch: answer.epoch,
      lock_after_minutes: answer.lock_after_minutes,
      clock_ahead: new Date(answer.server_now).getTime() - Date.now(),
    });
    return answer;
  }

  async function settle(kept, answer) {
    if (answer.state === "stored") return phone.queue.deliver(kept, answer);
    if (answer.state === "unknown") return phone.queue.mark(kept, "waiting", "");
    const tries = (kept.tries || 0) + 1;
    if (answer.reason_code === "damaged" && tries < MOST_TRIES) {
      return phone.queue.mark(kept, "waiting", answer.reason, tries); // as it lies here it is whole: sent once more
    }
    const isOurs = answer.id === kept.id && answer.digest === kept.digest;
    if (answer.state !== "refused" && !isOurs) return false;
    if (kept.state === answer.state && kept.reason === answer.reason) return false;
    return phone.queue.mark(kept, answer.state, answer.reason);
  }

  async function settleAll(batch, answers) {
    for (const kept of batch) {
      const answer = answers.find((one) => one.id === kept.id);
      if (answer) await settle(kept, answer);
    }
  }

  async function posted(batch) {
    return phone.api.post("visits/", {
      phone: await phone.facts.id(),
      app_version: phone.version,
      person: (await phone.facts.all()).person.id, // the login may have changed since the greeting
      sent_at: new Date(phone.facts.now()).toISOString(),
      visits: batch.map((kept) => kept.visit),
    });
  }

  async function texts() {
    let waiting = (await phone.queue.lines("queue")).filter((kept) => kept.state === "waiting");
    waiting.sort((one, other) => one.saved_at - other.saved_at);
    let size = BATCH;
    while (waiting.length) {
      const batch = waiting.slice(0, size);
      const answer = await posted(batch).catch((error) => {
        const isTooMuch = error.kind === "too_much" || error.status === 400;
        if (!isTooMuch || size === 1) throw error;
        return null;
      });
      if (answer) {
        await settleAll(batch, answer.answers);
        tell();
        waiting = waiting.slice(size);
      } else {
        size = Math.ceil(size / 2);
      }
    }
  }

  // What was held may have been decided since.
  async function heldOnes() {
    const held = (await phone.queue.lines("queue")).filter((kept) => kept.state === "held");
    for (let start = 0; start < held.length; start += BATCH) {
      const batch = held.slice(start, start + BATCH);
      const answer = await phone.api.get("visits/?ids=" + batch.map((kept) => kept.id).join(","));
      await settleAll(batch, answer.answers);
    }
  }

  async function photos() {
    const waiting = new Set(await phone.store.keys("queue"));
    const arrived = new Set(await phone.store.keys("delivered"));
    for (const place of await phone.store.keys("photos")) {
      const visit = place.split("/")[0];
      if (waiting.has(visit) || !arrived.has(visit)) continue;
      const photo = await phone.store.read("photos", place);
      const bytes = await phone.seal.bytesOf(await phone.keys.forSending(), photo.sealed);
      const form = new FormData();
      form.append("visit", photo.visit);
      form.append("id", photo.id);
      form.append("person", (await phone.facts.all()).person.id);
      form.append("file", new Blob([bytes], { type: "image/jpeg" }), photo.id + ".jpg");
      const answer = await phone.api.upload("photos/", form).catch((error) => {
        if (error.kind === "failed" || error.kind === "too_much") return { status: error.status };
        throw error;
      });
      if (answer.id === photo.id) await phone.store.drop("photos", place);
      else if (FOR_EVER.includes(answer.status)) await setAside(photo, place);
    }
  }

  // The server will never take this photo. It stays on the phone, is said, and is not tried again.
  async function setAside(photo, place) {
    await phone.store.change(["photos"], (stores) => {
      stores.photos.put(photo, "refused/" + place);
      stores.photos.delete(place);
    });
  }

  function tell(news) {
    if (phone.send.told) phone.send.told(news || {});
  }

  // Returns what happened: "sent", "busy" when somebody else sends, "other_person", or the kind of trouble.
  async function run() {
    const done = await alone(async () => {
      try {
        const answer = await hello();
        if (answer.isOther) return { state: "other_person", person: answer.person };
        tell({ hello: answer });
        await texts();
        await heldOnes();
        await photos();
        await phone.queue.forgetOld();
        return { state: "sent", hello: answer };
      } catch (error) {
        if (!error.kind) throw error;
        if (error.kind === "cut_off") await phone.send.wipe();
        return { state: error.kind };
      }
    });
    return done || { state: "busy" };
  }

  async function wipe() {
    phone.keys.lock();
    await phone.store.wipe();
    phone.facts.forget();
    phone.facts.mark(null);
  }

  phone.send = { run: run, hello: hello, wipe: wipe, told: null };
})((self.phone = self.phone || {}));
