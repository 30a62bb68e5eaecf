// Screens and pieces: the markup stands in the page's templates, scripts only fill it in.
(function (phone) {
  "use strict";

  // A copy of a template. data-slot: text; data-if: stays only when there is a value; data-to: an address.
  function copy(name, values) {
    const source = document.querySelector('template[data-view="' + name + '"]');
    const piece = document.importNode(source.content, true);
    fill(piece, values || {});
    return piece;
  }

  function fill(piece, values) {
    piece.querySelectorAll("[data-if]").forEach((node) => {
      if (!values[node.dataset.if]) node.parentNode.removeChild(node);
    });
    piece.querySelectorAll("[data-slot]").forEach((node) => {
      const value = values[node.dataset.slot];
      if (value !== undefined && value !== null) node.textContent = value;
    });
    piece.querySelectorAll("[data-to]").forEach((node) => {
      if (values[node.dataset.to]) node.setAttribute("href", values[node.dataset.to]);
    });
    return piece;
  }

  function clear(node) {
    while (node.firstChild) node.removeChild(node.firstChild);
    return node;
  }

  function put(node, pieces) {
    clear(node);
    pieces.forEach((piece) => node.appendChild(piece));
  }

  function show(piece) {
    const screen = document.querySelector("[data-screen]");
    put(screen, [piece]);
    return screen;
  }

  function on(root, name, event, act) {
    root.querySelectorAll("[data-act=" + name + "]").forEach((node) => node.addEventListener(event, act));
  }

  phone.dom = { copy: copy, fill: fill, clear: clear, put: put, show: show, on: on };
})((self.phone = self.phone || {}));
