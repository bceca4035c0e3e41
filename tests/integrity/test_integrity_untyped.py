"""The indicator of invisible marks that are missing on iPhones."""

import pytest
from integrity.received import evidence_from, observe

from chatforensics.integrity.untyped import UNTYPED

MARK = "\u200e"
PHOTO = "<attached: {:08d}-PHOTO-2024-03-13-12-10-00.jpg>"


def line(at: int, body: str, *, led: bool = False, sender: str = "Ama: ") -> str:
    return f"{MARK * led}[13/03/2024, 12:{at:02d}:00] {sender}{body}"


def media(at: int) -> str:
    return line(at, f"{MARK}image omitted", led=True)


def seen(lines: list[str], *, encoding: str = "utf-8") -> list[tuple[str, str, list[int]]]:
    raw = "".join(f"{one}\r\n" for one in lines).encode(encoding)
    return [(x.level, x.value, list(x.lines)) for x in observe(UNTYPED, "I-09", evidence_from(raw))]


def test_marks_where_phones_print_them_show_nothing() -> None:
    assert seen([media(0), line(1, "hi"), media(2), line(3, f"{MARK}This message was deleted.")]) == []


def test_the_words_of_media_without_the_mark_are_unexplained() -> None:
    ((level, value, told),) = seen([*map(media, range(6)), line(7, "image omitted"), line(8, "hi")])
    assert (level, told) == ("unexplained", [7])
    assert value == (
        "1 message in the words “image omitted” without the invisible mark (U+200E) that 6 in these words have."
    )


def test_an_attached_file_without_the_mark_is_unexplained_whatever_its_name() -> None:
    files = [line(at, MARK + PHOTO.format(at), led=True) for at in range(5)]
    ((level, _, told),) = seen([*files, line(6, PHOTO.format(6))])
    assert (level, told) == ("unexplained", [6])


def test_a_media_line_without_the_mark_before_its_header_is_unexplained() -> None:
    ((level, value, told),) = seen([*map(media, range(6)), line(7, f"{MARK}image omitted")])
    assert (level, told) == ("unexplained", [7])
    assert "before the header that 6 others have" in value


def test_a_notice_without_the_mark_is_unexplained() -> None:
    notices = [line(at, f"{MARK}Ama added Bilal", sender="") for at in range(6)]
    ((level, value, told),) = seen([*notices, line(7, "Ama added Chidi", sender=""), line(8, "hi")])
    assert (level, told) == ("unexplained", [7])
    assert value.startswith("1 notice without the invisible mark")


@pytest.mark.parametrize("n_marked", [0, 2])
def test_few_marked_lines_make_no_rule(n_marked: int) -> None:
    assert seen([*map(media, range(n_marked)), line(7, "image omitted"), line(8, "hi")]) == []


def test_where_as_many_lack_the_mark_as_have_it_nothing_is_told() -> None:
    typed = [line(10 + at, "image omitted") for at in range(4)]
    assert seen([*map(media, range(4)), *typed]) == []


def test_android_marks_nothing_and_is_not_judged() -> None:
    raw = "".join(f"13/03/2024, 12:{at:02d} - Ama: {'hi' if at else '<Media omitted>'}\n" for at in range(9)).encode()
    assert list(observe(UNTYPED, "I-09", evidence_from(raw))) == []


def test_a_text_in_utf_16_is_not_judged() -> None:
    assert seen([*map(media, range(6)), line(7, "image omitted")], encoding="utf-16") == []


def test_a_mark_that_a_program_put_before_the_text_hides_nothing() -> None:
    notices = [line(at, f"{MARK}Ama added Bilal", sender="") for at in range(6)]
    assert seen(["\ufeff" + notices[0], *notices[1:], *map(media, range(7, 12))]) == []
    assert seen(["\ufeff" + media(0), *map(media, range(1, 6))]) == []


def test_bytes_that_are_no_letters_and_a_letter_cut_at_the_end_of_the_look_stop_nothing() -> None:
    lines = [*map(media, range(4)), line(5, f"{MARK}document omitted " + "é" * 300), line(6, "image omitted")]
    raw = "".join(f"{one}\r\n" for one in lines).encode() + line(7, f"{MARK}image ").encode() + b"\xff omitted\r\n"
    found = observe(UNTYPED, "I-09", evidence_from(raw))
    assert [list(x.lines) for x in found if "in the words" in x.value] == [[6]]
