// The receipt is here, so the visit is stored: forget the draft that has its id, and no other.
(function () {
  "use strict";
  const saved = document.querySelector("[data-saved]");
  if (!saved) return;
  try {
    Object.keys(localStorage)
      .filter((name) => name.startsWith("draft:"))
      .forEach((name) => {
        const draft = JSON.parse(localStorage.getItem(name));
        const id = draft && draft.values && draft.values.id && draft.values.id[0];
        if (id === saved.dataset.saved) localStorage.removeItem(name);
      });
  } catch (error) {
    return; // a phone that stores nothing has nothing to forget
  }
})();
