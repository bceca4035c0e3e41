"""A result takes the place of an earlier one whole, or leaves it as it was."""

import json
import os
import signal
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import polars as pl
import pytest

from chatforensics.errors import UsageError
from chatforensics.tables import Shelf
from chatforensics.workflow import writing
from chatforensics.workflow.clock import now
from chatforensics.workflow.parts import scratch_folder
from chatforensics.workflow.presenting import Presented
from chatforensics.workflow.run import Outcome
from chatforensics.workflow.writing import write_results

FRAME = pl.DataFrame({"n": [1, 2]})


def a_result(word: bytes, files: dict[str, Path] | None = None) -> Presented:
    """Return a small result: a page, a graph, a table in memory, and tables in files."""
    tables = Shelf({"people": FRAME}, files or {})
    outcome = Outcome(tables, {}, [], [], {})
    return Presented(outcome, [], {"report.html": word, "graph/a.graphml": word})


def write(out: Path, presented: Presented) -> dict[str, str]:
    with scratch_folder(out, at=now()) as scratch:
        return write_results(out, presented, scratch=scratch, started=now())


def read(out: Path) -> dict[str, bytes]:
    files = (path for path in sorted(out.rglob("*")) if path.is_file())
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in files}


class Breaking(Presented):
    """A result of which the making breaks off after its first file."""

    __slots__ = ()
    error: BaseException = KeyboardInterrupt()

    def contents(self) -> Iterator[tuple[str, bytes | Path]]:
        yield next(iter(super().contents()))
        raise self.error


@pytest.mark.parametrize("error", [KeyboardInterrupt(), UsageError("No room in ...")])
def test_broken_off_while_it_is_written_the_earlier_result_is_as_it_was(
    error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Breaking, "error", error)
    write(tmp_path / "out", a_result(b"earlier"))
    before = read(tmp_path / "out")
    assert json.loads(before["run.json"])["finished_at"]
    for out in (tmp_path / "out", tmp_path / "new"):
        with pytest.raises(type(error)) as raised:
            write(out, Breaking(a_result(b"").outcome, [], {"report.html": b"later"}))
    assert read(tmp_path / "out") == before
    assert not (tmp_path / "new").exists()
    if isinstance(error, KeyboardInterrupt):
        assert raised.value.args == ("Nothing was written.",)


@pytest.mark.skipif(sys.platform == "win32", reason="signals go otherwise there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_waits_while_files_get_their_places(
    number: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def move(made: Path, path: Path) -> None:
        signal.raise_signal(number)
        made.replace(path)

    def end(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(writing, "move_file", move)
    before = signal.signal(number, end)
    try:
        with pytest.raises(KeyboardInterrupt, match="The result was written"):
            write(tmp_path / "out", a_result(b"new"))
        assert signal.getsignal(number) is cast("object", end)
    finally:
        signal.signal(number, before)
    assert json.loads((tmp_path / "out" / "run.json").read_bytes())["finished_at"]
    assert len(read(tmp_path / "out")) == 4


def test_tables_of_the_run_are_moved_and_those_that_a_case_keeps_are_copied(tmp_path: Path) -> None:
    kept = tmp_path / "derived.parquet"
    FRAME.write_parquet(kept)
    with scratch_folder(tmp_path / "out", at=now()) as scratch:
        FRAME.write_parquet(scratch / "messages.parquet")
        inode = (scratch / "messages.parquet").stat().st_ino
        presented = a_result(b"x", {"messages": scratch / "messages.parquet", "corroboration": kept})
        hashes = write_results(tmp_path / "out", presented, scratch=scratch, started=now())
    tables = tmp_path / "out" / "tables"
    assert (tables / "messages.parquet").stat().st_ino == inode
    assert (tables / "corroboration.parquet").read_bytes() == kept.read_bytes()
    assert (tables / "corroboration.parquet").stat().st_ino != kept.stat().st_ino
    assert set(hashes) == set(read(tmp_path / "out"))
    assert [path.name for path in (tmp_path / "out").iterdir() if path.name.startswith(".")] == []


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such modes")
def test_a_result_written_from_python_is_for_its_owner_only(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        write(tmp_path / "out", a_result(b"x"))
    finally:
        os.umask(before)
    paths = [tmp_path / "out", *(tmp_path / "out").rglob("*")]
    assert {path for path in paths if stat.S_IMODE(path.stat().st_mode) & 0o077} == set()


def test_files_of_the_earlier_result_that_the_new_one_has_not_go(tmp_path: Path) -> None:
    write(tmp_path / "out", a_result(b"x"))
    write(tmp_path / "out", Presented(a_result(b"").outcome, [], {"report.html": b"y"}))
    assert set(read(tmp_path / "out")) == {"report.html", "run.json", "tables/people.parquet"}
