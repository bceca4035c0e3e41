"""The custody log: what was done with the evidence, by whom, when; each line holds the hash of the line before.

It holds no file name, no name but the actor's as typed, and no words of any message, so that it can travel with every
package as it is. The chain shows a change of a line to whoever knows a later head; its holder could write it anew from
the beginning, so the head is signed and printed elsewhere.
"""

import hashlib
import hmac
import json
import sqlite3
from collections.abc import Mapping, Sequence

from chatforensics.casefile.folder import By, Case, encode_canonical, reading, stamp, writing
from chatforensics.version import __version__

ACTIONS = ("new", "add", "answer", "analyse", "bundle", "reply", "correct", "save", "verify", "minimise", "purge")
START = "0" * 64
_META = "SELECT name, value FROM meta ORDER BY name"
_SOURCE = (
    "SELECT source_id, sha256, sha512, size_bytes, name, shown, folder, added_at, minimised FROM sources "
    "WHERE source_id = ?"
)
_FILES = "SELECT name, sha256, size_bytes FROM source_files WHERE source_id = ? ORDER BY name"


def append(  # noqa: PLR0913 - what a line says
    case: Case,
    action: str,
    *,
    by: By,
    details: Mapping[str, object],
    inputs: Sequence[str] = (),
    outputs: Sequence[str] = (),
) -> str:
    """Add one line to the custody log and return it.

    Args:
        case: the case.
        action: one of `ACTIONS`.
        by: who, as typed, and when.
        details: counts, dates and options; no names, no words.
        inputs: SHA-256 of what went in.
        outputs: SHA-256 of what came out.
    """
    with writing(case) as database:
        return append_to(database, action, by=by, details=details, inputs=inputs, outputs=outputs)


def append_to(  # noqa: PLR0913 - what a line says
    database: sqlite3.Connection,
    action: str,
    *,
    by: By,
    details: Mapping[str, object],
    inputs: Sequence[str] = (),
    outputs: Sequence[str] = (),
) -> str:
    """Add one line inside a change that is under way, so that both happen or neither."""
    if action not in ACTIONS:
        raise ValueError(action)
    last = database.execute("SELECT seq, line FROM log ORDER BY seq DESC LIMIT 1").fetchone()
    entry = {
        "action": action,
        "actor": by.actor,
        "at": stamp(by.at),
        "details": dict(details),
        "inputs": list(inputs),
        "outputs": list(outputs),
        "prev": hash_line(last[1]) if last else START,
        "seq": last[0] + 1 if last else 1,
        "version": __version__,
    }
    line = encode_canonical(entry)
    database.execute("INSERT INTO log VALUES (?, ?)", (entry["seq"], line))
    return line


def log_lines(case: Case) -> list[str]:
    """Return the lines of the custody log, the first one first."""
    with reading(case.folder) as database:
        return [line for (line,) in database.execute("SELECT line FROM log ORDER BY seq")]


def head(case: Case) -> tuple[int, str]:
    """Return the number of lines and the SHA-256 of the last; who knows both can tell whether a line was changed."""
    lines = log_lines(case)
    return len(lines), hash_line(lines[-1]) if lines else START


def hash_line(line: str) -> str:
    """Return the SHA-256 of a line without its line end."""
    return hashlib.sha256(line.encode()).hexdigest()


def check_chain(lines: Sequence[str]) -> str | None:
    """Return in one sentence what is wrong with a custody log; None where each line holds the hash of the last."""
    before = START
    for number, line in enumerate(lines, start=1):
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            return f"Line {number} of the custody log is no JSON."
        if not isinstance(entry, dict) or encode_canonical(entry) != line:
            return f"Line {number} of the custody log is not in the form in which it was written."
        if entry.get("seq") != number or entry.get("prev") != before:
            return f"Line {number} of the custody log does not follow from the one before: one was changed or left out."
        before = hash_line(line)
    return None


def conceal(case: Case, value: str, *, purpose: str) -> str:
    """Return a keyed hash by which the log can refer to a text without giving it away to guessing."""
    return hmac.new(case.key, f"{purpose}\0{value}".encode(), hashlib.sha256).hexdigest()


def conceal_case(case: Case, database: sqlite3.Connection) -> str:
    """Return a keyed hash of the title and days of a case, by which a later change of them shows."""
    return conceal(case, json.dumps(database.execute(_META).fetchall()), purpose="case")


def conceal_source(case: Case, database: sqlite3.Connection, source_id: str) -> str:
    """Return a keyed hash of all that a case has on record of an export and of the media beside it."""
    row = database.execute(_SOURCE, (source_id,)).fetchone()
    files = database.execute(_FILES, (source_id,)).fetchall()
    return conceal(case, json.dumps([row, files]), purpose="source")
