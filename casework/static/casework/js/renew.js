// Load the page again after data-renew seconds: for a screen on a wall that nobody touches.
(function () {
  "use strict";
  var page = document.querySelector("[data-renew]");
  if (page) {
    window.setTimeout(function () {
      window.location.reload();
    }, 1000 * Number(page.getAttribute("data-renew")));
  }
})();
