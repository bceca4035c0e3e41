"""Where messages mention somebody, give a number or link to a page."""

from itertools import pairwise
from time import process_time

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatforensics.parsing.references import find_references, read_references
from chatforensics.schema import TABLES, Messages, empty

FSI, PDI = "\u2068", "\u2069"


def find(text: str, *labels: str) -> list[tuple[str, str]]:
    return [(found.reference, text[found.start : found.end]) for found in read_references(text, labels=labels)]


def build_messages(*rows: tuple[str | None, str | None]) -> Messages:
    frame = pl.DataFrame(
        [(number, *row) for number, row in enumerate(rows, start=1)],
        schema={"message_id": pl.Int64, "sender_label": pl.String, "text": pl.String},
        orient="row",
    )
    missing = [pl.lit(None, kind).alias(name) for name, kind in TABLES["messages"].items() if name not in frame.columns]
    return Messages(frame.with_columns(missing).select(list(TABLES["messages"])))


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("call +233 24 555 0101 or 024 555 0102.", ["+233 24 555 0101", "024 555 0102"]),
        ("+1 (555) 010-0199", ["+1 (555) 010-0199"]),
        ("(020) 7946-0958", ["(020) 7946-0958"]),
        ("(ring 024 555 0102)", ["024 555 0102"]),
        ("02455501021 (18+)", ["02455501021"]),
        ("(02455501021 or", ["02455501021"]),
        ("\u202a+44 20 7946 0958\u202c left", ["+44 20 7946 0958"]),
        ("9876543210", ["9876543210"]),
        ("6123 4567", ["6123 4567"]),
        ("612 345 678", ["612 345 678"]),
        ("01.23.45.67.89", ["01.23.45.67.89"]),
        ("0241/1234567", ["0241/1234567"]),
        ("0241234567/0241234568,0241234569", ["0241234567", "0241234568", "0241234569"]),
        ("٠٢٤ ٥٥٥ ٠١٠١", ["٠٢٤ ٥٥٥ ٠١٠١"]),
        ("tel:+15550100199", ["+15550100199"]),
    ],
)
def test_phone_numbers_in_the_forms_that_people_write(text: str, numbers: list[str]) -> None:
    assert find(text) == [("phone", number) for number in numbers]


@pytest.mark.parametrize(
    "text",
    [
        "on 12-03-2024 14:00",
        "2024-03-12T14:00:00",
        "12.03.2024 10.15",
        "20240312",
        "from 2019-2024",
        "1,250,000 or 1.250.000,00",
        "12 500 000",
        "$12345678 or 12345678€ or GHS 12345678",
        "51.50214569, -0.12739796",
        "192.168.10.255",
        "1234 5678 9012 3456",
        "vote 12 13 14 15 16",
        "vote 101 102 103",
        "order #12345678",
        "a12345678",
        "555 0101",
        "at 10:30:15 or 11:45:30",
    ],
)
def test_dates_prices_lists_and_short_numbers_are_no_phone_numbers(text: str) -> None:
    assert find(text) == []


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("see https://a.example/x(y)?id=123456789012, then", ["https://a.example/x(y)?id=123456789012"]),
        ("(www.b.example)", ["www.b.example"]),
        ("WWW.B.EXAMPLE!", ["WWW.B.EXAMPLE"]),
        ("wa.me/15550100123", ["wa.me/15550100123"]),
        ("join chat.whatsapp.com/AbCdEf12345678.", ["chat.whatsapp.com/AbCdEf12345678"]),
        ("*http://a.example/*", ["http://a.example/"]),
        ("http://", []),
        ("awww.b.example", []),
    ],
)
def test_links_end_where_the_sentence_goes_on(text: str, links: list[str]) -> None:
    assert find(text) == [("link", link) for link in links]


@pytest.mark.parametrize(
    ("text", "mentions"),
    [
        (f"@{FSI}Ben Obi{PDI} look", [f"@{FSI}Ben Obi{PDI}"]),
        (f"@{FSI}~Zoë{PDI} and @{FSI}Li Wei{PDI}", [f"@{FSI}~Zoë{PDI}", f"@{FSI}Li Wei{PDI}"]),
        ("@15550100123 look", ["@15550100123"]),
        ("@Ama Owusu: look", ["@Ama Owusu"]),
        ("@Ama look", ["@Ama"]),
        ("@Amara look", []),
        ("@ben", []),
        ("ben@example.org", []),
    ],
)
def test_a_mention_is_printed_as_one_or_names_a_sender(text: str, mentions: list[str]) -> None:
    assert find(text, "Ama", "Ama Owusu") == [("mention", mention) for mention in mentions]


def test_references_are_spans_in_code_points_of_each_message() -> None:
    messages = build_messages(
        ("Ama", "hi"), ("Zoë", "😀 @Ama 024 555 0102"), (None, None), ("Li", "😀 @Ama 024 555 0102")
    )
    assert find_references(messages).rows() == [
        (2, "mention", 2, 6),
        (2, "phone", 7, 19),
        (4, "mention", 2, 6),
        (4, "phone", 7, 19),
    ]


def test_no_messages_have_no_references() -> None:
    assert find_references(Messages(empty("messages"))).equals(empty("references"))


_pieces = st.sampled_from(
    [
        "@",
        FSI,
        PDI,
        "Ama",
        " ",
        "+",
        "024",
        "555",
        "0102",
        "-",
        "/",
        ".",
        ",",
        "(",
        ")",
        "https://",
        "www.",
        "a.example",
        "2024",
        "٣",
    ]
)
_texts = st.lists(_pieces | st.text(max_size=5), max_size=14).map("".join)


@given(_texts)
@example("https://\x1f")
def test_references_stand_in_the_text_apart_from_each_other(text: str) -> None:
    found = read_references(text, labels=("Ama",))
    assert [x.start for x in found] == sorted(x.start for x in found)
    for reference, start, end in found:
        words = text[start:end]
        assert 0 <= start < end <= len(text)
        assert words == words.strip()
        assert reference != "mention" or words.startswith("@")
        assert reference != "phone" or sum(letter.isdecimal() for letter in words) in range(7, 16)
    assert all(one.end <= next_.start for one, next_ in pairwise(found))


@given(st.lists(_texts, max_size=10))
def test_the_quick_search_misses_no_reference(texts: list[str]) -> None:
    found = find_references(build_messages(*[("Ama", text) for text in texts]))
    each = [
        (number, *one) for number, text in enumerate(texts, start=1) for one in read_references(text, labels=("Ama",))
    ]
    assert found.rows() == each


@pytest.mark.parametrize(
    "text",
    [
        "1 " * 50_000 + "x",
        "@" * 50_000,
        "www." * 20_000,
        "1-(" * 30_000,
        "+" * 50_000,
        f"@{FSI}" * 30_000,
        "www.a.b @0241234567 0241234567 " * 3_000,
    ],
)
def test_long_hostile_texts_are_searched_in_good_time(text: str) -> None:
    start = process_time()
    read_references(text, labels=("Ama",))
    assert process_time() - start < 4
