// The visit form: opens with what is known, keeps each keystroke, says what the visit counts for, saves.
(function (phone) {
  "use strict";

  function nameOf(target) {
    const taken = phone.caseload.all();
    if (target.household) {
      const household = taken.households.get(target.household);
      return household ? household.head : "";
    }
    const village = taken.villages.get(target.village);
    return village ? village.name : "";
  }

  function keyOf(target) {
    return target.household ? "household=" + target.household : "village=" + target.village;
  }

  async function fresh() {
    const habits = await phone.drafts.dayHabits();
    const me = (await phone.facts.all()).person.id;
    return {
      id: phone.seal.uuid(),
      contact: habits.contact || "home",
      outcome: "met",
      visited_on: habits.visited_on || phone.facts.today(),
      visitors: habits.visitors || [me],
      has_problem: "no",
      note: "",
      answers: {},
      guarantees: {},
      photos: [],
      filled_at: new Date(phone.facts.now()).toISOString(),
    };
  }

  // Pieces that depend on the family: who may have come along, what to ask, which guarantees stand how.
  async function furnish(form, target) {
    const taken = phone.caseload.all();
    const household = target.household ? taken.households.get(target.household) : null;
    const village = household ? household.village : target.village;
    const me = (await phone.facts.all()).person;
    const people = phone.caseload.colleagues(village).filter((person) => person.id !== me.id);
    const choice = (name, value, label) => {
      const piece = phone.dom.copy("choice", { label: label });
      const field = piece.querySelector("input");
      field.name = name;
      field.value = value;
      return piece;
    };
    phone.dom.put(form.querySelector("[data-me]"), [choice("visitors", me.id, phone.say("myself", { name: me.name }))]);
    const beside = people.map((person) => choice("visitors", person.id, person.name));
    phone.dom.put(form.querySelector("[data-people]"), beside);
    form.querySelector("[data-company]").hidden = !people.length;
    furnishQuestions(form, household);
    furnishGuarantees(form, household);
  }

  function furnishQuestions(form, household) {
    const asked = household ? household.answers_wanted : [];
    const box = form.querySelector("[data-questions]");
    if (!box) return;
    box.hidden = !asked.length;
    const pieces = asked.map((question) => {
      const piece = phone.dom.copy("question", { label: question.label });
      piece.querySelectorAll("input").forEach((field) => {
        field.name = question.kind + "_" + question.id;
      });
      return piece;
    });
    phone.dom.put(box.querySelector("[data-list]"), pieces);
  }

  function furnishGuarantees(form, household) {
    if (!household) return;
    form.querySelectorAll("[data-guarantee] input").forEach((field) => {
      const known = household.guarantees[field.name.replace("guarantee_", "")] || "unknown";
      field.dataset.known = known;
      field.checked = field.value === known;
    });
  }

  function showCounts(form, values, target) {
    const visit = phone.fields.visitOf(values, target);
    const lines = phone.counting.countsFor(visit);
    const counted = lines.filter((line) => line.counts).map((line) => phone.dom.copy("counted", line));
    const nothing = lines.length ? [] : [phone.dom.copy("counts-nothing")];
    phone.dom.put(form.querySelector("[data-counts]"), counted.concat(nothing));
    showOthers(form.querySelector("[data-not-counted]"), lines.filter((line) => !line.counts), !counted.length);
  }

  // What it does not count for lies folded, as on the ordinary page, unless there is nothing else.
  function showOthers(box, lines, isAll) {
    box.hidden = !lines.length;
    if (box.dataset.all !== String(isAll)) box.open = isAll; // otherwise as the cadre has left it
    box.dataset.all = String(isAll);
    box.querySelector("summary").textContent = phone.say("not_counted_n", { n: lines.length });
    phone.dom.put(box.querySelector("ul"), lines.map((line) => phone.dom.copy("not-counted", line)));
  }

  function showProblems(form, problems) {
    form.querySelectorAll("[data-wrong]").forEach((node) => {
      node.textContent = problems[node.dataset.wrong] || "";
      node.hidden = !node.textContent;
    });
    const first = form.querySelector("[data-wrong]:not([hidden])");
    if (first) first.scrollIntoView({ block: "center" });
  }

  function showExtras(form, values) {
    form.querySelector("[data-problem-line]").hidden = values.has_problem !== "yes";
    const heads = form.querySelector("[data-head-count]");
    if (heads) heads.hidden = !values.talk;
    const where = form.querySelector("[data-position]");
    where.textContent = values.position ? phone.say("position_kept", { n: values.position.accuracy }) : "";
    const small = (values.photos || []).map((photo) => {
      const piece = phone.dom.copy("photo");
      piece.querySelector("img").src = photo.small;
      piece.querySelector("[data-drop]").dataset.drop = photo.id;
      return piece;
    });
    phone.dom.put(form.querySelector("[data-photos]"), small);
    form.querySelector("[data-photo-add]").hidden = small.length >= phone.photo.MOST;
  }

  // One form on the screen. `fix` is the line of the queue that is corrected.
  async function show(target, fix) {
    const key = fix ? "fix=" + fix.id : keyOf(target);
    const first = fix ? phone.fields.valuesOf(fix.visit) : await fresh();
    if (fix && fix.state === "declined") first.id = phone.seal.uuid(); // the declined one stays on the server
    const draft = await phone.drafts.open(key, first);
    const values = { name: nameOf(target) || (fix ? fix.label : "") };
    values.is_household = target.household;
    values.is_village = !target.household;
    const household = target.household ? phone.caseload.all().households.get(target.household) : null;
    values.where = household ? phone.lists.whereOf(household) : "";
    const screen = phone.dom.show(phone.dom.copy("visit", Object.assign(values, { is_fix: fix, reason: fix && fix.reason })));
    const form = screen.querySelector("form");
    form.elements.visited_on.max = phone.facts.today();
    await furnish(form, target);
    live(form, { target: target, key: key, values: draft.values, fix: fix, name: values.name });
    screen.querySelector("[data-restored]").hidden = !draft.isRestored;
  }

  function live(form, state) {
    const refresh = () => {
      showExtras(form, state.values);
      showCounts(form, state.values, state.target);
    };
    const keep = () => {
      state.values.typed = true;
      return phone.drafts.keep(state.key, state.values).then(
        () => phone.status.full(false),
        () => phone.status.full(true)
      );
    };
    const typed = () => {
      state.values = phone.fields.read(form, state.values);
      keep();
      refresh();
    };
    phone.fields.put(form, state.values);
    refresh();
    form.addEventListener("input", typed);
    form.addEventListener("change", typed);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      save(form, state).catch((error) => phone.status.broken(error));
    });
    extras(form, state, () => {
      keep();
      refresh();
    });
    phone.dom.on(document, "afresh", "click", () => afresh(state));
    form.dataset.visit = state.values.id;
  }

  async function afresh(state) {
    await phone.photo.drop((state.values.photos || []).map((photo) => photo.id), state.values.id);
    await phone.drafts.drop(state.key);
    phone.route();
  }

  function extras(form, state, changed) {
    phone.dom.on(form, "position", "click", () => {
      const say = form.querySelector("[data-position]");
      say.textContent = phone.say("position_asked");
      phone.position.here().then(
        (found) => {
          state.values.position = found;
          changed();
        },
        () => {
          say.textContent = phone.say("position_none");
        }
      );
    });
    form.querySelector("[data-photo]").addEventListener("change", (event) => {
      event.stopPropagation();
      const file = event.target.files[0];
      event.target.value = "";
      if (file) addPhoto(file, state, changed);
    });
    form.querySelector("[data-photos]").addEventListener("click", (event) => {
      const id = event.target.dataset.drop;
      if (!id) return;
      state.values.photos = state.values.photos.filter((photo) => photo.id !== id);
      phone.photo.drop([id], state.values.id);
      changed();
    });
  }

  async function addPhoto(file, state, changed) {
    try {
      const photo = await phone.photo.keep(file, state.values.id);
      state.values.photos = (state.values.photos || []).concat([photo]);
      changed();
    } catch (error) {
      phone.status.say(phone.say("photo_not_kept"));
    }
  }

  async function save(form, state) {
    if (state.isSaving) return;
    state.values = phone.fields.read(form, state.values);
    const problems = phone.fields.problems(state.values);
    showProblems(form, problems);
    if (Object.keys(problems).length) return;
    state.isSaving = true;
    const visit = phone.fields.visitOf(state.values, state.target);
    try {
      visit.digest = await phone.digest.of(visit);
      await phone.drafts.settle(state.key);
      const options = { draft: state.key, replaces: state.fix ? state.fix.id : null };
      const found = await phone.queue.add(visit, state.name, options);
      if (found === "other") askAbout(form, state);
      else await saved(visit, state);
    } catch (error) {
      phone.status.full(true); // the text stands in the form still
    } finally {
      state.isSaving = false;
    }
  }

  // Saved in another window with other words: only the cadre knows whether it was another visit.
  function askAbout(form, state) {
    const box = form.querySelector("[data-other]");
    box.hidden = false;
    box.scrollIntoView({ block: "center" });
    box.querySelector("[data-act=as-another]").onclick = async () => {
      const before = state.values.id;
      state.values.id = phone.seal.uuid();
      const photos = (state.values.photos || []).map((photo) => photo.id);
      await phone.photo.move(photos, before, state.values.id).catch(() => null);
      box.hidden = true;
      save(form, state);
    };
  }

  async function saved(visit, state) {
    const habits = { contact: visit.contact, visited_on: visit.visited_on, visitors: visit.visitors };
    await phone.drafts.rememberDay(habits).catch(() => null);
    await phone.made.load();
    await phone.status.refresh();
    phone.windows.tell({ saved: visit.id });
    location.hash = "#/saved/" + visit.id;
    phone.sending.soon();
  }

  phone.visit = { show: show, nameOf: nameOf };
})((self.phone = self.phone || {}));
