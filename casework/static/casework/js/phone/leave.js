// Leaving this phone: unsent visits are sent first or put into a file, then everything is wiped.
(function (phone) {
  "use strict";

  async function unsent() {
    const lines = await phone.queue.lines("queue");
    return lines.filter((line) => line.state === "waiting" || line.state === "refused");
  }

  async function exportFile() {
    const facts = await phone.facts.all();
    const visits = (await unsent()).map((line) => line.visit);
    const content = { kind: "casework-unsent", version: 1, person: facts.person, phone: facts.phone, visits: visits };
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(content, null, 1)], { type: "application/json" }));
    link.download = "casework-unsent-" + phone.facts.today() + ".json";
    document.body.appendChild(link);
    link.click();
    document.body.removeChild(link);
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }

  // Whether the server has heard of it.
  async function logOut() {
    const token = await phone.api.token(true).catch(() => "");
    const how = { method: "POST", credentials: "same-origin", redirect: "manual", headers: { "X-CSRFToken": token } };
    const answer = await fetch("/logout/", how).catch(() => null);
    return Boolean(answer);
  }

  async function wipe() {
    await phone.send.wipe();
    phone.caseload.forget();
    phone.windows.tell({ wiped: true });
  }

  async function go() {
    await wipe();
    await logOut();
    location.href = "/login/";
  }

  async function show() {
    const left = await unsent();
    const screen = phone.dom.show(
      phone.dom.copy("leave", { has_unsent: left.length, has_none: !left.length, unsent: phone.say("unsent_n", { n: left.length }) })
    );
    const sure = screen.querySelector("[data-sure]");
    phone.dom.on(screen, "send", "click", async () => {
      await phone.sending.now().catch((error) => phone.status.broken(error));
      show();
    });
    phone.dom.on(screen, "export", "click", async () => {
      await exportFile();
      sure.hidden = false;
      sure.scrollIntoView({ block: "center" });
    });
    phone.dom.on(screen, "wipe", "click", () => go().catch((error) => phone.status.broken(error)));
  }

  phone.leave = { show: show, exportFile: exportFile, logOut: logOut, wipe: wipe, unsent: unsent };
})((self.phone = self.phone || {}));
