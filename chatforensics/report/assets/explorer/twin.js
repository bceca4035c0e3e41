// The table twin of a chart: the same marks as rows, for the keyboard, for screen readers and for whoever likes numbers.

const TWIN_PAGE = 25;

function drawTwin(twin) {
  const body = el("tbody");
  const where = el("span", { role: "status" });
  let from = 0;
  const table = el("table", {},
    el("caption", {}, twin.caption),
    el("thead", {}, el("tr", {}, twin.columns.map((column) => el("th", { scope: "col", class: column.number ? "num" : null }, column.name)),
      el("th", { scope: "col" }, say("Messages")))),
    body);
  const move = (step) => { from = Math.min(Math.max(0, from + step), Math.max(0, twin.n - 1)); show(); };
  const back = button(say("Previous rows"), () => move(-TWIN_PAGE));
  const forth = button(say("Next rows"), () => move(TWIN_PAGE));
  function show() {
    const to = Math.min(from + TWIN_PAGE, twin.n);
    body.replaceChildren(...Array.from({ length: to - from }, (_, k) => twinRow(twin, from + k)));
    where.textContent = twin.n ? say("Rows {from} to {to} of {n}", { from: count(from + 1), to: count(to), n: count(twin.n) }) : say("No rows");
    back.disabled = from === 0;
    forth.disabled = to >= twin.n;
  }
  show();
  const scroll = el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": twin.caption }, table);
  return el("div", { class: "twin" }, scroll, twin.n > TWIN_PAGE ? el("p", { class: "pager" }, back, " ", forth, " ", where) : el("p", { class: "pager quiet" }, where));
}

function twinRow(twin, i) {
  const cells = twin.columns.map((column, c) => {
    const value = twin.cell(i, c);
    const inside = value instanceof Node ? value : column.number ? String(value ?? "-") : el("bdi", { dir: "auto" }, shownTitle(value ?? "-"));
    return c === 0 ? el("th", { scope: "row", class: column.number ? "num" : null }, inside) : el("td", { class: column.number ? "num" : null }, inside);
  });
  const rows = twin.rows(i);
  const open = rows.length
    ? button(say("Open {n}", { n: count(rows.length) }), () => openMessages(rows, el("span", {}, twin.caption, ": ", bdi(cells[0].textContent))), { "aria-label": say("Open the messages of {what}", { what: cells[0].textContent }) })
    : el("span", { class: "quiet" }, say("none"));
  return el("tr", {}, cells, el("td", {}, open));
}
