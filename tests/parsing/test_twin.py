"""The fast reader and a slow, obvious one read the same, however the file is cut into pieces and batches."""

import mmap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from parsing.twin import order_of, read_slowly
from render import STYLES, Line, Style, render

from chatforensics.intake import chat_from_bytes
from chatforensics.parsing import Parsed, batches, distinct, headers, lines, parse_export

START = datetime(2024, 3, 13, 8, 30)
NAMES = ("Ama Boateng", "Zoë", "Li Wei", "O'Brien - work", "~ Sofia", "+44 7700 900123", "علي", "রিয়া", '"Bo"', "a:b")
# What looks nearly like a header.
NEARLY = (
    "13/03/2024, 08:30",
    " 13/03/2024, 08:30 - Ama: x",
    "13/03/2024 08:30 -Ama: x",
    "[13/03/2024, 08:30:00 Ama: x",
    "12:30 - 13:00",
    "1. first: second",
    "100 - 200: 3",
    "2024",
    "",
    "\t",
    "\u2028\u0085",
    "٣ - ٤: ٥",
    "\x00",
)
bodies = st.lists(
    st.sampled_from(NEARLY)
    | st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\u200e\u200f\n\r<"), min_size=1, max_size=30
    ).filter(lambda text: not any(char.isdecimal() for char in text) and "omitted" not in text),
    min_size=1,
    max_size=3,
).map("\n".join)
chats = st.lists(st.tuples(st.integers(-5 * 86400, 5 * 86400), st.sampled_from(NAMES), bodies), max_size=12)


def compose(chat: list[tuple[int, str, str]], style: Style) -> bytes:
    """Render a chat in which everybody first says one plain word, so that no name seems to go on."""
    sent = START
    written = [Line(sent, name, "hello") for name in NAMES]
    for gap, name, said in chat:
        sent = max(sent + timedelta(seconds=gap), datetime(2023, 1, 1))
        written.append(Line(sent, name, f"I say {said}"))
    return render(written, style)


def parse(raw: bytes, style: Style) -> Parsed:
    return parse_export(chat_from_bytes(raw, name="chat.txt"), dates=order_of(style))


@settings(max_examples=40, deadline=None)
@given(chats, st.sampled_from(STYLES), st.sampled_from(["", "\n", "\r\n", "tail without break"]))
def test_the_fast_reader_reads_what_the_slow_one_reads(
    chat: list[tuple[int, str, str]], style: Style, tail: str
) -> None:
    raw = compose(chat, style) + tail.encode()
    got = parse(raw, style).messages
    wanted = [tuple(vars(record).values()) for record in read_slowly(raw, style)]
    assert got.select("line", "byte_start", "byte_end", "sent_local", "sender_label", "text").rows() == wanted


@settings(max_examples=30, deadline=None)
@given(chats, st.sampled_from(STYLES), st.integers(0, 200), st.integers(1, 200), st.integers(1, 4))
def test_pieces_and_batches_of_any_size_give_the_same_tables(
    chat: list[tuple[int, str, str]], style: Style, more: int, batch_bytes: int, batch_rows: int
) -> None:
    raw = compose(chat, style)
    # No line is ever longer than a piece of four megabytes and has its header cut; so it is here.
    piece_bytes = max(map(len, raw.split(b"\n"))) + 1 + more
    whole = parse(raw, style)
    with (
        patch.object(headers, "cut_pieces", partial(lines.cut_pieces, piece_bytes=piece_bytes)),
        patch.object(batches, "BATCH_BYTES", batch_bytes),
        patch.object(batches, "_BATCH_ROWS", batch_rows),
    ):
        cut = parse(raw, style)
    for table in ("sources", "messages", "events", "rejects", "readings"):
        assert getattr(cut, table).equals(getattr(whole, table)), table


def test_it_does_not_matter_which_piece_is_read_first() -> None:
    """Threads may meet shapes and names in any order; nothing may depend on it, not even where two are as common."""
    raw = "".join(
        f"1{n % 10}/03/2024, 08:30 - Ama: x\n1{n % 10}.03.2024, 08:31 - Ben{n}: y\n" for n in range(3, 9)
    ).encode()

    def read_backwards(function: Callable[[object], object], items: Iterable[object]) -> Iterator[object]:
        return reversed([function(item) for item in reversed(list(items))])

    chat = chat_from_bytes(raw, name="chat.txt")
    with patch.object(headers, "cut_pieces", partial(lines.cut_pieces, piece_bytes=40)):
        wanted = parse_export(chat)
        with patch.object(headers, "map_in_order", read_backwards):
            found = parse_export(chat)
    for table in ("sources", "messages", "readings"):
        assert getattr(found, table).equals(getattr(wanted, table)), table


def test_a_mapped_file_is_read_as_bytes_are(tmp_path: Path) -> None:
    raw = compose([(60, "Zoë", "x" * 3000)] * 12, STYLES[0])
    (tmp_path / "chat.txt").write_bytes(raw)
    chat = chat_from_bytes(raw, name="chat.txt")
    with (tmp_path / "chat.txt").open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    assert parse_export(replace(chat, content=mapped)).messages.equals(parse_export(chat).messages)


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
def test_texts_whose_hashes_are_all_equal_are_still_told_apart(style: Style) -> None:
    raw = compose([(60 * number, name, f"{number}") for number, name in enumerate(NAMES * 2)], style)
    whole = parse(raw, style)
    with patch.object(distinct, "_MIX", distinct._MIX * 0):
        assert parse(raw, style).messages.equals(whole.messages)
