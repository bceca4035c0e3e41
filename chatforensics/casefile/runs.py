"""The runs of a case: with which settings it was analysed last, and what came out."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chatforensics.casefile.folder import By, Case, encode_canonical, reading, stamp, writing
from chatforensics.casefile.log import append_to, conceal
from chatforensics.errors import CaseError


@dataclass(frozen=True, slots=True)
class Run:
    """One finished analysis.

    `settings` are its parameters, with the words of the files that were given; `result` is the folder of its result,
    within the case if the path is relative; `outputs` the SHA-256 of each file there by its name.
    """

    at: str
    settings: Mapping[str, object]
    result: str
    outputs: Mapping[str, str]


def record_run(case: Case, run: Run, *, by: By, details: Mapping[str, object], inputs: Sequence[str]) -> str:
    """Record a finished analysis, and add its line to the custody log: both happen or neither.

    Args:
        case: the case.
        run: the analysis; `at` is taken from `by`.
        by: who ran it, and when.
        details: what the log says of it: counts, hashes, options.
        inputs: SHA-256 of the originals.

    Returns:
        The line of the custody log.
    """
    told = {"outputs": dict(run.outputs), "result": run.result, "settings": dict(run.settings)}
    with writing(case) as database:
        row = (stamp(by.at), encode_canonical(told))
        details = {**details, "run": conceal(case, row[1], purpose="run")}
        database.execute("INSERT INTO runs (at, settings) VALUES (?, ?)", row)
        return append_to(database, "analyse", by=by, details=details, inputs=inputs, outputs=[digest_outputs(run)])


def digest_outputs(run: Run) -> str:
    """Return one SHA-256 over the names and hashes of all files of a result, in their order, for the custody log.

    The log travels with packages: a hash for each small table there would let a reader try what was taken out of it.
    """
    return hashlib.sha256(encode_canonical(dict(run.outputs)).encode()).hexdigest()


def last_run(case: Case) -> Run | None:
    """Return the analysis that was finished last, if there was one.

    Raises:
        CaseError: its record is in no known form.
    """
    with reading(case.folder) as database:
        row = database.execute("SELECT at, settings FROM runs ORDER BY number DESC LIMIT 1").fetchone()
    if row is None:
        return None
    try:
        told = json.loads(row[1])
        return Run(row[0], dict(told["settings"]), str(told["result"]), dict(told["outputs"]))
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise CaseError(
            f"{case.folder}: the record of the last run is in no known form.", hint="Restore the case from a copy."
        ) from error
