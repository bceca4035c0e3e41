// The reader's list: what is drawn near the eye, and jumps in it.

function readerLength() {
  return reader.rows ? reader.rows.length : reader.end - reader.start;
}

function readerRow(place) {
  return reader.rows ? reader.rows[place] : reader.start + place;
}

function readerPlaceOf(row) {
  return reader.rows ? firstAt(reader.rows, row) : row - reader.start;
}

/** Say to whoever reads the page aloud, or tests it, whether the list is still being made. */
function readerBusy(busy) {
  reader.list.setAttribute("aria-busy", String(busy));
}

/** Draw the list anew from a place on; whatever was on its way for an older list is dropped. */
async function readerDraw(place, { cited = null } = {}) {
  reader.draw += 1;
  const { draw } = reader;
  readerBusy(true);
  const first = Math.max(0, Math.min(place, readerLength() - 1));
  const before = Math.min(first, 5);
  const drawn = await readerItems(first - before, first - before + READER_STEP, { draw, cited });
  if (!drawn) return;
  Object.assign(reader, { first: first - before, last: first - before + drawn.length });
  reader.list.replaceChildren(...drawn);
  reader.scroll.scrollTop = before && drawn[before] ? drawn[before].offsetTop - reader.list.offsetTop : 0;
  readerShowPlace(first);
  readerBusy(false);
}

/** Return the items of some places, or null when the list was drawn anew meanwhile. */
async function readerItems(from, to, { draw, cited = null }) {
  const places = [];
  for (let place = Math.max(0, from); place < Math.min(to, readerLength()); place += 1) places.push(place);
  const messages = await getRows(places.map(readerRow));
  if (draw !== reader.draw) return null;
  return messages.map((message, k) => readerItem(message, places[k], cited));
}

function readerItem(message, place, cited) {
  const item = messageItem(message, { cited: message.row === cited, attributes: { "aria-setsize": readerLength(), "aria-posinset": place + 1 } });
  item.classList.add("whole");
  const opens = message.row === DATA.chats.from[message.chat];
  const chat = reader.rows || opens ? bdi(chatName(message.chat)) : null;
  const there = reader.rows ? button(say("Show in its chat"), () => openInReader(message.row), { class: "small" }) : null;
  if (chat) item.prepend(el("p", { class: opens && !reader.rows ? "reader-chat reader-opens" : "reader-chat" }, chat, " ", there));
  return item;
}

/** Draw more at the end that is near, and let go of what is far, without moving what is read. */
async function readerScrolled() {
  const { scroll, list, draw } = reader;
  if (reader.busy === draw) return;
  reader.busy = draw;
  if (scroll.scrollTop + scroll.clientHeight > scroll.scrollHeight - 600 && reader.last < readerLength()) {
    const more = await readerItems(reader.last, reader.last + READER_STEP, { draw });
    if (more) readerAppend(scroll, list, more);
  } else if (scroll.scrollTop < 600 && reader.first > 0) {
    const more = await readerItems(reader.first - READER_STEP, reader.first, { draw });
    if (more) readerPrepend(scroll, list, more);
  }
  if (reader.busy === draw) reader.busy = false;
  if (draw === reader.draw) readerShowPlace(readerTop());
}

function readerAppend(scroll, list, more) {
  list.append(...more);
  reader.last += more.length;
  while (list.children.length > READER_MOST) {
    const { height } = list.firstChild.getBoundingClientRect();
    list.firstChild.remove();
    reader.first += 1;
    scroll.scrollTop -= height;
  }
}

function readerPrepend(scroll, list, more) {
  const height = list.scrollHeight;
  list.prepend(...more);
  reader.first -= more.length;
  scroll.scrollTop += list.scrollHeight - height;
  while (list.children.length > READER_MOST) {
    list.lastChild.remove();
    reader.last -= 1;
  }
}

/** Return the place of the first message that is in sight. */
function readerTop() {
  const edge = reader.scroll.getBoundingClientRect().top;
  const i = [...reader.list.children].findIndex((item) => item.getBoundingClientRect().bottom > edge);
  return reader.first + Math.max(0, i);
}

function readerShowPlace(place) {
  const n = readerLength();
  reader.place.value = n > 1 ? Math.round((place / (n - 1)) * 1000) : 0;
  reader.place.disabled = n < 2;
  reader.place.setAttribute("aria-valuetext", n ? say("Message {place} of {n}", { place: count(place + 1), n: count(n) }) : say("No message"));
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

/** Go to the first message at or after a moment, in the chat that is in sight; where there is none, to its last. */
async function readerJumpTo(at) {
  if (!readerLength()) return;
  const here = await getRow(readerRow(Math.min(readerTop(), readerLength() - 1)));
  const [from, to] = chatSpan(here.row);
  const [start, end] = [readerPlaceOf(from), readerPlaceOf(to)];
  let [low, high] = [start, end];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((await readerTimeFrom(middle, high)) < at) low = middle + 1;
    else high = middle;
  }
  const place = Math.min(low, end - 1);
  const there = await getRow(readerRow(place));
  await readerJump(place);
  const chat = chatName(here.chat);
  reader.status.textContent = low === end
    ? say("No message of {chat} in this list is of that day or later; its last is shown.", { chat })
    : say("{chat}: the first message of that day or later is of {time}.", { chat, time: timeText(there.at) });
}

/** Return the time of the first message from a place on that has one; those without stand between their neighbours. */
async function readerTimeFrom(place, end) {
  for (let at = place; at < Math.min(end, place + READER_LOOK); at += 1) {
    const message = await getRow(readerRow(at));
    if (message.at !== null) return message.at;
  }
  return Infinity;
}
