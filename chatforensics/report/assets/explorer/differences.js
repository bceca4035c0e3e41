// What differs between two wordings: from the tables, or letter by letter for any two. Nothing here knows of the page.

const PIECES = /\p{RI}{2}|\p{Extended_Pictographic}[\p{Emoji_Modifier}\ufe0f]*(?:\u200d\p{Extended_Pictographic}[\p{Emoji_Modifier}\ufe0f]*)*|[\p{L}\p{N}][\p{L}\p{M}\p{N}\u200c\u200d\u00ad]*|[^]/gu;
const EMOJI = /(\p{Extended_Pictographic}[\p{Emoji_Modifier}\ufe0f]*(?:\u200d\p{Extended_Pictographic}[\p{Emoji_Modifier}\ufe0f]*)+)/u;
const MOST_CELLS = 4_000_000;

/** Return the parts of two texts in order: the same, dropped from the first, added in the second. */
function differTexts(one, other) {
  const [a, b] = [one.match(PIECES) ?? [], other.match(PIECES) ?? []];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let tail = 0;
  while (tail < a.length - start && tail < b.length - start && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1;
  const middle = differPieces(a.slice(start, a.length - tail), b.slice(start, b.length - tail));
  const same = (pieces) => ({ change: "same", text: pieces.join("") });
  return joinParts([same(a.slice(0, start)), ...middle, same(a.slice(a.length - tail))]);
}

/** Return the parts by the longest common sequence; of texts too long for that, lines are compared, else all has changed. */
function differPieces(a, b) {
  if ((a.length + 1) * (b.length + 1) > MOST_CELLS) {
    const [x, y] = [a, b].map((pieces) => pieces.join("").match(/[^\n]*\n|[^\n]+/gu) ?? []);
    if ((x.length + 1) * (y.length + 1) <= MOST_CELLS && (x.length > 1 || y.length > 1)) return differPieces(x, y);
    return [{ change: "dropped", text: a.join("") }, { change: "added", text: b.join("") }];
  }
  const wide = b.length + 1;
  const long = new Uint16Array((a.length + 1) * wide);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      long[i * wide + j] = a[i] === b[j] ? long[(i + 1) * wide + j + 1] + 1 : Math.max(long[(i + 1) * wide + j], long[i * wide + j + 1]);
    }
  }
  const parts = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) [i, j] = [i + 1, parts.push({ change: "same", text: b[j] }) && j + 1];
    else if (i < a.length && (j === b.length || long[(i + 1) * wide + j] >= long[i * wide + j + 1])) parts.push({ change: "dropped", text: a[i++] });
    else parts.push({ change: "added", text: b[j++] });
  }
  return parts;
}

/** Return the parts with neighbours joined: what was dropped before what was added, single spaces between changes inside them. */
function joinParts(parts) {
  const joined = [];
  let [dropped, added] = ["", ""];
  const close = () => {
    if (dropped) joined.push({ change: "dropped", text: dropped });
    if (added) joined.push({ change: "added", text: added });
    [dropped, added] = ["", ""];
  };
  parts.forEach((part, k) => {
    if (part.change === "dropped") dropped += part.text;
    else if (part.change === "added") added += part.text;
    else if (part.text === " " && dropped && added && parts[k + 1] && parts[k + 1].change !== "same") [dropped, added] = [`${dropped} `, `${added} `];
    else if (part.text) {
      close();
      const last = joined[joined.length - 1];
      if (last?.change === "same") last.text += part.text;
      else joined.push({ ...part });
    }
  });
  close();
  return joined;
}

function withoutHidden(text) {
  return text.replace(/[\u00a0\u202f]/gu, " ").replace(INVISIBLE, "").replace(DANGEROUS, (sign) => (/[\u202a-\u202e\u2066-\u2069]/u.test(sign) ? "" : sign));
}

/** Return the parts of two texts that the tables hold for equal, with only what does not show marked; and whether more differs. */
function differHidden(one, other) {
  if (one === other) return { parts: [{ change: "same", text: other }], more: false };
  const parts = differTexts(one, other);
  let more = false;
  const kept = parts.flatMap((part, k) => {
    if (part.change === "same") return [part];
    const paired = part.change === "dropped" ? parts[k + 1]?.change === "added" && parts[k + 1] : parts[k - 1]?.change === "dropped" && parts[k - 1];
    if (withoutHidden(part.text) === withoutHidden(paired ? paired.text : "")) return [part];
    more = true;
    return part.change === "added" ? [{ change: "same", text: part.text }] : [];
  });
  return { parts: joinParts(kept), more };
}

/** Return a wording in parts against the one it is nearest to, by the tables' changes (spans in code points). */
function partsOfWording(text, parentText, changes) {
  const [own, before] = [Array.from(text), Array.from(parentText)];
  const parts = [];
  let [at, parentAt, more] = [0, 0, false];
  const keep = (end, parentEnd) => {
    const stretch = differHidden(before.slice(parentAt, parentEnd).join(""), own.slice(at, end).join(""));
    parts.push(...stretch.parts);
    more ||= stretch.more;
  };
  for (const change of changes) {
    keep(change.start, change.parentStart);
    parts.push({ change: "dropped", text: change.parentText ?? "" }, { change: "added", text: change.text ?? "" });
    [at, parentAt] = [change.end, change.parentEnd];
  }
  keep(own.length, before.length);
  return { parts: joinParts(parts), more };
}

/** Return a changed part as it is read: what does not show is spelled out, for it may be the change; emoji stay whole. */
function spellChange(text, lineBreak = "↵") {
  if (/^[^\S\n]+$/u.test(text) && !text.match(INVISIBLE)) return "␣".repeat(text.length);
  return text.split(EMOJI).map((piece, k) => (k % 2 ? piece : shown(piece, { hidden: true }).replace(/\n/gu, lineBreak))).join("");
}

const FIRST_LETTER_RTL = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** Return the direction of a text by its first letter, as the page's own rule has it; dropped words have no say in it. */
function directionOf(text) {
  return FIRST_LETTER_RTL.test(/\p{L}/u.exec(text)?.[0] ?? "") ? "rtl" : "ltr";
}

/** Return the parts with long unchanged stretches shortened to what stands beside the changes. */
function shortenParts(parts, room) {
  let cut = false;
  const short = parts.map((part, k) => {
    const letters = Array.from(part.text);
    if (part.change !== "same" || letters.length <= 2.5 * room) return part;
    cut = true;
    const before = k ? letters.slice(0, room).join("").replace(/\S*$/u, "") : "";
    const after = k < parts.length - 1 ? letters.slice(-room).join("").replace(/^\S*/u, "") : "";
    const turn = letters.slice(room, -room).includes("\n") ? "\n" : " ";
    return { change: "same", text: `${before.trimEnd()}${k ? " " : ""}…${after ? turn : ""}${after.trimStart()}` };
  });
  return { parts: short, cut };
}
