// Runs before the first paint: the layout is wall, desk or phone, by the address or by the width of the window. A page
// that people sit at (`data-near`) is never a wall by itself, however wide its screen is.
"use strict";
(function () {
  const root = document.documentElement;
  const asked = root.dataset.mode;
  function choose() {
    const width = window.innerWidth;
    root.dataset.mode = asked || (width >= 1800 && !("near" in root.dataset) ? "wall" : width <= 820 ? "phone" : "desk");
  }
  choose();
  window.addEventListener("resize", choose);
})();
