"""Every table cut down to what concerns the messages of a package.

What stays is what the kept messages rest on, and what was computed from them. Ids of messages, shares, chats and
people outside stay as ids: they say that there is more, not what it says.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from chatforensics import schema
from chatforensics.package.dossier import Tables


@dataclass(frozen=True, slots=True)
class Kept:
    """The messages of a package: `centres` are the ticked ones and their copies, `included` all with their context."""

    centres: frozenset[int]
    included: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Around:
    """What the kept messages lead to. Series, so that tables can be filtered by them."""

    centres: pl.Series
    included: pl.Series
    files: pl.Series
    canonical: pl.Series
    sources: pl.Series
    chats: pl.Series
    people: pl.Series
    senders: pl.Series
    families: pl.Series
    variants: pl.Series
    own_shares: pl.Series
    shares: pl.Series
    sent: pl.DataFrame


_Cut = Callable[[pl.DataFrame, _Around], pl.DataFrame]


def cut_tables(tables: Tables, kept: Kept) -> dict[str, pl.DataFrame]:
    """Return every table of the contract with the rows that concern the kept messages; `people` stays whole.

    All indicators of an export in the package stay, and all comparisons with it: to choose among them would be to
    choose what a reader may know of its integrity.
    """
    whole = {name: tables[name] if name in tables else schema.empty(name) for name in schema.TABLES}
    around = _look_around(whole, kept)
    return {name: cut(whole[name], around) for name, cut in _CUTS.items()}


def _look_around(tables: Tables, kept: Kept) -> _Around:
    included, centres = _ids(kept.included), _ids(kept.centres)
    messages = tables["messages"].filter(_in("message_id", included))
    middle = messages.filter(_in("message_id", centres))
    canonical = messages["canonical_id"].drop_nulls().unique()
    shares = tables["shares"].filter(_overlaps("message_ids", included))
    parents = tables["links"].filter(_in("share_id", shares["share_id"]))["parent_share_id"].drop_nulls()
    families = tables["families"].filter(_in("message_id", included))
    sent = middle.join(families.select("message_id", "family_id"), on="message_id").select("person_id", "family_id")
    return _Around(
        centres=centres,
        included=included,
        files=messages["attachment"].drop_nulls().unique(),
        canonical=canonical,
        sources=_find_sources(tables["corroboration"], messages, canonical),
        chats=messages["chat_id"].drop_nulls().unique(),
        people=messages["person_id"].drop_nulls().unique(),
        senders=middle["person_id"].drop_nulls().unique(),
        families=families.filter(_in("message_id", centres))["family_id"].drop_nulls().unique(),
        variants=families["variant_id"].drop_nulls().unique(),
        own_shares=shares["share_id"],
        shares=pl.concat([shares["share_id"], parents]).unique(),
        sent=sent.drop_nulls().unique(),
    )


def _find_sources(corroboration: pl.DataFrame, messages: pl.DataFrame, canonical: pl.Series) -> pl.Series:
    """Return the exports that hold kept messages, and those that cover the time of one without it."""
    told = corroboration.filter(_in("canonical_id", canonical))
    lists = [told[name].explode().drop_nulls() for name in ("source_ids", "lacking")]
    return pl.concat([messages["source_id"], *lists]).unique()


def _ids(ids: frozenset[int]) -> pl.Series:
    return pl.Series(sorted(ids), dtype=pl.Int64)


def _in(column: str, values: pl.Series) -> pl.Expr:
    return pl.col(column).is_in(values.implode()).fill_null(value=False)


def _overlaps(column: str, values: pl.Series) -> pl.Expr:
    return pl.col(column).list.eval(pl.element().is_in(values.implode())).list.any().fill_null(value=False)


def _by(column: str, what: str) -> _Cut:
    return lambda frame, around: frame.filter(_in(column, getattr(around, what)))


def _by_either(one: str, other: str, what: str) -> _Cut:
    return lambda frame, around: frame.filter(_in(one, getattr(around, what)) | _in(other, getattr(around, what)))


def _by_both(one: str, other: str, what: str) -> _Cut:
    return lambda frame, around: frame.filter(_in(one, getattr(around, what)) & _in(other, getattr(around, what)))


def _by_list(column: str, what: str) -> _Cut:
    return lambda frame, around: frame.filter(_overlaps(column, getattr(around, what)))


def _whole(frame: pl.DataFrame, _around: _Around) -> pl.DataFrame:
    return frame


def _members(frame: pl.DataFrame, around: _Around) -> pl.DataFrame:
    """Keep what the container says of itself, and of the files sent in the chat only those of kept messages."""
    is_sent = pl.col("role").eq("sent").fill_null(value=False)
    return frame.filter(_in("source_id", around.sources) & (~is_sent | _in("name", around.files)))


def _memberships(frame: pl.DataFrame, around: _Around) -> pl.DataFrame:
    return frame.filter(_in("person_id", around.people) & _in("chat_id", around.chats))


def _edges(frame: pl.DataFrame, around: _Around) -> pl.DataFrame:
    """Keep the ties by which the sender of a ticked message passed on its text."""
    sent = around.sent.rename({"person_id": "sender_id"})
    return frame.join(sent, on=["sender_id", "family_id"], how="semi", maintain_order="left")


_BY_MESSAGE = _by("message_id", "included")
_BY_SOURCE = _by("source_id", "sources")
_CUTS: Mapping[str, _Cut] = {
    "sources": _BY_SOURCE,
    "messages": _BY_MESSAGE,
    "events": _BY_MESSAGE,
    "rejects": _BY_SOURCE,
    "readings": _BY_MESSAGE,
    "attachments": _BY_MESSAGE,
    "pictures": _BY_MESSAGE,
    "picture_links": _by_either("message_a", "message_b", "centres"),
    "members": _members,
    "references": _BY_MESSAGE,
    "polls": _BY_MESSAGE,
    "places": _BY_MESSAGE,
    "calls": _BY_MESSAGE,
    "chats": _by("chat_id", "chats"),
    "people": _whole,
    "namesakes": _by_either("person_a", "person_b", "people"),
    "joins": _by("person_id", "people"),
    "comparisons": _by_either("source_a", "source_b", "sources"),
    "clocks": _BY_SOURCE,
    "memberships": _memberships,
    "labels": _BY_MESSAGE,
    "slates": _BY_MESSAGE,
    "same_slates": _by_both("family_a", "family_b", "families"),
    "families": _BY_MESSAGE,
    "variants": _by("variant_id", "variants"),
    "variant_changes": _by_both("variant_id", "parent_variant_id", "variants"),
    "shares": _by("share_id", "shares"),
    "exposures": _by("share_id", "shares"),
    "exposed_chats": _by("family_id", "families"),
    "links": _by("share_id", "own_shares"),
    "edges": _edges,
    "pairs": _by_either("person_a", "person_b", "senders"),
    "clusters": _by_list("message_ids", "centres"),
    "cascades": _by("family_id", "families"),
    "sensitivity": _whole,
    "indicators": _by_list("source_ids", "sources"),
    "corroboration": _by("canonical_id", "canonical"),
}
