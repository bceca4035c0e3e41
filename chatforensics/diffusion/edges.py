"""Edges: from each sender to everybody who was in the chat at that time.

Who could read which share is a table as long as the shares of each chat times its members. It is never held whole:
senders are taken in portions, and ids and sets of exports as numbers.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from chatforensics.diffusion.portions import cut_portions
from chatforensics.schema import TEXTS, Edges, Memberships, Shares, check, empty, is_within_stay

PORTION = 250_000  # shares times members that are held at once, unless one sender has more
_SHIFT = 2**31  # two numbers of sets in one


@dataclass(frozen=True, slots=True)
class _Names:
    """What the numbers stand for: ids in their order, and sets of exports by `exports`."""

    people: pl.Series
    families: pl.Series
    variants: pl.Series
    sets: pl.DataFrame


def build_edges(shares: Shares, memberships: Memberships) -> Edges:
    """Say who sent each tracked family to whom: the recipients are the members of the chat at that time.

    A recipient could read the text; whether they did, the exports do not show. Members whom no export names are
    missing. A stay begins at `from_at` and ends before `to_at`; an open end is a null.

    Returns:
        One row per sender, recipient and family, with `n_shares`, the times of the first and the last of them (UTC),
        `source_ids` (the exports that show these shares, and those that show the recipient in the chat), and
        `variant_ids` (their wordings).
    """
    return Edges(pl.concat(list_edges(shares, memberships)))


def list_edges(shares: Shares, memberships: Memberships) -> Iterator[Edges]:
    """Yield the edges as `build_edges` gives them, in their order, some at a time; an empty table if there are none."""
    sent, stays, names = _number_ids(shares, memberships)
    is_empty = True
    for part in cut_portions(sent, stays, by="sender", most=PORTION):
        edges = _sum_up(_expose(part, stays, names), names)
        if not edges.is_empty():
            is_empty = False
            yield Edges(check(_name(edges, names), table="edges"))
    if is_empty:
        yield Edges(empty("edges").with_columns(variant_ids=pl.lit([], dtype=TEXTS)))


def _number_ids(shares: Shares, memberships: Memberships) -> tuple[pl.DataFrame, pl.DataFrame, _Names]:
    """Return shares and stays with numbers for ids and sets of exports, and what these stand for."""
    columns = ["chat_id", "family_id", "variant_id", "sent_at", "source_ids"]
    sent = shares.select(*columns, sender_id="person_id").with_row_index("share")
    stays = memberships.join(sent.select("chat_id"), on="chat_id", how="semi")
    stays = stays.select("chat_id", "from_at", "to_at", "source_ids", recipient_id="person_id")
    sets = pl.concat([sent["source_ids"], stays["source_ids"]]).unique(maintain_order=True).to_frame()
    names = _Names(
        people=_in_order(sent["sender_id"], stays["recipient_id"].alias("sender_id")),
        families=_in_order(sent["family_id"]),
        variants=_in_order(sent["variant_id"]),
        sets=sets.with_row_index("exports"),
    )
    chats = _in_order(sent["chat_id"])
    ids = {"chat": chats, "sender": names.people, "family": names.families, "variant": names.variants}
    sent = _number(sent, {f"{name}_id": (name, values) for name, values in ids.items()}, names.sets)
    stays = _number(stays, {"chat_id": ("chat_id", chats), "recipient_id": ("recipient", names.people)}, names.sets)
    return sent.rename({"chat": "chat_id"}), stays, names


def _in_order(*ids: pl.Series) -> pl.Series:
    return pl.concat(ids).unique().drop_nulls().sort()


def _number(rows: pl.DataFrame, ids: dict[str, tuple[str, pl.Series]], sets: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with the places of their ids under new names, and the numbers of their sets of exports."""
    for column, (name, values) in ids.items():
        places = pl.DataFrame({column: values}).with_row_index("place").select(column, pl.col("place").cast(pl.Int64))
        rows = rows.join(places, on=column, how="left", maintain_order="left").drop(column).rename({"place": name})
    return rows.join(sets, on="source_ids", nulls_equal=True, maintain_order="left").drop("source_ids")


def _expose(sent: pl.DataFrame, stays: pl.DataFrame, names: _Names) -> pl.DataFrame:
    """Return one row per share and stay of a person who could read it; `shown` is both sets of exports.

    `edge` is sender, recipient and family in one number, in their order.
    """
    there = is_within_stay(pl.col("sent_at"))
    met = sent.lazy().join(stays.lazy(), on="chat_id", suffix="_stay")
    kept = met.filter(there & (pl.col("recipient") != pl.col("sender")))
    edge = (pl.col("sender") * len(names.people) + pl.col("recipient")) * len(names.families) + pl.col("family")
    shown = pl.col("exports").cast(pl.Int64) * _SHIFT + pl.col("exports_stay")
    return kept.select("share", "variant", "sent_at", edge=edge, shown=shown).collect()


def _sum_up(exposed: pl.DataFrame, names: _Names) -> pl.DataFrame:
    """Return the edges of a portion in their order, with exports and wordings by name.

    Most edges rest on one pair of sets of exports and one wording, and many on the same ones: each pair is spelled out
    once, and only where there are several, they are sought.
    """
    edges = exposed.group_by("edge").agg(
        n_shares=pl.col("share").n_unique().cast(pl.Int64),
        first_at=pl.col("sent_at").min(),
        last_at=pl.col("sent_at").max(),
        shown=pl.col("shown").min(),
        other=pl.col("shown").max(),
        variant=pl.col("variant").min(),
        other_variant=pl.col("variant").max(),
    )
    edges = _name_wordings(edges.sort("edge"), exposed, names)
    even = pl.col("shown") == pl.col("other")
    plain, several = edges.filter(even), edges.filter(~even)
    pairs = _spell(plain.select("shown").unique(), by="shown", sets=names.sets)
    plain = plain.join(pairs, on="shown", maintain_order="left")
    if several.is_empty():
        return plain
    rows = exposed.select("edge", "shown").join(several, on="edge", how="semi").unique()
    return pl.concat([plain, several.join(_spell(rows, by="edge", sets=names.sets), on="edge")]).sort("edge")


def _name_wordings(edges: pl.DataFrame, exposed: pl.DataFrame, names: _Names) -> pl.DataFrame:
    """Return the edges, in their order, with their wordings by name."""
    one = (pl.col("variant") == pl.col("other_variant")).fill_null(value=False)
    plain, several = edges.filter(one), edges.filter(~one)
    plain = plain.with_columns(variant_ids=names.variants.gather(plain["variant"]).reshape((-1, 1)).arr.to_list())
    if several.is_empty():
        return plain
    rows = exposed.select("edge", "variant").join(several, on="edge", how="semi").drop_nulls().unique()
    rows = rows.sort("edge", "variant")
    named = rows.select("edge", variant_ids=names.variants.gather(rows["variant"]))
    listed = named.group_by("edge", maintain_order=True).agg("variant_ids")
    several = several.join(listed, on="edge", how="left").with_columns(pl.col("variant_ids").fill_null([]))
    return pl.concat([plain, several]).sort("edge")


def _name(edges: pl.DataFrame, names: _Names) -> pl.DataFrame:
    """Return the edges with ids."""
    family, both = edges["edge"] % len(names.families), edges["edge"] // len(names.families)
    sender, recipient = both // len(names.people), both % len(names.people)
    ids = {
        "sender_id": names.people.gather(sender),
        "recipient_id": names.people.gather(recipient),
        "family_id": names.families.gather(family),
    }
    return edges.with_columns(values.alias(name) for name, values in ids.items()).select(empty("edges").columns)


def _spell(rows: pl.DataFrame, *, by: str, sets: pl.DataFrame) -> pl.DataFrame:
    """Return the exports behind all rows of a group: `by` and `source_ids`."""
    parts = [pl.col("shown") // _SHIFT, pl.col("shown") % _SHIFT]
    numbers = pl.concat([rows.select(by, exports=part.cast(pl.UInt32)) for part in parts]).unique()
    listed = numbers.join(sets, on="exports").explode("source_ids", empty_as_null=True)
    return listed.group_by(by).agg(pl.col("source_ids").drop_nulls().unique().sort())
