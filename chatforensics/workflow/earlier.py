"""What the record of an earlier run says: with which options, what was read, and what was not."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import isfinite
from pathlib import Path
from typing import cast

from chatforensics.errors import UsageError
from chatforensics.storage import read_file
from chatforensics.workflow.run import Settings
from chatforensics.workflow.writing import RUN
from chatforensics.zones import check_zone

_PICTURES = ("all", "none")
_FILES = ("declare", "people", "candidates")


@dataclass(frozen=True, slots=True)
class Earlier:
    """A finished run: the paths of the exports that it read, those that it could not read, and its parameters.

    `read_hashes` and `failed_hashes` are their SHA-256, of the latter where they were known; `program` is the SHA-256
    of the program that made it.
    """

    read: Sequence[str]
    read_hashes: Collection[str]
    failed: Sequence[str]
    failed_hashes: Collection[str]
    parameters: Mapping[str, object]
    program: str


def read_earlier(folder: Path) -> Earlier:
    """Read the record of the run that left its result in a folder.

    Raises:
        UsageError: there is none, or the run did not come to its end.
    """
    try:
        run = json.loads(read_file(folder / RUN, where="--out"))
        finished = bool(run["finished_at"])
    except (UsageError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise UsageError(f"{folder}: no result of an earlier run.", hint="Name the folder of the result.") from error
    if not finished:
        raise UsageError(f"{folder}: the earlier run did not come to its end.", hint="Run analyse as before.")
    try:
        return Earlier(
            read=[str(each["path"]) for each in run["inputs"]],
            read_hashes={str(each["sha256"]) for each in run["inputs"]},
            failed=[str(each["path"]) for each in run["failures"]],
            failed_hashes={str(each["sha256"]) for each in run["failures"] if "sha256" in each},
            parameters=dict(run["parameters"]),
            program=str(run["program"]["sha256"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(f"{folder / RUN}: in no known form.", hint="Run analyse as before.") from error


def settle_as_earlier(given: Mapping[str, object], earlier: Earlier) -> Settings:
    """Return the settings for the same run once more: what is given now, else what was chosen then.

    Args:
        given: by the names of `Settings`, what was given.
        earlier: the run.

    Raises:
        UsageError: a file that was given then is not given now: the record has its name, and not its words.
    """
    told = earlier.parameters
    for name in _FILES:
        if told.get(name) is not None and name not in given:
            raise UsageError(f"The earlier run had --{name}.", hint=f"Give --{name} again.")
    try:
        before = _read_settings(told)
    except (KeyError, TypeError, ValueError, UsageError) as error:
        said = f"{RUN} of the earlier run: its parameters are in no known form."
        raise UsageError(said, hint="Run analyse without --retry-failed.") from error
    return replace(before, **given)  # type: ignore[arg-type]


def _read_settings(told: Mapping[str, object]) -> Settings:
    events = tuple(
        (date.fromisoformat(each["date"]), str(each["label"]))
        for each in cast("Sequence[Mapping[str, str]]", told.get("events", []))
    )
    window_s, pictures = float(str(told["window_s"])), str(told["pictures"])
    if not isfinite(window_s) or pictures not in _PICTURES:
        raise ValueError(window_s, pictures)
    return Settings(timezone=check_zone(str(told["timezone"])), window_s=window_s, pictures=pictures, events=events)
