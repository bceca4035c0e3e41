// Choosing bars of the timeline, by keys and by pointer.

/** Show a stretch of days in the reader, and go on there. */
function timelineRead(day, step) {
  if (step === 1 && typeof openDay === "function") openDay(day);
  else {
    currentView = "reader";
    selection.set({ from: day * 86400, to: (day + step) * 86400 });
  }
  document.querySelector("#view-panel .reader-scroll")?.focus();
}

/** Go along the bars; with Shift, hold a stretch of them, which Enter chooses. */
function timelineKey(event, group, bins) {
  const bars = [...group.querySelectorAll("[role=button]")];
  const at = bars.indexOf(event.target);
  if (at < 0) return;
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    timeline.focus = { panel: group.dataset.panel, bin: event.target.dataset.bin };
    if (timeline.held) timelineChoose(bins);
    else event.target.dispatchEvent(new MouseEvent("click"));
    return;
  }
  if (event.key === "Escape" && timeline.held) event.stopPropagation();
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: bars.length - 1 }[event.key];
  if (event.key !== "Shift") timelineHold(to !== undefined && event.shiftKey && bars[to] ? { from: timeline.held?.from ?? Number(bars[at].dataset.bin), to: Number(bars[to].dataset.bin) } : null);
  if (to === undefined || !bars[to]) return;
  event.preventDefault();
  bars[at].setAttribute("tabindex", "-1");
  bars[to].setAttribute("tabindex", "0");
  bars[to].focus();
}

function timelineHold(held) {
  timeline.held = held;
  timeline.showHeld?.(held);
}

/** Choose the held stretch in all views. */
function timelineChoose(bins) {
  const [a, b] = [timeline.held.from, timeline.held.to].sort((one, other) => one - other);
  timeline.held = null;
  selection.set({ from: bins.list[a].day * 86400, to: (bins.list[b].day + bins.step) * 86400 });
}

/** Let the pointer draw over the bars to choose a stretch of time. */
function timelineBrush({ bins, node, x, tops, foot, scale }) {
  const band = svg("rect", { y: tops.all, height: foot - tops.all, class: "timeline-held", visibility: "hidden" });
  node.append(band);
  timeline.held = null;
  timeline.showHeld = (held) => {
    band.setAttribute("visibility", held ? "visible" : "hidden");
    if (!held) return;
    const [a, b] = [held.from, held.to].sort((one, other) => one - other);
    fill(band, { x: x(a), width: x(b + 1) - x(a) }, []);
  };
  const binAt = (event) => {
    const left = event.clientX - node.getBoundingClientRect().left;
    return Math.min(bins.list.length - 1, Math.max(0, Math.floor((left - x(0)) / (x(1) - x(0)))));
  };
  let start = null;
  node.addEventListener("pointerdown", (event) => { if (event.button === 0 && event.isPrimary) start = event; });
  node.addEventListener("pointermove", (event) => {
    if (!start || Math.abs(event.clientX - start.clientX) < 6) return;
    node.setPointerCapture(event.pointerId); // from here on, no bar is clicked
    timelineHold({ from: binAt(start), to: binAt(event) });
  });
  node.addEventListener("pointerup", () => {
    const drawn = start && timeline.held;
    start = null;
    if (drawn) timelineChoose(bins);
  });
  node.addEventListener("pointercancel", () => { start = null; timelineHold(null); });
}

/** Draw the chart anew when it gets room or loses it, as when the drawer opens; the bar that opened it keeps the focus. */
function timelineFit(box, bins, room) {
  let drawn = room;
  const watch = new ResizeObserver(() => {
    const now = Math.max(300, box.clientWidth - 24);
    if (!box.isConnected) watch.disconnect();
    if (!box.isConnected || Math.abs(now - drawn) < 8) return;
    drawn = now;
    const drawer = document.getElementById("drawer");
    const free = document.activeElement === document.body || box.contains(document.activeElement) || (drawer.hidden && drawer.contains(document.activeElement));
    box.querySelector("svg.timeline").replaceWith(timelineChart(bins, now));
    timeline.focus = free ? timeline.last ?? null : null;
    timelineRefocus(box);
  });
  watch.observe(box);
}

/** Put the focus back where it was before the view was drawn anew. */
function timelineRefocus(box) {
  if (!timeline.focus) return;
  const { panel, bin } = timeline.focus;
  timeline.focus = null;
  const group = box.querySelector(`[data-panel="${panel}"]`);
  const bar = group?.querySelector(`[data-bin="${bin}"]`) ?? group?.querySelector("[role=button]");
  if (!bar) return;
  group.querySelector("[tabindex='0']")?.setAttribute("tabindex", "-1");
  bar.setAttribute("tabindex", "0");
  bar.focus();
}
