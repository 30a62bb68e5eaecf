// The digest of a visit: the same on the phone and on the server for the same content.
(function (phone) {
  "use strict";
  const APART = ["digest", "filled_at"];

  const HALF = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(^|[^\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

  // A text as it is stored and sent: what keyboards and copied pages bring along unseen is taken out once, here.
  function tidy(text) {
    return text
      .replace(/\r\n?/g, "\n")
      .replace(/\t/g, " ")
      .replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\ufeff]/g, "")
      .replace(HALF, "$1\ufffd")
      .normalize("NFC")
      .trim();
  }

  function isEmpty(value) {
    if (value === undefined || value === null || value === "") return true;
    if (Array.isArray(value)) return value.length === 0;
    return typeof value === "object" && Object.keys(value).length === 0;
  }

  // Without what is empty, and lists in one order.
  function plain(value) {
    if (Array.isArray(value)) {
      const items = value.map(plain).filter((item) => !isEmpty(item));
      return items.every((item) => typeof item === "number")
        ? items.sort((one, other) => one - other)
        : items
            .map((item) => [canonical(item), item])
            .sort((one, other) => (one[0] < other[0] ? -1 : 1))
            .map((pair) => pair[1]);
    }
    if (value && typeof value === "object") {
      const kept = {};
      Object.keys(value).forEach((name) => {
        const inner = plain(value[name]);
        if (!isEmpty(inner)) kept[name] = inner;
      });
      return kept;
    }
    return value;
  }

  function canonical(value) {
    if (Array.isArray(value)) return "[" + value.map(canonical).join(",") + "]";
    if (value && typeof value === "object") {
      const pairs = Object.keys(value)
        .sort()
        .map((name) => JSON.stringify(name) + ":" + canonical(value[name]));
      return "{" + pairs.join(",") + "}";
    }
    return JSON.stringify(value);
  }

  async function of(visit) {
    const content = Object.assign({}, visit);
    APART.forEach((name) => delete content[name]);
    const bytes = new TextEncoder().encode(canonical(plain(content)));
    const hash = await crypto.subtle.digest("SHA-256", bytes);
    return Array.from(new Uint8Array(hash), (byte) => (byte + 256).toString(16).slice(1)).join("");
  }

  phone.digest = { of: of, tidy: tidy, canon: (value) => canonical(plain(value)) };
})((self.phone = self.phone || {}));
