"""Lines that begin a message: where they are, what their numbers are, and who stands behind them."""

import pytest

from chatforensics.errors import UnknownExportFormat
from chatforensics.parsing.headers import Headers, find_headers
from chatforensics.parsing.sweeps import NO_SENDER


def find(text: str | bytes) -> Headers:
    return find_headers(text if isinstance(text, bytes) else text.encode(), name="chat.txt")


def senders(found: Headers) -> list[str | None]:
    return [None if number == NO_SENDER else found.senders[number] for number in found.rows.sender.tolist()]


def test_offsets_lines_and_bodies_are_those_of_the_file() -> None:
    text = "junk\n13/03/2024, 08:30 - Zoë: hi\nmore\n\n13/03/2024, 08:31 - Ben: é: x"
    rows = find(text).rows
    raw = text.encode()
    assert rows.line.tolist() == [2, 5]
    assert [raw[at:][:5] for at in rows.offset.tolist()] == [b"13/03"] * 2
    assert [raw[at + body :][:2] for at, body in zip(rows.offset.tolist(), rows.body.tolist(), strict=True)] == [
        b"hi",
        "é".encode(),
    ]
    assert rows.second.tolist() == [-1, 2]


def test_dates_and_clocks_are_the_numbers_printed() -> None:
    rows = find("13/03/2024, 08:30 - a: b\n[1/2/24, 8:30:05] a: b\n18 Mar 12:14 - a: b\n13/03/2024 - a: b\n").rows
    assert rows.dates.tolist() == [[13, 3, 2024], [1, 2, 24], [18, -1, -1], [13, 3, 2024]]
    assert rows.clock_s.tolist() == [30600, 30605, 44040, 0]


@pytest.mark.parametrize("clock", ["25:00", "24:60", "99:99", "10:60"])
def test_a_time_that_is_none_is_told(clock: str) -> None:
    assert find(f"13/03/2024, {clock} - a: b\n").rows.clock_s.tolist() == [-1]


@pytest.mark.parametrize(
    "stamp",
    [
        "١٣/٠٣/٢٠٢٤، ٠٨:٣٠ - ",
        "१३/०३/२०२४, ०८:३० - ",
        "[𝟏𝟑/𝟎𝟑/𝟐𝟎𝟐𝟒, 𝟎𝟖:𝟑𝟎] ",
        "\u200e[13/03/2024, 08:30] ",
        "\ufeff13/03/2024, 08:30 - ",
        "13/03/2024 - 08:30 - ",
        "13/03/2024 08:30 \u2013 ",
        "miércoles 13/03/2024, 08:30 - ",
        "13/03/2024, 08:30 du matin, heure normale - ",
    ],
)
def test_stamps_of_many_writings_are_found(stamp: str) -> None:
    for text in (f"{stamp}Ama: hi\n", f"13/03/2024, 08:30 - Ama: hi\n{stamp}Ama: hi\n"):
        found = find(text)
        assert found.rows.dates.tolist()[-1] == [13, 3, 2024]
        assert found.rows.clock_s.tolist()[-1] == 30600
        assert senders(found)[-1] == "Ama"


@pytest.mark.parametrize(
    "line",
    [
        "13/03/2024, 08:30",
        "13/03/2024, 08:30 -",
        "13/03/2024, 08:30\n - Ama: x",
        "13/03/2024, " + "0" * 5000 + ":30 - Ama: x",
        "9" * 5000 + "/03/2024, 08:30 - Ama: x",
        "[13/03/2024, 08:30",
        "1\n2\n3\n4\n5 - Ama: x",
        "x" * 200 + "13/03/2024, 08:30 - Ama: x",
    ],
)
def test_what_only_resembles_a_stamp_is_no_header(line: str) -> None:
    assert find(f"13/03/2024, 08:30 - Ama: hi\n{line}\n").rows.line.tolist() == [1]


def test_senders_end_at_the_first_colon_and_blank() -> None:
    long = "n" * 301
    found = find(
        "".join(
            f"13/03/2024, 08:30 - {said}\n" for said in ("A:b: c", "no colon", ": empty", f"{long}: x", "B - C: d", "")
        )
    )
    assert senders(found) == ["A:b", None, None, None, "B - C", None]


def test_the_mark_for_not_typed_is_seen_behind_the_sender() -> None:
    rows = find(
        "".join(f"[13/03/2024, 08:30:05] Ama: {said}\n" for said in ("\u200ex", "\u200fx", "x", "\u2060x"))
    ).rows
    assert rows.mouthed.tolist() == [True, True, False, False]


def test_no_header_is_refused_without_showing_words() -> None:
    with pytest.raises(UnknownExportFormat, match=r"chat\.txt: no line .*'xxxxxx 99: xx'"):
        find("Secret 12: me\n13/3 hello\n")


@pytest.mark.parametrize(("said", "what"), [("%PDF-1.7\nx", "a PDF"), ("x\0\x01", "bytes that no text has")])
def test_what_is_no_text_is_told_so_and_none_of_it_is_printed(said: str, what: str) -> None:
    with pytest.raises(UnknownExportFormat, match=f"chat.txt: no chat text: it .*{what}\\. Pass"):
        find(said)


def test_some_rows_can_be_taken() -> None:
    rows = find("13/03/2024, 08:30 - a: b\n13/03/2024, 08:31 - c: d\n").rows
    assert rows.take(rows.line == 2).offset.tolist() == rows.offset.tolist()[1:]
    assert rows.take(rows.line > 0).offset.tolist() == rows.offset.tolist()
