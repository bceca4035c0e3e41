"""What is printed of a text's headers holds their form and nobody's words, names, numbers or dates."""

import pytest
import regex
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chatforensics.parsing.diagnose import describe_headers, mask_words, spell
from chatforensics.parsing.words import fold, read_words

# Letters and digits that no word of the description, no script's name and no count of it has.
WORDS = st.text("ŧħŋßᏣᎳᎩ𐐐𐐑", min_size=4, max_size=12)
NUMBERS = st.text("45", min_size=5, max_size=9)
THINGS = st.one_of(
    WORDS, NUMBERS, st.sampled_from([" ", "-", ": ", "\u202f", "\u200e", ", ", "@", "/", "😀", "²", "Ⅷ"])
)
BODIES = st.lists(THINGS, max_size=8).map("".join)
STAMPS = st.sampled_from(
    [
        "27/04/2017, 17:48 - ",
        "[27.04.17, 17:48:54] ",
        "\u200e[27/04/2017, 5:48:54\u202fPM] ",
        "27 Apr 2017 17:48 - ",
        "٢٧/٠٤/٢٠١٧، ٥:٤٨ م - ",
        "2017/04/27 17:48: ",
        "27/04/2017 ħħŋŋ 17:48 - ",
        "27 ᏣᎳᎩᏣ 2017, 17:48 - ",
    ]
)
LINES = st.tuples(STAMPS | st.just(""), WORDS, BODIES).map(lambda parts: f"{parts[0]}{parts[1]}: {parts[2]}")
ALLOWED = regex.compile(r"x\{[0-9]+ [A-Z][a-z]+\}|<U\+[0-9A-F]{4,6}>")


@settings(max_examples=150, deadline=None)
@given(st.lists(LINES, min_size=1, max_size=12))
@example(["27/04/2017, 17:48 - ŧħŋß: ᏣᎳᎩ 45454"])
@example(["ŧħŋß 45454"])
def test_no_letter_and_no_digit_of_a_name_a_word_or_a_date_comes_out(lines: list[str]) -> None:
    told = describe_headers("\n".join(lines).encode())
    assert not set("ŧħŋßᏣᎳᎩ𐐐𐐑😀²Ⅷ\u202f\u200e٢٧٠٤٥٨١") & set(told)
    for secret in ("27/", "/04", "2017", ".17,", "17:48", "5:48", "45454", "44", "55"):
        assert secret not in told


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(STAMPS, BODIES).map("".join), min_size=1, max_size=6))
def test_a_form_holds_nothing_but_nines_masks_marks_and_words_of_the_grammar(lines: list[str]) -> None:
    told = describe_headers("\n".join(lines).encode())
    forms = [line.split("|")[1] for line in told.splitlines() if regex.match(r"[0-9]+ x \|", line)]
    for form in forms:
        for word in regex.findall(r"[\p{L}\p{M}\p{N}]+", ALLOWED.sub(" ", form)):
            assert set(word) == {"9"} or fold(word) not in read_words({fold(word)}).unknown


@given(st.text())
def test_a_masked_line_holds_no_letter_but_x_and_no_number_but_9(line: str) -> None:
    assert set(regex.findall(r"[\p{L}\p{N}]", ALLOWED.sub("", mask_words(line)))) <= {"x", "9"}


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("27/04/2017, 5:48\u202fPM - Ngozi: see you", "1 x |99/99/9999, 9:99<U+202F>PM - |"),
        ("[27.04.17, 17:48:54] Ngozi: see you", "1 x |[99.99.99, 99:99:99] |"),
        ("27. huhtikuuta 2017 klo 17.48 - Ngozi: see you", "1 x |99. huhtikuuta 9999 klo 99.99 - |"),
        ("27/04/2017 كلمة 17:48 - Ngozi: see you", "1 x |99/99/9999 x{4 Arabic} 99:99 - |"),
    ],
)
def test_a_form_keeps_the_words_that_phones_print_and_masks_others_by_length_and_script(line: str, shown: str) -> None:
    assert shown in describe_headers(line.encode()).splitlines()


def test_the_fields_the_order_and_its_evidence_are_told_in_numbers() -> None:
    told = describe_headers("".join(f"{day}/04/2017, 17:48 - Ngozi: hello\n" for day in range(11, 29)).encode())
    assert "Lines that look like the start of a message: 18, in 1 forms." in told
    assert "Read as messages: 18; read as text: 0." in told
    assert "Dates: dmy, certain (impossible dates: 0 as dmy, 16 as mdy" in told
    assert "dash; date of 3 numbers; time of 2 numbers" in told


def test_a_digit_of_another_script_is_named() -> None:
    assert "digits: Arabic-Indic" in describe_headers("٢٧/٠٤/٢٠١٧، ٥:٤٨ م - Ngozi: hello".encode())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "The text is empty."),
        ("milk\neggs", "No line looks like the start of a message."),
        ("27/04/2017, 5:48 ŧħŋß - Ngozi: hello\n" * 9, "Refused: a word beside the times is not known."),
        ("77/77/2017, 17:48 - Ngozi: hello\n" * 9, "Refused: the dates fit no order."),
        ("27/04/1447, 17:48 - Ngozi: hello\n" * 9, "Refused: the years are of the Islamic calendar."),
    ],
)
def test_a_text_that_is_refused_is_described_with_the_reason(text: str, reason: str) -> None:
    assert reason in describe_headers(text.encode()).splitlines()


def test_lines_that_are_not_understood_are_shown_by_their_form_and_cut() -> None:
    told = describe_headers(("27/04/2017, 17:48 - Ngozi: hello\n27.4. at\u00a05\n" + "1" * 99 + "\nbye").encode())
    shown = told.partition("First lines that are not understood:\n")[2].splitlines()
    assert shown == ["|99.9. xx<U+00A0>9|", f"|{'9' * 60}|"]


def test_lines_read_as_text_are_counted_and_keep_no_word_at_all() -> None:
    own = [f"27 April 2017 at 17:{minute} - Ngozi: hello" for minute in range(10, 40)]
    text = ["[26/04/2017, 17:48:00] Wen: pasted", "Sat 26 April 2016 at 11:20 Wen: pasted"]
    told = describe_headers("\n".join([*own, *text, *own[-1:]]).encode())
    assert told.count("1 of them read as text") == 2
    assert "31 x |99 April 9999 at 99:99 - |" in told
    assert "1 x |x{3 Latin} 99 x{5 Latin} 9999 x{2 Latin} 99:99 x{3 Latin}: |" in told


def test_marks_and_odd_spaces_are_spelled_and_plain_signs_stay() -> None:
    assert spell("[a\u200e\u00a0\t, \U0001f600] - ") == "[a<U+200E><U+00A0><U+0009>, *] - "


def test_utf16_is_described_as_utf8_is() -> None:
    line = "27/04/2017, 17:48 - Ngozi: hello\n"
    assert describe_headers(line.encode("utf-16")) == describe_headers(line.encode())
