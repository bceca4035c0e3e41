"""What an analysis changed against the one before: its counts, and what each correction did to whom it names."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from chatforensics.storage import encode_json, write_bytes
from chatforensics.workflow.facts import Facts, gather_facts

if TYPE_CHECKING:
    from chatforensics.casefile import Case
    from chatforensics.workflow.run import Outcome

NOW, BEFORE, EFFECTS = "facts.json", "facts-before.json", "effects.json"


class Stated(Protocol):
    """A correction, as this module reads it."""

    @property
    def number(self) -> int:
        """Its number."""

    @property
    def kind(self) -> str:
        """What it is about."""

    @property
    def what(self) -> Mapping[str, Any]:
        """What it states."""


@dataclass(frozen=True, slots=True)
class Change:
    """One count before and after; None where the one analysis does not have it."""

    name: str
    before: object
    after: object

    @property
    def is_same(self) -> bool:
        """Tell whether nothing changed."""
        return self.before == self.after


@dataclass(frozen=True)
class Compared:
    """Two analyses side by side: their counts, and what went into the later one that the earlier one did not have."""

    changes: tuple[Change, ...]
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    used: tuple[int, ...] = ()
    taken_back: tuple[int, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)


def remember_summary(case: "Case", outcome: "Outcome") -> None:
    """Keep what the page shows of an analysis, and what it changed; call it after each one.

    An analysis that gave the same again changes nothing here, so that what was different before it stays to be seen.

    Args:
        case: The case, with its last run on record.
        outcome: What that run found.

    Raises:
        CaseError: The working papers cannot be written.
    """
    from chatforensics.casefile import list_corrections
    from chatforensics.casefile.desk import desk_folder
    from chatforensics.workflow.corrected import read_stated
    from chatforensics.workflow.remembered import settings_of

    settings = settings_of(case)
    used = [each.number for each in read_stated(settings.corrections if settings else None)]
    folder, before = desk_folder(case), read_facts(case)
    now = json.loads(encode_json(gather_facts(outcome, used=used)))
    if now == before:
        return
    effects = {**read_effects(case), **find_effects(before, now, list_corrections(case))} if before else {}
    _write(folder / EFFECTS, effects)
    if before is not None:
        _write(folder / BEFORE, before)
    _write(folder / NOW, now)  # last: a run that was killed before this is made again from the same two sides


def read_facts(case: "Case", name: str = NOW) -> Facts | None:
    """Return what was kept of the last analysis, or with `BEFORE` of the one before it; None where there is none."""
    return _read(case.folder / "desk" / name)


def read_effects(case: "Case") -> dict[str, Facts]:
    """Return what each correction did when it was first used, and when it was taken back, by its number."""
    return _read(case.folder / "desk" / EFFECTS) or {}


def compare_summaries(case: "Case") -> Compared | None:
    """Return the counts of the last analysis beside those of the one before it; None where there are not two.

    A change of a count does not show by itself which of the causes named beside it made it.
    """
    before, now = read_facts(case, BEFORE), read_facts(case)
    if before is None or now is None:
        return None
    old, new = _flatten(before["summary"]), _flatten(now["summary"])
    sources = {**before["sources"], **now["sources"]}
    return Compared(
        changes=tuple(Change(name, old.get(name), new.get(name)) for name in dict.fromkeys([*old, *new])),
        added=tuple(sorted(set(now["sources"]) - set(before["sources"]))),
        removed=tuple(sorted(set(before["sources"]) - set(now["sources"]))),
        used=tuple(sorted(set(now["used"]) - set(before["used"]))),
        taken_back=tuple(sorted(set(before["used"]) - set(now["used"]))),
        names={source_id: str(row["path"]) for source_id, row in sources.items()},
    )


def find_effects(before: Facts, now: Facts, corrections: Sequence[Stated]) -> dict[str, Facts]:
    """Return what the corrections that began or ceased to count did to what they name: before and after, as facts."""
    changed = set(before["used"]) ^ set(now["used"])
    alone = len(changed) == 1 and set(before["sources"]) == set(now["sources"])
    return {
        str(each.number): {
            "taken_back": each.number not in now["used"],
            "alone": alone,
            "before": look_up(before, each),
            "after": look_up(now, each),
        }
        for each in corrections
        if each.number in changed
    }


def look_up(facts: Facts, correction: Stated) -> Facts:
    """Return what an analysis says of whom or what a correction names."""
    return _LOOK_UP[correction.kind](facts, correction.what) if correction.kind in _LOOK_UP else {}


def _people(facts: Facts, what: Mapping[str, Any]) -> Facts:
    """Return the people who bear the labels that a correction names, with the number of their messages."""
    wanted = [(str(each["label"]), _find_sources(facts, each.get("source"))) for each in what.get("labels", ())]
    found = [
        person
        for person in facts["people"]
        if any(
            label == mine and (at is None or source in at) for label, at in wanted for mine, source in person["places"]
        )
    ]
    return {"people": [[each["person_id"], _name(each), each["n_messages"]] for each in found]}


def _find_sources(facts: Facts, named: object) -> set[str] | None:
    """Return the exports that a correction names by id or path; None where it names none."""
    if not named:
        return None
    return {key for key, row in facts["sources"].items() if named in (key, row["path"])} or {str(named)}


def _source(facts: Facts, what: Mapping[str, Any]) -> Facts:
    source = next(iter(_find_sources(facts, what.get("source") or what.get("source_id")) or ()), "")
    row = facts["sources"].get(source)
    if row is None:
        return {}
    names = {each["person_id"]: _name(each) for each in facts["people"]}
    told = ("date_order", "date_order_verdict", "timezone", "first", "last", "chat", "n_messages", "n_rejects")
    return {**{name: row[name] for name in told}, "custodian": names.get(row["custodian_id"])}


def _message(facts: Facts, what: Mapping[str, Any]) -> Facts:
    return {"decision": facts["decisions"].get(str(what.get("message_id")), "none")}


_LOOK_UP: Mapping[str, Callable[[Facts, Mapping[str, Any]], Facts]] = {
    "same": _people,
    "different": _people,
    "custodian": _source,
    "export": _source,
    "label": _message,
}


def _name(person: Facts) -> str:
    return str(next(iter(person["labels"]), person["pseudonym"]))


def _flatten(summary: Mapping[str, Any]) -> dict[str, object]:
    """Return the counts of a summary, those by level under names of their own; warnings by their number."""
    flat: dict[str, object] = {}
    for name, value in sorted(summary.items()):
        if isinstance(value, Mapping):
            flat |= {f"{name}-{level}": number for level, number in sorted(value.items())}
        else:
            flat[name] = len(value) if isinstance(value, list) else value
    return flat


def _read(path: Path) -> Facts | None:
    """Return a paper of ours, or nothing where it is missing or damaged: the next analysis makes it again."""
    try:
        told = path.stat()
        return _parse(path, told.st_mtime_ns, told.st_size)
    except (OSError, ValueError, TypeError, RecursionError):
        return None


@lru_cache(maxsize=12)
def _parse(path: Path, _changed_at: int, _size: int) -> Facts:
    """Read a paper once until it changes; nobody changes what is returned."""
    return dict(json.loads(path.read_bytes()))


def _write(path: Path, value: Mapping[str, object]) -> None:
    write_bytes(path, encode_json(value))
