// Adds up, while typing, what the form comes to: ticked households and yuan in all.
(function () {
  "use strict";
  const form = document.querySelector("[data-total-of]");
  if (!form) return;
  const shared = form.querySelector("[name=" + form.dataset.totalOf + "]");
  const count = form.querySelector("[data-count]");
  const total = form.querySelector("[data-total]");

  function cents(text) {
    const plain = text.normalize("NFKC").replace(/[,\s元]/g, "");
    return plain && isFinite(plain) ? Math.round(Number(plain) * 100) : null;
  }

  function said(sum) {
    const whole = String(Math.floor(sum / 100)).replace(/\B(?=(\d{3})+$)/g, ",");
    return whole + "." + ("0" + (sum % 100)).slice(-2);
  }

  function add() {
    const each = cents(shared.value) || 0;
    const ticked = Array.from(form.querySelectorAll("[name=household]:checked"));
    const sum = ticked.reduce((before, box) => {
      const line = box.closest("[data-line]");
      const own = line ? cents(line.querySelector("[data-own]").value) : null;
      return before + (own === null ? each : own);
    }, 0);
    count.textContent = ticked.length;
    total.textContent = said(sum);
  }

  form.addEventListener("input", add);
  form.addEventListener("change", add);
  form.addEventListener("restored", add);
  add();
})();
