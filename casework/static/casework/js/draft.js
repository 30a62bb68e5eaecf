// Keeps what is typed into a form on this phone, until the receipt says it is stored.
(function () {
  "use strict";
  const PREFIX = "draft:";
  const KEEP_DAYS = 30;
  // An identity or telephone number: the server refuses it, and the phone does not keep it in the open either.
  const LONG_NUMBER = /\d{11,20}[Xx]?/g;
  const form = document.querySelector("[data-draft]");
  if (!form) return;
  const key = PREFIX + form.dataset.draft;

  function read(name) {
    try {
      return JSON.parse(localStorage.getItem(name));
    } catch (error) {
      return null; // a phone that stores nothing, or a text that is not ours
    }
  }

  function forget(name) {
    try {
      localStorage.removeItem(name);
    } catch (error) {
      return;
    }
  }

  function fields() {
    const ours = (field) => field.name && field.type !== "submit" && field.name !== "csrfmiddlewaretoken";
    return Array.from(form.elements).filter(ours);
  }

  function isChoice(field) {
    return field.type === "radio" || field.type === "checkbox";
  }

  function starred(field) {
    const isWritten = field.tagName === "TEXTAREA" || field.type === "text";
    return isWritten ? field.value.replace(LONG_NUMBER, (number) => "*".repeat(number.length)) : field.value;
  }

  function keep() {
    const values = {};
    fields().forEach((field) => {
      if (!values[field.name]) values[field.name] = [];
      if (!isChoice(field) || field.checked) values[field.name].push(starred(field));
    });
    try {
      localStorage.setItem(key, JSON.stringify({ at: Date.now(), values: values }));
    } catch (error) {
      return; // full or forbidden: the form still works
    }
  }

  function restore(values) {
    fields().forEach((field) => {
      const kept = values[field.name];
      if (!kept) return;
      if (isChoice(field)) field.checked = kept.includes(field.value);
      else if (kept.length) field.value = kept[0];
    });
    const company = form.querySelector("details");
    if (company && company.querySelector("input:checked")) company.open = true;
    form.dispatchEvent(new Event("restored"));
  }

  function forgetOldOnes() {
    let names = [];
    try {
      names = Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
    } catch (error) {
      return;
    }
    names.forEach((name) => {
      const draft = read(name);
      if (!draft || Date.now() - draft.at > KEEP_DAYS * 86400000) forget(name);
    });
  }

  forgetOldOnes();
  const draft = read(key);
  if (form.dataset.typed === "yes") {
    keep();
  } else if (draft && draft.values) {
    restore(draft.values);
    const notice = document.querySelector("[data-restored]");
    notice.hidden = false;
    notice.querySelector("[data-start-afresh]").addEventListener("click", () => {
      forget(key);
      location.reload();
    });
  }
  form.addEventListener("input", keep);
  form.addEventListener("change", keep);
})();
