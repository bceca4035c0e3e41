"""A document as its writer edits it: headings, paragraphs and quotes in order, each with who typed its words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from unicodedata import category

from chatforensics.errors import UsageError
from chatforensics.report.language import say
from chatforensics.text import show_controls
from chatforensics.web.forms import Form

KINDS = ("heading", "paragraph", "quote")
BLOCK_LIMIT = 500
TEXT_LIMIT = 20_000  # characters of one block
TITLE_LIMIT = 300
_LARGEST_ID = 2**53


@dataclass(frozen=True, slots=True)
class Block:
    """One part of a document.

    Attributes:
        number: Its own within the document; stays when it is moved.
        kind: One of `KINDS`.
        text: What a person typed; of a quote, the comment below it.
        message_id: Of a quote, the message quoted; its words are looked up anew each time.
        by: Who typed the text, in the order in which they first did.
        removed: Taken out by its writer; kept until they are discarded, so that it can be put back.
    """

    number: int
    kind: str
    text: str = ""
    message_id: int | None = None
    by: tuple[str, ...] = ()
    removed: bool = False

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing stands in it."""
        return self.kind != "quote" and not self.text.strip()


def read_blocks(stored: Iterable[Mapping[str, Any]]) -> list[Block]:
    """Return the blocks of a document as the case keeps it."""
    return [
        Block(
            number=int(row["number"]),
            kind=str(row["kind"]),
            text=str(row.get("text") or ""),
            message_id=int(row["message_id"]) if row.get("message_id") else None,
            by=tuple(map(str, row.get("by") or ())),
            removed=bool(row.get("removed")),
        )
        for row in stored
    ]


def store_blocks(blocks: Iterable[Block]) -> list[dict[str, Any]]:
    """Return blocks as the case keeps them: plain values, ids of messages as texts."""
    return [
        {
            "number": block.number,
            "kind": block.kind,
            "text": block.text,
            "message_id": None if block.message_id is None else str(block.message_id),
            "by": list(block.by),
            "removed": block.removed,
        }
        for block in blocks
    ]


def read_form(form: Form) -> list[Block]:
    """Return the blocks of a form in its order: `block` names each, `kind-3`, `text-3` and so on say the rest.

    Raises:
        UsageError: there are too many, one is too long, or a field is not as our own page sends it.
    """
    numbers = form.many("block")
    if len(numbers) > BLOCK_LIMIT:
        raise UsageError(say("A document has at most {n} parts.", n=BLOCK_LIMIT), hint="Begin another one.")
    if len(set(numbers)) != len(numbers):
        raise UsageError("A part of the document came twice.")
    return [_read_block(form, number) for number in numbers]


def _read_block(form: Form, number: str) -> Block:
    kind, quoted = form.one(f"kind-{number}"), form.one(f"message-{number}")
    text = tidy_text(form.one(f"text-{number}"))
    if kind not in KINDS or (kind == "quote") != bool(quoted):
        raise UsageError("A part of the document is of no kind that is known.")
    return Block(
        number=read_number(number),
        kind=kind,
        text=text,
        message_id=read_number(quoted) if quoted else None,
        removed=form.one(f"removed-{number}") == "yes",
    )


def read_number(text: str) -> int:
    """Return a number that a form or an address sent.

    Raises:
        UsageError: it is none, or larger than any of ours.
    """
    if text.isascii() and text.isdigit() and len(text) <= len(str(_LARGEST_ID)) and int(text) < _LARGEST_ID:
        return int(text)
    raise UsageError(say("“{text}” is no number of anything here.", text=text[:40]))


def tidy_text(text: str, *, limit: int = TEXT_LIMIT) -> str:
    """Return typed text with the line breaks of all systems as one kind, and no space at its ends.

    Control characters are written out here already, as every page shows them: else the text would seem to change, and
    with it who typed it, when the next person saves what the page shows.

    Raises:
        UsageError: it is longer than the limit, in characters.
    """
    tidy = show_controls(text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if len(tidy) > limit:
        told = say("A text has {n} characters; at most {limit} fit here.", n=f"{len(tidy):,}", limit=f"{limit:,}")
        raise UsageError(told, hint="Divide it.")
    return tidy


def is_one_line(text: str) -> bool:
    """Tell whether a text has no line breaks and steers nothing; marks without width stay, as many names have them."""
    return not any(category(sign) in {"Cc", "Cs", "Zl", "Zp"} for sign in text)


def credit_writers(blocks: Iterable[Block], *, before: Iterable[Block], actor: str) -> list[Block]:
    """Return blocks with who typed each: whoever did before, and the actor where the words are new or have changed."""
    known = {block.number: block for block in before}
    return [replace(block, by=_name_writers(block, known.get(block.number), actor)) for block in blocks]


def _name_writers(block: Block, before: Block | None, actor: str) -> tuple[str, ...]:
    earlier = before.by if before is not None else ()
    same = before is not None and before.text == block.text
    if same or not block.text:
        return earlier if block.text else ()
    return earlier if actor in earlier else (*earlier, actor)


def add_block(blocks: Sequence[Block], kind: str, *, after: int = 0) -> list[Block]:
    """Return blocks with an empty one more, after the block of that number; 0 puts it first.

    Raises:
        UsageError: the document is full, or has no such block.
    """
    at = 1 + _find_place(blocks, after) if after else 0
    return [*blocks[:at], _new_block(blocks, kind), *blocks[at:]]


def add_quote(blocks: Sequence[Block], message_id: int) -> list[Block]:
    """Return blocks with the quote of a message at their end.

    Raises:
        UsageError: the document is full.
    """
    return [*blocks, _new_block(blocks, "quote", message_id)]


def _new_block(blocks: Sequence[Block], kind: str, message_id: int | None = None) -> Block:
    if len(blocks) >= BLOCK_LIMIT:
        raise UsageError(say("A document has at most {n} parts.", n=BLOCK_LIMIT), hint="Begin another one.")
    return Block(number=max((block.number for block in blocks), default=0) + 1, kind=kind, message_id=message_id)


def renumber(mine: Sequence[Block], *, beside: Sequence[Block]) -> list[Block]:
    """Return blocks with another number where that of a new one was given to a part of another version meanwhile."""
    theirs = {block.number: block for block in beside}
    free = max((block.number for block in (*mine, *beside)), default=0)
    return [
        replace(block, number=free + place) if _is_other(block, theirs.get(block.number)) else block
        for place, block in enumerate(mine, start=1)
    ]


def _is_other(block: Block, other: Block | None) -> bool:
    """Tell whether two blocks of one number were made apart: of another kind or message, or one of them just begun."""
    if other is None:
        return False
    return (block.kind, block.message_id) != (other.kind, other.message_id) or (not block.text and bool(other.text))


def move_block(blocks: Sequence[Block], number: int, *, by: int) -> list[Block]:
    """Return blocks with one of them moved past its neighbour: up with -1, down with 1; at the end it stays.

    Blocks that were taken out are passed over.
    """
    at = _find_place(blocks, number)
    beyond = range(at + by, len(blocks) if by > 0 else -1, by)
    to = next((place for place in beyond if not blocks[place].removed), at)
    rest = [*blocks[:at], *blocks[at + 1 :]]
    return [*rest[:to], blocks[at], *rest[to:]]


def remove_block(blocks: Sequence[Block], number: int, *, removed: bool = True) -> list[Block]:
    """Return blocks with one of them taken out, or put back; an empty one goes for good."""
    at = _find_place(blocks, number)
    if removed and blocks[at].is_empty:
        return [*blocks[:at], *blocks[at + 1 :]]
    return [replace(block, removed=removed) if block.number == number else block for block in blocks]


def discard_removed(blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks that were not taken out."""
    return [block for block in blocks if not block.removed]


def list_quoted(blocks: Iterable[Block]) -> list[int]:
    """Return the messages quoted, each once, in the order of the document."""
    quoted = (block.message_id for block in blocks if not block.removed)
    return list(dict.fromkeys(message_id for message_id in quoted if message_id is not None))


def _find_place(blocks: Sequence[Block], number: int) -> int:
    for place, block in enumerate(blocks):
        if block.number == number:
            return place
    raise UsageError("The document has no such part any more.", hint="Open it again.")
