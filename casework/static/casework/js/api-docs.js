// Shows the schema of the API. It is read, not tried out: nobody should report a visit by playing.
"use strict";

(function () {
  const holder = document.getElementById("api-docs");
  const words = JSON.parse(document.getElementById("api-words").textContent);

  // Swagger UI leaves the choice of an example without a name for those who listen to the page.
  function nameChoices() {
    holder.querySelectorAll("select:not([aria-label])").forEach((choice) => {
      choice.setAttribute("aria-label", holder.dataset.choice);
    });
  }

  // Its own labels are English: those that stand by themselves are said in the language of the page.
  function speak() {
    const texts = document.createTreeWalker(holder, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node; node = texts.nextNode()) {
      const said = words[node.data.trim()];
      if (said && said !== node.data && !node.parentElement.closest("pre, textarea, code, option")) node.data = said;
    }
  }

  window.SwaggerUIBundle({
    url: holder.dataset.schema,
    domNode: holder,
    presets: [window.SwaggerUIBundle.presets.apis],
    supportedSubmitMethods: [],
    validatorUrl: null,
    defaultModelsExpandDepth: -1,
  });
  const tidy = () => {
    nameChoices();
    speak();
  };
  new MutationObserver(tidy).observe(holder, { childList: true, subtree: true });
})();
