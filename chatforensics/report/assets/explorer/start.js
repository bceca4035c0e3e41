// Start: tabs of the views, the bar of the shared selection, and addresses that keep both.

let currentView = null;
let drawnView = null;
let keepHash = false;
const filters = [["families", "family", familyName], ["people", "person", personName], ["chats", "chat", chatName]];

function showView(key, { focus = false } = {}) {
  const view = VIEWS.find((each) => each.key === key) ?? VIEWS[0];
  if (drawnView !== view.key) closeDrawer({ refocus: false });
  tellNotice("");
  currentView = view.key;
  drawnView = view.key;
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
  const details = el("details", { class: "twin-box" }, el("summary", {}, sayCount(twin.n, "The same as a table (1 row)", "The same as a table ({n} rows)")));
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
  const ahead = RIGHT_TO_LEFT_PAGE ? -1 : 1;
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

/** Draw the controls once, so that whoever types in one is not thrown out of it. */
function drawControls() {
  document.getElementById("selection").replaceChildren(
    ...filters.map(([kind, word, name]) => addFilter(kind, word, name)), dateFilter("from", say("From")), dateFilter("to", say("Before")),
    el("span", { class: "chips" }));
}

function drawSelection() {
  const bar = document.querySelector("#selection .chips");
  const takeBack = (act) => () => { act(); (bar.querySelector("button") ?? document.querySelector("#selection input")).focus(); };
  const chips = filters.flatMap(([kind, word, name]) => [...selection[kind]].map((i) =>
    button([bdi(clip(kind === "families" ? name(i) : `${sayKind(word)} ${name(i)}`, 40)), " ×"], takeBack(() => selection.toggle(kind, i)),
      { class: "chip", "aria-label": say("Take back the filter {word} {name}", { word: sayKind(word), name: name(i) }) })));
  if (selection.from !== null || selection.to !== null) {
    const words = say("{from} to {to} UTC", { from: selection.from === null ? "…" : timeText(selection.from), to: selection.to === null ? "…" : timeText(selection.to) });
    chips.push(button(`${words} ×`, takeBack(() => selection.set({ from: null, to: null })), { class: "chip", "aria-label": say("Take back the filter {word} {name}", { word: say("time"), name: words }) }));
  }
  if (selection.from !== null && selection.to !== null && selection.from >= selection.to) chips.push(el("strong", {}, say("The first day is not before the second: nothing lies between.")));
  const all = selection.isEmpty() ? el("span", { class: "quiet" }, say("Everything is shown.")) : button(say("Show everything"), takeBack(() => selection.clear()));
  bar.replaceChildren(...chips, all);
  for (const box of document.querySelectorAll("#selection input[type=date]")) {
    const at = selection[box.dataset.end];
    if (box !== document.activeElement) box.value = at === null ? "" : timeText(at).slice(0, 10);
  }
}

function sayKind(word) {
  return { family: say("Text"), person: say("Person"), chat: say("Chat") }[word];
}

/** Return a box to add a filter by typing or choosing a name; who shared something is listed first. */
function addFilter(kind, word, name) {
  const rows = Array.from({ length: DATA[kind].n }, (_, i) => i);
  if (kind === "people") rows.sort((a, b) => Number(DATA.people.n_shares[b] > 0) - Number(DATA.people.n_shares[a] > 0) || name(a).localeCompare(name(b)));
  const places = new Map();
  for (const i of rows) {
    const label = clip(kind === "families" ? `${name(i)}: ${shown(DATA.families.snippet[i] ?? "")}` : name(i), 60);
    places.set(places.has(label) ? `${label} (${i + 1})` : label, i);
  }
  const list = el("datalist", { id: `known-${word}` }, Array.from(places.keys(), (label) => el("option", { value: label })));
  const box = el("input", { type: "text", list: list.id, placeholder: say("all"), autocomplete: "off", spellcheck: "false" });
  const add = () => {
    const i = places.get(box.value);
    if (i === undefined) return;
    box.value = "";
    if (!selection[kind].has(i)) selection.toggle(kind, i);
  };
  // A choice from the list comes as a replacement; typed names count once they are finished.
  box.addEventListener("input", (event) => { if (!event.inputType || event.inputType === "insertReplacementText") add(); });
  box.addEventListener("change", add);
  return el("label", { class: "choose" }, el("span", {}, sayKind(word)), box, list);
}

function dateFilter(end, label) {
  const box = el("input", { type: "date", "data-end": end, onchange: () => {
    if (box.value && box.value < "1990") return; // a year that is still being typed
    selection.set({ [end]: box.value ? Date.parse(`${box.value}T00:00:00Z`) / 1000 : null });
  } });
  return el("label", { class: "choose" }, el("span", {}, label), box);
}

// ---------------------------------------------------------------------------------------------------- addresses

/** Write view and selection into the address, by ids that stay the same when exports are added; each is a step back. */
function writeHash() {
  if (keepHash || !currentView) return;
  const parts = new URLSearchParams();
  parts.set("view", currentView);
  for (const [kind, word] of filters) {
    if (selection[kind].size) parts.set(word, [...selection[kind]].map((i) => DATA[kind].id[i]).join(","));
  }
  if (selection.from !== null) parts.set("from", timeText(selection.from).slice(0, 10));
  if (selection.to !== null) parts.set("to", timeText(selection.to).slice(0, 10));
  if (location.hash !== `#${parts}`) history.pushState(null, "", `#${parts}`);
}

/** Follow the page's address: a view with its selection, or a message; whatever else it names is the written report's. */
async function readHash() {
  const hash = location.hash.slice(1);
  if (/^m\d+$/.test(hash)) {
    if (!document.getElementById(hash)) await openPermalink(Number(hash.slice(1)));
    return;
  }
  const parts = new URLSearchParams(hash);
  if (hash !== "" && !parts.has("view")) return;
  const unknown = [];
  const patch = {};
  for (const [kind, word] of filters) {
    const ids = (parts.get(word) ?? "").split(",").filter(Boolean);
    unknown.push(...ids.filter((id) => !DATA[kind].id.includes(id)));
    patch[kind] = new Set(ids.map((id) => DATA[kind].id.indexOf(id)).filter((i) => i >= 0));
  }
  for (const end of ["from", "to"]) {
    const at = Date.parse(`${parts.get(end)}T00:00:00Z`) / 1000;
    patch[end] = Number.isNaN(at) ? null : at;
  }
  keepHash = true;
  currentView = parts.get("view") ?? VIEWS[0].key;
  if (hash !== "" && !VIEWS.some((view) => view.key === currentView)) unknown.push(currentView);
  selection.set(patch);
  keepHash = false;
  if (unknown.length) tellNotice(say("The address names something that this report does not have: {what}.", { what: shown(clip(unknown.join(", "), 80)) }));
  if (hash !== "") document.getElementById("explorer").scrollIntoView();
}

/** Open the message with this id beside the view; where the report does not have it, say so. */
async function openPermalink(id) {
  document.getElementById("explorer").scrollIntoView();
  const row = await findRow(id);
  if (row === null) tellNotice(say("No message of this report has the id {id}.", { id }));
  else await openMessages([row], say("Message {id}", { id }));
}

/** Go to a message from inside the views, so that its address stands in the address bar. */
function goToMessage(id) {
  history.pushState(null, "", `#m${id}`);
  return openPermalink(id);
}

/** Say what happened to the view, where nothing else would. */
function tellNotice(words) {
  document.getElementById("notice").textContent = words;
}

async function findRow(id) {
  if (SOURCE.row) return SOURCE.row(id);
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
  const things = { shares: say("shares"), pairs: say("pairs"), labelled: say("labelled or followed messages"), conflicts: say("messages on which exports disagree or that one lacks") };
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
    document.getElementById("view-panel").textContent = say("The views could not be built: {why}. The written report is whole.", { why: String(error) });
    return;
  }
  drawTabs();
  drawControls();
  showCaps();
  drawSelection();
  startTicks();
  keepHash = true;
  showView(VIEWS[0].key);
  keepHash = false;
  if (location.hash) await readHash();
  explorer.dataset.ready = "true";
  window.addEventListener("hashchange", readHash);
  window.addEventListener("unhandledrejection", (event) => tellNotice(say("That could not be shown: {why}", { why: event.reason?.message ?? String(event.reason) })));
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
