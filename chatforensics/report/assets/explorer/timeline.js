// Timeline: how many messages there are on each day, and how many of them are labelled or followed, by the phones' own clocks.

const TIMELINE_BARS = 400;
const TIMELINE_EDGE = { left: 52, right: 38 };
const TIMELINE_TALL = 120;
const TIMELINE_STRIP = 18;
const TIMELINE_KINDS = ["flag", "review", "none"];
const timeline = { near: false, held: null, focus: null };

registerView({
  key: "timeline", title: say("Timeline"),
  shows: say("How many messages there are on each day, and below, on a scale of its own, how many are labelled or belong to a text that is followed. Days are those of the phones' own clocks."),
  cannot: say("It cannot show messages outside the exports; a quiet stretch does not show that anything was deleted."),
  render: timelineRender,
});

function timelineRender(box, width) {
  const room = Math.max(300, width - 24);
  const bins = timelineBins(room);
  if (!bins) {
    box.append(el("p", {}, say("No message has a time.")));
    return null;
  }
  box.append(timelineTools(bins), timelineChart(bins, room), timelineLegend(bins), ...timelineNotes(bins));
  timelineRefocus(box);
  timelineFit(box, bins, room);
  return timelineTwin(bins);
}

function timelineKind(kind) {
  return { flag: say("flagged: the words tell how to vote"), review: say("to be read by a person"), none: say("in a text that is followed, not flagged") }[kind];
}

// ---------------------------------------------------------------------------------------------------- what is counted

/** Return the bars: the days each covers, and the messages in it, inside and outside the selection. */
function timelineBins(room) {
  const span = timelineSpan();
  if (!span) return null;
  const most = Math.min(TIMELINE_BARS, Math.floor((room - TIMELINE_EDGE.left - TIMELINE_EDGE.right) / 3));
  const n = span.last - span.first + 1;
  const step = [1, 7, 28].find((days) => n / days <= most) ?? 28 * Math.ceil(n / 28 / most);
  const first = step === 1 ? span.first : Math.floor((span.first - 4) / step) * step + 4; // weeks begin on Monday, as day 4 of 1970 did
  const list = Array.from({ length: Math.floor((span.last - first) / step) + 1 }, (_, i) => ({
    day: first + i * step, all: 0, out: 0, chats: 0, inside: { flag: [], review: [], none: [] }, outside: { flag: [], review: [], none: [] },
  }));
  const bins = { list, step, first, place: (day) => (day >= span.first && day <= span.last ? Math.floor((day - first) / step) : -1), dateless: 0 };
  timelineCount(bins);
  timelineRunning(bins);
  return bins;
}

function timelineSpan() {
  let [first, last] = [Infinity, -Infinity];
  for (const days of [DATA.days.day, DATA.labelled.day]) {
    for (const day of days) {
      if (day === null) continue;
      if (day < first) first = day;
      if (day > last) last = day;
    }
  }
  if (timeline.near && selection.from !== null) first = Math.max(first, Math.floor(selection.from / 86400));
  if (timeline.near && selection.to !== null) last = Math.min(last, Math.ceil(selection.to / 86400) - 1);
  return first <= last ? { first, last } : timeline.near ? timelineWhole() : null;
}

function timelineWhole() {
  timeline.near = false;
  return timelineSpan();
}

function timelineCount(bins) {
  const { days, labelled } = DATA;
  for (let i = 0; i < days.n; i += 1) {
    const bin = bins.list[bins.place(days.day[i])];
    if (!bin) continue;
    bin[within(selection.chats, days.chat[i]) && timelineTimeIn(bin, bins.step) ? "all" : "out"] += days.count[i];
  }
  for (let i = 0; i < labelled.n; i += 1) {
    if (labelled.day[i] === null) bins.dateless += 1;
    const bin = labelled.day[i] === null ? null : bins.list[bins.place(labelled.day[i])];
    if (bin) bin[labelledIn(i) ? "inside" : "outside"][labelled.decision[i]].push(labelled.row[i]);
  }
}

function timelineTimeIn(bin, step) {
  return (selection.from === null || (bin.day + step) * 86400 > selection.from) && (selection.to === null || bin.day * 86400 < selection.to);
}

/** Count, for each bar, the chosen chats whose first and last message enclose it. */
function timelineRunning(bins) {
  const ends = new Map();
  for (let i = 0; i < DATA.days.n; i += 1) {
    const chat = DATA.days.chat[i];
    if (!within(selection.chats, chat)) continue;
    const day = DATA.days.day[i];
    const [from, to] = ends.get(chat) ?? [day, day];
    ends.set(chat, [Math.min(from, day), Math.max(to, day)]);
  }
  const last = bins.list.length - 1;
  for (const [from, to] of ends.values()) {
    const a = Math.max(0, Math.floor((from - bins.first) / bins.step));
    const b = Math.min(last, Math.floor((to - bins.first) / bins.step));
    for (let i = a; i <= b; i += 1) bins.list[i].chats += 1;
  }
}

function timelineRows(bin, side) {
  return TIMELINE_KINDS.flatMap((kind) => bin[side][kind]);
}

/** Return the days of a bar in words. */
function timelineWhen(bin, step) {
  return step === 1 ? dayText(bin.day) : say("{from} to {to}", { from: dayText(bin.day), to: dayText(bin.day + step - 1) });
}

// ---------------------------------------------------------------------------------------------------- the chart

function timelineChart(bins, room) {
  const [from, to] = [bins.first * 86400, (bins.first + bins.list.length * bins.step) * 86400];
  const scale = timeScale(from, to, TIMELINE_EDGE.left, room - TIMELINE_EDGE.right);
  const spanOf = (start, end) => (end <= from || start >= to ? null : { left: scale.x(Math.max(start, from)), right: scale.x(Math.min(end, to)), edges: [start, end].filter((at) => at >= from && at <= to).map(scale.x) });
  const dates = eventDays(timelineDates(), timelineDates().map((start) => start + 86400), spanOf, 4, room - 4);
  const all = 26 + eventHead(dates);
  const tops = { all, chats: all + TIMELINE_TALL + 22, labelled: all + TIMELINE_TALL + TIMELINE_STRIP + 62 };
  const foot = tops.labelled + TIMELINE_TALL;
  const node = svg("svg", { class: "timeline", width: room, height: foot + 26, viewBox: `0 0 ${room} ${foot + 26}`, role: "group", "aria-label": say("Messages by day, in two rows of bars") });
  const place = { bins, node, scale, room, tops, foot, x: (i) => scale.x((bins.first + i * bins.step) * 86400) };
  node.append(timelinePatterns(), timelineGaps(place), ...eventShades(dates, tops.all, foot));
  drawTimeAxis(node, { ...scale, ticks: timelineTicks(scale) }, foot, tops.all);
  node.append(timelineAll(place), timelineStrip(place), timelineLabelled(place));
  node.append(svg("g", { class: "axis" }, eventLines(dates, tops.all, foot))); // last, so that no bar hides a date
  node.append(...node.querySelectorAll(".timeline-heading"));
  timelineBrush(place);
  return node;
}

/** Return the ticks of the scale; on a narrow page that has room for none or one, two of our own. */
function timelineTicks(scale) {
  if (scale.ticks.length > 1) return scale.ticks;
  return [0.15, 0.85].map((part) => Math.floor((scale.from + part * (scale.to - scale.from)) / 86400)).map((day) => ({ at: day * 86400, label: dayText(day) }));
}

/** Return the user's dates as the bars stand: by the calendar, without a zone. */
function timelineDates() {
  return DATA.events.date.map((date) => Date.parse(`${date}T00:00:00Z`) / 1000);
}

function timelinePatterns() {
  const hatch = svg("pattern", { id: "timeline-hatch", width: 5, height: 5, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
    svg("rect", { width: 2.4, height: 5, class: "timeline-ink-review" }));
  const gap = svg("pattern", { id: "timeline-gap", width: 8, height: 8, patternUnits: "userSpaceOnUse", patternTransform: "rotate(-45)" },
    svg("rect", { width: 1, height: 8, class: "timeline-ink-gap" }));
  return svg("defs", {}, hatch, gap);
}

/** Shade the bars that lie outside what every chosen chat covers. */
function timelineGaps({ bins, x, tops }) {
  const shades = svg("g", {});
  bins.list.forEach((bin, i) => {
    if (bin.chats) return;
    for (const y of [tops.all, tops.labelled]) shades.append(svg("rect", { x: x(i), width: x(i + 1) - x(i), y, height: TIMELINE_TALL, fill: "url(#timeline-gap)" }));
  });
  return shades;
}

function timelineHeading(words, y) {
  return svg("text", { x: TIMELINE_EDGE.left, y, class: "timeline-heading" }, words);
}

/** Draw round numbers up to the highest bar, and return the height of a number. */
function timelineScaleUp(group, most, top, room) {
  const step = [1, 2, 5].flatMap((f) => Array.from({ length: 9 }, (_, p) => f * 10 ** p)).sort((a, b) => a - b).find((s) => most / s <= 4) ?? most;
  const high = Math.max(1, Math.ceil(most / step)) * step;
  const y = (n) => top + TIMELINE_TALL * (1 - n / high);
  for (let n = 0; n <= high; n += step) {
    group.append(svg("line", { x1: TIMELINE_EDGE.left, x2: room - TIMELINE_EDGE.right, y1: y(n), y2: y(n), class: n ? "grid" : "timeline-base" }),
      svg("text", { x: TIMELINE_EDGE.left - 6, y: y(n) + 4, "text-anchor": "end" }, count(n)));
  }
  return (n) => (n ? Math.max(2, TIMELINE_TALL * (n / high)) : 0);
}

function timelineAll(place) {
  const { bins, tops, room } = place;
  const group = svg("g", { class: "axis timeline-panel" });
  group.append(timelineHeading(bins.step === 1 ? say("All messages of a day") : say("All messages of {n} days", { n: bins.step }), 14));
  const tall = timelineScaleUp(group, Math.max(1, ...bins.list.map((bin) => bin.all + bin.out)), tops.all, room);
  const bars = timelineBars(place, tops.all, say("All messages"), (bin) => {
    const parts = [{ n: bin.all, class: "timeline-all" }, { n: bin.out, class: "timeline-all out" }];
    const title = say("{when}: {messages}. Opens them in the reader.", { when: timelineWhen(bin, bins.step), messages: sayCount(bin.all || bin.out, "1 message", "{n} messages") });
    return { parts, title, act: () => timelineRead(bin.day, bins.step) };
  }, tall, "all");
  group.append(bars);
  return group;
}

function timelineLabelled(place) {
  const { bins, tops, room } = place;
  const group = svg("g", { class: "axis timeline-panel" });
  group.append(timelineHeading(say("Labelled or followed messages"), tops.labelled - 8));
  const size = (bin) => timelineRows(bin, "inside").length + timelineRows(bin, "outside").length;
  const tall = timelineScaleUp(group, Math.max(1, ...bins.list.map(size)), tops.labelled, room);
  const bars = timelineBars(place, tops.labelled, say("Labelled or followed messages"), (bin) => {
    const parts = ["inside", "outside"].flatMap((side) => TIMELINE_KINDS.map((kind) => ({ n: bin[side][kind].length, class: `timeline-${kind}${side === "outside" ? " out" : ""}`, hatched: kind === "review" })));
    const inside = timelineRows(bin, "inside");
    const rows = inside.length ? inside : timelineRows(bin, "outside");
    const title = timelineTitle(bin, bins.step);
    return { parts, title, act: () => openMessages(rows, title) };
  }, tall, "labelled");
  group.append(bars);
  return group;
}

function timelineTitle(bin, step) {
  const side = timelineRows(bin, "inside").length ? "inside" : "outside";
  const words = TIMELINE_KINDS.filter((kind) => bin[side][kind].length).map((kind) => `${count(bin[side][kind].length)} ${timelineKind(kind)}`).join(", ");
  return side === "inside" ? say("{when}: {words}", { when: timelineWhen(bin, step), words })
    : say("{when}, outside what is chosen: {words}", { when: timelineWhen(bin, step), words });
}

/** Draw a row of bars that is one stop of the Tab key; the arrow keys go from bar to bar. */
function timelineBars({ bins, x }, top, name, describe, tall, key) {
  const group = svg("g", { role: "toolbar", "aria-label": say("{name}: arrow keys go from bar to bar", { name }), "data-panel": key });
  bins.list.forEach((bin, i) => {
    const { parts, title, act } = describe(bin);
    if (!parts.some((part) => part.n)) return;
    const wide = x(i + 1) - x(i);
    const bar = svg("g", { role: "button", tabindex: -1, "aria-label": title, "data-bin": i, onclick: () => { timeline.last = { panel: key, bin: i }; act(); } },
      svg("title", {}, title), svg("rect", { x: x(i), y: top, width: wide, height: TIMELINE_TALL, class: "timeline-touch" }));
    let y = top + TIMELINE_TALL;
    for (const part of parts) {
      const height = tall(part.n);
      y -= height;
      const shape = { x: x(i) + 0.08 * wide, width: Math.max(1, 0.84 * wide), y, height, class: part.class };
      if (height) bar.append(svg("rect", part.hatched ? { ...shape, fill: "url(#timeline-hatch)" } : shape));
    }
    group.append(bar);
  });
  group.addEventListener("keydown", (event) => timelineKey(event, group, bins));
  group.querySelector("[role=button]")?.setAttribute("tabindex", "0");
  return group;
}

/** Draw how many of the chosen chats run at a time. */
function timelineStrip({ bins, x, tops, room }) {
  const group = svg("g", { class: "axis" });
  const most = Math.max(1, ...bins.list.map((bin) => bin.chats));
  const base = tops.chats + TIMELINE_STRIP;
  let path = `M${x(0)},${base}`;
  bins.list.forEach((bin, i) => { path += `V${base - TIMELINE_STRIP * (bin.chats / most)}H${x(i + 1)}`; });
  group.append(timelineHeading(say("Chats running"), tops.chats - 6),
    svg("text", { x: TIMELINE_EDGE.left - 6, y: tops.chats + 8, "text-anchor": "end" }, count(most)),
    svg("line", { x1: TIMELINE_EDGE.left, x2: room - TIMELINE_EDGE.right, y1: base, y2: base, class: "timeline-base" }),
    svg("path", { d: `${path}V${base}Z`, class: "timeline-chats" }));
  return group;
}

// ---------------------------------------------------------------------------------------------------- words around it

function timelineTools(bins) {
  const tools = el("div", { class: "tools" });
  if (selection.from !== null || selection.to !== null) {
    const scopes = [{ value: "whole", label: say("all days") }, { value: "near", label: say("the chosen time only") }];
    tools.append(choose(say("Show"), scopes, timeline.near ? "near" : "whole", (value) => { timeline.near = value === "near"; showView("timeline"); document.querySelector("#view-panel .tools select")?.focus(); }));
  }
  tools.append(el("p", { class: "quiet timeline-help" }, say("Click a bar to open what is behind it, or go to it with Tab and the arrow keys and press Enter. Drag across the bars to choose a time for all views; or hold Shift with the arrow keys, then press Enter.")));
  return tools;
}

function timelineLegend(bins) {
  const swatch = (cls, paint) => svg("svg", { width: 16, height: 14, "aria-hidden": "true" }, svg("rect", { x: 1, y: 1, width: 14, height: 12, class: cls, fill: paint }));
  const items = TIMELINE_KINDS.map((kind) => [swatch(`timeline-${kind}`, kind === "review" ? "url(#timeline-hatch)" : null), timelineKind(kind)]);
  if (bins.list.some((bin) => !bin.chats)) items.push([swatch("timeline-frame", "url(#timeline-gap)"), say("before the first and after the last message of every chat shown: the exports hold nothing there")]);
  return el("ul", { class: "legend" }, items.map(([sign, words]) => el("li", {}, sign, " ", words)));
}

function timelineNotes(bins) {
  const notes = [say("Bars count the phones' own days; a chosen time is in UTC, so that messages near midnight may fall on its other side. A chat runs from its first to its last message in the exports.")];
  if (selection.people.size || selection.families.size) notes.push(say("Persons and texts narrow the lower bars only; the upper bars count everybody in the chosen chats."));
  if (bins.dateless) notes.push(sayCount(bins.dateless, "1 labelled or followed message has no time and is not drawn.", "{n} labelled or followed messages have no time and are not drawn."));
  const dates = DATA.events.n ? eventNote(say("Days passed by the user, not evidence; shaded from midnight to midnight:"), (k) => bins.place(timelineDates()[k] / 86400) >= 0) : null;
  return [el("p", { class: "quiet" }, notes.join(" ")), dates].filter(Boolean);
}

function timelineTwin({ list, step }) {
  const columns = [{ name: step === 1 ? say("Day") : say("Days") }, { name: say("All messages"), number: true }, { name: say("Chats running"), number: true },
    ...TIMELINE_KINDS.map((kind) => ({ name: timelineKind(kind), number: true }))];
  return {
    caption: say("Messages by the phones' own days, inside what is chosen"), columns, n: list.length,
    cell: (i, c) => (c === 0 ? timelineWhen(list[i], step) : c === 1 ? count(list[i].all) : c === 2 ? count(list[i].chats) : count(list[i].inside[TIMELINE_KINDS[c - 3]].length)),
    rows: (i) => timelineRows(list[i], "inside"),
  };
}
