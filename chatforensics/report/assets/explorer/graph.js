// The diffusion graph: time to the right, people or chats as marks, arrows from candidate sources with their probability.

registerView({
  key: "graph",
  title: say("Diffusion graph"),
  shows: say("Who passed a text on, at the time of their first share, and which earlier share the model holds for its likeliest source; an arrow's probability is its width and its number."),
  cannot: say("It does not show that anybody took the text from there, only how well times, chats and wordings fit; and not that somebody did not have it from outside the evidence. The first mark is the earliest in the evidence, not the author."),
  render: graphRender,
});

function graphRender(box, width) {
  const model = graphModel();
  box.append(graphTools(), graphHeading(model));
  if (!model.order.length) return null;
  const chart = graphChart(model, width - 22);
  planeDraw(box, width - 22, chart);
  box.append(graphLegend(chart));
  if (DATA.events.n) box.append(eventNote(say("Days passed by the user, not evidence; shaded from midnight to midnight in the time zone of the case:"), chart.dated));
  return graphTwin(model);
}

function graphTools() {
  const tool = (name, label, options) => {
    const list = choose(label, options.map(([value, words]) => ({ value, label: words })), graphState[name], (value) => {
      graphState[name] = value;
      showSelection();
      document.querySelector(`[data-graph="${name}"] select`)?.focus();
    });
    list.dataset.graph = name;
    return list;
  };
  return el("div", { class: "tools" },
    tool("texts", say("Texts"), [["one", say("the first selected")], ["all", say("all selected")]]),
    tool("marks", say("Marks are"), [["person", say("people")], ["chat", say("chats (folded)")]]),
    tool("sources", say("Sources"), [["likeliest", say("the likeliest")], ["three", say("three likeliest")]]),
    tool("axis", say("Time axis"), [["short", say("long gaps short")], ["scale", say("to scale")], ["order", say("order only")]]));
}

/** Say in words what is drawn, and count what is not. */
function graphHeading(model) {
  const one = model.families.length === 1;
  const about = one
    ? [el("strong", {}, familyName(model.families[0])), ": ", bdi(clip(DATA.families.snippet[model.families[0]] ?? "", 60))]
    : [el("strong", {}, sayCount(model.families.length, "1 text", "{n} texts together"))];
  const drawn = model.order.length ? graphDrawnWords(model, one) : [say("There is no share to draw.")];
  return el("p", { class: "graph-about" }, ...about, el("br"), [...drawn, ...graphLeftOut(model)].join(" "));
}

/** Return in sentences what is not drawn, and why. */
function graphLeftOut(model) {
  const people = graphState.marks === "person";
  return [
    model.n_undated ? sayCount(model.n_undated, "1 share has no time and is not drawn.", "{n} shares have no time and are not drawn.") : null,
    model.n_unknown && people ? sayCount(model.n_unknown, "1 share is of a sender who is not known and is not drawn.", "{n} shares are of senders who are not known and are not drawn.") : null,
    model.n_unknown && !people ? sayCount(model.n_unknown, "1 share is in no known chat and is not drawn.", "{n} shares are in no known chat and are not drawn.") : null,
    model.n_unplaced ? sayCount(model.n_unplaced, "1 possible source is a share that is not drawn, so no arrow comes from it.", "{n} possible sources are shares that are not drawn, so no arrows come from them.") : null,
  ].filter(Boolean);
}

function graphDrawnWords(model, one) {
  const { shares } = DATA;
  const newly = model.kept.reduce((sum, i) => sum + (shares.newly[i] ?? 0), 0);
  const marks = graphState.marks === "person" ? sayCount(model.order.length, "1 sender", "{n} senders") : sayCount(model.order.length, "1 chat", "{n} chats");
  const inside = model.kept.filter(shareIn).length;
  return [say("{marks}, {shares}. {newly}; those who never sent it are counted here, not drawn.", { marks, shares: sayCount(model.kept.length, "1 share", "{n} shares"), newly: one
      ? sayCount(newly, "For 1 person a share here was the first occasion to read it", "For {n} people a share here was the first occasion to read it")
      : sayCount(newly, "Once a share was somebody's first occasion to read a text", "{n} times a share was somebody's first occasion to read a text") }),
    selection.isEmpty() ? null : inside === 0 ? say("None of these shares lies inside the selection.") : sayCount(inside, "1 of these shares lies inside the selection; the rest is grey.", "{n} of these shares lie inside the selection; the rest is grey."),
    model.n_later ? sayCount(model.n_later, "Arrows lead to first shares; 1 later one has none.", "Arrows lead to first shares; {n} later ones have none.") : null,
    one ? null : say("A mark stands at the first share of any of the texts, so arrows of later texts may lead back in time.")].filter(Boolean);
}

// ---------------------------------------------------------------------------------------------------- marks

function graphChart(model, width) {
  const { shares } = DATA;
  const n = model.order.length;
  const { times, places, rows, wide } = graphSpread(model, width);
  const high = Math.max(...rows) + 1;
  const head = graphHead(times, wide);
  const height = Math.round(Math.min(620, Math.max(300, high * (n <= GRAPH_OWN_ROWS ? 30 : 20) + 70)) + head);
  const shape = (height - head - 80) / (width - 186); // height by width of what the picture has room for
  const step = n <= GRAPH_OWN_ROWS ? Math.min(60, (height - head - 80) / Math.max(1, high - 1)) : Math.min(28, Math.max(5, (wide * shape) / high));
  const looks = graphLooks(model);
  const at = new Map(model.order.map((key, i) => [key, i]));
  const newly = new Map(model.order.map((key) => [key, model.groups.get(key).reduce((sum, i) => sum + (shares.newly[i] ?? 0), 0)]));
  const most = Math.max(1, ...newly.values());
  const nodes = model.order.map((key, i) => graphNode(model, key, { x: places[i], y: rows[i] * step, r: 5 + 7 * Math.sqrt(newly.get(key) / most), newly: newly.get(key), look: looks.of(key) }));
  const slim = model.arrows.length > 250 ? 0.5 : 1;
  const lines = model.arrows.map((arrow) => graphLine(arrow, at, slim));
  lines.sort((a, b) => a.width - b.width);
  const signature = JSON.stringify([graphState, model.families.length > 3 ? model.families.length : model.families, n, Math.round(width)]);
  return { key: "graph", signature, label: say("Diffusion graph"), nodes, lines, height, looks, head, foot: 34,
    pad: { left: 60, right: 140, top: 26 + head, bottom: 54 }, axis: (plane) => graphAxis(plane, times),
    dated: (k) => graphDay(times, times.x, DATA.events.at[k], DATA.events.to[k]) !== null };
}

/** Return the room above the marks for the names of the user's days. */
function graphHead(times, wide) {
  return eventHead(eventDays(DATA.events.at, DATA.events.to, (from, to) => graphDay(times, times.x, from, to), 0, wide + 190));
}

/** Return where a day lies on the axis; one that begins before the first mark or ends after the last is open there. */
function graphDay(times, place, from, to) {
  const [first, last] = [times.pieces[0].from, times.pieces[times.pieces.length - 1].to];
  if (to <= first || from > last) return null;
  const [left, right] = [from < first ? place(first) - 24 : place(from), to > last ? place(last) + 24 : place(to)];
  return { left, right, edges: [...(from < first ? [] : [left]), ...(to > last ? [] : [right])] };
}

/** Return where the marks stand: the more of them, the wider, so that rows do not pile up. */
function graphSpread(model, width) {
  const n = model.order.length;
  const firsts = model.order.map((key) => DATA.shares.at[model.groups.get(key)[0]]);
  let wide = Math.max(width - 200, n > GRAPH_OWN_ROWS ? Math.sqrt(n * GRAPH_GAP * 60) : 0);
  for (let tries = 0; ; tries += 1) {
    const times = graphTimes(firsts, wide);
    const places = firsts.map(times.x);
    const rows = graphRows(places);
    if (n <= GRAPH_OWN_ROWS || tries === 7 || (Math.max(...rows) + 1) * 14 < wide * 0.5) return { times, places, rows, wide };
    wide *= 1.4;
  }
}

function graphName(key) {
  return graphState.marks === "person" ? personName(key) : chatName(key);
}

function graphNode(model, key, { x, y, r, newly, look }) {
  const { shares } = DATA;
  const own = model.groups.get(key);
  const title = () => say("{name}: first share {time} UTC in {chat}, {shares}; first occasion to read it for {newly}", {
    name: shown(graphName(key)), time: timeText(shares.at[own[0]]), chat: shown(chatName(shares.chat[own[0]])),
    shares: sayCount(own.length, "1 share", "{n} shares"), newly: sayCount(newly, "1 person", "{n} people") });
  return { x, y, key, r, shape: look.shape, fill: look.fill, name: graphName(key),
    label: isolate(clip(graphName(key), 26)), get title() { return title(); }, get rows() { return own.flatMap((i) => shares.rows[i]); }, weight: newly + own.length,
    out: !own.some(shareIn), pick: () => selection.toggle(graphState.marks === "person" ? "people" : "chats", key) };
}

function graphLine(arrow, at, slim) {
  const { links, shares } = DATA;
  const names = () => ({ from: shown(arrow.from < 0 ? "" : graphName(arrow.from)), to: shown(graphName(arrow.to)), p: probText(arrow.p), n: count(arrow.links.length) });
  const single = arrow.links.length === 1;
  const title = () => (arrow.from < 0
    ? single ? say("{to}: source not in the evidence, probability {p}", names()) : say("{to}: source not in the evidence for {n} shares; probability {p} that it is so for at least one", names())
    : single ? say("{from} to {to}: probability {p} that this share came from that one, {lag} later", { ...names(), lag: lagText(links.lag[arrow.links[0]]) })
      : say("{from} to {to}: {n} possible hand-overs; probability {p} that at least one was", names()));
  const rows = () => arrow.links.flatMap((i) => [...shares.rows[links.share[i]], ...(links.parent[i] < 0 ? [] : shares.rows[links.parent[i]])]);
  return { a: arrow.from < 0 ? -1 : at.get(arrow.from), b: at.get(arrow.to), width: Math.round((0.8 + 3 * arrow.p) * slim * 10) / 10,
    dash: arrow.from < 0 ? "4 3" : arrow.likeliest ? null : "1.5 3", head: true, get text() { return probText(arrow.p); }, get title() { return title(); }, get rows() { return rows(); },
    out: !arrow.links.some((i) => shareIn(links.share[i])) };
}

/** Return colour and shape for groups and direct chats. */
function graphChatLooks() {
  const [group, direct] = [0, 1].map((i) => ({ shape: i, fill: colour(i) }));
  return { of: (chat) => (DATA.chats.kind[chat] === "direct" ? direct : group), legend: [{ ...group, words: say("group") }, { ...direct, words: say("direct chat") }] };
}

/** Return colour and shape for the chats in which most marks first shared; the others look alike. */
function graphLooks(model) {
  const { shares } = DATA;
  if (graphState.marks === "chat") return graphChatLooks();
  const chatOf = (key) => shares.chat[model.groups.get(key)[0]];
  const counts = new Map();
  for (const key of model.order) counts.set(chatOf(key), (counts.get(chatOf(key)) ?? 0) + 1);
  const first = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, SHAPES.length - 1).map(([chat]) => chat);
  const more = counts.size > first.length;
  const look = (chat) => { const i = first.indexOf(chat); return i < 0 ? { shape: SHAPES.length - 1, fill: colour(-1) } : { shape: i, fill: colour(i) }; };
  const legend = first.map((chat) => ({ ...look(chat), words: chatName(chat) }));
  if (more) legend.push({ ...look(-2), words: say("other chats") });
  return { of: (key) => look(chatOf(key)), legend };
}

function graphLegend(chart) {
  const sample = (dash, width, ring) => svg("svg", { width: 42, height: 14, "aria-hidden": "true", class: "plane-sample" },
    svg("path", { d: "M8,7H32", class: "plane-stroke", "stroke-width": width, "stroke-dasharray": dash }), svg("path", { d: ring ? "M0,7a4,4 0 1 0 8,0a4,4 0 1 0 -8,0Z" : "", class: "plane-ring" }),
    svg("path", { d: "M40,7L31,3V11Z", class: "plane-head" }));
  const shape = (look) => svg("svg", { width: 16, height: 16, viewBox: "-8 -8 16 16", "aria-hidden": "true", class: "plane-sample" }, svg("path", { d: marker(look.shape), fill: look.fill, class: "plane-shape" }));
  return el("ul", { class: "legend" },
    el("li", {}, sample(null, 3.5), say("likeliest source; wider is more probable")),
    graphState.sources === "likeliest" ? null : el("li", {}, sample("1.5 3", 1.5), say("second and third likeliest")),
    el("li", {}, sample("4 3", 2, true), say("source not in the evidence")),
    el("li", {}, say("larger mark: first occasion for more people")),
    graphState.marks === "person" ? el("li", {}, say("shape and colour: chat of the first share")) : null,
    chart.looks.legend.map((look) => el("li", {}, shape(look), " ", bdi(clip(look.words, 34)))));
}

// ---------------------------------------------------------------------------------------------------- axis and table

/** Return the time axis below the marks: dates where a stretch of time begins, steps between, gaps drawn short, events. */
function graphAxis(plane, times) {
  const { k, x: shift } = plane.t;
  const base = plane.height - 30;
  const parts = [svg("rect", { x: 0, y: base, width: plane.width, height: 30, class: "plane-foot" }), svg("line", { x1: 0, x2: plane.width, y1: base, y2: base, class: "plane-base" })];
  const screen = (at) => times.x(at) * k + shift;
  const { head } = plane.chart;
  const days = eventDays(DATA.events.at, DATA.events.to, (from, to) => {
    const day = graphDay(times, screen, from, to);
    return day && day.right >= 0 && day.left <= plane.width ? { left: Math.max(-9, day.left), right: Math.min(plane.width + 9, day.right), edges: day.edges } : null;
  }, 4, plane.width - 4);
  parts.push(...eventShades(days, head, base));
  const taken = [];
  const put = (at, place, words) => {
    const half = planeTextWidth(words) / 2 + 8;
    const middle = Math.min(Math.max(place, half - 6), plane.width - half + 6);
    if (place < 0 || place > plane.width || taken.some(([a, b]) => middle - half < b && middle + half > a)) return;
    taken.push([middle - half, middle + half]);
    parts.push(svg("line", { x1: place, x2: place, y1: head, y2: base + 4, class: "plane-grid" }), svg("text", { x: middle, y: base + 18, "text-anchor": "middle" }, words));
  };
  for (const piece of times.pieces) put(piece.from, screen(piece.from), timeText(piece.from).slice(0, 16));
  for (const piece of times.pieces) {
    const step = STEPS.find((s) => (s / (piece.to - piece.from || 1)) * (piece.right - piece.left) * k > 120) ?? STEPS[STEPS.length - 1];
    const [from, to] = [0, plane.width].map((edge) => piece.from + ((edge - shift) / k - piece.left) / ((piece.right - piece.left) / (piece.to - piece.from || 1) || 1));
    for (let at = Math.ceil(Math.max(piece.from, from) / step) * step; at <= Math.min(piece.to, to); at += step) put(at, screen(at), at % 86400 ? timeText(at).slice(11, 16) : timeText(at).slice(0, 10));
  }
  times.pieces.slice(1).forEach((piece, i) => {
    if (!piece.gap) return;
    const middle = ((times.pieces[i].right + piece.left) / 2) * k + shift;
    parts.push(svg("path", { d: `M${middle - 5},${base + 5}l4,-10M${middle + 1},${base + 5}l4,-10`, class: "plane-break" }, svg("title", {}, say("a gap of {gap}, drawn short", { gap: lagText(piece.gap) }))));
  });
  return [...parts, ...eventLines(days, head, base)];
}

/** Return the arrows as a table: one row per arrow, by the time of the share that it leads to. */
function graphTwin(model) {
  const { links, shares } = DATA;
  const first = (arrow) => links.share[arrow.links[0]];
  const arrows = model.arrows.slice().sort((a, b) => first(a) - first(b) || b.p - a.p || a.from - b.from);
  const people = graphState.marks === "person";
  const cells = [
    (arrow) => graphName(arrow.to),
    (arrow) => timeText(shares.at[first(arrow)]),
    (arrow) => (people ? chatName(shares.chat[first(arrow)]) : personName(shares.person[first(arrow)])),
    (arrow) => (arrow.from < 0 ? say("not in the evidence") : graphName(arrow.from)),
    (arrow) => (arrow.from < 0 ? "-" : lagText(links.lag[arrow.links[0]])),
    (arrow) => count(arrow.links.length),
    (arrow) => probText(arrow.p),
  ];
  return {
    caption: say("Possible sources, one row per arrow"),
    columns: [
      { name: people ? say("sender") : say("chat") }, { name: say("earliest share of the arrow (UTC)") }, { name: people ? say("into chat") : say("sender") },
      { name: say("possible source") }, { name: say("time between") }, { name: say("shares"), number: true }, { name: say("probability of at least one"), number: true },
    ],
    n: arrows.length,
    cell: (i, c) => cells[c](arrows[i]),
    rows: (i) => arrows[i].links.flatMap((k) => [...shares.rows[links.share[k]], ...(links.parent[k] < 0 ? [] : shares.rows[links.parent[k]])]),
  };
}
