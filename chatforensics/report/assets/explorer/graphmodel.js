// What the diffusion graph draws: people (or chats) at the time of their first share, and arrows for candidate sources.

const GRAPH_BURST = 600; // seconds between shares of one sending decision, as in the tables
const GRAPH_OWN_ROWS = 40; // up to so many marks each has a row of its own
const GRAPH_GAP = 64; // page units that two marks of a row stand apart
const graphState = { texts: "one", marks: "person", sources: "likeliest", axis: "short" };

/** Return the families that the graph is about. */
function graphFamilies() {
  const chosen = [...selection.families].sort((a, b) => a - b);
  if (graphState.texts === "one") return DATA.families.n ? [chosen[0] ?? 0] : [];
  return chosen.length ? chosen : Array.from({ length: DATA.families.n }, (_, i) => i);
}

/** Return the marks and the arrows between them. */
function graphModel() {
  const families = graphFamilies();
  const wanted = new Set(families);
  const { shares } = DATA;
  const keyOf = shares[graphState.marks];
  const timed = Array.from({ length: shares.n }, (_, i) => i).filter((i) => wanted.has(shares.family[i]) && shares.at[i] !== null);
  const kept = timed.filter((i) => keyOf[i] >= 0);
  const groups = new Map();
  for (const i of kept) {
    if (!groups.has(keyOf[i])) groups.set(keyOf[i], []);
    groups.get(keyOf[i]).push(i);
  }
  const bursts = graphBursts(kept);
  const firsts = graphFirsts(kept, keyOf, bursts);
  return { families, groups, kept, ...graphArrows(firsts, keyOf, bursts), n_later: kept.length - firsts.length, order: graphOrder(families, groups),
    n_unknown: timed.length - kept.length, n_undated: shares.at.filter((at, i) => at === null && wanted.has(shares.family[i])).length };
}

/** Return the marks from top to bottom as the layout has them. */
function graphOrder(families, groups) {
  const { diffusion } = DATA.layout;
  const many = graphState.marks === "person" ? "people" : "chats";
  const order = families.length === 1 ? diffusion[`${many}_by_family`][families[0]] : diffusion[many];
  return order.filter((key) => groups.has(key));
}

/** Return the shares by which each mark first had each text: a person's first sending decision, the first share into a chat.
 * What came later from the same hands has no source to look for. */
function graphFirsts(kept, keyOf, bursts) {
  const first = new Map();
  return kept.filter((i) => {
    const name = `${keyOf[i]} ${DATA.shares.family[i]}`;
    if (!first.has(name)) first.set(name, i);
    return graphState.marks === "chat" ? first.get(name) === i : bursts.get(i) === first.get(name);
  });
}

/** Return one arrow per ordered pair of marks: from (-1: not in the evidence), to, links, probability, whether likeliest;
 * and how many possible sources are known but have no place here. */
function graphArrows(firsts, keyOf, bursts) {
  const { links } = DATA;
  const found = new Map();
  let unplaced = 0;
  for (const share of firsts) {
    for (const i of DATA.linksOf[share]) {
      const parent = links.parent[i];
      const first = links.rank[i] === 1;
      if (!first && graphState.sources === "likeliest") continue;
      if (parent >= 0 && (keyOf[parent] < 0 || DATA.shares.at[parent] === null)) {
        unplaced += 1;
        continue;
      }
      const from = parent < 0 ? -1 : keyOf[parent];
      if (from === keyOf[share]) continue;
      const name = `${from} ${keyOf[share]}`;
      if (!found.has(name)) found.set(name, { from, to: keyOf[share], links: [], likeliest: false });
      found.get(name).links.push(i);
      found.get(name).likeliest ||= first;
    }
  }
  for (const arrow of found.values()) arrow.p = graphChance(arrow.links, bursts);
  return { arrows: [...found.values()], n_unplaced: unplaced };
}

/** Return for each share its sending decision: shares of one person and text without a longer gap. */
function graphBursts(kept) {
  const last = new Map();
  const bursts = new Map();
  for (const i of kept) {
    const key = `${DATA.shares.person[i]} ${DATA.shares.family[i]}`;
    const before = last.get(key);
    bursts.set(i, before !== undefined && DATA.shares.at[i] - DATA.shares.at[before] <= GRAPH_BURST ? bursts.get(before) : i);
    last.set(key, i);
  }
  return bursts;
}

/** Return the probability that at least one of the links holds: alternatives of one decision add up, decisions multiply. */
function graphChance(rows, bursts) {
  const { links } = DATA;
  const byBurst = new Map();
  for (const i of rows) {
    const burst = bursts.get(links.share[i]);
    if (!byBurst.has(burst)) byBurst.set(burst, new Map());
    byBurst.get(burst).set(links.parent[i], links.p[i]);
  }
  let none = 1;
  for (const parents of byBurst.values()) none *= 1 - Math.min(1, [...parents.values()].reduce((a, b) => a + b, 0));
  return 1 - none;
}

// ---------------------------------------------------------------------------------------------------- time to the right

/** Return where moments stand, with long gaps drawn short unless the reader wants them to scale: pieces of even time. */
function graphTimes(times, width) {
  const moments = [...new Set(times)].sort((a, b) => a - b);
  const gaps = moments.slice(1).map((at, i) => at - moments[i]);
  if (graphState.axis === "order") return graphEven(moments, width);
  const cap = graphState.axis === "scale" ? Infinity : graphCap(gaps);
  const pieces = [{ from: moments[0], to: moments[0], gap: 0 }];
  gaps.forEach((gap, i) => {
    if (gap > cap) pieces.push({ from: moments[i + 1], to: moments[i + 1], gap });
    else pieces[pieces.length - 1].to = moments[i + 1];
  });
  const short = Number.isFinite(cap) ? cap : 0;
  const whole = pieces.reduce((sum, piece) => sum + piece.to - piece.from, 0) + short * (pieces.length - 1) || 1;
  let at = 0;
  for (const piece of pieces) {
    at += piece === pieces[0] ? 0 : short;
    piece.left = (at / whole) * width;
    at += piece.to - piece.from;
    piece.right = (at / whole) * width;
  }
  return { pieces, x: (t) => graphPlace(pieces, t) };
}

/** Return the longest gap drawn to scale: a small part of the picture, but thrice the gap in the middle. */
function graphCap(gaps) {
  const middle = gaps.slice().sort((a, b) => a - b)[gaps.length >> 1] ?? 0;
  const part = Math.max(12, gaps.length / 4);
  let whole = gaps.reduce((a, b) => a + b, 0);
  for (let i = 0; i < 30; i += 1) whole = gaps.reduce((sum, gap) => sum + Math.min(gap, whole / part), 0);
  return Math.max(60, 3 * middle, whole / part);
}

/** Return moments evenly apart, in their order. */
function graphEven(moments, width) {
  const places = moments.map((_, i) => (i / Math.max(1, moments.length - 1)) * width);
  const pieces = moments.map((at, i) => ({ from: at, to: at, gap: 0, left: places[i], right: places[i] }));
  return { pieces, x: (t) => graphPlace(pieces, t) };
}

/** Return the place of a moment; one inside a gap drawn short stands where its part of the gap is. */
function graphPlace(pieces, t) {
  let before = null;
  for (const piece of pieces) {
    if (t < piece.from) return before ? before.right + ((t - before.to) / (piece.from - before.to)) * (piece.left - before.right) : null;
    if (t <= piece.to) return piece.left + (piece.to > piece.from ? (t - piece.from) / (piece.to - piece.from) : 0) * (piece.right - piece.left);
    before = piece;
  }
  return null;
}

/** Return a row for each mark in the order from top to bottom; marks that time keeps apart may share one. */
function graphRows(places) {
  if (places.length <= GRAPH_OWN_ROWS) return places.map((_, i) => i);
  const filled = new Map();
  return places.map((x) => {
    const cells = Array.from({ length: Math.ceil(GRAPH_GAP / 16) + 1 }, (_, i) => Math.floor(x / 16) + i);
    const row = Math.max(...cells.map((cell) => filled.get(cell) ?? -1)) + 1;
    for (const cell of cells) filled.set(cell, row);
    return row;
  });
}
