"""Cases to analyse in tests, and runs of them that leave out what takes long: sensitivity, figures and report."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from casefile.cases import BY, a_case, a_file

from chatforensics.casefile import By, Case, Kept, open_case
from chatforensics.schema import empty
from chatforensics.workflow import Settings, presenting, stages
from chatforensics.workflow.adding import add_exports
from chatforensics.workflow.casework import analyse_case
from chatforensics.workflow.run import Outcome, Tables

PEOPLE = ("Ama", "Wiktor", "Ines", "Rajesh", "Siân", "Kofi", "Yasmin", "Luca")
SLATE = "Final reminder for Saturday: vote for Nadia Blake as chair and Tomasz Zielinski as secretary, in that order"


def a_chat(number: int, *, n_days: int = 4) -> bytes:
    """Return a small chat, the instruction on its second day; each number gives another one."""
    lines = [f'13/01/2031, 09:00 - {PEOPLE[number % 8]} created group "Choir {number}"']
    for day in range(14, 14 + n_days):
        sender = PEOPLE[(number + day) % len(PEOPLE)]
        words = SLATE if day == 15 else f"rehearsal {day} of choir {number} is at seven as usual"
        lines.append(f"{day}/01/2031, 10:{number % 60:02} - {sender}: {words}")
    return ("\n".join(lines) + "\n").encode()


def some_exports(folder: Path, n: int) -> Path:
    """Write so many exports below a folder, two to a phone."""
    for number in range(n):
        a_file(folder / f"phone-{number // 2}", a_chat(number), f"WhatsApp Chat with Choir {number}.txt")
    return folder


def a_filled_case(folder: Path, n: int = 2) -> Case:
    """Make a case with so many exports."""
    case = a_case(folder)
    add_exports(case, [some_exports(folder / "in", n)], by=BY)
    return case


@contextmanager
def in_short() -> Iterator[None]:
    """Leave out sensitivity, figures and report."""

    def draw(tables: Tables, *_: object) -> Kept:
        return Kept({"hours": tables["people"]}, {"drawings": []}, {})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stages, "_vary", lambda *_: Kept({"sensitivity": empty("sensitivity")}))
        patch.setattr(presenting, "_draw_figures", draw)
        patch.setattr(presenting, "_write_report", lambda *_: Kept(files={"report.html": b"<p>", "report.pdf": b"%"}))
        yield


def a_copy(case: Case, folder: Path) -> Case:
    """Return a copy of a case, to be changed."""
    return open_case(Path(shutil.copytree(case.folder, folder / "copy")))


def analyse(case: Case, settings: Settings | None = None, *, by: By = BY, out: Path | None = None) -> Outcome:
    """Analyse a case in short."""
    with in_short():
        return analyse_case(case, settings=settings or Settings(), by=by, out=out)
