// How a plane is painted: nodes of the page where few marks are in sight, a canvas where there are many.

const planeShapes = new Map();

function planeRadius(plane, node) {
  return node.r * Math.min(1.3, Math.max(0.3, Math.sqrt(plane.t.k)));
}

function planePaint(plane) {
  if (!plane.frame.isConnected || planeSlide(plane)) return;
  const { nodes, lines } = plane.chart;
  const { k, x, y } = plane.t;
  nodes.forEach((node, i) => { plane.sx[i] = node.x * k + x; plane.sy[i] = node.y * k + y; });
  const seen = plane.byWeight.filter((i) => plane.sx[i] > -20 && plane.sx[i] < plane.width + 20 && plane.sy[i] > -20 && plane.sy[i] < plane.height + 20);
  plane.inSight = lines.map((_, i) => i).filter((i) => planeTouches(plane, lines[i]));
  const few = seen.length <= PLANE_MARKS;
  const own = few ? planeOwnLines(plane, seen) : [];
  plane.crowded = seen.length > 1000 || plane.inSight.length > 2000;
  plane.frame.classList.toggle("plane-crowd", plane.inSight.length > 80);
  plane.canvas.hidden = few && own.length === plane.inSight.length;
  plane.frame.dataset.painted = few ? "svg" : "canvas";
  plane.layers.axis.replaceChildren(...(plane.chart.axis ? plane.chart.axis(plane) : []));
  if (few) planePaintNodes(plane, seen, own);
  if (!plane.canvas.hidden) planePaintCanvas(plane, seen, own, few);
  const labels = planeLabels(plane, seen);
  plane.layers.labels.replaceChildren(...labels.map((label) => svg("text", { x: label.x, y: label.y, class: label.out ? "out" : label.kind }, label.words)));
}

/** Return the lines that are nodes of the page: of those at a mark in sight the widest. */
function planeOwnLines(plane, seen) {
  const { lines } = plane.chart;
  const marks = new Set(seen);
  const some = plane.inSight.filter((i) => marks.has(lines[i].b) || marks.has(lines[i].a));
  if (some.length <= PLANE_LINES) return some;
  return some.sort((a, b) => planeIsNear(plane, b) - planeIsNear(plane, a) || lines[b].width - lines[a].width || a - b).slice(0, PLANE_LINES);
}

/** While somebody drags a crowded picture, shift what is painted already and paint anew only now and then. */
function planeSlide(plane) {
  const base = plane.painted;
  const style = plane.canvas.style;
  if (plane.moving && base && plane.crowded) {
    const k = plane.t.k / base.k;
    const [x, y] = [plane.t.x - base.x * k, plane.t.y - base.y * k];
    if (k > 0.7 && k < 1.4 && Math.abs(x) < plane.width / 4 + plane.width * Math.abs(k - 1) && Math.abs(y) < plane.height / 3 + plane.height * Math.abs(k - 1)) {
      style.transformOrigin = "0 0";
      style.transform = `translate(${x}px,${y}px) scale(${k})`;
      plane.layers.labels.setAttribute("transform", `translate(${x},${y}) scale(${k})`);
      if (plane.chart.axis) plane.layers.axis.replaceChildren(...plane.chart.axis(plane));
      return true;
    }
  }
  style.transform = "none";
  plane.layers.labels.removeAttribute("transform");
  plane.painted = plane.t;
  return false;
}

/** Tell whether some part of a line may be in sight. */
function planeTouches(plane, line) {
  const a = line.a < 0 ? line.b : line.a;
  const [x1, y1, x2, y2] = [plane.sx[a], plane.sy[a], plane.sx[line.b], plane.sy[line.b]];
  return Math.max(x1, x2) > -20 && Math.min(x1, x2) < plane.width + 20 && Math.max(y1, y2) > -20 && Math.min(y1, y2) < plane.height + 20;
}

/** Return where a line starts and ends on the screen: at the rims of its marks; a line from nowhere is short and level. */
function planeEnds(plane, line) {
  const end = plane.chart.nodes[line.b];
  const [bx, by, rb] = [plane.sx[line.b], plane.sy[line.b], planeRadius(plane, end) + 2];
  if (line.a < 0) return [bx - rb - PLANE_STUB * Math.min(1, Math.max(0.4, plane.t.k)), by, bx - rb, by];
  const [ax, ay] = [plane.sx[line.a], plane.sy[line.a]];
  const length = Math.hypot(bx - ax, by - ay) || 1;
  const [ux, uy] = [(bx - ax) / length, (by - ay) / length];
  const ra = Math.min(planeRadius(plane, plane.chart.nodes[line.a]) + 1, length / 3);
  const cut = Math.min(rb, length / 3);
  const [ox, oy] = [-uy * line.shift, ux * line.shift];
  return [ax + ux * ra + ox, ay + uy * ra + oy, bx - ux * cut + ox, by - uy * cut + oy];
}

/** Return the corners of an arrow's head, none on a line too short to hold one. */
function planeHead([x1, y1, x2, y2], width) {
  const length = Math.hypot(x2 - x1, y2 - y1);
  if (length < 10) return null;
  const [ux, uy, size, half] = [(x2 - x1) / length, (y2 - y1) / length, 6 + 1.5 * width, 3 + width];
  return [x2, y2, x2 - ux * size - uy * half, y2 - uy * size + ux * half, x2 - ux * size + uy * half, y2 - uy * size - ux * half].map((v) => Math.round(v * 10) / 10);
}

function planeIsNear(plane, i) {
  if (!plane.hover) return false;
  const mark = planeRead(plane.hover);
  return mark.kind === "line" ? mark.i === i : plane.chart.lines[i].a === mark.i || plane.chart.lines[i].b === mark.i;
}

// ---------------------------------------------------------------------------------------------------- nodes of the page

function planePaintNodes(plane, seen, own) {
  const wanted = new Set([...own.map((i) => planeName("line", i)), ...seen.map((i) => planeName("node", i))]);
  for (const [name, node] of plane.elements) {
    if (wanted.has(name) || node === document.activeElement) continue;
    node.remove();
    plane.elements.delete(name);
  }
  for (const name of wanted) {
    const { kind, i } = planeRead(name);
    if (!plane.elements.has(name)) plane.elements.set(name, planeElement(plane, name, kind));
    if (kind === "line") planeSetLine(plane, plane.elements.get(name), i);
    else planeSetNode(plane, plane.elements.get(name), i);
  }
}

function planeElement(plane, name, kind) {
  const found = planeMarkOf(plane, name);
  const parts = kind === "line"
    ? [svg("path", { class: "plane-hit" }), svg("path", { class: "plane-stroke", "stroke-dasharray": found.dash }), svg("path", { class: "plane-head" }), found.a < 0 ? svg("path", { class: "plane-ring" }) : null].filter(Boolean)
    : [svg("circle", { class: "plane-hit", r: 12 }), svg("path", { d: marker(found.shape), fill: found.fill, class: "plane-shape" })];
  const node = svg("g", { role: "button", tabindex: -1, "aria-label": found.title, "data-mark": name, class: found.out ? `plane-${kind} out` : `plane-${kind}` }, parts);
  plane.layers[`${kind}s`].append(node);
  return node;
}

function planeSetLine(plane, node, i) {
  const line = plane.chart.lines[i];
  const ends = planeEnds(plane, line).map((v) => Math.round(v * 10) / 10);
  const [x1, y1, x2, y2] = ends;
  const [hit, stroke, head, ring] = node.children;
  const corners = line.head ? planeHead(ends, line.width) : null;
  hit.setAttribute("d", `M${x1},${y1}L${x2},${y2}`);
  stroke.setAttribute("d", `M${x1},${y1}L${x2},${y2}`);
  stroke.setAttribute("stroke-width", line.width);
  head.setAttribute("d", corners ? `M${corners[0]},${corners[1]}L${corners[2]},${corners[3]}L${corners[4]},${corners[5]}Z` : "");
  ring?.setAttribute("d", `M${x1 - 8},${y1}a4,4 0 1 0 8,0a4,4 0 1 0 -8,0Z`);
  node.classList.toggle("near", planeIsNear(plane, i));
}

function planeSetNode(plane, node, i) {
  const scale = planeRadius(plane, plane.chart.nodes[i]) / 5;
  node.setAttribute("transform", `translate(${plane.sx[i].toFixed(1)},${plane.sy[i].toFixed(1)})`);
  node.lastChild.setAttribute("transform", `scale(${scale.toFixed(3)})`);
  node.setAttribute("tabindex", plane.order[plane.current] === node.dataset.mark ? 0 : -1);
}

// ---------------------------------------------------------------------------------------------------- canvas

function planePaintCanvas(plane, seen, own, few) {
  if (!few) {
    for (const node of plane.elements.values()) node.remove();
    plane.elements.clear();
  }
  const ratio = Math.min(2, window.devicePixelRatio || 1);
  const [wide, high] = [Math.round(plane.width * ratio), Math.round(plane.height * ratio)];
  if (plane.canvas.width !== wide || plane.canvas.height !== high) Object.assign(plane.canvas, { width: wide, height: high });
  const pen = plane.canvas.getContext("2d");
  const style = getComputedStyle(plane.frame);
  const inks = new Map(["--ink", "--quiet", "--accent"].map((name) => [name, style.getPropertyValue(name).trim() || "#444"]));
  const ink = (name) => inks.get(name);
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, plane.width, plane.height);
  const drawn = new Set(own);
  planePaintLines(plane, pen, ink, plane.inSight.filter((i) => !drawn.has(i)), few);
  if (few) pen.globalAlpha = 1;
  else if (seen.length > 1000) planePaintDots(plane, pen, seen, ink);
  else for (const i of seen.slice().reverse()) planePaintMark(plane, pen, plane.chart.nodes[i], i, ink);
  pen.globalAlpha = 1;
}

/** Paint so many marks that shapes would not show: dots, those of one colour in one go. */
function planePaintDots(plane, pen, seen, ink) {
  const looks = new Map();
  for (const i of seen) {
    const node = plane.chart.nodes[i];
    const look = `${node.out ? 0 : 1} ${node.fill}`;
    if (!looks.has(look)) looks.set(look, new Path2D());
    const r = planeRadius(plane, node);
    looks.get(look).rect(plane.sx[i] - r, plane.sy[i] - r, 2 * r, 2 * r);
  }
  pen.strokeStyle = ink("--ink");
  pen.lineWidth = 0.5;
  for (const [look, path] of [...looks].sort()) {
    pen.globalAlpha = look[0] === "0" ? 0.2 : 1;
    pen.fillStyle = look.slice(2);
    pen.fill(path);
    pen.stroke(path);
  }
  const pointed = plane.hover ? planeRead(plane.hover) : null;
  if (pointed?.kind === "node") planePaintMark(plane, pen, plane.chart.nodes[pointed.i], pointed.i, ink);
}

/** Paint the lines, those of one look in one go, faint where they only pass through; heads only where lines are long enough to tell them apart. */
function planePaintLines(plane, pen, ink, lines, passing) {
  const looks = new Map();
  const dense = plane.inSight.length > 4000 || (plane.moving && plane.inSight.length > 400);
  for (const i of lines) {
    const line = plane.chart.lines[i];
    const near = planeIsNear(plane, i);
    const look = `${near ? 2 : line.out ? 0 : 1} ${dense ? 0.6 : Math.round(line.width * 2) / 2} ${dense ? "" : line.dash ?? ""}`;
    if (!looks.has(look)) looks.set(look, []);
    looks.get(look).push(line);
  }
  for (const [look, some] of [...looks].sort()) {
    const [level, width, ...dash] = look.split(" ");
    const paths = [new Path2D(), new Path2D()];
    for (const line of some) planeTrace(plane, line, paths, Number(width), dense);
    pen.globalAlpha = level === "0" || (level === "1" && plane.hover && plane.inSight.length > 80) ? 0.12 : level === "1" && passing ? 0.25 : level === "1" && lines.length > 4000 ? 0.45 : 1;
    pen.strokeStyle = pen.fillStyle = ink(level === "2" ? "--accent" : "--quiet");
    pen.lineWidth = Number(width);
    pen.setLineDash(dash.filter(Boolean).map(Number));
    pen.stroke(paths[0]);
    pen.setLineDash([]);
    pen.fill(paths[1]);
  }
}

function planeTrace(plane, line, [strokes, heads], width, dense) {
  const [x1, y1, x2, y2] = planeEnds(plane, line);
  strokes.moveTo(x1, y1);
  strokes.lineTo(x2, y2);
  if (line.a < 0) strokes.rect(x1 - 5, y1 - 2, 4, 4);
  const corners = line.head && !dense ? planeHead([x1, y1, x2, y2], width) : null;
  if (!corners) return;
  heads.moveTo(corners[0], corners[1]);
  heads.lineTo(corners[2], corners[3]);
  heads.lineTo(corners[4], corners[5]);
  heads.closePath();
}

function planePaintMark(plane, pen, node, i, ink) {
  if (!planeShapes.has(node.shape)) planeShapes.set(node.shape, new Path2D(marker(node.shape)));
  const scale = planeRadius(plane, node) / 5;
  pen.save();
  pen.translate(plane.sx[i], plane.sy[i]);
  pen.scale(scale, scale);
  pen.globalAlpha = node.out ? 0.2 : 1;
  pen.fillStyle = node.fill;
  pen.strokeStyle = ink(plane.hover === planeName("node", i) ? "--accent" : "--ink");
  pen.lineWidth = (plane.hover === planeName("node", i) ? 3 : 0.8) / scale;
  pen.fill(planeShapes.get(node.shape));
  pen.stroke(planeShapes.get(node.shape));
  pen.restore();
}
