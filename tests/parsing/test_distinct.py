"""Distinct texts are numbered as a dict would number them."""

from collections.abc import Sequence
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatforensics.parsing import distinct
from chatforensics.parsing.distinct import Book, keep_first, number_rows, number_spans, windows
from chatforensics.parsing.lines import PADDING

texts = st.lists(
    st.binary(max_size=3) | st.sampled_from([b"a" * 32, b"a" * 33, b"a" * 128, b"a" * 129, b"a\0", b"a", b"a" * 300]),
    max_size=12,
)


def number(texts: Sequence[bytes], book: Book[bytes]) -> list[int]:
    padded = np.frombuffer(b"".join(texts) + b"\xff" * PADDING, dtype=np.uint8)
    sizes = np.array([len(text) for text in texts], dtype=np.int64)
    found: list[int] = number_spans(padded, np.cumsum(sizes) - sizes, sizes, book).tolist()
    return found


@given(texts, texts)
def test_equal_texts_have_equal_numbers_and_others_do_not(some: list[bytes], more: list[bytes]) -> None:
    book: Book[bytes] = Book(bytes)
    for part in (some, more):
        assert [book.values[found] for found in number(part, book)] == part
    assert len(book.values) == len({*some, *more})


@given(texts)
def test_texts_of_one_hash_key_have_their_own_numbers(some: list[bytes]) -> None:
    book: Book[bytes] = Book(bytes)
    with patch.object(distinct, "_MIX", distinct._MIX * 0):
        assert [book.values[found] for found in number(some * 2, book)] == some * 2


def test_what_is_nothing_is_read_once_and_has_no_number() -> None:
    asked: list[bytes] = []
    book: Book[bytes] = Book(asked.append)
    assert number([b"x", b"x"], book) == [-1, -1]
    assert number([b"x"], book) == [-1]
    assert (asked, book.values) == ([b"x"], [])


def test_beyond_the_most_known_texts_are_numbered_all_the_same() -> None:
    book: Book[bytes] = Book(bytes)
    many = [f"{k}".encode() for k in range(40)]
    with patch.object(distinct, "_MOST_KNOWN", 8):
        assert [book.values[k] for part in (many[:20], many[10:], many) for k in number(part, book)] == [
            *many[:20],
            *many[10:],
            *many,
        ]


def test_no_rows_have_no_numbers() -> None:
    book: Book[bytes] = Book(bytes)
    assert number_rows(np.zeros((0, 32), dtype=np.uint8), np.zeros(0, dtype=np.int64), book).tolist() == []


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 31, 32])
def test_keeping_the_first_bytes_clears_the_others(size: int) -> None:
    rows = np.full((2, 32), 7, dtype=np.uint8)
    keep_first(rows, np.array([size, 32]))
    assert rows[0].tolist() == [7] * size + [0] * (32 - size)
    assert rows[1].tolist() == [7] * 32


def test_the_last_window_ends_where_the_bytes_end() -> None:
    assert windows(np.arange(20, dtype=np.uint8), np.array([16]), 4).tolist() == [[16, 17, 18, 19]]
    with pytest.raises(IndexError):
        windows(np.arange(20, dtype=np.uint8), np.array([17]), 4)


def test_windows_begin_at_the_starts() -> None:
    assert windows(np.arange(20, dtype=np.uint8), np.array([3, 9]), 4).tolist() == [[3, 4, 5, 6], [9, 10, 11, 12]]
