// Narrows a list of households, or of what they get, while typing, ticks a whole group, and says how many are ticked.
(function () {
  "use strict";
  const form = document.querySelector("[data-choose]");
  if (!form) return;
  const find = form.querySelector("[data-find]");
  const groups = Array.from(form.querySelectorAll("[data-group]"));
  const boxes = (part) => Array.from(part.querySelectorAll("[name=household], [name=row]"));

  function say() {
    let all = 0;
    groups.forEach((group) => {
      const ticked = boxes(group).filter((box) => box.checked).length;
      const badge = group.querySelector("[data-ticked]");
      badge.hidden = ticked === 0;
      badge.textContent = ticked ? "✓ " + ticked : "";
      all += ticked;
    });
    form.querySelector("[data-count-box]").hidden = all === 0;
    form.querySelector("[data-count]").textContent = all;
  }

  function narrow() {
    const words = find.value.trim();
    groups.forEach((group) => {
      const labels = Array.from(group.querySelectorAll("[data-name]"));
      labels.forEach((label) => {
        label.hidden = words !== "" && !label.dataset.name.includes(words);
      });
      const found = labels.filter((label) => !label.hidden).length;
      group.hidden = found === 0;
      if (words && found) group.open = true;
      const whole = group.querySelector(".choice-all");
      if (whole) whole.hidden = words !== "";
    });
  }

  form.addEventListener("change", (event) => {
    const group = event.target.closest("[data-group]");
    if (!group) return;
    const whole = group.querySelector("[data-all]");
    if (event.target === whole) {
      boxes(group).forEach((box) => {
        box.checked = whole.checked;
      });
    } else if (whole) {
      whole.checked = boxes(group).every((box) => box.checked);
    }
    say();
  });
  find.addEventListener("input", narrow);
  find.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault(); // the list is narrowed already
  });
  form.querySelector("[data-find-button]").hidden = true;
  find.hidden = false;
  form.querySelectorAll("[data-all-box]").forEach((box) => {
    box.hidden = false;
  });
  say();
})();
