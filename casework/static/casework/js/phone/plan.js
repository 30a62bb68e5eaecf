// The plan of a day: who is due, overdue or has an open problem, in walking order by group and house.
(function (phone) {
  "use strict";

  function state(household) {
    const owed = phone.counting.owed(household, phone.made.visitsAt({ household: household.id }));
    const first = owed.slice().sort((one, other) => (one.round.due_on < other.round.due_on ? -1 : 1))[0] || null;
    return {
      household: household,
      owed: owed,
      first: first,
      isDue: owed.length > 0,
      isOverdue: owed.some((owes) => owes.isOverdue),
      hasProblem: household.problems.length > 0,
      isDone: phone.made.isToday({ household: household.id }),
    };
  }

  function walking(one, other) {
    const groups = [one, other].map((row) => (row.household.group ? row.household.group.number : 9999));
    if (groups[0] !== groups[1]) return groups[0] - groups[1];
    const houses = [one, other].map((row) => row.household.house || "");
    if (Boolean(houses[0]) !== Boolean(houses[1])) return houses[0] ? -1 : 1;
    const byHouse = houses[0].localeCompare(houses[1], "zh-Hans-CN", { numeric: true });
    return byHouse || (one.household.number < other.household.number ? -1 : 1);
  }

  function ofVillage(code) {
    return phone.caseload.inVillage(code).map(state).sort(walking);
  }

  function isToWalk(row) {
    return row.isDue || row.hasProblem;
  }

  function figures(rows) {
    return {
      due: rows.filter((row) => row.isDue && !row.isOverdue).length,
      overdue: rows.filter((row) => row.isOverdue).length,
      problems: rows.filter((row) => row.hasProblem).length,
      all: rows.length,
    };
  }

  // The next one to walk to after this household, in the same group first, then on along the way.
  function nextAfter(household) {
    const rows = ofVillage(household.village);
    const place = rows.findIndex((row) => row.household.id === household.id);
    const onward = rows.slice(place + 1).concat(rows.slice(0, Math.max(place, 0)));
    return onward.find((row) => row.isDue && !row.isDone) || null;
  }

  phone.plan = { state: state, ofVillage: ofVillage, isToWalk: isToWalk, figures: figures, nextAfter: nextAfter };
})((self.phone = self.phone || {}));
