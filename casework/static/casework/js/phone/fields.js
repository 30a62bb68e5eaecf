// The fields of the visit form: filled from values, read back into values, turned into the visit that is sent.
(function (phone) {
  "use strict";
  const TEXTS = ["note", "problem", "needs", "ideas", "results", "head_count", "visited_on"];
  const CHOICES = ["contact", "outcome", "has_problem", "talk"];

  function put(form, values) {
    TEXTS.forEach((name) => {
      if (form.elements[name]) form.elements[name].value = values[name] || "";
    });
    CHOICES.forEach((name) => check(form, name, [values[name] || ""]));
    check(form, "visitors", (values.visitors || []).map(String));
    Object.keys(values.answers || {}).forEach((name) => check(form, name, [values.answers[name]]));
    Object.keys(values.guarantees || {}).forEach((kind) => check(form, "guarantee_" + kind, [values.guarantees[kind]]));
    form.querySelectorAll("details").forEach((part) => {
      const isFilled = (field) => (field.type === "checkbox" ? field.checked : field.type !== "radio" && field.value);
      if (Array.from(part.querySelectorAll("input, textarea")).some(isFilled)) part.open = true;
    });
  }

  function fieldsOf(form, name) {
    return Array.from(form.querySelectorAll('[name="' + name + '"]'));
  }

  function check(form, name, chosen) {
    fieldsOf(form, name).forEach((field) => {
      field.checked = chosen.includes(field.value);
    });
  }

  function chosen(form, name) {
    return fieldsOf(form, name)
      .filter((field) => field.checked)
      .map((field) => field.value);
  }

  function read(form, values) {
    const now = Object.assign({}, values);
    TEXTS.forEach((name) => {
      if (form.elements[name]) now[name] = form.elements[name].value;
    });
    CHOICES.forEach((name) => {
      now[name] = chosen(form, name)[0] || "";
    });
    now.visitors = chosen(form, "visitors").map(Number);
    now.answers = {};
    now.guarantees = {};
    form.querySelectorAll("[data-question] input:checked").forEach((field) => {
      if (field.value) now.answers[field.name] = field.value;
    });
    form.querySelectorAll("[data-guarantee] input:checked").forEach((field) => {
      if (field.value !== field.dataset.known) now.guarantees[field.name.replace("guarantee_", "")] = field.value;
    });
    return now;
  }

  function confirmations(values) {
    if (values.outcome !== "met") return [];
    return Object.keys(values.answers).map((name) => {
      const about = name.split("_");
      const said = { answer: values.answers[name] };
      said[about[0]] = Number(about[1]);
      return said;
    });
  }

  // The visit as the server takes it, without its digest.
  function visitOf(values, target) {
    const tidy = phone.digest.tidy;
    const visit = {
      id: values.id,
      visited_on: values.visited_on,
      contact: values.contact,
      outcome: values.outcome,
      visitors: values.visitors,
      note: tidy(values.note || ""),
      problem: values.has_problem === "yes" ? tidy(values.problem || "") : "",
      filled_at: values.filled_at,
    };
    if (target.household) visit.household = target.household;
    else visit.village = target.village;
    const said = confirmations(values);
    if (said.length) visit.confirmations = said;
    ["needs", "ideas", "results"].forEach((name) => {
      if (tidy(values[name] || "")) visit[name] = tidy(values[name]);
    });
    if (values.talk) visit.talk = values.talk;
    if (values.head_count && /^\d+$/.test(values.head_count)) visit.head_count = Number(values.head_count);
    if (values.position) visit.position = values.position;
    if (Object.keys(values.guarantees || {}).length) visit.guarantees = values.guarantees;
    return visit;
  }

  // What is wrong, by field; empty when it can be saved.
  function problems(values) {
    const found = {};
    if (!values.visitors.length) found.visitors = phone.say("who_went");
    if (!values.visited_on) found.visited_on = phone.say("which_day");
    else if (values.visited_on > phone.facts.today()) found.visited_on = phone.say("future_day");
    if (values.has_problem === "yes" && !(values.problem || "").trim()) found.problem = phone.say("name_problem");
    return found;
  }

  // Values of a form for a visit that lies in the queue: to correct it.
  function valuesOf(visit) {
    const answers = {};
    (visit.confirmations || []).forEach((said) => {
      answers[said.measure ? "measure_" + said.measure : "link_" + said.link] = said.answer;
    });
    return Object.assign({}, visit, {
      has_problem: visit.problem ? "yes" : "no",
      answers: answers,
      guarantees: visit.guarantees || {},
      head_count: visit.head_count ? String(visit.head_count) : "",
      photos: [],
    });
  }

  phone.fields = { put: put, read: read, visitOf: visitOf, problems: problems, valuesOf: valuesOf };
})((self.phone = self.phone || {}));
