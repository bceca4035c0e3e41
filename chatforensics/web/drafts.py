"""A document as its pages show it: what each part is called, and the messages quoted as they stand in the case now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from functools import cache
from importlib import resources
from typing import Any

from chatforensics.report.language import Phrase, say
from chatforensics.web.blocks import Block, list_quoted
from chatforensics.web.opened import FindMessage, Item

SHORT = 60  # characters by which a part that was taken out, or a ticked message, is known again
_NAMES = {
    "heading": say("heading"),
    "paragraph": say("paragraph"),
    "quote": say("quote"),
}


def show_blocks(
    blocks: Sequence[Block], find_message: FindMessage, *, focus: int | None = None
) -> list[dict[str, Any]]:
    """Return blocks as templates print them, with the message of each quote; None where the case has it no more.

    Args:
        blocks: the parts of a document.
        find_message: gives a message by its id.
        focus: the number of the part in which typing goes on.
    """
    found = {message_id: find_message(message_id) for message_id in list_quoted(blocks)}
    places = {block.number: place for place, block in enumerate(_kept(blocks), start=1)}
    return [
        {
            **asdict(block),
            "title": _name_part(block, places.get(block.number), len(places)),
            "short": shorten(block.text),
            "item": found.get(block.message_id) if block.message_id is not None else None,
            "focus": block.number == focus,
        }
        for block in blocks
    ]


def _kept(blocks: Iterable[Block]) -> list[Block]:
    return [block for block in blocks if not block.removed]


def _name_part(block: Block, place: int | None, n: int) -> Phrase:
    if place is None:
        return _NAMES[block.kind]
    return say("part {place} of {n}: {kind}", place=place, n=n, kind=_NAMES[block.kind])


def shorten(text: str | None) -> str:
    """Return the beginning of a text on one line."""
    plain = " ".join((text or "").split())
    return plain if len(plain) <= SHORT else f"{plain[: SHORT - 1]}…"


def list_sources(shown: Iterable[Mapping[str, Any]], sources: Iterable[Item]) -> list[Item]:
    """Return the exports that a document quotes, in their order, each with its path and hash."""
    quoted = {part["item"]["source_id"] for part in shown if part["item"] is not None}
    return [row for row in sources if row["source_id"] in quoted]


def list_ids(shown: Iterable[Mapping[str, Any]]) -> str:
    """Return the ids of the messages quoted, one a line with its place as a comment, as `bundle --messages` takes them.

    Those that the case has no more are comments only: they cannot be packed.
    """
    lines = {}
    for part in shown:
        item = part["item"]
        if part["message_id"] is not None and not part["removed"]:
            told = "not in the case any more" if item is None else f"{item['source']}:{item['line']}"
            lines[part["message_id"]] = f"{'' if item is not None else '# '}{part['message_id']} # {told}\n"
    return "".join(lines.values())


@cache
def read_style() -> str:
    """Return the style sheet of a document that is downloaded as one page."""
    file = resources.files("chatforensics.web").joinpath("assets", "documentpage.css")
    return file.read_text(encoding="utf-8")
