// Start: tabs of the views, the bar of the shared selection, and addresses that keep both.

let currentView = null;
let keepHash = false;
const filters = [["families", "family", familyName], ["people", "person", personName], ["chats", "chat", chatName]];
const listOf = { families: "families", people: "people", chats: "chats" };

function showView(key, { focus = false } = {}) {
  const view = VIEWS.find((each) => each.key === key) ?? VIEWS[0];
  currentView = view.key;
  for (const tab of document.querySelectorAll("#view-tabs [role=tab]")) {
    const chosen = tab.dataset.view === view.key;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
    if (chosen && focus) tab.focus();
    if (chosen) showTab(tab);
  }
  const panel = document.getElementById("view-panel");
  panel.setAttribute("aria-labelledby", `tab-${view.key}`);
  drawView(view, panel);
  writeHash();
}

function drawView(view, panel) {
  const chart = el("div", { class: "chart" });
  const about = el("p", { class: "about" }, view.shows, " ", el("em", {}, view.cannot));
  panel.replaceChildren(about, chart);
  const twin = view.render(chart, chart.clientWidth);
  if (!twin) return;
  const details = el("details", { class: "twin-box" }, el("summary", {}, say("The same as a table ({n} rows)", { n: count(twin.n) })));
  details.open = twinOpen;
  const fillTwin = () => { if (details.open && details.children.length === 1) details.append(drawTwin(twin)); };
  details.addEventListener("toggle", () => { twinOpen = details.open; fillTwin(); });
  fillTwin();
  panel.append(details);
}
let twinOpen = false;

/** Bring a tab into its own bar, sideways: the page itself stays where it is. */
function showTab(tab) {
  const [own, bar] = [tab, tab.parentElement].map((each) => each.getBoundingClientRect());
  tab.parentElement.scrollLeft += Math.min(0, own.left - bar.left) + Math.max(0, own.right - bar.right);
}

function drawTabs() {
  const tabs = VIEWS.map((view) => button(view.title, () => showView(view.key), {
    role: "tab", id: `tab-${view.key}`, "data-view": view.key, "aria-controls": "view-panel", onkeydown: moveTab }));
  document.getElementById("view-tabs").replaceChildren(...tabs);
}

function moveTab(event) {
  const ahead = document.documentElement.dir === "rtl" ? -1 : 1;
  const step = { ArrowRight: ahead, ArrowLeft: -ahead }[event.key];
  const i = VIEWS.findIndex((view) => view.key === currentView);
  const next = step ? (i + step + VIEWS.length) % VIEWS.length : event.key === "Home" ? 0 : event.key === "End" ? VIEWS.length - 1 : null;
  if (next === null) return;
  event.preventDefault();
  showView(VIEWS[next].key, { focus: true });
}

/** Show the selection as a row of buttons that take it back, and draw the visible view anew. */
function showSelection() {
  drawSelection();
  showView(currentView);
}

function drawSelection() {
  const bar = document.getElementById("selection");
  const chips = filters.flatMap(([kind, word, name]) => [...selection[kind]].map((i) =>
    button([`${sayKind(word)} `, bdi(clip(name(i), 30)), " ×"], () => { selection.toggle(kind, i); bar.querySelector("button, select")?.focus(); },
      { class: "chip", "aria-label": say("Take back the filter {word} {name}", { word: sayKind(word), name: shown(name(i)) }) })));
  if (selection.from !== null || selection.to !== null) {
    const words = say("{from} to {to} UTC", { from: selection.from === null ? "…" : timeText(selection.from), to: selection.to === null ? "…" : timeText(selection.to) });
    chips.push(button(`${words} ×`, () => selection.set({ from: null, to: null }), { class: "chip", "aria-label": say("Take back the filter {word} {name}", { word: say("time"), name: words }) }));
  }
  const all = selection.isEmpty() ? el("span", { class: "quiet" }, say("Everything is shown.")) : button(say("Show everything"), () => selection.clear());
  bar.replaceChildren(...filters.map(([kind, word, name]) => addFilter(kind, word, name)), dateFilter("from", say("From")), dateFilter("to", say("Before")), ...chips, all);
}

function sayKind(word) {
  return { family: say("Text"), person: say("Person"), chat: say("Chat") }[word];
}

/** Return a list to add a filter; what is chosen already, and what nobody shared in, is not listed first. */
function addFilter(kind, word, name) {
  const rows = Array.from({ length: DATA[kind].n }, (_, i) => i).filter((i) => !selection[kind].has(i));
  if (kind === "people") rows.sort((a, b) => Number(DATA.people.n_shares[b] > 0) - Number(DATA.people.n_shares[a] > 0) || name(a).localeCompare(name(b)));
  const options = [{ value: "", label: say("all") }, ...rows.slice(0, 2000).map((i) => ({ value: i, label: clip(kind === "families" ? `${name(i)}: ${DATA.families.snippet[i] ?? ""}` : name(i), 50) }))];
  return choose(sayKind(word), options, "", (value) => value !== "" && selection.toggle(kind, Number(value)));
}

function dateFilter(end, label) {
  const value = selection[end] === null ? "" : timeText(selection[end]).slice(0, 10);
  const box = el("input", { type: "date", value, onchange: () => {
    const at = box.value ? Date.parse(`${box.value}T00:00:00Z`) / 1000 : null;
    selection.set({ [end]: Number.isNaN(at) ? null : at });
  } });
  return el("label", { class: "choose" }, el("span", {}, label), box);
}

// ---------------------------------------------------------------------------------------------------- addresses

/** Write view and selection into the address, by ids that stay the same when exports are added. */
function writeHash() {
  if (keepHash || !currentView) return;
  const parts = new URLSearchParams();
  parts.set("view", currentView);
  for (const [kind, word] of filters) {
    if (selection[kind].size) parts.set(word, [...selection[kind]].map((i) => DATA[listOf[kind]].id[i]).join(","));
  }
  if (selection.from !== null) parts.set("from", timeText(selection.from).slice(0, 10));
  if (selection.to !== null) parts.set("to", timeText(selection.to).slice(0, 10));
  history.replaceState(null, "", `#${parts}`);
}

async function readHash() {
  const hash = decodeURIComponent(location.hash.slice(1));
  if (/^m\d+$/.test(hash)) return document.getElementById(hash) ? false : openPermalink(Number(hash.slice(1)));
  const parts = new URLSearchParams(location.hash.slice(1));
  if (!parts.has("view")) return false;
  const patch = {};
  for (const [kind, word] of filters) {
    const ids = (parts.get(word) ?? "").split(",").filter(Boolean);
    patch[kind] = new Set(ids.map((id) => DATA[listOf[kind]].id.indexOf(id)).filter((i) => i >= 0));
  }
  for (const end of ["from", "to"]) {
    const at = Date.parse(`${parts.get(end)}T00:00:00Z`) / 1000;
    patch[end] = Number.isNaN(at) ? null : at;
  }
  currentView = parts.get("view");
  selection.set(patch);
  document.getElementById("explorer").scrollIntoView();
  return true;
}

/** Open the message with this id in the reader; the written report's own appendix keeps its plain links. */
async function openPermalink(id) {
  const row = await findRow(id);
  if (row === null) return false;
  keepHash = true;
  openMessages([row], say("Message {id}", { id }));
  document.getElementById("drawer").scrollIntoView({ block: "nearest" });
  keepHash = false;
  return true;
}

async function findRow(id) {
  for (let number = 0; number * DATA.chunk_rows < DATA.n_rows; number += 1) {
    const chunk = await getChunk(number);
    const i = chunk.id.indexOf(id);
    if (i >= 0) return number * DATA.chunk_rows + i;
    const copy = chunk.copies[5].indexOf(id);
    if (copy >= 0) return chunk.copies[0][copy];
  }
  return null;
}

/** Say what the views leave out because there is too much of it. */
function showCaps() {
  const things = { shares: say("shares"), pairs: say("pairs"), labelled: say("labelled or followed messages"), conflicts: say("messages on which exports differ") };
  const cut = Object.keys(things).filter((kind) => DATA[kind].n_all > DATA[kind].n);
  const words = cut.map((kind) => say("{shown} of {all} {things}", { shown: count(DATA[kind].n), all: count(DATA[kind].n_all), things: things[kind] }));
  const line = document.getElementById("caps");
  line.hidden = !words.length;
  line.textContent = say("The charts draw {what}. All of them are in the tables; every message is in the view Messages.", { what: words.join(", ") });
}

async function start() {
  const explorer = document.getElementById("explorer");
  try {
    await loadData();
  } catch (error) {
    document.getElementById("view-panel").textContent = say("The views could not be built: {why}. The written report below is whole.", { why: String(error) });
    return;
  }
  drawTabs();
  currentView = VIEWS[0].key;
  showCaps();
  drawSelection();
  showTicks();
  if (!(await readHash())) {
    keepHash = true;
    showView(currentView);
    keepHash = false;
  }
  explorer.dataset.ready = "true";
  window.addEventListener("hashchange", readHash);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && !document.getElementById("drawer").hidden) closeDrawer(); });
  let width = explorer.clientWidth;
  let waiting = 0;
  new ResizeObserver(() => {
    if (explorer.clientWidth === width) return;
    width = explorer.clientWidth;
    clearTimeout(waiting);
    waiting = setTimeout(() => drawView(VIEWS.find((view) => view.key === currentView), document.getElementById("view-panel")), 150);
  }).observe(explorer);
}

start();
