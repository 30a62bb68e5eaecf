// What the stock admin leaves out for keyboards and screen readers: names of autocomplete fields, and
// a way to scroll tables that are wider than the screen.

window.addEventListener("load", () => {
  const name = (select) => {
    const box = select.nextElementSibling && select.nextElementSibling.querySelector("[role=combobox]");
    if (!box) {
      return;
    }
    const label = document.querySelector(`label[for="${select.id}"]`);
    const words = label ? label.textContent.replace(/[:：]\s*$/, "") : select.getAttribute("aria-label");
    const chosen = box.querySelector(".select2-selection__rendered");
    const say = () => {
      const value = chosen.textContent.replace("×", "");
      box.setAttribute("aria-label", `${words.trim()} ${value.trim()}`.trim());
    };
    box.removeAttribute("aria-labelledby");
    chosen.removeAttribute("role");
    chosen.removeAttribute("aria-readonly");
    say();
    new MutationObserver(say).observe(chosen, { childList: true, subtree: true });
  };
  const nameAll = () => document.querySelectorAll("select.admin-autocomplete").forEach((select) => name(select));

  // jQuery keeps its order: this runs after Select2 has been put in place, which may be later than "load".
  django.jQuery(nameAll);
  document.addEventListener("formset:added", () => django.jQuery(nameAll));

  document.querySelectorAll(".inline-group").forEach((group) => {
    if (group.scrollWidth > group.clientWidth) {
      group.tabIndex = 0;
    }
  });
});
