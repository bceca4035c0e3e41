from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tablerows import fill

from chatforensics import schema
from chatforensics.diffusion.decisions import Decisions
from chatforensics.diffusion.edges import build_edges
from chatforensics.diffusion.measures import ORDER, measure_cascades

NINE = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
DECIDED = ["reach", "n_senders", "n_chats", "n_shares", "half_reach_s"]
Row = tuple[str, str | None, float]


def some_shares(sent: list[tuple[str, str, str, int]]) -> schema.Shares:
    """Return shares s0, s1, ...: who, chat, family, minute."""
    rows = [
        (f"s{number}", family, "v", chat, who, NINE + timedelta(minutes=minute), [number], 1.0, ["a"])
        for number, (who, chat, family, minute) in enumerate(sent)
    ]
    return schema.Shares(fill("shares", rows))


def some_links(rows: list[Row], bursts: dict[str, str] | None = None) -> schema.Links:
    """Return links in the order given, the likeliest first."""
    burst_of = bursts or {}
    found = fill("links", [(child, parent, p, 0, None, burst_of.get(child, child)) for child, parent, p in rows])
    return schema.Links(found.with_columns(rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("share_id")))


def no_edges() -> schema.Edges:
    return schema.Edges(schema.empty("edges"))


def of(cascades: schema.Cascades, measure: str, family: str = "f1") -> tuple[float, float, float]:
    row = cascades.filter((pl.col("measure") == measure) & (pl.col("family_id") == family)).row(0, named=True)
    return row["value"], row["low"], row["high"]


FOUR = some_shares(
    [("wanjiru", "c1", "f1", 0), ("émile", "c2", "f1", 1), ("hana", "c3", "f1", 2), ("ikaika", "c1", "f1", 3)]
)
CHAIN = [("s0", None, 1.0), ("s1", "s0", 1.0), ("s2", "s1", 1.0), ("s3", "s2", 1.0)]


def test_certain_links_leave_no_range() -> None:
    cascades = measure_cascades(FOUR, some_links(CHAIN), no_edges(), seed=1)
    assert of(cascades, "depth") == (3, 3, 3)
    assert of(cascades, "breadth") == (1, 1, 1)
    assert of(cascades, "n_trees") == (1, 1, 1)
    assert of(cascades, "structural_virality") == pytest.approx((5 / 3, 5 / 3, 5 / 3), abs=1e-4)


def test_uncertain_links_give_a_range() -> None:
    rows: list[Row] = [("s0", None, 1.0), ("s1", "s0", 0.6), ("s1", None, 0.4), ("s2", "s0", 1.0), ("s3", "s0", 1.0)]
    cascades = measure_cascades(FOUR, some_links(rows), no_edges(), seed=1)
    assert of(cascades, "n_trees") == (1, 1, 2)
    assert of(cascades, "breadth") == (3, 2, 3)
    assert of(cascades, "unseen_share") == (0.25, 0.25, 0.5)
    assert cascades.filter(pl.col("measure") == "n_trees")["middle"].to_list() == [1]


def test_a_burst_is_one_decision() -> None:
    shares = some_shares([("wanjiru", "c1", "f1", 0), ("hana", "c2", "f1", 5), ("hana", "c3", "f1", 6)])
    rows: list[Row] = [("s0", None, 1.0)]
    rows += [row for child in ("s1", "s2") for row in ((child, "s0", 0.5), (child, None, 0.5))]
    together = measure_cascades(shares, some_links(rows, {"s2": "s1"}), no_edges(), seed=1)
    apart = measure_cascades(shares, some_links(rows), no_edges(), seed=1)
    assert of(together, "n_trees") == (1, 1, 3)
    assert of(apart, "n_trees") == (1, 1, 3)
    # Drawn together, both have a source or neither: there are never two trees.
    assert drawn_trees(shares, some_links(rows, {"s2": "s1"})) == {1, 3}
    assert drawn_trees(shares, some_links(rows)) == {1, 2, 3}


def drawn_trees(shares: schema.Shares, links: schema.Links) -> set[float]:
    """Return every number of trees among forty single draws."""
    draws = [measure_cascades(shares, links, no_edges(), seed=seed, n_draws=1) for seed in range(40)]
    return {of(draw, "n_trees")[1] for draw in draws}


def test_candidates_are_drawn_by_their_probability() -> None:
    shares = some_shares([("wanjiru", "c1", "f1", 0), *((f"p{n}", "c1", "f1", 1 + n) for n in range(400))])
    rows: list[Row] = [("s0", None, 1.0)]
    rows += [row for n in range(1, 401) for row in ((f"s{n}", "s0", 0.75), (f"s{n}", None, 0.25))]
    value, low, high = of(measure_cascades(shares, some_links(rows), no_edges(), seed=3), "n_trees")
    assert value == 1
    assert 80 < low < 101 < high < 122  # 101 expected, standard deviation 8.7


def test_the_earliest_of_equal_likeliest_is_the_one_ranked_first() -> None:
    rows: list[Row] = [("s0", None, 1.0), ("s1", None, 0.5), ("s1", "s0", 0.5), ("s2", "s0", 1.0), ("s3", "s0", 1.0)]
    assert of(measure_cascades(FOUR, some_links(rows), no_edges(), seed=1), "n_trees")[0] == 2


def test_reach_counts_senders_and_whoever_could_read_it() -> None:
    shares = some_shares([("wanjiru", "c1", "f1", 0), ("hana", "c2", "f1", 60), ("hana", "c2", "f2", 60)])
    stays = [{"chat_id": chat, "person_id": who} for chat, who in (("c1", "hana"), ("c2", "émile"), ("c2", "wanjiru"))]
    memberships = schema.Memberships(pl.DataFrame(stays, schema=dict(schema.TABLES["memberships"])))
    links = some_links([("s0", None, 1.0), ("s1", "s0", 1.0), ("s2", None, 1.0)])
    cascades = measure_cascades(shares, links, build_edges(shares, memberships), seed=1)
    assert of(cascades, "reach") == (3, 3, 3)
    assert of(cascades, "half_reach_s") == (0, 0, 0)  # two of three at nine o'clock
    assert of(cascades, "reach", "f2") == (3, 3, 3)
    assert of(cascades, "n_senders", "f2") == (1, 1, 1)


def test_half_of_the_reach_takes_until_half_of_the_people_were_reached() -> None:
    links = some_links([("s0", None, 1.0), ("s1", "s0", 1.0), ("s2", "s1", 1.0), ("s3", "s1", 1.0)])
    assert of(measure_cascades(FOUR, links, no_edges(), seed=1), "half_reach_s")[0] == 60


def test_every_family_has_every_measure_in_order() -> None:
    shares = some_shares([("wanjiru", "c1", "f2", 0), ("hana", "c2", "f1", 5)])
    cascades = measure_cascades(shares, some_links([("s0", None, 1.0), ("s1", None, 1.0)]), no_edges(), seed=1)
    wanted = [(family, measure) for family in ("f1", "f2") for measure in ORDER]
    assert cascades.select("family_id", "measure").rows() == wanted
    undefined = cascades.filter(pl.col("measure") == "structural_virality").select("value", "low", "high")
    assert undefined.rows() == [(None, None, None)] * 2


def test_no_shares_have_no_measures() -> None:
    none = schema.Shares(schema.empty("shares"))
    assert measure_cascades(none, schema.Links(schema.empty("links")), no_edges(), seed=1).is_empty()


@settings(max_examples=40, deadline=None)
@given(
    choices=st.lists(st.lists(st.integers(1, 9), min_size=1, max_size=4), min_size=1, max_size=8),
    seed=st.integers(0, 9),
    turned=st.booleans(),
)
def test_ranges_hold_what_the_exports_decide_and_no_order_of_rows_matters(
    choices: list[list[int]], seed: int, *, turned: bool
) -> None:
    shares = some_shares([(f"p{n}", f"c{n % 3}", f"f{n % 2}", n) for n in range(len(choices))])
    rows: list[Row] = []
    for place, weights in enumerate(choices):
        parents = [None, *(f"s{n}" for n in range(place - 2, -1, -2))][: len(weights)]
        total = sum(weights[: len(parents)])
        scaled = sorted(((w / total, p) for w, p in zip(weights, parents, strict=False)), key=lambda x: -x[0])
        rows += [(f"s{place}", parent, p) for p, parent in scaled]
    links = some_links(rows)
    found = measure_cascades(shares, links, no_edges(), seed=seed, n_draws=30)
    if turned:
        again = measure_cascades(
            schema.Shares(shares.reverse()), schema.Links(links.reverse()), no_edges(), seed=seed, n_draws=30
        )
        assert again.equals(found)
    decided = found.filter(pl.col("measure").is_in(DECIDED))
    assert decided["value"].equals(decided["low"].alias("value"))
    assert decided["value"].equals(decided["high"].alias("value"))
    assert (found["low"] <= found["middle"]).all()
    assert (found["middle"] <= found["high"]).all()


@given(sizes=st.lists(st.integers(0, 5), min_size=1, max_size=8), seed=st.integers(0, 99))
def test_each_decision_takes_the_candidate_in_whose_part_the_draw_falls(sizes: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    starts, n = np.concatenate([[0], np.cumsum(sizes)]), sum(sizes)
    # Some candidates have no probability at all.
    sums = np.concatenate([[0.0], np.cumsum(rng.integers(0, 3, n) / 4)])
    decisions = Decisions(np.arange(len(sizes)), starts, np.arange(n + 1), sums, n=len(sizes))
    base, top = sums[starts[:-1]], sums[starts[1:]]
    drawn = base + rng.integers(0, 5, len(sizes)) / 5 * (top - base)
    sought = np.searchsorted(sums, drawn, side="right") - 1
    wanted = np.clip(sought, starts[:-1], np.maximum(starts[1:] - 1, starts[:-1]))
    several = np.flatnonzero(np.array(sizes) > 0)
    assert (decisions._find(several, drawn[several]) == wanted[several]).all()


def test_draws_are_the_same_whatever_is_drawn_together(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [("s0", None, 1.0), ("s1", "s0", 0.5), ("s1", None, 0.5), ("s2", "s1", 0.4), ("s2", "s0", 0.6)]
    links = some_links([*rows, ("s3", None, 0.3), ("s3", "s2", 0.7)])
    whole = measure_cascades(FOUR, links, no_edges(), seed=1)
    monkeypatch.setattr("chatforensics.diffusion.measures.PORTION", 1)
    assert measure_cascades(FOUR, links, no_edges(), seed=1).equals(whole)
