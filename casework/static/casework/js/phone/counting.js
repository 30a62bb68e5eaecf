// What a visit counts for, by the duties taken along: the same questions in the same order as the server's credit.
(function (phone) {
  "use strict";
  const REMOTE = ["phone", "video"];

  function isIn(row, day) {
    return row.from <= day && (!row.to || day <= row.to);
  }

  function holds(cadres, duty, place, day) {
    const posts = duty.seat.replace(/^any:/, "").split("+");
    const places = [place.village, place.village.slice(0, 9), place.village.slice(0, 6)];
    const isOne = (row) => cadres.includes(row.cadre) && isIn(row, day);
    return posts.some((post) => {
      if (post === "helper") return place.helpers.some(isOne);
      return phone.caseload.all().tenures.some((row) => row.post === post && places.includes(row.place) && isOne(row));
    });
  }

  function whyNot(visit, duty, round, place) {
    if (visit.visited_on < round.period_from || visit.visited_on > round.period_to) return "not_in_period";
    if (!holds(visit.visitors, duty, place, visit.visited_on)) return "not_yours_seat";
    const isAway = REMOTE.includes(visit.contact) && visit.outcome === "family_away";
    if (round.counts_away_by_phone && isAway) return "";
    if (!round.contacts.includes(visit.contact)) return "contact_not";
    return round.outcomes.includes(visit.outcome) ? "" : "outcome_not";
  }

  // The household or village of a visit, with its duties; nothing when it was not taken along.
  function placeOf(visit) {
    const taken = phone.caseload.all();
    const household = visit.household ? taken.households.get(visit.household) : null;
    const code = household ? household.village : visit.village;
    if (!code) return null;
    const village = taken.villages.get(code);
    const duties = (household ? household.duties : []).concat(village ? village.duties : []);
    return { village: code, helpers: household ? household.helpers : [], duties: duties };
  }

  function countsFor(visit) {
    const place = placeOf(visit);
    if (!place) return [];
    const taken = phone.caseload.all();
    const lines = place.duties.map((duty) => {
      const round = taken.rounds.get(duty.round);
      const obstacle = whyNot(visit, duty, round, place);
      const again = !obstacle && duty.done_on ? "already_done" : "";
      return {
        duty: duty,
        round: round,
        counts: !obstacle,
        reason: obstacle || again ? phone.say(obstacle || again) : "",
        label: taken.seats[duty.seat] + " · " + round.name,
        period: phone.words.day(round.period_from) + " – " + phone.words.day(round.due_on),
      };
    });
    return lines.sort((one, other) => other.counts - one.counts);
  }

  // Duties this cadre still owes at a household or village, when what lies in the queue is counted too. A closed
  // round was only taken along for late visits: it owes nobody anything, as on the home page.
  function owed(place, made) {
    const today = phone.facts.today();
    const done = new Set();
    made.forEach((visit) => countsFor(visit).forEach((line) => line.counts && done.add(line.duty.id)));
    const rounds = phone.caseload.all().rounds;
    return place.duties
      .filter((duty) => duty.is_mine && !duty.done_on && !duty.excused && !done.has(duty.id))
      .map((duty) => ({ duty: duty, round: rounds.get(duty.round) }))
      .filter((owes) => owes.round.is_open && owes.round.period_from <= today)
      .map((owes) => Object.assign(owes, { isOverdue: owes.round.due_on < today }));
  }

  phone.counting = { countsFor: countsFor, owed: owed };
})((self.phone = self.phone || {}));
