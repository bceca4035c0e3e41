"""Cases that were analysed once for all tests of a run; each test works on a copy of its own."""

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from report.hostile import PAYLOADS, write_exports

from chatforensics.casefile import By, new_case
from chatforensics.web import tasks
from chatforensics.workflow.adding import add_exports
from chatforensics.workflow.looking import look

PHONES = Path(__file__).resolve().parents[2] / "exports" / "phones"
# By size: a small direct chat, and what else the invented phones hold.
EXPORTS = sorted(PHONES.glob("*/*"), key=lambda path: path.stat().st_size)


def find_export(words: str) -> Path:
    """Return the export of the demo whose path has these words."""
    return next(path for path in EXPORTS if words in str(path))


def make_analysed(folder: Path, paths: list[Path], *, title: str, analysed: bool = True) -> Path:
    """Make a case of exports as the page makes it: added, looked at, analysed."""
    case = new_case(folder, title=title, by=By("Ilse Marrow", datetime.now(UTC)), key=secrets.token_bytes(32))
    for added in add_exports(case, paths, by=By("Ilse Marrow", datetime.now(UTC))).added:
        look(case, added.source_id)
    if analysed:
        tasks.analyse({"case": str(folder), "actor": "Ilse Marrow"}, lambda *_: None)
    return folder


def _share(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], Path]) -> Path:
    """Make a folder once for all processes of a test run."""
    base = factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with _alone(base / f"{name}.lock"):
        if not (base / name).exists():
            make(base / f"{name}.part").rename(base / name)
    return base / name


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    import fcntl

    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def demo_case(factory: pytest.TempPathFactory) -> Path:
    """Return an analysed case of two exports of one chat and one of another; copy it before it is changed."""
    names = ("lucia-ferrer", "Lockside Ward Members.txt", "Canal Street")
    return _share(factory, "web-demo", lambda part: make_analysed(part, list(map(find_export, names)), title="ward"))


def hostile_case(factory: pytest.TempPathFactory) -> Path:
    """Return an analysed case with forty hostile texts as senders, words, titles and file names, and as its own."""

    def make(part: Path) -> Path:
        exports = write_exports(part.with_name("hostile-exports"))
        return make_analysed(part, [exports], title=PAYLOADS[0])

    return _share(factory, "web-hostile", make)


def copy_case(case: Path, place: Path) -> Path:
    """Copy a case into a place, under its own name."""
    return Path(shutil.copytree(case, place / case.name, symlinks=True))
