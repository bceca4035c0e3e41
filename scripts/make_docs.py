"""Rebuild what the documentation shows: the demo's figures, the report's first page, the executed notebook.

python scripts/make_docs.py

The first page of the report needs Chromium (Debian: apt-get install chromium); without it that picture stays as it is.
"""

import contextlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import polars as pl

from chatforensics.workflow import Settings, analyse, copy_demo

TOP = Path(__file__).resolve().parents[1]
IMAGES = TOP / "docs" / "images"


def main() -> None:
    """Analyse the demo case and take its pictures."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, contextlib.chdir(scratch):
        out = Path("demo-report")  # relative, so that the report shows the same paths whoever makes it
        outcome = analyse([copy_demo(out)], out=out, settings=Settings(timezone="Europe/London"))
        shares = outcome.tables["shares"].join(
            outcome.tables["families"].select("message_id", "family_id"), on="family_id"
        )
        largest = (
            shares.group_by("family_id")
            .agg(pl.col("share_id").n_unique())
            .sort("share_id", "family_id")["family_id"][-1]
        )
        for name in ("diffusion", "timeline", "sender-by-hour", "coordination"):
            shutil.copy(out / "figures" / f"{name}.png", IMAGES / f"{name}.png")
        for kind in ("spread", "forest", "wordings"):
            shutil.copy(out / "figures" / f"{kind}-{largest}.png", IMAGES / f"{kind}.png")
        _take_screenshot((out / "report.html").resolve(), IMAGES / "report.png")
    _execute_notebook()


def _take_screenshot(page: Path, target: Path) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        print(f"no Chromium here: {target.name} stays as it is", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory() as profile:
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--hide-scrollbars"]
        size = ["--window-size=1100,1500", f"--user-data-dir={profile}", f"--screenshot={target}"]
        subprocess.run([chromium, *flags, *size, page.as_uri()], check=True, capture_output=True)


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
