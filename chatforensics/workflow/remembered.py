"""Settings that a case remembers: what was chosen last, with the words of the files that were given."""

import base64
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date
from hashlib import sha256
from typing import cast

from chatforensics.casefile import Case, last_run
from chatforensics.errors import CaseError
from chatforensics.workflow.run import Settings
from chatforensics.workflow.written import Words, Written, keep_words

_FILES = ("declare", "people", "candidates")
_CORRECTIONS = "corrections"  # of the case: never given, and each analysis takes those that count at its time


def settings_of(case: Case) -> Settings | None:
    """Return the settings with which a case was analysed last; None where it never was.

    Raises:
        CaseError: they are in no known form.
    """
    run = last_run(case)
    try:
        return restore(run.settings) if run else None
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CaseError(
            f"{case.folder}: the settings of the last run are in no known form.", hint="Restore the case from a copy."
        ) from error


def settle(given: Mapping[str, object], case: Case) -> tuple[Settings, list[str]]:
    """Return the settings for another run of a case: what is given now, else what was chosen last.

    Args:
        given: by the names of `Settings`, what was given.
        case: the case.

    Returns:
        The settings, each file that was given read; and in words what was taken from the last run.
    """
    before = settings_of(case) or Settings()
    settings = hold_words(replace(before, **given))  # type: ignore[arg-type]
    names = [x.name for x in fields(Settings) if x.name != _CORRECTIONS and getattr(before, x.name) != x.default]
    kept = [name for name in names if name not in given]
    return settings, [f"{name} {_show(getattr(before, name))}" for name in kept]


def _show(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(f"{day}:{label}" for day, label in value)
    return str(value)


def hold_words(settings: Settings) -> Settings:
    """Return the settings with each file that the user wrote read once.

    Raises:
        UsageError: one cannot be read.
    """
    read = {name: keep_words(getattr(settings, name), where=f"--{name}") for name in (*_FILES, _CORRECTIONS)}
    return replace(
        settings,
        declare=read["declare"],
        people=read["people"],
        candidates=read["candidates"],
        corrections=read[_CORRECTIONS],
    )


def describe(settings: Settings) -> dict[str, object]:
    """Return settings in the form in which a case keeps them."""
    held = hold_words(settings)
    return {
        "timezone": held.timezone,
        "pictures": held.pictures,
        "window_s": held.window_s,
        "events": [[day.isoformat(), label] for day, label in held.events],
        **{name: _describe_words(getattr(held, name)) for name in (*_FILES, _CORRECTIONS)},
    }


def restore(told: Mapping[str, object]) -> Settings:
    """Return the settings that `describe` described."""
    events = cast("list[list[str]]", told["events"])
    words_of = (*_FILES, _CORRECTIONS)  # the last is unknown to runs of versions before 0.8
    words = {name: _restore_words(cast("Mapping[str, str] | None", told.get(name))) for name in words_of}
    return Settings(
        timezone=str(told["timezone"]),
        pictures=str(told["pictures"]),
        window_s=float(str(told["window_s"])),
        events=tuple((date.fromisoformat(day), label) for day, label in events),
        **words,
    )


def log_settings(settings: Settings) -> dict[str, object]:
    """Return what the custody log says of settings: options, dates and hashes; no names and no words."""
    held = hold_words(settings)
    return {
        "timezone": held.timezone,
        "pictures": held.pictures,
        "window_s": held.window_s,
        "events": sorted({day.isoformat() for day, _ in held.events}),
        **{name: _hash(getattr(held, name)) for name in _FILES},
    }


def _hash(words: Written | None) -> str | None:
    return sha256(words.content).hexdigest() if words else None


def _describe_words(words: Written | None) -> dict[str, str] | None:
    return {"name": words.name, "base64": base64.b64encode(words.content).decode()} if words else None


def _restore_words(told: Mapping[str, str] | None) -> Words | None:
    return Written(told["name"], base64.b64decode(told["base64"])) if told else None
