"""Sensitivity: how the results move when what had to be assumed is assumed otherwise.

Four things are varied, one at a time, all else as it was:

- `window_s`: within how many seconds two shares count as close in time;
- `similarity`: how alike two texts must be to count as one family;
- the model of links: its estimated parameters at half and at double their values, only the first exposure counting,
  all exposures counting alike, and the parameters as assumed before the case has said anything;
- coverage: each phone is left out in turn, and half of the exports, drawn at random with a given seed. The remaining
  exports are not joined again: people, chats, clocks, labels and families stay as all exports together showed them. How
  people pass texts on is estimated anew from what is left.

A result that hardly moves is not thereby right: all settings may share a mistake that is not varied here. And one that
moves is not thereby wrong: it rests on the setting, and the report has to say so.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from chatforensics.schema import TABLES, Families, Memberships, Messages, Sensitivity, check
from chatforensics.workflow.outcomes import (
    Case,
    Results,
    World,
    count_all,
    count_links,
    count_pairs,
    estimate_model,
    follow,
    link,
    open_case,
    pair,
)
from chatforensics.workflow.run import Tables

if TYPE_CHECKING:
    from chatforensics.diffusion import LinkModel

WINDOWS_S = (60, 120, 300, 600, 1800)
SIMILARITY_FACTORS = (0.8, 1.25)
FACTORS = {"half": 0.5, "double": 2.0}
VARIED = ("per_reader", "per_unseen", "again", "edited")
LATER = {"first exposure only": 0.01, "all exposures alike": 1.0}
Row = tuple[str, str, bool, str, float | None]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is tried, in numbers of shares and messages and not in seconds, so that every run tries the same.

    `most_shares` bounds a single trial, `most_links` the trials of the model of links, all shares of all trials
    together, and `most_coverage` those of coverage: of so many, a quarter are halves of the exports, `most_halves` at
    most, and the others phones, `most_phones` at most, those with the most messages. `most_messages` bounds the
    similarity of texts. What is beyond is not varied, and a row says so.
    """

    most_shares: int = 30_000
    most_links: int = 100_000
    most_coverage: int = 50_000
    most_phones: int = 12
    most_halves: int = 4
    most_messages: int = 200_000


LIMITS = Limits()


def vary(tables: Tables, *, window_s: float, seed: int = 0, limits: Limits = LIMITS) -> Sensitivity:
    """Say how the results move with the window, the similarity of texts, the model of links and the coverage.

    Only one thing is varied at a time, so that what two of them do together does not show; nor does anything that is
    not varied: who is who, whose clock is wrong, what is flagged.

    Args:
        tables: All tables of the run up to `pairs`.
        window_s: The window of the run, in seconds.
        seed: Chooses the halves of the exports.
        limits: How much is tried.

    Returns:
        One row per setting, value and outcome; `used` marks the run's own value. Outcomes: `n_families_tracked`,
        `n_shares`, `n_links_named` (shares with a named likeliest parent), `same_parent` (of the decisions to send for
        which the run names a likeliest parent, and both are still in the evidence: the part with the same one),
        `n_pairs_significant`, `n_clusters` (groups that significant pairs hang together in), and `reach` (people who
        sent or could read the family with the most messages flagged as instructions on voting, else the one most
        shared). Where a setting was not varied, `value` is `not varied`, `outcome` says why, and `result` is null.
    """
    case = open_case(tables, window_s=window_s)
    rows: list[Row] = []
    if case.world.shares.height > limits.most_shares:
        reason = f"more than {limits.most_shares:,} shares"
        rows = [
            _not_varied(name, reason)
            for name in ("window_s", "similarity", "link model", "phone left out", "half of the exports")
        ]
    elif case.world.shares.height:
        rows = [
            *_vary_window(case),
            *_vary_similarity(case, limits=limits),
            *_vary_links(case, limits=limits),
            *_vary_coverage(case, seed=seed, limits=limits),
        ]
    found = pl.DataFrame(rows, schema=dict(TABLES["sensitivity"]), orient="row")
    return Sensitivity(check(found, table="sensitivity"))


def _vary_window(case: Case) -> Iterator[Row]:
    """Pair people within other windows, none finer than the clocks."""
    for window in sorted({*(float(w) for w in WINDOWS_S if w >= case.step_s), float(case.window_s)}):
        used = window == case.window_s
        pairs = case.world.pairs if used else pair(case.world, case, window_s=window)
        yield from _tell("window_s", f"{window:g}", count_pairs(pairs), used=used)


def _vary_similarity(case: Case, *, limits: Limits) -> Iterator[Row]:
    """Group the texts at other thresholds, all of them, and follow what comes of it."""
    from chatforensics.families.similar import THRESHOLD
    from chatforensics.families.tracked import build_families_at

    if case.world.messages.height > limits.most_messages:
        yield _not_varied("similarity", f"more than {limits.most_messages:,} messages")
        return
    others = [round(THRESHOLD * factor, 2) for factor in SIMILARITY_FACTORS]
    found = build_families_at(case.world.messages, case.labels, thresholds=others)
    for threshold in sorted([*others, THRESHOLD]):
        used = threshold == THRESHOLD
        world = case.world if used else follow(replace(case.world, families=found[threshold]), case)
        yield from _tell("similarity", f"{threshold:g}", count_all(world, case), used=used)


def _vary_links(case: Case, *, limits: Limits) -> Iterator[Row]:
    """Weigh the possible parents with other parameters, one at a time."""
    world, n_models = case.world, len(VARIED) * len(FACTORS) + len(LATER) + 1
    if world.shares.height * n_models > limits.most_links:
        yield _not_varied("link model", f"more than {limits.most_links // n_models:,} shares")
        return
    yield from _tell("link model", "as used", count_links(world, case), used=True)
    for name, model in _other_models(estimate_model(case)):
        links = link(world, case, model=model)
        yield from _tell("link model", name, count_links(replace(world, links=links), case), used=False)


def _other_models(model: "LinkModel") -> Iterator[tuple[str, "LinkModel"]]:
    """Yield the estimated model with one parameter changed, and the model as it was before it was estimated."""
    for name in VARIED:
        for word, factor in FACTORS.items():
            changed: dict[str, Any] = {name: factor * getattr(model, name)}
            yield f"{name} {word}", replace(model, **changed, fixed=True)
    for words, later in LATER.items():
        yield words, replace(model, later=later, fixed=True)
    yield "not estimated", type(model)(fixed=True)


def _vary_coverage(case: Case, *, seed: int, limits: Limits) -> Iterator[Row]:
    """Leave out each phone in turn, and halves of the exports."""
    trials = limits.most_coverage // case.world.shares.height
    n_halves = min(limits.most_halves, -(-trials // 4))
    phones = _each_phone(_list_phones(case.sources), most=min(limits.most_phones, trials - n_halves))
    halves = _halves(case.sources, seed=seed, n=n_halves)
    for setting, without in (("phone left out", phones), ("half of the exports", halves)):
        if without:
            yield from _tell(setting, "all exports", count_all(case.world, case), used=True)
        for name, gone in without.items():
            yield from _tell(setting, name, count_all(_leave_out(case, gone), case), used=False)


def _list_phones(sources: pl.DataFrame) -> pl.DataFrame:
    """Return the exports of each phone (else each export alone), named by its folder or file, the largest first."""
    folder = pl.col("folder") if "folder" in sources.columns else pl.lit(None, pl.String)
    placed = sources.select("source_id", "n_messages", place=pl.coalesce(folder, "path", "source_id"))
    phones = placed.group_by("place").agg(pl.col("source_id").sort(), pl.col("n_messages").sum())
    return phones.sort("n_messages", "place", descending=[True, False])


def _each_phone(phones: pl.DataFrame, *, most: int) -> dict[str, frozenset[str]]:
    """Return what goes with each phone, by the end of its path, where there are at least two phones."""
    if phones.height < 2:  # noqa: PLR2004 - one left out of one leaves nothing
        return {}
    rows = phones.head(most).select("place", "source_id").iter_rows()
    named = [(Path(place).name, frozenset(ids)) for place, ids in rows]
    twice = {name for name, _ in named if [other for other, _ in named].count(name) > 1}
    return {f"{name} ({min(ids)[:6]})" if name in twice else name: ids for name, ids in named}


def _halves(sources: pl.DataFrame, *, seed: int, n: int) -> dict[str, frozenset[str]]:
    """Return the exports that each draw leaves out."""
    ids = sorted(sources["source_id"])
    draw = random.Random(seed)  # noqa: S311 - no secret
    return {f"draw {k + 1}": frozenset(draw.sample(ids, len(ids) // 2)) for k in range(n)} if len(ids) > 1 else {}


def _leave_out(case: Case, gone: frozenset[str]) -> World:
    """Return what the other exports alone show of the same people, chats, clocks and families."""
    world, left = case.world, pl.Series(sorted(gone), dtype=pl.String)
    messages = world.messages.filter(~pl.col("source_id").is_in(left.implode()))
    families = world.families.join(messages.select("message_id"), on="message_id", how="semi", maintain_order="left")
    known = pl.col("source_ids").list.set_difference(left.to_list()).list.len() > 0
    stays = world.memberships.filter(known.fill_null(value=True) | (pl.col("source_ids").list.len() == 0))
    kept = replace(world, messages=Messages(messages), memberships=Memberships(stays), families=Families(families))
    return follow(kept, case)


def _tell(setting: str, value: str, results: Results, *, used: bool) -> Iterator[Row]:
    for outcome, result in results.items():
        yield setting, value, used, outcome, result


def _not_varied(setting: str, reason: str) -> Row:
    return setting, "not varied", False, reason, None
