"""Trials of what had to be assumed: the order of dates, a phone's clock, and from where on a message counts.

- `labels`: only what is flagged counts; what is for review counts as flagged; and the odds at the thresholds at half
  and at double. Of texts below the run's threshold for review hardly any is kept: halved odds move the upper one.
- `date order`: each export in which nothing decides between two orders is read in the other one, and everything after
  it is done again: joining, labels, families, shares, links and pairs.
- `clock`: the clock of each phone that nothing places, neither a declared zone nor messages that another phone holds
  too, goes an hour earlier and an hour later; then all these clocks together. Nothing is joined again. Within one such
  phone all times move together: order, lags and links among its own chats cannot change by this.

That the case lies in another zone altogether is not tried: all clocks without a declared zone would move together.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from chatforensics.errors import ChatForensicsError
from chatforensics.schema import Labels, Memberships, empty
from chatforensics.tables import put_together
from chatforensics.workflow.outcomes import Case, Results, World, count_all, count_flagged, follow, open_case
from chatforensics.workflow.run import Tables
from chatforensics.workflow.trials import Limits, Row, not_varied, tell

LABELS, DATES, CLOCK, ZONE = "labels", "date order", "clock", "zone of the case"
HOURS = {"an hour earlier": -1, "an hour later": 1}
ODDS = {"odds halved": 0.5, "odds doubled": 2.0}
ALL_TOGETHER = (
    "all clocks without a declared zone would move together: order, lags, links and pairs would stay, "
    "the hours of the day and dates near midnight would not"
)
_TIMES = ("from_at", "to_at", "first_seen_at", "last_seen_at")


@dataclass(frozen=True, slots=True)
class Reread:
    """An export whose dates can be read in another order, and how to run the case with them read so."""

    path: str
    order: str
    run: Callable[[], Tables]


def vary_labels(case: Case, *, limits: Limits) -> Iterator[Row]:
    """Count other messages as instructions than the run's thresholds do, and follow what comes of it."""
    from chatforensics.families import build_families

    n_trials = len(ODDS) + 2
    if case.n_records > limits.most_messages or case.world.shares.height * n_trials > limits.most_coverage:
        yield not_varied(LABELS, f"more than {limits.most_coverage // n_trials:,} shares or many messages")
        return
    yield from tell(LABELS, "as used", _count(case.world, case, case.labels), used=True)
    for name, labels in _other_labels(case.labels):
        families = build_families(case.told, labels)
        same = families.equals(case.world.families)
        world = case.world if same else follow(replace(case.world, families=families), case)
        yield from tell(LABELS, name, _count(world, case, labels), used=False)


def _count(world: World, case: Case, labels: Labels) -> Results:
    return {**count_flagged(labels, case), **count_all(world, case)}


def _other_labels(labels: Labels) -> Iterator[tuple[str, Labels]]:
    """Yield the labels decided otherwise."""
    from chatforensics.labelling.odds import decide_at

    decision = pl.col("decision")
    yield "flagged only", Labels(labels.with_columns(decision.replace("review", "none")))
    yield "review counted as flagged", Labels(labels.with_columns(decision.replace("review", "flag")))
    for name, factor in ODDS.items():
        yield name, decide_at(labels, factor=factor)


def vary_dates(case: Case, rereads: Sequence[Reread], *, limits: Limits) -> Iterator[Row]:
    """Read each export whose order of dates nothing decides in the other order, and do everything after it again."""
    trials = min(limits.most_orders, limits.most_reread // max(case.n_records, 1))
    if rereads[:trials]:
        yield from tell(DATES, "as read", _count(case.world, case, case.labels), used=True)
    for reread in rereads[:trials]:
        name = f"{Path(reread.path).name} as {reread.order}"
        try:
            other = reread.run()
        except ChatForensicsError as error:
            yield not_varied(DATES, f"{name}: {error.args[0]}")
            continue
        yield from tell(DATES, name, _count_reread(case, other), used=False)
    if rest := len(rereads[trials:]):
        yield not_varied(
            DATES, f"{rest:,} readings: more than {limits.most_orders} or {limits.most_reread:,} records in all of them"
        )


def _count_reread(case: Case, tables: Tables) -> Results:
    """Return what comes of a case that was joined again; people and messages are counted as the run itself has them."""
    none = {name: empty(name) for name in ("shares", "links", "pairs") if name not in tables}
    opened = open_case(put_together(tables, none), window_s=case.window_s)
    return _count(follow(opened.world, opened), case, opened.labels)


def vary_clocks(case: Case, *, limits: Limits) -> Iterator[Row]:
    """Move the clock of each phone that nothing places by an hour, then all of these together."""
    phones, n_phones = _list_unplaced(case.sources), list_phones(case.sources).height
    if case.sources["timezone"].null_count():
        yield not_varied(ZONE, ALL_TOGETHER)
    if n_phones < 2:  # noqa: PLR2004 - a lag is between two clocks
        return
    most = min(limits.most_clocks, limits.most_coverage // case.world.shares.height // len(HOURS))
    moved = name_phones(phones.head(most))
    if 1 < len(moved) == phones.height < n_phones:
        moved["all of them"] = frozenset[str]().union(*moved.values())
    if moved:
        yield from tell(CLOCK, "as assumed", count_all(case.world, case), used=True)
    for name, ids in moved.items():
        for words, hours in HOURS.items():
            world = follow(_shift(case.world, ids, hours=hours), case)
            yield from tell(CLOCK, f"{name} {words}", count_all(world, case), used=False)
    if phones.height > most:
        yield not_varied(CLOCK, f"{phones.height - most:,} more phones, those with the fewest messages")


def list_phones(sources: pl.DataFrame) -> pl.DataFrame:
    """Return the exports of each phone (else each export alone), named by its folder or file, the largest first."""
    folder = pl.col("folder") if "folder" in sources.columns else pl.lit(None, pl.String)
    placed = sources.select("source_id", "n_messages", place=pl.coalesce(folder, "path", "source_id"))
    phones = placed.group_by("place").agg(pl.col("source_id").sort(), pl.col("n_messages").sum())
    return phones.sort("n_messages", "place", descending=[True, False])


def name_phones(phones: pl.DataFrame) -> dict[str, frozenset[str]]:
    """Return the exports of each phone by the end of its path."""
    named = [(Path(place).name, frozenset(ids)) for place, ids in phones.select("place", "source_id").iter_rows()]
    twice = {name for name, _ in named if [other for other, _ in named].count(name) > 1}
    return {f"{name} ({min(ids)[:6]})" if name in twice else name: ids for name, ids in named}


def _list_unplaced(sources: pl.DataFrame) -> pl.DataFrame:
    """Return the phones none of whose exports has a declared zone, or was aligned with another phone's."""
    placed = sources.filter(pl.col("timezone").is_not_null() | pl.col("utc_offset_s").is_not_null())["source_id"]
    known = pl.col("source_id").list.set_intersection(placed.to_list()).list.len() > 0
    return list_phones(sources).filter(~known).select("place", "source_id")


def _shift(world: World, ids: frozenset[str], *, hours: int) -> World:
    """Return the world with all times of these exports, and of stays that only they show, so many hours later."""
    moved = pl.col("source_id").is_in(sorted(ids))
    later = pl.duration(hours=hours)
    at = pl.when(moved).then(pl.col("sent_at") + later).otherwise("sent_at")
    shown = pl.col("source_ids").list
    only = (shown.len() > 0) & (shown.set_difference(sorted(ids)).list.len() == 0)
    stays = world.memberships.with_columns(
        pl.when(only).then(pl.col(name) + later).otherwise(pl.col(name)).alias(name) for name in _TIMES
    )
    return replace(world, messages=world.messages.lazy().with_columns(sent_at=at), memberships=Memberships(stays))
