// The drawer: the messages behind a mark, each between its neighbours, with file, line and bytes.

const CONTEXT = 5;
const DRAWER_PAGE = 20;
const DRAWER_SORTED = 400; // up to so many messages are put in the order of time
let drawerOpener = null;
let drawerRun = 0;

/** Open the drawer with these messages, the earliest first; `title` is a sentence of ours or a node. */
async function openMessages(rows, title) {
  const drawer = document.getElementById("drawer");
  drawerRun += 1;
  const run = drawerRun;
  if (drawer.hidden) drawerOpener = document.activeElement;
  drawer.hidden = false;
  document.getElementById("explorer").classList.add("with-drawer");
  const unique = [...new Set(rows)].sort((a, b) => a - b);
  const list = el("div", { class: "drawer-list" });
  const heading = el("h3", { tabindex: -1, id: "drawer-title" }, title instanceof Node ? title : shownTitle(title));
  drawer.replaceChildren(
    el("div", { class: "drawer-head" }, heading, button(say("Close"), () => closeDrawer(), { class: "close" })),
    el("p", { class: "quiet" }, sayCount(unique.length, "1 message, between the five before and after it in its chat.", "{n} messages, each between the five before and after it in its chat.")),
    list,
  );
  heading.focus({ preventScroll: true });
  if (drawer.getBoundingClientRect().top > window.innerHeight) drawer.scrollIntoView({ block: "nearest" });
  const sorted = await sortByTime(unique);
  if (run !== drawerRun) return;
  await showMore(list, sorted, 0);
  const cited = list.querySelector(".cited");
  if (cited && run === drawerRun) drawer.scrollTop += cited.getBoundingClientRect().top - drawer.getBoundingClientRect().top - drawer.clientHeight / 3;
}

/** Return rows in the order of time: those of whole messages, or those the views know, so that few chunks are read. */
async function sortByTime(rows) {
  const places = rows.map((row) => DATA.labelOf.get(row));
  const known = rows.length > DRAWER_PAGE && !places.includes(undefined);
  const chunks = new Set(rows.map((row) => Math.floor(row / DATA.chunk_rows)));
  if (!known && (rows.length > DRAWER_SORTED || chunks.size > CHUNKS_KEPT)) return rows;
  const timed = known ? rows.map((row, k) => ({ row, at: DATA.labelled.at[places[k]] })) : await getRows(rows);
  return timed.sort((a, b) => (a.at ?? Infinity) - (b.at ?? Infinity) || a.row - b.row).map(({ row }) => row);
}

function closeDrawer({ refocus = true } = {}) {
  const drawer = document.getElementById("drawer");
  drawer.hidden = true;
  drawer.replaceChildren();
  drawerRun += 1; // whatever is on its way into it is dropped
  document.getElementById("explorer").classList.remove("with-drawer");
  if (refocus && drawerOpener && drawerOpener.isConnected) drawerOpener.focus();
  drawerOpener = null;
}

async function showMore(list, rows, from) {
  const run = drawerRun;
  const part = rows.slice(from, from + DRAWER_PAGE);
  for (const stretch of toStretches(part)) {
    const messages = await getRows(stretch.rows);
    if (run !== drawerRun) return;
    const items = messages.map((message) => messageItem(message, { cited: stretch.cited.has(message.row) }));
    list.append(
      el("h4", {}, bdi(chatName(messages[0].chat))),
      el("ol", { class: "messages" }, items),
    );
  }
  const left = rows.length - from - part.length;
  if (left > 0) {
    const more = button(say("Show {n} more", { n: count(Math.min(left, DRAWER_PAGE)) }), () => { more.remove(); showMore(list, rows, from + DRAWER_PAGE); });
    list.append(more);
  }
}

/** Return the rows with their neighbours of the same chat, joined where they touch. */
function toStretches(rows) {
  const stretches = [];
  for (const row of rows) {
    const [first, last] = chatSpan(row);
    const from = Math.max(first, row - CONTEXT);
    const to = Math.min(last, row + CONTEXT + 1);
    const before = stretches[stretches.length - 1];
    if (before && from <= before.to && from >= before.first) before.to = Math.max(before.to, to);
    else stretches.push({ from, to, first, cited: new Set(), rows: [] });
    stretches[stretches.length - 1].cited.add(row);
  }
  for (const stretch of stretches) {
    for (let row = stretch.from; row < stretch.to; row += 1) stretch.rows.push(row);
  }
  return stretches;
}

function chatSpan(row) {
  for (let i = 0; i < DATA.chats.n; i += 1) {
    if (row >= DATA.chats.from[i] && row < DATA.chats.to[i]) return [DATA.chats.from[i], DATA.chats.to[i]];
  }
  return [row, row + 1];
}

/** Return one message as a list item: who, when, the words with the marked ones, and where it stands. */
function messageItem(message, { cited = false, attributes = {} } = {}) {
  const label = DATA.labelOf.get(message.row);
  const decision = label === undefined ? "none" : DATA.labelled.decision[label];
  const state = decision === "flag" ? say("flagged") : decision === "review" ? say("to be read by a person") : null;
  return el("li", { class: cited ? "message cited" : "message", "data-row": message.row, ...attributes },
    el("div", { class: "who" },
      el("label", { class: "tick" }, tickBox(message), el("span", { class: "sr" }, say("Tick this message"))),
      message.sender === null ? el("span", { class: "quiet" }, say("notice")) : bdi(message.sender),
      el("span", { class: "time" }, message.local),
      state ? el("span", { class: `decision decision-${decision}` }, state) : null,
      message.edited ? el("span", { class: "quiet" }, say("edited")) : null,
    ),
    messageWords(message),
    messagePlaces(message),
  );
}

function messageWords(message) {
  const words = el("p", { class: "words", dir: "auto" });
  if (message.kind !== "text" && message.sender !== null) words.append(el("span", { class: "quiet" }, `${kindName(message.kind)} `));
  if (message.text === null) words.append(el("span", { class: "quiet" }, say("no words in the export")));
  else words.append(...markWords(message));
  if (message.attachment !== null) words.append(" ", el("span", { class: "quiet" }, say("attachment"), " ", bdi(message.attachment)));
  return words;
}

function kindName(kind) {
  return {
    media: say("media"), deleted: say("deleted"), system: say("notice"), poll: say("poll"), location: say("location"),
    contact: say("contact"), call: say("call"), view_once: say("view once"), unknown: say("of unknown kind"),
  }[kind] ?? kind;
}

/** Return the text in pieces, with the words marked that carried a label or a name; places are code points. */
function markWords(message) {
  const spans = DATA.spansOf.get(message.row) ?? [];
  const { hidden } = reader;
  const hits = readerHitsIn(message.text);
  if (!spans.length && !hits.length) return [shown(message.text, { hidden })];
  const letters = Array.from(message.text);
  const edges = new Set([0, letters.length]);
  for (const [start, end] of hits) edges.add(start).add(end);
  for (const i of spans) edges.add(Math.min(DATA.spans.start[i], letters.length)).add(Math.min(DATA.spans.end[i], letters.length));
  const cuts = [...edges].sort((a, b) => a - b);
  return cuts.slice(1).map((end, k) => {
    const start = cuts[k];
    const cues = spans.filter((i) => DATA.spans.start[i] < end && DATA.spans.end[i] > start).map((i) => DATA.spans.cue[i]);
    const piece = shown(letters.slice(start, end).join(""), { hidden });
    if (hits.some(([first, last]) => first < end && last > start)) return el("mark", { class: "hit" }, piece);
    return cues.length ? el("mark", { class: cues.includes("name") ? "name" : null, title: [...new Set(cues)].join("; ") }, piece) : piece;
  });
}

function messagePlaces(message) {
  const link = el("a", { href: `#m${message.id}`, class: "permalink", "aria-label": say("Permanent link to message {id}", { id: message.id }), onclick: (event) => {
    event.preventDefault();
    goToMessage(message.id);
  } }, `${sourceName(message.source)}:${message.line}`);
  return el("p", { class: "place" }, link, placeText(message),
    message.at === null ? null : el("span", { class: "time" }, utcText(message)),
    message.copies.map((copy) => copyPlace(message, copy)),
    currentView === "reader" ? null : button(say("Show in its chat"), () => openInReader(message.row), { class: "small" }),
    SOURCE.message ? el("a", { href: SOURCE.message(message.id) }, say("By itself, with its notes")) : null,
  );
}

function placeText(place) {
  return el("span", {}, say("{source}, line {line}, bytes {start} to {end}", {
    source: sourceName(place.source), line: count(place.line), start: count(place.start), end: count(place.end) }));
}

/** Return where another export has the message, its own clock, and what it gives otherwise. */
function copyPlace(message, copy) {
  const own = say("{source}'s clock: {time}", { source: sourceName(copy.source), time: copy.local });
  return [
    placeText(copy),
    el("span", { class: "time" }, own),
    copy.sender === null ? null : copySender(message, copy),
    copy.text === null ? null : el("span", { class: "differs" }, say("{source} has other words:", { source: sourceName(copy.source) }), " ", copy.text === "" ? say("no words") : bdi(copy.text)),
  ];
}

/** Return the name that another export prints: of the same person as its owner wrote it down, or of another person. */
function copySender(message, copy) {
  const name = copy.sender === "" ? say("nobody") : bdi(copy.sender);
  const source = { source: sourceName(copy.source) };
  return copy.person === message.person && copy.person >= 0
    ? el("span", {}, say("{source} prints the same person as", source), " ", name)
    : el("span", { class: "differs" }, say("{source} names another sender:", source), " ", name);
}
