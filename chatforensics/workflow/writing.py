"""Results on the disk: announced, written, and recorded with their hashes."""

import platform
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from chatforensics.casefile import describe_program, hash_content
from chatforensics.storage import (
    Shelf,
    announce_output,
    clear_output,
    file_of,
    force_to_disk,
    put_file,
    put_together,
    write_json,
)
from chatforensics.workflow.clock import now
from chatforensics.workflow.presenting import Presented, place_of
from chatforensics.workflow.run import Tables

RUN = "run.json"


def describe_machine() -> dict[str, object]:
    """Say what computed the results, and on which system."""
    return {**describe_program(), "os": platform.platform()}


def write_results(
    out: Path, presented: Presented, *, started: datetime, more: Mapping[str, object] | None = None
) -> dict[str, str]:
    """Write tables, figures and the other files in place of those of an earlier run, and last the run's record.

    Until that record is there, `run.json` says only which files are ours, and that the run is not finished.

    Args:
        out: the folder.
        presented: what to write.
        started: when the run began.
        more: what else the record says.

    Returns:
        The SHA-256 of each file by its name, the record among them.
    """
    names = presented.names()
    announce_output(out, names)
    clear_output(out)
    hashes = {}
    for name, content in presented.contents():
        put_file(out / name, content)
        hashes[name] = hash_content(content)
    record = {
        **presented.outcome.run,
        "program": describe_machine(),
        **(more or {}),
        "outputs": names,
        "hashes": hashes,
        "started_at": started.isoformat(timespec="seconds"),
        "finished_at": now().isoformat(timespec="seconds"),
    }
    write_json(out / RUN, record)
    force_to_disk([*(out / name for name in names), out / RUN])
    return {**hashes, RUN: sha256((out / RUN).read_bytes()).hexdigest()}


def stored_tables(out: Path, tables: Tables) -> Shelf:
    """Return the tables of a result, those that lie in files from where they were written to."""
    files = {name: out / place_of(name) for name in tables if file_of(tables, name) is not None}
    return put_together({name: tables[name] for name in tables if name not in files}, Shelf({}, files))
