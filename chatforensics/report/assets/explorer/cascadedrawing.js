// The picture of one text's way. Up to 400 shares are nodes that the keyboard reaches; more are drawn on a canvas, and the table has them.

function drawCascade(box, width, known) {
  box.replaceChildren(el("div", { class: "tools" }, chooseFamily()));
  if (!known.timed.length) {
    box.append(el("p", { class: "quiet" }, say("No share of this text has a time.")));
    return;
  }
  const plan = planCascade(known, Math.max(CASCADE.least, roomInside(box, width)));
  if (plan.n_chats > CASCADE.lanes) {
    const label = cascadeAllLanes ? say("Fold chats with few shares") : say("A lane for each of the {n} chats", { n: count(plan.n_chats) });
    box.firstChild.append(button(label, () => {
      cascadeAllLanes = !cascadeAllLanes;
      drawCascade(box, box.clientWidth, known);
      box.querySelector(".tools button").focus();
    }));
  }
  const hint = plan.crowded ? say("Point at a share to see where it may have come from; the table below has every share for the keyboard.")
    : say("Point at a share, or go to the first with Tab and on with the arrow keys, to see where it may have come from.");
  const detail = el("div", { class: "cascade-detail" }, el("p", { class: "quiet" }, hint));
  const stage = el("div", { class: "cascade-stage" });
  box.append(stage, cascadeLegend(known, plan), detail, cascadeNotes(known, plan));
  const base = svg("svg", { width: plan.width, height: plan.height, viewBox: `0 0 ${plan.width} ${plan.height}`, role: "group", "aria-label": say("Shares of {text} in order of time", { text: familyName(known.family) }) });
  stage.append(base);
  drawBands(base, plan);
  drawBrokenAxis(base, plan);
  const focus = svg("g", { class: "cascade-focus", "aria-hidden": "true" });
  const names = svg("g", { class: "cascade-names", "aria-hidden": "true" });
  const show = (i) => {
    focus.replaceChildren(...(i === null ? [] : focusNodes(known, plan, i)));
    names.classList.toggle("focused", i !== null);
    if (i !== null) tellShare(detail, known, i);
  };
  if (plan.crowded) {
    nameLanes(base, plan);
    drawOnCanvas(stage, known, plan, show);
    const above = svg("svg", { width: plan.width, height: plan.height, class: "cascade-above", "aria-hidden": "true" }, names, focus);
    stage.append(above);
  } else {
    drawArrows(base, known, plan);
    nameLanes(base, plan);
    drawShares(base, known, plan, show);
    base.append(names, focus);
  }
  writeNames(names, known, plan);
}

function drawBands(base, plan) {
  plan.lanes.forEach((lane, k) => {
    if (k % 2 === 0) base.append(svg("rect", { x: 0, y: lane.top, width: plan.width, height: lane.bottom - lane.top, class: "cascade-band" }));
  });
}

/** Write the chats' names, each a button that opens the text's messages there. */
function nameLanes(base, plan) {
  for (const [k, lane] of plan.lanes.entries()) {
    const room = plan.left - 14;
    const [x, y] = [plan.left - 8, lane.middle + 4];
    const target = svg("g", { class: "cascade-lane", "data-lane": k },
      svg("rect", { x: x - room, y: y - 16, width: room, height: 24, class: "cascade-target" }),
      svg("text", { x, y, "text-anchor": "end" }, isolate(fitText(lane.name, room))));
    const rows = lane.members.flatMap((i) => DATA.shares.rows[i]);
    base.append(mark(target, rows, sayCount(lane.members.length, "1 share in {chat}", "{n} shares in {chat}").replace("{chat}", () => shown(lane.name))));
    lane.named = [x - room, y - 12, x, y + 4];
  }
}

/** Draw round times below the lanes, the date where it changes, a double stroke where a pause is cut out, and the user's dates. */
function drawBrokenAxis(base, plan) {
  const { scale, bottom } = plan;
  const axis = svg("g", { class: "axis" }, eventShades(plan.days, plan.top, bottom));
  for (const part of scale.parts) axis.append(svg("line", { x1: part.left, x2: part.right, y1: bottom, y2: bottom, class: "cascade-line" }));
  for (const tick of brokenTicks(scale, plan)) {
    axis.append(
      svg("line", { x1: tick.x, x2: tick.x, y1: plan.top, y2: bottom, class: "grid" }),
      ...tick.lines.map((words, k) => svg("text", { x: tick.middle, y: bottom + 16 + 15 * k, "text-anchor": "middle" }, words)),
    );
  }
  for (const x of scale.breaks) {
    axis.append(svg("line", { x1: x, x2: x, y1: plan.top, y2: bottom, class: "cascade-pause" }),
      ...[-3, 3].map((shift) => svg("line", { x1: x + shift - 3, x2: x + shift + 3, y1: bottom + 6, y2: bottom - 6, class: "cascade-cut" })));
  }
  axis.append(...eventLines(plan.days, plan.top, bottom));
  base.append(axis);
}

// ---------------------------------------------------------------------------------------------------- arrows and marks

/** Return a curve from one share to a later one that ends before its mark, and the head of the arrow. */
function arrowBetween(from, to, radius) {
  const reach = radius + 3;
  const far = to.x - from.x;
  const bend = far > 30 ? far * 0.45 : 0;
  const [dx, dy] = bend ? [1, 0] : direction(from, to);
  const end = { x: to.x - dx * reach, y: to.y - dy * reach };
  const a = { x: from.x + bend, y: from.y };
  const b = { x: end.x - bend, y: end.y };
  const [wx, wy] = [end.x - dx * 6, end.y - dy * 6];
  const at = (t, name) => (1 - t) ** 3 * from[name] + 3 * t * (1 - t) ** 2 * a[name] + 3 * t * t * (1 - t) * b[name] + t ** 3 * end[name];
  const point = (t) => [at(t, "x"), at(t, "y")];
  return {
    line: `M${from.x},${from.y}C${a.x},${a.y} ${b.x},${b.y} ${end.x - dx * 4},${end.y - dy * 4}`,
    head: `M${end.x},${end.y}L${wx - dy * 3.5},${wy + dx * 3.5}L${wx + dy * 3.5},${wy - dx * 3.5}Z`,
    points: () => Array.from({ length: 13 }, (_, k) => point(k / 12)),
  };
}

function direction(from, to) {
  const long = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  return [(to.x - from.x) / long, (to.y - from.y) / long];
}

function arrowLook(p) {
  return { width: 0.7 + 2.3 * p, opacity: 0.22 + 0.6 * p };
}

function drawArrows(base, known, plan) {
  const strength = known.timed.length > 100 ? 0.6 : 1;
  const group = svg("g", { class: "cascade-arrows", "aria-hidden": "true" });
  for (const [i, link] of known.source) {
    const parent = DATA.links.parent[link];
    const { line, head } = arrowBetween(plan.places.get(parent), plan.places.get(i), plan.radius);
    const look = arrowLook(DATA.links.p[link]);
    group.append(svg("g", { class: shareIn(i) && shareIn(parent) ? null : "out" },
      svg("g", { opacity: look.opacity * strength }, svg("path", { d: line, class: "cascade-arrow", "stroke-width": look.width }), svg("path", { d: head, class: "cascade-head" }))));
  }
  base.append(group);
}

/** Draw the shares as buttons: one stop for the Tab key, arrow keys from one to the next in time. */
function drawShares(base, known, plan, show) {
  const group = svg("g", { class: "cascade-shares", onmouseleave: () => show(null) });
  const nodes = known.timed.map((i, k) => {
    const place = plan.places.get(i);
    const node = svg("g", { transform: `translate(${place.x},${place.y})`, "data-share": i, class: shareIn(i) ? null : "out", onmouseenter: () => show(i),
      onfocus: () => { for (const other of nodes) other.setAttribute("tabindex", other === node ? 0 : -1); show(i); }, onblur: () => show(null) },
      svg("circle", { r: 8, class: "cascade-target" }), shareShape(known, i));
    mark(node, DATA.shares.rows[i], `${shareName(i)}; ${sourceWords(known, i)}`);
    node.setAttribute("tabindex", k ? -1 : 0);
    return node;
  });
  group.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -nodes.length, End: nodes.length }[event.key];
    if (!step) return;
    event.preventDefault();
    nodes[Math.min(nodes.length - 1, Math.max(0, nodes.indexOf(event.target.closest("[data-share]")) + step))].focus();
  });
  group.append(...nodes);
  base.append(group);
}

function shareShape(known, i) {
  const look = known.look.get(DATA.shares.variant[i]) ?? -1;
  const d = wordingShape(look);
  if (!known.hollow.has(i)) return svg("path", { d, fill: colour(look), class: "cascade-mark" });
  return svg("g", {}, svg("path", { d, class: "cascade-hollow" }), svg("path", { d, class: "cascade-ring", stroke: colour(look) }));
}

/** Draw many shares on a canvas; a click opens the share that is nearest, the table below is the keyboard's way. */
function drawOnCanvas(stage, known, plan, show) {
  const density = Math.min(2, devicePixelRatio || 1, 16000 / plan.height);
  const canvas = el("canvas", { width: plan.width * density, height: plan.height * density, class: "cascade-canvas", role: "img",
    "aria-label": say("{n} shares; the table below the picture has them one by one.", { n: count(known.timed.length) }) });
  [canvas.style.width, canvas.style.height] = [`${plan.width}px`, `${plan.height}px`];
  const style = getComputedStyle(stage);
  const [ink, card] = ["--ink", "--card"].map((name) => style.getPropertyValue(name).trim());
  const pen = canvas.getContext("2d");
  pen.scale(density, density);
  for (const [i, link] of known.source) {
    const { line } = arrowBetween(plan.places.get(DATA.links.parent[link]), plan.places.get(i), plan.radius);
    const look = arrowLook(DATA.links.p[link]);
    pen.globalAlpha = look.opacity * (shareIn(i) && shareIn(DATA.links.parent[link]) ? 0.4 : 0.06);
    [pen.strokeStyle, pen.lineWidth] = [ink, look.width * 0.6];
    pen.stroke(new Path2D(line));
  }
  const shapes = new Map([...known.look.values()].map((look) => [look, new Path2D(wordingShape(look))]));
  for (const i of known.timed) stampShare(pen, known, plan, i, shapes, { ink, card });
  const tree = d3.quadtree(known.timed, (i) => plan.places.get(i).x, (i) => plan.places.get(i).y);
  const nearest = (event) => {
    const edge = stage.getBoundingClientRect();
    return tree.find(event.clientX - edge.left + stage.scrollLeft, event.clientY - edge.top, 8);
  };
  stage.addEventListener("mousemove", (event) => { const i = nearest(event); canvas.classList.toggle("near", i !== undefined); show(i ?? null); });
  stage.addEventListener("mouseleave", () => show(null));
  stage.addEventListener("click", (event) => { const i = nearest(event); if (i !== undefined) openMessages(DATA.shares.rows[i], shareName(i)); });
  stage.append(canvas);
}

function stampShare(pen, known, plan, i, shapes, { ink, card }) {
  const place = plan.places.get(i);
  const look = known.look.get(DATA.shares.variant[i]) ?? -1;
  const hollow = known.hollow.has(i);
  pen.save();
  pen.translate(place.x, place.y);
  pen.scale(plan.radius / CASCADE.radius, plan.radius / CASCADE.radius);
  pen.globalAlpha = shareIn(i) ? 1 : 0.18;
  [pen.fillStyle, pen.strokeStyle, pen.lineWidth] = [hollow ? card : colour(look), ink, hollow ? 3.6 : 1];
  pen.fill(shapes.get(look));
  pen.stroke(shapes.get(look));
  if (hollow) {
    [pen.strokeStyle, pen.lineWidth] = [colour(look), 1.8];
    pen.stroke(shapes.get(look));
  }
  pen.restore();
}

// ---------------------------------------------------------------------------------------------------- focus, names, legend

/** Return what is drawn over the picture for the share in focus: its candidates, the second and third dashed, each with its number. */
function focusNodes(known, plan, i) {
  const place = plan.places.get(i);
  const nodes = [];
  const taken = [];
  const marks = plan.crowded ? [] : [...plan.places.values()];
  const links = known.before.has(i) ? [] : DATA.linksOf[i].filter((link) => DATA.links.parent[link] >= 0);
  for (const link of links) {
    const from = plan.places.get(DATA.links.parent[link]);
    if (!from) continue;
    const { line, head, ...arrow } = arrowBetween(from, place, plan.radius);
    const spots = arrow.points();
    const [x, y] = [7, 5, 8, 4, 9, 3].map((k) => spots[k]).find(([a, b]) => marks.every((other) => Math.hypot(other.x - a, other.y - b) > 15)) ?? spots[7];
    const middle = { x, y: y + 4 };
    const first = link === known.source.get(i);
    while (taken.some((other) => Math.abs(other.x - middle.x) < 34 && Math.abs(other.y - middle.y) < 14)) middle.y += 14;
    taken.push(middle);
    nodes.push(svg("path", { d: line, class: first ? "cascade-chosen" : "cascade-chosen dashed", "stroke-width": 1.2 + 2 * DATA.links.p[link] }), svg("path", { d: head, class: "cascade-chosen-head" }),
      svg("text", { x: middle.x, y: middle.y, "text-anchor": "middle" }, probText(DATA.links.p[link])));
  }
  if (known.before.has(i)) {
    const from = plan.places.get(known.before.get(i));
    nodes.push(svg("path", { d: arrowBetween(from, place, plan.radius).line, class: "cascade-chosen dotted" }));
  }
  return [...nodes, svg("circle", { cx: place.x, cy: place.y, r: plan.radius + 4, class: "cascade-halo" })];
}

/** Write names beside the marks, and the probabilities of a few arrows, where they cover no mark and, if possible, no arrow. */
function writeNames(group, known, plan) {
  const near = plan.radius + 1;
  const marks = [...plan.places.values()].map(({ x, y }) => [x - near, y - near, x + near, y + near]).concat(plan.lanes.map((lane) => lane.named));
  const arrows = plan.crowded ? [] : [...known.source].map(([i, link]) => arrowBetween(plan.places.get(DATA.links.parent[link]), plan.places.get(i), plan.radius));
  const lines = arrows.flatMap((arrow) => arrow.points().map(([x, y]) => [x - 1, y - 1, x + 1, y + 1]));
  const inside = ([a, , c]) => a >= plan.left && c <= plan.width - 2;
  const write = (words, spots, attributes) => {
    const wide = textWidth(words) + 4;
    const areas = spots.map(([x, y, side]) => [x - wide * side, y - 11, x + wide * (1 - side), y + 4]).filter((area) => inside(area) && !touches(area, marks));
    const area = areas.find((each) => !touches(each, lines)) ?? areas[0];
    if (!area) return;
    marks.push(area);
    group.append(svg("text", { x: area[0] + 2, y: area[3] - 4, ...attributes }, isolate(words)));
  };
  for (const i of namesToWrite(known, plan)) {
    const { x, y, lane } = plan.places.get(i);
    const spots = [[x + near + 1, y + 4, 0], [x - near - 1, y + 4, 1]];
    if (y - near - 14 > lane.top) spots.push(...[0.5, 0.15, 0.85].map((side) => [x, y - near - 4, side]));
    if (y + near + 14 < lane.bottom) spots.push(...[0.5, 0.15, 0.85].map((side) => [x, y + near + 12, side]));
    write(fitText(personName(DATA.shares.person[i]), 130), spots, { class: shareIn(i) ? null : "out" });
  }
  if (plan.crowded || known.source.size > CASCADE.percents) return;
  [...known.source].forEach(([i, link], k) => {
    const near = arrows[k].points().slice(3, -2).reverse();
    const spots = [...near.flatMap(([x, y]) => [[x, y - 5, 0.5], [x, y + 14, 0.5], [x + 5, y + 4, 0], [x - 5, y + 4, 1]]), ...near.map(([x, y]) => [x, y + 4, 0.5])];
    write(probText(DATA.links.p[link]), spots, { class: shareIn(i) ? "quiet" : "quiet out" });
  });
}

function touches([a, b, c, d], others) {
  return others.some(([e, f, g, h]) => c > e && a < g && d > f && b < h);
}

/** Return the shares to write names beside, each person once first: the earliest in the evidence, then those most others followed. */
function namesToWrite(known, plan) {
  const order = [...known.earliest, ...[...known.timed].sort((a, b) => (known.followed.get(b) ?? 0) - (known.followed.get(a) ?? 0) || a - b)];
  const named = new Set();
  const once = order.filter((i) => !named.has(DATA.shares.person[i]) && named.add(DATA.shares.person[i]));
  return [...new Set([...once, ...order])].filter((i) => DATA.shares.person[i] >= 0).slice(0, plan.crowded ? CASCADE.names / 4 : CASCADE.names);
}
