"""Exports into a case: found, cut down where asked, copied; and what is known of their custody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from chatforensics.casefile import (
    QUESTIONS,
    Added,
    By,
    Case,
    add_original,
    answer,
    check_answers,
    list_originals,
    locked,
    remove_leftovers,
)
from chatforensics.errors import EvidenceError, UsageError
from chatforensics.intake import ExportFile, find_exports, read_export, show_path
from chatforensics.storage import read_toml
from chatforensics.workflow.layouts import warn_of_folders
from chatforensics.workflow.minimising import LeftOut, Limits
from chatforensics.workflow.run import Report, silent

__all__ = ["Adding", "Limits", "add_exports", "add_found", "check_readable", "read_answers"]

_HEAD = 256 * 1024  # bytes


@dataclass
class Adding:
    """What became of the exports that were to be added, while it is being gathered."""

    added: list[Added] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def add_exports(  # noqa: PLR0913 - what to add, and by name how
    case: Case,
    paths: Sequence[Path],
    *,
    by: By,
    limits: Limits | None = None,
    wait: bool = False,
    report: Report = silent,
) -> Adding:
    """Take exports into a case; one that cannot be read is told with its reason, and the rest is done.

    Args:
        case: the case.
        paths: files, or folders of them; a sub-folder is taken for one person's phone.
        by: who adds them, and when.
        limits: what may be stored; without it each file is kept whole.
        wait: wait where another run holds the case.
        report: told of progress.

    Raises:
        CaseError: another run holds the case, or it cannot be written to.
        UsageError: the limits cannot be.
    """
    limits = limits or Limits()
    limits.check()
    exports = find_exports(paths)
    outcome = add_found(case, exports, by=by, limits=limits, wait=wait, report=report)
    outcome.notes[:0] = warn_of_folders(paths, exports)
    return outcome


def add_found(  # noqa: PLR0913 - as `add_exports`
    case: Case,
    exports: Sequence[ExportFile],
    *,
    by: By,
    limits: Limits | None = None,
    wait: bool = False,
    report: Report = silent,
) -> Adding:
    """Take exports that were found, or came in otherwise, into a case; see `add_exports`."""
    limits = limits or Limits()
    outcome = Adding()
    with locked(case, wait=wait):
        remove_leftovers(case)
        for number, export in enumerate(exports, start=1):
            try:
                outcome.added.append(add_original(case, export, by=by, minimise=limits.make_minimise()))
            except LeftOut:
                outcome.notes.append(f"{show_path(export.path)}: not among the chats asked for; nothing was stored.")
            except EvidenceError as error:
                outcome.failures.append(str(error))
            report("adding", number, len(exports))
    return outcome


def check_readable(export: ExportFile) -> None:
    """Say whether a file is an export at all, by its beginning: what somebody dropped by mistake should not be kept.

    Raises:
        EvidenceError: it cannot be opened, or no line of it looks like the start of a message.
    """
    from chatforensics.parsing import parse_export

    chat = read_export(export)
    head = chat.content[:_HEAD]
    if len(head) == len(chat.content):
        parse_export(chat)
        return
    try:
        parse_export(replace(chat, content=head[: head.rfind(b"\n") + 1] or head, attachments=()))
    except EvidenceError:
        parse_export(chat)


def read_answers(case: Case, path: Path, *, source_ids: Sequence[str], by: By) -> None:
    """Record the answers of a TOML file: at its top those for all of the exports, in tables those for single ones.

    A table is named by an export's path as received, its folder (one phone) or its `source_id`; it counts more.

    Raises:
        UsageError: the file is no TOML, a question is unknown, or a table names no export of the case.
    """
    told = read_toml(path)
    general = check_answers({k: v for k, v in told.items() if not isinstance(v, dict)}, where=f"--answers: {path}")
    special = {
        name: check_answers(value, where=f"--answers: {path}: [{name}]")
        for name, value in told.items()
        if isinstance(value, dict)
    }
    names = _names_of(case)
    if idle := sorted(set(special) - {name for known in names.values() for name in known}):
        raise UsageError(
            f"--answers: {path}: [{idle[0]}] is no export of the case.", hint="See: chatforensics case list."
        )
    for source_id in source_ids:
        mine = [special[name] for name in names[source_id] if name in special]
        if merged := _merge([general, *mine]):
            answer(case, [source_id], merged, by=by)


def _names_of(case: Case) -> dict[str, list[str]]:
    """Return by what each export may be named, the most general first."""
    return {
        original.source_id: [*([original.folder] if original.folder else []), original.shown, original.source_id]
        for original in list_originals(case)
    }


def _merge(parts: Sequence[Mapping[str, str]]) -> dict[str, str]:
    merged = {question: said for part in parts for question, said in part.items()}
    return {question: merged[question] for question in QUESTIONS if question in merged}
