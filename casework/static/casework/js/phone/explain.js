// Something about an own visit asks for a word: explained by one tap. It blocks nothing, and may be left alone.
(function (phone) {
  "use strict";
  const OTHER = "other"; // wants words: on the visit's own page

  function reasons() {
    const scopes = phone.caseload.scopes();
    const found = Object.keys(scopes).map((name) => (scopes[name].choices || {}).flag_reasons || []);
    return (found.find((list) => list.length) || []).filter((reason) => reason.value !== OTHER);
  }

  async function say(line, flag, reason) {
    try {
      await phone.api.post("flags/" + flag.id + "/", { reason: reason });
      await phone.queue.explained(line, flag.id);
      await phone.made.load();
      phone.status.say(phone.say("explained"));
      phone.waiting.refresh();
    } catch (error) {
      phone.status.trouble(error);
    }
  }

  function pieces(line) {
    const flags = ((line.receipt || {}).flags || []).filter((flag) => !flag.is_explained);
    return flags.map((flag) => {
      const piece = phone.dom.copy("flag", { label: flag.label, page_to: "/visits/" + line.id + "/" });
      const buttons = reasons().map((reason) => {
        const button = phone.dom.copy("flag-reason", { label: reason.label });
        button.querySelector("button").addEventListener("click", () => say(line, flag, reason.value));
        return button;
      });
      phone.dom.put(piece.querySelector("[data-reasons]"), buttons);
      return piece;
    });
  }

  phone.explain = { pieces: pieces };
})((self.phone = self.phone || {}));
