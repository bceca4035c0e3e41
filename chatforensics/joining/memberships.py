"""Who was in a chat from when to when, as far as the exports show it."""

import polars as pl

from chatforensics.schema import UTC, Memberships

_ENTRIES = {"created": "actor", "added": "target", "joined": "actor"}
_EXITS = {"left": "actor", "removed": "target"}
_GRACE = pl.duration(minutes=2)  # a post and the notice beside it may come from two clocks
_STAY = ("chat_id", "person_id")
_COLUMNS = (*_STAY, "from_at", "to_at", "basis")


def build_memberships(named: pl.DataFrame, seen: pl.DataFrame, chats: pl.DataFrame) -> Memberships:
    """Return the stays of people in chats; `to_at` is null for whoever is not seen to leave.

    Membership is not reading: somebody in a chat could have read it. People who neither post nor occur in a notice are
    not in the evidence at all. A stay whose beginning no notice shows is taken to begin with the chat's first record.

    Args:
        named: People in notices: `chat_id`, `person_id`, `event`, `role`, `sent_at`.
        seen: When people were seen in a chat, posting or acting: `chat_id`, `person_id`, `sent_at`.
        chats: `chat_id`, `kind`, `first_at`.
    """
    direct = chats.filter(pl.col("kind") == "direct").select("chat_id")
    people = pl.concat([seen, named.select(*_STAY, "sent_at")]).drop_nulls("person_id")
    pairs = people.join(direct, on="chat_id", how="semi").select(_STAY).unique()
    moves = _list_moves(named).join(direct, on="chat_id", how="anti")
    stays = _read_stays(moves)
    loose = _find_uncovered(people.join(direct, on="chat_id", how="anti"), stays)
    newcomers = loose.join(stays, on=_STAY, how="anti").select(_STAY).unique()
    assumed = pl.concat([pairs, newcomers]).select(*_STAY, from_at=pl.lit(None, UTC), to_at=pl.lit(None, UTC))
    posted = loose.join(stays, on=_STAY, how="semi")
    told = pl.concat([stays, assumed.with_columns(basis=pl.lit("assumed")).select(_COLUMNS), _span_posts(posted)])
    begun = told.join(chats.select("chat_id", "first_at"), on="chat_id")
    return Memberships(
        begun.with_columns(from_at=pl.coalesce("from_at", "first_at")).select(_COLUMNS).sort(*_STAY, "from_at", "basis")
    )


def _list_moves(named: pl.DataFrame) -> pl.DataFrame:
    """Return who entered or left when, once for all exports that show it."""
    parts = [
        named.filter((pl.col("event") == event) & (pl.col("role") == role)).with_columns(enters=pl.lit(enters))
        for roles, enters in ((_ENTRIES, True), (_EXITS, False))
        for event, role in roles.items()
    ]
    moves = pl.concat(parts).drop_nulls("person_id").select(*_STAY, "sent_at", "enters")
    turns = pl.col("enters").ne_missing(pl.col("enters").shift(1).over(_STAY))
    return moves.unique().sort(*_STAY, "sent_at", "enters").filter(turns)


def _read_stays(moves: pl.DataFrame) -> pl.DataFrame:
    """Pair entries with the exits that follow; an exit without an entry ends a stay of unknown beginning."""
    stays = moves.with_columns(
        place=pl.int_range(pl.len()).over(_STAY),
        to_at=pl.col("sent_at").shift(-1).over(_STAY),
    )
    entered = stays.filter(pl.col("enters")).select(*_STAY, "to_at", from_at="sent_at", basis=pl.lit("event"))
    only_left = stays.filter(~pl.col("enters") & (pl.col("place") == 0)).select(
        *_STAY, to_at="sent_at", from_at=pl.lit(None, UTC), basis=pl.lit("assumed")
    )
    return pl.concat([entered.select(_COLUMNS), only_left.select(_COLUMNS)])


def _find_uncovered(seen: pl.DataFrame, stays: pl.DataFrame) -> pl.DataFrame:
    """Return the times at which somebody was seen outside the stays that notices tell, with the stay `before`."""
    begins = pl.col("from_at").fill_null(pl.datetime(1, 1, 1, time_unit="us", time_zone="UTC"))
    starts = stays.with_columns(begins=begins - _GRACE, before="from_at").drop("basis").sort("begins")
    times = seen.select(*_STAY, "sent_at").drop_nulls().unique().sort("sent_at")
    met = times.join_asof(
        starts, left_on="sent_at", right_on="begins", by=list(_STAY), strategy="backward", check_sortedness=False
    )
    inside = pl.col("begins").is_not_null() & (
        pl.col("to_at").is_null() | (pl.col("sent_at") <= pl.col("to_at") + _GRACE)
    )
    return met.filter(~inside).select(*_STAY, "sent_at", "begins")


def _span_posts(loose: pl.DataFrame) -> pl.DataFrame:
    """Return stays from the first to the last time that somebody was seen between two known stays."""
    spans = loose.group_by(*_STAY, "begins").agg(from_at=pl.col("sent_at").min(), to_at=pl.col("sent_at").max())
    return spans.with_columns(basis=pl.lit("posted")).select(_COLUMNS)
