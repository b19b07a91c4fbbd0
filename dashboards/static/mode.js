// Runs before the first paint: the layout is wall, desk or phone, by the address or by the width of the window.
"use strict";
(function () {
  const root = document.documentElement;
  const asked = root.dataset.mode;
  function choose() {
    const width = window.innerWidth;
    root.dataset.mode = asked || (width >= 1800 ? "wall" : width <= 820 ? "phone" : "desk");
  }
  choose();
  window.addEventListener("resize", choose);
})();
