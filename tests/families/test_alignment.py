from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics import schema
from chatforensics.families import build_families, nearest
from chatforensics.families.alignment import build_variants
from chatforensics.families.nearest import find_parents
from chatforensics.families.tokens import BREAK, cut_tokens

START = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
SLATE = "Final reminder to all members: select Rowena Adjei at step 1 and Tariq Lindqvist at step 2, then press submit."
LINES = "Final reminder to all members\nSelect Rowena Adjei at step 1\nThen press submit"
WORDS = st.sampled_from(["vote", "Rowena", "Tariq", "step", "1", "🙏", "\n", "امیدوار", "ভোট", "明日", "don't", "!"])
TEXTS = st.lists(WORDS, min_size=1, max_size=9).map(" ".join)


def some_messages(texts: list[Any], **columns: list[Any]) -> schema.Messages:
    """Return one message per text, a minute apart; further columns as given."""
    n = len(texts)
    full: dict[str, list[Any]] = {
        "message_id": list(range(1, n + 1)),
        "source_id": ["source-a"] * n,
        "byte_start": list(range(1, n + 1)),
        "sent_at": [START + timedelta(minutes=number) for number in range(n)],
        "kind": ["text"] * n,
        "text": texts,
        **columns,
    }
    return schema.Messages(schema.check(_filled("messages", full), table="messages"))


def some_families(variants: list[str], *, family: str = "family", tracked: bool = True) -> schema.Families:
    n = len(variants)
    full: dict[str, list[Any]] = {
        "message_id": list(range(1, n + 1)),
        "family_id": [family] * n,
        "variant_id": variants,
        "similarity": [1.0] * n,
        "tracked": [tracked] * n,
    }
    return schema.Families(schema.check(_filled("families", full), table="families"))


def _filled(table: str, columns: dict[str, list[Any]]) -> pl.DataFrame:
    types = schema.TABLES[table]
    given_ones = pl.DataFrame(columns, schema={name: types[name] for name in columns})
    return given_ones.with_columns(pl.lit(None, types[name]).alias(name) for name in types if name not in columns)


def aligned(texts: list[Any], **columns: list[Any]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return both tables for texts that are a wording each, named v1, v2 and so on."""
    names = [f"v{number}" for number in range(1, len(texts) + 1)]
    return build_variants(some_messages(texts, **columns), some_families(names))


def parents_of(texts: list[Any], **columns: list[Any]) -> dict[str, str | None]:
    variants, _ = aligned(texts, **columns)
    return dict(variants.select("variant_id", "parent_variant_id").iter_rows())


def changes_of(old: str, new: str) -> list[tuple[str, str, str]]:
    _, changes = aligned([old, new])
    return changes.select("change", "parent_text", "text").rows()


def test_a_changed_name_is_one_replacement_with_its_place_in_both_texts() -> None:
    variants, changes = aligned([SLATE, SLATE.replace("Rowena Adjei", "Ines Okafor")])
    (row,) = changes.to_dicts()
    assert (row["change"], row["parent_text"], row["text"]) == ("replaced", "Rowena Adjei", "Ines Okafor")
    assert SLATE[row["parent_start"] : row["parent_end"]] == "Rowena Adjei"
    assert row["start"] == SLATE.index("Rowena Adjei")
    assert variants["n_edits"].to_list() == [None, 2]
    assert variants["similarity"][1] == pytest.approx(1 - 2 / 20)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("vote Rowena", "please vote Rowena", ("added", "", "please")),
        ("please vote Rowena now", "please vote Rowena", ("dropped", "now", "")),
        ("vote Rowena\nthanks", "vote Rowena thanks", ("dropped", "\n", "")),
        ("vote Rowena 🙏", "vote Rowena 🙏🏾", ("replaced", "🙏", "🙏🏾")),
        ("see https://one.example/a?b=1.", "see https://two.example/a?b=1.",
         ("replaced", "https://one.example/a?b=1", "https://two.example/a?b=1")),
        ("کل علی رضا کو ووٹ دیں", "کل سارہ کو ووٹ دیں", ("replaced", "علی رضا", "سارہ")),
        ("明日の選挙", "明日の投票", ("replaced", "選挙", "投票")),
    ],
    ids=["added", "dropped", "line break", "emoji", "link", "right to left", "no spaces"],
)  # fmt: skip
def test_what_differs_is_told_in_words(old: str, new: str, expected: tuple[str, str, str]) -> None:
    assert changes_of(old, new) == [expected]


@pytest.mark.parametrize(
    "same",
    ["*VOTE* Rowena’s step", "vote, Rowena's - step!!", "vote\u200b Rowena's  step", "vo\u200bte Rowena's step\n\n"],
)
def test_capitals_emphasis_punctuation_and_invisible_marks_are_no_difference(same: str) -> None:
    variants, changes = aligned(["vote Rowena's step", same])
    assert variants["n_edits"].to_list() == [None, 0]
    assert variants["similarity"].to_list() == [None, 1.0]
    assert changes.is_empty()


def test_a_line_added_beside_a_changed_line_counts_by_itself() -> None:
    new = LINES.replace("Then press submit", "Than press submit\nDelete once read")
    assert changes_of(LINES, new) == [("replaced", "Then", "Than"), ("added", "", "\nDelete once read")]
    both = LINES.replace("Then press submit", "Phir jama karen\nParh kar delete")
    assert changes_of(LINES, both)[-1] == ("added", "", "\nParh kar delete")
    assert changes_of(both, LINES)[-1] == ("dropped", "\nParh kar delete", "")


def test_a_moved_line_is_dropped_in_one_place_and_added_in_another() -> None:
    first, second, third = LINES.split("\n")
    changes = changes_of(LINES, f"{second}\n{third}\n{first}")
    assert sorted(change for change, _, _ in changes) == ["added", "dropped"]
    assert {text.strip() for _, *texts in changes for text in texts if text} == {first}


def test_a_wording_hangs_from_the_nearest_that_was_not_sent_later() -> None:
    texts = [SLATE, f"Fwd {SLATE}", f"Fwd {SLATE} Thanks", f"{SLATE} Thanks", SLATE.replace("submit", "send")]
    assert parents_of(texts) == {"v1": None, "v2": "v1", "v3": "v2", "v4": "v1", "v5": "v1"}


def test_within_a_minute_the_nearer_one_may_be_the_parent_whatever_the_order() -> None:
    texts = [SLATE, f"one two three {SLATE}", f"one two {SLATE}"]
    seconds = [START, START + timedelta(minutes=5, seconds=1), START + timedelta(minutes=5, seconds=2)]
    assert parents_of(texts, sent_at=seconds) == {"v1": None, "v2": "v3", "v3": "v1"}
    minutes = [START + timedelta(minutes=number) for number in range(3)]
    assert parents_of(texts, sent_at=minutes) == {"v1": None, "v2": "v1", "v3": "v2"}


def test_of_wordings_of_the_first_minute_the_one_sent_most_often_is_the_root() -> None:
    messages = some_messages([SLATE, f"Fwd {SLATE}", f"Fwd {SLATE}"], sent_at=[START, START, START])
    variants, _ = build_variants(messages, some_families(["v1", "v2", "v2"]))
    assert variants["variant_id"].to_list() == ["v2", "v1"]
    assert variants["parent_variant_id"].to_list() == [None, "v2"]


def test_a_wording_without_a_time_comes_last() -> None:
    variants, _ = aligned([f"Fwd {SLATE}", SLATE, f"{SLATE} Thanks"], sent_at=[None, START, START])
    assert variants["variant_id"].to_list() == ["v2", "v3", "v1"]
    assert variants["parent_variant_id"].to_list() == [None, "v2", "v2"]


def test_copies_in_several_exports_count_once() -> None:
    messages = some_messages([SLATE] * 3, canonical_id=[1, 1, 3], source_id=["source-a", "source-b", "source-a"])
    variants, _ = build_variants(messages, some_families(["v1"] * 3))
    assert variants["n_messages"].to_list() == [2]
    assert variants["message_ids"].to_list() == [[1, 2, 3]]
    assert variants["first_at"].to_list() == [START]


def test_the_text_is_that_of_the_earliest_message() -> None:
    messages = some_messages([SLATE.upper(), SLATE], sent_at=[START + timedelta(hours=1), START])
    variants, _ = build_variants(messages, some_families(["v1"] * 2))
    assert variants["text"].to_list() == [SLATE]


def test_only_tracked_families_are_taken_and_none_give_empty_tables() -> None:
    variants, changes = build_variants(some_messages([SLATE]), some_families(["v1"], tracked=False))
    for frame, table in ((variants, "variants"), (changes, "variant_changes")):
        assert frame.is_empty()
        assert schema.check(frame, table=table).columns == list(schema.TABLES[table])


def real_variants(texts: list[str], groups: list[str]) -> pl.DataFrame:
    """Return the wordings of families that were really found, all of them tracked."""
    messages = some_messages(texts, group_id=groups)
    labels = schema.Labels(schema.empty("labels"))
    families = build_families(messages, labels)
    tracked = schema.Families(families.with_columns(tracked=pl.lit(value=True)))
    return build_variants(messages, tracked)[0]


def test_bubbles_that_are_one_text_are_joined_and_those_that_are_texts_of_their_own_are_not() -> None:
    head, tail = SLATE[:60], SLATE[60:]
    joined = real_variants([head, tail, SLATE], ["g1", "g1", "g2"])
    assert joined["text"].to_list() == [f"{head}\n{tail}"]
    assert joined["message_ids"].to_list() == [[1, 2, 3]]
    twice = real_variants([SLATE, SLATE.upper(), SLATE], ["g1", "g1", "g2"])
    assert twice["text"].to_list() == [SLATE]


def test_input_order_changes_nothing() -> None:
    texts = [SLATE, f"Fwd {SLATE}", f"{SLATE} Thanks", f"Fwd {SLATE} Thanks", "Fwd"]
    messages, families = some_messages(texts), some_families([f"v{number}" for number in range(1, 6)])
    for one, other in zip(
        build_variants(messages, families),
        build_variants(schema.Messages(messages.reverse()), schema.Families(families.reverse())),
        strict=True,
    ):
        assert one.equals(other)


@settings(max_examples=150, deadline=None)
@given(old=TEXTS, new=TEXTS)
def test_applying_the_changes_to_the_parent_gives_the_wording_token_by_token(old: str, new: str) -> None:
    variants, changes = aligned([old, new])
    tokens, at, applied = cut_tokens(old), 0, []
    for row in changes.iter_rows(named=True):
        assert old[row["parent_start"] : row["parent_end"]] == row["parent_text"]
        assert new[row["start"] : row["end"]] == row["text"]
        kept = [key for key, place in zip(tokens.keys, tokens.ends, strict=True) if at < place <= row["parent_start"]]
        applied += [*kept, *keys_with_breaks(row["text"])]
        at = row["parent_end"]
    applied += [key for key, place in zip(tokens.keys, tokens.ends, strict=True) if place > at]
    assert applied == cut_tokens(new).keys
    told = [(keys_with_breaks(row["parent_text"]), keys_with_breaks(row["text"])) for row in changes.to_dicts()]
    assert variants["n_edits"][1] == sum(max(len(one), len(other)) for one, other in told)
    assert variants["n_edits"][1] == slow_edits(tokens.keys, cut_tokens(new).keys)


def keys_with_breaks(words: str) -> list[str]:
    """Cut words of a change, with the line breaks at their ends, which a whole text does not count."""
    return [key for key in cut_tokens(f"x {words} x").keys if key != "x"]


def slow_edits(one: list[str], other: list[str]) -> int:
    """Count the edits between two lists by the textbook table."""
    table = np.zeros((len(one) + 1, len(other) + 1), dtype=int)
    table[:, 0], table[0, :] = range(len(one) + 1), range(len(other) + 1)
    for row, column in product(range(1, len(one) + 1), range(1, len(other) + 1)):
        swap = table[row - 1, column - 1] + (one[row - 1] != other[column - 1])
        table[row, column] = min(table[row - 1, column] + 1, table[row, column - 1] + 1, swap)
    return int(table[-1, -1])


RANKED = st.lists(st.tuples(st.lists(st.sampled_from("abc"), max_size=4), st.integers(0, 2)), min_size=1, max_size=5)


@settings(max_examples=80, deadline=None)
@given(drawn=RANKED)
def test_no_other_tree_has_fewer_edits(drawn: list[tuple[list[str], int]]) -> None:
    drawn.sort(key=lambda pair: pair[1])
    texts, ranks = [text for text, _ in drawn], [rank for _, rank in drawn]
    parents = find_parents(texts, ranks)
    assert parents[0] is None
    assert is_tree(parents)
    allowed = [[p for p in range(len(texts)) if p != n and ranks[p] <= ranks[n]] for n in range(1, len(texts))]
    trees = [tree for tree in product(*allowed) if is_tree([None, *tree])]
    assert cost(texts, parents) == min(cost(texts, [None, *tree]) for tree in trees)


def is_tree(parents: list[int | None]) -> bool:
    def reaches_root(number: int) -> bool:
        for _ in parents:
            parent = parents[number]
            if parent is None:
                return number == 0
            number = parent
        return False

    return all(reaches_root(number) for number in range(len(parents)))


def cost(texts: list[list[str]], parents: list[int | None]) -> int:
    return sum(slow_edits(texts[p], texts[n]) for n, p in enumerate(parents) if p is not None)


@settings(max_examples=40, deadline=None)
@given(texts=st.lists(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=8), min_size=1, max_size=12))
def test_large_families_get_the_same_tree_where_all_texts_are_among_the_nearest(texts: list[list[str]]) -> None:
    ranks = list(range(len(texts)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nearest, "MOST_ALL", 0)
        limited = find_parents(texts, ranks)
    assert limited == find_parents(texts, ranks)


def test_a_large_family_is_held_against_those_with_most_tokens_in_common(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearest, "MOST_ALL", 0)
    monkeypatch.setattr(nearest, "N_NEAREST", 1)
    base = ["a", "b", "c", "d", "e", "f"]
    texts = [base, [*base, "g"], [*base, "x", "y"], [*base, "g", "h"], [*base, "x", "y", "z"]]
    assert find_parents(texts, [0, 1, 2, 3, 4]) == [None, 0, 0, 1, 2]
    assert find_parents(texts[:1] * 3, [0, 0, 0]) == [None, 0, 0]


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=60))
def test_tokens_stand_in_order_and_none_is_empty(text: str) -> None:
    tokens = cut_tokens(text)
    places = [place for pair in zip(tokens.starts, tokens.ends, strict=True) for place in pair]
    assert places == sorted(places)
    assert all(tokens.keys)
    assert BREAK not in {*tokens.keys[:1], *tokens.keys[-1:]}
