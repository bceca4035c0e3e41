"""Measure the page's graphs: layout, first drawing and moving, with 10 to 5,000 people, in Chromium.

    python benchmarks/graph_view.py [--chromium /usr/bin/chromium] [--keep DIR]

The people, texts and chats are invented, and so is who had what from whom. Needs playwright and a Chromium.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from chatforensics.report.explorer.forces import place_network

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests"))
from report.explorer.crowd import build_tables, render_page

SIZES = ((10, 30, 14), (50, 200, 150), (500, 3_000, 2_500), (5_000, 20_000, 25_000))  # people, shares, pairs
FRAMES = """() => new Promise((done) => {
  const times = []; let last = performance.now(); let x = 0;
  const plane = document.querySelector('.plane'); const box = plane.getBoundingClientRect();
  const at = (type, x) => plane.dispatchEvent(new MouseEvent(type, { bubbles: true, cancelable: true, view: window,
    clientX: box.left + 300 + x, clientY: box.top + 150 + x / 3, button: 0 }));
  at('mousedown', 0);
  const step = (now) => {
    times.push(now - last); last = now; x += 4;
    window.dispatchEvent(new MouseEvent('mousemove', { view: window, bubbles: true,
      clientX: box.left + 300 + x, clientY: box.top + 150 + x / 3 }));
    if (times.length < 40) { requestAnimationFrame(step); return; }
    window.dispatchEvent(new MouseEvent('mouseup', { view: window, bubbles: true }));
    done(times.slice(2));
  };
  requestAnimationFrame(step);
})"""


def measure(page: Page, view: str, texts: str | None) -> str:
    """Return how long the view took to draw, and how fast it moves."""
    page.evaluate(f"document.getElementById('tab-{view}').click()")
    choice = f"""() => {{
      const list = document.querySelector('[data-graph=texts] select');
      const start = performance.now();
      if (list) {{ list.value = '{texts}'; list.dispatchEvent(new Event('change')); }}
      else document.getElementById('tab-{view}').click();
      return performance.now() - start;
    }}"""
    drawn = page.evaluate(choice)
    frames = sorted(page.evaluate(FRAMES))
    painted = page.evaluate("document.querySelector('.plane').dataset.painted")
    marks = page.evaluate("document.querySelectorAll('.plane [role=button]').length")
    middle = frames[len(frames) // 2]
    return f"{drawn:6.0f} ms first drawing, {1000 / middle:5.1f} frames/s ({painted}, {marks} focusable)"


def main() -> None:
    """Measure every size and print one line per view."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, sync_playwright() as driver:
        folder = options.keep or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        browser = driver.chromium.launch(executable_path=options.chromium, args=["--no-sandbox"])
        for people, shares, pairs in SIZES:
            tables = build_tables(people, shares, pairs)
            places = {f"person-{i:05}": i for i in range(people)}
            ends = {end: [places[one] for one in tables["pairs"][f"person_{end}"]] for end in ("a", "b")}
            start = time.process_time()
            place_network({**ends, "q": tables["pairs"]["q_value"].to_list()})
            print(
                f"{people} people, {shares} shares, {pairs} pairs: "
                f"network laid out in {time.process_time() - start:.2f} CPU s"
            )
            file = folder / f"graph-{people}.html"
            start = time.perf_counter()
            file.write_text(render_page(tables), "utf-8")
            print(f"  page made in {time.perf_counter() - start:.1f} s, {file.stat().st_size / 1e6:.1f} MB")
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto(file.as_uri())
            while not page.evaluate("document.getElementById('explorer').dataset.ready === 'true'"):
                page.wait_for_timeout(100)
            for view, texts in (("graph", "one"), ("graph", "all"), ("cosending", None)):
                print(f"  {view:10} {texts or '':4} {measure(page, view, texts)}")
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
