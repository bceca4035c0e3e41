// How many people are chosen, told while they are chosen; without scripts the button stands at the end.
"use strict";
(() => {
  const dock = document.getElementById("dock");
  const told = document.getElementById("n-chosen");
  if (!dock || !told) return;

  function count() {
    const n = [...dock.closest("form").querySelectorAll('input[name="chosen"]')].filter((box) => box.type === "hidden" || box.checked).length;
    const words = dock.dataset[n === 0 ? "none" : n === 1 ? "one" : "many"].replaceAll("{n}", n.toLocaleString("en"));
    if (told.textContent !== words) told.textContent = words;
  }

  dock.closest("form").addEventListener("change", count);
  addEventListener("pageshow", count); // a browser that goes back fills boxes in again
  count();
})();
