// The names and numbers on a plane: as many as find room, none on another.

const PLANE_FONT = "12px system-ui, sans-serif";
const planeRuler = document.createElement("canvas").getContext("2d");
planeRuler.font = PLANE_FONT;
const planeWidths = new Map();

function planeTextWidth(words) {
  if (!planeWidths.has(words)) planeWidths.set(words, planeRuler.measureText(words).width);
  return planeWidths.get(words);
}

/** Return the names and numbers that find room, the weightiest marks first: none lies on another or on a mark. */
function planeLabels(plane, seen) {
  const taken = new Map();
  const labels = [];
  const [first, near] = [planeFirst(plane, seen), plane.inSight.filter((i) => planeIsNear(plane, i)).slice(0, 40)];
  if (seen.length <= 1500) for (const i of seen) planeTake(taken, planeBoxOf(plane, i), `n${i}`);
  if (plane.inSight.length <= 400 && !plane.moving) for (const i of plane.inSight) planeTakeLine(plane, taken, plane.chart.lines[i]);
  for (const i of first.slice(0, plane.moving ? 80 : 400)) {
    const node = plane.chart.nodes[i];
    const words = node.label;
    const [wide, r, x, y] = [planeTextWidth(words), planeRadius(plane, node) + 4, plane.sx[i], plane.sy[i]];
    const spots = [[x + r, y + 4], [x - wide / 2, y - r - 3], [x - wide / 2, y + r + 11], [x - r - wide, y + 4]];
    planePut(plane, labels, taken, spots, { words, wide, own: `n${i}`, out: node.out, kind: plane.hover === planeName("node", i) ? "near" : "name" });
  }
  for (const i of plane.inSight.length <= 60 && !plane.moving ? plane.inSight : near) planePutNumber(plane, labels, taken, i);
  return labels;
}

/** Return the marks to be named: the one pointed at and those joined to it before the others. */
function planeFirst(plane, seen) {
  if (!plane.hover) return seen;
  const lines = plane.inSight.filter((i) => planeIsNear(plane, i)).map((i) => plane.chart.lines[i]);
  const pointed = planeRead(plane.hover);
  const ahead = new Set([...(pointed.kind === "node" ? [pointed.i] : []), ...lines.flatMap((line) => [line.b, line.a])]);
  return [...[...ahead].filter((i) => i >= 0), ...seen.filter((i) => !ahead.has(i))];
}

function planePutNumber(plane, labels, taken, i) {
  const line = plane.chart.lines[i];
  if (!line.text) return;
  const [x1, y1, x2, y2] = planeEnds(plane, line);
  const wide = planeTextWidth(line.text);
  const spots = [0.5, 0.38, 0.62].map((part) => [x1 + (x2 - x1) * part - wide / 2, y1 + (y2 - y1) * part - 3]);
  planePut(plane, labels, taken, spots, { words: line.text, wide, own: "", out: line.out, kind: planeIsNear(plane, i) ? "number near" : "number" });
}

function planePut(plane, labels, taken, spots, label) {
  for (const [x, y, crosses] of [...spots.map((spot) => [...spot, false]), ...spots.map((spot) => [...spot, true])]) {
    const box = [x - 2, y - 11, x + label.wide + 2, y + 4];
    const inside = box[0] >= 0 && box[2] <= plane.width && box[1] >= (plane.chart.head ?? 0) && box[3] <= plane.height - (plane.chart.foot ?? 0);
    if (!inside || planeIsTaken(taken, box, label.own, crosses || !label.own)) continue;
    planeTake(taken, box, "label");
    labels.push({ ...label, x: x.toFixed(1), y: y.toFixed(1) });
    return;
  }
}

/** Keep names off a line where there is room elsewhere. */
function planeTakeLine(plane, taken, line) {
  const [x1, y1, x2, y2] = planeEnds(plane, line);
  const steps = Math.min(200, Math.max(2, Math.ceil(Math.hypot(x2 - x1, y2 - y1) / 14)));
  for (let i = 0; i <= steps; i += 1) {
    const [x, y] = [x1 + ((x2 - x1) * i) / steps, y1 + ((y2 - y1) * i) / steps];
    planeTake(taken, [x - 3, y - 3, x + 3, y + 3], "line");
  }
}

function planeBoxOf(plane, i) {
  const r = planeRadius(plane, plane.chart.nodes[i]);
  return [plane.sx[i] - r, plane.sy[i] - r, plane.sx[i] + r, plane.sy[i] + r];
}

function* planeCells([x1, y1, x2, y2]) {
  for (let x = Math.floor(x1 / 48); x <= Math.floor(x2 / 48); x += 1) {
    for (let y = Math.floor(y1 / 24); y <= Math.floor(y2 / 24); y += 1) yield x * 4096 + y;
  }
}

function planeTake(taken, box, owner) {
  for (const cell of planeCells(box)) {
    if (!taken.has(cell)) taken.set(cell, []);
    taken.get(cell).push([box, owner]);
  }
}

/** Tell whether a name would lie on another or on a mark, or (unless it may) on a line. */
function planeIsTaken(taken, box, own, crosses) {
  for (const cell of planeCells(box)) {
    for (const [other, owner] of taken.get(cell) ?? []) {
      if (owner !== own && !(crosses && owner === "line") && other[0] < box[2] && other[2] > box[0] && other[1] < box[3] && other[3] > box[1]) return true;
    }
  }
  return false;
}
