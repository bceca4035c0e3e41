"""Edges: from each sender to everybody who was in the chat at that time.

Who could read which share is a table as long as the shares of each chat times its members. It is never held whole:
senders are taken in portions, and ids and sets of exports as numbers.
"""

from collections.abc import Iterator

import polars as pl

from chatforensics.diffusion.portions import cut_portions
from chatforensics.schema import TEXTS, Edges, Memberships, Shares, check, empty, is_within_stay

PORTION = 250_000  # shares times members that are held at once, unless one sender has more
_SHIFT = 2**31  # two numbers of sets in one
_EDGE = ("sender_id", "recipient_id", "family_id")
_IDS = (*_EDGE, "chat_id")


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
    columns = ["chat_id", "family_id", "variant_id", "sent_at", "source_ids"]
    sent = shares.select(*columns, sender_id="person_id").with_row_index("share")
    sent = sent.with_columns(pl.col("variant_id").cast(pl.Enum(sent["variant_id"].unique().drop_nulls().sort())))
    stays = memberships.join(sent.select("chat_id"), on="chat_id", how="semi")
    stays = stays.select("chat_id", "from_at", "to_at", "source_ids", recipient_id="person_id")
    sets = pl.concat([sent["source_ids"], stays["source_ids"]]).unique(maintain_order=True).to_frame()
    sets = sets.with_row_index("exports")
    code = pl.Enum(_list_ids(sent, stays))
    sent, stays = (_number_ids(rows, code, sets) for rows in (sent, stays))
    exposed = (_expose(part, stays) for part in cut_portions(sent, stays, by="sender_id", most=PORTION))
    none = empty("edges").with_columns(variant_ids=pl.lit([], dtype=TEXTS))
    is_empty = True
    for part in exposed:
        if not part.is_empty():
            is_empty = False
            yield Edges(check(_name_exports(part, sets).select(none.columns), table="edges"))
    if is_empty:
        yield Edges(none)


def _list_ids(sent: pl.DataFrame, stays: pl.DataFrame) -> pl.Series:
    """Return every id of a person, family or chat, in their order."""
    found = [rows[name] for rows in (sent, stays) for name in _IDS if name in rows.columns]
    return pl.concat([ids.rename("id") for ids in found]).unique().sort()


def _number_ids(rows: pl.DataFrame, code: pl.Enum, sets: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with ids that are numbers underneath, in the order of the ids, and the number of their set."""
    ids = [pl.col(name).cast(code) for name in _IDS if name in rows.columns]
    return rows.join(sets, on="source_ids", nulls_equal=True).drop("source_ids").with_columns(ids)


def _expose(sent: pl.DataFrame, stays: pl.DataFrame) -> pl.DataFrame:
    """Return one row per share and stay of a person who could read it; `shown` is both sets of exports."""
    there = is_within_stay(pl.col("sent_at"))
    met = sent.lazy().join(stays.lazy(), on="chat_id", suffix="_stay")
    kept = met.filter(there & (pl.col("recipient_id") != pl.col("sender_id")))
    shown = pl.col("exports").cast(pl.Int64) * _SHIFT + pl.col("exports_stay")
    return kept.select(*_EDGE, "share", "variant_id", "sent_at", shown=shown).collect()


def _name_exports(exposed: pl.DataFrame, sets: pl.DataFrame) -> pl.DataFrame:
    """Return the edges of a portion, with ids and exports by name.

    Most edges rest on one pair of sets of exports, and many on the same one: each pair is spelled out once.
    """
    edges = exposed.group_by(_EDGE).agg(
        n_shares=pl.col("share").n_unique().cast(pl.Int64),
        first_at=pl.col("sent_at").min(),
        last_at=pl.col("sent_at").max(),
        shown=pl.col("shown").min(),
        other=pl.col("shown").max(),
        wording=pl.col("variant_id").min(),
        other_wording=pl.col("variant_id").max(),
    )
    even = edges.filter(pl.col("shown") == pl.col("other"))
    pairs = even.select(pl.col("shown").unique())
    plain = even.join(_spell(pairs, by=["shown"], sets=sets), on="shown")
    uneven = edges.filter(pl.col("shown") != pl.col("other"))
    several = exposed.select(*_EDGE, "shown").join(uneven.select(_EDGE), on=_EDGE, how="semi").unique()
    mixed = uneven.join(_spell(several, by=list(_EDGE), sets=sets), on=_EDGE)
    found = _name_wordings(pl.concat([plain, mixed]).drop("shown", "other"), exposed).sort(_EDGE)
    return found.with_columns(pl.col(_EDGE).cast(pl.String))


def _name_wordings(edges: pl.DataFrame, exposed: pl.DataFrame) -> pl.DataFrame:
    """Return the edges with their wordings; only where there are several, these are sought."""
    name = pl.col("wording").cast(pl.String)
    one = pl.col("wording").eq_missing(pl.col("other_wording"))
    plain = edges.filter(one).with_columns(variant_ids=pl.concat_list(name).list.drop_nulls())
    uneven = edges.filter(~one)
    several = exposed.select(*_EDGE, "variant_id").join(uneven.select(_EDGE), on=_EDGE, how="semi").unique()
    listed = several.group_by(_EDGE).agg(variant_ids=pl.col("variant_id").drop_nulls().cast(pl.String).sort())
    return pl.concat([plain, uneven.join(listed, on=_EDGE)]).drop("wording", "other_wording")


def _spell(rows: pl.DataFrame, *, by: list[str], sets: pl.DataFrame) -> pl.DataFrame:
    """Return the exports behind all rows of a group: `by` and `source_ids`."""
    parts = [pl.col("shown") // _SHIFT, pl.col("shown") % _SHIFT]
    numbers = pl.concat([rows.select(*by, exports=part.cast(pl.UInt32)) for part in parts]).unique()
    listed = numbers.join(sets, on="exports").explode("source_ids", empty_as_null=True)
    return listed.group_by(by).agg(pl.col("source_ids").drop_nulls().unique().sort())
