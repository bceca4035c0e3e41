// The reader: every message of every chat, in a list that draws only what is near the eye, with search and jump by date.

const READER_STEP = 40; // rows drawn at a time
const READER_MOST = 160; // rows drawn at once
const READER_WARM = 150000; // up to so many messages are unpacked for the search before anybody asks
const READER_LOOK = 200; // so many messages without a time are passed over in a jump to a day
const reader = { words: "", flagged: false, hidden: false, rows: null, start: 0, end: 0, first: 0, last: 0, search: 0, draw: 0, goal: null };
const READER_FOLDED = new Map();

registerView({
  key: "reader", title: say("Messages"),
  shows: say("Every message of every export; copies of one message stand once, with each file, line and bytes."),
  cannot: say("Absence here shows only that no export supplied holds a message."),
  render: readerRender,
});

function readerRender(box) {
  const list = el("ol", { class: "messages reader-list" });
  const scroll = el("div", { class: "reader-scroll", tabindex: 0, role: "region", "aria-label": say("Messages, chat by chat, in order of time") }, list);
  const status = el("p", { class: "quiet reader-status", role: "status" });
  const place = el("input", { type: "range", min: 0, max: 1000, value: 0, "aria-label": say("Place in the list") });
  box.append(readerTools(), status, scroll, el("div", { class: "reader-place" }, button(say("First"), () => readerJump(0)), place, button(say("Last"), () => readerJump(Infinity))));
  Object.assign(reader, { list, scroll, status, place, busy: false });
  scroll.addEventListener("scroll", readerScrolled, { passive: true });
  scroll.addEventListener("keydown", readerKey);
  place.addEventListener("input", () => readerJump(Math.round((Number(place.value) / 1000) * Math.max(0, readerLength() - 1))));
  readerFind();
  readerWarm();
  return null;
}

function readerTools() {
  const chats = Array.from({ length: DATA.chats.n }, (_, i) => ({ value: i, label: `${clip(chatName(i), 60)} (${count(DATA.chats.to[i] - DATA.chats.from[i])})` }));
  const several = selection.chats.size > 1 ? [{ value: "several", label: say("several chats") }] : [];
  const chosen = selection.chats.size > 1 ? "several" : [...selection.chats][0] ?? "";
  const words = el("input", { type: "search", value: reader.words, spellcheck: "false", autocomplete: "off" });
  let waiting = 0;
  words.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { reader.words = words.value; readerFind(); }, 120);
  });
  reader.day = el("input", { type: "date" });
  const go = () => { if (reader.day.value >= "1990") readerJumpTo(Date.parse(`${reader.day.value}T00:00:00Z`) / 1000); };
  reader.day.addEventListener("keydown", (event) => event.key === "Enter" && go());
  return el("div", { class: "tools" },
    choose(say("Chat"), [{ value: "", label: say("all, one after another") }, ...several, ...chats], chosen,
      (value) => selection.set({ chats: value === "" || value === "several" ? new Set() : new Set([Number(value)]) })),
    el("label", { class: "choose" }, el("span", {}, say("Search in words and file names")), words),
    el("label", { class: "choose" }, el("span", {}, say("Day, UTC")), reader.day), button(say("Go to the day"), go),
    readerBox("reader-flagged", say("Only flagged or to be read"), reader.flagged, (on) => { reader.flagged = on; readerFind(); }),
    readerBox("show-hidden", say("Show invisible characters"), reader.hidden, (on) => { reader.hidden = on; readerDraw(readerTop()); }),
  );
}

function readerBox(id, label, checked, act) {
  const box = el("input", { type: "checkbox", id, checked, onchange: () => act(box.checked) });
  return el("label", { class: "reader-box" }, box, " ", label);
}

// ---------------------------------------------------------------------------------------------------- what is listed

/** List whole chats, or whatever the search and the shared selection leave of them. */
async function readerFind() {
  reader.search += 1;
  const { search } = reader;
  readerBusy(true);
  const wanted = fold(reader.words).trim();
  const timed = selection.from !== null || selection.to !== null;
  const whole = !wanted && !reader.flagged && !timed && !selection.people.size && !selection.families.size && selection.chats.size < 2;
  if (whole) {
    const [chat] = selection.chats;
    reader.rows = null;
    [reader.start, reader.end] = chat === undefined ? [0, DATA.n_rows] : [DATA.chats.from[chat], DATA.chats.to[chat]];
    reader.status.textContent = chat === undefined
      ? say("{n} messages, one chat after another.", { n: count(readerLength()) })
      : sayCount(readerLength(), "1 message in this chat.", "{n} messages in this chat.");
  } else {
    const found = await readerAsk(wanted, search);
    if (search !== reader.search) return;
    if (found === null) {
      readerBusy(false);
      return;
    }
    reader.rows = found;
    reader.status.textContent = `${selection.isEmpty() && !reader.flagged
      ? sayCount(found.length, "1 message found in all chats.", "{n} messages found in all chats.")
      : sayCount(found.length, "1 message found among what is chosen.", "{n} messages found among what is chosen.")}${timed ? ` ${say("Messages without a time are left out.")}` : ""}`;
  }
  const { goal } = reader;
  reader.goal = null;
  await readerDraw(goal === null ? 0 : readerPlaceOf(goal), { cited: goal });
}

/** Return the rows that hold the words and lie inside the selection; null where they could not be had, and say why. */
async function readerAsk(wanted, search) {
  if (!SOURCE.search) return readerScan(wanted, search);
  const people = Array.from(selection.people, (i) => DATA.people.id[i]);
  const spans = Array.from(selection.chats, (i) => [DATA.chats.from[i], DATA.chats.to[i]]);
  const chat = spans.length === 1 ? DATA.chats.id[[...selection.chats][0]] : "";
  const labelled = selection.families.size ? readerLabelled() : null;
  try {
    const found = await SOURCE.search({ words: wanted && reader.words, chat, people, from: selection.from, to: selection.to, flagged: reader.flagged });
    return found.filter((row) => (!spans.length || spans.some(([from, to]) => row >= from && row < to)) && (!labelled || labelled.has(row)));
  } catch (error) {
    if (search === reader.search) reader.status.textContent = say("The search could not be made: {why}", { why: error.message });
    return null;
  }
}

/** Return the rows that hold the words and lie inside the selection, from the chunks themselves. */
async function readerScan(wanted, search) {
  const found = [];
  const labelled = selection.families.size || reader.flagged ? readerLabelled() : null;
  const n = Math.ceil(DATA.n_rows / DATA.chunk_rows);
  for (let number = 0; number < n; number += 1) {
    const chunk = await getChunk(number);
    if (search !== reader.search) return found;
    if (number % 20 === 19) reader.status.textContent = say("Searched {part} of {all} …", { part: count(number * DATA.chunk_rows), all: count(DATA.n_rows) });
    const first = number * DATA.chunk_rows;
    const places = wanted ? readerHits(number, chunk, wanted) : chunk.id.keys();
    for (const i of places) {
      if (readerKeeps(chunk, i) && (!labelled || labelled.has(first + i))) found.push(first + i);
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

/** Return the places in a chunk whose words, file name, or other words in another export hold what is searched. */
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
  const lines = chunk.text.map((text, i) => `${text ?? ""} \n ${chunk.attachment[i] ?? ""}`);
  chunk.copies[7].forEach((text, k) => { if (text) lines[chunk.copies[0][k] % DATA.chunk_rows] += ` \n ${text}`; });
  const words = `${fold(lines.map((line) => line.replaceAll("\u0000", " ")).join("\u0000"))}\u0000`;
  const ends = [];
  for (let at = words.indexOf("\u0000"); at >= 0; at = words.indexOf("\u0000", at + 1)) ends.push(at);
  const folded = { words, ends };
  if (DATA.n_rows <= READER_WARM) READER_FOLDED.set(number, folded);
  return folded;
}

/** Return where the searched words stand in a text, in code points; forms that only folding makes equal are not marked. */
function readerHitsIn(text) {
  const low = text.toLowerCase();
  if (currentView !== "reader" || low.length !== text.length) return [];
  const hits = [];
  for (const wanted of readerTerms(reader.words.toLowerCase())) {
    for (let at = low.indexOf(wanted); at >= 0; at = low.indexOf(wanted, at + wanted.length)) {
      const start = Array.from(text.slice(0, at)).length;
      hits.push([start, start + Array.from(wanted).length]);
    }
  }
  return hits;
}

/** Return what is looked for by itself: all of it as it stands, or, where a served search does so, word for word. */
function readerTerms(words) {
  const terms = SOURCE.search ? Array.from(words.matchAll(/["“”„«»]([^"“”„«»]+)["“”„«»]|[^\s"“”„«»]+/gu), ([whole, together]) => together ?? whole) : [words];
  return terms.map((term) => term.trim()).filter(Boolean);
}

/** Unpack what the search needs while nobody waits. */
function readerWarm() {
  if (reader.warm || SOURCE.search || DATA.n_rows > READER_WARM) return;
  reader.warm = true;
  const n = Math.ceil(DATA.n_rows / DATA.chunk_rows);
  const step = async (number) => {
    if (number >= n) return;
    readerFolded(number, await getChunk(number));
    setTimeout(() => step(number + 1), 0);
  };
  setTimeout(() => step(0), 200);
}

// ---------------------------------------------------------------------------------------------------- from other views

/** Show a message in its chat, whole: what was chosen else is taken back, and the page says so. */
async function openInReader(row) {
  const { chat } = await getRow(row);
  const other = !selection.isEmpty() || reader.words !== "" || reader.flagged;
  Object.assign(reader, { words: "", flagged: false, goal: row });
  currentView = "reader";
  selection.set({ families: new Set(), people: new Set(), chats: new Set([chat]), from: null, to: null });
  if (other) tellNotice(say("The whole chat is shown; what was chosen before is one step back in your browser."));
  reader.scroll.focus({ preventScroll: true });
}

/** Show the messages of one day. */
function openDay(day) {
  reader.words = "";
  currentView = "reader";
  selection.set({ from: day * 86400, to: (day + 1) * 86400 });
  reader.scroll.focus({ preventScroll: true });
}
