from typing import Any

import numpy as np
import polars as pl
import pytest
from diffusion.linktables import NINE
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics import schema
from chatforensics.diffusion.wordings import count_edits, list_sent, number_wordings, split_words

ORIGINAL = "Vote Rowena Adjei first.\nThen Tariq Lindqvist.\nPress submit."


def wording_of(rows: list[dict[str, Any]]) -> str:
    """Return the wording of one share of these messages."""
    full = [{"message_id": number, "line": number, "sent_at": NINE} | row for number, row in enumerate(rows)]
    share = [("s", "f", "v", "chat-1", "nadia", NINE, list(range(len(rows))), 1.0, ["a"])]
    numbers, texts = number_wordings(
        list_sent(
            schema.Shares(pl.DataFrame(share, schema=dict(schema.TABLES["shares"]), orient="row")),
            schema.Messages(pl.DataFrame(full, schema=dict(schema.TABLES["messages"]))),
        )
    )
    wording: str = texts[numbers["wording"].item()]
    return wording


def edits(one: str, other: str) -> int:
    return int(count_edits(split_words([one, other]), np.array([0]), np.array([1])).item())


def test_a_wording_is_the_messages_in_the_order_in_which_they_were_sent() -> None:
    assert wording_of([{"text": "Second", "line": 8}, {"text": "First", "line": 7}, {"text": None}]) == "first second"


def test_copies_and_repetitions_count_once() -> None:
    assert wording_of([{"text": "Vote Rowena"}, {"text": "Vote Rowena"}]) == "vote rowena"
    copies = [{"text": "Vote\u200e Rowena", "source_id": source, "canonical_id": 1} for source in "ab"]
    assert wording_of([*copies, {"text": "today", "line": 9, "source_id": "a"}]) == "vote rowena today"


def test_messages_without_text_have_an_empty_wording() -> None:
    assert wording_of([{"text": None}]) == ""


@pytest.mark.parametrize(
    ("other", "n"),
    [
        (ORIGINAL, 0),
        (ORIGINAL.replace("Tariq Lindqvist", "Mei Okonkwo"), 1),
        (ORIGINAL.replace("Then Tariq Lindqvist.\n", ""), 1),
        (ORIGINAL + "\nPass it on!", 1),
        (ORIGINAL.replace("Rowena", "Rohana").replace("submit", "send"), 2),
        ("投票 สมชาย", 1),
        ("", 1),
    ],
)
def test_edits_are_the_places_where_two_wordings_differ(other: str, n: int) -> None:
    assert edits(ORIGINAL, other) == n


def fewest_changes(one: tuple[int, ...], other: tuple[int, ...]) -> int:
    """Return how many words to add, drop or replace, by the textbook's table."""
    before = list(range(len(other) + 1))
    for row, word in enumerate(one, 1):
        now = [row]
        for column, against in enumerate(other, 1):
            now.append(min(before[column] + 1, now[-1] + 1, before[column - 1] + (word != against)))
        before = now
    return before[-1]


@settings(max_examples=80, deadline=None)
@given(texts=st.lists(st.text("ab \n", max_size=12), min_size=1, max_size=5), data=st.data())
def test_edits_are_symmetric_none_for_equal_words_and_no_more_than_changed_words(
    texts: list[str], data: st.DataObject
) -> None:
    at = st.lists(st.integers(0, len(texts) - 1), min_size=4, max_size=4)
    first, second = np.array(data.draw(at)), np.array(data.draw(at))
    words = split_words(texts)
    found = count_edits(words, first, second)
    assert found.tolist() == count_edits(words, second, first).tolist()
    for n, one, other in zip(found.tolist(), first, second, strict=True):
        assert (n == 0) == (words[one] == words[other])
        assert n <= fewest_changes(words[one], words[other])


def test_no_pairs_have_no_edits() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    assert count_edits(split_words([]), nothing, nothing).size == 0
