// Where the linked views of a served page get their data: from this program, at the address of the case. The script of
// the views, which runs after this one, finds it as `servedSource` and knows nothing of addresses or requests.
"use strict";
(() => {
  const { base } = document.body.dataset;
  const { view, ticked, words } = JSON.parse(document.getElementById("served").textContent);

  async function ask(path, { fields = [], ...options } = {}) {
    const query = new URLSearchParams([["view", view], ...fields]);
    let answered;
    try {
      answered = await fetch(`${base}${path}?${query}`, { headers: { accept: "application/json" }, ...options });
    } catch (error) {
      throw error.name === "AbortError" ? error : new Error(words.gone);
    }
    const value = await answered.json();
    if (!answered.ok) throw new Error(value.error);
    return value;
  }

  // ------------------------------------------------------------------------------------------------ messages

  let searching = new AbortController();

  const day = (at) => new Date(at * 1000).toISOString().slice(0, 10);

  /** Return the rows of what is asked; an older search that still runs is given up. Moments are those of midnights. */
  function search({ words: wanted = "", chat = "", people = [], from = null, to = null, flagged = false, status = "" }) {
    searching.abort();
    searching = new AbortController();
    const asked = {
      words: wanted, chat, status, flagged: flagged ? "1" : "", since: from === null ? "" : day(from), until: to === null ? "" : day(to - 1),
    };
    const fields = [...Object.entries(asked).filter(([, value]) => value), ...people.map((id) => ["person", id])];
    return ask("/data/rows", { fields, signal: searching.signal });
  }

  // ------------------------------------------------------------------------------------------------ ticks

  let posted = Promise.resolve(); // one after another, so that a tick and its taking back do not overtake each other
  let tellTicks = () => {};

  const ownChange = () => document.dispatchEvent(new CustomEvent("changed-here")); // before and after: somebody may look between

  function tick(ids, on) {
    const body = new URLSearchParams([...ids.map((id) => ["message", id]), ["on", on ? "1" : "0"]]);
    ownChange();
    posted = posted.catch(() => {}).then(() => ask("/ticks", { method: "POST", body })).finally(ownChange);
    return posted;
  }

  /** Take over what was ticked in another window, or on another page of this one. */
  async function catchUp() {
    if (document.visibilityState !== "visible") return;
    const before = posted;
    try {
      await before;
      const found = await ask("/data/ticks");
      if (posted === before) tellTicks(found.ticked.map(Number));
    } catch { /* what is shown stays until the page answers again */ }
  }

  document.addEventListener("visibilitychange", catchUp);
  window.addEventListener("focus", catchUp);
  window.addEventListener("pageshow", (event) => { if (event.persisted) catchUp(); });
  document.addEventListener("changed-elsewhere", catchUp);
  document.addEventListener("analysed", () => { document.getElementById("notice").textContent = words.anew; });

  // ------------------------------------------------------------------------------------------------ addresses

  const keep = document.getElementById("keep-view");
  keep?.addEventListener("submit", () => { keep.elements.address.value = `/views${location.hash}`; });

  globalThis.servedSource = {
    tables: () => ask("/data/tables"),
    chunk: (number) => ask(`/data/chunk/${number}`),
    search,
    row: async (id) => (Number.isSafeInteger(id) ? (await ask(`/data/row/${id}`)).row : null),
    ticked: ticked.map(Number), // ids have 53 bits: JavaScript's numbers hold them whole
    tick,
    onTicked: (act) => { tellTicks = act; },
    message: (id) => `${base}/message/${id}`,
    bundle: `${base}/package`,
  };
})();
