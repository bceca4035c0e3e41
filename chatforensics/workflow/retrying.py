"""Try once more what could not be read, before all is analysed again for nothing."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePath

from chatforensics.casefile import Case, Fresh, hold_original, last_run, list_originals, locked
from chatforensics.casefile.originals import Original
from chatforensics.engine import HERE, Engine
from chatforensics.errors import UsageError
from chatforensics.intake import find_exports, show_path
from chatforensics.workflow.casework import give_original, name_originals
from chatforensics.workflow.corrected import settings_with_corrections
from chatforensics.workflow.earlier import Earlier, read_earlier
from chatforensics.workflow.inputs import give_found, read_how
from chatforensics.workflow.reading import Given, How, Input, Unread, read_input
from chatforensics.workflow.remembered import hold_words
from chatforensics.workflow.run import Report, Settings, silent

_STAGE = "trying"


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of trying: can one of them be read now, and why can those before it not; `n_failed` in all."""

    n_failed: int
    one_is_read: bool
    reasons: Sequence[str]


def try_failed(
    paths: Sequence[Path], earlier: Earlier, settings: Settings, *, report: Report = silent, engine: Engine = HERE
) -> Tried:
    """Try to read what an earlier run could not read, up to the first that can be read: then all is to be analysed.

    Args:
        paths: the files and folders of the earlier run.
        earlier: that run.
        settings: what was chosen.
        report: told of progress.
        engine: where exports are read.

    Raises:
        UsageError: the paths do not hold all that the earlier run read, so that its result would lose something.
    """
    found = [(show_path(export.path), export) for export in find_exports(paths)]
    if lost := _list_lost(earlier, [name for name, _ in found]):
        said = f"Read by the earlier run, and not among the paths given: {len(lost):,}, such as {lost[0]}."
        raise UsageError(said, hint="Give the same paths, from the same folder.")
    failed = set(earlier.failed)
    wanted = [Input(name, partial(give_found, export)) for name, export in found if _is_below(name, failed)]
    return _try_each(wanted, settings, report, engine)


def try_failed_originals(
    case: Case, settings: Settings, *, wait: bool = False, report: Report = silent, engine: Engine = HERE
) -> Tried:
    """Try to read the originals of a case that its last run could not read; see `try_failed`.

    Raises:
        CaseError: another run holds the case.
        UsageError: the case has no finished run, or its result is gone.
    """
    run = last_run(case)
    if run is None:
        raise UsageError(f"{case.folder}: no finished run of this case.", hint="Run it without --retry-failed.")
    earlier = read_earlier(case.folder / run.result)
    failed = set(earlier.failed) if not earlier.failed_hashes else set()  # an older result has no hashes
    with locked(case, wait=wait):
        settings = settings_with_corrections(case, hold_words(settings))
        originals = [original for original in list_originals(case) if original.path is not None]
        wanted = [
            Input(name, partial(_give_held, original, name))
            for name, original in name_originals(originals)
            if original.sha256 in earlier.failed_hashes or name in failed
        ]
        return _try_each(wanted, settings, report, engine)


def _list_lost(earlier: Earlier, found: Iterable[str]) -> list[str]:
    """Return the paths of what was read and is not there now.

    Two paths with bytes that are no text may show alike: then as many have to be there as were, for nobody can tell
    which of them was read.
    """
    read, n_found = Counter(earlier.read), Counter(found)
    needed = read + Counter(path for path in earlier.failed if path in read)
    return sorted(path for path, n in needed.items() if n_found[path] < n)


def _is_below(name: str, failed: Collection[str]) -> bool:
    """Tell whether a path could not be read earlier, or lies in a folder that could not."""
    own = PurePath(name)
    return any(str(each) in failed for each in (own, *own.parents))


def _give_held(original: Original, name: str) -> Given:
    hold_original(original)
    return give_original(original, name)


def _try_each(wanted: Sequence[Input], settings: Settings, report: Report, engine: Engine) -> Tried:
    """Try one after the other, up to the first that can be read."""
    how = read_how(settings, observing=False)
    tried: Iterable[str | None] = engine.map(partial(_try_one, how=how), wanted, lost=_say_lost)
    reasons: list[str] = []
    for number, reason in enumerate(tried, start=1):
        report(_STAGE, number, len(wanted))
        if reason is None:
            return Tried(len(wanted), one_is_read=True, reasons=reasons)
        reasons.append(reason)
    return Tried(len(wanted), one_is_read=False, reasons=reasons)


def _try_one(one: Input, *, how: How) -> str | None:
    """Return why an input cannot be read; None where it can."""
    read = read_input(one, how, Fresh())
    return read.reason if isinstance(read, Unread) else None


def _say_lost(one: Input) -> str:
    return f"{one.path}: the process that read it was ended, twice. Is there memory enough?"
