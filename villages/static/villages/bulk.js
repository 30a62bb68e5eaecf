// Whoever gives a field a value wants it changed: tick it.

document.querySelectorAll(".bulk-line").forEach((line) => {
  const box = line.querySelector("input[name=chosen]");
  const tick = () => {
    box.checked = true;
  };
  // Typed on a slow line before this script had come.
  if (Array.from(line.querySelectorAll(".value input[type=text], .value textarea")).some((field) => field.value !== field.defaultValue)) {
    tick();
  }
  line.querySelector(".value").addEventListener("change", tick);
  line.querySelector(".value").addEventListener("input", tick);
  // Select2 tells what was chosen to jQuery only, and tells a change when it is merely put in place.
  if (window.django && window.django.jQuery) {
    window.django.jQuery(line).find("select").on("select2:select select2:unselect", tick);
  }
});
