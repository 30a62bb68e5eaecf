// Moves the bar of a job in the background, and loads the page again when the job is over.
// Where the answer does not say whether it is over, the bar names the state that means it is not.
(function () {
  "use strict";
  const PAUSE = 1500; // milliseconds
  const bar = document.querySelector("[data-progress]");
  const words = document.querySelector("[data-progress-words]");
  if (!bar) return;

  function look() {
    fetch(bar.dataset.progress, { credentials: "same-origin" })
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)))
      .then((state) => {
        if (bar.dataset.under ? state.state !== bar.dataset.under : state.is_over) {
          location.reload();
          return;
        }
        if (state.total) {
          bar.max = state.total;
          bar.value = state.done;
        }
        words.textContent = state.done + (state.total ? " / " + (words.dataset.about || "") + state.total : "");
        setTimeout(look, PAUSE);
      })
      .catch(() => setTimeout(look, 4 * PAUSE));
  }

  setTimeout(look, PAUSE);
})();
