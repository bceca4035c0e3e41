// The editor works without this: it warns before leaving with words that were not saved, and saves by Control and S.
"use strict";
(() => {
  const editor = document.getElementById("editor");
  if (!editor) return;
  const told = document.getElementById("told");
  let unsaved = editor.dataset.unsaved === "yes";
  editor.addEventListener("input", () => {
    unsaved = true;
    told.textContent = told.dataset.unsaved;
  });
  editor.addEventListener("submit", () => { unsaved = false; });
  addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
  addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "s" || event.altKey || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    editor.requestSubmit(editor.querySelector("button[value=save]"));
  });
})();
