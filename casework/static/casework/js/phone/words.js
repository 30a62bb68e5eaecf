// What the scripts say, in the language of the shell; and how a day is said.
(function (phone) {
  "use strict";
  const DAY = 86400000;
  let words = null;

  function say(name, values) {
    if (!words) words = JSON.parse(document.querySelector("[data-words] script").textContent);
    const given = values || {};
    return words[name].replace(/\{(\w+)\}/g, (whole, key) => (key in given ? given[key] : whole));
  }

  function date(text) {
    return new Date(text + "T00:00:00Z");
  }

  function day(text) {
    const shape = { month: "long", day: "numeric", timeZone: "UTC" };
    if (text.slice(0, 4) !== phone.facts.today().slice(0, 4)) shape.year = "numeric";
    return new Intl.DateTimeFormat(document.documentElement.lang, shape).format(date(text));
  }

  function moment(value) {
    const shape = { month: "long", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false };
    shape.timeZone = "Asia/Shanghai";
    return new Intl.DateTimeFormat(document.documentElement.lang, shape).format(new Date(value));
  }

  function daysSince(text) {
    return Math.round((date(phone.facts.today()) - date(text)) / DAY);
  }

  // `isNamed`: beside a name of its own, such as the row "last visit".
  function lastVisit(visit, isNamed) {
    if (!visit) return say("never_visited");
    const days = daysSince(visit.on);
    const ago = days <= 0 ? say("today") : days === 1 ? say("yesterday") : say("days_ago", { n: days });
    const said = { ago: ago, day: day(visit.on) };
    return isNamed ? say("last_visit_only", said) : say("last_visit", said);
  }

  function until(text) {
    const days = -daysSince(text);
    if (days < 0) return say("days_over", { n: -days });
    if (days === 0) return say("due_today");
    return say("due_by", { day: day(text), n: days });
  }

  phone.say = say;
  phone.words = { day: day, moment: moment, lastVisit: lastVisit, until: until };
})((self.phone = self.phone || {}));
