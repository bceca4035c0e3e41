"""Messages that are withheld as a whole: place, time, sender and kind stay, their words go from every table."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from chatforensics.package.dossier import Tables
from chatforensics.package.redactfile import ManualRule
from chatforensics.package.rewriting import Thing

# What a hash or a place on a map would tell of a withheld message.
_EMPTIED: Mapping[str, tuple[str, ...]] = {
    "attachments": ("sha256", "size_bytes"),
    "pictures": ("sha256", "perceptual_hash", "width", "height"),
    "places": ("latitude", "longitude"),
}
_HIDING = str.maketrans("[]", "()")


@dataclass(frozen=True, slots=True)
class Withheld:
    """The withheld messages, their copies in other exports among them, and what stands in for the words of each."""

    things: Mapping[int, Thing] = field(default_factory=dict)
    unused: tuple[int, ...] = ()

    def in_frame(self, frame: pl.DataFrame) -> Mapping[int, Thing]:
        """Return those of the withheld messages that a table names row by row."""
        if "message_id" not in frame.columns or not self.things:
            return {}
        present = set(frame["message_id"].drop_nulls().to_list())
        return {number: thing for number, thing in self.things.items() if number in present}

    def empty(self, frame: pl.DataFrame, *, table: str) -> pl.DataFrame:
        """Return a table without the hashes, sizes and places of withheld messages."""
        gone = [name for name in _EMPTIED.get(table, ()) if name in frame.columns]
        here = self.in_frame(frame) if gone else {}
        if not here:
            return frame
        is_gone = pl.col("message_id").is_in(list(here))
        return frame.with_columns(pl.when(~is_gone).then(pl.col(name)).alias(name) for name in gone)


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
    canonical: dict[int, int] = {number: number if one is None else one for number, one, _ in rows.iter_rows()}
    copies: dict[int, list[int]] = {}
    for one, of in canonical.items():
        copies.setdefault(of, []).append(one)
    texts = dict(rows.select("message_id", "text").iter_rows())
    things: dict[int, Thing] = {}
    unused: list[int] = []
    number = first
    for rule in (rule for rule in manual if rule.message_id is not None):
        known = copies.get(canonical.get(rule.message_id or 0, -1), [])
        new = [one for one in known if one not in things and not str(texts[one] or "").startswith("[withheld ")]
        if not known:
            unused.append(rule.line)
        if new:
            reason = rule.reason.translate(_HIDING)
            things |= dict.fromkeys(new, Thing("message", rule.reason, f"[withheld {number}: {reason}]"))
            number += 1
    return Withheld(things, tuple(unused))
