// The quick search answers while one types. Without this script the form shows a page of its own.

(() => {
  const form = document.getElementById("quick-search");
  if (!form) {
    return;
  }
  const field = document.getElementById("quick-text");
  const hits = document.getElementById("quick-hits");
  const PAUSE = 250;
  let timer = 0;
  let asked = 0;
  let isComposing = false;

  const close = () => {
    hits.hidden = true;
  };
  const ask = () => {
    asked += 1;
    const mine = asked;
    if (field.value.trim() === "") {
      close();
      return;
    }
    const options = { method: "POST", body: new FormData(form), headers: { "X-Requested-With": "fetch" } };
    fetch(form.action, options)
      .then((answer) => {
        if (!answer.ok) {
          throw new Error(String(answer.status));
        }
        return answer.text();
      })
      .then((html) => {
        // An answer that was overtaken by a later question is dropped.
        if (mine === asked) {
          hits.innerHTML = html;
          hits.hidden = false;
        }
      })
      .catch(close);
  };
  const later = () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, PAUSE);
  };

  field.addEventListener("compositionstart", () => {
    isComposing = true;
  });
  field.addEventListener("compositionend", () => {
    isComposing = false;
    later();
  });
  field.addEventListener("input", () => {
    if (!isComposing) {
      later();
    }
  });

  const stops = () => [field, ...hits.querySelectorAll("a")];
  form.addEventListener("keydown", (event) => {
    if (isComposing || event.isComposing || event.keyCode === 229) {
      return;
    }
    if (event.key === "Escape" && !hits.hidden) {
      close();
      field.focus();
      event.preventDefault();
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && !hits.hidden) {
      const all = stops();
      const next = all[all.indexOf(document.activeElement) + step];
      if (next) {
        next.focus();
      }
      event.preventDefault();
    }
  });
  document.addEventListener("click", (event) => {
    if (!form.contains(event.target)) {
      close();
    }
  });
})();
