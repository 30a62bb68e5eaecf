// Asks the server, with a limit of time, the session's cookie and the token against forged requests.
(function (phone) {
  "use strict";
  const PATIENCE = 45000; // milliseconds
  const ROOT = "/api/v1/phone/";

  // What went wrong: `kind` is "offline", "login", "cut_off", "old_version", "too_much" or "failed".
  function trouble(kind, status) {
    const error = new Error(kind);
    error.kind = kind;
    error.status = status || 0;
    return error;
  }

  let known = ""; // the token; the shell comes out of a cache and cannot bring a fresh one

  async function token(isFresh) {
    if (!known || isFresh) known = (await ask(ROOT + "session/", { method: "GET" })).csrf_token;
    return known;
  }

  async function once(path, options, isFresh) {
    const headers = Object.assign({ Accept: "application/json", "X-Phone": await phone.facts.id() }, options.headers);
    if (options.method === "POST") headers["X-CSRFToken"] = await token(isFresh);
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), PATIENCE);
    try {
      const how = { credentials: "same-origin", cache: "no-store", redirect: "error", signal: stop.signal };
      return await fetch(path, Object.assign(how, options, { headers: headers }));
    } finally {
      clearTimeout(timer);
    }
  }

  async function ask(path, options) {
    let answer;
    try {
      answer = await once(path, options, false);
      if (answer.status === 403 && options.method === "POST") answer = await once(path, options, true);
    } catch (error) {
      throw error.kind ? error : trouble("offline");
    }
    if (answer.ok) return answer.json();
    const kinds = { 401: "login", 403: "login", 410: "cut_off", 413: "too_much", 426: "old_version" };
    throw trouble(kinds[answer.status] || "failed", answer.status);
  }

  function post(name, content) {
    const headers = { "Content-Type": "application/json" };
    return ask(ROOT + name, { method: "POST", body: JSON.stringify(content), headers: headers });
  }

  phone.api = {
    session: () => ask(ROOT + "session/", { method: "GET" }),
    get: (name) => ask(ROOT + name, { method: "GET" }),
    post: post,
    upload: (name, form) => ask(ROOT + name, { method: "POST", body: form }),
    token: token,
  };
})((self.phone = self.phone || {}));
