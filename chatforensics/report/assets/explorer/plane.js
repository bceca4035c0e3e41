// A plane of marks and lines that can be moved, zoomed, searched and walked by keyboard. Up to 300 marks in sight are
// nodes of the page that can be focused; more are painted on a canvas, until somebody comes closer.

const PLANE_MARKS = 300;
const PLANE_LINES = 700;
const PLANE_STUB = 30;
const planeViews = new Map(); // key of a chart -> where its reader left it

/** Draw a chart of `nodes` ({x, y, r, shape, fill, label, title, rows, weight, out, pick}) and `lines` ({a, b, width, dash,
 * head, text, title, rows, out}; a is -1 where a line comes from nowhere in the chart) and return its plane. */
function planeDraw(box, width, chart) {
  const plane = { chart, width: Math.max(200, width), height: chart.height, hover: null, current: 0, elements: new Map(), waiting: 0 };
  planePrepare(plane);
  plane.canvas = el("canvas", { "aria-hidden": "true" });
  plane.svg = svg("svg", { width: plane.width, height: plane.height, role: "group", "aria-label": chart.label });
  plane.layers = Object.fromEntries(["axis", "lines", "nodes", "labels"].map((name) => [name, svg("g", { class: `plane-${name}` })]));
  plane.svg.append(...Object.values(plane.layers));
  plane.frame = el("div", { class: "plane", tabindex: 0, role: "group", "aria-label": planeHelp(chart.label), onkeydown: (event) => planeKey(plane, event) }, plane.canvas, plane.svg);
  plane.frame.style.height = `${plane.height}px`;
  plane.note = el("p", { class: "plane-note quiet" }, planeRest());
  box.append(planeTools(plane), plane.frame, plane.note);
  planeListen(plane);
  const kept = planeViews.get(chart.key);
  if (kept && kept.own && kept.signature === chart.signature) planeMove(plane, kept.t);
  else planeShowAll(plane);
  planePaint(plane);
  planeWatch(plane);
  return plane;
}

function planeHelp(label) {
  return say("{label}. Plus and minus zoom, 0 shows everything, arrows move the picture. Enter goes to the marks: there arrows go to the nearest mark, Page Down and Page Up through marks and lines, Enter opens the messages, Escape leads back.", { label });
}

function planeRest() {
  return say("Point at a mark or a line, or move to it with the keyboard, to read its numbers here. Shift and Enter, or Shift and click, adds a mark to the selection or takes it out.");
}

/** Work out what does not change while the reader moves: who is joined to whom, which lines run both ways, the order. */
function planePrepare(plane) {
  const { nodes, lines } = plane.chart;
  plane.sx = new Float64Array(nodes.length);
  plane.sy = new Float64Array(nodes.length);
  plane.tree = d3.quadtree(nodes.map((_, i) => i), (i) => nodes[i].x, (i) => nodes[i].y);
  plane.byWeight = nodes.map((_, i) => i).sort((a, b) => nodes[b].weight - nodes[a].weight || a - b);
  plane.linesOf = nodes.map(() => []);
  const known = new Set(lines.map((line) => `${line.a} ${line.b}`));
  lines.forEach((line, i) => {
    line.shift = line.head && known.has(`${line.b} ${line.a}`) ? 4 : 0;
    if (line.a >= 0) plane.linesOf[line.a].push(i);
    plane.linesOf[line.b].push(i);
  });
  const along = nodes.map((_, i) => i).sort((a, b) => nodes[a].x - nodes[b].x || nodes[a].y - nodes[b].y);
  plane.order = along.flatMap((i) => [planeName("node", i), ...plane.linesOf[i].filter((k) => lines[k].b === i).map((k) => planeName("line", k))]);
  plane.place = new Map(plane.order.map((name, i) => [name, i]));
}

function planeName(kind, i) {
  return `${kind} ${i}`;
}

function planeRead(name) {
  const [kind, i] = name.split(" ");
  return { kind, i: Number(i) };
}

function planeMarkOf(plane, name) {
  const { kind, i } = planeRead(name);
  return kind === "node" ? plane.chart.nodes[i] : plane.chart.lines[i];
}

// ---------------------------------------------------------------------------------------------------- moving

/** Return the transform that shows every mark, with room for names to the right and for an axis below. */
function planeFit(plane) {
  const { nodes, pad = { left: 30, right: 130, top: 24, bottom: 24 } } = plane.chart;
  if (!nodes.length) return d3.zoomIdentity;
  const span = (pick) => nodes.reduce(([low, high], node) => [Math.min(low, node[pick]), Math.max(high, node[pick])], [Infinity, -Infinity]);
  const [[left, right], [top, bottom]] = [span("x"), span("y")];
  const roomX = Math.max(60, plane.width - pad.left - pad.right);
  const roomY = Math.max(60, plane.height - pad.top - pad.bottom);
  const k = Math.min(1.3, roomX / Math.max(1, right - left), roomY / Math.max(1, bottom - top));
  return d3.zoomIdentity.translate(pad.left + (roomX - (right - left) * k) / 2 - left * k, pad.top + (roomY - (bottom - top) * k) / 2 - top * k).scale(k);
}

function planeListen(plane) {
  plane.zoom = d3.zoom().clickDistance(4)
    .filter((event) => (event.type === "wheel" ? event.ctrlKey || event.metaKey : event.type.startsWith("touch") ? event.touches.length > 1 : !event.button))
    .on("start", (event) => { plane.moving = Boolean(event.sourceEvent); })
    .on("zoom", (event) => { plane.t = event.transform; plane.own = true; planeAsk(plane); })
    .on("end", () => { plane.moving = false; planeAsk(plane); });
  d3.select(plane.frame).call(plane.zoom).on("dblclick.zoom", null);
  plane.frame.addEventListener("pointermove", (event) => planeHover(plane, planeHit(plane, event)));
  plane.frame.addEventListener("pointerleave", () => planeHover(plane, null));
  plane.frame.addEventListener("click", (event) => { const name = planeHit(plane, event); if (name) planeOpen(plane, name, event.shiftKey); });
  plane.svg.addEventListener("focusin", (event) => {
    if (!event.target.dataset.mark) return;
    plane.current = plane.place.get(event.target.dataset.mark);
    planeHover(plane, event.target.dataset.mark);
  });
}

function planeMove(plane, transform) {
  d3.select(plane.frame).call(plane.zoom.transform, transform);
}

/** Show every mark, and go on doing so when the plane gets wider or narrower, until the reader moves it. */
function planeShowAll(plane) {
  const fitted = planeFit(plane);
  plane.zoom.scaleExtent([Math.min(fitted.k, 1) / 2, 12]);
  planeMove(plane, fitted);
  plane.own = false;
  planeAsk(plane);
}

/** Fit the plane to the room that it has, which the drawer takes and gives back. */
function planeWatch(plane) {
  const watcher = new ResizeObserver(() => {
    if (!plane.frame.isConnected) return watcher.disconnect();
    const now = Math.max(200, plane.frame.clientWidth);
    if (Math.abs(now - plane.width) < 8) return undefined;
    plane.width = now;
    plane.svg.setAttribute("width", now);
    plane.painted = null;
    if (plane.own) planeAsk(plane);
    else planeShowAll(plane);
    return undefined;
  });
  watcher.observe(plane.frame);
}

/** Paint at the next frame, however many moves come before it. */
function planeAsk(plane) {
  planeViews.set(plane.chart.key, { signature: plane.chart.signature, t: plane.t, own: plane.own });
  if (!plane.waiting) plane.waiting = requestAnimationFrame(() => { plane.waiting = 0; planePaint(plane); });
}

function planeZoom(plane, by) {
  d3.select(plane.frame).call(plane.zoom.scaleBy, by);
}

function planePan(plane, x, y) {
  d3.select(plane.frame).call(plane.zoom.translateBy, x / plane.t.k, y / plane.t.k);
}

const PLANE_ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function planeKey(plane, event) {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const name = event.target.dataset?.mark;
  if (!planeKeyZoom(plane, event.key) && !(name ? planeKeyMark(plane, event, name) : planeKeyFrame(plane, event.key))) return;
  event.preventDefault();
  event.stopPropagation();
}

function planeKeyZoom(plane, key) {
  if (key === "+" || key === "=") planeZoom(plane, 1.4);
  else if (key === "-") planeZoom(plane, 1 / 1.4);
  else if (key === "0") planeShowAll(plane);
  else return false;
  return true;
}

function planeKeyFrame(plane, key) {
  const arrow = PLANE_ARROWS[key];
  if (arrow) planePan(plane, -60 * arrow[0], -60 * arrow[1]);
  else if ((key === "Enter" || key === "PageDown") && plane.order.length) planeFocus(plane, plane.order[plane.current] ?? plane.order[0]);
  else return false;
  return true;
}

function planeKeyMark(plane, event, name) {
  const { key } = event;
  const step = { PageDown: 1, PageUp: -1, Home: -Infinity, End: Infinity }[key];
  if (key === "Enter" || key === " ") planeOpen(plane, name, event.shiftKey);
  else if (key === "Escape") plane.frame.focus();
  else if (step) planeFocus(plane, plane.order[Math.min(Math.max(0, plane.current + step), plane.order.length - 1)]);
  else if (PLANE_ARROWS[key]) planeFocus(plane, planeNearest(plane, name, PLANE_ARROWS[key]) ?? name);
  else return false;
  return true;
}

/** Return the nearest mark in a direction, those straight ahead before those aside. */
function planeNearest(plane, name, [dx, dy]) {
  const { nodes, lines } = plane.chart;
  const { kind, i } = planeRead(name);
  const from = kind === "node" ? nodes[i] : nodes[lines[i].b];
  let [best, least] = [null, Infinity];
  nodes.forEach((node, k) => {
    const [x, y] = [node.x - from.x, node.y - from.y];
    const ahead = x * dx + y * dy;
    const cost = ahead + 2.5 * Math.abs(x * dy + y * dx);
    if (ahead > 0.5 && cost < least) [best, least] = [planeName("node", k), cost];
  });
  return best;
}

// ---------------------------------------------------------------------------------------------------- one mark

/** Bring a mark into sight, close enough to be a node of the page, and focus it. */
function planeFocus(plane, name) {
  const { kind, i } = planeRead(name);
  const node = plane.chart.nodes[kind === "node" ? i : plane.chart.lines[i].b];
  const [x, y] = plane.t.apply([node.x, node.y]);
  const inside = x > 30 && y > 20 && x < plane.width - 30 && y < plane.height - 30;
  if (!inside) planeMove(plane, plane.t.translate((plane.width / 2 - x) / plane.t.k, (plane.height / 2 - y) / plane.t.k));
  planePaint(plane);
  for (let tries = 0; tries < 16 && !plane.elements.has(name); tries += 1) {
    const at = plane.t.apply([node.x, node.y]);
    d3.select(plane.frame).call(plane.zoom.scaleBy, 1.5, at);
    const now = plane.t.apply([node.x, node.y]);
    planeMove(plane, plane.t.translate((plane.width / 2 - now[0]) / plane.t.k, (plane.height / 2 - now[1]) / plane.t.k));
    planePaint(plane);
  }
  plane.elements.get(name)?.focus({ preventScroll: true });
}

function planeOpen(plane, name, picks) {
  const found = planeMarkOf(plane, name);
  if (picks && found.pick) found.pick();
  else openMessages(found.rows, found.title);
}

function planeHover(plane, name) {
  if (plane.hover === name) return;
  plane.hover = name;
  plane.note.textContent = name ? planeMarkOf(plane, name).title : planeRest();
  plane.note.classList.toggle("quiet", !name);
  plane.frame.classList.toggle("plane-pointing", Boolean(name));
  planeAsk(plane);
}

/** Return the mark under the pointer, or the line. */
function planeHit(plane, event) {
  const [px, py] = d3.pointer(event, plane.frame);
  const [x, y] = plane.t.invert([px, py]);
  const near = plane.tree.find(x, y, 22 / plane.t.k);
  if (near !== undefined) {
    const reach = Math.max(12, planeRadius(plane, plane.chart.nodes[near]) + 3);
    if (Math.hypot(plane.sx[near] - px, plane.sy[near] - py) <= reach) return planeName("node", near);
  }
  let [best, least] = [null, 7];
  for (const i of plane.inSight ?? []) {
    const gap = planeGap(planeEnds(plane, plane.chart.lines[i]), px, py);
    if (gap < least) [best, least] = [planeName("line", i), gap];
  }
  return best;
}

/** Return how far a point is from a stretch of a line, in pixels. */
function planeGap([x1, y1, x2, y2], x, y) {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const along = Math.min(1, Math.max(0, ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(x1 + along * dx - x, y1 + along * dy - y);
}

// ---------------------------------------------------------------------------------------------------- tools

function planeTools(plane) {
  const found = el("span", { role: "status", class: "quiet" });
  const search = el("input", { type: "search", onkeydown: (event) => { if (event.key === "Enter") planeSearch(plane, search.value, found); } });
  return el("div", { class: "tools" },
    el("label", { class: "choose" }, el("span", {}, say("Find a name (Enter for the next)")), search),
    button(say("Find"), () => planeSearch(plane, search.value, found)),
    button("+", () => planeZoom(plane, 1.4), { "aria-label": say("Zoom in") }),
    button("−", () => planeZoom(plane, 1 / 1.4), { "aria-label": say("Zoom out") }),
    ...[["←", 80, 0, say("Move left")], ["→", -80, 0, say("Move right")], ["↑", 0, 80, say("Move up")], ["↓", 0, -80, say("Move down")]]
      .map(([sign, x, y, words]) => button(sign, () => planePan(plane, x, y), { "aria-label": words })),
    button(say("Show all of it"), () => planeShowAll(plane)),
    found);
}

/** Go to the next mark whose name holds the words. */
function planeSearch(plane, words, status) {
  const wanted = fold(words.trim());
  const hits = wanted ? plane.byWeight.filter((i) => fold(plane.chart.nodes[i].name).includes(wanted)) : [];
  status.textContent = sayCount(hits.length, "1 found", "{n} found");
  if (!hits.length) return;
  plane.found = plane.wanted === wanted ? (plane.found + 1) % hits.length : 0;
  plane.wanted = wanted;
  planeFocus(plane, planeName("node", hits[plane.found]));
}
