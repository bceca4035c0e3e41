// The page's own words, numbers and times; and foreign text made safe to show, to clip and to search.

// ---------------------------------------------------------------------------------------------------- words and numbers

const RIGHT_TO_LEFT_PAGE = document.documentElement.dir === "rtl";
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/u;

/** Return the page's words for an English sentence, with {names} filled in, each cut off from the direction around it. */
function say(english, values = {}) {
  const words = CATALOGUE[english] ?? english;
  return words.replace(/\{(\w+)\}/g, (whole, name) => {
    if (!(name in values)) return whole;
    const value = String(values[name]);
    return RIGHT_TO_LEFT_PAGE || RIGHT_TO_LEFT.test(value) ? `\u2068${value}\u2069` : value;
  });
}

/** Return the singular or the plural, with {n} filled in. */
function sayCount(n, one, many) {
  return say(n === 1 ? one : many, { n: count(n) });
}

const NUMBERS = new Intl.NumberFormat("en-GB"); // made once: making one takes far longer than using it

function count(n) {
  return n === null || n === undefined ? "-" : NUMBERS.format(n);
}

function pad(n) {
  return String(n).padStart(2, "0");
}

function dayText(day) {
  return day === null ? say("no date") : new Date(day * 86400000).toISOString().slice(0, 10);
}

/** Return a moment as ISO date and time, UTC; seconds only where there are any. */
function timeText(seconds) {
  if (seconds === null || seconds === undefined) return say("no time");
  const whole = new Date(seconds * 1000).toISOString();
  return `${whole.slice(0, 10)} ${whole.slice(11, seconds % 60 ? 19 : 16)}`;
}

function lagText(seconds) {
  if (seconds === null || seconds === undefined) return "-";
  const s = Math.abs(seconds);
  if (s < 90) return say("{n} s", { n: Math.round(s) });
  if (s < 5400) return say("{n} min", { n: Math.round(s / 60) });
  if (s < 172800) return say("{n} h", { n: (s / 3600).toFixed(1) });
  return say("{n} days", { n: (s / 86400).toFixed(1) });
}

/** Return a probability with two digits, never as certainty. */
function probText(p) {
  if (p === null || p === undefined) return "-";
  return p >= 0.995 ? say("over 0.99") : p < 0.005 ? say("under 0.01") : p.toFixed(2);
}

/** Return a p or q value with three digits that count. */
function chanceText(p) {
  return p === null || p === undefined ? "-" : p < 0.001 ? p.toExponential(1) : p.toPrecision(2);
}

// ---------------------------------------------------------------------------------------------------- foreign text

const CODES = {
  0x00: "NUL", 0x07: "BEL", 0x08: "BS", 0x0d: "CR", 0x1b: "ESC", 0x7f: "DEL", 0x2028: "LS", 0x2029: "PS",
  0x202a: "LRE", 0x202b: "RLE", 0x202c: "PDF", 0x202d: "LRO", 0x202e: "RLO",
  0x2066: "LRI", 0x2067: "RLI", 0x2068: "FSI", 0x2069: "PDI",
};
const HIDDEN = {
  0x200b: "ZWSP", 0x200c: "ZWNJ", 0x200d: "ZWJ", 0x200e: "LRM", 0x200f: "RLM", 0x061c: "ALM", 0x2060: "WJ", 0xfeff: "BOM",
  0x00a0: "NBSP", 0x00ad: "SHY", 0x202f: "NNBSP",
};
const DANGEROUS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\u00a0\u202f\u2800]/gu;

function spellMark(mark) {
  const code = mark.codePointAt(0);
  return `[${CODES[code] ?? HIDDEN[code] ?? `U+${code.toString(16).toUpperCase().padStart(4, "0")}`}]`;
}

/** Return a text with the characters spelled out that reorder or hide what is read; on request all that do not show. */
function shown(text, { hidden = false } = {}) {
  const safe = String(text).replace(DANGEROUS, spellMark);
  return hidden ? safe.replace(INVISIBLE, spellMark) : safe;
}

/** Return a sentence of ours with names in it: as `shown`, but the marks stay that keep the names' directions apart. */
function shownTitle(text) {
  return String(text).replace(DANGEROUS, (mark) => (mark === "\u2068" || mark === "\u2069" ? mark : spellMark(mark)));
}

/** Return a text for SVG and canvas: spelled out, on one line, and cut off from the direction of its surroundings. */
function isolate(text) {
  return `\u2068${shown(text).replace(/\s+/gu, " ")}\u2069`;
}

const SEGMENTS = "Segmenter" in Intl ? new Intl.Segmenter("und", { granularity: "grapheme" }) : null;

/** Return at most n letters of a text, as people count letters; marks piled on one letter count, too, from some on. */
function clip(text, n) {
  const words = String(text).slice(0, n * 40).replace(/\s+/gu, " ");
  let kept = "";
  let letters = 0;
  for (const letter of SEGMENTS ? SEGMENTS.segment(words) : words) {
    const next = letter.segment ?? letter;
    if (letters === n || kept.length + next.length > n * 4) return `${kept}…`;
    kept += next;
    letters += 1;
  }
  return words.length < String(text).length && kept.length >= n * 4 ? `${kept}…` : kept;
}

const MARKS = /\p{Default_Ignorable_Code_Point}/gu;

/** Return a text as it is searched: without capitals, forms of letters and invisible marks. */
function fold(text) {
  return text.normalize("NFKC").replace(MARKS, "").toLowerCase().replace(/\s+/gu, " ");
}
