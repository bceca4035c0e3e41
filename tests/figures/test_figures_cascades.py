"""Forests, ways in order of time and reach curves, beside slow and obvious counts of the same."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import polars as pl
import pytest
from builders import Case, a_case
from drawn import draw_forests, draw_reach, draw_spreads, draw_time_paths
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.text import Text

from chatforensics.figures import forest, reach, spread, timepaths
from chatforensics.figures.exposure import first_exposures, readers_of
from chatforensics.figures.facts import decisions, families_to_draw, show_percent
from chatforensics.figures.forest import shade
from chatforensics.figures.trees import build_decisions, grow_branches, keep_most, walk_trees
from chatforensics.schema import TABLES

pytestmark = pytest.mark.usefixtures("without_bytes")
START = datetime(2031, 3, 3, 6, 0, tzinfo=UTC)
Exposed = dict[tuple[str, str], tuple[datetime, str]]


@pytest.fixture(scope="module")
def case() -> Case:
    return a_case(30, seed=3)


def at(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


def some_shares(*rows: tuple[str, str, str, int]) -> pl.DataFrame:
    """Build shares of one family from (share, person, chat, minute)."""
    columns = [
        {"share_id": share, "person_id": person, "chat_id": chat, "sent_at": at(minute), "message_ids": [number]}
        for number, (share, person, chat, minute) in enumerate(rows)
    ]
    shares = pl.DataFrame(columns, schema=dict(TABLES["shares"]))
    return shares.with_columns(family_id=pl.lit("f"), variant_id=pl.lit("v"))


def some_links(*rows: tuple[str, str | None, float, int, str]) -> pl.DataFrame:
    """Build links from (share, parent, probability, rank, burst)."""
    columns = ("share_id", "parent_share_id", "probability", "rank", "burst_id")
    return pl.DataFrame([dict(zip(columns, row, strict=True)) for row in rows], schema=dict(TABLES["links"]))


def some_stays(*rows: tuple[str, str, int | None, int | None]) -> pl.DataFrame:
    """Build memberships that begin with a notice, from (chat, person, first minute, last minute)."""
    columns = [
        {
            "chat_id": chat,
            "person_id": person,
            "from_at": None if start is None else at(start),
            "to_at": None if end is None else at(end),
            "basis": "event",
        }
        for chat, person, start, end in rows
    ]
    return pl.DataFrame(columns, schema=dict(TABLES["memberships"]))


# A burst of two shares by Ama, passed on by Bai (who later sends again) and, from outside, by Cyd.
SHARES = some_shares(
    *(("a1", "Ama", "red", 0), ("a2", "Ama", "blue", 1), ("b1", "Bai", "green", 30)),
    *(("c1", "Cyd", "green", 50), ("b2", "Bai", "red", 200)),
)
LINKS = some_links(
    *(("a1", None, 1.0, 1, "a1"), ("a2", None, 1.0, 1, "a1")),
    *(("b1", "a2", 0.6, 1, "b1"), ("b1", None, 0.3, 2, "b1"), ("b1", "a1", 0.1, 3, "b1")),
    *(("c1", None, 0.7, 1, "c1"), ("c1", "b1", 0.3, 2, "c1")),
    *(("b2", "c1", 0.9, 1, "b2"), ("b2", None, 0.1, 2, "b2")),
)
SMALL = {"shares": SHARES, "links": LINKS}


def test_shares_of_one_burst_are_one_decision_and_others_stand_for_themselves() -> None:
    found = dict(decisions(SMALL, SMALL["shares"]).sort("share_id").iter_rows())
    assert found == {"a1": "a1", "a2": "a1", "b1": "b1", "b2": "b2", "c1": "c1"}
    assert dict(decisions({"shares": SHARES}, SHARES).iter_rows()) == {share: share for share in SHARES["share_id"]}
    older = {"shares": SHARES, "links": LINKS.drop("burst_id")}
    assert dict(decisions(older, older["shares"]).iter_rows()) == {share: share for share in SHARES["share_id"]}


def test_a_decision_stands_below_the_share_it_most_probably_came_from() -> None:
    rows = {row["burst_id"]: row for row in build_decisions(SMALL, "f").iter_rows(named=True)}
    assert rows["a1"]["shares"] == ["a1", "a2"]
    assert rows["a1"]["parent"] is None
    assert (rows["b1"]["parent"], rows["b1"]["parent_share_id"]) == ("a1", "a2")
    assert rows["b1"]["probability"] == pytest.approx(0.6)
    assert rows["b1"]["unseen"] == pytest.approx(0.3)
    assert rows["b1"]["others"] == pytest.approx([0.1])


def test_a_source_that_is_not_in_the_evidence_heads_a_tree_even_where_a_candidate_is_named() -> None:
    row = build_decisions(SMALL, "f").filter(pl.col("burst_id") == "c1").row(0, named=True)
    assert row["parent"] is None
    assert row["probability"] == pytest.approx(0.7)
    assert row["others"] == pytest.approx([0.3])


def test_what_somebody_sent_again_stands_below_their_own_first_decision() -> None:
    row = build_decisions(SMALL, "f").filter(pl.col("burst_id") == "b2").row(0, named=True)
    assert (row["again"], row["parent"], row["probability"]) == (True, "b1", None)


def test_a_forest_has_a_tree_per_unseen_source_and_children_below_their_parents() -> None:
    rows = [(branch.decision, branch.step) for branch in grow_branches(build_decisions(SMALL, "f"), most=9)]
    assert rows == [("a1", 0), ("b1", 1), ("b2", 2), ("c1", 0)]


def test_a_forest_with_little_room_keeps_whole_ways_and_counts_what_it_leaves_out() -> None:
    rows = [(branch.decision, branch.n_hidden) for branch in grow_branches(build_decisions(SMALL, "f"), most=2)]
    assert rows == [("a1", 0), ("b1", 1)]


TREES = st.lists(st.integers(0, 1000), min_size=1, max_size=60).map(
    lambda picks: {f"{at:02d}": f"{pick % at:02d}" if at and pick % 4 else None for at, pick in enumerate(picks)}
)


@given(TREES, st.integers(1, 70))
def test_whoever_is_kept_is_kept_with_all_above_them(parents: dict[str, str | None], most: int) -> None:
    order = sorted(parents)
    walk = walk_trees(order, parents)
    assert sorted(member for member, _, _ in walk) == order
    kept = keep_most(order, walk, dict.fromkeys(order, 1.0), most=most)
    assert len(kept) == min(most, len(order))
    assert all(parents[member] is None or parents[member] in kept for member in kept)


def test_the_forest_table_tells_each_share_its_source() -> None:
    (drawing,) = draw_forests(SMALL)
    assert drawing.table["sender"].to_list() == ["Ama", "Ama", "Bai", "Cyd", "Bai"]
    assert drawing.table["likeliest source"].to_list() == [
        *("not in the evidence", "not in the evidence", "Ama", "not in the evidence", "own share before")
    ]
    assert drawing.table["probability of that"].to_list() == pytest.approx([1, 1, 0.6, 0.7, None], nan_ok=True)
    assert (
        "in the evidence for 1 (half of these with a probability of 60 % or more) and not in it for 2;" in drawing.alt
    )


def test_percents_are_written_beside_branches_and_never_claim_certainty(without_bytes: list[Figure]) -> None:
    draw_forests(SMALL)
    words = [text.get_text() for figure in without_bytes for text in figure.findobj(Text) if isinstance(text, Text)]
    assert "60 %" in words
    assert "70 %" in words
    assert "100 %" not in words
    assert "own share before" in words


def test_a_family_without_a_source_in_the_evidence_has_no_forest() -> None:
    assert draw_forests({"shares": SHARES}) == []
    unseen = LINKS.filter(pl.col("parent_share_id").is_null()).with_columns(rank=pl.lit(1, pl.Int32))
    assert draw_forests({"shares": SHARES, "links": unseen}) == []


def test_links_without_bursts_still_give_forests_with_a_row_per_share(case: Case) -> None:
    for drawing in draw_forests(case):
        expected = case["shares"].filter(pl.col("family_id") == drawing.name.removeprefix("forest-"))
        assert drawing.table.height == expected.height
        assert drawing.table["time (UTC)"].is_sorted()


def test_a_large_forest_says_how_much_is_left_out(
    case: Case, monkeypatch: pytest.MonkeyPatch, without_bytes: list[Figure]
) -> None:
    monkeypatch.setattr(forest, "MOST_ROWS", 5)
    drawing = draw_forests(case)[0]
    words = " ".join(text.get_text() for text in without_bytes[0].findobj(Text) if isinstance(text, Text))
    assert f"5 of {drawing.table['decision'].n_unique()} decisions are drawn" in words
    assert drawing.table.filter("in the picture")["decision"].n_unique() == 5


def test_probabilities_are_shown_without_false_certainty() -> None:
    assert [show_percent(p) for p in (0.0, 0.004, 0.5, 0.855, 0.994, 1.0)] == [
        "<1 %",
        "<1 %",
        "50 %",
        "86 %",
        ">99 %",
        ">99 %",
    ]


@given(st.floats(0, 1), st.floats(0, 1))
def test_more_probable_branches_are_darker(one: float, other: float) -> None:
    lighter, darker = sorted((one, other))
    assert int(shade(darker)[1:3], 16) <= int(shade(lighter)[1:3], 16) <= 170


def test_families_that_tell_people_how_to_vote_are_drawn_first(case: Case) -> None:
    told = case["labels"].filter((pl.col("decision") == "flag") & (pl.col("label") == "slate_instruction"))[
        "message_id"
    ]
    shares = case["shares"]
    flagged = {f for f, ids in shares.select("family_id", "message_ids").iter_rows() if set(ids) & set(told)}
    order = families_to_draw(case, most=99)
    assert flagged
    assert set(order[: len(flagged)]) == flagged
    assert [drawing.name.removeprefix("spread-") for drawing in draw_spreads(case)] == order[:6]


def slow_exposures(case: Case) -> Exposed:
    """Find each person's first occasion to read each family, one share and one stay at a time."""
    found: Exposed = {}
    stays = case["memberships"].to_dicts()
    for share in case["shares"].sort("sent_at", "share_id").iter_rows(named=True):
        readers = {share["person_id"]}
        for stay in stays:
            begun = stay["from_at"] is None or share["sent_at"] >= stay["from_at"]
            if (
                stay["chat_id"] == share["chat_id"]
                and begun
                and (not stay["to_at"] or share["sent_at"] < stay["to_at"])
            ):
                readers.add(stay["person_id"])
        for person in readers:
            key = (share["family_id"], person)
            own_now = share["person_id"] == person and found.get(key, (None,))[0] == share["sent_at"]
            if key not in found or own_now:
                found[key] = (share["sent_at"], share["person_id"] if share["person_id"] != person else person)
    return found


STAYS = st.lists(
    st.tuples(st.sampled_from("rgb"), st.sampled_from("ABCDE"), st.integers(0, 40), st.none() | st.integers(0, 60)),
    max_size=12,
)
SENDS = st.lists(
    st.tuples(st.sampled_from("ABCDE"), st.sampled_from("rgb"), st.integers(0, 50)), min_size=1, max_size=12
)


@settings(deadline=None, max_examples=60)
@given(SENDS, STAYS)
def test_first_exposures_equal_a_slow_count(
    sends: list[tuple[str, str, int]], stays: list[tuple[str, str, int, int | None]]
) -> None:
    shares = some_shares(*((f"s{n:02d}", person, chat, minute) for n, (person, chat, minute) in enumerate(sends)))
    small = {"shares": shares, "memberships": some_stays(*stays)}
    fast = {
        (row["family_id"], row["person_id"]): row["at"] for row in first_exposures(small, ["f"]).iter_rows(named=True)
    }
    assert fast == {key: moment for key, (moment, _) in slow_exposures(small).items()}


@settings(deadline=None, max_examples=40)
@given(SENDS, STAYS)
def test_every_line_runs_forward_in_time_from_somebody_who_had_the_text(
    sends: list[tuple[str, str, int]], stays: list[tuple[str, str, int, int | None]]
) -> None:
    shares = some_shares(*((f"s{n:02d}", person, chat, minute) for n, (person, chat, minute) in enumerate(sends)))
    small = {"shares": shares, "memberships": some_stays(*stays)}
    found = timepaths._contacts(small, "f")
    reached = dict(found.people.select("person_id", "at").iter_rows())
    for row in found.contacts.iter_rows(named=True):
        assert row["sender_id"] != row["person_id"]
        assert reached[row["sender_id"]] <= row["sent_at"]
        assert row["first"] == (row["sent_at"] == reached[row["person_id"]])
        assert row["first_sent"] is None or row["sent_at"] < row["first_sent"]


def test_a_stay_that_only_began_later_or_was_over_exposes_nobody() -> None:
    stays = some_stays(("red", "Dev", 1, None), ("red", "Eli", None, 0), ("red", "Fay", None, None))
    readers = readers_of({"memberships": stays}, SHARES.head(1), ["Dev", "Eli", "Fay"])
    assert readers["person_id"].to_list() == ["Fay"]


def test_a_first_occasion_counts_as_shown_only_where_the_exports_show_the_person_by_then() -> None:
    stays = some_stays(("red", "Dev", None, None), ("red", "Eli", None, None), ("red", "Fay", -5, None))
    seen = [at(100), None, None]
    stays = stays.with_columns(
        basis=pl.Series(["assumed", "assumed", "event"]),
        first_seen_at=pl.Series(seen, dtype=pl.Datetime("us", "UTC")),
    )
    found = first_exposures({"shares": SHARES, "memberships": stays}, ["f"])
    shown = dict(found.select("person_id", "shown_at").iter_rows())
    assert shown["Dev"] == at(200)
    assert shown["Fay"] == at(0)
    assert shown["Eli"] is None
    assert dict(found.select("person_id", "at").iter_rows())["Dev"] == at(0)


def test_ways_lead_from_senders_to_those_who_could_then_read_the_text() -> None:
    stays = some_stays(("red", "Bai", None, None), ("green", "Cyd", None, None), ("red", "Dev", None, None))
    drawing = draw_time_paths({**SMALL, "memberships": stays})[0]
    rows = drawing.table.select("sender", "could read it", "first occasion").rows()
    assert rows == [("Ama", "Bai", True), ("Ama", "Dev", True), ("Bai", "Cyd", True)]
    assert "4 people sent the text or could read it" in drawing.alt
    assert "2 of the senders could read it in the evidence before they first sent it; 1 could not" in drawing.alt


def test_people_without_room_in_the_picture_are_counted(
    case: Case, monkeypatch: pytest.MonkeyPatch, without_bytes: list[Figure]
) -> None:
    monkeypatch.setattr(timepaths, "MOST_ROWS", 4)
    draw_time_paths(case)
    words = " ".join(text.get_text() for text in without_bytes[0].findobj(Text) if isinstance(text, Text))
    assert "26 of 30 people are not drawn" in words


def test_reach_counts_each_person_once_at_their_first_occasion(case: Case) -> None:
    drawing = draw_reach(case)
    assert drawing is not None
    slow: dict[str, int] = defaultdict(int)
    for family, _person in slow_exposures(case):
        slow[family] += 1
    families = families_to_draw(case, most=reach.MOST_FAMILIES)
    last = drawing.table.group_by("family", maintain_order=True).agg(pl.col("people so far").last())
    assert dict(last.iter_rows()) == {family: slow[family] for family in families}
    new = drawing.table.group_by("family").agg(pl.col("people for whom it was the first occasion").sum())
    assert dict(new.iter_rows()) == {family: slow[family] for family in families}


def test_reach_is_logarithmic_where_families_differ_greatly(without_bytes: list[Figure]) -> None:
    crowd = some_stays(*(("red", f"x{n}", None, None) for n in range(90)))
    lone = some_shares(("l1", "Lea", "den", 0), ("l2", "Lea", "den", 60)).with_columns(family_id=pl.lit("small"))
    drawing = draw_reach({"shares": pl.concat([SHARES, lone]), "memberships": crowd})
    assert drawing is not None
    words = [text.get_text() for text in without_bytes[0].findobj(Text) if isinstance(text, Text)]
    assert "The upright axis is logarithmic: each step up multiplies." in words
    assert "f (93)" in words
    assert "small (1)" in words


@given(st.lists(st.floats(0, 70), min_size=1, max_size=6).map(sorted))
def test_names_at_the_ends_of_curves_stand_apart_and_below_the_top(wanted: list[float]) -> None:
    places = reach._apart(wanted, 74.0)
    assert max(places) <= 74.0
    assert all(upper - lower >= reach._LINE_MM - 1e-9 for lower, upper in pairwise(places))


def test_a_share_that_reached_nobody_new_is_no_step() -> None:
    drawing = draw_reach({**SMALL, "memberships": some_stays(("red", "Bai", None, None))})
    assert drawing is not None
    assert drawing.table["people so far"].to_list() == [2, 3]


def test_a_spread_with_too_many_shares_draws_those_followed_by_most(
    monkeypatch: pytest.MonkeyPatch, without_bytes: list[Figure]
) -> None:
    monkeypatch.setattr(spread, "MOST_SHARES", 2)
    (drawing,) = draw_spreads(SMALL)
    words = " ".join(text.get_text() for text in without_bytes[0].findobj(Text) if isinstance(text, Text))
    assert "3 of 5 shares are in the table only" in words
    assert drawing.table.height == 5


def test_a_spread_writes_probabilities_on_a_few_lines(without_bytes: list[Figure]) -> None:
    draw_spreads(SMALL)
    words = [text.get_text() for text in without_bytes[0].findobj(Text) if isinstance(text, Text)]
    assert "60 %" in words


def test_titles_and_legends_call_a_text_by_its_number_in_the_report(case: Case, without_bytes: list[Figure]) -> None:
    (first, *_) = families_to_draw(case, most=1)
    numbers = {first: 7}
    assert f"text 7 (family {first})" in draw_spreads(case, numbers=numbers)[0].title
    assert f"text 7 (family {first})" in draw_time_paths(case, numbers=numbers)[0].title
    assert any(f"text 7 (family {first})" in drawing.title for drawing in draw_forests(case, numbers=numbers))
    without_bytes.clear()
    drawing = draw_reach(case, numbers=numbers)
    assert drawing is not None
    assert "text 7: " in drawing.alt
    words = [text.get_text() for text in without_bytes[0].findobj(Text) if isinstance(text, Text)]
    assert any(each.startswith("Text 7 (") for each in words)


@pytest.mark.parametrize(("chats", "noted"), [(("red", "red"), False), (("red", "blue"), True)])
def test_other_chats_are_explained_only_where_a_row_has_some(
    chats: tuple[str, str], noted: bool, without_bytes: list[Figure]
) -> None:
    shares = some_shares(("a", "ann", chats[0], 0), ("b", "ann", chats[1], 1), ("c", "ben", "red", 9))
    links = some_links(("a", None, 1.0, 1, "1"), ("b", None, 1.0, 1, "1"), ("c", "a", 0.9, 1, "2"))
    draw_forests({"shares": shares, "links": links})
    words = " ".join(text.get_text() for text in without_bytes[0].findobj(Text) if isinstance(text, Text))
    assert ("+n after a chat" in words) is noted
