"""Who came into a chat and who went out of it when, and by whose hand, as notices say."""

import polars as pl

from chatforensics.joining.copies import match_copies

GRACE = pl.duration(minutes=2)  # a post and the notice beside it, or two notices of one thing, may come from two clocks

_ENTRIES = {"created": "actor", "added": "target", "joined": "actor"}
_EXITS = {"left": "actor", "removed": "target"}
_MOVES = {**_ENTRIES, **_EXITS}
_STAY = ("chat_id", "person_id")


def pick_moves(named: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of people in notices that say that this person came in or went out, with `enters`."""
    part = pl.col("event").replace_strict(_MOVES, default=None, return_dtype=pl.String)
    return named.filter(pl.col("role") == part).with_columns(enters=pl.col("event").is_in(list(_ENTRIES)))


def list_moves(named: pl.DataFrame) -> pl.DataFrame:
    """Return each entry and exit once, however many exports show it, in order of time.

    Columns: `chat_id`, `person_id`, `enters`, `at`, `how` (the event), `by` (whose hand it was, if another person's;
    null where no export names one known person, or where as many exports name another) and `source_ids`. Phones cut
    times down to their step, so that `at` is the latest of the times printed.

    Args:
        named: People in notices: `message_id`, `src`, `line`, `t`, `step_ms`, `source_id`, `sent_at`, `chat_id`,
            `person_id`, `event`, `role`.
    """
    actors = named.filter(pl.col("role") == "actor").select("message_id", by="person_id").unique("message_id")
    shown = (
        pick_moves(named)
        .drop_nulls(["person_id", "sent_at"])
        .join(actors, on="message_id", how="left")
        .select(*_STAY, "enters", "src", "line", "t", "step_ms", "sent_at", "source_id", "event", "by")
        .unique()
        .sort(*_STAY, "enters", "t", "src", "line", "event")
        .with_row_index("message_id")
        .with_columns(pl.col("message_id").cast(pl.Int64), by=_by_another())
    )
    return _describe_moves(_number_moves(match_copies(shown, by=[*_STAY, "enters"])))


def _by_another() -> pl.Expr:
    return pl.when((pl.col("by") != pl.col("person_id")) & pl.col("event").is_in(["added", "removed"])).then("by")


def _number_moves(matched: pl.DataFrame) -> pl.DataFrame:
    """Number the moves of each person: what follows its like within the grace is the same one, shown by another clock.

    Two moves within one step stand in the order of their lines in the first export that shows them.
    """
    dated = matched.with_columns(
        at=pl.col("sent_at").max().over("slot"),
        first_src=pl.col("src").min().over("slot"),
    ).with_columns(first_line=pl.col("line").sort_by("src", "line").first().over("slot"))
    ordered = dated.sort(*_STAY, "at", "first_src", "first_line", "slot", "message_id")
    again = ~pl.col("enters").ne_missing(pl.col("enters").shift(1).over(_STAY))
    near = (pl.col("at").diff().over(_STAY) <= GRACE).fill_null(value=False)
    return ordered.with_columns(move=(~(again & near)).cum_sum())


def _describe_moves(numbered: pl.DataFrame) -> pl.DataFrame:
    """Return one row per move: as most exports show it, and by whom where they agree best on one person."""
    counted = numbered.group_by("move", "event", "by").agg(n=pl.col("src").n_unique())
    n_how = pl.col("n").sum().over("move", "event")
    told = counted.with_columns(n_how=n_how).sort(
        "move", "n_how", "event", "n", "by", descending=[False, True, False, True, False], nulls_last=True
    )
    how = told.group_by("move", maintain_order=True).agg(how=pl.col("event").first())
    named = told.join(how, left_on=["move", "event"], right_on=["move", "how"], how="semi").drop_nulls("by")
    tied = (pl.col("n").max() == pl.col("n")).over("move").sum().over("move") > 1
    by = named.filter(~tied).unique("move", keep="first", maintain_order=True).select("move", "by")
    moves = numbered.group_by("move", maintain_order=True).agg(
        pl.col(*_STAY, "enters").first(), at=pl.col("at").max(), source_ids=pl.col("source_id").unique().sort()
    )
    return moves.join(how, on="move").join(by, on="move", how="left").sort("move").drop("move")
