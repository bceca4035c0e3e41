"""Results on the disk: announced, written, and recorded with their hashes."""

import platform
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from chatforensics.casefile import describe_program, hash_content
from chatforensics.storage import (
    announce_output,
    clear_output,
    encode_json,
    force_to_disk,
    make_output_folder,
    move_file,
    put_file,
)
from chatforensics.tables import Shelf, file_of, put_together
from chatforensics.workflow.clock import now
from chatforensics.workflow.presenting import Presented, place_of
from chatforensics.workflow.run import Tables

RUN = "run.json"
_READY = "ready"
_ENDING = (signal.SIGINT, signal.SIGTERM)


def describe_machine() -> dict[str, object]:
    """Say what computed the results, and on which system."""
    return {**describe_program(), "os": platform.platform()}


def write_results(
    out: Path,
    presented: Presented,
    *,
    scratch: Path,
    started: datetime,
    more: Mapping[str, object] | None = None,
) -> dict[str, str]:
    """Write tables, figures and the other files in place of those of an earlier run, and last the run's record.

    All of it is written to the scratch folder first; only what is whole, and on the disk, is given its place. Meanwhile
    `run.json` says which files are ours, and that the run is not finished, and Ctrl+C waits.

    Args:
        out: the folder.
        presented: what to write.
        scratch: a folder on the same disk; files of tables that lie in it are moved.
        started: when the run began.
        more: what else the record says.

    Returns:
        The SHA-256 of each file by its name, the record among them.

    Raises:
        UsageError: there is no room, or the place cannot be written to.
    """
    with telling("Nothing was written."):
        ready, hashes = _prepare_all(presented, scratch=scratch, started=started, more=more or {})
    with telling("The result was written."), undisturbed():
        announce_output(out, presented.names())
        for folder in sorted({(out / name).parent for name in ready}):
            make_output_folder(folder)
        clear_output(out)
        for name, path in ready.items():
            move_file(path, out / name)
    return hashes


def _prepare_all(
    presented: Presented, *, scratch: Path, started: datetime, more: Mapping[str, object]
) -> tuple[dict[str, Path], dict[str, str]]:
    """Do all that may fail or take long; return what is to be given its place, the record last, and the hashes."""
    ready, hashes = {}, {}
    for name, content in presented.contents():
        hashes[name] = hash_content(content)
        ready[name] = _prepare(scratch, name, content)
    record = {
        **presented.outcome.run,
        "program": describe_machine(),
        **more,
        "outputs": presented.names(),
        "hashes": hashes,
        "started_at": started.isoformat(timespec="seconds"),
        "finished_at": now().isoformat(timespec="seconds"),
    }
    ready[RUN] = _prepare(scratch, RUN, encode_json(record))
    hashes[RUN] = hash_content(ready[RUN])
    force_to_disk(ready.values())
    return ready, hashes


def _prepare(scratch: Path, name: str, content: bytes | Path) -> Path:
    """Return a file of the result as it lies in the scratch folder."""
    if isinstance(content, Path) and content.is_relative_to(scratch):
        return content
    put_file(scratch / _READY / name, content)
    return scratch / _READY / name


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let Ctrl+C, and a request to end, wait until something that takes a moment is done."""
    if threading.current_thread() is not threading.main_thread():  # where signals never arrive
        yield
        return
    came: list[int] = []
    before = {number: signal.signal(number, lambda number, _: came.append(number)) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
    if came:
        signal.raise_signal(came[0])


@contextmanager
def telling(words: str) -> Iterator[None]:
    """Say what was written to whoever is told of an interruption, unless it was said already."""
    try:
        yield
    except KeyboardInterrupt as error:
        error.args = error.args or (words,)
        raise


def stored_tables(out: Path, tables: Tables) -> Shelf:
    """Return the tables of a result, those that lie in files from where they were written to."""
    files = {name: out / place_of(name) for name in tables if file_of(tables, name) is not None}
    return put_together({name: tables[name] for name in tables if name not in files}, Shelf({}, files))
