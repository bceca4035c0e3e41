"""Pairs of exports of one chat: what both cover, where they agree, and whether they count as independent."""

from dataclasses import replace
from random import Random

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joining.phones import Export, Said, join, notice, talk

from chatforensics.joining import Joined, comparisons
from chatforensics.joining.dependence import PART, SAME_CONTENT, SAME_PERSON, SAME_PHONE
from chatforensics.joining.order import find_late, find_moved
from chatforensics.schema import CONFLICT_STATUSES

PEOPLE = ("Violeta", "Wiremu", "Xolani")
OTHERS = {"Violeta": "Vi", "Wiremu": "Wiremu P", "Xolani": "Xolani (choir)"}
SAID = talk(40, PEOPLE)
COUNTS = ("n_a", "n_b", "n_agree", "n_only_a", "n_only_b", "n_text", "n_sender", "n_time", "n_order")


def changed(place: int, said: Said) -> list[Said]:
    return sorted([*SAID[:place], said, *SAID[place + 1 :]], key=lambda one: one.at_s)


def first(*exports: Export) -> dict[str, object]:
    """Return the comparison of two exports, counts named after the first that was given."""
    (row,) = join(*exports).comparisons.to_dicts()
    if row["source_a"] == exports[0].source_id:
        return row
    turned = {"n_a": "n_b", "n_only_a": "n_only_b", "n_b": "n_a", "n_only_b": "n_only_a"}
    flipped = {name: row[turned.get(name, name)] for name in row}
    return flipped | {"offset_s": -row["offset_s"]} if row["offset_s"] is not None else flipped


def counts(row: dict[str, object]) -> dict[str, object]:
    return {name: row[name] for name in COUNTS if row[name]}


def test_two_phones_that_agree_are_independent_and_their_clocks_are_compared() -> None:
    row = first(Export("a", SAID), Export("b", SAID, labels=OTHERS, ahead_s=18_028, step_s=1))
    assert counts(row) == {"n_a": 40, "n_b": 40, "n_agree": 40}
    assert (row["independent"], row["dependence"]) == (True, None)
    assert (row["n_anchors"], row["n_at_offset"]) == (40, 40)
    assert abs(int(str(row["offset_s"])) - 18_028) <= 30  # the minute of the first clock hides where in it a text lies
    assert int(str(row["uncertainty_s"])) >= 1


def test_the_uncertainty_of_two_clocks_shrinks_with_the_texts_that_both_show() -> None:
    found = {
        n: first(Export("a", talk(n, PEOPLE)), Export("b", talk(n, PEOPLE), labels=OTHERS))["uncertainty_s"]
        for n in (10, 40, 160)
    }
    assert found == {10: 16, 40: 8, 160: 4}


@pytest.mark.parametrize(
    ("other", "count"),
    [
        (changed(12, replace(SAID[12], text="something else altogether, and long")), "n_text"),
        (changed(12, replace(SAID[12], label="Wiremu")), "n_sender"),
        (changed(12, replace(SAID[12], at_s=SAID[12].at_s + 3000)), "n_time"),
    ],
)
def test_each_way_of_differing_is_counted_once(other: list[Said], count: str) -> None:
    row = first(Export("a", SAID), Export("b", other, labels=OTHERS))
    assert counts(row) == {"n_a": 40, "n_b": 40, "n_agree": 39, count: 1}


def test_what_one_export_lacks_inside_the_common_time_is_one_sided_and_what_lies_outside_is_not_counted() -> None:
    row = first(Export("a", SAID), Export("b", [*SAID[10:20], *SAID[22:]], labels=OTHERS))
    assert counts(row) == {"n_a": 30, "n_b": 28, "n_agree": 28, "n_only_a": 2}
    assert str(row["from_at"]).startswith("2026-02-02 09:50")


def test_a_pair_without_a_common_time_has_a_row_with_nothing_in_it() -> None:
    exports = (Export("a", SAID), Export("b", SAID[:18], labels=OTHERS), Export("c", SAID[22:], labels={"Wiremu": "W"}))
    rows = join(*exports).comparisons
    apart = rows.filter(pl.col("n_agree") == 0).to_dicts()
    assert (rows.height, len(apart)) == (3, 1)
    assert {apart[0][name] for name in ("from_at", "to_at", "offset_s", "uncertainty_s")} == {None}
    assert counts(apart[0]) == {}


def test_copies_of_three_exports_are_told_apart_pair_by_pair() -> None:
    odd = changed(12, replace(SAID[12], text="something else altogether, and long"))
    joined = join(Export("a", SAID), Export("b", SAID, labels=OTHERS), Export("c", odd, labels={"Violeta": "V"}))
    odd_one = Export("c", []).source_id
    with_odd = (pl.col("source_a") == odd_one) | (pl.col("source_b") == odd_one)
    assert joined.comparisons.filter(with_odd)["n_text"].to_list() == [1, 1]
    assert joined.comparisons.filter(~with_odd)["n_text"].to_list() == [0]


def test_a_message_moved_in_the_file_without_its_time_is_out_of_order() -> None:
    moved = [*SAID[:10], *SAID[11:30], SAID[10], *SAID[30:]]
    row = first(Export("a", SAID), Export("b", moved, labels=OTHERS))
    assert counts(row) == {"n_a": 40, "n_b": 40, "n_agree": 40, "n_order": 1}


def test_two_messages_of_one_minute_may_stand_in_any_order() -> None:
    pair = [
        Said(20_000, "Wiremu", "the first of two long texts"),
        Said(20_010, "Xolani", "the other of two long texts"),
    ]
    row = first(Export("a", [*SAID, *pair]), Export("b", [*SAID, *pair[::-1]], labels=OTHERS))
    assert counts(row) == {"n_a": 42, "n_b": 42, "n_agree": 42}


@pytest.mark.parametrize(
    ("exports", "reason"),
    [
        ((Export("a", SAID, folder="x"), Export("b", SAID, folder="y")), SAME_CONTENT),
        ((Export("a", SAID, folder="x"), Export("b", SAID[:-1], folder="x", labels=OTHERS)), SAME_PHONE),
        ((Export("a", SAID), Export("b", SAID[:-3])), PART),
        ((Export("a", SAID), Export("b", changed(12, replace(SAID[12], text="altered by somebody")))), PART),
    ],
)
def test_what_comes_from_one_hand_does_not_count_as_independent(exports: tuple[Export, ...], reason: str) -> None:
    joined = join(*exports)
    (row,) = joined.comparisons.to_dicts()
    assert (row["independent"], row["dependence"]) == (False, reason)
    assert joined.corroboration["n_independent"].unique().to_list() == [1]


def test_two_exports_of_one_person_are_not_independent() -> None:
    own = [notice(-60, "added", "Wiremu", "You"), *SAID]
    later = [*own, Said(50_000, "Wiremu", "one more long text after all others")]
    direct = [Said(60_000 + 400 * i, ("Violeta", "Yuki")[i % 2], f"between the two of us, text {i}") for i in range(8)]
    exports = [
        Export("a", own, folder="x"), Export("b", later, folder="y", labels={"Xolani": "Xo"}),
        Export("c", direct, folder="x", title="Yuki"),
        Export("d", direct, folder="y", title="Yuki N", labels={"Yuki": "Yuki N"}),
    ]  # fmt: skip
    rows = join(*exports).comparisons
    assert set(rows["dependence"]) == {SAME_PERSON}


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [(("added", "You", "Xolani"), ("added", "Wiremu", "Xolani")), (("left", "You"), ("left", "Wiremu"))],
)
def test_a_notice_that_speaks_of_you_on_one_phone_only_tells_two_phones_apart(
    mine: tuple[str, ...], theirs: tuple[str, ...]
) -> None:
    one, other = ([notice(-60, *told), *SAID] for told in (mine, theirs))
    assert first(Export("a", one), Export("b", other[:-1]))["dependence"] is None


def test_two_phones_that_name_a_direct_chat_after_each_other_are_two() -> None:
    said = talk(30, ("Violeta", "Wiremu"))
    row = first(Export("a", said, title="Wiremu"), Export("b", said[:-1], title="Violeta"))
    assert row["dependence"] is None


def test_a_few_records_that_agree_in_all_do_not_make_a_copy() -> None:
    short = talk(12, PEOPLE)
    assert first(Export("a", short), Export("b", short[:-1]))["dependence"] is None


def test_in_a_chat_of_many_exports_each_is_compared_with_those_near_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparisons, "MOST_COMPARED", 3)
    exports = [Export(name, talk(12, PEOPLE), labels={"Wiremu": f"Wi {name}"}) for name in "abcdef"]
    assert join(*exports).comparisons.height == 5 + 4


def test_a_single_export_has_no_comparison() -> None:
    assert join(Export("a", SAID)).comparisons.height == 0


drops = st.sets(st.integers(0, 39), max_size=6)
places = st.integers(0, 39)
edits = st.dictionaries(places, st.sampled_from(["text", "sender", "time"]), max_size=4)
edits_but_senders = st.dictionaries(places, st.sampled_from(["text", "time"]), max_size=4)


def tampered(dropped: set[int], altered: dict[int, str]) -> list[Said]:
    kinds = {
        "text": lambda one: replace(one, text=f"{one.text} but altered"),
        "sender": lambda one: replace(one, label=PEOPLE[(PEOPLE.index(one.label) + 1) % 3]),
        "time": lambda one: replace(one, at_s=one.at_s + 7000),
    }
    kept = [(place, one) for place, one in enumerate(SAID) if place not in dropped]
    said = [kinds[altered[place]](one) if place in altered else one for place, one in kept]
    return sorted(said, key=lambda one: one.at_s)


@st.composite
def three_phones(draw: st.DrawFn, edits: st.SearchStrategy[dict[int, str]] = edits) -> list[Export]:
    """Three phones of one chat with different names and clocks, two of them altered and one cut."""
    return [
        Export("a", tampered(draw(drops), draw(edits))),
        Export("b", tampered(draw(drops), draw(edits)), labels=OTHERS, ahead_s=40),
        Export("c", SAID[draw(st.integers(0, 19)) :], labels={"Violeta": "V", "Xolani": "X"}, step_s=1),
    ]


def in_conflict(joined: Joined) -> set[int]:
    """Return the copies of messages on which exports disagree in text, sender or time."""
    shared = pl.col("conflicts").list.set_intersection(list(CONFLICT_STATUSES))
    slots = joined.corroboration.filter(shared.list.len() > 0).select("canonical_id")
    return set(joined.messages.join(slots, on="canonical_id", how="semi")["message_id"])


@pytest.mark.slow
@settings(max_examples=12, deadline=None)
@given(three_phones(), st.randoms())
def test_counts_tile_and_shuffling_inputs_changes_nothing(exports: list[Export], rng: Random) -> None:
    joined = join(*exports)
    shuffled = list(exports)
    rng.shuffle(shuffled)
    again = join(*shuffled)
    assert again.comparisons.equals(joined.comparisons)
    assert again.indicators.equals(joined.indicators)
    for row in joined.comparisons.iter_rows(named=True):
        differ = row["n_text"] + row["n_sender"] + row["n_time"]
        assert row["n_a"] == row["n_agree"] + differ + row["n_only_a"]
        assert row["n_b"] == row["n_agree"] + differ + row["n_only_b"]
        assert row["n_at_offset"] <= row["n_anchors"] <= row["n_agree"]


@pytest.mark.slow
@settings(max_examples=8, deadline=None)
@given(three_phones(edits_but_senders))  # an altered sender may keep two labels of a short chat from being joined
def test_removing_an_export_puts_no_message_in_conflict_that_was_in_order(exports: list[Export]) -> None:
    """A message that one export lacked may turn out to be one that differs there; one that agreed never does."""
    joined = join(*exports)
    lacked = joined.corroboration.filter(pl.col("status") == "one_sided").select("canonical_id")
    before = in_conflict(joined) | set(joined.messages.join(lacked, on="canonical_id", how="semi")["message_id"])
    for left_out in exports:
        assert in_conflict(join(*(one for one in exports if one is not left_out))) <= before


@given(st.lists(st.integers(0, 6), min_size=0, max_size=9), st.randoms())
def test_what_is_left_of_an_order_is_in_order_but_for_lawful_swaps(minutes: list[int], rng: Random) -> None:
    t = np.array([60_000 * minute for minute in minutes], dtype=np.int64)
    place_a, place_b = (list(range(len(t))) for _ in range(2))
    rng.shuffle(place_a)
    rng.shuffle(place_b)
    here, there = np.array(place_a, dtype=np.int64), np.array(place_b, dtype=np.int64)
    moved = set(find_moved(here, there, t, apart_ms=90_000).tolist())
    kept = [x for x in range(len(t)) if x not in moved]
    grave = [(x, y) for x in range(len(t)) for y in range(len(t)) if here[x] < here[y] and there[x] > there[y]
             and abs(t[x] - t[y]) > 90_000]  # fmt: skip
    assert len(moved) <= len(grave)
    assert bool(moved) <= bool(grave)
    swapped = [(x, y) for x, y in grave if x in kept and y in kept]
    longest = _longest_by_trying(here, there)
    assert len(kept) >= longest
    assert not swapped or len(kept) > longest  # what stays swapped was itself left out of the longest run


def _longest_by_trying(here: np.ndarray, there: np.ndarray) -> int:
    """The slow twin: the longest run of places that increase on both sides."""
    ordered = there[np.argsort(here)].tolist()
    best = [1] * len(ordered)
    for i, place in enumerate(ordered):
        best[i] = 1 + max((best[j] for j in range(i) if ordered[j] < place), default=0)
    return max(best, default=0)


def test_records_in_the_order_of_their_times_are_not_looked_at_again() -> None:
    t = np.array([0, 60_000, 60_000, 400_000], dtype=np.int64)
    assert not find_late(t, 60_000).any()
    assert find_late(t[::-1].copy(), 60_000).tolist() == [True, True, True, True]
    assert find_late(t[:0], 60_000).tolist() == []
