// Seals what is kept on the phone: AES-GCM by the browser's own cryptography.
(function (phone) {
  "use strict";
  const NONCE = 12; // bytes
  const ROUNDS = 200000; // of PBKDF2, between a PIN and its key

  function random(length) {
    return crypto.getRandomValues(new Uint8Array(length));
  }

  function uuid() {
    const bytes = random(16);
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = Array.from(bytes, (byte) => (byte + 256).toString(16).slice(1)).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }

  async function bytesUnder(key, bytes) {
    const iv = random(NONCE);
    return { iv: iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv: iv }, key, bytes) };
  }

  function bytesOf(key, sealed) {
    return crypto.subtle.decrypt({ name: "AES-GCM", iv: sealed.iv }, key, sealed.data);
  }

  function under(key, value) {
    return bytesUnder(key, new TextEncoder().encode(JSON.stringify(value)));
  }

  async function opened(key, sealed) {
    return JSON.parse(new TextDecoder().decode(await bytesOf(key, sealed)));
  }

  function imported(raw) {
    return crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
  }

  function made() {
    return crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  }

  async function fromPin(pin, salt) {
    const material = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveKey"]);
    const how = { name: "PBKDF2", salt: salt, iterations: ROUNDS, hash: "SHA-256" };
    return crypto.subtle.deriveKey(how, material, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  }

  phone.seal = {
    random: random,
    uuid: uuid,
    under: under,
    opened: opened,
    bytesUnder: bytesUnder,
    bytesOf: bytesOf,
    imported: imported,
    made: made,
    fromPin: fromPin,
  };
})((self.phone = self.phone || {}));
