// Ticks: which messages somebody chose. A page by itself saves them as a list; a served one keeps each in the case.

const ticked = new Set(); // message ids, in the order of ticking
let ticksSaved = true;

function startTicks() {
  setTicks(SOURCE.ticked);
  SOURCE.onTicked?.(setTicks);
  window.addEventListener("beforeunload", (event) => { if (!ticksSaved) event.preventDefault(); });
}

/** Take these ids for what is ticked, and show it wherever a message is drawn. */
function setTicks(ids) {
  ticked.clear();
  for (const id of ids) ticked.add(id);
  for (const box of document.querySelectorAll("#explorer .tick input")) box.checked = box.ids.some((id) => ticked.has(id));
  showTicks();
}

function tickBox(message) {
  const box = el("input", { type: "checkbox", onchange: () => tick(box) });
  box.ids = [message.id, ...message.copies.map((copy) => copy.id)];
  box.checked = box.ids.some((id) => ticked.has(id));
  return box;
}

/** Tick a message, or take its tick away. A list holds its copies in other exports, too; a case finds them by itself. */
async function tick(box) {
  const before = box.ids.filter((id) => ticked.has(id));
  const on = box.checked;
  const ids = on && SOURCE.tick ? box.ids.slice(0, 1) : box.ids;
  changeTicks(ids, on);
  if (!SOURCE.tick) {
    ticksSaved = !ticked.size;
    return;
  }
  try {
    await SOURCE.tick(ids, on);
  } catch (error) {
    changeTicks(ids, false);
    changeTicks(before, true);
    tellNotice(say("The tick was not kept: {why}", { why: error.message }));
  }
}

function changeTicks(ids, on) {
  const now = new Set(ticked);
  for (const id of ids) {
    if (on) now.add(id);
    else now.delete(id);
  }
  setTicks(now);
}

function showTicks() {
  const bar = document.getElementById("ticks");
  if (!ticked.size) bar.replaceChildren(el("span", { class: "quiet" }, say("No message ticked.")));
  else bar.replaceChildren(...(SOURCE.tick ? keptTicks() : looseTicks()));
}

/** Return how many messages are ticked in the case, and what can be done with them. */
function keptTicks() {
  return [
    el("strong", {}, sayCount(ticked.size, "1 message ticked", "{n} messages ticked")),
    el("a", { href: SOURCE.bundle }, say("Make a package of them")),
    el("span", { class: "quiet" }, say("The ticks are kept in the case: the list and the search have the same. Copies in other exports go into a package by themselves.")),
  ];
}

/** Return how many records are ticked that nothing keeps, and what can be done with them. */
function looseTicks() {
  const untick = () => {
    ticksSaved = true;
    setTicks([]);
  };
  return [
    el("strong", {}, sayCount(ticked.size, "1 record ticked", "{n} records ticked")),
    button(say("Save the list"), saveTicks),
    button(say("Untick all"), untick),
    el("span", { class: "quiet" }, say("For the command bundle, option --messages. The ticks are kept nowhere else: save them before you close the page.")),
  ];
}

/** Save the ids of the ticked messages, one a line, copies in other exports included. */
function saveTicks() {
  ticksSaved = true;
  const lines = [...ticked].sort((a, b) => a - b).join("\n");
  const address = URL.createObjectURL(new Blob([`${lines}\n`], { type: "text/plain" }));
  const link = el("a", { href: address, download: "messages.txt" });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}
