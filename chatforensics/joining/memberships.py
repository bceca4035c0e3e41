"""Who was in a chat from when to when, as far as the exports show it.

The time of a chat is cut, for each person, where a notice says that they came in or went out, and where the exports of
the chat begin to cover it again after a time that none covers. In each piece a person is in or out: as the notice at
its beginning says, else as the next notice says, else in if they were seen, else as in the piece before.
"""

import polars as pl

from chatforensics.joining.moves import GRACE
from chatforensics.joining.presence import merge_stretches
from chatforensics.schema import TABLES, UTC, Memberships

_STAY = ("chat_id", "person_id")
_ENTER, _EXIT, _COVERED = "enter", "exit", "covered"


def build_memberships(
    moves: pl.DataFrame, seen: pl.DataFrame, coverage: pl.DataFrame, chats: pl.DataFrame
) -> Memberships:
    """Return the stays of people in chats; `to_at` is null for whoever is not seen to leave.

    Membership is not reading: somebody in a chat could have read it. People who neither post nor occur in a notice are
    not in the evidence at all. Where no notice gives the beginning or the end of a stay, it is taken to be as long as
    the exports allow: from the chat's first record, or over a time that no export covers. Phones of those who are no
    admins do not show who left: some who seem to be there had gone.

    Args:
        moves: As made by `list_moves`; those of one-to-one chats are not used.
        seen: As made by `list_sightings`.
        coverage: As made by `find_coverage`.
        chats: `chat_id`, `kind`, `first_at`.
    """
    groups = chats.filter(pl.col("kind") == "group").select("chat_id")
    inside = moves.join(groups, on="chat_id", how="semi")
    people = pl.concat([seen.select(_STAY), inside.select(_STAY)]).unique()
    stretches = merge_stretches(coverage.join(groups, on="chat_id", how="semi"))
    pieces = _see_people(_cut_time(people, inside, stretches, chats), seen)
    told = _tell_presence(pieces)
    stays = pl.concat([_read_stays(told), _read_contradicted(told)]).join(chats, on="chat_id")
    found = stays.with_columns(pl.coalesce("from_at", "first_at"), pl.col("source_ids").list.unique().list.sort())
    return Memberships(found.select(*TABLES["memberships"]).sort(*_STAY, "from_at", "basis"))


def _cut_time(people: pl.DataFrame, moves: pl.DataFrame, stretches: pl.DataFrame, chats: pl.DataFrame) -> pl.DataFrame:
    """Return the pieces of each person's time in each chat, in order: `at`, `opener`, `since`, and those of the move.

    `since` says from when on no export covered the chat, before it is covered again.
    """
    again = stretches.with_columns(since=pl.col("to_at").shift(1).over("chat_id")).join(chats, on="chat_id")
    again = again.filter(pl.col("from_at") > pl.col("first_at") + GRACE)
    starts = pl.concat(
        [
            chats.select("chat_id", at="first_at", since=pl.lit(None, UTC)),
            again.select("chat_id", at="from_at", since=pl.coalesce("since", "first_at")),
        ]
    )
    opener = pl.when("enters").then(pl.lit(_ENTER)).otherwise(pl.lit(_EXIT))
    pieces = [
        people.join(starts, on="chat_id").with_columns(opener=pl.lit(_COVERED)),
        moves.with_row_index("place").with_columns(opener=opener).drop("enters"),
    ]
    return pl.concat(pieces, how="diagonal").sort(*_STAY, "at", "place", nulls_last=False)


def _see_people(pieces: pl.DataFrame, seen: pl.DataFrame) -> pl.DataFrame:
    """Add to each piece when its person was first and last there and first and last acted, and which exports say so."""
    shift = pl.when(pl.col("opener") == _ENTER).then(-GRACE).when(pl.col("opener") == _EXIT).then(GRACE)
    numbered = pieces.with_row_index("piece").with_columns(key=pl.col("at") + shift.fill_null(pl.duration()))
    keys = numbered.select(*_STAY, "piece", key=pl.col("key").cum_max().over(_STAY))
    acted = pl.when("acts").then("sent_at")
    sightings = (
        seen.sort("sent_at")
        .join_asof(
            keys.unique([*_STAY, "key"], keep="last", maintain_order=True).sort("key"),
            left_on="sent_at",
            right_on="key",
            by=list(_STAY),
            strategy="backward",
            check_sortedness=False,
        )
        .group_by("piece")
        .agg(
            there_from=pl.col("sent_at").min(),
            there_to=pl.col("sent_at").max(),
            first_seen_at=acted.min(),
            last_seen_at=acted.max(),
            seen_in=pl.col("source_id").unique().sort(),
        )
    )
    return numbered.join(sightings, on="piece", how="left").sort("piece").drop("key")


def _tell_presence(pieces: pl.DataFrame) -> pl.DataFrame:
    """Add whether the person was in the chat (`there`), and what ends the piece (`next_opener` and so on)."""
    following = [pl.col(name).shift(-1).over(_STAY).alias(f"next_{name}") for name in ("opener", "at", "how", "by")]
    told = pieces.with_columns(*following, next_ids=pl.col("source_ids").shift(-1).over(_STAY))
    known = (
        pl.when(pl.col("opener") != _COVERED)
        .then(pl.col("opener") == _ENTER)
        .when(pl.col("next_opener") != _COVERED)
        .then(pl.col("next_opener") == _EXIT)
        .when(pl.col("there_from").is_not_null())
        .then(pl.lit(value=True))
    )
    there = told.with_columns(there=known).with_columns(pl.col("there").forward_fill().over(_STAY))
    return there.with_columns(pl.col("there").backward_fill().over(_STAY))


def _read_stays(told: pl.DataFrame) -> pl.DataFrame:
    """Return a stay for each run of pieces in which the person was in the chat; an entry begins another."""
    enters = pl.col("opener") == _ENTER
    begins = pl.col("there") & (enters | ~pl.col("there").shift(1, fill_value=False).over(_STAY))
    numbered = told.with_columns(stay=begins.cum_sum()).filter("there")
    ids = pl.concat_list(pl.col("seen_in", "source_ids").fill_null([]), _end_ids())
    return (
        numbered.with_columns(ids=ids)
        .group_by("stay", maintain_order=True)
        .agg(
            pl.col(_STAY).first(),
            from_at=pl.when(enters).then("at").otherwise("since").first(),
            to_at=pl.col("next_at").last(),
            basis=pl.when(enters).then(pl.lit("event")).otherwise(pl.lit("assumed")).first(),
            entry=pl.col("how").first(),
            added_by=pl.col("by").first(),
            exit=_end("how").last(),
            removed_by=_end("by").last(),
            first_seen_at=pl.col("first_seen_at").min(),
            last_seen_at=pl.col("last_seen_at").max(),
            source_ids=pl.col("ids").list.explode(keep_nulls=False, empty_as_null=False),
        )
        .drop("stay")
    )


def _read_contradicted(told: pl.DataFrame) -> pl.DataFrame:
    """Return the times between two sightings of somebody whom notices place outside the chat."""
    seen = told.filter(~pl.col("there") & pl.col("there_from").is_not_null())
    ends = pl.col("next_opener") == _EXIT
    return seen.select(
        *_STAY,
        from_at="there_from",
        to_at=pl.when(ends.fill_null(value=False)).then("next_at").otherwise("there_to"),
        basis=pl.lit("posted"),
        entry=pl.lit(None, pl.String),
        added_by=pl.lit(None, pl.String),
        exit=_end("how"),
        removed_by=_end("by"),
        first_seen_at="first_seen_at",
        last_seen_at="last_seen_at",
        source_ids=pl.concat_list("seen_in", _end_ids()),
    )


def _end(name: str) -> pl.Expr:
    """Return what the notice of leaving at the end of a piece says."""
    return pl.when(pl.col("next_opener") == _EXIT).then(f"next_{name}")


def _end_ids() -> pl.Expr:
    """Return the exports that show the notice of leaving at the end of a piece."""
    return pl.when(pl.col("next_opener") == _EXIT).then("next_ids").otherwise(pl.lit([], pl.List(pl.String)))
