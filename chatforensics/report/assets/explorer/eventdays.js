// The days that the user passed, shaded from where they begin to where they end: what was sent on such a day lies inside it.

const EVENT_ROW = 14;
const EVENT_ROWS = 3; // names that need more rows give way to numbers
const EVENT_THIN = 3; // pixels; a narrower day is one line

/** Return the days that lie on an axis, with the places of their names: none on another, none on another day's line.
 * `span(from, to)` returns where a day lies: {left, right, edges: the ends that are drawn}, or null beside the axis. */
function eventDays(starts, ends, span, min, max) {
  const days = starts.flatMap((at, k) => {
    const found = span(at, ends[k]);
    return found ? [{ ...found, k, middle: Math.min(Math.max((found.left + found.right) / 2, min), max) }] : [];
  }).sort((a, b) => a.middle - b.middle || a.k - b.k);
  for (const write of [eventWords, (k) => `(${k + 1})`]) {
    for (const day of days) Object.assign(day, { words: write(day.k), wide: 1.06 * planeTextWidth(write(day.k)) });
    const rows = eventCentred(days, min, max) ?? eventStacked(days, min, max);
    if (rows) return days.map((day, i) => ({ ...day, ...rows[i] }));
  }
  return days.map((day) => ({ ...day, words: null, row: 0 }));
}

function eventWords(k) {
  return `${DATA.events.date[k]} ${clip(shown(DATA.events.label[k]), 24)}`;
}

/** Return the room that the names need above the picture. */
function eventHead(days) {
  return days.some((day) => day.words) ? EVENT_ROW * (1 + Math.max(...days.map((day) => day.row))) + 4 : 0;
}

/** Place every name above the middle of its day, all in one row; null if they would meet. */
function eventCentred(days, min, max) {
  const places = days.map(({ middle, wide }) => ({ name: Math.min(Math.max(middle - wide / 2, min), max - wide), row: 0 }));
  const fits = places.every(({ name }, i) => name >= (i ? places[i - 1].name + days[i - 1].wide + 8 : min));
  return fits ? places : null;
}

/** Place the names beside lines that lead up to them, in as few rows as will do; null if there is no room. */
function eventStacked(days, min, max) {
  let best = null;
  for (let n = 0; n <= days.length; n += 1) {
    for (const side of [true, false]) {
      const rows = eventRows(days, days.map((_, i) => (i < n) === side), min, max);
      const high = (some) => Math.max(...some.map((place) => place.row));
      if (rows && (!best || high(rows) < high(best))) best = rows;
    }
  }
  return best;
}

/** Give each name the lowest row in which it lies on no other and on no line; `before` tells which stand left of their lines. */
function eventRows(days, before, min, max) {
  const places = days.map(({ middle, wide }, i) => ({ name: before[i] ? middle - 4 - wide : middle + 4, row: 0, led: true }));
  const end = (i) => places[i].name + days[i].wide;
  if (places.some(({ name }, i) => name < min || end(i) > max)) return null;
  const covers = (i, j) => places[i].name - 2 <= days[j].middle && end(i) + 2 >= days[j].middle; // name i lies over line j
  const above = [];
  for (let j = 1; j < days.length; j += 1) {
    for (let i = 0; i < j; i += 1) {
      const pairs = [[i, j], [j, i]].filter(([one, other]) => covers(one, other));
      const meet = places[i].name - 6 < end(j) && places[j].name - 6 < end(i);
      above.push(...(pairs.length ? pairs : meet ? [[j, i]] : []));
    }
  }
  for (let turn = 0; turn <= days.length; turn += 1) for (const [one, other] of above) places[one].row = Math.max(places[one].row, places[other].row + 1);
  return places.every((place) => place.row < EVENT_ROWS) ? places : null; // two that must each stand above the other climb for ever
}

/** Return the shades of the days, to lie behind the marks. */
function eventShades(days, top, bottom) {
  return days.map(({ left, right }) => svg("rect", { x: Math.min(left, (left + right - EVENT_THIN) / 2), width: Math.max(EVENT_THIN, right - left), y: top, height: bottom - top, class: "event-day" }));
}

/** Return the ends of the days as dashed lines, and their names above the picture. */
function eventLines(days, top, bottom) {
  return days.flatMap((day) => {
    const ends = day.right - day.left < EVENT_THIN ? [(day.left + day.right) / 2] : day.edges;
    const lines = ends.map((x) => svg("line", { x1: x, x2: x, y1: top, y2: bottom, class: "event" }));
    if (!day.words) return lines;
    const y = top - 5 - EVENT_ROW * day.row;
    if (day.led) lines.push(svg("line", { x1: day.middle, x2: day.middle, y1: y - 8, y2: top, class: "event-leader" }));
    return [...lines, svg("text", { x: day.name, y, class: "event-label" }, isolate(day.words),
      svg("title", {}, say("Date passed by the user: {words}", { words: `${DATA.events.date[day.k]} ${shown(DATA.events.label[day.k])}` })))];
  });
}

/** Name the days below a picture, with the numbers that stand for names where there is no room for these; and those outside. */
function eventNote(words, inside) {
  const { events } = DATA;
  const number = (k) => (events.n > 1 ? `(${k + 1}) ` : "");
  const list = (some) => some.flatMap((k, i) => [i ? "; " : " ", `${number(k)}${events.date[k]} `, bdi(events.label[k])]);
  const all = Array.from({ length: events.n }, (_, k) => k);
  const [drawn, beyond] = [all.filter(inside), all.filter((k) => !inside(k))];
  return el("p", { class: "quiet event-note" }, drawn.length ? [words, ...list(drawn), ". "] : null,
    beyond.length ? [say("Days passed by the user outside the times drawn:"), ...list(beyond), "."] : null);
}
