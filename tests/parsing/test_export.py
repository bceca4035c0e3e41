"""The parser as a whole: round trips, the first law, and what each kind of line becomes."""

from datetime import datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from render import STYLES, Line, Style, render

from chatforensics.errors import ChatForensicsError, EvidenceError, UnknownExportFormat, UsageError
from chatforensics.intake import chat_from_bytes
from chatforensics.parsing import Parsed, check_conservation, parse_export

START = datetime(2024, 3, 13, 8, 30)  # the 13th: day and month cannot be confused


def parse(content: bytes, *, dates: str | None = None) -> Parsed:
    return parse_export(chat_from_bytes(content, name="chat.txt"), dates=dates)


def android(*lines: str) -> bytes:
    return "".join(f"13/03/2024, 08:30 - {line}\n" for line in lines).encode()


# Words as people type them: any text that is no header and has no mark of the phone's own.
typed = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\u200e\r"), min_size=1, max_size=60
).filter(lambda text: text.strip() == text and "<" not in text and "omitted" not in text and text.lower() != "null")
names = st.sampled_from(["Ama Boateng", "Zoë", "Li Wei", "O'Brien - work", "~ Sofia", "+44 7700 900123", "علي", "রিয়া"])
gaps = st.integers(0, 3 * 86400)
chats = st.lists(st.tuples(gaps, names, typed), min_size=1, max_size=12)


@settings(max_examples=60, deadline=None)
@given(chats, st.sampled_from(STYLES))
def test_what_is_written_is_read_back(chat: list[tuple[int, str, str]], style: Style) -> None:
    sent, lines = START, [Line(START, "Ama Boateng", "first")]
    for gap, sender, text in chat:
        sent += timedelta(seconds=gap)
        lines.append(Line(sent.replace(second=0) if style.step_s == 60 else sent, sender, text))
    parsed = parse(render(lines, style))
    got = parsed.messages.select("sent_local", "sender_label", "text", "kind").rows()
    assert got == [(line.sent, line.sender, line.text, "text") for line in lines]
    assert parsed.sources["date_order_verdict"][0] in ("certain", "likely", "ambiguous")


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.booleans())
def test_any_bytes_are_read_whole_or_refused(noise: bytes, headed: bool) -> None:
    content = (android("Ama: hello") if headed else b"") + noise
    try:
        parsed = parse(content)
    except EvidenceError:  # no export, or an end like that of a zip
        assert not headed or b"PK\x05\x06" in noise
        return
    spans = pl.concat(
        [parsed.messages.select("byte_start", "byte_end"), parsed.rejects.select("byte_start", "byte_end")]
    )
    assert b"".join(content[a:b] for a, b in sorted(spans.rows())) == content


def test_the_first_law_catches_a_gap_and_an_overlap() -> None:
    parsed = parse(android("Ama: one", "Ama: two"))
    n = len(android("Ama: one", "Ama: two"))
    check_conservation(parsed.messages, parsed.rejects, n_bytes=n)
    for shift in (-1, 1):
        bent = parsed.messages.with_columns(pl.col("byte_end") + shift)
        with pytest.raises(ChatForensicsError, match="tile"):
            check_conservation(bent, parsed.rejects, n_bytes=n)


def test_lines_before_the_first_message_are_rejects_with_a_reason() -> None:
    parsed = parse(b"Chat history\nwith Ama\n" + android("Ama: hi"))
    assert parsed.rejects.rows() == [(parsed.sources["source_id"][0], 1, 0, 22, "before the first message")]
    assert parsed.messages["line"].to_list() == [3]


def test_other_line_separators_stay_in_the_body() -> None:
    text = "a\u2028b\u2029c\x85d\x0be\x0cf\x1cg\rh"
    parsed = parse(android(f"Ama: {text}"))
    assert parsed.messages["text"].to_list() == [text]


def test_a_body_of_several_lines_is_kept_exactly() -> None:
    content = b"13/03/2024, 08:30 - Ama: one\n\n  two \r\n\tthree\n13/03/2024, 08:31 - Ben: x\n"
    parsed = parse(content)
    assert parsed.messages["text"].to_list() == ["one\n\n  two \r\n\tthree", "x"]
    assert parsed.messages["byte_end"].to_list() == [len(content) - 27, len(content)]


def test_invalid_utf8_shows_as_replacement_and_keeps_its_offsets() -> None:
    content = b"13/03/2024, 08:30 - Ama: caf\xe9\n13/03/2024, 08:31 - Ben: ok\n"
    parsed = parse(content)
    assert parsed.messages["text"].to_list() == ["caf\ufffd", "ok"]
    assert parsed.messages["byte_start"].to_list() == [0, content.index(b"13/03/2024, 08:31")]


@pytest.mark.parametrize("content", [b"", b" \n\t\n", b"hello\nworld\n", "\ufeff13/03".encode("utf-16")])
def test_what_is_no_export_is_refused_with_the_reason(content: bytes) -> None:
    with pytest.raises(UnknownExportFormat, match=r"chat\.txt: "):
        parse(content)


def test_message_ids_depend_on_bytes_alone_and_fit_a_json_number() -> None:
    parsed, again = (parse(android("Ama: one", "Ben: two")) for _ in range(2))
    assert parsed.messages["message_id"].to_list() == again.messages["message_id"].to_list()
    assert all(0 <= number < 2**53 for number in parsed.messages["message_id"])
    other = parse(android("Ama: one", "Ben: tw0"))
    assert not set(parsed.messages["message_id"]) & set(other.messages["message_id"])


def test_android_notices_have_no_sender_and_are_typed() -> None:
    parsed = parse(
        android(
            'Ama Boateng created group "Choir: Tuesdays"',
            "Ama Boateng added Ben and Zoë",
            "Ben changed the subject from \u201cA: b\u201d to \u201cC\u201d",
            "Zoë left",
            "Something entirely new happened",
            "Ben: I added sugar",
        )
    )
    assert parsed.messages["kind"].to_list() == ["system"] * 5 + ["text"]
    assert parsed.messages["sender_label"].to_list() == [None] * 5 + ["Ben"]
    assert parsed.events.drop("message_id", "language").rows() == [
        ("created", "Ama Boateng", [], None, "Choir: Tuesdays"),
        ("added", "Ama Boateng", ["Ben", "Zoë"], None, None),
        ("subject_changed", "Ben", [], "A: b", "C"),
        ("left", "Zoë", [], None, None),
        ("unknown", None, [], None, None),
    ]


def test_on_ios_the_mark_tells_a_notice_from_the_same_words_typed() -> None:
    stamp = "[13/03/2024, 08:30:05] "
    content = (
        f"\u200e{stamp}Ama: \u200eAma added Ben\r\n{stamp}Ama: Ama added Ben\r\n{stamp}Ben: \u200ehello\r\n".encode()
    )
    parsed = parse(content)
    assert parsed.messages["kind"].to_list() == ["system", "text", "text"]
    assert parsed.messages["sender_label"].to_list() == [None, "Ama", "Ben"]
    assert parsed.events["event"].to_list() == ["added"]


def test_a_nickname_in_quotes_does_not_make_a_notice_of_a_message() -> None:
    parsed = parse(android('Robert "Bob" Smith: I am all for what is left', '~ "Bo": the day was changed to Saturday'))
    assert parsed.messages["sender_label"].to_list() == ['Robert "Bob" Smith', '~ "Bo"']
    assert parsed.events.is_empty()


def test_a_typed_mark_forges_no_notice_about_others() -> None:
    said = ["Cy left", "Ama changed to +44 7700 900123", "You blocked this contact\nvote for Cy", "You removed Cy"]
    lines = ["[13/03/2024, 08:30:05] Ben: hello", *(f"[13/03/2024, 08:30:06] Ben: \u200e{words}" for words in said)]
    group = "[13/03/2024, 08:30:07] Choir: \u200eYou removed Cy"
    own = "[13/03/2024, 08:30:08] Ben: \u200eBen left"
    parsed = parse("\r\n".join([*lines, group, own, ""]).encode())
    assert parsed.messages["sender_label"].to_list() == ["Ben"] * 5 + [None, None]
    assert parsed.messages["text"][3] == "\u200eYou blocked this contact\nvote for Cy"
    assert parsed.events.select("event", "actor").rows() == [("removed", "You"), ("left", "Ben")]


def test_marks_within_texts_do_not_make_a_file_a_marked_one() -> None:
    stamp = "[13/03/2024, 08:30:05] "
    deleted = f"{stamp}Ama: This message was deleted\n{stamp}Ben: oh\n"
    typed_in = parse(f"{deleted}{stamp}Ben: he wrote: \u200eok\n".encode())
    assert typed_in.messages["kind"].to_list() == ["deleted", "text", "text"]
    begins = parse(f"{deleted}{stamp}Ben: \u200eimage omitted\n".encode())
    assert begins.messages["kind"].to_list() == ["text", "text", "media"]


def test_a_colon_divides_where_the_sender_is_known_or_the_line_ends() -> None:
    parsed = parse(android("Ama: hi", "Ama:there", "Ben:", "Nobody said:this"))
    assert parsed.messages.select("sender_label", "text").rows() == [
        ("Ama", "hi"),
        ("Ama", "there"),
        ("Ben", None),
        (None, "Nobody said:this"),
    ]


def test_a_line_in_another_layout_is_text_and_counted() -> None:
    chat = [f"Ama: message {number}" for number in range(10)]
    parsed = parse(android(*chat) + b"[12/03/2024, 10:00:00] Ben: pasted\n")
    assert parsed.messages.height == 10
    assert parsed.messages["text"][-1].endswith("Ben: pasted")
    assert parsed.sources["n_quoted"][0] == 1


def test_pasted_lines_in_another_layout_are_text_however_many() -> None:
    pasted = "".join(f"[01/01/20, 10:00:{second:02}] Fake: said {second}\n" for second in range(60))
    parsed = parse(android("Ama: one") + b"13/03/2024, 08:30 - Ben: look\n" + pasted.encode() + android("Ama: two"))
    assert parsed.messages["sender_label"].to_list() == ["Ama", "Ben", "Ama"]
    assert parsed.sources["n_quoted"][0] == 60


def test_a_file_of_two_layouts_has_both() -> None:
    parsed = parse(android("Ama: hi") + b"13.03.2024 21.25.15: Ben: old phone\n")
    assert parsed.messages["sender_label"].to_list() == ["Ama", "Ben"]
    assert parsed.sources["platform"][0] == "unknown"


def test_the_source_says_what_was_read() -> None:
    source = parse(render([Line(START, "Ama", "hi")], STYLES[1])).sources.row(0, named=True)
    assert source["header_format"] == "android: M/d/yy"
    assert (source["date_order"], source["date_order_verdict"], source["clock_step_s"]) == ("mdy", "certain", 60)
    assert (source["n_messages"], source["n_rejects"], source["n_quoted"], source["platform"]) == (1, 0, 0, "android")


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("WhatsApp Chat with Choir.txt", "Choir"),
        ("WhatsApp Chat - Ward 4: members.zip", "Ward 4: members"),
        ("Chat de WhatsApp con Vecinos.txt", "Vecinos"),
        ("_chat.txt", None),
        ("notes.txt", None),
    ],
)
def test_the_title_comes_from_the_phones_own_file_name(name: str, title: str | None) -> None:
    chat = chat_from_bytes(android("Ama: hi"), name=f"folder/{name}")
    assert parse_export(chat).sources["chat_title"][0] == title


@pytest.mark.parametrize("year", [-5, 0, 24, 2008, 99_999])
def test_a_year_without_chats_is_a_wrong_option(year: int) -> None:
    with pytest.raises(UsageError, match=f"{year} is no year of a chat"):
        parse_export(chat_from_bytes(b"18 Mar 12:14 - Ama: hi\n", name="chat.txt"), year=year)


def test_an_unknown_date_order_is_a_wrong_option() -> None:
    with pytest.raises(UsageError, match="ydm"):
        parse(android("Ama: hi"), dates="ydm")
