// The code on a family's door, read by the camera where the browser can; otherwise the number is typed.
(function (phone) {
  "use strict";
  const PAUSE = 300; // milliseconds between two looks
  let stream = null;

  function isPossible() {
    return Boolean(self.BarcodeDetector && navigator.mediaDevices && navigator.mediaDevices.getUserMedia);
  }

  function stop() {
    if (stream) stream.getTracks().forEach((track) => track.stop());
    stream = null;
  }

  // The family's own address, or the token alone; everything else on a code is none of ours.
  function tokenOf(text) {
    const found = /\/h\/([^/?#]+)\/?(?:[?#].*)?$/.exec(text);
    return found ? found[1] : "";
  }

  function open(token) {
    const household = phone.caseload.byToken(token);
    if (household) location.hash = "#/family/" + household.id;
    else phone.status.say(phone.say("code_unknown"));
    return Boolean(household);
  }

  async function look(detector, video) {
    if (!stream) return;
    const codes = await detector.detect(video).catch(() => []);
    const tokens = codes.map((code) => tokenOf(code.rawValue)).filter(Boolean);
    if (tokens.length && open(tokens[0])) stop();
    else setTimeout(() => look(detector, video), PAUSE);
  }

  async function show() {
    const screen = phone.dom.show(phone.dom.copy("scan"));
    if (!isPossible()) return;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      const video = screen.querySelector("video");
      video.srcObject = stream;
      await video.play();
      look(new self.BarcodeDetector({ formats: ["qr_code"] }), video);
    } catch (error) {
      phone.status.say(phone.say("no_camera"));
    }
  }

  window.addEventListener("hashchange", stop);
  phone.scan = { show: show, open: open, isPossible: isPossible };
})((self.phone = self.phone || {}));
