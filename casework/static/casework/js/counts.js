// Asks the server what the visit would count for, each time an answer changes, and shows it before saving.
(function () {
  "use strict";
  const PAUSE = 400; // milliseconds
  const form = document.querySelector("[data-counts]");
  const box = document.querySelector("[data-counts-box]");
  if (!form || !box) return;
  const ASKED = ["visitors", "visited_on", "contact", "outcome"];
  let timer = 0;
  let latest = 0;

  function ask() {
    latest += 1;
    const mine = latest;
    const options = { method: "POST", body: new FormData(form), credentials: "same-origin", redirect: "error" };
    fetch(form.dataset.counts, options)
      .then((answer) => (answer.ok ? answer.text() : Promise.reject(answer.status)))
      .then((html) => {
        if (mine === latest) box.innerHTML = html;
      })
      .catch(() => {}); // no net: what stands there stays, saving says it again
  }

  function later(event) {
    if (event.type === "change" && !ASKED.includes(event.target.name)) return;
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  }

  form.addEventListener("change", later);
  form.addEventListener("restored", later);
})();
