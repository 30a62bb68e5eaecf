// The phone's own database: promises around IndexedDB. What is reported as kept has reached the disk.
(function (phone) {
  "use strict";
  const NAME = "casework-phone";
  const VERSION = 1;
  const STORES = ["meta", "keys", "caseload", "drafts", "queue", "photos", "delivered"];
  let opening = null;
  let isShut = false; // until the page is loaded again: nothing may be opened, and so made, anew
  let mayMake = true;

  function connect() {
    return new Promise((resolve, reject) => {
      const asked = indexedDB.open(NAME, VERSION);
      asked.onupgradeneeded = (event) => {
        if (!mayMake && event.oldVersion === 0) {
          asked.transaction.abort(); // and is refused below
          return;
        }
        const known = asked.result.objectStoreNames;
        STORES.filter((name) => !known.contains(name)).forEach((name) => asked.result.createObjectStore(name));
      };
      asked.onerror = () => reject(asked.error);
      asked.onsuccess = () => {
        const base = asked.result;
        // A later version of the app, or a wipe, in another window must not wait for this one.
        base.onversionchange = () => {
          base.close();
          opening = null;
        };
        base.onclose = () => {
          opening = null;
        };
        resolve(base);
      };
    });
  }

  function open() {
    if (isShut) return new Promise(() => {}); // whoever still waits for the store simply stops
    if (!opening) {
      const mine = connect();
      opening = mine;
      mine.catch(() => {
        if (opening === mine) opening = null;
      });
    }
    return opening;
  }

  function answer(request) {
    return new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  }

  // `work` gets the stores by name and may wait for their answers, for nothing else.
  function transact(names, mode, work) {
    return open().then(
      (base) =>
        new Promise((resolve, reject) => {
          const transaction = base.transaction(names, mode, { durability: "strict" });
          let result;
          transaction.oncomplete = () => resolve(result);
          transaction.onabort = () => reject(transaction.error || new Error("aborted"));
          const stores = {};
          names.forEach((name) => {
            stores[name] = transaction.objectStore(name);
          });
          Promise.resolve(work(stores)).then(
            (value) => {
              result = value;
            },
            (error) => {
              reject(error);
              try {
                transaction.abort();
              } catch (already) {
                return; // it has ended by itself
              }
            }
          );
        })
    );
  }

  function read(name, key) {
    return transact([name], "readonly", (stores) => answer(stores[name].get(key)));
  }

  function all(name) {
    return transact([name], "readonly", (stores) => answer(stores[name].getAll()));
  }

  function keys(name) {
    return transact([name], "readonly", (stores) => answer(stores[name].getAllKeys()));
  }

  function keep(name, key, value) {
    return transact([name], "readwrite", (stores) => answer(stores[name].put(value, key)));
  }

  function drop(name, key) {
    return transact([name], "readwrite", (stores) => answer(stores[name].delete(key)));
  }

  async function wipe() {
    const base = opening ? await opening.catch(() => null) : null;
    if (base) base.close();
    opening = null;
    await new Promise((resolve, reject) => {
      const asked = indexedDB.deleteDatabase(NAME);
      asked.onsuccess = resolve;
      asked.onerror = () => reject(asked.error);
    });
  }

  function shut() {
    isShut = true;
  }

  // The service worker only looks after what a window has kept: after a wipe it must not make the store anew, empty.
  function neverMake() {
    mayMake = false;
  }

  phone.store = {
    change: (names, work) => transact(names, "readwrite", work),
    answer: answer,
    read: read,
    all: all,
    keys: keys,
    keep: keep,
    drop: drop,
    wipe: wipe,
    shut: shut,
    neverMake: neverMake,
  };
})((self.phone = self.phone || {}));
