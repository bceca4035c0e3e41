"""Integrity of single exports: each is looked at while its bytes are at hand, in `analyse` and by `check`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from chatforensics.errors import EvidenceError, UnreadableExport
from chatforensics.intake import ChatText, find_exports, read_export
from chatforensics.integrity import Evidence, check_export
from chatforensics.integrity.members import build_members
from chatforensics.parsing import Parsed
from chatforensics.schema import Indicators, Members
from chatforensics.workflow.single import Declared, parse_received, receive


@dataclass(frozen=True)
class Checked:
    """One export that was looked at: its row of `sources`, what is odd about its container, and the observations."""

    source: Mapping[str, object]
    notes: tuple[str, ...]
    indicators: Indicators


@dataclass
class Checks:
    """What looking at several exports gave, while it is being gathered."""

    checked: list[Checked] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def observe(chat: ChatText, parsed: Parsed, members: Members, *, timezone: str | None) -> Indicators:
    """Look at one export in every way of the catalogue, while its text is at hand.

    Args:
        chat: the export as received.
        parsed: the same export as parsed.
        members: the files of its container.
        timezone: the zone that its clock is taken to show; None where nobody said.
    """
    return check_export(gather_evidence(chat, parsed, members, timezone=timezone))


def gather_evidence(chat: ChatText, parsed: Parsed, members: Members, *, timezone: str | None) -> Evidence:
    """Put one export as received and as parsed together for the indicators."""
    return Evidence(
        source=parsed.sources.row(0, named=True),
        content=chat.content,
        messages=parsed.messages,
        events=parsed.events,
        readings=parsed.readings,
        attachments=parsed.attachments,
        members=members,
        timezone=timezone,
    )


def check(
    path: Path | str, *, dates: str | None = None, timezone: str | None = None, year: int | None = None
) -> Indicators:
    """Look for signs in one export that it was altered, each with its innocent explanations.

    An observation does not show that the export was altered, and none at all does not show that it was not: a careful
    hand leaves no mark. Observations are not added up.

    Args:
        path: a .txt or .zip as the phone made it.
        dates: dmy, mdy or ymd, if you know the order.
        timezone: the zone of the phone's clock, if you know it.
        year: the year of the first message, for exports that print no year.

    Returns:
        The table `indicators`, one row per observation; `lines` count from 1 in the chat text.

    Raises:
        EvidenceError: the file cannot be read, is no export, or changed while it was read.
    """
    return check_received(receive(Path(path)), Declared(dates, timezone, year)).indicators


def check_received(chat: ChatText, declared: Declared) -> Checked:
    """Parse one export as received and look at it.

    Raises:
        EvidenceError: it is no export, or changed while it was read.
    """
    parsed = parse_received(chat, declared)
    seen = observe(chat, parsed, build_members(chat), timezone=declared.timezone)
    return Checked(parsed.sources.row(0, named=True), chat.notes, seen)


def check_exports(paths: Iterable[Path], declared: Declared, *, stdin: BinaryIO | None = None) -> Checks:
    """Look at every export at the given paths, or at the one on standard input; list those that fail.

    Raises:
        UnreadableExport: not one of them could be read.
    """
    if stdin:
        return Checks([check_received(receive(Path("-"), stdin=stdin), declared)])
    found = Checks()
    seen: dict[str, str] = {}
    for export in find_exports(paths):
        try:
            chat = read_export(export)
            if chat.sha256 in seen:
                found.warnings.append(f"{chat.path} is the same file as {seen[chat.sha256]}; it was looked at once.")
                continue
            found.checked.append(check_received(chat, declared))
            seen[chat.sha256] = chat.path
        except EvidenceError as error:
            found.failures.append(str(error))
    if not found.checked:
        raise UnreadableExport("; ".join(found.failures[:3]))
    return found
