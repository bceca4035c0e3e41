"""Sensitivity: how the results move when what had to be assumed is assumed otherwise.

These are varied, one at a time, all else as it was:

- `window_s`: within how many seconds two shares count as close in time;
- `similarity`: how alike two texts must be to count as one family;
- the model of links: its estimated parameters at half and at double their values, only the first exposure counting,
  all exposures counting alike, and the parameters as assumed before the case has said anything;
- coverage: each phone is left out in turn, and half of the exports, drawn at random with a given seed. The remaining
  exports are not joined again: people, chats, clocks, labels and families stay as all exports together showed them. How
  people pass texts on is estimated anew from what is left;
- what was assumed of single exports and of words (see `otherwise`): the order of day and month where nothing decides
  it, the clock where nothing places it, and from which probability on a message counts.

A result that hardly moves is not thereby right: all settings may share a mistake that is not varied here. And one that
moves is not thereby wrong: it rests on the setting, and the report has to say so.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import polars as pl

from chatforensics.schema import TABLES, Families, Memberships, Sensitivity, check
from chatforensics.tables import scan
from chatforensics.workflow.otherwise import (
    CLOCK,
    DATES,
    LABELS,
    Reread,
    list_phones,
    name_phones,
    vary_clocks,
    vary_dates,
    vary_labels,
)
from chatforensics.workflow.outcomes import (
    Case,
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
from chatforensics.workflow.trials import LIMITS, Limits, Row, not_varied, tell

if TYPE_CHECKING:
    from chatforensics.diffusion import LinkModel

WINDOWS_S = (60, 120, 300, 600, 1800)
SIMILARITY_FACTORS = (0.8, 1.25)
FACTORS = {"half": 0.5, "double": 2.0}
VARIED = ("per_reader", "per_unseen", "again", "edited")
LATER = {"first exposure only": 0.01, "all exposures alike": 1.0}
NAMES = ("window_s", "similarity", "link model", LABELS, DATES, CLOCK, "phone left out", "half of the exports")


def vary(  # noqa: PLR0913 - the tables, then how to try, by name
    tables: Tables,
    *,
    window_s: float,
    model: "LinkModel | None" = None,
    rereads: Sequence[Reread] = (),
    seed: int = 0,
    limits: Limits = LIMITS,
) -> Sensitivity:
    """Say how the results move when what had to be chosen or assumed is taken otherwise, one thing at a time.

    What two of them do together does not show; nor does anything that is not varied, such as who is who.

    Args:
        tables: All tables of the run up to `pairs`.
        window_s: The window of the run, in seconds.
        model: The model of links that the run estimated; without it, it is estimated here.
        rereads: The exports whose dates may be read in another order, and how to run the case so.
        seed: Chooses the halves of the exports.
        limits: How much is tried.

    Returns:
        One row per setting, value and outcome; `used` marks the run's own value. Outcomes: `n_families_tracked`,
        `n_shares`, `n_links_named` (shares with a named likeliest parent), `same_parent` (of the decisions to send for
        which the run names a likeliest parent, and both are still in the evidence: the part with the same one),
        `n_pairs_significant`, `n_clusters` (groups that significant pairs hang together in), and `reach` (people who
        sent or could read the family with the most messages flagged as instructions on voting, else the one most
        shared), `same_earliest` (1 where that family's earliest sender in the evidence is the same person, else 0), and
        `n_flagged` where labels or dates are varied. Where a setting was not varied, `value` is `not varied`, `outcome`
        says why, and `result` is null.
    """
    rows: list[Row] = []
    if too_large := _tell_size(tables, limits):
        rows = [not_varied(name, too_large) for name in NAMES]
    elif tables["shares"].height:
        case = open_case(tables, window_s=window_s)
        rows = [
            *_vary_window(case),
            *_vary_similarity(case, limits=limits),
            *_vary_links(case, model=model, limits=limits),
            *vary_labels(case, limits=limits),
            *vary_dates(case, rereads, limits=limits),
            *vary_clocks(case, limits=limits),
            *_vary_coverage(case, seed=seed, limits=limits),
        ]
    found = pl.DataFrame(rows, schema=dict(TABLES["sensitivity"]), orient="row")
    return Sensitivity(check(found, table="sensitivity"))


def _tell_size(tables: Tables, limits: Limits) -> str | None:
    """Return why the case is too large to be varied; nothing where it is not."""
    if tables["shares"].height > limits.most_shares:
        return f"more than {limits.most_shares:,} shares"
    n_records = scan(tables, "messages").select(pl.len()).collect().item()
    return f"more than {limits.most_records:,} records" if n_records > limits.most_records else None


def _vary_window(case: Case) -> Iterator[Row]:
    """Pair people within other windows, none finer than the clocks."""
    for window in sorted({*(float(w) for w in WINDOWS_S if w >= case.step_s), float(case.window_s)}):
        used = window == case.window_s
        pairs = case.world.pairs if used else pair(case.world, case, window_s=window)
        yield from tell("window_s", f"{window:g}", count_pairs(pairs), used=used)


def _vary_similarity(case: Case, *, limits: Limits) -> Iterator[Row]:
    """Group the texts at other thresholds, all of them, and follow what comes of it."""
    from chatforensics.families.similar import THRESHOLD
    from chatforensics.families.tracked import build_families_at

    if case.n_records > limits.most_messages:
        yield not_varied("similarity", f"more than {limits.most_messages:,} messages")
        return
    others = [round(THRESHOLD * factor, 2) for factor in SIMILARITY_FACTORS]
    found = build_families_at(case.told, case.labels, thresholds=others)
    for threshold in sorted([*others, THRESHOLD]):
        used = threshold == THRESHOLD
        world = case.world if used else follow(replace(case.world, families=found[threshold]), case)
        yield from tell("similarity", f"{threshold:g}", count_all(world, case), used=used)


def _vary_links(case: Case, *, model: "LinkModel | None", limits: Limits) -> Iterator[Row]:
    """Weigh the possible parents with other parameters, one at a time."""
    world, n_models = case.world, len(VARIED) * len(FACTORS) + len(LATER) + 1
    if world.shares.height * n_models > limits.most_links:
        yield not_varied("link model", f"more than {limits.most_links // n_models:,} shares")
        return
    yield from tell("link model", "as used", count_links(world, case), used=True)
    for name, other in _other_models(model or estimate_model(case)):
        links = link(world, case, model=other)
        yield from tell("link model", name, count_links(replace(world, links=links), case), used=False)


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
    phones = _each_phone(list_phones(case.sources), most=min(limits.most_phones, trials - n_halves))
    halves = _halves(case.sources, seed=seed, n=n_halves)
    for setting, without in (("phone left out", phones), ("half of the exports", halves)):
        if without:
            yield from tell(setting, "all exports", count_all(case.world, case), used=True)
        for name, gone in without.items():
            yield from tell(setting, name, count_all(_leave_out(case, gone), case), used=False)


def _each_phone(phones: pl.DataFrame, *, most: int) -> dict[str, frozenset[str]]:
    """Return what goes with each phone, by the end of its path, where there are at least two phones."""
    if phones.height < 2:  # noqa: PLR2004 - one left out of one leaves nothing
        return {}
    return name_phones(phones.head(most))


def _halves(sources: pl.DataFrame, *, seed: int, n: int) -> dict[str, frozenset[str]]:
    """Return the exports that each draw leaves out."""
    ids = sorted(sources["source_id"])
    draw = random.Random(seed)  # noqa: S311 - no secret
    return {f"draw {k + 1}": frozenset(draw.sample(ids, len(ids) // 2)) for k in range(n)} if len(ids) > 1 else {}


def _leave_out(case: Case, gone: frozenset[str]) -> World:
    """Return what the other exports alone show of the same people, chats, clocks and families."""
    world, left = case.world, pl.Series(sorted(gone), dtype=pl.String)
    messages = world.messages.lazy().filter(~pl.col("source_id").is_in(left.implode()))
    kept_ids = messages.select("message_id")
    families = world.families.lazy().join(kept_ids, on="message_id", how="semi", maintain_order="left").collect()
    known = pl.col("source_ids").list.set_difference(left.to_list()).list.len() > 0
    stays = world.memberships.filter(known.fill_null(value=True) | (pl.col("source_ids").list.len() == 0))
    kept = replace(world, messages=messages, memberships=Memberships(stays), families=Families(families))
    return follow(kept, case)
