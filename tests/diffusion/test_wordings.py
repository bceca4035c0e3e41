from datetime import UTC, datetime
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics import schema
from chatforensics.diffusion import wordings
from chatforensics.diffusion.wordings import compare_wordings, count_pieces, list_sent, number_wordings

NINE = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)


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


def test_a_wording_is_the_messages_in_the_order_in_which_they_were_sent() -> None:
    assert wording_of([{"text": "Second", "line": 8}, {"text": "First", "line": 7}, {"text": None}]) == "first second"


def test_copies_and_repetitions_count_once() -> None:
    assert wording_of([{"text": "Vote Rowena"}, {"text": "Vote Rowena"}]) == "vote rowena"
    copies = [{"text": "Vote\u200e Rowena", "source_id": source, "canonical_id": 1} for source in "ab"]
    assert wording_of([*copies, {"text": "today", "line": 9, "source_id": "a"}]) == "vote rowena today"


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(st.text("abc ", max_size=9), min_size=1, max_size=6), data=st.data())
def test_closeness_equals_that_found_pair_by_pair(texts: list[str], data: st.DataObject) -> None:
    at = st.lists(st.integers(0, len(texts) - 1), min_size=5, max_size=5)
    first, second = np.array(data.draw(at)), np.array(data.draw(at))
    sets = [{text[start : start + 4] for start in range(max(1, len(text) - 3))} for text in texts]
    wanted = [len(sets[a] & sets[b]) / len(sets[a] | sets[b]) for a, b in zip(first, second, strict=True)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wordings, "CHUNK_PAIRS", 2)
        found = compare_wordings(count_pieces(texts), first, second)
    assert np.allclose(found.to_numpy(), wanted)
