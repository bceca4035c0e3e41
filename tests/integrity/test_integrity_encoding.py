"""Indicators of line breaks and encoding."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from integrity.received import evidence_from, observe

from chatforensics.integrity.encoding import ENCODING

ANDROID = [f"{13 + at}/03/2024, 12:1{at} - Ama: hello {at}" for at in range(5)]
IOS = [f"[{13 + at}/03/2024, 12:1{at}:00] Ama: hello {at}" for at in range(5)]


def seen(number: str, raw: bytes) -> list[tuple[str, str, list[int]]]:
    return [(x.level, x.value, list(x.lines)) for x in observe(ENCODING, number, evidence_from(raw))]


def ended(lines: list[str], end: str) -> bytes:
    return "".join(line + end for line in lines).encode()


@pytest.mark.parametrize("raw", [ended(ANDROID, "\n"), ended(IOS, "\r\n")])
def test_breaks_as_phones_print_them_show_nothing(raw: bytes) -> None:
    assert seen("I-07", raw) == []


def test_breaks_inside_texts_of_iphones_are_lf() -> None:
    assert seen("I-07", ended([IOS[0] + "\nand more", *IOS[1:]], "\r\n")) == []


def test_a_record_that_ends_otherwise_is_unexplained() -> None:
    raw = ended(IOS, "\r\n").replace(b"hello 2\r\n", b"hello 2\n")
    assert seen("I-07", raw) == [("unexplained", "1 record with LF at its end, 4 with CR LF.", [3])]


@pytest.mark.parametrize(("lines", "end", "said"), [(ANDROID, "\r\n", "print LF"), (IOS, "\n", "print CR LF")])
def test_breaks_of_the_other_platform_throughout_are_only_told(lines: list[str], end: str, said: str) -> None:
    ((level, value, told),) = seen("I-07", ended(lines, end))
    assert (level, told) == ("info", [])
    assert value.startswith("All 5 records end in ")
    assert said in value


@pytest.mark.parametrize(("lines", "end"), [(ANDROID, "\n"), (IOS, "\r\n")])
def test_a_text_with_breaks_of_a_computer_is_told(lines: list[str], end: str) -> None:
    raw = ended([lines[0] + "\nand more", lines[1] + "\r\nand more", *lines[2:]], end)
    assert seen("I-07", raw) == [("info", "Inside 1 text the line breaks are CR LF, inside 1 LF.", [3])]


def test_a_last_record_without_a_break_is_told() -> None:
    assert seen("I-07", ended(ANDROID, "\n")[:-1]) == [("info", "The last record does not end in a line break.", [5])]


@pytest.mark.parametrize("number", ENCODING)
def test_utf_8_without_a_mark_in_any_script_shows_nothing(number: str) -> None:
    words = ["żółw", "ਸਤਿ ਸ੍ਰੀ ਅਕਾਲ", "今日は", "SÃO PAULO À NOITE", "👍🏽", "مرحبا"]
    assert seen(number, ended([line + word for line, word in zip(ANDROID * 2, words, strict=False)], "\n")) == []


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_another_encoding_is_unexplained_and_its_breaks_are_not_judged(encoding: str) -> None:
    raw = ended(ANDROID, "\n").decode().encode(encoding)
    name = encoding.upper()
    assert seen("I-08", raw) == [("unexplained", f"The text is in {name}, where phones write UTF-8.", [1])]
    assert seen("I-07", raw) == []


def test_a_mark_before_utf_8_is_told() -> None:
    ((level, value, told),) = seen("I-08", b"\xef\xbb\xbf" + ended(ANDROID, "\n"))
    assert (level, told) == ("info", [1])
    assert "EF BB BF" in value


def test_bytes_that_are_no_utf_8_are_unexplained_and_lost_letters_are_told_apart() -> None:
    raw = ended(ANDROID, "\n").replace(b"hello 1", b"caf\xe9 1").replace(b"hello 3", "caf\ufffd".encode())
    broken, lost = seen("I-08", raw)
    assert broken == ("unexplained", "In 1 place the bytes are no UTF-8.", [2, 4])
    assert lost[:1] == ("info",)
    assert lost[1].startswith("1 letter lost before")


def test_garbled_letters_and_nul_are_told() -> None:
    raw = ended(ANDROID, "\n").replace(b"hello 1", "donâ€™t, cafÃ©".encode()).replace(b"hello 3", b"a\x00b")
    assert [(level, told) for level, _, told in seen("I-08", raw)] == [("info", [2]), ("info", [4])]


def test_a_garbled_name_is_told_too() -> None:
    raw = ended(ANDROID, "\n").replace(b"Ama: hello 2", "JosÃ©: hello".encode())
    assert [told for _, _, told in seen("I-08", raw)] == [[3]]


@settings(deadline=None, max_examples=30)
@given(st.lists(st.sampled_from(["\n", "\r\n"]), min_size=1, max_size=9))
def test_the_records_told_are_those_with_the_rarer_end(ends: list[str]) -> None:
    raw = "".join(f"{at + 10}/03/2024, 12:00 - Ama: hi{end}" for at, end in enumerate(ends)).encode()
    told = [lines for level, _, lines in seen("I-07", raw) if level == "unexplained"]
    rarer = "\r\n" if 2 * ends.count("\r\n") <= len(ends) else "\n"
    mixed = len(set(ends)) == 2
    assert told == ([[at + 1 for at, end in enumerate(ends) if end == rarer]] if mixed else [])
