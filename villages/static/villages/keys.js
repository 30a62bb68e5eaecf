// The panel by keyboard. Letters do something only where nobody is writing: not in fields, and not while a Chinese
// input method is composing.

(() => {
  const typing = (node) =>
    node instanceof HTMLElement &&
    (node.isContentEditable ||
      node.matches("textarea, select, [role=combobox], [role=listbox], [role=option]") ||
      (node.matches("input") && !/^(checkbox|radio|button|submit|reset|file)$/.test(node.type)));
  // 229 is what browsers report for a key that the input method has taken.
  const composing = (event) => event.isComposing || event.keyCode === 229;

  const help = document.getElementById("keys-help");
  const showHelp = () => {
    if (help && !help.open) {
      help.showModal();
    }
  };
  document.querySelectorAll("[data-keys-help]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", showHelp);
  });

  // Rows ------------------------------------------------------------------------------------------

  const rows = () => Array.from(document.querySelectorAll("#result_list tbody tr"));
  const rowOf = (node) => (node instanceof Element ? node.closest("#result_list tbody tr") : null);
  const linkIn = (row) => row.querySelector("th a[href], td a[href]");
  const go = (step) => {
    const all = rows();
    const here = all.indexOf(rowOf(document.activeElement));
    const next = here < 0 ? (step > 0 ? 0 : all.length - 1) : here + step;
    const link = all[next] && linkIn(all[next]);
    if (link) {
      link.focus();
      link.scrollIntoView({ block: "nearest" });
    }
    return all.length > 0;
  };
  const tick = () => {
    const row = rowOf(document.activeElement);
    const box = row && row.querySelector("input.action-select");
    if (box) {
      box.click();
    }
    return Boolean(box);
  };

  // Places ----------------------------------------------------------------------------------------

  const focus = (field) => {
    if (field) {
      field.focus();
      field.select();
    }
    return Boolean(field);
  };
  const quick = () => focus(document.getElementById("quick-text"));
  const search = () => focus(document.getElementById("searchbar")) || quick();
  const press = (node) => {
    if (node) {
      node.click();
    }
    return Boolean(node);
  };
  const save = () =>
    press(document.querySelector("#content-main .submit-row input[name=_save], #content-main .submit-row input.default"));
  const add = () => press(document.querySelector(".object-tools .addlink"));

  const leave = (node) => {
    if (typing(node)) {
      node.blur();
      return true;
    }
    const row = rowOf(node);
    if (row) {
      node.blur();
      return true;
    }
    const back = document.querySelector(".breadcrumbs [data-back]");
    // A form that has been changed is not thrown away by a key.
    return document.body.dataset.changed ? false : press(back);
  };
  document.addEventListener("input", (event) => {
    if (event.target.closest("#content-main form") && !event.target.closest("#toolbar")) {
      document.body.dataset.changed = "yes";
    }
  });

  const letters = {
    "/": search,
    q: quick,
    j: () => go(1),
    k: () => go(-1),
    x: tick,
    "?": () => {
      showHelp();
      return true;
    },
  };

  const meaning = (event) => {
    const command = event.ctrlKey || event.metaKey;
    if (command && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "s") {
      return save;
    }
    if (event.altKey && !command && event.code === "KeyN") {
      return add;
    }
    if (command || event.altKey) {
      return null;
    }
    if (event.key === "Escape") {
      return () => leave(document.activeElement);
    }
    if (typing(event.target)) {
      return null;
    }
    const isFree = event.target === document.body || rowOf(event.target) || event.target.matches(".results, main");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      return isFree ? () => go(event.key === "ArrowDown" ? 1 : -1) : null;
    }
    return letters[event.key] || null;
  };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || composing(event) || (help && help.open)) {
      return;
    }
    const act = meaning(event);
    if (act && act()) {
      event.preventDefault();
    }
  });
})();
