// The linked views of the report: data, selection, and the small pieces that every view is built from.
// All files of this folder run as one function in strict mode. Chat text reaches the page as text nodes only.

const SVG = "http://www.w3.org/2000/svg";
const DATA = {};
const CATALOGUE = JSON.parse(document.getElementById("catalogue").textContent); // at once: titles are said below
const VIEWS = [];

// ---------------------------------------------------------------------------------------------------- nodes

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined) node.append(child);
  }
  return node;
}

function el(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

function svg(tag, attributes, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/** Return foreign words as a node whose direction touches nothing around it. */
function bdi(text) {
  return el("bdi", { dir: "auto" }, shown(text));
}

function button(label, act, attributes = {}) {
  return el("button", { type: "button", onclick: act, ...attributes }, label);
}

/** Return a labelled list of choices. */
function choose(label, options, value, act) {
  const list = el("select", { onchange: () => act(list.value) },
    options.map((option) => el("option", { value: option.value, selected: String(option.value) === String(value) }, shown(option.label))));
  return el("label", { class: "choose" }, el("span", {}, label), list);
}

/** Make a node a button that opens the messages behind it. */
function mark(node, rows, title) {
  const act = () => openMessages(rows, title);
  fill(node, { role: "button", tabindex: 0, "aria-label": title, onclick: act,
    onkeydown: (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); act(); } } }, []);
  if (node.namespaceURI === SVG) node.append(svg("title", {}, title));
  return node;
}

// Okabe and Ito's colours, told apart by nearly all readers, and a shape for each, so that colour is never alone.
const COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"];
const SHAPES = [
  "M5,0A5,5 0 1 1 -5,0A5,5 0 1 1 5,0Z", "M-4.5,-4.5H4.5V4.5H-4.5Z", "M0,-5.5L5,4.2H-5Z", "M0,-6L6,0L0,6L-6,0Z",
  "M0,5.5L5,-4.2H-5Z", "M-2,-6H2V-2H6V2H2V6H-2V2H-6V-2H-2Z",
];

function colour(i) {
  return i < 0 ? "#8A8A8A" : COLOURS[i % COLOURS.length];
}

function marker(i) {
  return SHAPES[i < 0 ? 0 : i % SHAPES.length];
}

function personName(i) {
  return i < 0 ? say("nobody known") : shown(DATA.people.name[i] ?? DATA.people.id[i]);
}

function chatName(i) {
  return i < 0 || DATA.chats.id[i] === "" ? say("no chat") : shown(DATA.chats.title[i]);
}

function familyName(i) {
  if (i < 0) return say("no family");
  const [kind, id] = DATA.families.name[i].split(" ");
  const words = kind === "Text" ? say("Text {id}") : say("Family {id}");
  return words.replace("{id}", id); // no marks around it: this is itself a name, which others cut off or spell out
}

function sourceName(i) {
  return i < 0 ? "S?" : DATA.sources.name[i];
}

// ---------------------------------------------------------------------------------------------------- time axes

const STEPS = [60, 300, 900, 1800, 3600, 10800, 21600, 43200, 86400, 172800, 604800, 1209600, 2592000, 7776000, 15552000, 31536000];

/** Return a scale from moments to places, and its ticks, UTC. */
function timeScale(from, to, left, right) {
  const [start, end] = to > from ? [from, to] : [from - 1800, from + 1800];
  const x = (t) => left + ((t - start) / (end - start)) * (right - left);
  const room = Math.max(2, Math.floor((right - left) / 110));
  const step = STEPS.find((s) => (end - start) / s <= room) ?? Math.ceil((end - start) / room / 31536000) * 31536000;
  const ticks = [];
  for (let at = Math.ceil(start / step) * step; at <= end; at += step) {
    const whole = timeText(at);
    ticks.push({ at, label: step >= 86400 || at % 86400 === 0 ? whole.slice(0, 10) : whole.slice(11) });
  }
  return { x, ticks, from: start, to: end };
}

/** Draw ticks below a chart, with a fine line through it at each. */
function drawTimeAxis(node, scale, y, top) {
  const axis = svg("g", { class: "axis" });
  for (const tick of scale.ticks) {
    const x = scale.x(tick.at);
    axis.append(svg("line", { x1: x, x2: x, y1: top, y2: y, class: "grid" }), svg("text", { x, y: y + 16, "text-anchor": "middle" }, tick.label));
  }
  node.append(axis);
  return axis;
}

// ---------------------------------------------------------------------------------------------------- selection

const selection = {
  families: new Set(), people: new Set(), chats: new Set(), from: null, to: null,
  toggle(kind, i) {
    const next = new Set(this[kind]);
    if (!next.delete(i)) next.add(i);
    this.set({ [kind]: next });
  },
  set(patch) {
    Object.assign(this, patch);
    showSelection();
  },
  clear() {
    this.set({ families: new Set(), people: new Set(), chats: new Set(), from: null, to: null });
  },
  isEmpty() {
    return !this.families.size && !this.people.size && !this.chats.size && this.from === null && this.to === null;
  },
};

function within(set, i) {
  return !set.size || set.has(i);
}

function timeIn(at) {
  return (selection.from === null || (at !== null && at >= selection.from)) && (selection.to === null || (at !== null && at < selection.to));
}

function shareIn(i) {
  const { shares } = DATA;
  return within(selection.families, shares.family[i]) && within(selection.people, shares.person[i]) &&
    within(selection.chats, shares.chat[i]) && timeIn(shares.at[i]);
}

function labelledIn(i) {
  const { labelled } = DATA;
  return within(selection.families, labelled.family[i]) && within(selection.people, labelled.person[i]) &&
    within(selection.chats, labelled.chat[i]) && timeIn(labelled.at[i]);
}

function registerView(view) {
  VIEWS.push(view);
}

// ---------------------------------------------------------------------------------------------------- data in the page

async function getRow(row) {
  const chunk = await getChunk(Math.floor(row / DATA.chunk_rows));
  return readRow(chunk, row);
}

function getRows(rows) {
  return Promise.all(rows.map(getRow));
}

function readRow(chunk, row) {
  const i = row % DATA.chunk_rows;
  const [rows, sources, lines, starts, ends, ids, locals, texts, senders, people] = chunk.copies;
  const copies = [];
  for (let k = firstAt(rows, row); k < rows.length && rows[k] === row; k += 1) {
    copies.push({ source: sources[k], line: lines[k], start: starts[k], end: ends[k], id: ids[k], local: clockText(locals[k], sources[k]), text: texts[k], sender: senders[k], person: people[k] });
  }
  return {
    row, id: chunk.id[i], chat: chunk.chat[i], person: chunk.person[i], sender: chunk.sender[i], at: chunk.at[i],
    local: clockText(chunk.local[i], chunk.source[i]), kind: DATA.kinds[chunk.kind[i]] ?? "unknown", status: DATA.status_kinds[chunk.status[i]] ?? null, text: chunk.text[i], attachment: chunk.attachment[i],
    edited: Boolean(chunk.edited[i]), source: chunk.source[i], line: chunk.line[i], start: chunk.start[i], end: chunk.end[i], copies,
  };
}

/** Tell whether a phone's clock prints seconds. */
function isFine(source) {
  const step = source < 0 ? null : DATA.sources.step_s[source];
  return step !== null && step < 60;
}

/** Return a message's moment, UTC, no finer than its clock: a clock set against others is some seconds off the minute. */
function utcText(message) {
  const at = isFine(message.source) ? message.at : Math.round(message.at / 60) * 60;
  return say("{time} UTC", { time: timeText(at) });
}

/** Return a phone's own clock, no finer than it prints. */
function clockText(local, source) {
  if (local === null) return say("no time");
  const whole = new Date(local * 1000).toISOString();
  const fine = isFine(source);
  return `${whole.slice(0, 10)} ${whole.slice(11, fine ? 19 : 16)}`;
}

/** Return the first place in a sorted list whose value is at least this. */
function firstAt(sorted, value) {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

async function loadData() {
  Object.assign(DATA, await SOURCE.tables());
  DATA.linksOf = Array.from({ length: DATA.shares.n }, () => []);
  DATA.links.share.forEach((share, i) => DATA.linksOf[share].push(i));
  DATA.spansOf = new Map();
  DATA.spans.row.forEach((row, i) => {
    if (!DATA.spansOf.has(row)) DATA.spansOf.set(row, []);
    DATA.spansOf.get(row).push(i);
  });
  DATA.labelOf = new Map(DATA.labelled.row.map((row, i) => [row, i]));
}
