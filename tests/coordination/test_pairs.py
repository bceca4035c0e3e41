import math
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import TypeAlias

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics import schema
from chatforensics.coordination.pairs import _adjust, _upper_tail, find_pairs
from chatforensics.errors import PrecisionError, UsageError

Event: TypeAlias = tuple[str, str, int]

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["amara", "bilal", "chen", "dafydd", "eszter"]),
        st.sampled_from(["f1", "f2", "f3"]),
        st.integers(0, 60),
    ),
    max_size=25,
    unique=True,
)


def some_shares(events: list[Event]) -> schema.Shares:
    rows = [
        {
            "share_id": f"s-{person}-{family}-{minute}",
            "family_id": family,
            "variant_id": "v",
            "chat_id": f"chat-{person}",
            "person_id": person,
            "sent_at": NOON + timedelta(minutes=minute),
            "message_ids": [number],
            "similarity": 1.0,
            "source_ids": [f"export-{person}"],
        }
        for number, (person, family, minute) in enumerate(events)
    ]
    return schema.Shares(pl.DataFrame(rows, schema=dict(schema.TABLES["shares"])))


def a_crowd(family: str, n: int = 20) -> list[Event]:
    """Return shares of one family by other people, hours apart from each other."""
    return [(f"bystander-{number:02d}", family, 1000 + 300 * number) for number in range(n)]


def test_two_people_together_in_every_family_stand_out() -> None:
    families = ["f1", "f2", "f3", "f4", "f5"]
    events = [event for family in families for event in a_crowd(family)]
    events += [event for family in families for event in (("lindiwe", family, 2), ("oisin", family, 3))]
    pairs = find_pairs(some_shares(events), clock_step_s=60, window_s=120)
    assert pairs["person_a", "person_b", "n_shares", "n_families", "median_lag_s"].rows() == [
        ("lindiwe", "oisin", 5, 5, 60.0)
    ]
    assert pairs["source_ids"].to_list() == [["export-lindiwe", "export-oisin"]]
    # One of the 231 pairs of 22 people lies inside the window, in each of five families.
    assert pairs["p_value"][0] == pytest.approx((1 / 231) ** 5)
    assert pairs["q_value"][0] == pytest.approx(231 * (1 / 231) ** 5)


def test_a_family_sent_by_everybody_at_once_says_nothing_about_two_of_them() -> None:
    events = [(f"neighbour-{number}", family, number % 3) for family in ("f1", "f2") for number in range(8)]
    pairs = find_pairs(some_shares(events), clock_step_s=60, window_s=300)
    assert pairs.height == 28
    assert pairs["p_value"].to_list() == [1.0] * 28


def test_somebody_who_sends_often_meets_others_more_easily() -> None:
    events = [("busy", family, 100 * at) for family in ("f1", "f2") for at in range(10)]
    events += [("calm", family, 1) for family in ("f1", "f2")]
    events += [(f"bystander-{at}", family, 5000 + 100 * at) for family in ("f1", "f2") for at in range(10)]
    pairs = find_pairs(some_shares(events), clock_step_s=60, window_s=120)
    # 21 bursts, 45 pairs of which are busy's own: one of 165 is close, and busy has ten chances.
    assert pairs["p_value"].to_list() == pytest.approx([(10 * 1 / 165) ** 2])


def test_no_shares_make_no_pairs() -> None:
    assert find_pairs(some_shares([]), clock_step_s=60, window_s=60).is_empty()


def test_a_window_below_the_clock_step_is_refused() -> None:
    with pytest.raises(PrecisionError, match="60"):
        find_pairs(some_shares([]), clock_step_s=60, window_s=59)


@pytest.mark.parametrize("window_s", [0, -60])
def test_a_window_that_is_not_positive_is_refused(window_s: int) -> None:
    with pytest.raises(UsageError):
        find_pairs(some_shares([]), clock_step_s=60, window_s=window_s)


@settings(max_examples=60, deadline=None)
@given(events=EVENTS)
def test_p_values_are_never_zero_and_q_values_never_below_them(events: list[Event]) -> None:
    pairs = find_pairs(some_shares(events), clock_step_s=60, window_s=300)
    assert schema.check(pairs, table="pairs").equals(pairs)
    assert ((pairs["p_value"] > 0) & (pairs["p_value"] <= 1)).all()
    assert ((pairs["q_value"] >= pairs["p_value"] * (1 - 1e-12)) & (pairs["q_value"] <= 1)).all()
    assert (pairs["person_a"] < pairs["person_b"]).all()


@settings(max_examples=40, deadline=None)
@given(events=EVENTS, data=st.data())
def test_the_order_of_shares_changes_nothing(events: list[Event], data: st.DataObject) -> None:
    mixed = data.draw(st.permutations(events))
    one, two = (find_pairs(some_shares(e), clock_step_s=60, window_s=300) for e in (events, mixed))
    assert one.equals(two)


@settings(max_examples=40, deadline=None)
@given(events=EVENTS)
def test_shares_of_other_families_by_other_people_never_remove_a_pair(events: list[Event]) -> None:
    alone = find_pairs(some_shares(events), clock_step_s=60, window_s=300)
    beside = find_pairs(some_shares(events + a_crowd("elsewhere")), clock_step_s=60, window_s=300)
    assert alone.drop("q_value").equals(beside.drop("q_value"))


@settings(max_examples=60, deadline=None)
@given(chances=st.lists(st.floats(0.001, 1), min_size=1, max_size=6), data=st.data())
def test_the_upper_tail_equals_the_sum_over_all_outcomes(chances: list[float], data: st.DataObject) -> None:
    least = data.draw(st.integers(1, len(chances)))
    wanted = math.fsum(
        math.prod(chance if hit else 1 - chance for chance, hit in zip(chances, outcome, strict=True))
        for outcome in product([0, 1], repeat=len(chances))
        if sum(outcome) >= least
    )
    assert _upper_tail(np.array(chances), at_least=least) == pytest.approx(wanted)


def test_an_exchange_of_senders_meets_about_as_often_as_the_p_value_says() -> None:
    # 12 people send six families at random minutes: p-values below 0.05 must stay about that rare, pairs never in the
    # window counting as 1.
    random = np.random.default_rng(5)
    people, low, total = [f"person-{number:02d}" for number in range(12)], 0, 0
    for _ in range(30):
        events = [(who, f"f{family}", int(random.integers(0, 600))) for family in range(6) for who in people]
        pairs = find_pairs(some_shares(events), clock_step_s=60, window_s=600)
        low += int((pairs["p_value"] <= 0.05).sum())
        total += 66
    assert low / total <= 0.06


def test_adjusted_values_are_those_of_the_published_procedure() -> None:
    p_values = np.array([0.001, 0.008, 0.039, 0.041])
    assert _adjust(p_values, n_tests=5) == pytest.approx([0.005, 0.02, 0.05125, 0.05125])
