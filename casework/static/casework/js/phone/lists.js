// The lists: the start with search and villages, the plan of a day, one family's sheet, and what was just saved.
(function (phone) {
  "use strict";

  const MOST_AT_START = 40;
  const AT_A_TIME = 40;
  const FRESH_FOR = 4 * 3600000; // milliseconds

  function whereOf(household) {
    const village = phone.caseload.all().villages.get(household.village);
    return [village && village.name, household.group && household.group.label, household.house].filter(Boolean).join(" · ");
  }

  function familyTo(household) {
    return "#/family/" + household.id;
  }

  function row(line) {
    const household = line.household;
    const piece = phone.dom.copy("family-row", {
      name: household.head,
      house: household.house,
      address: familyTo(household),
      last: phone.words.lastVisit(household.last_visit) + (household.is_away ? " · " + phone.say("away") : ""),
      is_done: line.isDone,
      is_overdue: !line.isDone && line.isOverdue,
      is_due: !line.isDone && line.isDue && !line.isOverdue,
      owed: line.first ? phone.words.until(line.first.round.due_on) + " · " + line.first.round.name : "",
      has_owed: line.first,
      problem: household.problems[0],
      has_problem: line.hasProblem,
    });
    return piece;
  }

  function groupOf(household) {
    return household.group ? household.group.label : phone.say("no_group");
  }

  // The rows under the names of their groups, some at a time: a slow phone shows the first at once.
  function putRows(box, rows, labelOf) {
    let list = null;
    let label = null;
    let place = 0;
    const step = () => {
      if (place && !box.isConnected) return; // another screen is shown by now
      rows.slice(place, place + AT_A_TIME).forEach((line) => {
        const here = labelOf(line.household);
        if (here !== label) {
          label = here;
          const piece = phone.dom.copy("group", { label: here });
          list = piece.querySelector("ul");
          box.appendChild(piece);
        }
        list.appendChild(row(line));
      });
      place += AT_A_TIME;
      if (place < rows.length) setTimeout(step, 0);
    };
    step();
  }

  function villages() {
    const taken = phone.caseload.all();
    return Array.from(taken.villages.values()).map((village) => {
      const rows = phone.plan.ofVillage(village.code);
      return { village: village, rows: rows, figures: phone.plan.figures(rows) };
    });
  }

  // Who holds a post over the village may take it along as a whole.
  async function mayTake(village) {
    const me = (await phone.facts.all()).person;
    const today = phone.facts.today();
    const over = [village.code, village.code.slice(0, 9), village.code.slice(0, 6)];
    const holds = (row) => row.cadre === me.id && over.includes(row.place) && row.from <= today && (!row.to || today <= row.to);
    return phone.caseload.all().tenures.some(holds);
  }

  async function start() {
    const taken = phone.caseload.all();
    const found = villages();
    const scopes = phone.caseload.scopes();
    const sum = (name) => found.reduce((all, one) => all + one.figures[name], 0);
    const names = Object.keys(scopes);
    const walking = found.reduce((all, one) => all.concat(one.rows.filter(phone.plan.isToWalk)), []);
    const at = names.length ? Math.min.apply(null, names.map((name) => scopes[name].taken_at)) : 0;
    const screen = phone.dom.show(
      phone.dom.copy("start", {
        due: phone.say("to_do", { n: sum("due") + sum("overdue") }),
        overdue: phone.say("overdue_n", { n: sum("overdue") }),
        has_overdue: sum("overdue"),
        has_any: names.length,
        has_none: !names.length,
        can_scan: phone.scan.isPossible() && names.length,
        has_more: walking.length > MOST_AT_START && found.length === 1,
        more_to: found.length ? "#/plan/" + found[0].village.code : "",
        taken: at ? phone.say("taken", { n: phone.caseload.all().households.size, when: phone.words.moment(at) }) : "",
      })
    );
    const list = screen.querySelector("[data-villages]");
    if (list) {
      await putVillages(list, found, scopes);
      const whole = (household) => taken.villages.get(household.village).name + " · " + groupOf(household);
      const first = walking.slice(0, MOST_AT_START);
      putRows(screen.querySelector("[data-groups]"), first, found.length > 1 ? whole : groupOf);
    }
    const box = screen.querySelector("[data-search]");
    if (box) box.addEventListener("input", () => find(screen, box.value));
    phone.dom.on(screen, "take", "click", (event) => takeAll(event.currentTarget));
  }

  async function putVillages(list, found, scopes) {
    phone.dom.clear(list);
    for (const one of found) {
      const isWhole = Boolean(scopes["village:" + one.village.code]);
      const piece = phone.dom.copy("village-row", {
        name: one.village.name,
        town: one.village.town,
        address: "#/plan/" + one.village.code,
        figures: phone.say("village_figures", one.figures),
        can_take: !isWhole && (await mayTake(one.village)),
        take: phone.say("take_village", { name: one.village.name }),
      });
      phone.dom.on(piece, "take-village", "click", (event) => take(event.currentTarget, ["village:" + one.village.code]));
      list.appendChild(piece);
    }
  }

  function find(screen, words) {
    const found = phone.caseload.search(words).map(phone.plan.state);
    phone.dom.put(screen.querySelector("[data-found]"), found.map(row));
    screen.querySelector("[data-found-nothing]").hidden = !words.trim() || found.length > 0;
    screen.querySelector("[data-found]").hidden = !found.length;
    screen.querySelector("[data-rest]").hidden = Boolean(words.trim());
  }

  function takeAll(button) {
    const known = Object.keys(phone.caseload.scopes());
    return take(button, ["mine"].concat(known.filter((name) => name !== "mine")));
  }

  async function take(button, names) {
    button.disabled = true;
    const word = button.textContent;
    button.textContent = phone.say("taking");
    try {
      const answer = await phone.send.hello();
      if (answer.isOther) {
        await phone.entry.otherPerson();
        return;
      }
      for (const name of names) await takeOne(name);
      const whole = await onlyVillage();
      if (whole) await takeOne(whole);
      phone.status.say(phone.say("taken_done"));
      phone.scan.prepare();
    } catch (error) {
      phone.status.trouble(error);
    }
    button.textContent = word;
    button.disabled = false;
    phone.route();
  }

  // Whoever works in one village, as a chief, means the village too with the same one tap.
  async function onlyVillage() {
    const mine = [];
    for (const village of phone.caseload.all().villages.values()) if (await mayTake(village)) mine.push(village);
    const name = mine.length === 1 ? "village:" + mine[0].code : "";
    return name in phone.caseload.scopes() ? "" : name;
  }

  async function takeOne(name) {
    try {
      await phone.caseload.take(name);
    } catch (error) {
      if (error.status !== 404) throw error;
      await phone.caseload.drop(name); // the village is not this cadre's any more
      phone.status.say(phone.say("not_yours"));
    }
  }

  function plan(code, isAll) {
    const village = phone.caseload.all().villages.get(code);
    if (!village) return start();
    const rows = phone.plan.ofVillage(code);
    const walking = rows.filter(phone.plan.isToWalk);
    const shown = isAll ? rows : walking;
    const screen = phone.dom.show(
      phone.dom.copy("plan", {
        name: village.name,
        day: phone.words.day(phone.facts.today()),
        figures: phone.say("village_figures", phone.plan.figures(rows)),
        walking: phone.say("to_walk", { n: walking.length }),
        all: phone.say("all_n", { n: rows.length }),
        walking_to: "#/plan/" + code,
        all_to: "#/plan/" + code + "/all",
        visit_to: "#/visit/village=" + code,
        is_none: !shown.length,
      })
    );
    screen.querySelector(isAll ? "[data-all]" : "[data-walking]").setAttribute("aria-current", "page");
    putRows(screen.querySelector("[data-groups]"), shown, groupOf);
    return null;
  }

  function listed(name, texts) {
    return texts.map((text) => phone.dom.copy(name, { text: text }));
  }

  function family(id) {
    const household = phone.caseload.all().households.get(id);
    if (!household) return start();
    const line = phone.plan.state(household);
    const village = phone.caseload.all().villages.get(household.village);
    const screen = phone.dom.show(
      phone.dom.copy("family", {
        name: household.head,
        where: whereOf(household),
        number: household.number,
        sort: household.class_label,
        last: phone.words.lastVisit(household.last_visit, true),
        by: household.last_visit ? household.last_visit.by : "",
        has_by: household.last_visit && household.last_visit.by,
        is_away: household.is_away,
        is_done: line.isDone,
        has_owed: line.owed.length,
        has_problems: household.problems.length,
        has_asked: household.answers_wanted.length,
        visit_to: "#/visit/household=" + household.id,
        plan_to: "#/plan/" + household.village,
        village: village ? village.name : "",
      })
    );
    const into = (name, pieces) => {
      const list = screen.querySelector("[data-" + name + "]");
      if (list) phone.dom.put(list, pieces);
    };
    const owed = line.owed.map((owes) =>
      phone.dom.copy("owed", {
        label: phone.caseload.all().seats[owes.duty.seat] + " · " + owes.round.name,
        until: phone.words.until(owes.round.due_on),
        is_overdue: owes.isOverdue,
      })
    );
    into("owed", owed);
    into("problems", listed("text-row", household.problems));
    into("asked", listed("text-row", household.answers_wanted.map((question) => question.label)));
    screen.querySelectorAll("[data-stands]").forEach((node) => {
      node.hidden = node.dataset.state !== (household.guarantees[node.dataset.stands] || "unknown");
    });
    return null;
  }

  function saved(id) {
    const line = phone.made.lineOf(id);
    if (!line) return start();
    const household = line.visit.household ? phone.caseload.all().households.get(line.visit.household) : null;
    const next = household ? phone.plan.nextAfter(household) : null;
    const screen = phone.dom.show(
      phone.dom.copy("saved", {
        name: line.label,
        note: line.visit.note,
        day: phone.words.day(line.visit.visited_on),
        has_next: next,
        has_no_next: !next,
        next: next ? phone.say("next_family", { name: next.household.head }) : "",
        next_to: next ? familyTo(next.household) : "",
        back_to: household ? "#/plan/" + household.village : "#/",
        is_waiting: line.state === "waiting",
        is_delivered: line.state === "delivered",
        delivered: line.receipt ? phone.say("delivered_at", { when: phone.words.moment(line.receipt.received_at) }) : "",
        has_reason: line.reason,
        reason: phone.say(line.state === "held" ? "held_because" : "refused_because", { why: line.reason }),
      })
    );
    const lines = phone.counting.countsFor(line.visit).filter((one) => one.counts);
    const pieces = lines.map((one) => phone.dom.copy("counted", one));
    phone.dom.put(screen.querySelector("[data-counts]"), pieces.length ? pieces : [phone.dom.copy("counts-nothing")]);
    screen.dataset.savedVisit = id;
    return null;
  }

  // Once a few hours, quietly: what has changed on the server, and who is no longer this cadre's.
  async function refresh() {
    const scopes = phone.caseload.scopes();
    const old = Object.keys(scopes).filter((name) => phone.facts.now() - scopes[name].taken_at > FRESH_FOR);
    for (const name of old) await takeOne(name);
    if (old.length && /^#\/(plan.*)?$|^$/.test(location.hash)) phone.route();
  }

  phone.lists = { start: start, plan: plan, family: family, saved: saved, refresh: refresh, whereOf: whereOf };
})((self.phone = self.phone || {}));
