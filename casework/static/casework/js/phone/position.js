// Where the phone is, asked once and only when the cadre taps for it.
(function (phone) {
  "use strict";
  const PATIENCE = 20000; // milliseconds

  function here() {
    return new Promise((resolve, reject) => {
      if (!navigator.geolocation) {
        reject(new Error("no position"));
        return;
      }
      const take = (found) =>
        resolve({
          latitude: found.coords.latitude.toFixed(6),
          longitude: found.coords.longitude.toFixed(6),
          accuracy: Math.ceil(found.coords.accuracy),
        });
      navigator.geolocation.getCurrentPosition(take, reject, { enableHighAccuracy: true, timeout: PATIENCE });
    });
  }

  phone.position = { here: here };
})((self.phone = self.phone || {}));
