"""Results on the disk: announced, written, and recorded with their hashes."""

import platform
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from chatforensics.casefile import describe_program
from chatforensics.storage import announce_output, clear_output, force_to_disk, write_bytes, write_json
from chatforensics.workflow.clock import now
from chatforensics.workflow.presenting import Presented

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
        write_bytes(out / name, content)
        hashes[name] = sha256(content).hexdigest()
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
