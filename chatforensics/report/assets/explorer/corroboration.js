// Corroboration: which export of a chat holds what another holds, and where they differ.

const CONFIRM_PAGE = 5; // chats at a time
const CONFIRM_WORDY = 12; // up to so many exports of a chat the matrix is a table with words; beyond, a drawing
const CONFIRM_LIST = 25;
// The status, its colour and its sign; the gravest first. Every colour has an edge of ink, and every sign a shape.
const CONFIRM_STATUSES = [
  ["text_conflict", 1, 3], ["sender_conflict", 3, 4], ["time_conflict", 2, 5], ["one_sided", 4, 2], ["agree", 0, 0], ["outside_window", 5, 1], ["single_source", -1, 1],
];
const CONFIRM_DIFFER = ["text_conflict", "sender_conflict", "time_conflict"];
const confirm = { from: 0, listFrom: 0 };

registerView({
  key: "corroboration", title: say("Which export confirms which"),
  shows: say("For each chat that several exports hold: what they agree on, what only one of them holds, and where they differ. A chat that one export holds has nothing to compare with."),
  cannot: say("Agreement of two exports does not show that a message was sent, and a difference has lawful causes: it was edited, deleted on one phone only, or one phone joined later or was restored."),
  render: confirmRender,
});

function confirmRender(box, width) {
  const { several, alone } = confirmChats();
  confirm.from = Math.min(confirm.from, Math.max(0, several.length - 1));
  const shownChats = several.slice(confirm.from, confirm.from + CONFIRM_PAGE);
  box.append(confirmLegend());
  if (!several.length) box.append(el("p", {}, say("No chat is held by more than one export: there is nothing to compare.")));
  box.append(...shownChats.map((chat) => confirmBlock(chat, width - 24)));
  if (several.length > CONFIRM_PAGE) box.append(confirmPager("from", CONFIRM_PAGE, several.length, say("chats")));
  box.append(confirmConflicts(), confirmAlone(alone));
  return confirmTwin();
}

/** Return the exports that hold a chat; none where the tables name none. */
function confirmSources(chat) {
  return DATA.chats.sources[chat] ?? [];
}

/** Return the chats with two exports or more, those chosen first, and the chats with one. */
function confirmChats() {
  const [several, alone] = [[], []];
  for (let i = 0; i < DATA.chats.n; i += 1) (confirmSources(i).length > 1 ? several : alone).push(i);
  several.sort((a, b) => Number(within(selection.chats, b)) - Number(within(selection.chats, a)) || a - b);
  return { several, alone };
}

function confirmWord(status) {
  return {
    text_conflict: say("other words"), sender_conflict: say("other sender"), time_conflict: say("other time"), one_sided: say("missing from one"),
    agree: say("agree"), outside_window: say("outside the other's time"), single_source: say("one export only"),
  }[status] ?? status;
}

function confirmMeaning(status) {
  return {
    text_conflict: say("Exports of the chat give different words."), sender_conflict: say("Exports of the chat give different senders."),
    time_conflict: say("Exports of the chat give times that differ by more than their clocks can explain."), one_sided: say("Missing from an export that covers its time."),
    agree: say("Exports of the chat agree on it."), outside_window: say("A second export exists but does not cover this time."),
    single_source: say("No second export of the chat was supplied: nothing to compare with."),
  }[status] ?? "";
}

function confirmMany(n) {
  return sayCount(n, "1 message", "{n} messages");
}

function confirmSign(status) {
  const [, paint, shape] = CONFIRM_STATUSES.find(([each]) => each === status) ?? ["", -1, 0];
  return svg("svg", { class: "confirm-sign", width: 16, height: 16, viewBox: "-8 -8 16 16", "aria-hidden": "true" }, svg("path", { d: marker(shape), fill: status === "single_source" ? "none" : colour(paint) }));
}

function confirmLegend() {
  const present = new Set(DATA.statuses.status);
  const items = CONFIRM_STATUSES.filter(([status]) => present.has(status)).map(([status]) => el("li", {}, confirmSign(status), " ", el("strong", {}, confirmWord(status)), ": ", confirmMeaning(status)));
  return el("ul", { class: "legend confirm-legend" }, items);
}

// ---------------------------------------------------------------------------------------------------- one chat

function confirmBlock(chat, room) {
  const sources = confirmSources(chat).toSorted((a, b) => a - b);
  const pairs = confirmPairs(chat);
  const detail = el("div", { class: "confirm-detail", role: "status" });
  const title = `confirm-${chat}`;
  return el("section", { class: within(selection.chats, chat) ? "confirm" : "confirm out", "aria-labelledby": title },
    el("h3", { id: title }, bdi(chatName(chat)), " ", el("span", { class: "quiet" }, say("{n} exports", { n: count(sources.length) }))),
    confirmBar(chat, room), confirmStatuses(chat),
    pairs.size ? (sources.length <= CONFIRM_WORDY ? confirmTable(chat, sources, pairs, detail) : confirmDrawing(chat, sources, pairs, detail, room))
      : el("p", { class: "quiet" }, say("The exports of this chat could not be laid beside each other.")),
    detail);
}

/** Return the comparisons of a chat by the two exports, in both directions. */
function confirmPairs(chat) {
  const pairs = new Map();
  for (let i = 0; i < DATA.comparisons.n; i += 1) {
    if (DATA.comparisons.chat[i] !== chat) continue;
    pairs.set(`${DATA.comparisons.a[i]} ${DATA.comparisons.b[i]}`, { i, turned: false });
    pairs.set(`${DATA.comparisons.b[i]} ${DATA.comparisons.a[i]}`, { i, turned: true });
  }
  return pairs;
}

function confirmCounts(chat) {
  const counts = new Map();
  DATA.statuses.chat.forEach((each, i) => { if (each === chat) counts.set(DATA.statuses.status[i], DATA.statuses.count[i]); });
  return CONFIRM_STATUSES.filter(([status]) => counts.get(status)).map(([status, paint]) => ({ status, paint, n: counts.get(status) }));
}

/** Draw the statuses as one bar; the buttons below it say and open the same. */
function confirmBar(chat, room) {
  const parts = confirmCounts(chat);
  const all = parts.reduce((sum, part) => sum + part.n, 0);
  const least = 4;
  const spare = room - 2 - least * parts.length;
  const node = svg("svg", { class: "confirm-bar", width: room, height: 22, viewBox: `0 0 ${room} 22`, preserveAspectRatio: "none", "aria-hidden": "true" });
  let x = 1;
  for (const part of parts) {
    const wide = least + spare * (part.n / all);
    node.append(svg("rect", { x, y: 1, width: wide, height: 20, fill: part.status === "single_source" ? "none" : colour(part.paint), onclick: () => confirmOpen(chat, part.status) }, svg("title", {}, `${confirmWord(part.status)}: ${count(part.n)}`)));
    x += wide;
  }
  return node;
}

function confirmStatuses(chat) {
  return el("ul", { class: "legend" }, confirmCounts(chat).map(({ status, n }) => el("li", {},
    button([confirmSign(status), ` ${confirmWord(status)} `, el("strong", {}, count(n))], () => confirmOpen(chat, status),
      { class: "confirm-status", "aria-label": say("{what}: {messages}. Opens them.", { what: confirmWord(status), messages: confirmMany(n) }) }))));
}

/** Open the messages of a chat that have a status. */
async function confirmOpen(chat, status) {
  openMessages(await confirmRows(chat, status), el("span", {}, bdi(chatName(chat)), `: ${confirmWord(status)}`));
}

/** Return the messages of a chat that have a status, notices left out as in the counts. */
async function confirmRows(chat, status) {
  if (SOURCE.search && DATA.chats.id[chat] !== "") return SOURCE.search({ chat: DATA.chats.id[chat], status });
  const kind = DATA.status_kinds.indexOf(status);
  const rows = [];
  await confirmScan(chat, (row, held, its) => { if (its === kind) rows.push(row); });
  return rows;
}

/** Go through the messages of a chat with the exports that hold each and the place of its status, -1 for none. */
async function confirmScan(chat, act) {
  const [from, to] = [DATA.chats.from[chat], DATA.chats.to[chat]];
  for (let number = Math.floor(from / DATA.chunk_rows); number * DATA.chunk_rows < to; number += 1) {
    const chunk = await getChunk(number);
    const first = number * DATA.chunk_rows;
    const held = new Map();
    const [rows, sources] = chunk.copies;
    rows.forEach((row, k) => held.set(row, [...(held.get(row) ?? []), sources[k]]));
    for (let row = Math.max(from, first); row < Math.min(to, first + chunk.id.length); row += 1) {
      act(row, new Set([chunk.source[row - first], ...(held.get(row) ?? [])]), chunk.status[row - first]);
    }
  }
}

// ---------------------------------------------------------------------------------------------------- lists below

function confirmPager(key, step, n, what) {
  const move = (by) => {
    confirm[key] += by;
    showView("corroboration");
    document.querySelector(`#view-panel [data-pager="${key}"] button:not(:disabled)`)?.focus();
  };
  return el("p", { class: "pager", "data-pager": key },
    button(say("Previous {what}", { what }), () => move(-step), { disabled: confirm[key] === 0 }), " ",
    button(say("Next {what}", { what }), () => move(step), { disabled: confirm[key] + step >= n }), " ",
    el("span", { role: "status" }, say("{from} to {to} of {n}", { from: count(confirm[key] + 1), to: count(Math.min(n, confirm[key] + step)), n: count(n) })));
}

/** Return a table that scrolls by itself where the page is narrow, and says so there. */
function confirmScroll(name, table) {
  return el("div", {}, el("p", { class: "quiet sideways" }, say("On a narrow screen the table goes on to the side: scroll it there.")),
    el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": name }, table));
}

/** Say how many messages are too many for the lists of the views; nothing where all are listed. */
function confirmLeftOut() {
  const { n, n_all } = DATA.conflicts;
  return n_all > n ? el("p", { class: "cap" }, say("{n} of {all} messages that differ or are missing are listed here; all are in tables/corroboration.parquet. The counts above are of all, and open all.", { n: count(n), all: count(n_all) })) : null;
}

/** List the messages on which exports disagree or that one lacks; a number of them at a time. */
function confirmConflicts() {
  const { conflicts, chats } = DATA;
  const chatOf = (row) => chats.from.findIndex((from, i) => row >= from && row < chats.to[i]);
  const list = Array.from({ length: conflicts.n }, (_, i) => ({ i, chat: chatOf(conflicts.row[i]) }));
  list.sort((a, b) => Number(within(selection.chats, b.chat)) - Number(within(selection.chats, a.chat)) || a.i - b.i);
  confirm.listFrom = Math.min(confirm.listFrom, Math.max(0, list.length - 1));
  const rows = list.slice(confirm.listFrom, confirm.listFrom + CONFIRM_LIST).map(({ i, chat }) => el("tr", { class: within(selection.chats, chat) ? null : "out" },
    el("th", { scope: "row" }, confirmSign(conflicts.status[i]), ` ${confirmWord(conflicts.status[i])}`),
    el("td", {}, bdi(chatName(chat))), el("td", {}, confirmNames(conflicts.sources[i])), el("td", {}, confirmNames(conflicts.lacking[i])), el("td", {}, bdi(conflicts.detail[i] ?? "")),
    el("td", {}, button(say("Open"), () => openMessages([conflicts.row[i]], confirmWord(conflicts.status[i])), { "aria-label": say("Open the message: {what}, {chat}", { what: confirmWord(conflicts.status[i]), chat: isolate(chatName(chat)) }) }))));
  const heads = [say("What differs"), say("Chat"), say("Held by"), say("Missing from"), say("In words"), say("Message")];
  const name = say("Messages on which exports differ, or that one lacks");
  const some = DATA.statuses.status.some((status) => CONFIRM_DIFFER.includes(status) || status === "one_sided");
  const table = el("table", { class: "confirm-list" }, el("caption", {}, name), el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head)))), el("tbody", {}, rows));
  return el("div", { class: "twin" },
    list.length ? confirmScroll(name, table) : some ? null : el("p", {}, say("No message on which two exports differ.")),
    confirmLeftOut(),
    list.length > CONFIRM_LIST ? confirmPager("listFrom", CONFIRM_LIST, list.length, say("messages")) : null);
}

function confirmNames(sources) {
  const names = sources.toSorted((a, b) => a - b).slice(0, 8).map(sourceName).join(", ");
  return sources.length > 8 ? say("{names} and {n} more", { names, n: count(sources.length - 8) }) : names || "-";
}

function confirmAlone(alone) {
  if (!alone.length) return el("p", { class: "quiet" }, say("Every chat is held by more than one export."));
  const items = alone.map((chat) => el("li", { class: within(selection.chats, chat) ? null : "out" }, bdi(chatName(chat)), ` (${confirmNames(confirmSources(chat))}) `,
    button(say("Open in the reader"), () => { currentView = "reader"; selection.set({ chats: new Set([chat]) }); }, { "aria-label": say("Open {chat} in the reader", { chat: isolate(chatName(chat)) }) })));
  return el("details", { class: "confirm-alone", open: alone.length <= 8 }, el("summary", {}, sayCount(alone.length, "1 chat that one export holds: nothing to compare with", "{n} chats that one export holds: nothing to compare with")), el("ul", {}, items));
}
