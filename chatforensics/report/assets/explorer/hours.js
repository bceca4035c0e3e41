// Who sent when in the day: a row for each sender, a column for each hour of the phones' own clocks.

const HOURS_PAGE = 60;
const HOURS_KINDS = { all: ["flag", "review", "none"], label: ["flag", "review"], flag: ["flag"] };
const HOURS_NAMES = new Intl.Collator("en", { numeric: true });
// Cividis with a paler beginning, from few to many: its lightness falls evenly, so that it reads the same without colour vision.
const HOURS_SCALE = ["#fbf3c0", "#e9d98a", "#c9b96c", "#a59c74", "#8a8678", "#707173", "#575d6d", "#3b496c", "#123570", "#00224e"];
const HOURS_NIGHT = matchMedia("(prefers-color-scheme: dark)");
const hours = { kind: "all", words: "", from: 0 };

registerView({
  key: "hours", title: say("Who sent when in the day"),
  shows: say("At which hour of the phones' own clocks each person sent labelled or followed messages. People stand in the order of their names; the number in a cell counts messages."),
  cannot: say("It cannot show who held the phone; a habit of work, school, shift or travel can look the same."),
  render: hoursRender,
});

function hoursRender(box) {
  const people = hoursCount();
  const part = el("div", { class: "hours-part" });
  const search = el("input", { type: "search", value: hours.words, spellcheck: "false", autocomplete: "off", oninput: () => {
    Object.assign(hours, { words: search.value, from: 0 });
    hoursDraw(part, people);
  } });
  const kinds = [{ value: "all", label: say("labelled or followed") }, { value: "label", label: say("flagged or to be read") }, { value: "flag", label: say("flagged only") }];
  box.append(
    el("div", { class: "tools" },
      choose(say("Messages counted"), kinds, hours.kind, hoursChooseKind),
      el("label", { class: "choose" }, el("span", {}, say("Find a name")), search)),
    part,
    hoursLegend(hoursMost(people)),
    el("p", { class: "quiet" }, hoursNote(people)),
  );
  hoursDraw(part, people);
  return hoursTwin(people);
}

function hoursChooseKind(value) {
  Object.assign(hours, { kind: value, from: 0 });
  showView("hours");
  document.querySelector("#view-panel .tools select")?.focus();
}

// ---------------------------------------------------------------------------------------------------- what is counted

/** Return a row for each sender: the messages of each hour, inside and outside the selection; those inside come first. */
function hoursCount() {
  const { labelled } = DATA;
  const wanted = new Set(HOURS_KINDS[hours.kind]);
  const rows = new Map();
  let timeless = 0;
  for (let i = 0; i < labelled.n; i += 1) {
    if (!wanted.has(labelled.decision[i])) continue;
    const hour = labelled.local_hour[i];
    if (hour === null) { timeless += 1; continue; }
    const person = labelled.person[i];
    if (!rows.has(person)) rows.set(person, { person, name: personName(person), inside: hoursEmpty(), outside: hoursEmpty(), n: 0 });
    const row = rows.get(person);
    const inside = labelledIn(i);
    row[inside ? "inside" : "outside"][hour].push(labelled.row[i]);
    row.n += inside ? 1 : 0;
  }
  const list = [...rows.values()].sort((a, b) => Number(b.n > 0) - Number(a.n > 0) || Number(a.person < 0) - Number(b.person < 0) || HOURS_NAMES.compare(a.name, b.name) || a.person - b.person);
  return { list, timeless };
}

function hoursEmpty() {
  return Array.from({ length: 24 }, () => []);
}

function hoursMost({ list }) {
  return Math.max(4, ...list.map((row) => Math.max(...row.inside.map((rows) => rows.length))));
}

// ---------------------------------------------------------------------------------------------------- the matrix

function hoursDraw(part, people) {
  const wanted = fold(hours.words).trim();
  const found = wanted ? people.list.filter((row) => fold(row.name).includes(wanted)) : people.list;
  const shownRows = found.slice(hours.from, hours.from + HOURS_PAGE);
  const table = el("table", { class: "hours" },
    el("caption", { class: "sr" }, say("Messages by sender and hour of the phones' own clocks")),
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, say("Sender")),
      Array.from({ length: 24 }, (_, hour) => el("th", { scope: "col", class: "num" }, pad(hour))), el("th", { scope: "col", class: "num" }, say("All")))),
    el("tbody", {}, hoursRows(shownRows, hoursMost(people))));
  table.addEventListener("keydown", hoursKey);
  table.querySelector("button")?.setAttribute("tabindex", "0");
  part.replaceChildren(
    el("p", { class: "quiet sideways" }, say("On a narrow screen the table goes on to the side: scroll it there.")),
    el("div", { class: "scroll hours-scroll", role: "group", "aria-label": say("Sender by hour: arrow keys go from cell to cell") }, table),
    hoursPager(part, people, found.length));
}

function hoursRows(list, most) {
  return list.map((row) => el("tr", { class: row.n ? null : "out" },
    el("th", { scope: "row", title: isolate(row.name) }, bdi(clip(row.name, 80))),
    Array.from({ length: 24 }, (_, hour) => hoursCell(row, hour, most)),
    el("td", { class: "num" }, count(row.n))));
}

function hoursCell(row, hour, most) {
  const inside = row.inside[hour];
  const rows = inside.length ? inside : row.outside[hour];
  if (!rows.length) return el("td", {});
  const values = { hour: pad(hour), n: count(rows.length) };
  const words = inside.length ? say("{hour}:00 to {hour}:59, messages: {n}", values) : say("{hour}:00 to {hour}:59, messages outside what is chosen: {n}", values);
  const title = `${isolate(row.name)}: ${words}`;
  const open = () => openMessages(rows, el("span", {}, bdi(row.name), `: ${words}`));
  const cell = button(count(rows.length), open, { class: inside.length ? "hours-cell" : "hours-cell hours-out", "aria-label": title, title, tabindex: -1, "data-hour": hour });
  if (inside.length) hoursPaint(cell, inside.length / most);
  return el("td", {}, cell);
}

/** Colour a cell: many is what stands out from the page, dark by day and light by night. */
function hoursPaint(cell, strength) {
  const at = Math.min(HOURS_SCALE.length - 1, Math.round(strength * (HOURS_SCALE.length - 1)));
  const place = HOURS_NIGHT.matches ? HOURS_SCALE.length - 1 - at : at;
  cell.style.backgroundColor = HOURS_SCALE[place];
  cell.style.color = place < 5 ? "#111111" : "#ffffff";
}

/** Go from cell to cell, along the row or to the next row that has the nearest hour. */
function hoursKey(event) {
  const cell = event.target.closest("button");
  const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
  if (!cell || !step) return;
  event.preventDefault();
  const along = [...cell.closest("tr").querySelectorAll("button")];
  let next = step[1] ? along[along.indexOf(cell) + step[1]] : null;
  for (let row = cell.closest("tr"); step[0] && row && !next;) {
    row = step[0] > 0 ? row.nextElementSibling : row.previousElementSibling;
    const away = (each) => Math.abs(Number(each.dataset.hour) - Number(cell.dataset.hour));
    [next] = row ? [...row.querySelectorAll("button")].sort((a, b) => away(a) - away(b)) : [];
  }
  if (!next) return;
  cell.setAttribute("tabindex", "-1");
  next.setAttribute("tabindex", "0");
  next.focus();
}

function hoursPager(part, people, n) {
  const status = n === 0 ? say("No sender to show.") : say("Senders {from} to {to} of {n}", { from: count(hours.from + 1), to: count(Math.min(n, hours.from + HOURS_PAGE)), n: count(n) });
  const move = (step, name) => {
    hours.from += step;
    hoursDraw(part, people);
    const pair = [...part.querySelectorAll(".pager button")];
    (pair.find((each) => each.dataset.way === name && !each.disabled) ?? pair.find((each) => !each.disabled))?.focus();
  };
  const line = el("p", { class: "pager" });
  if (n > HOURS_PAGE) {
    line.append(button(say("Previous senders"), () => move(-HOURS_PAGE, "back"), { disabled: hours.from === 0, "data-way": "back" }), " ",
      button(say("Next senders"), () => move(HOURS_PAGE, "forth"), { disabled: hours.from + HOURS_PAGE >= n, "data-way": "forth" }), " ");
  }
  line.append(el("span", { role: "status" }, status));
  return line;
}

// ---------------------------------------------------------------------------------------------------- words around it

function hoursLegend(most) {
  const steps = [...new Set([1, Math.ceil(most / 4), Math.ceil(most / 2), Math.ceil((3 * most) / 4), most])];
  const items = steps.map((n) => {
    const sign = el("span", { class: "hours-sign" }, count(n));
    hoursPaint(sign, n / most);
    return el("li", {}, sign);
  });
  return el("ul", { class: "legend", "aria-label": say("Colours of the cells, by the number of messages") }, el("li", {}, say("Messages in an hour of the day, all days together:")), items);
}

function hoursNote({ timeless }) {
  const words = say("Counted are the labelled or followed messages only, not the rest of what somebody wrote; hours are those that the exporting phone printed.");
  return timeless ? `${words} ${sayCount(timeless, "1 message has no time and is not counted.", "{n} messages have no time and are not counted.")}` : words;
}

function hoursTwin({ list }) {
  const cells = list.flatMap((row) => row.inside.flatMap((rows, hour) => (rows.length ? [{ row, hour, rows }] : [])));
  return {
    caption: say("Messages by sender and hour of the phones' own clocks, inside what is chosen"),
    columns: [{ name: say("Sender") }, { name: say("Hour") }, { name: say("Messages counted"), number: true }], n: cells.length,
    cell: (i, c) => (c === 0 ? cells[i].row.name : c === 1 ? `${pad(cells[i].hour)}:00` : count(cells[i].rows.length)),
    rows: (i) => cells[i].rows,
  };
}
