"""What polls, places and calls say."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatforensics.parsing.details import Call, Details, Poll, is_place, read_call, read_details, read_poll
from chatforensics.schema import TABLES, Messages, empty

LRM = "\u200e"


def build_messages(*bodies: tuple[str, str | None]) -> Messages:
    rows = [{"message_id": number, "kind": kind, "text": text} for number, (kind, text) in enumerate(bodies, start=1)]
    given_columns = pl.DataFrame(rows, schema={"message_id": pl.Int64, "kind": pl.String, "text": pl.String})
    missing = [
        pl.lit(None, kind).alias(name) for name, kind in TABLES["messages"].items() if name not in given_columns.columns
    ]
    return Messages(given_columns.with_columns(missing).select(list(TABLES["messages"])))


def test_a_poll_has_one_row_per_option_with_its_votes() -> None:
    text = (
        f"{LRM}POLL:\nWhere do we meet?\nAnd when?\n"
        f"{LRM}OPTION: Mill: noon ({LRM}12 votes)\n{LRM}OPTION: Here ({LRM}0 votes)"
    )
    assert read_details(build_messages(("poll", text))).polls.rows() == [
        (1, "Where do we meet?\nAnd when?", 1, "Mill: noon", 12),
        (1, "Where do we meet?\nAnd when?", 2, "Here", 0),
    ]


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("UMFRAGE:\r\nWann?\r\nOPTION: Sa (1 Stimme)", Poll("Wann?", (("Sa", 1),))),
        ("استطلاع:\nمتى؟\nخيار: السبت (صوتان ٢)", Poll("متى؟", (("السبت", 2),))),
        ("投票：\n何時？\n選択肢：土曜（２票）", Poll("何時？", (("土曜", 2),))),
        ("POLL:\nWhen?\nOPTION: Sat (no vote)\nOPTION: Sun (1 vote)", Poll("When?", (("Sat", None), ("Sun", 1)))),
        ("POLL:\nOPTION: Sat (1 vote)", None),
        (
            "POLL:\nWhen?\nOPTION: Sat (1 vote)\nCHOICE: Sun (1 vote)",
            None,
        ),
        ("Poll:\nWhen?\nOption: Sat (1 vote)", None),
    ],
)
def test_a_poll_is_read_without_knowing_its_language(text: str, want: Poll | None) -> None:
    assert read_poll(text, marked=False) == want


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("location: https://maps.google.com/?q=51.5021,-0.1273", (None, 51.5021, -0.1273, False)),
        (f"{LRM}लोकेशन: https://maps.google.com/?q=-1.5,36.25", (None, -1.5, 36.25, False)),
        ("https://www.google.com/maps/@51.5,-0.1,15z", (None, 51.5, -0.1, False)),
        ("https://www.google.com/maps/search/?api=1&query=51.5%2C-0.1", (None, 51.5, -0.1, False)),
        ("https://maps.apple.com/?ll=51.5,-0.1&q=Town", (None, 51.5, -0.1, False)),
        ("location: https://maps.google.com/?q=95.0,10.0", (None, None, None, False)),
        (
            "Old Mill (2 Quay Rd): https://foursquare.com/v/4e89af95e5fa82ad4c0aa03c",
            ("Old Mill (2 Quay Rd)", None, None, False),
        ),
        ("Old Mill\nPort\nhttps://foursquare.com/v/4e89af95e5fa82ad4c0aa03c", ("Old Mill\nPort", None, None, False)),
        (f"{LRM}Old Mill (Port): https://maps.google.com/?q=51.5,-0.1", ("Old Mill (Port)", 51.5, -0.1, False)),
        ("Live location shared", (None, None, None, True)),
    ],
)
def test_a_place_has_name_and_coordinates_as_far_as_they_are_printed(text: str, want: tuple[object, ...]) -> None:
    assert read_details(build_messages(("location", text))).places.rows() == [(1, *want)]


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("Missed voice call", Call("voice", False, "missed", None)),
        (f"{LRM}Missed group video call. {LRM}Tap to call back", Call("video", True, "missed", None)),
        ("Missed voice call at 10:30", Call("voice", False, "missed", None)),
        ("Voice call, 12 min", Call("voice", False, "answered", 720)),
        ("Video call, 1 h 5 min", Call("video", False, "answered", 3900)),
        (f"Voice call. {LRM}45 sec", Call("voice", False, "answered", 45)),
        ("Video call. 1:02:03", Call("video", False, "answered", 3723)),
        ("Video call, No answer", Call("video", False, "no_answer", None)),
        ("Silenced voice call", Call("voice", False, "silenced", None)),
        ("Voice call. Declined", Call("voice", False, "declined", None)),
        ("Group video call, 3 people", Call("video", True, None, None)),
        ("Group call", Call(None, True, None, None)),
        ("Verpasster Gruppen-Sprachanruf um 10:30", Call("voice", True, "missed", None)),
        ("مكالمة صوتية، ٥ دقائق", Call("voice", False, "answered", 300)),
        ("语音通话，1小时5分钟", Call("voice", False, "answered", 3900)),
        ("ビデオ通話 3分 10秒", Call("video", False, "answered", 190)),
        ("Simu ya video, dakika 5", Call("video", False, "answered", 300)),
        ("मिस्ड ग्रुप वीडियो कॉल", Call("video", True, "missed", None)),
    ],
)
def test_a_call_has_kind_outcome_and_length(text: str, want: Call) -> None:
    assert read_call(text) == want


def test_details_are_read_from_bodies_of_their_kind_only() -> None:
    poll, place, call = "POLL:\nQ\nOPTION: A (1 vote)", "https://maps.google.com/?q=1.5,2.5", "Missed voice call"
    details = read_details(
        build_messages(("text", poll), ("text", place), ("text", call), ("call", call), ("location", None))
    )
    assert (details.polls.height, details.places.height) == (0, 0)
    assert details.calls.rows() == [(4, "voice", False, "missed", None)]


def test_copies_of_one_poll_keep_their_messages() -> None:
    poll = "POLL:\nQ\nOPTION: A (1 vote)\nOPTION: B (2 votes)"
    polls = read_details(build_messages(("poll", poll), ("text", "x"), ("poll", poll))).polls
    assert polls.select("message_id", "position").rows() == [(1, 1), (1, 2), (3, 1), (3, 2)]


def test_no_messages_have_no_details() -> None:
    details = read_details(Messages(empty("messages")))
    assert details.polls.equals(empty("polls"))
    assert details.places.equals(empty("places"))
    assert details.calls.equals(empty("calls"))


_pieces = st.sampled_from(
    [
        LRM,
        "POLL",
        ":",
        "：",
        "\n",
        "OPTION: ",
        "(",
        ")",
        "2 votes",
        "٣",
        "https://maps.google.com/?q=",
        "1.5,-200",
        "call",
        "12:30:99",
        "5 min",
    ]
)
_texts = st.lists(_pieces | st.text(max_size=6), max_size=10).map("".join)


@given(st.lists(st.tuples(st.sampled_from(["poll", "location", "call"]), _texts), max_size=8))
def test_reading_details_never_fails_and_keeps_to_the_globe(bodies: list[tuple[str, str]]) -> None:
    details: Details = read_details(build_messages(*bodies))
    places = details.places
    assert places.height == sum(kind == "location" for kind, _ in bodies)
    assert places.filter((pl.col("latitude").abs() > 90) | (pl.col("longitude").abs() > 180)).is_empty()
    assert details.calls.height == sum(kind == "call" for kind, _ in bodies)


@given(_texts, st.booleans())
def test_what_is_read_as_poll_or_place_stands_in_the_text(text: str, marked: bool) -> None:
    poll = read_poll(text, marked=marked)
    if poll:
        assert all(option in text for option, _ in poll.options)
    if is_place(text, marked=marked):
        assert "maps" in text.lower() or "foursquare" in text.lower()
