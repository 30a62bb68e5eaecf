// Where each visit is: waiting, held because, refused because, delivered at.
(function (phone) {
  "use strict";
  const WEB = "/visits/";

  function row(line) {
    const receipt = line.receipt || {};
    const counted = (receipt.counts_for || []).filter((one) => one.counts !== false);
    const piece = phone.dom.copy("visit-row", {
      name: line.label,
      day: phone.words.day(line.visit.visited_on),
      note: line.visit.note,
      saved: phone.say("saved_at", { when: phone.words.moment(line.saved_at) }),
      delivered: receipt.received_at ? phone.say("delivered_at", { when: phone.words.moment(receipt.received_at) }) : "",
      counts: counted.length ? phone.say("counted_n", { n: counted.length }) : "",
      has_counts: counted.length,
      is_late: receipt.is_late,
      is_waiting: line.state === "waiting",
      is_held: line.state === "held",
      is_refused: line.state === "refused",
      is_declined: line.state === "declined",
      is_delivered: line.state === "delivered",
      has_reason: line.reason,
      reason: phone.say("because", { why: line.reason || "" }),
      can_fix: line.state === "refused" || line.state === "declined",
      fix_to: "#/fix/" + line.id,
      correct_to: WEB + line.id + "/correct/",
      number: line.id.slice(0, 8),
    });
    phone.dom.put(piece.querySelector("[data-flags]"), phone.explain.pieces(line));
    return piece;
  }

  async function show() {
    const counts = await phone.status.refresh();
    const lines = phone.made.all().slice();
    lines.sort((one, other) => other.saved_at - one.saved_at);
    const values = {
      waiting: phone.say("waiting_n", { n: counts.waiting }),
      held: phone.say("held_n", { n: counts.held }),
      refused: phone.say("refused_n", { n: counts.refused + counts.declined }),
      delivered: phone.say("delivered_n", { n: counts.delivered }),
      has_waiting: counts.waiting,
      photos: phone.say("photos_n", { n: counts.photos }),
      has_photos: counts.photos,
      photos_refused: phone.say("photos_refused_n", { n: counts.photos_refused }),
      has_photos_refused: counts.photos_refused,
      has_held: counts.held,
      has_refused: counts.refused + counts.declined,
      has_delivered: counts.delivered,
      has_unsent: counts.waiting + counts.refused,
    };
    const screen = phone.dom.show(phone.dom.copy("waiting", values));
    ["waiting", "held", "refused", "delivered"].forEach((state) => {
      const list = screen.querySelector("[data-" + state + "]");
      const isHere = (line) => line.state === state || (state === "refused" && line.state === "declined");
      if (list) phone.dom.put(list, lines.filter(isHere).map(row));
    });
    phone.dom.on(screen, "send", "click", (event) => send(event.currentTarget));
    phone.dom.on(screen, "export", "click", () => phone.leave.exportFile());
  }

  async function send(button) {
    button.disabled = true;
    phone.status.say(phone.say("sending"));
    try {
      const done = await phone.sending.now();
      const words = { sent: "sent", offline: "no_network", busy: "sending", login: "log_in" };
      phone.status.say(phone.say(words[done.state] || "server_trouble"));
    } catch (error) {
      phone.status.broken(error);
    }
    button.disabled = false;
  }

  phone.waiting = {
    show: show,
    refresh: () => {
      if (location.hash === "#/waiting" && phone.keys.forStoring()) show().catch((error) => phone.status.broken(error));
    },
  };
})((self.phone = self.phone || {}));
