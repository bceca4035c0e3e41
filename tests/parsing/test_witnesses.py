"""Days that the names of media files state."""

from datetime import date
from unittest.mock import patch

import numpy as np
import pytest

from chatforensics.parsing import witnesses
from chatforensics.parsing.calendar import PrintedDates
from chatforensics.parsing.witnesses import Witnesses, count_strangers, find_witnesses, runs_of


def dates_of(days: dict[str, list[str]]) -> PrintedDates:
    """Two runs: rows 0 and 1, and row 2."""
    n = np.array([0, 2]), np.array([2, 1]), np.zeros(2, dtype=np.int64)
    return PrintedDates(*n, {order: np.array(x, dtype="datetime64[D]") for order, x in days.items()}, {})


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("IMG-20240605-WA0001.jpg (file attached)", date(2024, 6, 5)),
        ("IMG-20240605-WA0001.jpg\u200e (file attached)", date(2024, 6, 5)),
        ("IMG-20240605-WA0001.jpg\u200f（添付ファイル）", date(2024, 6, 5)),
        ("x VID-20240605-WA0001.mp4 (archivo adjunto)", date(2024, 6, 5)),
        ("<attached: 00000012-PHOTO-2024-06-05-10-20-30.jpg>", date(2024, 6, 5)),
        ("<adjunto: 00000012-STICKER-2024-06-05-10-20-30.webp>", date(2024, 6, 5)),
        ("IMG-20241305-WA0001.jpg (file attached)", None),
        ("IMG-2024O605-WA0001.jpg (file attached)", None),
        ("240605-WA1.jpg (file attached)", None),
        ("-WA", None),
        ("-PHOTO-2024-06", None),
        ("nothing", None),
        ("<attached: 00000012-PHOTO-2024-06-0x-10-20-30.jpg>", None),
    ],
)
def test_a_name_states_a_day_or_nothing(text: str, day: date | None) -> None:
    found = find_witnesses(text.encode()).day.astype(object).tolist()
    assert found == ([day] if day else [])


@pytest.mark.parametrize(
    "typed",
    [
        "IMG-20240605-WA0001.jpg",
        "did you get IMG-20240605-WA0001.jpg yet",
        "IMG-20240605-WA0001.jpg, see (above)",
        "00000012-PHOTO-2024-06-05-10-20-30.jpg",
        "IMG-20240605-WA0001\n(file attached)",
        f"IMG-20240605-WA{'0' * 80}.jpg (file attached)",
    ],
)
def test_a_name_that_somebody_typed_is_no_witness(typed: str) -> None:
    assert not len(find_witnesses(typed.encode()).day)


def test_a_name_of_bytes_that_are_no_text_states_nothing() -> None:
    assert not len(find_witnesses(b"<attached: 1-PHOTO-\xff\xff\xff\xff-06-05-10.jpg>").day)


def test_names_come_in_order_and_not_too_many() -> None:
    text = b"00000001-PHOTO-2024-06-07-10-20-30.jpg> " + b"IMG-20240605-WA0001.jpg (file attached) " * 9
    with patch.object(witnesses, "_MOST", 3):
        found = find_witnesses(text)
    assert len(found.day) == 4
    assert (np.diff(found.offset) > 0).all()


def test_a_witness_belongs_to_the_message_in_which_it_stands() -> None:
    seen = Witnesses(np.array([5, 10, 25, 40]), np.array(["2024-06-05"] * 4, dtype="datetime64[D]"))
    assert runs_of(seen, np.array([10, 20, 30]), dates_of({})).tolist() == [-1, 0, 0, 1]


def test_only_witnesses_that_some_order_agrees_with_count_against_another() -> None:
    days = dates_of({"dmy": ["2024-06-05", "2024-06-06"], "mdy": ["2024-05-06", "2024-06-06"]})
    seen = Witnesses(
        np.array([5, 12, 13, 31]), np.array(["2024-06-05", "2024-06-04", "2020-01-01", "2024-06-06"], dtype="M8[D]")
    )
    assert count_strangers(seen, np.array([10, 20, 30]), days) == {"dmy": 0, "mdy": 1}
