// While a package is being made: ask how it stands, and show the result as soon as there is one.
"use strict";
(() => {
  const line = document.getElementById("making");
  if (!line) return;
  const { root } = document.body.dataset;

  async function look() {
    try {
      const answer = await fetch(`${root}/jobs/${line.dataset.job}`, { headers: { accept: "application/json" } });
      const told = await answer.json();
      if (["done", "failed", "stopped"].includes(told.state)) { location.reload(); return; }
    } catch {
      line.textContent = line.dataset.gone;
    }
    setTimeout(look, 400);
  }

  look();
})();
