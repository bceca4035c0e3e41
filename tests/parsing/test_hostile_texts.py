"""Texts made to harm: each is read whole or refused, in time and memory that grow with the file alone."""

import hashlib
import time
from unittest.mock import patch

import polars as pl
import pytest

from chatforensics.errors import EvidenceError
from chatforensics.intake import chat_from_bytes
from chatforensics.parsing import Parsed, distinct, parse_export, records

A = "13/03/2024, 08:30 - "
SLOW_S = 30  # seconds; what was quadratic took minutes


def parse(raw: str | bytes) -> Parsed:
    return parse_export(chat_from_bytes(raw.encode() if isinstance(raw, str) else raw, name="chat.txt"))


def tiles(raw: str | bytes, parsed: Parsed) -> bool:
    raw = raw.encode() if isinstance(raw, str) else raw
    spans = pl.concat([x.select("byte_start", "byte_end") for x in (parsed.messages, parsed.rejects)])
    return b"".join(raw[a:b] for a, b in sorted(spans.rows())) == raw


def test_a_huge_line_is_cut_at_the_longest_record_and_the_rest_set_aside() -> None:
    raw = f"{A}Ama: {'x' * 50_000}\n{A}Ben: after\n"
    with patch.object(records, "MAX_RECORD_BYTES", 1000):
        parsed = parse(raw)
    assert parsed.messages["sender_label"].to_list() == ["Ama", "Ben"]
    assert parsed.messages["byte_end"][0] == 1000
    assert parsed.rejects.select("line", "byte_start", "reason").rows() == [(1, 1000, "longer than any message")]
    assert tiles(raw, parsed)


def test_a_line_longer_than_several_pieces_loses_nothing() -> None:
    raw = f"{A}Ama: {'x' * 9_000_000}\n{A}Ben: after\n"
    parsed = parse(raw)
    assert parsed.messages["sender_label"].to_list() == ["Ama", "Ben"]
    assert parsed.messages["line"].to_list() == [1, 2]
    assert tiles(raw, parsed)


def spell(number: int) -> str:
    return "q" + "".join(chr(ord("a") + int(digit)) for digit in str(number))


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param((f"{A}Name {n}: x" for n in range(100_000)), marks=pytest.mark.slow, id="100,000 senders"),
        pytest.param((f"{A}N{n}: a: {k}" for n in range(4000) for k in range(3)), id="4,000 names with a colon"),
        pytest.param((f"{A[:-3]} {spell(n)} - Ama: x" for n in range(4000)), id="4,000 shapes of header"),
        pytest.param(
            (f"{stamp}N{n}: x" for n in range(20_000) for stamp in (A, "[13/03/2024, 08:30:00] ")),
            id="20,000 changes of form",
        ),
        pytest.param((f"{A}notice {n} of nobody" for n in range(20_000)), id="20,000 notices"),
        pytest.param(("a1234" for _ in range(20_000)), id="20,000 short lines that begin with a letter"),
        pytest.param(("1" for _ in range(100_000)), id="100,000 lines of one digit"),
        pytest.param(("١٢" for _ in range(20_000)), id="20,000 lines of digits of another script"),
    ],
)
def test_many_of_a_kind_take_time_in_proportion(lines: "list[str]") -> None:
    raw = f"{A}Ama: hi\n" + "\n".join(lines)
    began = time.process_time()
    parsed = parse(raw)
    assert time.process_time() - began < SLOW_S
    assert tiles(raw, parsed)


@pytest.mark.parametrize("n_spaces", [2000, 200_000])
@pytest.mark.parametrize(
    "stamp", [A, "13/03/2024,", "13/03/2024, 08:30 -", "[13/03/2024, 08:30", "[13/03/2024, 08:30]"]
)
def test_spaces_behind_what_resembles_a_header_take_time_in_proportion(stamp: str, n_spaces: int) -> None:
    raw = f"{A}Ama: hi\n{stamp}{' ' * n_spaces}\n{stamp}{' ' * n_spaces}x\n"
    began = time.process_time()
    parsed = parse(raw)
    assert time.process_time() - began < SLOW_S
    assert tiles(raw, parsed)


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\r"])
def test_a_false_header_behind_another_line_separator_stays_in_the_body(separator: str) -> None:
    said = f"hi{separator}{A}Ben: I confess"
    parsed = parse(f"{A}Ama: {said}\n")
    assert parsed.messages.select("sender_label", "text").rows() == [("Ama", said)]
    assert parsed.readings.is_empty()


@pytest.mark.parametrize("zero", ["٠", "۰", "०", "০", "０", "𝟎", "߀"])
def test_digits_of_every_script_are_read_as_numbers(zero: str) -> None:
    digits = {ord("0") + n: chr(ord(zero) + n) for n in range(10)}
    raw = "".join(f"{f'{13 + n}/03/2024, 08:30'.translate(digits)} - Ama: {n}\n" for n in range(3))
    parsed = parse(raw)
    assert [str(at) for at in parsed.messages["sent_local"]] == [f"2024-03-{13 + n} 08:30:00" for n in range(3)]
    assert tiles(raw, parsed)


@pytest.mark.parametrize("number", ["²", "Ⅳ", "①", "½", "一", "٣3"])
def test_what_only_looks_like_a_digit_makes_no_date(number: str) -> None:
    raw = f"{A}Ama: hi\n1{number}/03/2024, 08:30 - Ben: x\n"
    parsed = parse(raw)
    assert parsed.messages.height == 1
    assert tiles(raw, parsed)


@pytest.mark.parametrize("place", range(5))
def test_numbers_of_5000_digits_are_text(place: int) -> None:
    numbers = ["13", "03", "2024", "08", "30"]
    numbers[place] = "1" * 5000
    raw = f"{A}Ama: hi\n{'/'.join(numbers[:3])}, {':'.join(numbers[3:])} - Ben: x\n"
    parsed = parse(raw)
    assert parsed.messages["sender_label"].to_list() == ["Ama"]
    assert tiles(raw, parsed)


@pytest.mark.parametrize("control", [chr(n) for n in range(32) if n != 10] + ["\x7f", "\x9f"])
def test_control_characters_in_names_and_texts_are_kept(control: str) -> None:
    raw = f"{A}Am{control}a{control}: a{control}b\n{A}Ama: x\n"
    parsed = parse(raw)
    assert parsed.messages.select("sender_label", "text").rows() == [
        (f"Am{control}a{control}", f"a{control}b"),
        ("Ama", "x"),
    ]


@pytest.mark.parametrize("control", [chr(n) for n in range(32) if n != 10])
def test_a_control_character_in_the_date_never_gives_another_date(control: str) -> None:
    raw = f"{A}Ama: hi\n1{control}3/03/2024, 08:30 - Ben: x\n"
    parsed = parse(raw)
    assert {str(at)[:10] for at in parsed.messages["sent_local"]} == {"2024-03-13"}
    assert tiles(raw, parsed)


@pytest.mark.parametrize("noise", [b"\xff", b"\x80", b"\xc3", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"\xc0\xaf"])
@pytest.mark.parametrize(
    "line",
    [
        b"13/03/2024, 18:30 - A%sa: x%sy\n",
        b"13/03/2024, 18:30%s - Ama: %sx\n",
        b"[13/03/2024, 18:30:05%s] Ama: %sx\r\n",
        b"%s[13/03/2024, 18:30:05] Ama: %sx\r\n",
        b"13%s/03/2024%s, 18:30 - Ama: x\n",
    ],
)
def test_bytes_that_are_no_utf8_move_no_name_and_no_text(noise: bytes, line: bytes) -> None:
    raw = b"13/03/2024, 18:30 - Ben: hi\n" + line % (noise, noise) * 4
    try:
        parsed = parse(raw)
    except EvidenceError:
        return
    assert tiles(raw, parsed)
    assert set(parsed.messages["sender_label"]) <= {"Ben", "Ama", f"A{noise.decode(errors='replace')}a"}


@pytest.mark.parametrize(
    "mark", ["\u200e", "\u200f", "\u202a", "\u202e", "\u2066", "\u2069", "\u061c", "\ufeff", "\u200b"]
)
def test_marks_of_direction_in_names_and_texts_are_kept(mark: str) -> None:
    raw = f"{A}{mark}Ama{mark}: x{mark}y\n{A}Ama: z\n"
    assert parse(raw).messages.select("sender_label", "text").rows() == [
        (f"{mark}Ama{mark}", f"x{mark}y"),
        ("Ama", "z"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_the_bytes_received_are_hashed_and_every_span_gives_them_back(encoding: str) -> None:
    raw = (f"\u200e{A}Zoë: e\u0301 \u212b ﬁ\r\n" + f"{A}Ama: ok\n").encode(encoding)
    parsed = parse(raw)
    assert parsed.sources["sha256"][0] == hashlib.sha256(raw).hexdigest()
    assert parsed.messages["text"][0] == "e\u0301 \u212b ﬁ"
    assert tiles(raw, parsed)


def test_two_shapes_of_one_hash_key_are_read_as_two() -> None:
    raw = f"{A}Ama: a\n13/03/2024,\u202f08:31 - Ben: b\n13/03/2024, \u200f08:32 - Cy: c\n" * 3
    wanted = parse(raw)
    with patch.object(distinct, "_MIX", distinct._MIX * 0):
        found = parse(raw)
    assert found.messages.equals(wanted.messages)
    assert found.messages["sender_label"].to_list() == ["Ama", "Ben", "Cy"] * 3


def test_a_pasted_chat_with_marks_of_its_own_makes_no_notice() -> None:
    raw = f"{A}Ama: look\n[01/02/2023, 10:00:00] Choir: \u200eBen was removed\n{A}Ben: no\n"
    parsed = parse(raw)
    assert parsed.messages["kind"].to_list() == ["text", "text"]
    assert parsed.events.is_empty()
