// The reader: every message of every chat, in a list that draws only what is near the eye, with search and jump by date.

const READER_STEP = 40; // rows drawn at a time
const READER_MOST = 160; // rows drawn at once
const READER_WARM = 150000; // up to so many messages are unpacked for the search before anybody asks
const reader = { chat: null, words: "", flagged: false, hidden: false, rows: null, start: 0, end: 0, first: 0, last: 0, run: 0, goal: null };
const READER_FOLDED = new Map();

registerView({
  key: "reader", title: say("Messages"),
  shows: say("Every message of every export; copies of one message stand once, with each file, line and bytes."),
  cannot: say("Absence here shows only that no export supplied holds a message."),
  render: readerRender,
});

function readerRender(box) {
  if (selection.chats.size === 1) [reader.chat] = selection.chats;
  if (reader.chat === null) reader.chat = DATA.chats.n ? 0 : null;
  const list = el("ol", { class: "messages reader-list" });
  const scroll = el("div", { class: "reader-scroll", tabindex: 0, role: "region", "aria-label": say("Messages, in order of time") }, list);
  const status = el("p", { class: "quiet reader-status", role: "status" });
  const place = el("input", { type: "range", min: 0, max: 1000, value: 0, "aria-label": say("Place in the list") });
  box.append(readerTools(), status, scroll, el("div", { class: "reader-place" }, button(say("First"), () => readerJump(0)), place, button(say("Last"), () => readerJump(Infinity))));
  Object.assign(reader, { list, scroll, status, place });
  scroll.addEventListener("scroll", readerScrolled, { passive: true });
  scroll.addEventListener("keydown", readerKey);
  place.addEventListener("input", () => readerJump(Math.round((Number(place.value) / 1000) * Math.max(0, readerLength() - 1))));
  readerFind();
  readerWarm();
  return null;
}

function readerTools() {
  const chats = Array.from({ length: DATA.chats.n }, (_, i) => ({ value: i, label: `${chatName(i)} (${count(DATA.chats.to[i] - DATA.chats.from[i])})` }));
  const words = el("input", { type: "search", value: reader.words, spellcheck: "false", autocomplete: "off" });
  let waiting = 0;
  words.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { reader.words = words.value; readerFind(); }, 120);
  });
  const day = el("input", { type: "date", onchange: () => readerJumpTo(Date.parse(`${day.value}T00:00:00Z`) / 1000) });
  return el("div", { class: "tools" },
    choose(say("Chat"), chats, reader.chat, (value) => {
      reader.chat = Number(value);
      if (selection.chats.size) selection.set({ chats: new Set([reader.chat]) });
      else readerFind();
    }),
    el("label", { class: "choose" }, el("span", {}, say("Search in all chats")), words),
    el("label", { class: "choose" }, el("span", {}, say("Go to the day")), day),
    readerBox("reader-flagged", say("Only flagged or to be read"), reader.flagged, (on) => { reader.flagged = on; readerFind(); }),
    readerBox("show-hidden", say("Show invisible characters"), reader.hidden, (on) => { reader.hidden = on; readerDraw(reader.first); }),
  );
}

function readerBox(id, label, checked, act) {
  const box = el("input", { type: "checkbox", id, checked, onchange: () => act(box.checked) });
  return el("label", { class: "reader-box" }, box, " ", label);
}

// ---------------------------------------------------------------------------------------------------- what is listed

/** List the whole chat, or whatever the search and the shared selection leave of all chats. */
async function readerFind() {
  reader.run += 1;
  const { run } = reader;
  const wanted = fold(reader.words).trim();
  const narrowed = selection.people.size || selection.from !== null || selection.to !== null || selection.families.size || selection.chats.size > 1;
  if (!wanted && !narrowed && !reader.flagged) {
    reader.rows = null;
    [reader.start, reader.end] = reader.chat === null ? [0, DATA.n_rows] : [DATA.chats.from[reader.chat], DATA.chats.to[reader.chat]];
    reader.status.textContent = sayCount(readerLength(), "1 message in this chat.", "{n} messages in this chat.");
  } else {
    const found = await readerScan(wanted, run);
    if (run !== reader.run) return;
    reader.rows = found;
    reader.status.textContent = sayCount(found.length, "1 message found in all chats.", "{n} messages found in all chats.");
  }
  const goal = reader.goal;
  reader.goal = null;
  await readerDraw(goal === null ? 0 : readerPlaceOf(goal), { cited: goal });
}

/** Return the rows that hold the words and lie inside the selection. */
async function readerScan(wanted, run) {
  const found = [];
  const drawn = selection.families.size || reader.flagged ? readerLabelled() : null;
  const n = Math.ceil(DATA.n_rows / DATA.chunk_rows);
  for (let number = 0; number < n; number += 1) {
    const chunk = await getChunk(number);
    if (run !== reader.run) return found;
    if (number % 50 === 49) reader.status.textContent = say("Searched {part} of {all} …", { part: count(number * DATA.chunk_rows), all: count(DATA.n_rows) });
    const first = number * DATA.chunk_rows;
    const places = wanted ? readerHits(number, chunk, wanted) : chunk.id.keys();
    for (const i of places) {
      if (readerKeeps(chunk, i) && (!drawn || drawn.has(first + i))) found.push(first + i);
    }
  }
  return found;
}

function readerLabelled() {
  const rows = new Set();
  for (let i = 0; i < DATA.labelled.n; i += 1) {
    const family = !selection.families.size || selection.families.has(DATA.labelled.family[i]);
    if (family && (!reader.flagged || DATA.labelled.decision[i] !== "none")) rows.add(DATA.labelled.row[i]);
  }
  return rows;
}

function readerKeeps(chunk, i) {
  return within(selection.people, chunk.person[i]) && within(selection.chats, chunk.chat[i]) && timeIn(chunk.at[i]);
}

/** Return the places in a chunk whose text or attachment holds the words. */
function readerHits(number, chunk, wanted) {
  const folded = readerFolded(number, chunk);
  const places = [];
  for (let at = folded.words.indexOf(wanted); at >= 0;) {
    const place = firstAt(folded.ends, at);
    places.push(place);
    at = folded.words.indexOf(wanted, folded.ends[place] + 1);
  }
  return places;
}

/** Return the folded words of a chunk in one piece, and where each message ends in it. */
function readerFolded(number, chunk) {
  const known = READER_FOLDED.get(number);
  if (known) return known;
  const lines = chunk.text.map((text, i) => `${text ?? ""} ${chunk.attachment[i] ?? ""}`.replaceAll("\u0000", " "));
  const words = `${fold(lines.join("\u0000"))}\u0000`;
  const ends = [];
  for (let at = words.indexOf("\u0000"); at >= 0; at = words.indexOf("\u0000", at + 1)) ends.push(at);
  const folded = { words, ends };
  if (DATA.n_rows <= READER_WARM) READER_FOLDED.set(number, folded);
  return folded;
}

/** Unpack what the search needs while nobody waits. */
function readerWarm() {
  if (reader.warm || DATA.n_rows > READER_WARM) return;
  reader.warm = true;
  const n = Math.ceil(DATA.n_rows / DATA.chunk_rows);
  const step = async (number) => {
    if (number >= n) return;
    readerFolded(number, await getChunk(number));
    setTimeout(() => step(number + 1), 0);
  };
  setTimeout(() => step(0), 200);
}

// ---------------------------------------------------------------------------------------------------- the list

function readerLength() {
  return reader.rows ? reader.rows.length : reader.end - reader.start;
}

function readerRow(place) {
  return reader.rows ? reader.rows[place] : reader.start + place;
}

function readerPlaceOf(row) {
  return reader.rows ? firstAt(reader.rows, row) : row - reader.start;
}

/** Draw the list anew from a place on. */
async function readerDraw(place, { cited = null } = {}) {
  const first = Math.max(0, Math.min(place, readerLength() - 1));
  const before = Math.min(first, 5);
  const drawn = await readerItems(first - before, first - before + READER_STEP, cited);
  Object.assign(reader, { first: first - before, last: first - before + drawn.length });
  reader.list.replaceChildren(...drawn);
  reader.scroll.scrollTop = before && drawn[before] ? drawn[before].offsetTop - reader.list.offsetTop : 0;
  readerShowPlace(first);
}

async function readerItems(from, to, cited = null) {
  const { run } = reader;
  const places = [];
  for (let place = Math.max(0, from); place < Math.min(to, readerLength()); place += 1) places.push(place);
  const messages = await getRows(places.map(readerRow));
  if (run !== reader.run) return [];
  return messages.map((message, k) => {
    const item = messageItem(message, { cited: message.row === cited, attributes: { "aria-setsize": readerLength(), "aria-posinset": places[k] + 1 } });
    item.classList.add("whole");
    if (reader.rows) {
      item.prepend(el("p", { class: "reader-chat" }, bdi(chatName(message.chat)), " ", button(say("Show in its chat"), () => openInReader(message.row))));
    }
    return item;
  });
}

/** Draw more at the end that is near, and let go of what is far, without moving what is read. */
async function readerScrolled() {
  if (reader.busy) return;
  reader.busy = true;
  const { scroll, list } = reader;
  if (scroll.scrollTop + scroll.clientHeight > scroll.scrollHeight - 600 && reader.last < readerLength()) {
    const more = await readerItems(reader.last, reader.last + READER_STEP);
    list.append(...more);
    reader.last += more.length;
    while (list.children.length > READER_MOST) {
      const height = list.firstChild.getBoundingClientRect().height;
      list.firstChild.remove();
      reader.first += 1;
      scroll.scrollTop -= height;
    }
  } else if (scroll.scrollTop < 600 && reader.first > 0) {
    const more = await readerItems(reader.first - READER_STEP, reader.first);
    const height = list.scrollHeight;
    list.prepend(...more);
    reader.first -= more.length;
    scroll.scrollTop += list.scrollHeight - height;
    while (list.children.length > READER_MOST) {
      list.lastChild.remove();
      reader.last -= 1;
    }
  }
  readerShowPlace(readerTop());
  reader.busy = false;
}

/** Return the place of the first message that is in sight. */
function readerTop() {
  const edge = reader.scroll.getBoundingClientRect().top;
  const items = [...reader.list.children];
  const i = items.findIndex((item) => item.getBoundingClientRect().bottom > edge);
  return reader.first + Math.max(0, i);
}

function readerShowPlace(place) {
  const n = readerLength();
  reader.place.value = n > 1 ? Math.round((place / (n - 1)) * 1000) : 0;
  reader.place.setAttribute("aria-valuetext", say("Message {place} of {n}", { place: count(place + 1), n: count(n) }));
}

function readerKey(event) {
  const to = { Home: 0, End: Infinity }[event.key];
  if (to === undefined || event.target !== reader.scroll) return;
  event.preventDefault();
  readerJump(to);
}

function readerJump(place) {
  return readerDraw(Math.min(place, readerLength() - 1));
}

/** Go to the first message at or after a moment; messages without a time stand with their neighbours. */
async function readerJumpTo(at) {
  if (Number.isNaN(at)) return;
  let [low, high] = [0, readerLength()];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (((await getRow(readerRow(middle))).at ?? -Infinity) < at) low = middle + 1;
    else high = middle;
  }
  await readerJump(low);
}

// ---------------------------------------------------------------------------------------------------- from other views

/** Show a message in its chat. */
function openInReader(row) {
  for (let i = 0; i < DATA.chats.n; i += 1) {
    if (row >= DATA.chats.from[i] && row < DATA.chats.to[i]) reader.chat = i;
  }
  Object.assign(reader, { words: "", flagged: false, goal: row });
  currentView = "reader";
  selection.clear();
}

/** Show the messages of one day. */
function openDay(day) {
  reader.words = "";
  currentView = "reader";
  selection.set({ from: day * 86400, to: (day + 1) * 86400 });
}
