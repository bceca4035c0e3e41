"""Originals of a case that cannot be read, and those of them that a later one by the same path takes the place of."""

from collections.abc import Container, Sequence

from chatforensics.casefile import Case, Original, last_run, list_originals
from chatforensics.errors import CaseError, UsageError
from chatforensics.workflow.earlier import read_earlier
from chatforensics.workflow.inputs import Intake

UNREAD, SUPERSEDED = "cannot be read", "cannot be read; replaced by a later one of that path"
_UNKNOWN = "\ufffd"  # stands for bytes that are no text, so that two paths may show alike


def settle_failures(intake: Intake, named: Sequence[tuple[str, Original]]) -> None:
    """Give each failure its path as received and its hash; one that a later original replaces becomes a warning.

    Args:
        intake: what reading the originals gave.
        named: the originals with the names under which they were read.
    """
    by_name = dict(named)
    originals, failures = [original for _, original in named], list(intake.failures)
    intake.failures.clear()
    for failure in failures:
        name, original = failure["path"], by_name[failure["path"]]
        later = find_later(original, originals, read=intake.read)
        if later is None:
            intake.failures.append({**failure, "path": original.shown, "sha256": original.sha256})
            continue
        # No path but that of the one that was read: a package knows how to print that, and no other.
        reason = failure["reason"].removeprefix(f"{name}: ").replace(name, original.source_id)
        intake.warnings.append(
            f"{intake.read[later.sha256]}: takes the place of an earlier export of that path, which stays in the case "
            f"and is not counted ({original.source_id}). If they are two exports, add the earlier one by another path. "
            f"Why it cannot be read: {reason}"
        )


def find_later(original: Original, others: Sequence[Original], *, read: Container[str]) -> Original | None:
    """Return an original that came later, by the same path, and was read; `read` has the hashes of those that were.

    Where a path holds bytes that are no text, nothing replaces it: another path may show the same.
    """
    if _UNKNOWN in original.shown:
        return None
    later = (x for x in others if x.shown == original.shown and x.added_at > original.added_at and x.sha256 in read)
    return max(later, key=lambda x: (x.added_at, x.sha256), default=None)


def list_unread(case: Case) -> dict[str, str]:
    """Return in words, by `source_id`, of which originals the last run of a case says that it could not read them.

    Nothing is known of those that were added since then, or where the result of that run is gone.
    """
    try:
        run = last_run(case)
        read = read_earlier(case.folder / run.result).read_hashes if run else None
    except (CaseError, UsageError):
        read = None
    if run is None or read is None:
        return {}
    originals = list_originals(case)
    unread = [x for x in originals if x.path is not None and x.sha256 not in read and x.added_at <= run.at]
    return {x.source_id: SUPERSEDED if find_later(x, originals, read=read) else UNREAD for x in unread}
