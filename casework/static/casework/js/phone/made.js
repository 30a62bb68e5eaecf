// The visits that lie on this phone, on their way or delivered, held in memory for the lists.
(function (phone) {
  "use strict";
  let lines = [];

  async function load() {
    const both = await Promise.all([phone.queue.lines("queue"), phone.queue.lines("delivered")]);
    lines = both[0].concat(both[1]);
  }

  function at(target) {
    const isThere = (line) =>
      target.household ? line.visit.household === target.household : line.visit.village === target.village;
    return lines.filter((line) => isThere(line) && line.state !== "refused" && line.state !== "declined");
  }

  phone.made = {
    load: load,
    visitsAt: (target) => at(target).map((line) => line.visit),
    lineOf: (id) => lines.find((line) => line.id === id) || null,
    all: () => lines,
    isToday: (target) => at(target).some((line) => line.visit.visited_on === phone.facts.today()),
  };
})((self.phone = self.phone || {}));
