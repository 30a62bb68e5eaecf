// Shows the schema of the API. It is read, not tried out: nobody should report a visit by playing.
"use strict";

(function () {
  const holder = document.getElementById("api-docs");

  // Swagger UI leaves the choice of an example without a name for those who listen to the page.
  function nameChoices() {
    holder.querySelectorAll("select:not([aria-label])").forEach((choice) => {
      choice.setAttribute("aria-label", holder.dataset.choice);
    });
  }

  window.SwaggerUIBundle({
    url: holder.dataset.schema,
    domNode: holder,
    presets: [window.SwaggerUIBundle.presets.apis],
    supportedSubmitMethods: [],
    validatorUrl: null,
    defaultModelsExpandDepth: -1,
  });
  new MutationObserver(nameChoices).observe(holder, { childList: true, subtree: true });
})();
