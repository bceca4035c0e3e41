"""What an analysis would do, and about how long it would take: nothing is written, and no message is read."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chatforensics.casefile import Case, Original, describe_program, last_run, list_originals, open_derived
from chatforensics.errors import UsageError
from chatforensics.intake import ExportFile, find_exports
from chatforensics.intake.measuring import Measured, measure_export
from chatforensics.workflow import costs
from chatforensics.workflow.casework import give_original, name_originals
from chatforensics.workflow.corrected import settings_with_corrections
from chatforensics.workflow.earlier import read_earlier
from chatforensics.workflow.inputs import read_how
from chatforensics.workflow.layouts import warn_of_folders
from chatforensics.workflow.reading import EXPORT, introduce
from chatforensics.workflow.remembered import describe, hold_words
from chatforensics.workflow.run import Report, Settings, silent
from chatforensics.workflow.statements import read_candidates, read_corrections

_STAGE = "measuring"


@dataclass(frozen=True, slots=True)
class Amount:
    """So much: exports, messages as estimated from the bytes of chat text, pictures in zips, and the files' bytes."""

    n_exports: int
    n_messages: int
    n_pictures: int
    n_bytes: int

    @classmethod
    def of(cls, exports: Sequence[Measured]) -> "Amount":
        """Add up exports."""
        return cls(
            n_exports=len(exports),
            n_messages=round(sum(x.text_bytes for x in exports) / costs.BYTES_A_MESSAGE),
            n_pictures=sum(x.n_pictures for x in exports),
            n_bytes=sum(x.size_bytes for x in exports),
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand in a case.

    Of the exports given, `n_there` have the path and the size of an original, and `n_changed` only the path; no bytes
    were compared. Of the `n_originals` that would be analysed, `n_kept` need not be read again. `is_same`: were the
    last run's options and program those of this one?
    """

    n_originals: int
    n_there: int
    n_changed: int
    n_kept: int
    is_same: bool


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What an analysis would do.

    `kinds` counts the exports given (`none`: cannot be read), `phones` the sub-folders they lie in; `unread` says why
    some cannot be read, as far as that shows already. `given` is what was found, `read` what would be read, `whole`
    what would be analysed: where that is nothing, there are no times. Times are in seconds, those for words in pictures
    a part of the whole; memory and room are in bytes, `case_bytes` what a case would keep besides the result. All of
    these are estimates.
    """

    kinds: Mapping[str, int]
    n_phones: int
    unread: Sequence[str]
    notes: Sequence[str]
    given: Amount
    read: Amount
    whole: Amount
    case: Standing | None
    n_jobs: int
    least_s: float
    most_s: float
    pictures_least_s: float
    pictures_most_s: float
    memory_bytes: int
    result_bytes: int
    case_bytes: int
    scratch_bytes: int


def foresee(
    paths: Sequence[Path], *, settings: Settings, n_jobs: int, case: Case | None = None, report: Report = silent
) -> Foreseen:
    """Say what an analysis would do: which exports there are, how much is in them, and how long it may take.

    Args:
        paths: files, or folders of them.
        settings: what was chosen.
        n_jobs: processes that would read.
        case: the case to which the exports would be added.
        report: told of progress.

    Raises:
        UsageError: a file that was given with the options has a slip in it.
    """
    read_corrections(settings.people)
    read_candidates(settings.candidates)
    read_how(settings)
    found = find_exports(paths)
    originals = _originals(case) if case else []
    given, held = _measure(found, [original.export() for original in originals], report)
    readable = [x for x in given if x.unread is None]
    known = {(original.shown, _received(original)) for original in originals}
    new = [x for x in readable if (x.path, x.size_bytes) not in known]
    kept = _find_kept(case, settings, originals) if case else set()
    sound = [(x, original) for x, original in zip(held, originals, strict=True) if x.unread is None]
    again = [x for x, original in sound if original.source_id not in kept]
    read, whole = Amount.of([*again, *new]), Amount.of([*(x for x, _ in sound), *new])
    standing = _compare(case, settings, readable, originals, n_kept=len(kept)) if case else None
    certain = standing is not None and standing.is_same and not read.n_exports
    pictures = _pictures_s(read, settings, n_jobs)
    return Foreseen(
        kinds=dict(sorted(Counter(x.kind for x in given).items())),
        n_phones=len({export.folder for export in found} - {None}),
        unread=[x.unread for x in given if x.unread is not None],
        notes=warn_of_folders(paths, found),
        given=Amount.of(given),
        read=read,
        whole=whole,
        case=standing,
        n_jobs=n_jobs,
        least_s=_least_s(read, whole, n_jobs) + pictures[0] if whole.n_exports else 0.0,
        most_s=_most_s(read, whole, n_jobs, nothing_new=certain) + pictures[1] if whole.n_exports else 0.0,
        pictures_least_s=pictures[0],
        pictures_most_s=pictures[1],
        memory_bytes=costs.memory_bytes(whole.n_messages),
        result_bytes=costs.result_bytes(whole.n_messages),
        case_bytes=Amount.of(new).n_bytes + read.n_messages * costs.KEPT_A_MESSAGE,
        scratch_bytes=whole.n_messages * costs.SCRATCH_A_MESSAGE,
    )


def _originals(case: Case) -> list[Original]:
    return [original for original in list_originals(case) if original.path is not None]


def _received(original: Original) -> int:
    """Return the size of an original as it was received, in bytes."""
    return int(str((original.minimised or {}).get("received_bytes", original.size_bytes)))


def _measure(
    found: Sequence[ExportFile], held: Sequence[ExportFile], report: Report
) -> tuple[list[Measured], list[Measured]]:
    measured = []
    for number, export in enumerate([*found, *held], start=1):
        measured.append(measure_export(export))
        report(_STAGE, number, len(found) + len(held))
    return measured[: len(found)], measured[len(found) :]


def _compare(
    case: Case, settings: Settings, given: Sequence[Measured], originals: Sequence[Original], *, n_kept: int
) -> Standing:
    sizes: dict[str, set[int]] = {}
    for original in originals:
        sizes.setdefault(original.shown, set()).add(_received(original))
    return Standing(
        n_originals=len(originals),
        n_there=sum(x.size_bytes in sizes.get(x.path, ()) for x in given),
        n_changed=sum(x.path in sizes and x.size_bytes not in sizes[x.path] for x in given),
        n_kept=n_kept,
        is_same=_is_same(case, settings),
    )


def _find_kept(case: Case, settings: Settings, originals: Sequence[Original]) -> set[str]:
    """Return the `source_id` of each original of which the case keeps what would be read of it."""
    store, how = open_derived(case), read_how(settings_with_corrections(case, hold_words(settings)))
    given = [give_original(original, name) for name, original in name_originals(originals)]
    return {each.source_id for each in given if store.holds(EXPORT, how.key(each, introduce(each, how).read_as))}


def _is_same(case: Case, settings: Settings) -> bool:
    """Tell whether the last run had these options and this program, so that its stages can be used again."""
    run = last_run(case)
    if run is None or dict(run.settings) != describe(settings_with_corrections(case, hold_words(settings))):
        return False
    try:
        return read_earlier(case.folder / run.result).program == describe_program()["sha256"]
    except UsageError:  # its result is gone
        return False


def _least_s(read: Amount, whole: Amount, n_jobs: int) -> float:
    """Return the time where the later stages use again all that may be kept of them."""
    return costs.START_S + costs.QUICKEST * (_reading_s(read, whole, n_jobs) + _stages_s(read))


def _most_s(read: Amount, whole: Amount, n_jobs: int, *, nothing_new: bool) -> float:
    """Return the time where the later stages use nothing again, unless nothing is new."""
    stages = 0.0 if nothing_new else _stages_s(whole)
    return costs.START_S + costs.SLOWEST * (_reading_s(read, whole, n_jobs) + stages)


def _reading_s(read: Amount, whole: Amount, n_jobs: int) -> float:
    left = (whole.n_exports - read.n_exports, whole.n_messages - read.n_messages, whole.n_bytes - read.n_bytes)
    return costs.KEPT.of(*left) + costs.READING.of(read.n_exports, read.n_messages, read.n_bytes) / n_jobs


def _stages_s(amount: Amount) -> float:
    return costs.STAGES.of(amount.n_exports, amount.n_messages, 0) / costs.STAGES_AT_ONCE


def _pictures_s(amount: Amount, settings: Settings, n_jobs: int) -> tuple[float, float]:
    from chatforensics.pictures import find_reader

    is_read = amount.n_pictures and settings.pictures != "none" and find_reader() is not None
    each = amount.n_pictures / n_jobs if is_read else 0.0
    return costs.PICTURE_S[0] * each, costs.PICTURE_S[1] * each
