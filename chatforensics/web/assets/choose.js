// Ticks are stored one by one, as they are made; a tick that could not be stored is taken back and told.
"use strict";
(() => {
  const { base } = document.body.dataset;
  const dock = document.getElementById("dock");
  let last = Promise.resolve(); // one after the other, so that the count told is the latest
  const fill = (words, n) => words.replaceAll("{n}", n.toLocaleString("en"));

  function count(n) {
    if (!dock) return;
    const next = document.getElementById("next");
    const kind = n === 0 ? "none" : n === 1 ? "one" : "many";
    document.getElementById("n-ticked").textContent = fill(dock.dataset[kind], n);
    next.hidden = n === 0;
    if (n) next.textContent = fill(n === 1 ? dock.dataset.nextOne : dock.dataset.nextMany, n);
  }

  function set(form, boxes, on) {
    for (const box of boxes) box.checked = on;
    last = last.then(() => store(form, boxes, on));
  }

  async function store(form, boxes, on) {
    const failed = form.querySelector("[data-ticks-failed]");
    const fields = [["on", on ? "1" : "0"], ...boxes.map((box) => ["message", box.value])];
    try {
      const options = { method: "POST", headers: { accept: "application/json" }, body: new URLSearchParams(fields) };
      document.dispatchEvent(new CustomEvent("changed-here"));
      const answer = await fetch(`${base}/ticks`, options);
      const told = await answer.json();
      if (!answer.ok) throw new Error(told.error);
      if (failed) failed.textContent = "";
      count(told.n);
    } catch (error) {
      for (const box of boxes) box.checked = !on;
      if (!failed) return;
      failed.textContent = `${form.dataset.failed} ${error instanceof TypeError ? "" : error.message}`.trim();
      failed.scrollIntoView({ block: "nearest" });
    }
  }

  for (const form of document.querySelectorAll("form[data-ticks]")) {
    const boxes = () => [...form.querySelectorAll('input[name="tick"]')];
    for (const button of form.querySelectorAll("[data-save]")) button.hidden = true;
    form.addEventListener("change", (event) => {
      if (event.target.name === "tick") set(form, [event.target], event.target.checked);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const open = boxes().filter((box) => !box.checked);
      if (event.submitter?.matches("[data-all]") && open.length) set(form, open, true);
    });
  }

  document.addEventListener("analysed", () => {
    const told = document.getElementById("analysed");
    if (told) told.hidden = false;
  });
})();
