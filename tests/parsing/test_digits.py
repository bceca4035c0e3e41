"""Digits of all scripts become ASCII without moving anything else."""

import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatforensics.parsing.digits import has_foreign_digits, to_ascii_digits
from chatforensics.parsing.shapes import FILLER

FOREIGN = [
    chr(point) for point in range(0x80, 0x20000) if chr(point).isdecimal() and unicodedata.category(chr(point)) == "Nd"
]
pieces = st.lists(
    st.sampled_from([*FOREIGN, "a", "é", "5", "年", "😀", " "]) | st.characters(exclude_categories=["Cs"]), max_size=20
)


def row(text: bytes) -> "np.ndarray[tuple[int, int], np.dtype[np.uint8]]":
    size = -(-max(len(text), 1) // 8) * 8
    return np.frombuffer(text.ljust(size, b"\0"), dtype=np.uint8).reshape(1, size)


def rewritten(text: str) -> str:
    return "".join(
        str(unicodedata.decimal(char)) + FILLER * (len(char.encode()) - 1) if char in FOREIGN else char for char in text
    )


@given(pieces.map("".join))
def test_each_digit_becomes_its_ascii_digit_and_fillers(text: str) -> None:
    assert to_ascii_digits(row(text.encode())).tobytes().rstrip(b"\0") == rewritten(text).encode().rstrip(b"\0")


def test_the_digits_of_every_script_are_known() -> None:
    for digit in FOREIGN:
        assert has_foreign_digits(row(digit.encode()))[0], hex(ord(digit))
        assert to_ascii_digits(row(digit.encode()))[0, 0] == ord("0") + unicodedata.decimal(digit)


@pytest.mark.parametrize("text", [b"2024", b"abc", "déjà".encode(), b"\xff\xfe\x80"])
def test_a_row_without_foreign_digits_is_unchanged(text: bytes) -> None:
    assert to_ascii_digits(row(text)).tobytes() == row(text).tobytes()


@given(st.binary(min_size=1, max_size=24))
def test_any_bytes_can_be_looked_at(text: bytes) -> None:
    assert to_ascii_digits(row(text)).shape == row(text).shape


def test_a_digit_cut_by_the_end_of_the_row_reaches_over_nothing() -> None:
    cut = row("1234567٣".encode()[:8])
    assert cut.tobytes() == b"1234567\xd9"
    assert to_ascii_digits(cut).tobytes() == b"1234567\xd9"
