// The way of one text: a lane per chat, time to the right, shares as marks, arrows from the likeliest source in the evidence.

const CASCADE = { lanes: 18, nodes: 400, names: 40, percents: 24, radius: 5, cuts: 4, gap: 24, margin: 14, narrow: 84, least: 640 };
const CASCADE_OTHER = "M-6,-2.4H6V2.4H-6Z"; // the shape of the wordings that have no look of their own
const cascadeKnown = new Map(); // family -> what the view needs to know of it
let cascadeAllLanes = false;

// ---------------------------------------------------------------------------------------------------- what is known of a text

/** Return the text that the views of one text show: the first one selected, else the first. */
function shownFamily() {
  const [first] = selection.families;
  return first ?? 0;
}

function chooseFamily() {
  const options = Array.from({ length: DATA.families.n }, (_, i) => ({
    value: i, label: `${familyName(i)} (${count(DATA.families.n_shares[i])}): ${clip(DATA.families.snippet[i] ?? "", 40)}` }));
  const chooser = choose(say("Text shown (shares)"), options, shownFamily(), (value) => {
    selection.set({ families: new Set([Number(value)]) });
    document.querySelector("#view-panel .family-choice select")?.focus();
  });
  chooser.classList.add("family-choice");
  return chooser;
}

/** Return the wordings of a text with the number of their look; the six most shared have one of their own, others -1. */
function wordingLooks(family) {
  const { shares, variants } = DATA;
  const counts = new Map();
  for (let i = 0; i < variants.n; i += 1) if (variants.family[i] === family) counts.set(i, 0);
  for (let i = 0; i < shares.n; i += 1) if (counts.has(shares.variant[i])) counts.set(shares.variant[i], counts.get(shares.variant[i]) + 1);
  const own = [...counts.keys()].sort((a, b) => counts.get(b) - counts.get(a) || a - b).slice(0, COLOURS.length).sort((a, b) => a - b);
  return { counts, look: new Map([...counts.keys()].map((variant) => [variant, own.indexOf(variant)])), own };
}

function wordingShape(look) {
  return look < 0 ? CASCADE_OTHER : marker(look);
}

/** Return a text's shares by time, whom each may have had it from, and who may have been the earliest in the evidence. */
function knowFamily(family) {
  if (cascadeKnown.has(family)) return cascadeKnown.get(family);
  const { shares, links } = DATA;
  const all = Array.from({ length: shares.n }, (_, i) => i).filter((i) => shares.family[i] === family);
  const timed = all.filter((i) => shares.at[i] !== null);
  const before = new Map(); // a share of somebody who had sent the text -> their share before it
  const latest = new Map();
  for (const i of timed) {
    if (shares.person[i] < 0) continue;
    if (latest.has(shares.person[i])) before.set(i, latest.get(shares.person[i]));
    latest.set(shares.person[i], i);
  }
  const source = new Map(); // share -> link from its likeliest source, if that is in the evidence and has a place in the picture
  const followed = new Map();
  const placed = new Set(timed);
  const hollow = new Set();
  let unplaced = 0;
  for (const i of timed) {
    const first = before.has(i) ? undefined : likeliestLink(i);
    if (first === undefined) continue;
    const parent = links.parent[first];
    if (parent < 0) hollow.add(i);
    else if (!placed.has(parent)) unplaced += 1;
    else {
      source.set(i, first);
      followed.set(parent, (followed.get(parent) ?? 0) + 1);
    }
  }
  const step = timed.length && shares.at[timed[0]] % 60 ? 1 : 60; // a phone that prints no seconds leaves the order within a minute open
  const earliest = timed.filter((i) => Math.floor(shares.at[i] / step) === Math.floor(shares.at[timed[0]] / step));
  const known = { family, all, timed, before, source, followed, hollow, unplaced, earliest, ...wordingLooks(family) };
  cascadeKnown.set(family, known);
  return known;
}

/** Return the link from a share's likeliest source, if the views have it: of several sources they draw only some. */
function likeliestLink(i) {
  return DATA.linksOf[i].find((link) => DATA.links.rank[link] === 1);
}

// ---------------------------------------------------------------------------------------------------- words about a share

function wordingName(variant) {
  return variant < 0 ? say("not known") : DATA.variants.name[variant];
}

/** Name a share; English stands between names and numbers, or a name written from right to left would move them. */
function shareName(i) {
  const { shares } = DATA;
  return say("{who} in {chat}, sent {at} UTC, wording {letter}", {
    who: shown(personName(shares.person[i])), chat: shown(chatName(shares.chat[i])), at: timeText(shares.at[i]), letter: wordingName(shares.variant[i]) });
}

/** Say whom a share most probably came from, as far as the evidence reaches. */
function sourceWords(known, i) {
  const first = likeliestLink(i);
  if (known.before.has(i)) return say("sent again by the same person");
  if (!DATA.linksOf[i].length) return say("no candidates listed");
  if (first === undefined) return say("likeliest source not among the shares drawn");
  const p = probText(DATA.links.p[first]);
  if (DATA.links.parent[first] < 0) return say("likeliest source not in the evidence, with probability {p}", { p });
  return say("likeliest source in the evidence, with probability {p}: {who}", { who: shown(personName(DATA.shares.person[DATA.links.parent[first]])), p });
}

/** Return one candidate source in words; `link` is its row in the links. */
function candidateItem(link) {
  const { links, shares } = DATA;
  const p = el("strong", {}, probText(links.p[link]));
  const parent = links.parent[link];
  if (parent < 0) return el("li", {}, p, " ", say("the source is not in the evidence"));
  const where = [bdi(personName(shares.person[parent])), " ", say("in"), " ", bdi(chatName(shares.chat[parent])), `, ${timeText(shares.at[parent])}`];
  const basis = links.basis[link] === "namesake" ? ` ${say("(only somebody of the same printed name is known to have been in that chat)")}` : "";
  return el("li", {}, p, " ", where, ", ", say("{lag} before", { lag: lagText(links.lag[link]) }), basis);
}

/** Fill the line below the picture with what is known of the share in focus. */
function tellShare(box, known, i) {
  const { shares } = DATA;
  const rows = known.before.has(i) ? [] : DATA.linksOf[i];
  const rest = 1 - rows.reduce((sum, link) => sum + DATA.links.p[link], 0);
  const reached = shares.recipients[i] === null ? null : say("Members who could read it there: {n}, of them {m} who could not before.", {
    n: count(shares.recipients[i]), m: count(shares.newly[i]) });
  box.replaceChildren(
    el("p", {}, el("strong", {}, bdi(personName(shares.person[i]))), " ", say("in"), " ", bdi(chatName(shares.chat[i])), ", ",
      say("{at} UTC, wording {letter}.", { at: timeText(shares.at[i]), letter: wordingName(shares.variant[i]) }), " ", reached),
    known.before.has(i) ? el("p", {}, say("The same person had sent this text before; no other source is drawn.")) : el("p", {}, say("Candidate sources and their probabilities:")),
    el("ul", {}, rows.map(candidateItem), rest > 0.005 && rows.length ? el("li", {}, el("strong", {}, probText(rest)), " ", say("further candidates together")) : null),
  );
}

// ---------------------------------------------------------------------------------------------------- the view

registerView({
  key: "cascade",
  title: say("One text's way"),
  shows: say("Every share of one text in the evidence: a lane for each chat, time to the right (UTC), an arrow from the likeliest source in the evidence."),
  cannot: say("Cannot show earlier senders outside the evidence, nor who read the text, nor that somebody took it from where an arrow begins."),
  render(box, width) {
    if (!DATA.families.n) {
      box.append(el("p", { class: "quiet" }, say("No text is followed in this case.")));
      return null;
    }
    const known = knowFamily(shownFamily());
    drawCascade(box, width, known);
    redrawWhenResized(box, width, (now) => drawCascade(box, now, known));
    return cascadeTwin(known);
  },
});

/** Draw again when the chart has become wider or narrower, as it does beside the drawer; the way back stays open. */
function redrawWhenResized(box, width, draw) {
  let drawn = width;
  const watcher = new ResizeObserver(() => {
    if (!box.isConnected) return watcher.disconnect();
    if (Math.abs(box.clientWidth - drawn) < 40) return undefined;
    drawn = box.clientWidth;
    const [opener, focused] = [drawerOpener, document.activeElement].map((node) => (box.contains(node) ? cascadeAddress(node) : undefined));
    draw(drawn);
    const again = (address) => box.querySelector(address);
    if (opener !== undefined) drawerOpener = again(opener);
    if (focused !== undefined) again(focused)?.focus();
    return undefined;
  });
  watcher.observe(box);
}

/** Return how a share or a lane is found again after the picture is drawn anew. */
function cascadeAddress(node) {
  return ["share", "lane"].filter((name) => node.dataset[name] !== undefined).map((name) => `[data-${name}="${node.dataset[name]}"]`)[0];
}

function cascadeTwin(known) {
  const { shares } = DATA;
  const others = (i) => el("span", {}, (known.before.has(i) ? [] : DATA.linksOf[i].filter((link) => link !== likeliestLink(i))).map((link, k) => {
    const parent = DATA.links.parent[link];
    return [k ? "; " : "", parent < 0 ? say("not in the evidence") : bdi(personName(shares.person[parent])), ` ${probText(DATA.links.p[link])}`];
  }).flat());
  const cells = [
    (i) => timeText(shares.at[i]), (i) => chatName(shares.chat[i]), (i) => personName(shares.person[i]), (i) => wordingName(shares.variant[i]),
    (i) => el("bdi", { dir: "auto" }, shownTitle(sourceWords(known, i))), others, (i) => count(shares.recipients[i]), (i) => count(shares.newly[i]), (i) => (shareIn(i) ? say("yes") : say("no")),
  ];
  const names = [say("Time (UTC)"), say("Chat"), say("Sender"), say("Wording"), say("Likeliest source, probability"), say("Other candidates"),
    say("Could read it"), say("Could not before"), say("In the selection")];
  return {
    caption: say("Shares of {text}", { text: familyName(known.family) }),
    columns: names.map((name, c) => ({ name, number: c === 6 || c === 7 })),
    n: known.all.length, cell: (i, c) => cells[c](known.all[i]), rows: (i) => shares.rows[known.all[i]],
  };
}

// ---------------------------------------------------------------------------------------------------- legend and notes

function legendItem(picture, ...words) {
  return el("li", {}, svg("svg", { width: 26, height: 16, viewBox: "-13 -8 26 16", "aria-hidden": "true" }, picture), " ", words);
}

function cascadeLegend(known, plan) {
  const items = known.own.filter((variant) => known.counts.get(variant)).map((variant) => {
    const look = known.look.get(variant);
    const item = legendItem(svg("path", { d: marker(look), fill: colour(look), class: "cascade-mark" }), say("wording {letter} ({n})", { letter: wordingName(variant), n: count(known.counts.get(variant)) }));
    item.title = clip(shown(DATA.variants.text[variant] ?? ""), 200);
    return item;
  });
  const others = [...known.counts].filter(([variant, n]) => n && known.look.get(variant) < 0);
  const n = others.reduce((sum, [, shares]) => sum + shares, 0);
  if (n) items.push(legendItem(svg("path", { d: CASCADE_OTHER, fill: colour(-1), class: "cascade-mark" }), others.length === 1 ? say("1 other wording ({shares})", { shares: count(n) }) : say("{n} other wordings ({shares})", { n: count(others.length), shares: count(n) })));
  if (known.hollow.size) items.push(legendItem(svg("path", { d: marker(0), class: "cascade-hollow" }), say("hollow: source most probably not in the evidence ({n})", { n: count(known.hollow.size) })));
  for (const p of known.source.size ? [0.9, 0.3] : []) {
    const look = arrowLook(p);
    const line = svg("g", { opacity: look.opacity }, svg("path", { d: "M-12,0H8", class: "cascade-arrow", "stroke-width": look.width }), svg("path", { d: "M12,0L6,-3.5V3.5Z", class: "cascade-head" }));
    items.push(legendItem(line, p > 0.5 ? say("likeliest source in the evidence: probability {p}", { p: probText(p) }) : probText(p)));
  }
  if (known.source.size && !plan.crowded) items.push(legendItem(svg("path", { d: "M-12,0H12", class: "cascade-chosen dashed", "stroke-width": 1.6 }), say("dashed: second and third candidate of the share in focus")));
  if (known.before.size && !plan.crowded) items.push(legendItem(svg("path", { d: "M-12,0H12", class: "cascade-chosen dotted" }), say("dotted: the share before by the same person")));
  return el("ul", { class: "legend" }, items);
}

/** Return what a reader must know beside the picture. */
function cascadeNotes(known, plan) {
  const { shares, events } = DATA;
  const names = [...new Set(known.earliest.map((i) => shares.person[i]))];
  const first = names.slice(0, 8).flatMap((person, k) => [k ? ", " : "", bdi(personName(person))]);
  const notes = [[say("Earliest in the evidence:"), " ", first, names.length > 8 ? ` ${sayCount(names.length - 8, "and 1 other", "and {n} others")}` : "",
    `, ${timeText(shares.at[known.timed[0]])} UTC. `, names.length > 1 ? `${say("The clocks do not say which of them came first.")} ` : "", say("Earlier ones may lie outside it.")]];
  if (plan.scale.breaks.length) notes.push([say("A double stroke on the time axis marks a long pause that is cut out.")]);
  if (known.before.size) notes.push([sayCount(known.before.size, "1 share without an arrow was sent by somebody who had sent the text before.", "{n} shares without an arrow were sent by people who had sent the text before.")]);
  if (known.unplaced) notes.push([sayCount(known.unplaced, "1 arrow is not drawn: the likeliest source has no time or is a share of another text.", "{n} arrows are not drawn: the likeliest source has no time or is a share of another text.")]);
  const untimed = known.all.length - known.timed.length;
  if (untimed) notes.push([sayCount(untimed, "1 share has no time and stands in the table only.", "{n} shares have no time and stand in the table only.")]);
  const outside = Array.from({ length: events.n }, (_, k) => k).filter((k) => plan.days.every((day) => day.k !== k));
  for (const k of outside) {
    const early = events.at[k] < plan.scale.from;
    const lag = lagText(early ? shares.at[known.timed[0]] - events.to[k] : events.at[k] - shares.at[known.timed[known.timed.length - 1]]);
    notes.push([events.date[k], " ", bdi(events.label[k]), ": ", early ? say("the day ends {lag} before the first share drawn.", { lag }) : say("the day begins {lag} after the last share drawn.", { lag })]);
  }
  notes.push([say("Where somebody sent a text into several chats at once, that is one decision with one set of candidates, drawn for each share.")]);
  if (plan.days.length) notes.unshift([eventNote(say("Days passed by the user, not evidence; shaded from midnight to midnight in the time zone of the case:"), (k) => plan.days.some((day) => day.k === k))]);
  return el("ul", { class: "cascade-notes" }, notes.map((note) => el("li", {}, note.flat())));
}

// A canvas keeps the colours that it was drawn in.
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { if (currentView === "cascade") showView(currentView); });
