// The code on a family's door, read by the camera; a browser that cannot read codes itself gets a reader of ours.
(function (phone) {
  "use strict";
  const PAUSE = 300; // milliseconds between two looks
  const WIDEST = 640; // pixels: enough for a code held before the camera, and quick on an old phone
  let stream = null;
  let reading = null; // the reader of ours, once it is asked for

  function isPossible() {
    return Boolean(navigator.mediaDevices && navigator.mediaDevices.getUserMedia);
  }

  function readerAddress() {
    return document.querySelector("[data-code-reader]").dataset.codeReader;
  }

  // Fetched once while there is network; the service worker keeps it.
  function prepare() {
    if (isPossible() && !self.BarcodeDetector) fetch(readerAddress()).catch(() => null);
  }

  function reader() {
    if (!reading) {
      reading = new Promise((done, failed) => {
        const script = document.createElement("script");
        script.src = readerAddress();
        script.onload = done;
        script.onerror = failed;
        document.head.appendChild(script);
      });
      reading.catch(() => (reading = null));
    }
    return reading;
  }

  async function detector() {
    if (self.BarcodeDetector) return new self.BarcodeDetector({ formats: ["qr_code"] });
    await reader();
    const canvas = document.createElement("canvas");
    return { detect: async (video) => seen(canvas, video) };
  }

  function seen(canvas, video) {
    const share = Math.min(1, WIDEST / (video.videoWidth || 1));
    canvas.width = Math.round(video.videoWidth * share);
    canvas.height = Math.round(video.videoHeight * share);
    if (!canvas.width || !canvas.height) return [];
    const pen = canvas.getContext("2d");
    pen.drawImage(video, 0, 0, canvas.width, canvas.height);
    const picture = pen.getImageData(0, 0, canvas.width, canvas.height);
    const found = self.jsQR(picture.data, picture.width, picture.height);
    return found ? [{ rawValue: found.data }] : [];
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

  async function look(eyes, video) {
    if (!stream) return;
    const codes = await eyes.detect(video).catch(() => []);
    const tokens = codes.map((code) => tokenOf(code.rawValue)).filter(Boolean);
    if (tokens.length && open(tokens[0])) stop();
    else setTimeout(() => look(eyes, video), PAUSE);
  }

  async function show() {
    const screen = phone.dom.show(phone.dom.copy("scan"));
    if (!isPossible()) return;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      const video = screen.querySelector("video");
      video.srcObject = stream;
      await video.play();
      look(await detector(), video);
    } catch (error) {
      stop();
      phone.status.say(phone.say("no_camera"));
    }
  }

  window.addEventListener("hashchange", stop);
  phone.scan = { show: show, open: open, isPossible: isPossible, prepare: prepare };
})((self.phone = self.phone || {}));
