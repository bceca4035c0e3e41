"""Open a report in Chromium and measure what a reader waits for: size, first view, search, jump to the end, heap.

python benchmarks/report_page.py REPORT.html... [--words "down day"]

Each page is opened three times from disk, with the network switched off; the medians are printed. The first view counts
from the start of loading to the first finished view; the search from the last key to the finished list, with the pause
after typing (120 ms) taken off.
"""

import argparse
import json
import shutil
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PAUSE_MS = 120
SEARCH = """
async (words) => {
  const status = document.querySelector(".reader-status");
  const box = document.querySelector("#view-panel input[type=search]");
  const changed = new Promise((done) => {
    const seen = new MutationObserver(() => {
      if (status.textContent.includes("found")) { seen.disconnect(); done(performance.now()); }
    });
    seen.observe(status, {childList: true, characterData: true, subtree: true});
  });
  box.value = words;
  const start = performance.now();
  box.dispatchEvent(new Event("input"));
  return [(await changed) - start, status.textContent];
}
"""
LAST = """
async () => {
  const start = performance.now();
  [...document.querySelectorAll(".reader-place button")].at(-1).click();
  const list = document.querySelector(".reader-list");
  await new Promise((done) => {
    const seen = new MutationObserver(() => { seen.disconnect(); done(); });
    seen.observe(list, {childList: true});
  });
  return performance.now() - start;
}
"""


def main() -> None:
    """Measure each page three times and print the medians as JSON lines."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="+", type=Path)
    parser.add_argument("--words", default="down day")
    parser.add_argument("--times", type=int, default=3)
    chosen = parser.parse_args()
    from playwright.sync_api import sync_playwright

    options = ["--no-sandbox", "--disable-background-networking", "--enable-precise-memory-info"]
    with sync_playwright() as playwright:
        for path in chosen.pages:
            runs = []
            for _ in range(chosen.times):
                browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=options)
                runs.append(measure(browser, path, words=chosen.words))
                browser.close()
            medians = {key: round(statistics.median(run[key] for run in runs), 2) for key in runs[0]}
            print(json.dumps({"page": path.name, "mb": round(path.stat().st_size / 1e6, 2), **medians}))


def measure(browser: "Browser", path: Path, *, words: str) -> dict[str, Any]:
    """Open one page and use its reader."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    start = time.perf_counter()
    page.goto(path.resolve().as_uri(), timeout=240_000)
    page.wait_for_selector("#explorer[data-ready]", timeout=240_000)
    first_view_s = time.perf_counter() - start
    page.click("#tab-reader")
    page.wait_for_selector(".reader-list li")
    page.wait_for_timeout(2_000)
    cold_ms, _ = page.evaluate(SEARCH, words)
    warm_ms, _ = page.evaluate(SEARCH, words + " ")
    page.fill("#view-panel input[type=search]", "")
    page.wait_for_timeout(1_000)
    last_ms = page.evaluate(LAST)
    return {
        "first_view_s": first_view_s,
        "search_ms": cold_ms - PAUSE_MS,
        "search_again_ms": warm_ms - PAUSE_MS,
        "last_ms": last_ms,
        "heap_mb": _heap(page),
        "nodes": page.evaluate("document.querySelectorAll('*').length"),
    }


def _heap(page: "Page") -> float:
    """Return the heap that scripts use after a collection, in MB."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    return float(session.send("Runtime.getHeapUsage")["usedSize"]) / 1e6


if __name__ == "__main__":
    main()
