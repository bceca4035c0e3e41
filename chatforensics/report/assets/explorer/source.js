// Where the views' data come from: from inside the page, or from the program that serves it.

/** The page by itself: everything lies in it, compressed, and ticks are kept nowhere else. */
const INSIDE = {
  tables: () => unpack(document.getElementById("tables").textContent),
  chunk: (number) => unpack(document.getElementById(`messages-${number}`).textContent),
  ticked: [],
};

// A served page says so in an element of its own, and its script, which runs before this one, has put the rest there:
//   tables(), chunk(number)        as above
//   search({words, chat, people, from, to, flagged, status})  -> the rows of what is asked, in their order, by ids and days
//   row(id)                        -> the row of a message or of one of its copies, or null
//   ticked, tick(ids, on)          the ids ticked in the case; and to tick some, which gives the ids ticked then
//   onTicked(act)                  to be told of ticks made elsewhere
//   message(id), bundle            addresses: of a message by itself, and of the page where ticks become a package
const SOURCE = document.getElementById("served") ? globalThis.servedSource : INSIDE;

async function unpack(base64) {
  const bytes = "fromBase64" in Uint8Array ? Uint8Array.fromBase64(base64) : Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

const CHUNKS = new Map(); // number -> promise of columns; the oldest go first
const CHUNKS_KEPT = 80;

function getChunk(number) {
  let found = CHUNKS.get(number);
  if (found) CHUNKS.delete(number);
  else found = askChunk(number);
  CHUNKS.set(number, found);
  if (CHUNKS.size > CHUNKS_KEPT) CHUNKS.delete(CHUNKS.keys().next().value);
  return found;
}

/** Return a chunk; one that did not come is asked for anew the next time. */
function askChunk(number) {
  const asked = SOURCE.chunk(number);
  asked.catch(() => { if (CHUNKS.get(number) === asked) CHUNKS.delete(number); });
  return asked;
}
