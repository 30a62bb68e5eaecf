// A screen on a wall that nobody touches: fetch the page again after data-renew seconds and put its content in place.
// Nothing is reloaded, so that the full screen stays; when the server cannot be reached, the old content stays with
// the moment it is of, and the next try comes after a minute.
(function () {
  "use strict";
  var page = document.querySelector("[data-renew]");
  var button = document.querySelector("[data-full-screen]");
  if (!page) {
    return;
  }
  var pause = 1000 * Number(page.getAttribute("data-renew"));
  var parts = ["[data-as-of]", "[data-wall]"];

  function wait(milliseconds) {
    window.setTimeout(renew, milliseconds);
  }

  function put(text) {
    var fresh = new DOMParser().parseFromString(text, "text/html");
    if (!fresh.querySelector("[data-renew]")) {
      window.location.reload(); // signed out, or no round any more: show what the server says
      return;
    }
    parts.forEach(function (part) {
      page.querySelector(part).replaceWith(document.importNode(fresh.querySelector(part), true));
    });
    wait(pause);
  }

  function renew() {
    window
      .fetch(window.location.href, { credentials: "same-origin", cache: "no-store" })
      .then(function (answer) {
        if (answer.status >= 500) {
          throw new Error(answer.status);
        }
        return answer.text();
      })
      .then(put)
      .catch(function () {
        wait(60000);
      });
  }

  if (button && document.documentElement.requestFullscreen) {
    button.hidden = false;
    button.addEventListener("click", function () {
      document.documentElement.requestFullscreen();
    });
    document.addEventListener("fullscreenchange", function () {
      button.hidden = Boolean(document.fullscreenElement);
    });
  }
  wait(pause);
})();
