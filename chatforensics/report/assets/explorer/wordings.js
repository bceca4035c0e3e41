// How one text changed: its wordings as a tree, each under the nearest earlier one, with what was added and dropped.

const WORDINGS = { page: 60, fold: 420, foldRoot: 3000, beside: 70, wide: 170 };
const wordingsWhole = new Set(); // wordings whose long text the reader unfolded
let wordingsHidden = false;
let wordingsPair = null; // {family, one, other}: the two side by side
const wordingsKnown = new Map(); // family -> the tree

/** Return a text's wordings from the top of the tree down, with depth and the rails that lead to each. */
function knowWordings(family) {
  if (wordingsKnown.has(family)) return wordingsKnown.get(family);
  const { variants, changes } = DATA;
  const all = Array.from({ length: variants.n }, (_, i) => i).filter((i) => variants.family[i] === family);
  const below = new Map(all.map((i) => [i, []]));
  const roots = all.filter((i) => !below.has(variants.parent[i]));
  for (const i of all) below.get(variants.parent[i])?.push(i);
  const rows = [];
  const waiting = roots.map((variant) => ({ variant, rails: [] })).reverse();
  while (waiting.length) {
    const row = waiting.pop();
    rows.push(row);
    const children = below.get(row.variant);
    waiting.push(...children.map((variant, k) => ({ variant, rails: [...row.rails, k < children.length - 1] })).reverse());
  }
  const own = new Map(all.map((i) => [i, []]));
  for (let k = 0; k < changes.n; k += 1) own.get(changes.variant[k])?.push(k);
  const above = new Set(all.filter((i) => below.get(i).length));
  const known = { family, all, rows, above, changes: own, deepest: Math.max(0, ...rows.map((row) => row.rails.length)) };
  wordingsKnown.set(family, known);
  return known;
}

function changesOf(known, variant) {
  const { changes } = DATA;
  return known.changes.get(variant).map((k) => ({ start: changes.start[k], end: changes.end[k], text: changes.text[k],
    parentStart: changes.parent_start[k], parentEnd: changes.parent_end[k], parentText: changes.parent_text[k] }));
}

/** Return one part as a node: added underlined, dropped struck, and both said in words to who does not see them. */
function partNode(part) {
  if (part.change === "same") return shown(part.text, { hidden: wordingsHidden });
  const sr = (words) => el("span", { class: "sr", dir: "ltr" }, ` ${words} `);
  if (part.change === "dropped") return el("del", {}, sr(say("dropped:")), spellChange(part.text), sr(say("end.")));
  let end = part.text.length;
  while (part.text[end - 1] === "\n") end -= 1;
  const [body, tail] = [part.text.slice(0, end), part.text.slice(end)]; // the text goes on below a break that was added at the end
  return [el("ins", {}, sr(say("added:")), spellChange(body, "↵\n"), "↵".repeat(tail.length), sr(say("end."))), tail];
}

function isBeyond(known, variant) {
  if (!selection.people.size && !selection.chats.size && selection.from === null && selection.to === null) return false;
  return !knowFamily(known.family).all.some((i) => DATA.shares.variant[i] === variant && shareIn(i));
}

// ---------------------------------------------------------------------------------------------------- the tree

function wordingItem(known, { variant, rails }, step, redraw) {
  const beyond = isBeyond(known, variant);
  const item = el("li", { class: beyond ? "wording beyond" : "wording", "data-variant": variant },
    rails.map((goesOn, k) => (goesOn ? railNode(k, step, "on") : null)),
    rails.length ? railNode(rails.length - 1, step, "elbow") : null,
    known.above.has(variant) ? railNode(rails.length, step, "stem") : null,
    wordingHead(known, variant, beyond),
    wordingText(known, variant, redraw),
  );
  item.style.paddingInlineStart = `${rails.length * step + 4}px`;
  return item;
}

function railNode(k, step, kind) {
  const rail = el("span", { class: `rail ${kind}`, "aria-hidden": "true" });
  rail.style.insetInlineStart = `${k * step + 10}px`;
  rail.style.width = `${Math.max(4, step - 8)}px`;
  return rail;
}

function wordingHead(known, variant, beyond) {
  const { variants } = DATA;
  const look = knowFamily(known.family).look.get(variant) ?? -1;
  const letter = variants.name[variant];
  const rows = variants.rows[variant];
  const parent = variants.parent[variant];
  const facts = [variants.first[variant] === null ? say("no time") : say("first {at} UTC", { at: timeText(variants.first[variant]) })];
  if (parent >= 0) facts.push(say("nearest earlier wording: {letter}", { letter: variants.name[parent] }), sayCount(variants.edits[variant] ?? 0, "1 word, emoji or line break differs", "{n} words, emoji or line breaks differ"));
  else facts.push(variant === known.all[0] ? say("earliest wording in the evidence") : say("near to no earlier wording in the evidence"));
  if (beyond) facts.push(say("outside the selection"));
  return el("div", { class: "wording-head" },
    svg("svg", { width: 18, height: 18, viewBox: "-9 -9 18 18", "aria-hidden": "true" }, svg("path", { d: wordingShape(look), fill: colour(look), class: "cascade-mark" })),
    el("strong", {}, say("Wording {letter}", { letter })),
    button(sayCount(variants.n_messages[variant], "1 message", "{n} messages"), () => openMessages(rows, say("Wording {letter} of {text}", { letter, text: familyName(known.family) })),
      { "aria-label": say("Open the messages of wording {letter}", { letter }), disabled: !rows.length }),
    facts.map((fact) => el("span", { class: "fact" }, fact)),
    parent >= 0 ? button(say("Beside {letter}", { letter: variants.name[parent] }), () => compareWordings(known, parent, variant), { class: "slight", "aria-label": say("Show wording {letter} beside {parent}", { letter, parent: variants.name[parent] }) }) : null,
  );
}

/** Return the words: the first wording in full, a later one with its changes and, where it is long, what stands beside them. */
function wordingText(known, variant, redraw) {
  const { variants } = DATA;
  const parent = variants.parent[variant];
  const text = variants.text[variant] ?? "";
  const { parts, more } = parent >= 0 ? partsOfWording(text, variants.text[parent] ?? "", changesOf(known, variant)) : { parts: [{ change: "same", text }], more: false };
  const long = text.length > (parent >= 0 ? WORDINGS.fold : WORDINGS.foldRoot);
  const open = wordingsWhole.has(variant);
  const { parts: short, cut } = !long || open ? { parts, cut: false } : parent >= 0 ? shortenParts(parts, WORDINGS.beside) : { parts: [{ change: "same", text: `${clip(text, 1500)}` }], cut: true };
  const letter = variants.name[variant];
  return el("div", { class: "wording-text" },
    el("p", { class: "words", dir: directionOf(text) }, short.flatMap(partNode)),
    cut || (long && open) ? button(open ? say("Fold") : say("Whole text"), () => {
      if (!wordingsWhole.delete(variant)) wordingsWhole.add(variant);
      redraw(variant);
    }, { class: "slight wording-fold", "aria-expanded": String(open), "aria-label": open ? say("Fold the text of wording {letter}", { letter }) : say("Show the whole text of wording {letter}", { letter }) }) : null,
    more ? el("p", { class: "quiet" }, say("Also differs in capitals, punctuation, emphasis or spacing, which the tables do not count; side by side shows where.")) : null,
  );
}

function drawTree(box, known, width) {
  const step = Math.min(width < 620 ? 14 : 26, (width < 620 ? 70 : WORDINGS.wide) / Math.max(1, known.deepest));
  const list = el("ol", { class: "wordings" });
  const redraw = (variant) => {
    const row = known.rows.find((each) => each.variant === variant);
    list.querySelector(`[data-variant="${variant}"]`).replaceWith(wordingItem(known, row, step, redraw));
    list.querySelector(`[data-variant="${variant}"] .wording-fold`)?.focus();
  };
  const more = el("p", { class: "pager" });
  let shownRows = 0;
  const grow = () => {
    const next = known.rows.slice(shownRows, shownRows + WORDINGS.page);
    list.append(...next.map((row) => wordingItem(known, row, step, redraw)));
    const first = next[0];
    if (shownRows && first) list.querySelector(`[data-variant="${first.variant}"] button`).focus();
    shownRows += next.length;
    const left = known.rows.length - shownRows;
    more.replaceChildren(...left ? [button(sayCount(Math.min(left, WORDINGS.page), "Show 1 more wording", "Show {n} more wordings"), grow), ` ${say("{n} of {total} are shown.", { n: count(shownRows), total: count(known.rows.length) })}`] : []);
  };
  grow();
  box.replaceChildren(list, more);
}

// ---------------------------------------------------------------------------------------------------- two side by side

function pairOf(known) {
  if (wordingsPair?.family === known.family) return wordingsPair;
  const [one] = known.all;
  const [other] = [...known.all].filter((i) => i !== one).sort((a, b) => DATA.variants.n_messages[b] - DATA.variants.n_messages[a] || a - b);
  return { family: known.family, one, other, open: false };
}

function compareWordings(known, one, other) {
  wordingsPair = { family: known.family, one, other, open: true };
  const box = document.querySelector("#view-panel .wordings-pair");
  drawPair(box, known);
  box.scrollIntoView({ block: "nearest" });
  box.querySelector("select").focus({ preventScroll: true });
}

/** Show any two wordings beside each other with all that differs, capitals and characters that do not show included. */
function drawPair(box, known) {
  const { variants } = DATA;
  const pair = pairOf(known);
  const options = known.all.map((i) => ({ value: i, label: `${variants.name[i]} (${count(variants.n_messages[i])}): ${clip(variants.text[i] ?? "", 34)}` }));
  const pick = (side) => choose(side === "one" ? say("Compare wording") : say("with wording"), options, pair[side], (value) => {
    wordingsPair = { ...pair, [side]: Number(value), open: true };
    drawPair(box, known);
    box.querySelectorAll("select")[side === "one" ? 0 : 1].focus();
  });
  const parts = differTexts(variants.text[pair.one] ?? "", variants.text[pair.other] ?? "");
  const column = (variant, left) => el("div", {},
    el("h3", {}, say("Wording {letter}", { letter: variants.name[variant] })),
    el("p", { class: "quiet" }, `${sayCount(variants.n_messages[variant], "1 message", "{n} messages")}, ${say("first {at} UTC", { at: timeText(variants.first[variant]) })}`),
    el("p", { class: "words", dir: directionOf(variants.text[variant] ?? "") }, parts.filter((part) => part.change !== left).flatMap(partNode)));
  const n = parts.filter((part, k) => part.change === "dropped" || (part.change === "added" && parts[k - 1]?.change !== "dropped")).length;
  const details = el("details", { open: pair.open, ontoggle: () => { wordingsPair = { ...pairOf(known), open: details.open }; } },
    el("summary", {}, say("Any two wordings side by side")),
    el("div", { class: "tools" }, pick("one"), pick("other")),
    el("p", { class: "quiet", role: "status" }, sayCount(n, "They differ in 1 place; capitals, punctuation, spaces and characters that do not show count here.", "They differ in {n} places; capitals, punctuation, spaces and characters that do not show count here.")),
    el("div", { class: "wordings-columns" }, column(pair.one, "added"), column(pair.other, "dropped")));
  box.replaceChildren(details);
}

// ---------------------------------------------------------------------------------------------------- the view

registerView({
  key: "wordings",
  title: say("How the words changed"),
  shows: say("The wordings of one text in the evidence, each below the nearest wording that was not sent later; what was added is underlined, what was dropped is struck through."),
  cannot: say("Cannot show who copied whom: a wording between two may be missing from the evidence, and two people may make the same change."),
  render(box, width) {
    if (!DATA.families.n) {
      box.append(el("p", { class: "quiet" }, say("No text is followed in this case.")));
      return null;
    }
    const known = knowWordings(shownFamily());
    const tree = el("div", {});
    const pair = el("div", { class: "wordings-pair" });
    const toggle = el("input", { type: "checkbox", checked: wordingsHidden, onchange: () => {
      wordingsHidden = toggle.checked;
      drawTree(tree, known, width);
      if (known.all.length > 1) drawPair(pair, known);
    } });
    box.append(
      el("div", { class: "tools" }, chooseFamily(), el("label", { class: "wordings-box" }, toggle, say("Spell out characters that do not show"))),
      el("ul", { class: "legend" }, el("li", {}, el("ins", {}, say("added"))), el("li", {}, el("del", {}, say("dropped"))), el("li", {}, el("del", {}, say("old")), el("ins", {}, say("new")), ` ${say("replaced")}`)),
      tree, pair);
    drawTree(tree, known, width);
    if (known.all.length > 1) drawPair(pair, known);
    else tree.append(el("p", { class: "quiet" }, say("The evidence has this text in one wording only.")));
    return wordingsTwin(known);
  },
});

function wordingsTwin(known) {
  const { variants, changes } = DATA;
  const rows = known.rows.flatMap((row) => known.changes.get(row.variant));
  const kinds = { added: say("added"), dropped: say("dropped"), replaced: say("replaced") };
  const cells = [
    (k) => variants.name[changes.variant[k]], (k) => variants.name[variants.parent[changes.variant[k]]] ?? "-", (k) => kinds[changes.change[k]] ?? changes.change[k],
    (k) => spellChange(changes.parent_text[k] ?? "") || "-", (k) => spellChange(changes.text[k] ?? "") || "-", (k) => timeText(variants.first[changes.variant[k]]),
  ];
  const names = [say("Wording"), say("Nearest earlier wording"), say("Change"), say("There"), say("Here"), say("First sent (UTC)")];
  return {
    caption: say("Changes between the wordings of {text}", { text: familyName(known.family) }), columns: names.map((name) => ({ name, number: false })),
    n: rows.length, cell: (i, c) => cells[c](rows[i]), rows: (i) => variants.rows[changes.variant[rows[i]]],
  };
}
