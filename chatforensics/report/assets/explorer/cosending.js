// The co-sending network: people joined where they sent the same texts close in time, with what chance explains of it.

const COSENDING_Q = 0.05; // as in the tables
const cosendingState = { lines: "all" };
const cosendingFamilies = [];

registerView({
  key: "cosending",
  title: say("Sent close in time"),
  shows: say("People joined by a line where they sent the same texts close in time; solid where that is rare by chance (q-value up to 0.05), dashed where it is not."),
  cannot: say("It shows common timing, not agreement or a common order: two people who both pass on what a third sent, or who read the same news at one hour, are joined as well. And people who agreed on something without sending close in time are not joined."),
  render: cosendingRender,
});

function cosendingRender(box, width) {
  const { pairs } = DATA;
  if (!pairs.n) {
    box.append(el("p", {}, say("No two people sent the same texts close in time in this evidence.")));
    return null;
  }
  const rows = Array.from({ length: pairs.n }, (_, i) => i).filter((i) => cosendingState.lines === "all" || cosendingTells(i));
  box.append(cosendingTools(), cosendingHeading(rows));
  const chart = cosendingChart(rows, width - 22);
  if (chart.nodes.length) planeDraw(box, width - 22, chart);
  else box.append(el("p", {}, say("No pair has a q-value up to 0.05: none is rarer than by chance.")));
  box.append(cosendingLegend(chart));
  return cosendingTwin(rows);
}

function cosendingTells(i) {
  return DATA.pairs.q[i] !== null && DATA.pairs.q[i] <= COSENDING_Q;
}

function cosendingTools() {
  const list = choose(say("Lines"), [{ value: "all", label: say("all pairs") }, { value: "rare", label: say("only those rare by chance") }], cosendingState.lines, (value) => {
    cosendingState.lines = value;
    showSelection();
    document.querySelector("[data-cosending] select")?.focus();
  });
  list.dataset.cosending = "lines";
  return el("div", { class: "tools" }, list);
}

function cosendingHeading(rows) {
  const rare = rows.filter(cosendingTells).length;
  const unequal = DATA.pairs.n_all > DATA.pairs.n ? ` ${say("The tables hold {n} pairs in all; those least explained by chance are drawn.", { n: count(DATA.pairs.n_all) })}` : "";
  return el("p", { class: "graph-about" }, say("{n} drawn, {rare} with a q-value up to 0.05: of pairs with such values, about one in twenty is expected to be chance.",
    { n: sayCount(rows.length, "1 pair", "{n} pairs"), rare: count(rare) }), unequal, cosendingInside(rows));
}

/** Say how many of the pairs the selection is about; the numbers of a pair are always those of the whole evidence. */
function cosendingInside(rows) {
  if (selection.isEmpty()) return "";
  const active = cosendingActive();
  const n = rows.filter((i) => active.has(DATA.pairs.a[i]) && active.has(DATA.pairs.b[i])).length;
  const words = n === 0 ? say("Of none of these pairs both people shared inside the selection.") : sayCount(n, "Of 1 of these pairs both people shared inside the selection; the rest is grey.", "Of {n} of these pairs both people shared inside the selection; the rest is grey.");
  return ` ${words} ${say("The numbers of a pair are those of the whole evidence.")}`;
}

/** Return the people who shared inside the selection. */
function cosendingActive() {
  return new Set(Array.from({ length: DATA.shares.n }, (_, i) => i).filter(shareIn).map((i) => DATA.shares.person[i]));
}

/** Return the places stretched to the shape of the room, turned where it is taller than wide: only the lines mean anything. */
function cosendingShape(places, x, y, room) {
  const span = (some) => places.reduce(([low, high], i) => [Math.min(low, some[i]), Math.max(high, some[i])], [Infinity, -Infinity]);
  const [wide, high] = [x, y].map(span).map(([low, end]) => Math.max(1, end - low));
  const turned = (wide > high) !== (room > 1);
  const shape = turned ? high / wide : wide / high;
  const stretch = Math.min(2.5, Math.max(0.4, room / shape)); // a network on one line stays on it
  return (i) => ({ x: (turned ? y[i] : x[i]) * Math.max(1, stretch), y: (turned ? x[i] : y[i]) / Math.min(1, stretch) });
}

function cosendingChart(rows, width) {
  const { pairs, layout } = DATA;
  const drawn = new Set(rows.flatMap((i) => [pairs.a[i], pairs.b[i]]));
  const { person, x, y } = layout.cosending;
  const places = person.map((_, i) => i).filter((i) => drawn.has(person[i]));
  const at = new Map(places.map((place, i) => [person[place], i]));
  const degrees = new Map();
  for (const i of rows) for (const one of [pairs.a[i], pairs.b[i]]) degrees.set(one, (degrees.get(one) ?? 0) + pairs.n_shares[i]);
  const rare = new Set(rows.filter(cosendingTells).flatMap((i) => [pairs.a[i], pairs.b[i]]));
  const looks = cosendingLooks();
  const active = cosendingActive();
  const height = Math.round(Math.min(640, Math.max(280, 130 + 26 * Math.sqrt(places.length) * 3)));
  const side = width < 560 ? 56 : 95; // names stand beside their marks; where there is little room, above and below
  const placeOf = cosendingShape(places, x, y, (width - 2 * side) / (height - 68));
  const nodes = places.map((i) => cosendingNode(person[i], { ...placeOf(i), weight: degrees.get(person[i]), tells: rare.has(person[i]), look: looks.of(person[i]), out: !selection.isEmpty() && !active.has(person[i]) }));
  const lines = rows.map((i) => cosendingLine(i, at, nodes)).sort((a, b) => b.faint - a.faint || a.width - b.width);
  return { key: "cosending", signature: JSON.stringify([cosendingState, nodes.length, Math.round(width)]), label: say("Network of people who sent the same texts close in time"),
    nodes, lines, height, looks, pad: { left: side, right: side, top: 34, bottom: 34 } };
}

function cosendingNode(person, { x, y, weight, tells, look, out }) {
  const n = DATA.people.n_shares[person];
  const title = () => say("{name}: {shares} of tracked texts; {times} close in time with somebody joined to them", {
    name: shown(personName(person)), shares: sayCount(n, "1 share", "{n} shares"), times: sayCount(weight, "once", "{n} times") });
  return { x, y, r: 6 + Math.min(7, Math.sqrt(weight)), shape: look.shape, fill: look.fill, name: personName(person), label: isolate(clip(personName(person), 26)),
    get title() { return title(); }, get rows() { return cosendingShares(person).flatMap((i) => DATA.shares.rows[i]); }, weight: weight + (tells ? 1e6 : 0), out, pick: () => selection.toggle("people", person) };
}

function cosendingLine(i, at, nodes) {
  const { pairs } = DATA;
  const [a, b] = [at.get(pairs.a[i]), at.get(pairs.b[i])];
  const tells = cosendingTells(i);
  const title = () => say("{a} and {b}: {n} close in time, by chance {expected} expected, in {families}; half of them within {lag}; p {p}, q {q}{one}", {
    a: shown(personName(pairs.a[i])), b: shown(personName(pairs.b[i])), n: sayCount(pairs.n_shares[i], "1 share", "{n} shares"), expected: cosendingNumber(pairs.n_expected[i]),
    families: sayCount(pairs.n_families[i], "1 text", "{n} texts"), lag: lagText(pairs.lag[i]), p: chanceText(pairs.p[i]), q: chanceText(pairs.q[i]),
    one: pairs.may_be_one[i] ? say("; the two may be one person") : "" });
  return { a, b, width: Math.round((tells ? Math.min(5, 1.4 + 0.45 * Math.sqrt(pairs.n_shares[i])) : 0.9) * 10) / 10, dash: tells ? null : "3 3", faint: tells ? 0 : 1, head: false,
    get text() { return `q ${chanceText(pairs.q[i])}`; }, get title() { return title(); }, get rows() { return cosendingRows(i); }, out: nodes[a].out || nodes[b].out };
}

function cosendingNumber(value) {
  return value === null || value === undefined ? "-" : value.toFixed(value < 10 ? 1 : 0);
}

/** Return the shares of a person. */
function cosendingShares(person) {
  if (!cosendingFamilies.length) {
    for (let i = 0; i < DATA.people.n; i += 1) cosendingFamilies.push([]);
    DATA.shares.person.forEach((one, i) => { if (one >= 0) cosendingFamilies[one].push(i); });
  }
  return cosendingFamilies[person];
}

/** Return the messages of both in the texts that both sent. */
function cosendingRows(i) {
  const { pairs, shares } = DATA;
  const [a, b] = [cosendingShares(pairs.a[i]), cosendingShares(pairs.b[i])];
  const [fa, fb] = [a, b].map((some) => new Set(some.map((k) => shares.family[k])));
  return [...a, ...b].filter((k) => fa.has(shares.family[k]) && fb.has(shares.family[k])).flatMap((k) => shares.rows[k]);
}

/** Return colour and shape for the largest clusters; people in none look alike. */
function cosendingLooks() {
  const { clusters } = DATA;
  const first = Array.from({ length: clusters.n }, (_, i) => i).sort((a, b) => clusters.people[b].length - clusters.people[a].length || a - b).slice(0, SHAPES.length - 1);
  const of = new Map();
  first.forEach((cluster, i) => { for (const person of clusters.people[cluster]) of.set(person, i); });
  const look = (i) => (i === undefined ? { shape: 0, fill: colour(-1) } : { shape: i + 1, fill: colour(i) });
  const legend = first.map((cluster, i) => ({ ...look(i), words: say("cluster of {n}: joined by solid lines, directly or through others", { n: count(clusters.people[cluster].length) }) }));
  legend.push({ ...look(undefined), words: say("in no cluster, or a smaller one") });
  return { of: (person) => look(of.get(person)), legend };
}

function cosendingLegend(chart) {
  const sample = (dash, width) => svg("svg", { width: 42, height: 14, "aria-hidden": "true", class: "plane-sample" }, svg("path", { d: "M2,7H40", class: "plane-stroke", "stroke-width": width, "stroke-dasharray": dash }));
  const shape = (look) => svg("svg", { width: 16, height: 16, viewBox: "-8 -8 16 16", "aria-hidden": "true", class: "plane-sample" }, svg("path", { d: marker(look.shape), fill: look.fill, class: "plane-shape" }));
  return el("ul", { class: "legend" },
    el("li", {}, sample(null, 3), say("rare by chance (q up to 0.05); wider is more shares")),
    el("li", {}, sample("3 3", 1), say("no rarer than by chance")),
    chart.looks.legend.map((look) => el("li", {}, shape(look), " ", look.words)),
    el("li", {}, say("Nearness in the picture follows the lines and says nothing more.")));
}

function cosendingTwin(rows) {
  const { pairs } = DATA;
  const cells = [
    (i) => personName(pairs.a[i]), (i) => personName(pairs.b[i]), (i) => count(pairs.n_shares[i]), (i) => cosendingNumber(pairs.n_expected[i]), (i) => count(pairs.n_families[i]),
    (i) => lagText(pairs.lag[i]), (i) => chanceText(pairs.p[i]), (i) => chanceText(pairs.q[i]), (i) => (pairs.may_be_one[i] ? say("yes") : say("no")),
  ];
  return {
    caption: say("Pairs of people who sent the same texts close in time"),
    columns: [
      { name: say("person") }, { name: say("other person") }, { name: say("shares close in time"), number: true }, { name: say("expected by chance"), number: true }, { name: say("texts"), number: true },
      { name: say("median time between"), number: true }, { name: say("p-value"), number: true }, { name: say("q-value"), number: true }, { name: say("may be one person") },
    ],
    n: rows.length,
    cell: (i, c) => cells[c](rows[i]),
    rows: (i) => cosendingRows(rows[i]),
  };
}
