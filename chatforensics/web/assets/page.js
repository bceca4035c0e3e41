// On every page of a case: how the analysis goes, and whether there is something new to see.
"use strict";
(() => {
  const deeper = document.getElementById("deeper");
  if (deeper && matchMedia("(max-width: 40rem)").matches) deeper.open = false; // it would push the page out of sight
  keepFocusInSight();
  const { base } = document.body.dataset;
  const line = document.getElementById("job");
  if (!base || !line) return;
  const STAGES = JSON.parse(line.dataset.stages);
  const renewed = document.getElementById("renewed");
  let seen = null;
  let running = false;

  // A view that is drawn late may push what a key has just given the focus off the screen: it is brought back.
  function keepFocusInSight() {
    let pressed = -Infinity;
    document.addEventListener("keydown", () => { pressed = performance.now(); }, true);
    new ResizeObserver(() => {
      const at = document.activeElement;
      if (at && at !== document.body && performance.now() - pressed < 3000) at.scrollIntoView({ block: "nearest" });
    }).observe(document.body);
  }

  function show(words) {
    if (line.textContent !== words) line.textContent = words;
  }

  function wordsOf(job) {
    if (!job || job.state === "done" || job.state === "stopped") return "";
    if (job.state === "waiting") return line.dataset.waiting;
    if (job.state === "failed") return `${line.dataset.failed} ${job.error}`;
    return `${STAGES[job.stage] ?? line.dataset.running}${job.total > 1 ? ` (${job.done}/${job.total})` : ""}`;
  }

  function tell(state) {
    const busy = Boolean(state.job) && (state.job.state === "running" || state.job.state === "waiting");
    show(wordsOf(state.job));
    if (running && !busy) document.dispatchEvent(new CustomEvent("analysed"));
    if (!busy && !running && seen !== null && seen !== state.version) {
      renewed.hidden = false;
      document.dispatchEvent(new CustomEvent("changed-elsewhere"));
    }
    running = busy;
    if (!busy) seen = state.version;
    return busy ? 700 : 5000;
  }

  async function look() {
    let pause = 5000;
    try {
      const answer = await fetch(`${base}/state`, { headers: { accept: "application/json" } });
      if (answer.ok) pause = tell(await answer.json());
    } catch { /* the page was stopped, or sleeps: ask again later */ }
    setTimeout(look, pause);
  }

  function isTouched(field) {
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    if (field.tagName === "SELECT") {
      const options = [...field.options];
      return options.some((option) => option.defaultSelected)
        ? options.some((option) => option.selected !== option.defaultSelected) : field.selectedIndex > 0;
    }
    return field.value !== field.defaultValue;
  }

  // What this window changes itself is not another window's doing.
  document.addEventListener("changed-here", () => { seen = null; });
  document.addEventListener("analysed", () => {
    const fields = [...document.querySelectorAll("main input:not([type=hidden]), main select, main textarea")];
    if (document.querySelector("[data-reload]") && !fields.some(isTouched)) location.reload();
    else renewed.hidden = false;
  });
  look();
})();
