"""Rebuild what the docs show: the demo's figures, their contact sheet, the report and the local page, the run notebook.

python scripts/make_docs.py

The pictures of report and page need Chromium (Debian: apt-get install chromium); without it they stay as they are.
"""

import contextlib
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from PIL import Image

from chatforensics.cli.demo import EVENTS
from chatforensics.workflow import Settings, analyse, copy_demo

HEAD = """# Figures

Every figure that `chatforensics demo --out demo-report` draws, one of each kind. `make docs` makes this page. Each is
written as SVG, PNG (300 dpi) and PDF, 180 mm wide, with its words in a text file beside it; the report has its numbers
as a table. The same input gives the same bytes with one version of matplotlib; the fonts come with the program.
Every class has a shape, a hatch or a line style beside its colour. The shaded days are dates passed with `--event`:
they are the user's, not evidence.
"""


@dataclass(frozen=True)
class Shown:
    """A kind of figure: its title in the page, what it shows, what it cannot show, and whether each text has one."""

    title: str
    shows: str
    cannot: str
    by_family: bool = False


FIGURES = {
    "timeline": Shown(
        "Timeline",
        "messages per day on the phones' own clocks, and how many are labelled as slate instructions.",
        "whether a day without messages was quiet or is in no export.",
    ),
    "diffusion": Shown(
        "Diffusion graph",
        "who sent the tracked texts, when first, and from whom each most probably had them.",
        "routes outside the evidence; an arrow is the likeliest of several. Height has no meaning.",
    ),
    "spread": Shown(
        "Cascade in lanes",
        "every share of one text, in a lane per chat, with the likeliest route and its probability.",
        "who read it, and chats that no export holds.",
        by_family=True,
    ),
    "forest": Shown(
        "Cascade forest",
        "each decision to send below its likeliest source, with all other sources to 100 %.",
        "what anybody read or meant; the branch drawn may be the wrong one of those in the bar.",
        by_family=True,
    ),
    "wordings": Shown(
        "Wordings",
        "how the text changed: each wording below the nearest one not sent later, with the words that differ.",
        "who copied whom: likeness only, and a wording in between may be in no export.",
        by_family=True,
    ),
    "timepaths": Shown(
        "Ways in order of time",
        "which shares could first be read by whom, and who sent the text afterwards.",
        "whether anybody took one of these ways.",
        by_family=True,
    ),
    "reach": Shown(
        "Reach",
        "how many people had sent each text or could read it, as time went on.",
        "how many read it, and members whom no export names.",
    ),
    "sender-by-hour": Shown(
        "Sender by hour",
        "at which hours each person sent labelled or tracked messages.",
        "why: hours of work, school or travel look the same.",
    ),
    "coordination": Shown(
        "Co-sending network",
        "who sent the same texts close in time, and which pairs are unlikely by chance alone.",
        "a common order: two who copy a third, or read the same news, are joined too.",
    ),
    "matrix": Shown(
        "Co-sending matrix",
        "the same pairs with their numbers of texts and their q-values.",
        "a common order, and pairs that the chart has no room for: they are in its table.",
    ),
    "corroboration": Shown(
        "Corroboration matrix",
        "how many messages two exports of one chat hold alike, in one only, or with a difference.",
        "whether a message is true, or who changed or deleted what.",
    ),
    "sensitivity": Shown(
        "Sensitivity",
        "how the results move when one setting at a time is changed.",
        "settings that were not tried, and several changed at once.",
    ),
}
TOP = Path(__file__).resolve().parents[1]
IMAGES = TOP / "docs" / "images"


def main() -> None:
    """Analyse the demo case and take its pictures."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, contextlib.chdir(scratch):
        out = Path("demo-report")  # relative, so that the report shows the same paths whoever makes it
        settings = Settings(timezone="Europe/London", events=EVENTS)
        outcome = analyse([copy_demo(out)], out=out, settings=settings)
        shares = outcome.tables["shares"].join(
            outcome.tables["families"].select("message_id", "family_id"), on="family_id"
        )
        largest = (
            shares.group_by("family_id")
            .agg(pl.col("share_id").n_unique())
            .sort("share_id", "family_id")["family_id"][-1]
        )
        for kind, figure in FIGURES.items():
            name = f"{kind}-{largest}" if figure.by_family else kind
            _write_smaller(out / "figures" / f"{name}.png", IMAGES / f"{kind}.png")
        _take_screenshots((out / "report.html").resolve())
    subprocess.run([sys.executable, TOP / "scripts" / "page_pictures.py"], check=True)
    (TOP / "docs" / "figures.md").write_text(_contact_sheet(), encoding="utf-8")
    _execute_notebook()


def _write_smaller(source: Path, target: Path) -> None:
    """Write the figure as a page shows it: 150 pixels to the inch, few colours."""
    with Image.open(source) as picture:
        size = (picture.width // 2, picture.height // 2)
        small = picture.convert("RGB").resize(size, Image.Resampling.LANCZOS)
        small.quantize(colors=128).save(target, optimize=True)


def _contact_sheet() -> str:
    """Return the page that shows every figure of the demo, with what it shows and what it cannot show."""
    parts = [
        f"## {figure.title}\n\n![{figure.title}](images/{kind}.png)\n\nShows: {figure.shows}\n\n"
        f"Cannot show: {figure.cannot}\n"
        for kind, figure in FIGURES.items()
    ]
    return "\n".join([HEAD, *parts])


def _take_screenshots(report: Path) -> None:
    """Take the report's first screen, and its views with the messages behind a mark."""
    chromium = shutil.which("chromium")
    if chromium is None:
        print("no Chromium here: report.png and views.png stay as they are", file=sys.stderr)
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--hide-scrollbars"]
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        page = browser.new_page(viewport={"width": 1200, "height": 780})
        page.goto(report.as_uri())
        page.wait_for_selector("#explorer[data-ready]")
        page.screenshot(path=IMAGES / "report.png")
        page.set_viewport_size({"width": 1400, "height": 900})
        page.click("#tab-cascade")
        page.evaluate("document.querySelector('[data-share]').dispatchEvent(new MouseEvent('click', {bubbles: true}))")
        page.wait_for_selector("#drawer .message.cited")
        page.evaluate("document.querySelector('#explorer .explorer-bar').scrollIntoView()")
        page.wait_for_timeout(500)  # the chart makes room for the drawer
        page.screenshot(path=IMAGES / "views.png")
        browser.close()


def _execute_notebook() -> None:
    import jupytext
    import nbformat
    from nbclient import NotebookClient

    source = TOP / "notebooks" / "tour.py"
    notebook = jupytext.read(source)
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number:02}"  # the same on every run
    NotebookClient(notebook, record_timing=False, resources={"metadata": {"path": source.parent}}).execute()
    notebook.metadata.pop("language_info", None)  # names the exact Python of whoever ran it
    nbformat.write(notebook, source.with_suffix(".ipynb"))  # type: ignore[no-untyped-call] # it has no types


if __name__ == "__main__":
    main()
