// A photo for a visit: drawn anew at a smaller size, so that place and camera are gone from it, and kept sealed.
(function (phone) {
  "use strict";
  const LONGEST_SIDE = 1280;
  const SMALL_SIDE = 160;
  const MOST = 3;

  // The visit comes first, so that photos can be counted without being read.
  function keyOf(visit, id) {
    return visit + "/" + id;
  }

  function drawn(image, side) {
    const scale = Math.min(1, side / Math.max(image.width, image.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(image.width * scale));
    canvas.height = Math.max(1, Math.round(image.height * scale));
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return canvas;
  }

  function jpeg(canvas) {
    return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.8));
  }

  // Keeps the photo for the visit; returns its id and a small picture to show. Rejects when it is no picture.
  async function keep(file, visit) {
    const image = await createImageBitmap(file);
    const blob = await jpeg(drawn(image, LONGEST_SIDE));
    const bytes = await new Response(blob).arrayBuffer();
    const sealed = await phone.seal.bytesUnder(await phone.keys.forSending(), bytes);
    const id = phone.seal.uuid();
    await phone.store.keep("photos", keyOf(visit, id), { id: id, visit: visit, sealed: sealed });
    return { id: id, small: drawn(image, SMALL_SIDE).toDataURL("image/jpeg", 0.6) };
  }

  // The photos belong to another visit now: what was typed is saved under a fresh id.
  async function move(ids, from, to) {
    await phone.store.change(["photos"], async (stores) => {
      for (const id of ids) {
        const photo = await phone.store.answer(stores.photos.get(keyOf(from, id)));
        if (photo) stores.photos.put(Object.assign(photo, { visit: to }), keyOf(to, id));
        stores.photos.delete(keyOf(from, id));
      }
    });
  }

  async function drop(ids, visit) {
    for (const id of ids) await phone.store.drop("photos", keyOf(visit, id));
  }

  phone.photo = { keep: keep, drop: drop, move: move, MOST: MOST };
})((self.phone = self.phone || {}));
