"""Whose words they are: names with colons, dashes, quotes and marks."""

import pytest

from chatforensics.intake import chat_from_bytes
from chatforensics.parsing import Parsed, parse_export

A = "13/03/2024, 08:30 - "


def parse(*said: str, name: str = "chat.txt", stamp: str = A) -> Parsed:
    text = "".join(f"{stamp}{words}\n" for words in said)
    return parse_export(chat_from_bytes(text.encode(errors="surrogateescape"), name=name))


def rows(parsed: Parsed) -> list[tuple[str | None, str | None]]:
    found: list[tuple[str | None, str | None]] = parsed.messages.select("sender_label", "text").rows()
    return found


@pytest.mark.parametrize(
    "name",
    [
        "O'Brien - work",
        'Robert "Bob" Smith',
        "~ Sofia",
        "~\u202fSofia",
        "+44 7700 900123",
        "\u202a+44 7700 900123\u202c",
        "\u2068Ama\u2069",
        "12:30",
        "a:b",
        "2024",
        "[x]",
        "ندى",
        "😀",
        "Ama\x00",
        "Ama\x01\x1f",
        "«Bo»",
        "n" * 290,
        "-",
        "Ama (1/2/2024, 10:10)",
    ],
)
def test_the_name_is_kept_as_printed(name: str) -> None:
    for stamp in (A, "[13/03/2024, 08:30:05] "):
        assert rows(parse(f"{name}: hello", f"{name}: hi there", stamp=stamp)) == [(name, "hello"), (name, "hi there")]


def test_a_nul_at_the_end_of_a_name_tells_two_names_apart() -> None:
    assert [name for name, _ in rows(parse("Ama: a", "Ama\0: b", "Ama\0\0: c", "Ama: d"))] == [
        "Ama",
        "Ama\0",
        "Ama\0\0",
        "Ama",
    ]


def test_the_title_of_a_direct_chat_is_a_name_even_with_a_colon() -> None:
    said = ("Li: shop: hello", "Li: yes", "Ama: hi")
    assert rows(parse(*said, name="WhatsApp Chat with Li: shop.txt")) == [
        ("Li: shop", "hello"),
        ("Li", "yes"),
        ("Ama", "hi"),
    ]
    assert rows(parse(*said))[0] == ("Li", "shop: hello")


def test_only_messages_that_go_on_as_the_title_does_are_of_the_longer_name() -> None:
    said = ("Li: shop: hello", "Li: note: buy", "Li: shopping: no")
    found = rows(parse(*said, name="WhatsApp Chat with Li: shop.txt"))
    assert found == [("Li: shop", "hello"), ("Li", "note: buy"), ("Li", "shopping: no")]


def test_words_that_all_messages_of_a_name_begin_with_stay_words_and_the_longer_name_is_said() -> None:
    parsed = parse("Ama: x", "Li: shop: a", "Li: shop: b", "Li: shop: c")
    assert rows(parsed)[1:] == [("Li", "shop: a"), ("Li", "shop: b"), ("Li", "shop: c")]
    reading = parsed.readings.row(0, named=True)
    assert (reading["line"], reading["taken_as"], reading["sender_label"]) == (2, "message", "Li: shop")
    assert reading["sent_local"] == parsed.messages["sent_local"][1]
    assert reading["message_id"] == parsed.messages["message_id"][1]
    assert "may belong to the name" in reading["reason"]
    assert parsed.readings.height == 1


@pytest.mark.parametrize(
    "said",
    [
        ("Li: shop: a", "Li: shop: b"),
        ("Li: shop: a", "Li: shop: b", "Li: shop: c", "Li: hello"),
        ("Li: one: a", "Li: two: b", "Li: three: c"),
    ],
)
def test_words_with_a_colon_stay_words(said: tuple[str, ...]) -> None:
    parsed = parse(*said)
    assert {name for name, _ in rows(parsed)} == {"Li"}
    assert parsed.readings.is_empty()


def test_a_notice_that_names_the_longer_name_settles_it() -> None:
    many = ", ".join(f"Person {number}" for number in range(40))  # a colon so far behind ends no name
    parsed = parse(f"Ama added {many} and Li: shop", "Li: shop: a", "Ama: x")
    assert ("Li: shop", "a") in rows(parsed)
    assert parsed.readings.is_empty()


def test_a_notice_about_somebody_whose_name_holds_a_colon_is_a_notice() -> None:
    parsed = parse("Ama: x", "Ama added Li: shop", "Ama removed Li: shop")
    assert parsed.messages["kind"].to_list() == ["text", "system", "system"]
    assert rows(parsed)[1] == (None, "Ama added Li: shop")
    assert parsed.events.select("event", "actor", "targets").rows() == [
        ("added", "Ama", ["Li: shop"]),
        ("removed", "Ama", ["Li: shop"]),
    ]


@pytest.mark.parametrize("said", [["Ama added Li: shop"] * 3, ["Ama left: shop"], ["Ama is late: shop"]])
def test_a_sender_whose_name_is_no_rare_notice_about_others_stays_a_sender(said: list[str]) -> None:
    parsed = parse("Ama: x", *said)
    assert rows(parsed)[1:] == [(line.partition(": ")[0], "shop") for line in said]
    assert parsed.events.is_empty()


def test_the_phones_mark_behind_the_longer_name_settles_it() -> None:
    parsed = parse("Li: shop: \u200eimage omitted", "Li: shop: words", "Ama: x", stamp="[13/03/2024, 08:30:05] ")
    assert parsed.messages["sender_label"].to_list() == ["Li: shop", "Li: shop", "Ama"]


def test_a_typed_mark_does_not_lengthen_a_name_that_stands_alone() -> None:
    parsed = parse("Ben: hello", "Ben: Ama: \u200eok", stamp="[13/03/2024, 08:30:05] ")
    assert parsed.messages["sender_label"].to_list() == ["Ben", "Ben"]


def test_a_colon_right_behind_a_known_name_divides() -> None:
    assert rows(parse("Ama: x", "Ama:y", "Nobody:y"))[1:] == [("Ama", "y"), (None, "Nobody:y")]


def test_a_name_that_ends_in_a_colon_keeps_it_where_the_blank_follows() -> None:
    assert rows(parse("Ama:: hello", "Ama:: more"))[0] == ("Ama:", "hello")


def test_a_name_in_another_encoding_divides_where_its_bytes_end() -> None:
    cafe = b"caf\xe9".decode(errors="surrogateescape")
    assert rows(parse(f"{cafe}: hi", f"{cafe}:there")) == [("caf\ufffd", "hi"), ("caf\ufffd", "there")]


def test_an_empty_message_has_a_sender_and_no_text() -> None:
    assert rows(parse("Ama:", "Ben: ", "Cy: x")) == [("Ama", None), ("Ben", None), ("Cy", "x")]


def test_an_own_name_with_a_date_in_it_is_no_header() -> None:
    assert parse("1/1/2024, 10:10 - Ama: x", "Ben: y").messages.height == 2
