from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics import schema
from chatforensics.coordination import count_hours, find_pairs
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


def some_shares(events: list[Event], *, chats: dict[str, str] | None = None) -> schema.Shares:
    rows = [
        {
            "share_id": f"s-{person}-{family}-{minute}",
            "family_id": family,
            "variant_id": "v",
            "chat_id": (chats or {}).get(person, f"chat-{person}"),
            "person_id": person,
            "sent_at": NOON + timedelta(minutes=minute),
            "message_ids": [number],
            "similarity": 1.0,
            "source_ids": [f"export-{person}"],
        }
        for number, (person, family, minute) in enumerate(events)
    ]
    return schema.Shares(pl.DataFrame(rows, schema=dict(schema.TABLES["shares"])))


def some_stays(stays: list[tuple[str, str]]) -> schema.Memberships:
    times = {"from_at": pl.Datetime("us", "UTC"), "to_at": pl.Datetime("us", "UTC")}
    always = [pl.lit(None, kind).alias(name) for name, kind in times.items()]
    names = {"chat_id": pl.String, "person_id": pl.String}
    return schema.Memberships(pl.DataFrame(stays, schema=names, orient="row").with_columns(always))


def a_crowd(family: str, n: int = 20) -> list[Event]:
    """Return shares of one family by other people, hours apart from each other."""
    return [(f"bystander-{number:02d}", family, 1000 + 300 * number) for number in range(n)]


def days_apart(families: list[str]) -> dict[str, int]:
    return {family: 3 * 1440 * number for number, family in enumerate(families)}


def two_among_a_crowd(families: list[str], *, lag: int = 1) -> list[Event]:
    begin = days_apart(families)
    crowd = [(who, family, begin[family] + at) for family in families for who, _, at in a_crowd(family)]
    two = [(who, f, begin[f] + at) for f in families for who, at in (("lindiwe", 2), ("oisin", 2 + lag))]
    return crowd + two


def p_value_of(pairs: schema.Pairs, one: str, other: str) -> float:
    row = pairs.filter((pl.col("person_a") == one) & (pl.col("person_b") == other))
    return float(row["p_value"].item())


def test_two_people_together_in_every_family_stand_out() -> None:
    events = two_among_a_crowd(["f1", "f2", "f3", "f4", "f5"])
    pairs = find_pairs(some_shares(events), clock_step_s=60, window_s=120)
    columns = ["person_a", "person_b", "n_shares", "n_families", "median_lag_s", "n_occasions", "n_common"]
    assert pairs[columns].rows() == [("lindiwe", "oisin", 5, 5, 60.0, 5, 5)]
    assert pairs["source_ids"].to_list() == [["export-lindiwe", "export-oisin"]]
    assert pairs["p_value"][0] < 1e-6
    # 22 people sent the same five families: 231 pairs could have come together.
    assert pairs["q_value"][0] == pytest.approx(231 * pairs["p_value"][0])
    assert 0 < pairs["n_expected"][0] < 0.5


def test_a_pair_with_one_family_in_common_is_not_tested() -> None:
    pairs = find_pairs(some_shares(two_among_a_crowd(["f1"])), clock_step_s=60, window_s=120, min_participation=1)
    assert pairs["n_common", "q_value"].rows() == [(1, 1.0)]
    assert pairs["p_value"].item() < 0.1


def test_sentences_that_recur_over_weeks_are_listed_and_not_tested() -> None:
    events = [(who, "f1", 1440 * day + at) for day in range(0, 60, 4) for who, at in (("ada", 0), ("bo", 1))]
    pairs = find_pairs(some_shares(events), clock_step_s=60, window_s=120)
    columns = ["n_shares", "n_families", "n_occasions", "n_common", "p_value", "q_value"]
    assert pairs[columns].rows() == [(15, 1, 0, 0, 1.0, 1.0)]


def test_families_forwarded_at_one_sitting_are_one_occasion() -> None:
    events = [
        (who, f, 10 * number + at) for number, f in enumerate(["f1", "f2", "f3"]) for who, at in (("ada", 0), ("bo", 1))
    ]
    pairs = find_pairs(some_shares(events), clock_step_s=60, window_s=120)
    assert pairs["n_families", "n_occasions"].rows() == [(3, 1)]


def test_a_family_sent_by_everybody_at_once_says_nothing_about_two_of_them() -> None:
    families = ["f1", "f2", "f3"]
    begin = days_apart(families)
    events = [(f"neighbour-{n:02}", f, begin[f] + n % 3) for f in families for n in range(30)]
    pairs = find_pairs(some_shares(events), clock_step_s=60, window_s=300)
    assert pairs.height == 30 * 29 // 2
    assert pairs.filter(pl.col("q_value") < 0.5).is_empty()


def test_reading_each_other_in_a_common_chat_makes_closeness_less_surprising() -> None:
    # Ten readers of a common chat always pass on within minutes what is posted there; two people do so as well.
    families = ["f1", "f2", "f3", "f4"]
    begin = days_apart(families)
    events = two_among_a_crowd(families)
    events += [(f"first-{n}", f, begin[f] + 300 * n + 150) for f in families for n in range(10)]
    events += [(f"reader-{n}", f, begin[f] + 300 * n + 152) for f in families for n in range(10)]
    chats = {f"first-{n}": f"room-{n}" for n in range(10)}
    stays = [(f"room-{n}", f"reader-{n}") for n in range(10)]
    shares = some_shares(events, chats=chats)
    apart = find_pairs(shares, some_stays(stays), clock_step_s=60, window_s=120)
    common = find_pairs(shares, some_stays([*stays, ("chat-lindiwe", "oisin")]), clock_step_s=60, window_s=120)
    assert p_value_of(common, "lindiwe", "oisin") > 10 * p_value_of(apart, "lindiwe", "oisin")


def test_two_people_who_write_at_night_only_meet_there_more_easily() -> None:
    shares = some_shares([(who, family, at + 600) for who, family, at in two_among_a_crowd(["f1", "f2", "f3"])])
    everyday = [(who, 22 if who in {"lindiwe", "oisin"} else 9) for who in shares["person_id"].unique().sort()]
    messages = schema.Messages(
        pl.DataFrame(
            {
                "person_id": [who for who, _ in everyday for _ in range(300)],
                "sent_at": [datetime(2026, 5, 1, hour, n % 60, tzinfo=UTC) for _, hour in everyday for n in range(300)],
            },
            schema={"person_id": pl.String, "sent_at": pl.Datetime("us", "UTC")},
        )
    )
    unknown = find_pairs(shares, clock_step_s=60, window_s=120)
    known = find_pairs(shares, None, count_hours(messages), clock_step_s=60, window_s=120)
    assert p_value_of(known, "lindiwe", "oisin") > p_value_of(unknown, "lindiwe", "oisin")


def test_somebody_who_sends_often_meets_others_more_easily() -> None:
    events = two_among_a_crowd(["f1", "f2"])
    busy = [("lindiwe", family, at + 37 * n) for _, family, at in events if _ == "lindiwe" for n in range(5, 25)]
    calm = find_pairs(some_shares(events), clock_step_s=60, window_s=120)
    often = find_pairs(some_shares(events + busy), clock_step_s=60, window_s=120)
    assert p_value_of(often, "lindiwe", "oisin") > p_value_of(calm, "lindiwe", "oisin")


def test_no_shares_make_no_pairs() -> None:
    pairs = find_pairs(some_shares([]), clock_step_s=60, window_s=60)
    assert pairs.is_empty()
    assert {"n_occasions", "n_common", "n_expected"} <= set(pairs.columns)


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
    stays = some_stays([("chat-amara", "bilal"), ("chat-chen", "amara"), ("chat-chen", "dafydd")])
    pairs = find_pairs(some_shares(events), stays, clock_step_s=60, window_s=300)
    assert schema.check(pairs, table="pairs").equals(pairs)
    assert ((pairs["p_value"] > 0) & (pairs["p_value"] <= 1)).all()
    assert ((pairs["q_value"] >= pairs["p_value"] * (1 - 1e-12)) & (pairs["q_value"] <= 1)).all()
    assert (pairs["n_occasions"] <= pairs["n_families"]).all()
    assert (pairs["n_families"] <= pairs["n_common"]).all()
    assert (pairs["person_a"] < pairs["person_b"]).all()


@settings(max_examples=40, deadline=None)
@given(events=EVENTS, data=st.data())
def test_the_order_of_shares_changes_nothing(events: list[Event], data: st.DataObject) -> None:
    mixed = data.draw(st.permutations(events))
    stays = some_stays([("chat-amara", "bilal"), ("chat-chen", "amara"), ("chat-chen", "dafydd")])
    one, two = (find_pairs(some_shares(e), stays, clock_step_s=60, window_s=300) for e in (events, mixed))
    assert one.equals(two)


def test_people_who_send_at_times_of_their_own_are_rarely_called_close() -> None:
    # 12 people send six families at random minutes: pairs never in the window count as p = 1.
    random = np.random.default_rng(5)
    people, low, total = [f"person-{number:02d}" for number in range(12)], 0, 0
    for _ in range(30):
        begin = days_apart([f"f{family}" for family in range(6)])
        events = [(who, f, at + int(random.integers(0, 600))) for f, at in begin.items() for who in people]
        pairs = find_pairs(some_shares(events), clock_step_s=60, window_s=600)
        low += int((pairs["p_value"] <= 0.05).sum())
        total += 66
    assert 0 < low / total <= 0.05
