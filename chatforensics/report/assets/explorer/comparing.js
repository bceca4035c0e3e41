// Two exports laid side by side: the matrix of a chat's exports, and what each pair says of the other.

const PAIR_MOST = 300; // exports of a chat beyond which the squares of the drawing are too small for signs

/** Return what the export of a row says of the one of a column: "Of the messages of this one, the other has …". */
function pairFacts({ i, turned }) {
  const { comparisons } = DATA;
  const [n, lacks, extra] = turned ? [comparisons.n_b[i], comparisons.n_only_b[i], comparisons.n_only_a[i]] : [comparisons.n_a[i], comparisons.n_only_a[i], comparisons.n_only_b[i]];
  const differs = comparisons.n_text[i] + comparisons.n_sender[i] + comparisons.n_time[i];
  return {
    n, lacks, extra, differs, agree: comparisons.n_agree[i], text: comparisons.n_text[i], sender: comparisons.n_sender[i], time: comparisons.n_time[i],
    order: comparisons.n_order[i], clock: pairClock(i, turned), independent: comparisons.independent[i], why: comparisons.dependence?.[i] ?? null,
    status: pairStatus(i),
  };
}

/** Return the gravest that two exports show of each other. */
function pairStatus(i) {
  const { comparisons } = DATA;
  const lacking = comparisons.n_only_a[i] + comparisons.n_only_b[i];
  if (!comparisons.n_a[i] && !lacking) return "single_source";
  return comparisons.n_text[i] ? "text_conflict" : comparisons.n_sender[i] ? "sender_conflict" : comparisons.n_time[i] ? "time_conflict" : lacking ? "one_sided" : "agree";
}

/** Return how far the clock of the column's export is ahead of that of the row's, with two standard errors. */
function pairClock(i, turned) {
  const offset = DATA.comparisons.offset_s[i];
  if (offset === null || offset === undefined) return null;
  const wide = DATA.comparisons.uncertainty_s[i];
  const ahead = turned ? -offset : offset;
  return say("{sign}{size} ± {wide} s", { sign: ahead < 0 ? "−" : "+", size: pairSeconds(Math.abs(ahead)), wide: wide === null || wide === undefined ? "?" : count(wide) });
}

/** Return a span to the second, as its uncertainty is. */
function pairSeconds(span) {
  const [h, m, s] = [Math.floor(span / 3600), Math.floor((span % 3600) / 60), Math.round(span % 60)];
  if (h) return say("{h} h {m} min {s} s", { h: count(h), m, s });
  return m ? say("{m} min {s} s", { m, s }) : say("{s} s", { s });
}

function confirmTable(chat, sources, pairs, detail) {
  const name = say("Exports of this chat beside each other: each row says how many of its messages the column's export has alike");
  const head = el("tr", {}, el("th", { scope: "col" }, say("Messages of")), sources.map((b) => el("th", { scope: "col" }, say("as in {source}", { source: sourceName(b) }))));
  const rows = sources.map((a) => el("tr", {},
    el("th", { scope: "row" }, el("strong", {}, sourceName(a)), " ", el("span", { class: "quiet" }, bdi(clip(pairPath(a), 70)))),
    sources.map((b) => el("td", {}, a === b ? el("span", { class: "quiet" }, sayCount(DATA.sources.n_messages[a], "1 record", "{n} records")) : pairCell(chat, a, b, pairs, detail)))));
  const table = el("table", { class: "confirm-pairs" }, el("caption", { class: "sr" }, name), el("thead", {}, head), el("tbody", {}, rows));
  return confirmScroll(name, table);
}

/** Return the path of an export, or its end where paths are long. */
function pairPath(source) {
  const path = DATA.sources.path[source] ?? "";
  return path.length > 27 ? path.split(/[\\/]/u).slice(-2).join("/") : path;
}

function pairCell(chat, a, b, pairs, detail) {
  const pair = pairs.get(`${a} ${b}`);
  if (!pair) return el("span", { class: "quiet" }, say("not compared"));
  const facts = pairFacts(pair);
  const lines = [facts.n ? say("{agree} of {n} alike", { agree: count(facts.agree), n: count(facts.n) }) : say("no time in common")];
  if (facts.lacks) lines.push(say("{n} missing there", { n: count(facts.lacks) }));
  if (facts.text) lines.push(say("{n} in other words", { n: count(facts.text) }));
  if (facts.sender) lines.push(say("{n} with another sender", { n: count(facts.sender) }));
  if (facts.time) lines.push(say("{n} at another time", { n: count(facts.time) }));
  lines.push(facts.clock === null ? say("clocks not compared") : say("clock there {clock}", { clock: facts.clock }), facts.independent ? say("independent") : say("not independent"));
  const title = say("{a} beside {b}: {facts}", { a: sourceName(a), b: sourceName(b), facts: lines.join("; ") });
  return button([confirmSign(facts.status), el("span", {}, lines.flatMap((line, k) => (k ? [el("br"), line] : [el("strong", {}, line)])))],
    () => pairOpen(chat, a, b, pair, detail), { class: facts.independent ? "confirm-pair" : "confirm-pair confirm-tied", "aria-label": title });
}

/** Return a pair's facts in sentences. */
function pairWords(pair, facts, names) {
  const span = { from: timeText(DATA.comparisons.from[pair.i]), to: timeText(DATA.comparisons.to[pair.i]) };
  const counted = [
    DATA.comparisons.from[pair.i] === null ? null : say("Both cover {from} to {to} UTC.", span),
    say("In the time that both cover, {a} has {messages}: {agree} alike in {b}, {text} with other words, {sender} with another sender, {time} with another time, {lacks} missing from {b}.", { ...names, messages: confirmMany(facts.n), agree: count(facts.agree), text: count(facts.text), sender: count(facts.sender), time: count(facts.time), lacks: count(facts.lacks) }),
    say("Of {b}, {extra} missing from {a}; {order} in another order.", { ...names, extra: confirmMany(facts.extra), order: confirmMany(facts.order) }),
  ].filter(Boolean);
  return [
    say("{a} beside {b}.", names),
    ...(facts.n || facts.extra ? counted : [say("They have no time in common in which to compare them.")]),
    facts.clock === null ? say("Their clocks were not compared.") : say("The clock of {b} stands {clock} from that of {a} (± two standard errors).", { ...names, clock: facts.clock }),
    facts.independent ? say("Nothing shows that they come from one phone, person or file.") : say("They do not count as independent: {why}.", { why: isolate(facts.why ?? say("the reason is not recorded")) }),
  ];
}

/** Say everything of a pair below the matrix, and open the messages on which it differs, or else those that both hold. */
async function pairOpen(chat, a, b, pair, detail) {
  const facts = pairFacts(pair);
  const names = { a: sourceName(a), b: sourceName(b) };
  const rows = pairRows(chat, a, b, facts);
  const sentences = pairWords(pair, facts, names);
  const found = (list, words) => openMessages(list, say("{a} beside {b}: {what}", { ...names, what: words }));
  detail.replaceChildren(el("p", {}, sentences.join(" ")), el("p", { class: "tools" },
    rows.length ? button(say("Open what differs ({n})", { n: count(rows.length) }), () => found(rows, say("what differs"))) : el("span", { class: "quiet" }, DATA.conflicts.n_all > DATA.conflicts.n ? say("None of the listed messages differs between them; others may be too many to list.") : say("No message of this chat is listed as differing between them.")),
    facts.agree ? button(say("Open what both hold alike"), async () => found(await pairShared(chat, a, b), say("what both hold alike"))) : null), confirmLeftOut() ?? "");
  if (rows.length) found(rows, say("what differs"));
  else if (facts.agree) found(await pairShared(chat, a, b), say("what both hold alike"));
}

/** Return the listed messages that the two exports give differently, or that one of them lacks. */
function pairRows(chat, a, b, facts) {
  const { conflicts } = DATA;
  const rows = [];
  for (let i = 0; i < conflicts.n; i += 1) {
    if (conflicts.row[i] < DATA.chats.from[chat] || conflicts.row[i] >= DATA.chats.to[chat]) continue;
    const [inA, inB] = [conflicts.sources[i].includes(a), conflicts.sources[i].includes(b)];
    const alone = (inA && conflicts.lacking[i].includes(b)) || (inB && conflicts.lacking[i].includes(a));
    if ((alone && facts.lacks + facts.extra) || (inA && inB && facts.differs && conflicts.status[i] !== "one_sided")) rows.push(conflicts.row[i]);
  }
  return rows;
}

/** Return the messages that both hold and on which no export of the chat differs; notices are left out. */
async function pairShared(chat, a, b) {
  const alike = new Set(DATA.status_kinds.flatMap((status, i) => (CONFIRM_DIFFER.includes(status) ? [] : [i])));
  const rows = [];
  await confirmScan(chat, (row, held, its) => { if (alike.has(its) && held.has(a) && held.has(b)) rows.push(row); });
  return rows;
}

// ---------------------------------------------------------------------------------------------------- many exports

/** Draw the matrix of many exports: a square for each pair, its colour and shape that of the gravest it shows. */
function confirmDrawing(chat, sources, pairs, detail, room) {
  const left = 44;
  const n = sources.length;
  const size = n > PAIR_MOST ? 4 : Math.max(10, Math.min(24, Math.floor((room - left) / n)));
  const side = left + size * n;
  const sharp = n > 100 ? 1 : Math.min(2, window.devicePixelRatio || 1);
  const canvas = el("canvas", { class: "confirm-canvas", width: side * sharp, height: side * sharp, role: "img",
    "aria-label": say("{n} exports beside each other. The list of two exports below, and the table at the end, say the same in words.", { n: count(sources.length) }) });
  Object.assign(canvas.style, { width: `${side}px`, height: `${side}px` });
  const draw = canvas.getContext("2d");
  draw.scale(sharp, sharp);
  const style = getComputedStyle(document.documentElement);
  confirmSquares(draw, sources, pairs, { left, size, ink: style.getPropertyValue("--ink"), line: style.getPropertyValue("--line") });
  const under = (event) => {
    const box = canvas.getBoundingClientRect();
    const [b, a] = [event.clientX - box.left, event.clientY - box.top].map((place) => sources[Math.floor((place - left) / size)]);
    return { a, b, pair: pairs.get(`${a} ${b}`) };
  };
  canvas.addEventListener("pointermove", (event) => {
    const { a, b, pair } = under(event);
    canvas.title = pair ? say("{a} beside {b}", { a: sourceName(a), b: sourceName(b) }) : "";
  });
  canvas.addEventListener("click", (event) => {
    const { a, b, pair } = under(event);
    if (pair) pairOpen(chat, a, b, pair, detail);
  });
  return el("div", {}, el("p", { class: "quiet" }, say("A sign for each two exports, the gravest that applies; an edge around it: not independent. Empty: not compared.")), el("div", { class: "scroll confirm-many", tabindex: 0, role: "region", "aria-label": say("Exports of this chat beside each other") }, canvas), confirmChoose(chat, sources, pairs, detail));
}

function confirmSquares(draw, sources, pairs, { left, size, ink, line }) {
  const every = Math.ceil(16 / size);
  draw.font = "12px system-ui, sans-serif";
  sources.forEach((a, y) => {
    draw.fillStyle = ink;
    if (y % every === 0) {
      draw.textAlign = "right";
      draw.fillText(sourceName(a), left - 6, left + size * (y + 0.5) + 4);
      draw.save();
      draw.translate(left + size * (y + 0.5) + 4, left - 6);
      draw.rotate(-Math.PI / 2);
      draw.textAlign = "left";
      draw.fillText(sourceName(a), 0, 0);
      draw.restore();
    }
    sources.forEach((b, x) => {
      const pair = pairs.get(`${a} ${b}`);
      if (!pair) return;
      draw.strokeStyle = DATA.comparisons.independent[pair.i] ? line : ink;
      draw.strokeRect(left + size * x + 0.5, left + size * y + 0.5, size - 1, size - 1);
      confirmSquare(draw, pairStatus(pair.i), left + size * (x + 0.5), left + size * (y + 0.5), size);
    });
  });
}

function confirmSquare(draw, wanted, x, y, size) {
  const [, paint, shape] = CONFIRM_STATUSES.find(([status]) => status === wanted);
  const scale = (size - 2) / 12;
  draw.save();
  draw.translate(x, y);
  draw.scale(scale, scale);
  draw.fillStyle = colour(paint);
  draw.fill(new Path2D(marker(shape)));
  draw.restore();
}

/** Return two lists of exports, to choose by keyboard the pair that the drawing shows as a square. */
function confirmChoose(chat, sources, pairs, detail) {
  const options = sources.map((source) => ({ value: source, label: `${sourceName(source)} ${clip(pairPath(source), 28)}` }));
  const chosen = { a: sources[0], b: sources[1] };
  const pick = (key, label) => choose(label, options, chosen[key], (value) => { chosen[key] = Number(value); });
  return el("div", { class: "tools" }, pick("a", say("Export")), pick("b", say("beside")), button(say("Say what they show of each other"), () => {
    const pair = pairs.get(`${chosen.a} ${chosen.b}`);
    if (pair) pairOpen(chat, chosen.a, chosen.b, pair, detail);
    else detail.replaceChildren(el("p", {}, say("These two were not compared.")));
  }));
}

function confirmTwin() {
  const { comparisons } = DATA;
  const order = Array.from({ length: comparisons.n }, (_, i) => i).sort((i, j) => Number(within(selection.chats, comparisons.chat[j])) - Number(within(selection.chats, comparisons.chat[i])) || i - j);
  const facts = (i) => pairFacts({ i: order[i], turned: false });
  const columns = [
    [say("Two exports"), (i) => `${sourceName(comparisons.a[order[i]])}, ${sourceName(comparisons.b[order[i]])}`], [say("Chat"), (i) => chatName(comparisons.chat[order[i]])],
    [say("Alike"), (i) => count(facts(i).agree), true], [say("Only in the first"), (i) => count(facts(i).lacks), true], [say("Only in the second"), (i) => count(facts(i).extra), true],
    [say("Other words"), (i) => count(facts(i).text), true], [say("Other sender"), (i) => count(facts(i).sender), true], [say("Other time"), (i) => count(facts(i).time), true], [say("Other order"), (i) => count(facts(i).order), true],
    [say("Clock of the second"), (i) => facts(i).clock ?? say("not compared")], [say("Independent"), (i) => (facts(i).independent ? say("nothing shows otherwise") : say("no: {why}", { why: facts(i).why ?? "?" }))],
    [say("Both cover (UTC)"), (i) => say("{from} to {to}", { from: timeText(comparisons.from[order[i]]), to: timeText(comparisons.to[order[i]]) })],
  ];
  return {
    caption: say("Two exports of one chat beside each other; the messages are those on which they differ"), columns: columns.map(([name, , number]) => ({ name, number: Boolean(number) })), n: order.length,
    cell: (i, c) => columns[c][1](i),
    rows: (i) => pairRows(comparisons.chat[order[i]], comparisons.a[order[i]], comparisons.b[order[i]], facts(i)),
  };
}
