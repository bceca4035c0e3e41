// One file, dropped or chosen, copied as it is and handed on; and work that is waited for. Words stand in the page.
"use strict";
(() => {
  const { root } = document.body.dataset;
  const PLEASE = { accept: "application/json" };
  const line = document.getElementById("under-way");
  const form = document.getElementById("drop-one");
  const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

  async function wait() {
    for (;;) {
      try {
        const answer = await fetch(`${root}/jobs/${line.dataset.job}`, { headers: PLEASE });
        const told = await answer.json();
        if (["done", "failed", "stopped"].includes(told.state)) { location.reload(); return; }
      } catch { line.textContent = line.dataset.gone; }
      await pause(300);
    }
  }
  if (line) wait();
  if (!form) return;

  const find = (id) => document.getElementById(id);
  const [said, chosen, input, zone, bar] = ["one-said", "one-chosen", "file", "drop", "one-progress"].map(find);
  const button = form.querySelector("button[type=submit]");
  const words = form.dataset;
  let file = null;
  let busy = false;

  function tell(text) { said.textContent = text; }

  function choose(next) {
    if (busy || !next) return;
    file = next;
    tell("");
    const name = document.createElement("bdi");
    name.dir = "auto";
    name.textContent = file.name;
    chosen.replaceChildren(`${words.chosen} `, name);
  }

  function send() {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      const read = () => { try { return JSON.parse(request.responseText); } catch { return {}; } };
      request.open("PUT", `${form.getAttribute("action")}/upload?${new URLSearchParams({ name: file.name })}`);
      request.setRequestHeader("accept", "application/json");
      request.upload.onprogress = (event) => { if (event.lengthComputable) bar.value = event.loaded / event.total; };
      request.onload = () => (request.status === 201 ? resolve(read().upload) : reject(new Error(read().error ?? words.gone)));
      request.onerror = () => reject(new Error(words.gone));
      request.send(file);
    });
  }

  async function begin(upload) {
    const fields = new URLSearchParams(new FormData(form));
    fields.set("upload", upload);
    let answer, told;
    try {
      answer = await fetch(form.getAttribute("action"), { method: "POST", headers: PLEASE, body: fields });
      told = await answer.json();
    } catch { throw new Error(words.gone); }
    if (!answer.ok) throw new Error(told.error ?? words.gone);
    location.assign(told.place);
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy) return;
    if (!file) { tell(words.nothing); input.focus(); return; }
    if (file.size > Number(words.largest)) { tell(words.tooLarge); return; }
    busy = true;
    button.disabled = true;
    bar.hidden = false;
    bar.value = 0;
    tell("");
    chosen.textContent = words.sending;
    try {
      await begin(await send());
    } catch (error) {
      busy = false;
      button.disabled = false;
      bar.hidden = true;
      choose(file);
      tell(error.message);
    }
  });
  input.addEventListener("change", () => { choose(input.files[0]); });

  // Anywhere on the page: a file that misses the field must not be opened by the browser instead.
  const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    zone.classList.add("over");
  });
  addEventListener("dragleave", (event) => { if (!event.relatedTarget) zone.classList.remove("over"); });
  addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    zone.classList.remove("over");
    const [item] = event.dataTransfer.items;
    if (item?.webkitGetAsEntry?.()?.isDirectory) { tell(words.folder); return; }
    choose(event.dataTransfer.files[0]);
  });
})();
