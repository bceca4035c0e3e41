import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatforensics.package.masks import find_masks, number_of

NUMBER = "447700900123"


def _masked(text: str, **options: object) -> list[tuple[str, str]]:
    return [(mask.kind, text[mask.start : mask.end]) for mask in find_masks(text, **options)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "written",
    [
        "+44 7700 900123",
        "+447700900123",
        "0044 7700 900123",
        "@447700900123",
        "@\u2068+44 7700 900123\u2069",
        "+44\u00a07700\u00a0900123",
        "+44-7700-900-123",
        "+44 (0)7700 900123",
        "+44 7700\u200e 900123",
        "+٤٤٧٧٠٠٩٠٠١٢٣",
        "+४४ ७७०० ९००१२३",
        "+৪৪৭৭০০৯০০১২৩",
    ],
)
def test_a_number_is_found_in_each_writing_and_read_as_one(written: str) -> None:
    found = find_masks(f"\u202aring {written}\u202c please")
    assert [(mask.kind, mask.plain) for mask in found] == [("phone", NUMBER)]
    assert written.removeprefix("@").removeprefix("\u2068") in f"ring {written}"[5 : 5 + found[0].end]


@pytest.mark.parametrize(
    "written",
    ["07700 900123", "98765 43210", "(212) 555-0123", "612 345 678", "06 12 34 56 78", "Tel07700900123"],
)
def test_a_number_without_its_country_is_found(written: str) -> None:
    assert [kind for kind, _ in _masked(f"ring {written} now")] == ["phone"]


def test_two_numbers_with_a_space_between_them_are_two() -> None:
    assert [words for _, words in _masked("07700 900123 07700 900124")] == ["07700 900123", "07700 900124"]


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("write to Ama.B+c@mail.co.uk.", "e-mail", "Ama.B+c@mail.co.uk"),
        ("see https://x.example/a?b=1).", "link", "https://x.example/a?b=1"),
        ("see www.x.example, or not", "link", "www.x.example"),
        ("bit.ly/AbC!", "link", "bit.ly/AbC"),
        ("whatsapp://send?phone=447700900123", "link", "whatsapp://send?phone=447700900123"),
        ("at SW1A 1AA, or so", "postcode", "SW1A 1AA"),
        ("at m1\u00a01ae", "postcode", "m1\u00a01ae"),
    ],
)
def test_addresses_links_and_postcodes_are_found_without_the_sentence_around(text: str, kind: str, words: str) -> None:
    assert _masked(text) == [(kind, words)]


@pytest.mark.parametrize(
    "text",
    [
        "19:30 on 2025-03-20, again 20.03.2025 and 20/03/2025",
        "a4978c198e58d996146848fb69f5e0e22ed66a0f1fdb25629c544c1086429dd5",
        "IMG-20250216-WA0000.png 00000051-PHOTO-2025-03-07-17-40-22.png",
        "vote 120, 130 and 1,000,000; b4 2nd of May; yes/no and/or note:yes 3.5/4",
        "[phone P-7QK2ABCDEF] P-2345672345",
        "09:00:00+00:00 2026-11-23T02:30:35+00:00",
    ],
)
def test_times_counts_hashes_file_names_and_stand_ins_are_not_masked(text: str) -> None:
    assert _masked(text) == []


def test_kinds_to_keep_are_not_looked_for() -> None:
    text = "07700 900123 a@b.example https://x.example SW1A 1AA"
    assert len(_masked(text)) == 4
    assert _masked(text, keep=("phones", "emails", "urls", "postcodes")) == []


def test_a_known_number_is_found_however_its_digits_are_grouped() -> None:
    text = "code x44-77009.00123 end"
    assert _masked(text) == []
    assert [kind for kind, _ in _masked(text, known=[NUMBER])] == ["phone"]


def test_leading_zeros_and_a_zero_in_brackets_do_not_change_a_number_and_no_country_is_guessed() -> None:
    assert number_of("+44 (0)7700 900123") == number_of("0044 7700 900123") == NUMBER
    assert number_of("07700 900123") != NUMBER


HOSTILE = (
    "0 ",
    "(0",
    "+",
    "@",
    "0-0(",
    "@\u2068",
    "07700 900123 ",
    "@1234567",
    "0 0\u200e",
    "a.",
    "a@",
    "x@y.",
    "sw1",
    "a:b:",
    "www.",
    "https://a(",
    "1/2/",
    "é.",
    "w1a ",
    "0\u200e\u200e",
)


def _slowest(n: int) -> float:
    slowest = 0.0
    for piece in HOSTILE:
        text = (piece * n)[:n]
        times = []
        for _ in range(2):
            before = time.process_time()
            find_masks(text)
            times.append(time.process_time() - before)
        slowest = max(slowest, min(times))
    return slowest


@pytest.mark.slow
def test_ten_times_as_many_hostile_characters_take_about_ten_times_as_long_and_not_a_hundred() -> None:
    assert _slowest(100_000) < 0.6  # typically .15; a hundred times as long would be 1.5


def test_ten_thousand_hostile_characters_take_a_fiftieth_of_a_second_each() -> None:
    assert _slowest(10_000) < 0.06


@given(st.text(alphabet="0٠+@ .-()a/:\u200e\u2068w1A", max_size=60))
def test_masks_are_apart_in_order_and_within_the_text(text: str) -> None:
    found = find_masks(text)
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert all(0 <= mask.start < mask.end <= len(text) for mask in found)


@pytest.mark.parametrize("marks", ["\u202a\u202c", "\u202b\u202c", "\u2066\u2069", "\u2067\u2069", "\u2068\u2069"])
def test_a_number_is_masked_with_the_pair_of_marks_that_wraps_it_alone(marks: str) -> None:
    first, last = marks[0], marks[1]
    number = f"{first}+44 7700 900123{last}"
    assert [text[mask.start : mask.end] for text in [f"ask {number}, she"] for mask in find_masks(text)] == [number]
    for text in (
        f"{first}ask +44 7700 900123{last}",
        f"{first}+44 7700 900123 ask{last}",
        f"{last}+44 7700 900123{first}",
    ):
        assert [text[mask.start : mask.end] for mask in find_masks(text)] == ["+44 7700 900123"]
