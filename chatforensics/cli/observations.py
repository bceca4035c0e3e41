"""Integrity observations as plain text: for a person, safe on any terminal, wrapped and without colour."""

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from chatforensics.report.words import LEVEL_MEANINGS
from chatforensics.text import show_on_one_line

if TYPE_CHECKING:
    from chatforensics.workflow import Checked

WIDTH = 96
LINE_LIMIT = 12
CLOSING = (
    "How to read this: observations are not added up, and none of them shows that an export was altered. Each has "
    "innocent explanations, which are to be excluded first. Where nothing was observed, that does not show that an "
    "export is genuine: careful editing leaves no mark. The export of another member of the chat says more than any of "
    "these (chatforensics compare)."
)

Row = Mapping[str, object]


def describe_checks(checked: Iterable["Checked"], *, everything: bool) -> str:
    """Return what was seen of each export, the gravest first, and how to read it.

    Args:
        checked: the exports that were looked at.
        everything: give each piece of information with its explanations too, not only its title and value.
    """
    parts = ["\n".join(_describe_one(one, everything=everything)) for one in checked]
    return "\n\n".join([*parts, _wrap(CLOSING)]) + "\n"


def _describe_one(checked: "Checked", *, everything: bool) -> Iterator[str]:
    """Yield the head of one export and its observations, level by level."""
    yield from _describe_head(checked.source)
    for note in checked.notes:
        yield _wrap(f"Note: {note}")
    rows = checked.indicators.to_dicts()
    for level, meaning in LEVEL_MEANINGS.items():
        if found := [row for row in rows if row["level"] == level]:
            yield f"\n{level.upper()}: {meaning}"
            in_full = everything or level != "info"
            for row in found:
                yield from _describe_in_full(row) if in_full else [_describe_in_short(row)]
    if not rows:
        yield "\nNo observation."
    elif not everything and any(row["level"] == "info" for row in rows):
        yield "  (--all prints these with why they may matter and what else explains them)"


def _describe_head(source: Row) -> Iterator[str]:
    """Yield path, hash, form, number of records and the time that they cover."""
    yield show(source["path"])
    yield "=" * min(len(show(source["path"])), WIDTH)
    yield f"SHA-256 {source['sha256']}"
    dates = f"dates {source['date_order']} ({source['date_order_verdict']})"
    yield _wrap(f"Form {source['header_format']}, {dates}; records: {source['n_messages']:,}")


def _describe_in_full(row: Row) -> Iterator[str]:
    """Yield one observation with everything that a reader needs to weigh it."""
    yield f"\n  {row['indicator']}  {show(row['title'])}"
    entries = {
        "Seen": show(row["value"]),
        "Lines": _list_lines(_lines(row)),
        "Why it may matter": show(row["explanation"]),
        "Innocent causes": show(row["innocent"]),
        "What would settle it": show(row["resolve"]),
    }
    for name, words in entries.items():
        if words:
            yield _wrap(f"{name}: {words}", indent="        ", first="    ")


def _describe_in_short(row: Row) -> str:
    """Return one piece of information as title and value."""
    return _wrap(f"{row['indicator']}  {show(row['title'])}: {show(row['value'])}", indent="        ", first="  ")


def _lines(row: Row) -> Sequence[int]:
    lines = row["lines"]
    return lines if isinstance(lines, list) else []


def _list_lines(lines: Sequence[int]) -> str:
    """Return the first lines, and how many more there are."""
    more = len(lines) - LINE_LIMIT
    said = ", ".join(map(str, lines[:LINE_LIMIT]))
    return f"{said} and {more:,} more" if more > 0 else said


def show(value: object) -> str:
    """Return a text on one line with controls, direction marks and what does not show written out, such as [RLO]."""
    return show_on_one_line(str(value)) if value is not None else ""


def _wrap(text: str, *, indent: str = "", first: str = "") -> str:
    return textwrap.fill(
        text, WIDTH, initial_indent=first, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
