"""The chat text cut into pieces: every byte once, every line start once, whatever the size of a piece."""

import mmap
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatforensics.errors import UnknownExportFormat
from chatforensics.intake import forget
from chatforensics.parsing import lines
from chatforensics.parsing.lines import PADDING, check_text, cut_pieces, map_in_order, take_slices

texts = st.lists(st.sampled_from([b"\n", b"\r\n", b"a", b"bb", b"\xe2\x80\xa8", b"\x00", b"c" * 9])).map(b"".join)


@given(texts, st.integers(1, 20))
def test_pieces_tile_the_text_and_know_its_lines(text: bytes, piece_bytes: int) -> None:
    pieces = list(cut_pieces(text, piece_bytes=piece_bytes))
    assert b"".join(piece.padded[: piece.size].tobytes() for piece in pieces) == text
    assert [piece.start for piece in pieces] == np.cumsum([0, *(piece.size for piece in pieces)])[:-1].tolist()
    starts = [at for at in range(len(text)) if at == 0 or text[at - 1 : at] == b"\n"]
    assert [int(at) + piece.start for piece in pieces for at in piece.starts] == starts
    assert sum(piece.n_breaks for piece in pieces) == text.count(b"\n")


@given(texts.filter(len), st.integers(1, 20))
def test_behind_a_piece_a_window_sees_the_next_bytes_or_zeros(text: bytes, piece_bytes: int) -> None:
    for piece in cut_pieces(text, piece_bytes=piece_bytes):
        assert len(piece.padded) == piece.size + PADDING
        assert piece.padded.tobytes() == text[piece.start : piece.start + len(piece.padded)].ljust(
            len(piece.padded), b"\0"
        )


def test_a_piece_ends_at_a_line_break_where_there_is_one() -> None:
    assert [piece.size for piece in cut_pieces(b"ab\ncd\nef", piece_bytes=7)] == [6, 2]
    assert [piece.size for piece in cut_pieces(b"abcdef\n", piece_bytes=4)] == [4, 3]


def test_a_mapped_file_is_cut_as_bytes_are(tmp_path: Path) -> None:
    text = b"13/03/2024, 08:30 - Ama: hi\n" * 2000
    (tmp_path / "chat.txt").write_bytes(text)
    with (tmp_path / "chat.txt").open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        pieces = [piece.padded[: piece.size].tobytes() for piece in cut_pieces(mapped, piece_bytes=20_000)]
    assert pieces == [piece.padded[: piece.size].tobytes() for piece in cut_pieces(text, piece_bytes=20_000)]


def test_pages_of_a_mapped_file_that_are_given_back_can_be_read_again(tmp_path: Path) -> None:
    text = bytes(range(256)) * 200
    (tmp_path / "chat.txt").write_bytes(text)
    with (tmp_path / "chat.txt").open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    for start, end in ((0, 51_200), (1, 20_000), (5000, 5001), (0, 0), (4096, 8192), (50_000, 51_200)):
        forget(mapped, start, end)
        assert mapped[:] == text
    forget(text, 0, 51_200)


def test_slices_are_those_between_the_offsets() -> None:
    text = bytes(range(100))
    starts, ends = np.array([0, 10, 50]), np.array([5, 40, 50])
    for piece_bytes in (1, 1000):
        with patch.object(lines, "PIECE_BYTES", piece_bytes):
            assert list(take_slices(text, starts, ends)) == [text[:5], text[10:40], b""]


@pytest.mark.parametrize("text", [b"", b" \r\n\t", b"\n" * 100])
def test_a_text_of_nothing_is_refused(text: bytes) -> None:
    with pytest.raises(UnknownExportFormat, match=r"a\.txt: the file is empty"):
        check_text(text, name="a.txt")


def test_a_text_of_something_is_not_refused() -> None:
    check_text(b"\n.", name="a.txt")


def test_results_come_in_order_and_few_items_wait() -> None:
    taken: list[int] = []

    def items() -> "list[int]":
        return [taken.append(number) or number for number in range(9)]  # type: ignore[func-returns-value]

    assert list(map_in_order(lambda number: number * number, iter(items()), n_threads=3)) == [n * n for n in range(9)]


def test_no_more_items_are_taken_than_wait_for_a_thread() -> None:
    taken = []
    source = (taken.append(number) or number for number in range(50))  # type: ignore[func-returns-value]
    results = map_in_order(str, source, n_threads=2)
    assert next(results) == "0"
    assert len(taken) <= 4
    results.close()  # type: ignore[attr-defined]


def test_an_error_in_a_thread_is_raised_where_the_results_are_read() -> None:
    with pytest.raises(ZeroDivisionError):
        list(map_in_order(lambda number: 1 // number, [1, 0, 1]))
