// Shows the line for the problem only when there is one. Without this script the line is always there.
(function () {
  "use strict";
  const line = document.querySelector("[data-problem-line]");
  if (!line) return;
  const form = line.closest("form");

  function show() {
    const chosen = form.querySelector("[name=has_problem]:checked");
    line.hidden = !chosen || chosen.value !== "yes";
  }

  form.addEventListener("change", show);
  form.addEventListener("restored", show);
  show();
})();
