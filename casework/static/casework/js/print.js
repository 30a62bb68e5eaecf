// Shows the button that prints the sheet; without scripts the browser's own command does the same.
(function () {
  "use strict";
  const button = document.querySelector("[data-print]");
  button.hidden = false;
  button.addEventListener("click", function () {
    window.print();
  });
})();
