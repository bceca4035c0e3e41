"""Messages that are withheld as a whole: place, time, sender and kind stay, their words go from every table."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from chatforensics.errors import UsageError
from chatforensics.package.dossier import Tables
from chatforensics.package.folding import fold, is_phrase
from chatforensics.package.redactfile import ManualRule
from chatforensics.package.rewriting import Thing

# What a hash or a place on a map would tell of a withheld message.
_EMPTIED: Mapping[str, tuple[str, ...]] = {
    "attachments": ("sha256", "size_bytes"),
    "pictures": ("sha256", "perceptual_hash", "width", "height"),
    "places": ("latitude", "longitude"),
}
# Their rows go: which label a message has, and where in it, tells what it says.
_DROPPED = ("labels", "slates", "references")
# What people wrote, by table, beside the texts of wordings, which repeat it.
_SAID = ("text", "question", "option", "name", "old", "new")
_REPEATING = ("variants", "variant_changes")
_SHORTEST = 3  # characters of a line that is searched for
_HIDING = str.maketrans("[]", "()")


@dataclass(frozen=True, slots=True)
class Withheld:
    """The withheld messages, their copies in other exports among them, and what stands in for the words of each."""

    things: Mapping[int, Thing] = field(default_factory=dict)
    unused: tuple[ManualRule, ...] = ()

    def in_frame(self, frame: pl.DataFrame) -> Mapping[int, Thing]:
        """Return those of the withheld messages that a table names row by row."""
        if "message_id" not in frame.columns or not self.things:
            return {}
        present = set(frame["message_id"].drop_nulls().to_list())
        return {number: thing for number, thing in self.things.items() if number in present}

    def empty(self, frame: pl.DataFrame, *, table: str) -> pl.DataFrame:
        """Return a table without the labels, names, hashes, sizes and places of withheld messages."""
        if table in _DROPPED and (gone_rows := self.in_frame(frame)):
            return frame.filter(~pl.col("message_id").is_in(list(gone_rows)).fill_null(value=False))
        gone = [name for name in _EMPTIED.get(table, ()) if name in frame.columns]
        here = self.in_frame(frame) if gone else {}
        if not here:
            return frame
        is_gone = pl.col("message_id").is_in(list(here))
        return frame.with_columns(pl.when(~is_gone).then(pl.col(name)).alias(name) for name in gone)


def find_withheld(manual: Iterable[ManualRule], *, packed: pl.DataFrame, case: pl.DataFrame) -> tuple[ManualRule, ...]:
    """Return the rules by hand, each of a message with the id by which the package can hold that message or a copy.

    It cannot tell whether an id is the one that was meant.

    Args:
        manual: Rules by hand.
        packed: The messages of the package.
        case: The messages of the whole case.

    Raises:
        UsageError: an id is not in the case, or nothing in the package is that message; it names id and line.
    """
    own, whole = _list_canonical(packed), _list_canonical(case)
    here = {*own, *own.values()}
    found: list[ManualRule] = []
    for rule in manual:
        number = rule.message_id
        if number is not None and number not in here:
            number = whole.get(number, number)
            if number not in here:
                raise _refuse(rule, is_known=rule.message_id in whole)
        found.append(replace(rule, message_id=number))
    return tuple(found)


def _refuse(rule: ManualRule, *, is_known: bool) -> UsageError:
    where = "is in the case, but not in this package" if is_known else "is no id of a message of this case"
    hint = "Take the line out." if is_known else "Copy the id from the report; a spreadsheet must keep it as text."
    return UsageError(f"--redact, line {rule.line}: {rule.message_id} {where}. Nothing was written.", hint=hint)


def _list_canonical(messages: pl.DataFrame) -> dict[int, int]:
    rows = messages.select("message_id", "canonical_id").iter_rows()
    return {number: number if one is None else one for number, one in rows}


def withhold(tables: Tables, manual: Iterable[ManualRule], *, first: int) -> Withheld:
    """Return the messages that are withheld: those named, and their copies in other exports.

    Args:
        tables: Of the dossier.
        manual: Rules by hand; those without a message are passed over.
        first: The number of the first redaction.
    """
    if "messages" not in tables:
        return Withheld()
    rows = tables["messages"].select("message_id", "canonical_id", "text")
    canonical = _list_canonical(rows)
    copies: dict[int, list[int]] = {}
    for one, of in canonical.items():
        copies.setdefault(of, []).append(one)
    texts = dict(rows.select("message_id", "text").iter_rows())
    things: dict[int, Thing] = {}
    unused: list[ManualRule] = []
    number = first
    for rule in (rule for rule in manual if rule.message_id is not None):
        named = rule.message_id or 0
        known = copies.get(canonical.get(named, named), [])
        new = [one for one in known if one not in things and not str(texts[one] or "").startswith("[withheld ")]
        if not known:
            unused.append(rule)
        if new:
            reason = rule.reason.translate(_HIDING)
            things |= dict.fromkeys(new, Thing("message", rule.reason, f"[withheld {number}: {reason}]"))
            number += 1
    return Withheld(things, tuple(unused))


def list_lost(tables: Tables, redacted: Tables, withheld: Withheld) -> tuple[dict[Thing, list[str]], frozenset[Thing]]:
    """Return the lines that went with withheld messages, to be searched for, and of whom lines stand elsewhere.

    A line that a message, label or title which stays says as well is not searched for: it would be found there. One of
    less than three characters is not either.

    Args:
        tables: Before redaction.
        redacted: The same afterwards.
        withheld: What was withheld.
    """
    if not withheld.things:
        return {}, frozenset()
    cells = [fold(cell) for cell in _list_staying(redacted, withheld)]
    lines = {cell.strip() for cell in cells}
    joined = "\n".join([*cells, *map(fold, _list_groups(redacted))])
    lost: dict[Thing, list[str]] = {}
    elsewhere: set[Thing] = set()
    for thing, line in _list_lines(tables, withheld):
        folded = fold(line).strip()
        if folded in joined if is_phrase(folded) else folded in lines:
            elsewhere.update([thing] if is_phrase(folded) else [])
        else:
            lost.setdefault(thing, []).append(line)
    return lost, frozenset(elsewhere)


def _list_lines(tables: Tables, withheld: Withheld) -> Iterator[tuple[Thing, str]]:
    for table, frame in tables.items():
        here = withheld.in_frame(frame)
        for column in (one for one in _SAID if here and table != "slates" and one in frame.columns):
            for number, text in frame.select("message_id", column).drop_nulls().iter_rows():
                lines = str(text).splitlines() if number in here else ()
                yield from ((here[number], line.strip()) for line in lines if len(line.strip()) >= _SHORTEST)


def _list_staying(redacted: Tables, withheld: Withheld) -> Iterator[str]:
    """Give each text of the tables that is not of a withheld message, line by line and as a whole."""
    for frame in (frame for table, frame in redacted.items() if table not in _REPEATING):
        gone = withheld.in_frame(frame)
        kept = frame.filter(~pl.col("message_id").is_in(list(gone)).fill_null(value=False)) if gone else frame
        for column in (kept[name] for name, dtype in kept.schema.items() if dtype in {pl.String, pl.List(pl.String)}):
            flat = column.explode(empty_as_null=True) if column.dtype == pl.List(pl.String) else column
            for text in flat.drop_nulls().unique(maintain_order=True):
                yield from dict.fromkeys((text, *text.splitlines()))


def _list_groups(redacted: Tables) -> Iterator[str]:
    """Give the texts of each group of messages as one: wordings are made of them."""
    if "messages" in redacted:
        rows = redacted["messages"].drop_nulls(["group_id", "text"])
        grouped = rows.group_by("group_id", maintain_order=True).agg(pl.col("text").unique(maintain_order=True))
        yield from ("\n".join(texts) for texts in grouped["text"])
