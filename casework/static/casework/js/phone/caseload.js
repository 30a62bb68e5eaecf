// The families taken along: fetched by scope, kept sealed, held in memory while the phone is unlocked.
(function (phone) {
  "use strict";
  const MOST_FOUND = 30;
  let scopes = {}; // by name, as the server gave them, households by id
  let joined = null; // all scopes together

  async function load() {
    scopes = {};
    joined = null;
    const key = phone.keys.forStoring();
    const names = await phone.store.read("caseload", "scopes");
    for (const name of names || []) {
      const sealed = await phone.store.read("caseload", name);
      if (!sealed) continue;
      const taken = await phone.seal.opened(key, sealed).catch(() => null); // of an earlier key: taken anew
      if (taken) scopes[name] = taken;
    }
  }

  function merged(known, answer) {
    const households = {};
    const wanted = new Set(answer.ids);
    if (known && !answer.is_full) {
      Object.keys(known.households)
        .filter((id) => wanted.has(Number(id)))
        .forEach((id) => {
          households[id] = known.households[id];
        });
    }
    answer.households.forEach((household) => {
      households[household.id] = household;
    });
    return Object.assign({}, answer, { households: households, taken_at: phone.facts.now() });
  }

  async function take(name) {
    const known = scopes[name];
    const since = known ? "&since=" + encodeURIComponent(known.version) : "";
    const answer = await phone.api.get("caseload/?scope=" + encodeURIComponent(name) + since);
    const taken = merged(known, answer);
    const sealed = await phone.seal.under(phone.keys.forStoring(), taken);
    await phone.store.change(["caseload"], async (stores) => {
      const names = new Set((await phone.store.answer(stores.caseload.get("scopes"))) || []);
      stores.caseload.put(Array.from(names.add(name)), "scopes");
      stores.caseload.put(sealed, name);
    });
    scopes[name] = taken;
    joined = null;
  }

  async function drop(name) {
    await phone.store.change(["caseload"], async (stores) => {
      const names = (await phone.store.answer(stores.caseload.get("scopes"))) || [];
      stores.caseload.put(names.filter((one) => one !== name), "scopes");
      stores.caseload.delete(name);
    });
    delete scopes[name];
    joined = null;
  }

  function all() {
    if (joined) return joined;
    const found = { households: new Map(), villages: new Map(), rounds: new Map(), seats: {}, tenures: [], colleagues: [] };
    Object.keys(scopes).forEach((name) => {
      const taken = scopes[name];
      Object.keys(taken.households).forEach((id) => found.households.set(Number(id), taken.households[id]));
      taken.villages.forEach((village) => found.villages.set(village.code, village));
      taken.rounds.forEach((round) => found.rounds.set(round.id, round));
      Object.assign(found.seats, taken.seats);
      found.tenures = found.tenures.concat(taken.tenures);
      found.colleagues = found.colleagues.concat(taken.colleagues);
    });
    joined = found;
    return joined;
  }

  function inVillage(code) {
    return Array.from(all().households.values()).filter((household) => household.village === code);
  }

  function colleagues(code) {
    const found = new Map();
    all()
      .colleagues.filter((person) => person.villages.includes(code))
      .forEach((person) => found.set(person.id, person));
    return Array.from(found.values());
  }

  // By name, by the initials of its pinyin, or by the last digits of the household's number.
  function search(words) {
    const asked = words.trim().toLowerCase();
    if (!asked) return [];
    const fits = (household) =>
      household.head.toLowerCase().includes(asked) ||
      (household.initials || "").startsWith(asked) ||
      household.number === asked ||
      (/^\d{2,}$/.test(asked) && household.number.endsWith(asked));
    return Array.from(all().households.values()).filter(fits).slice(0, MOST_FOUND);
  }

  function byToken(token) {
    return Array.from(all().households.values()).find((household) => household.token === token) || null;
  }

  phone.caseload = {
    load: load,
    take: take,
    drop: drop,
    all: all,
    scopes: () => scopes,
    inVillage: inVillage,
    colleagues: colleagues,
    search: search,
    byToken: byToken,
    forget: () => {
      scopes = {};
      joined = null;
    },
  };
})((self.phone = self.phone || {}));
