// Of a measure: the field of the person offers only the persons of the household that is chosen.
window.addEventListener("load", () => {
  const person = document.querySelector("#id_person");
  if (!person) {
    return;
  }
  const household = () => {
    const field = document.querySelector("#id_household");
    return field ? field.value : person.dataset.household || "";
  };
  const $ = django.jQuery;
  $.ajaxPrefilter((options, asked) => {
    if (asked.data && asked.data.field_name === "person" && typeof options.data === "string") {
      options.data += "&household=" + encodeURIComponent(household());
    }
  });
  $("#id_household").on("change", () => $(person).val(null).trigger("change"));
});
