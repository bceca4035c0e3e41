"""How results move: what is varied, what the run's own row says, and that a big case is left alone with a reason."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics import schema
from chatforensics.coordination import find_pairs
from chatforensics.coordination.hours import count_hours
from chatforensics.diffusion import build_links, build_shares
from chatforensics.families import build_families
from chatforensics.workflow.sensitivity import VARIED, vary
from chatforensics.workflow.trials import LIMITS

Tables = dict[str, pl.DataFrame]

NINE = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
SLATE = "VOTE NOTICE: on Saturday select Rowena Adjei and Tariq Lindqvist on paper one, delete this once you read it."
EDITED = (
    "VOTE NOTICE: on Saturday select Rowena Adjei and Tariq Lindqvist. Meet Mei at the hall, she will have lifts home!"
)
CHATS = {"lane": ["nadia", "kofi"], "choir": ["kofi", "mei"], "allotments": ["mei", "tomasz"]}
SENT = [("lane", "nadia", 0, SLATE), ("choir", "kofi", 20, SLATE), ("allotments", "mei", 45, SLATE)]
SEEN = {"a": "lane", "b": "choir", "c": "allotments"}  # the chat of each export; every export is from another phone


def a_case(sent: list[tuple[str, str, int, str]], *, seen: dict[str, str] = SEEN, step_s: int = 60) -> Tables:
    """Return the tables of a case in which each export shows its chat whole."""
    rows = [
        {"source_id": source, "chat_id": chat, "person_id": who, "text": text, "canonical_id": number, "kind": "text"}
        | {"sent_at": NINE + timedelta(minutes=minute), "sent_local": NINE.replace(tzinfo=None), "byte_start": number}
        | {"line": number, "message_id": number + 1000 * at, "group_id": f"g{number}"}
        for at, source in enumerate(seen)
        for number, (chat, who, minute, text) in enumerate(sent, start=1)
        if seen[source] == chat
    ]
    stays = [
        {"chat_id": chat, "person_id": who, "source_ids": [source for source in seen if seen[source] == chat]}
        for chat, members in CHATS.items()
        for who in members
    ]
    sources = [
        {"source_id": source, "path": f"phones/{source}/chat.txt", "clock_step_s": step_s, "n_messages": 5}
        for source in seen
    ]
    told: list[tuple[object, ...]] = [
        (row["message_id"], schema.SLATE_LABEL, 0.9, "flag", [], None) for row in rows if row["text"] == SLATE
    ]
    tables: Tables = {
        "messages": pl.DataFrame(rows, schema=dict(schema.TABLES["messages"])),
        "memberships": pl.DataFrame(stays, schema=dict(schema.TABLES["memberships"])),
        "sources": pl.DataFrame(sources, schema=dict(schema.TABLES["sources"])),
        "labels": pl.DataFrame(told, schema=dict(schema.TABLES["labels"]), orient="row"),
    }
    return tables | follow(tables, step_s=step_s)


def follow(tables: Tables, *, step_s: int) -> Tables:
    messages, memberships = schema.Messages(tables["messages"]), schema.Memberships(tables["memberships"])
    families = build_families(messages, schema.Labels(tables["labels"]))
    shares = build_shares(messages, families)
    links = build_links(shares, memberships, messages)
    pairs = find_pairs(shares, memberships, count_hours(messages), clock_step_s=step_s, window_s=300)
    return {"families": families, "shares": shares, "links": links, "pairs": pairs}


def results(table: schema.Sensitivity, setting: str, outcome: str) -> dict[str, float]:
    """Return the result of each value of a setting."""
    chosen = table.filter((pl.col("setting") == setting) & (pl.col("outcome") == outcome))
    return dict(chosen.select("value", "result").iter_rows())


@pytest.fixture(scope="module")
def varied() -> schema.Sensitivity:
    return vary(a_case(SENT), window_s=300)


def test_every_setting_has_one_row_as_used_for_each_outcome(varied: schema.Sensitivity) -> None:
    settings_found = {
        "window_s",
        "similarity",
        "link model",
        "labels",
        "clock",
        "phone left out",
        "half of the exports",
    }
    counts = varied.drop_nulls("result").group_by("setting", "outcome").agg(pl.col("used").sum())
    assert set(counts["setting"]) == settings_found
    assert set(counts["used"]) == {1}


def test_the_row_as_used_says_what_the_run_itself_found(varied: schema.Sensitivity) -> None:
    tables = a_case(SENT)
    used = varied.filter("used")
    assert set(used.filter(pl.col("outcome") == "n_shares")["result"]) == {float(tables["shares"].height)} == {3.0}
    assert set(used.filter(pl.col("outcome") == "same_parent")["result"]) == {1.0}
    assert set(used.filter(pl.col("outcome") == "n_pairs_significant")["result"]) == {0.0}


def test_no_window_is_finer_than_the_clock_and_the_runs_own_is_among_them() -> None:
    table = vary(a_case(SENT, step_s=120), window_s=450)
    assert list(results(table, "window_s", "n_clusters")) == ["120", "300", "450", "600", "1800"]
    assert table.filter((pl.col("setting") == "window_s") & pl.col("used"))["value"].unique().to_list() == ["450"]


def test_without_a_phone_its_shares_and_readers_are_gone(varied: schema.Sensitivity) -> None:
    without = [f"chat.txt ({source})" for source in SEEN]
    assert results(varied, "phone left out", "n_shares") == {"all exports": 3.0} | dict.fromkeys(without, 2.0)
    reached = {"all exports": 4.0, **dict(zip(without, [3.0, 4.0, 3.0], strict=True))}
    assert results(varied, "phone left out", "reach") == reached


def test_a_parent_that_goes_with_its_phone_is_not_counted_as_another_one(varied: schema.Sensitivity) -> None:
    named = results(varied, "phone left out", "n_links_named")
    assert named["all exports"] == 2.0
    assert min(named.values()) == 0.0
    same = results(varied, "phone left out", "same_parent")
    assert {value for value in same.values() if value is not None} == {1.0}


def test_a_second_export_of_a_chat_keeps_its_shares_when_the_first_is_left_out() -> None:
    table = vary(a_case(SENT, seen=SEEN | {"d": "lane"}), window_s=300)
    assert sorted(results(table, "phone left out", "n_shares").values()) == [2.0, 2.0, 3.0, 3.0, 3.0]
    assert results(table, "phone left out", "same_parent")["chat.txt (a)"] == 1.0


def test_texts_half_alike_are_one_family_at_a_lower_threshold_only() -> None:
    everyday = [
        ("choir", "kofi", 600 + k, f"Everyday talk number {k} about kettles and ladders {k * k}") for k in range(9)
    ]
    table = vary(a_case([*SENT, ("lane", "kofi", 90, EDITED), *everyday]), window_s=300)
    shares = results(table, "similarity", "n_shares")
    lower, used, higher = shares.values()
    assert lower >= used >= higher
    assert lower > higher


def test_the_model_of_links_is_tried_with_other_parameters_and_without_any_estimate(
    varied: schema.Sensitivity,
) -> None:
    values = list(results(varied, "link model", "n_links_named"))
    assert values[0] == "as used"
    assert [f"{name} {word}" for name in VARIED for word in ("half", "double")] == values[1:-3]
    assert values[-3:] == ["first exposure only", "all exposures alike", "not estimated"]


@pytest.mark.parametrize(
    ("limit", "settings_left"),
    [
        (
            {"most_shares": 2},
            {
                "window_s",
                "similarity",
                "link model",
                "labels",
                "date order",
                "clock",
                "phone left out",
                "half of the exports",
            },
        ),
        ({"most_messages": 2}, {"similarity", "labels"}),
        ({"most_links": 2}, {"link model"}),
        ({"most_clocks": 2}, {"clock"}),
    ],
)
def test_what_is_too_much_is_not_varied_and_a_row_says_why(limit: dict[str, int], settings_left: set[str]) -> None:
    table = vary(a_case(SENT), window_s=300, limits=replace(LIMITS, **limit))
    left = table.filter(pl.col("value") == "not varied", pl.col("setting") != "zone of the case")
    assert set(left["setting"]) == settings_left
    assert left["outcome"].str.contains("more").all()
    assert left["result"].null_count() == left.height


def test_of_more_shares_fewer_phones_and_halves_are_left_out() -> None:
    table = vary(a_case(SENT), window_s=300, limits=replace(LIMITS, most_coverage=6))
    assert len(results(table, "phone left out", "n_shares")) == 2
    assert len(results(table, "half of the exports", "n_shares")) == 2


def test_one_export_alone_is_not_left_out() -> None:
    table = vary(a_case(SENT, seen={"a": "lane"}), window_s=300)
    assert set(table["setting"]) == {"window_s", "similarity", "link model", "labels", "zone of the case"}


def test_without_shares_there_is_nothing_to_vary() -> None:
    table = vary(a_case([("lane", "nadia", 0, "See you at the hall")]), window_s=300)
    assert table.is_empty()
    assert table.columns == list(schema.TABLES["sensitivity"])


def test_another_seed_draws_other_halves_and_changes_nothing_else(varied: schema.Sensitivity) -> None:
    drawn = pl.col("setting") == "half of the exports"
    few = replace(LIMITS, most_links=0, most_clocks=0, most_messages=0)
    own, *others = [vary(a_case(SENT), window_s=300, seed=seed, limits=few) for seed in range(4)]
    assert own.filter(drawn).equals(varied.filter(drawn))
    assert all(other.filter(~drawn).equals(own.filter(~drawn)) for other in others)
    assert any(not other.filter(drawn).equals(own.filter(drawn)) for other in others)


@pytest.mark.slow
@settings(max_examples=8, deadline=None)
@given(
    sent=st.lists(
        st.tuples(
            st.sampled_from(sorted(CHATS)), st.integers(0, 1), st.integers(0, 300), st.sampled_from([SLATE, EDITED])
        ),
        min_size=1,
        max_size=6,
    )
)
def test_fewer_exports_never_show_more_and_shares_of_kept_parents_lie_between_0_and_1(
    sent: list[tuple[str, int, int, str]],
) -> None:
    case = a_case([(chat, CHATS[chat][who], minute, text) for chat, who, minute, text in sent])
    few = replace(LIMITS, most_links=0, most_clocks=0, most_messages=0)
    table = vary(case, window_s=300, limits=few)
    for setting in ("phone left out", "half of the exports"):
        for outcome in ("n_shares", "reach", "n_families_tracked"):
            found = results(table, setting, outcome)
            assert all(result <= found["all exports"] for result in found.values())
    same = table.filter(pl.col("outcome") == "same_parent")["result"].drop_nulls()
    assert same.is_between(0, 1).all()
    assert vary(case, window_s=300, limits=few).equals(table)
