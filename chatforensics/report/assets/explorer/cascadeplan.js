// Where everything of the picture of one text's way stands: a time axis without long pauses, lanes, places, ticks; in pixels.

const cascadePen = document.createElement("canvas").getContext("2d");

// ---------------------------------------------------------------------------------------------------- time and lanes

/** Return the stretches between long pauses: those that would take a fifth of the axis and are long for the text. */
function cascadeStretches(times, most) {
  const pauses = times.slice(1).map((at, k) => ({ start: times[k], long: at - times[k] })).sort((a, b) => b.long - a.long);
  const usual = pauses.length ? pauses[pauses.length >> 1].long : 0;
  let left = times[times.length - 1] - times[0];
  const cuts = [];
  for (const pause of pauses.slice(0, most)) {
    if (pause.long <= Math.max(left * 0.2, usual * 4, 3600)) break;
    cuts.push(pause.start);
    left -= pause.long;
  }
  const ends = [...cuts.sort((a, b) => a - b), times[times.length - 1]];
  return ends.map((end, k) => {
    const start = k ? times.find((at) => at > ends[k - 1]) : times[0];
    const short = Math.max(0, 1800 - (end - start)) / 2; // a moment gets half an hour
    return { from: start - short, to: end + short };
  });
}

/** Return a scale like the core's whose long pauses are cut out, and where. */
function cascadeScale(times, left, right) {
  const most = Math.max(0, Math.min(CASCADE.cuts, Math.floor((right - left) / (1.6 * CASCADE.narrow)) - 1));
  const parts = cascadeStretches(times, most);
  const room = right - left - CASCADE.gap * (parts.length - 1);
  const narrow = new Set();
  let widths = [];
  for (let before = -1; before !== narrow.size;) { // the room goes by length, but none gets less than a date needs
    before = narrow.size;
    const total = parts.reduce((sum, part, k) => sum + (narrow.has(k) ? 0 : part.to - part.from), 0);
    widths = parts.map((part, k) => (narrow.has(k) ? CASCADE.narrow : (room - CASCADE.narrow * narrow.size) * ((part.to - part.from) / total)));
    widths.forEach((width, k) => { if (width < CASCADE.narrow && parts.length > 1) narrow.add(k); });
  }
  const fit = room / widths.reduce((sum, width) => sum + width, 0);
  widths = widths.map((width) => width * fit);
  let edge = left;
  parts.forEach((part, k) => {
    const spare = ((part.to - part.from) * CASCADE.margin) / (widths[k] - 2 * CASCADE.margin);
    Object.assign(part, { from: part.from - spare, to: part.to + spare, left: edge, right: edge + widths[k] });
    edge += widths[k] + CASCADE.gap;
  });
  const x = (at) => {
    const part = parts.find((each) => at <= each.to) ?? parts[parts.length - 1];
    return Math.max(part.left - CASCADE.gap / 2, part.left + ((at - part.from) / (part.to - part.from)) * (part.right - part.left));
  };
  return { x, parts, ticks: [], from: parts[0].from, to: parts[parts.length - 1].to, breaks: parts.slice(1).map((part) => part.left - CASCADE.gap / 2) };
}

/** Return the chats as lanes, the first reached on top; where there are many, those with few shares stand together in the last. */
function cascadeLanes(known) {
  const { shares } = DATA;
  const byChat = new Map();
  for (const i of known.timed) {
    if (!byChat.has(shares.chat[i])) byChat.set(shares.chat[i], []);
    byChat.get(shares.chat[i]).push(i);
  }
  const order = [...byChat.entries()];
  const folds = !cascadeAllLanes && order.length > CASCADE.lanes;
  const large = new Set([...order].sort((a, b) => b[1].length - a[1].length).slice(0, folds ? CASCADE.lanes - 1 : order.length));
  const lanes = order.filter((entry) => large.has(entry)).map(([chat, members]) => ({ name: chatName(chat), members }));
  const rest = order.filter((entry) => !large.has(entry));
  if (rest.length) lanes.push({ name: say("{n} other chats", { n: count(rest.length) }), members: rest.flatMap((entry) => entry[1]).sort((a, b) => a - b) });
  return { lanes, n: order.length };
}

/** Give every share its place; those of one lane that would cover each other stand above one another. */
function placeShares(lanes, scale, { top, radius, most, least }) {
  const places = new Map();
  let y = top;
  for (const lane of lanes) {
    const ends = [];
    const levels = lane.members.map((i) => {
      const at = scale.x(DATA.shares.at[i]);
      let level = ends.findIndex((end) => at - end >= 2 * radius + 1.5);
      if (level < 0) level = ends.length < most ? ends.length : ends.indexOf(Math.min(...ends));
      ends[level] = at;
      places.set(i, { x: at, lane });
      return level;
    });
    const tall = Math.max(least, ends.length * (2 * radius + 1.5) + 12);
    Object.assign(lane, { top: y, middle: y + tall / 2, bottom: y + tall });
    const shift = ends.length % 2 ? 0 : 0.5; // an even number of rows stands as far above the middle as below
    lane.members.forEach((i, k) => { places.get(i).y = lane.middle + (Math.ceil(levels[k] / 2) * (levels[k] % 2 ? -1 : 1) + shift) * (2 * radius + 1.5); });
    y = lane.bottom;
  }
  return { places, bottom: y };
}

function roomInside(box, width) {
  const { paddingLeft, paddingRight } = getComputedStyle(box);
  return Math.floor(width - parseFloat(paddingLeft) - parseFloat(paddingRight));
}

/** Return where everything of the picture stands, in pixels. */
function planCascade(known, width) {
  cascadePen.font = `12px ${getComputedStyle(document.body).fontFamily}`;
  const { lanes, n } = cascadeLanes(known);
  const widest = Math.max(...lanes.map((lane) => textWidth(lane.name)));
  const left = Math.min(widest + 18, 210, width * 0.3);
  const crowded = known.timed.length > CASCADE.nodes;
  const radius = crowded ? 3.5 : CASCADE.radius;
  const roomy = known.timed.length <= 60; // lanes then have room for names above and below their marks
  const scale = cascadeScale(known.timed.map((i) => DATA.shares.at[i]), left, width - 10);
  const days = eventDays(DATA.events.at, DATA.events.to, (from, to) => dayOnAxis(scale, from, to), 4, width - 4);
  const top = 2 + eventHead(days);
  const { places, bottom } = placeShares(lanes, scale, { top: top + 2, radius, most: crowded ? 15 : 9, least: roomy ? 46 : 30 });
  return { width, height: bottom + 42, left, lanes, n_chats: n, scale, places, top, bottom, radius, crowded, days };
}

/** Return where a day lies on the axis; one in a pause that is cut out lies at the cut. */
function dayOnAxis(scale, from, to) {
  if (to <= scale.from || from >= scale.to) return null;
  const edges = [from, to].filter((at) => scale.parts.some((part) => at >= part.from && at <= part.to)).map(scale.x);
  return { left: scale.x(Math.max(from, scale.from)), right: scale.x(Math.min(to, scale.to)), edges };
}

function textWidth(words) {
  return cascadePen.measureText(shown(words)).width;
}

/** Return as much of a text as has room. */
function fitText(words, room) {
  let n = 60;
  let cut = clip(words, n);
  while (textWidth(cut) > room && n > 3) cut = clip(words, n -= Math.max(1, Math.ceil((textWidth(cut) - room) / 12)));
  return cut;
}

/** Return the roundest time near the middle of a stretch. */
function roundIn({ from, to }) {
  const middle = (from + to) / 2;
  const step = [86400, 21600, 3600, 900, 300].find((each) => Math.abs(Math.round(middle / each) * each - middle) < (to - from) / 4) ?? 60;
  return Math.round(middle / step) * step;
}

/** Return the ticks whose words have room; each stretch has one at least, which bears its date. */
function brokenTicks(scale, plan) {
  const kept = [];
  let end = -Infinity;
  for (const part of scale.parts) {
    let date = null;
    const fine = timeScale(part.from, part.to, part.left, part.right).ticks.map((tick) => tick.at);
    const middle = roundIn(part);
    const days = fine.length > 0 && fine.every((at) => at % 86400 === 0);
    for (const at of fine.length ? fine : [middle]) {
      const words = timeText(at);
      const lines = days ? [words.slice(0, 10)] : words.slice(0, 10) === date ? [words.slice(11)] : [words.slice(11), words.slice(0, 10)];
      const half = textWidth(lines[lines.length - 1]) / 2 + 3;
      const x = scale.x(at);
      const place = Math.min(Math.max(x, part.left + half - 14), plan.width - half);
      if (Math.abs(place - x) > 22 || place - half < end) continue;
      kept.push({ x, middle: place, lines });
      [end, date] = [place + half, words.slice(0, 10)];
    }
  }
  return kept;
}
