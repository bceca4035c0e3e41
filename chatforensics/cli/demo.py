"""`demo`: the built-in fictional case, analysed."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from chatforensics.cli.progress import QUIET

# As the notice of the Ballot Office in the demo says.
EVENTS = ((date(2025, 3, 10), "Ballot opens"), (date(2025, 3, 20), "Ballot closes"))
EXAMPLE = "Example: chatforensics demo --out demo-report"


def run(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the result.")],
    *,
    quiet: Annotated[bool, QUIET] = False,
) -> None:
    """Analyse the built-in case: six exports from five phones of an invented town. No data and no network needed."""
    from chatforensics.cli.analyse import analyse_and_print
    from chatforensics.workflow import Settings, copy_demo

    settings = Settings(timezone="Europe/London", events=EVENTS)
    analyse_and_print([copy_demo(out)], out=out, settings=settings, mode="quiet" if quiet else "auto")
