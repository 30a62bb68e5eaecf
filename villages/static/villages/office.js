// What the stock admin leaves out for keyboards and screen readers: names of autocomplete fields, and
// a way to scroll tables that are wider than the screen. And what is typed into an autocomplete field
// goes into an address, which proxies keep: a personal number is not sent.

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

  // See villages/personal_numbers.py: identity numbers of 18 and 15 characters, mobile telephones.
  const personal = /(^|\D)(\d{6}(19|20)\d{9}[\dX](\d{2}(B\d)?)?|\d{15}|1[3-9]\d{9})($|[^\dX])/i;
  const isPersonal = (text) => {
    const plain = text.normalize("NFKC");
    return personal.test(plain) || personal.test(plain.replace(/[\s\-.,]+/g, ""));
  };
  django.jQuery.ajaxPrefilter((options, asked) => {
    if (asked.data && typeof asked.data.term === "string" && isPersonal(asked.data.term)) {
      options.data = django.jQuery.param(Object.assign({}, asked.data, { term: "*" }));
    }
  });

  // jQuery keeps its order: this runs after Select2 has been put in place, which may be later than "load".
  django.jQuery(nameAll);
  document.addEventListener("formset:added", () => django.jQuery(nameAll));

  document.querySelectorAll(".inline-group").forEach((group) => {
    if (group.scrollWidth > group.clientWidth) {
      group.tabIndex = 0;
    }
  });
});
