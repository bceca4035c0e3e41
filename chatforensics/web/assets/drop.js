// Files dropped or chosen: copied one by one, each as it is, then taken into the case. Its words stand in the form.
"use strict";
(() => {
  const form = document.getElementById("drop-form");
  if (!form) return;
  const find = (id) => document.getElementById(id);
  const { root } = document.body.dataset;
  const words = form.dataset;
  const [zone, input, said, status, list] = ["drop", "files", "drop-said", "drop-status", "uploads"].map(find);
  const JSON_PLEASE = { accept: "application/json" };
  let base = words.known;
  let waiting = [];
  let sending = null;
  let busy = false;

  class Told extends Error {}

  function tell(text) { said.textContent = text; }

  function ask_whose(item, name, number) {
    const line = document.createElement("p");
    const label = document.createElement("label");
    const field = document.createElement("input");
    line.className = "whose";
    field.id = `whose-${number}`;
    field.maxLength = 100;
    field.dir = "auto";
    field.autocomplete = "off";
    field.setAttribute("aria-describedby", name.id);
    label.htmlFor = field.id;
    label.textContent = list.dataset.whose;
    line.append(label, field);
    item.append(line);
    return field;
  }

  function row(file, number) {
    const item = document.createElement("li");
    const name = document.createElement("bdi");
    const state = document.createElement("span");
    const bar = document.createElement("progress");
    name.dir = "auto";
    name.id = `file-${number}`;
    name.textContent = file.name;
    state.className = "quiet";
    bar.max = 1;
    bar.value = 0;
    bar.setAttribute("aria-label", file.name);
    item.append(name, state);
    list.append(item);
    let field = null;
    return {
      ask() { field = ask_whose(item, name, number); return field; },
      begin() {
        const said = field ? field.value.trim() : "";
        field?.parentElement.remove();
        item.append(bar);
        return said;
      },
      progress(part) { bar.value = part; state.textContent = `${Math.floor(100 * part)} %`; },
      done(hash) { bar.remove(); state.textContent = `SHA-256 ${hash.slice(0, 16)}…`; state.title = hash; },
      failed() { item.remove(); },
    };
  }

  async function ask(url, fields) {
    const options = fields === undefined ? { headers: JSON_PLEASE }
      : { method: "POST", headers: JSON_PLEASE, body: new URLSearchParams(fields) };
    let answer, told;
    try {
      answer = await fetch(url, options);
      told = await answer.json();
    } catch { throw new Told(words.gone); }
    if (!answer.ok) throw new Told(told.error ?? words.gone);
    return told;
  }

  function send(file, phone, line) {
    if (file.size > Number(words.largest)) return Promise.reject(new Told(`${file.name} ${words.tooLarge}`));
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      const query = new URLSearchParams(phone ? { name: file.name, phone } : { name: file.name });
      const read = () => { try { return JSON.parse(request.responseText); } catch { return {}; } };
      sending = request;
      request.open("PUT", `${base}/uploads?${query}`);
      request.setRequestHeader("accept", "application/json");
      request.upload.onprogress = (event) => { if (event.lengthComputable) line.progress(event.loaded / event.total); };
      request.onload = () => (request.status === 201 ? resolve(read())
        : reject(new Told(`${file.name}: ${read().error ?? words.gone}`)));
      request.onerror = () => reject(new Told(`${file.name}: ${words.gone}`));
      request.onabort = () => reject(new Told(words.stopped));
      request.send(file);
    });
  }

  async function follow(job) {
    for (;;) {
      const told = await ask(`${root}/jobs/${job}`);
      if (told.state === "done") return told.result;
      if (told.state === "failed" || told.state === "stopped") throw new Told(told.error || words.gone);
      await new Promise((resolve) => { setTimeout(resolve, 250); });
    }
  }

  async function copy(chosen) {
    const ids = [];
    const troubles = [];
    for (const { file, line, phone } of chosen) {
      try {
        const told = await send(file, phone, line);
        line.done(told.sha256);
        ids.push(["uploads", told.upload]);
      } catch (error) {
        line.failed();
        troubles.push(error.message);
        if (error.message === words.stopped) break;
      }
    }
    sending = null;
    return { ids, troubles };
  }

  async function take() {
    const chosen = waiting.map(({ file, line }) => ({ file, line, phone: line.begin() }));
    busy = true;
    input.disabled = true;
    tell("");
    hide_begin();
    find("drop-buttons").hidden = false;
    find("drop-stop").hidden = false;
    find("drop-stop").focus();
    find("drop-go").hidden = true;
    status.textContent = words.sending;
    try {
      base ||= (await ask(`${root}/cases`, { folder: find("folder").value })).base;
      const { ids, troubles } = await copy(chosen);
      find("drop-stop").hidden = true;
      if (!ids.length) throw new Told(troubles.join("\n"));
      status.textContent = words.checking;
      const { job } = await ask(`${base}/receive`, ids);
      const result = await follow(job);
      troubles.push(...(result.failures ?? []));
      if (!(result.added ?? []).length || troubles.length >= chosen.length) throw new Told(troubles.join("\n") || words.gone);
      if (troubles.length) show(troubles);
      else location.assign(`${base}/`);
    } catch (error) {
      if (!(error instanceof Told)) throw error;
      stop(error.message);
    }
  }

  function show(troubles) {
    stop(troubles.join("\n"));
    find("drop-buttons").hidden = false;
    find("drop-stop").hidden = true;
    find("drop-go").hidden = false;
    find("drop-go").href = `${base}/`;
    find("drop-go").focus();
  }

  function stop(text) {
    busy = false;
    input.disabled = false;
    input.value = "";
    waiting = [];
    list.replaceChildren();
    find("drop-buttons").hidden = true;
    status.textContent = "";
    tell(text);
  }

  function choose(files) {
    if (busy) return;
    tell("");
    if (!files.length) { tell(words.nothing); return; }
    hide_begin();
    list.replaceChildren();
    waiting = files.map((file, number) => ({ file, line: row(file, number) }));
    if (files.length === 1) { take(); return; }
    const fields = waiting.map(({ line }) => line.ask());
    find("several").hidden = false;
    find("begin-line").hidden = false;
    fields[0].focus();
  }

  function hide_begin() {
    find("several").hidden = true;
    find("begin-line").hidden = true;
  }

  input.addEventListener("change", () => { if (input.files.length) choose([...input.files]); });
  find("begin").addEventListener("click", () => { if (!busy && waiting.length) take(); });
  find("drop-stop").addEventListener("click", () => { sending?.abort(); });
  form.addEventListener("submit", (event) => { event.preventDefault(); });

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
    const entries = [...event.dataTransfer.items].filter((item) => item.kind === "file");
    choose(entries.filter((item) => !item.webkitGetAsEntry?.()?.isDirectory).map((item) => item.getAsFile()).filter(Boolean));
  });
})();
