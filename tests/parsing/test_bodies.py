"""What each body is, and what stays as text."""

import runpy
from collections.abc import Iterator
from pathlib import Path
from time import process_time

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics.parsing import wordings
from chatforensics.parsing.bodies import Body, find_untyped, load_wordings, read_bodies, read_body
from chatforensics.parsing.grammar import load_languages
from chatforensics.schema import MESSAGE_KINDS

LRM, RLM = "\u200e", "\u200f"
PHOTO = "00000012-PHOTO-2024-03-13-09-18-22.jpg"

ANDROID = [
    ("hello", Body("text", "hello")),
    ("", Body("text", None)),
    ("I added sugar", Body("text", "I added sugar")),
    ("<Media omitted>", Body("media", None)),
    ("<Media omitted>\nlook at this", Body("media", "look at this")),
    ("IMG-20240313-WA0001.jpg (file attached)", Body("media", None, "IMG-20240313-WA0001.jpg")),
    (f"{LRM}IMG-20240313-WA0001.jpg (file attached)\nours", Body("media", "ours", "IMG-20240313-WA0001.jpg")),
    ("IMG-20240313-WA0001.jpg (words of any language)", Body("media", None, "IMG-20240313-WA0001.jpg")),
    ("minutes.pdf (words of any language)", Body("text", "minutes.pdf (words of any language)")),
    (f"{LRM}minutes.pdf (words of any language)", Body("media", None, "minutes.pdf")),
    ("Zoë Müller.vcf (Datei angehängt)", Body("contact", None, "Zoë Müller.vcf")),
    (".jpg (file attached)", Body("media", None, ".jpg")),
    ("my own file.pdf (file attached)", Body("media", None, "my own file.pdf")),
    ("vote for Ann now.jpg (file attached)", Body("media", "vote for Ann now.jpg", "vote for Ann now.jpg")),
    ("the big red file.pdf (file attached)\nsee", Body("media", "the big red file.pdf\nsee", "the big red file.pdf")),
    ("Vote for Ann Obi and tell all (file attached)", Body("text", "Vote for Ann Obi and tell all (file attached)")),
    ("image omitted", Body("text", "image omitted")),
    ("the image omitted him", Body("text", "the image omitted him")),
    ("null", Body("view_once", "null")),
    ("null and void", Body("text", "null and void")),
    ("see you there <This message was edited>", Body("text", "see you there", edited=True)),
    ("<Media omitted>\nours <This message was edited>", Body("media", "ours", edited=True)),
    ("a < b and b > c", Body("text", "a < b and b > c")),
]


@pytest.mark.parametrize(("text", "want"), ANDROID)
def test_a_body_on_android(text: str, want: Body) -> None:
    assert read_body(text, marked_file=False, android=True) == want


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("This message was deleted", Body("deleted", None)),
        ("You deleted this message.", Body("deleted", None, deleted_by="You")),
        ("यह मैसेज डिलीट किया गया", Body("deleted", None)),
        (
            "This message was deleted by admin \u2068Ben Obi\u2069.",
            Body("deleted", "This message was deleted by admin \u2068Ben Obi\u2069.", deleted_by="Ben Obi"),
        ),
        ("This message was deleted\nnot", Body("text", "This message was deleted\nnot")),
        ("This message was deleted, I think", Body("text", "This message was deleted, I think")),
    ],
)
def test_a_deleted_message_and_who_deleted_it(text: str, want: Body) -> None:
    assert read_body(text, marked_file=False) == want


@pytest.mark.parametrize(
    "text",
    [
        "Missed voice call",
        "Voice call, 5 min",
        "Video call, 1 h 5 min",
        "Video call, No answer",
        "Missed voice call at 10:30",
    ],
)
def test_a_call_is_told_by_its_outcome_or_length(text: str) -> None:
    assert read_body(text, marked_file=False) == Body("call", text)


@pytest.mark.parametrize(
    "text",
    [
        "Video call: vote for Ann Obi",
        "Video call",
        "Voice call me tonight",
        "Video call, please",
        "Video call, 5 votes for Ann",
        "Video call at 7",
        "Video call. 12:30",
        "Group video call, 3 people",
    ],
)
def test_words_that_begin_like_a_call_stay_text(text: str) -> None:
    assert read_body(text, marked_file=False).kind == "text"
    assert read_body(f"{LRM}Video call. {LRM}Tap to call back", marked_file=True).kind == "call"


@pytest.mark.parametrize(
    "text",
    [
        "POLL:\nWhen?\nOPTION: Sat (2 votes)",
        "SONDAGE :\nOù ?\nici ou là ?\nCHOIX : là (1 voix)\nCHOIX : ici (0 voix)",
        "投票：\n何時？\n選択肢：土曜（２票）\n選択肢：日曜（０票）",
        "استطلاع:\nمتى؟\nخيار: السبت (٢ صوت)",
    ],
)
def test_a_poll_is_told_by_its_structure_in_any_language(text: str) -> None:
    assert read_body(text, marked_file=False) == Body("poll", text)


@pytest.mark.parametrize(
    "text",
    [
        "Poll: who comes?",
        "Menu:\nWhat will you eat?\nMeal: rice (3 plates)",
        "LIST:\nWho?\nANN: one (1 vote)\nBEN: two (1 vote)",
        "POLL:\n",
    ],
)
def test_lists_that_people_type_are_no_polls(text: str) -> None:
    assert read_body(text, marked_file=False).kind == "text"


@pytest.mark.parametrize(
    "text",
    [
        "location: https://maps.google.com/?q=51.5,-0.1",
        "लोकेशन: https://maps.google.com/?q=51.5021,-0.127",
        "位置：https://maps.google.com/?q=51.5,-0.1",
        "https://www.google.com/maps?q=51.5,-0.1",
        "https://maps.apple.com/?ll=51.5,-0.1&q=Town",
        "Old Mill (2 Quay Rd, Port): https://foursquare.com/v/4e89af95e5fa82ad4c0aa03c",
        "Old Mill\n2 Quay Rd, Port\nhttps://foursquare.com/v/4e89af95e5fa82ad4c0aa03c",
        "Live location shared",
    ],
)
def test_a_place_is_told_by_its_link(text: str) -> None:
    assert read_body(text, marked_file=False) == Body("location", text)


@pytest.mark.parametrize(
    "text",
    [
        "come and vote at the town hall before noon: https://maps.google.com/?q=51.5,-0.1",
        "https://maps.google.com/ is useful",
        "https://foursquare.com/v/4e89af95e5fa82ad4c0aa03c",
    ],
)
def test_a_sentence_with_a_link_stays_text(text: str) -> None:
    assert read_body(text, marked_file=False).kind == "text"


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("image omitted", Body("text", "image omitted")),
        (f"{LRM}image omitted", Body("media", None)),
        (f"{LRM}video note omitted", Body("media", None)),
        (f"{LRM}Contact card omitted", Body("contact", None)),
        (f"our float {LRM}image omitted", Body("media", "our float")),
        (f"{RLM}कॉन्टैक्ट कार्ड छोड़ा गया", Body("contact", None)),
        (f"{LRM}<attached: {PHOTO}>", Body("media", None, PHOTO)),
        (f"{RLM}<words of any language: {PHOTO}>", Body("media", None, PHOTO)),
        (f"our float {LRM}<attached: {PHOTO}>", Body("media", "our float", PHOTO)),
        (f"<attached: {PHOTO}>", Body("text", f"<attached: {PHOTO}>")),
        (f"our minutes.docx {LRM}document omitted", Body("media", "our minutes.docx", "our minutes.docx")),
        (f"minutes.pdf • {LRM}2 pages {LRM}document omitted", Body("media", None, "minutes.pdf")),
        (f"minutes.pdf • {RLM}صفحتان ٢ {RLM}words nobody knows", Body("media", None, "minutes.pdf")),
        (
            f"minutes.pdf • {LRM}1 página {LRM}<attached: 00000013-minutes.pdf>",
            Body("media", None, "00000013-minutes.pdf"),
        ),
        (f"minutes.txt {LRM}<attached: 00000013-minutes.txt>", Body("media", None, "00000013-minutes.txt")),
        (f"vote for Ann • 2 pages {LRM}<attached: 1-x.pdf>", Body("media", "vote for Ann • 2 pages", "1-x.pdf")),
        (f"{LRM}This message was deleted.", Body("deleted", None)),
        (f"please delete the{LRM} message", Body("text", f"please delete the{LRM} message")),
        ("This message was deleted.", Body("text", "This message was deleted.")),
        (f"fine {LRM}<This message was edited>", Body("text", "fine", edited=True)),
        ("fine <This message was edited>", Body("text", "fine <This message was edited>")),
        (f"{LRM}Sorry, typed by hand", Body("text", f"{LRM}Sorry, typed by hand")),
        (
            f"{LRM}POLL:\nWhen?\n{LRM}OPTION: Sat ({LRM}2 votes)",
            Body("poll", f"{LRM}POLL:\nWhen?\n{LRM}OPTION: Sat ({LRM}2 votes)"),
        ),
        ("POLL:\nWhen?\nOPTION: Sat (2 votes)", Body("text", "POLL:\nWhen?\nOPTION: Sat (2 votes)")),
    ],
)
def test_on_ios_only_marked_bodies_are_untyped(text: str, want: Body) -> None:
    assert read_body(text, marked_file=True) == want


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("image omitted", Body("media", None)),
        ("our float image omitted", Body("text", "our float image omitted")),
        (f"our float <attached: {PHOTO}>", Body("media", "our float", PHOTO)),
        ("A report.pdf • 1 page <attached: some.pdf>", Body("media", None, "some.pdf")),
        ("minutes.pdf • 2 pages document omitted", Body("media", None, "minutes.pdf")),
        ("minutes.docx document omitted", Body("media", "minutes.docx", "minutes.docx")),
    ],
)
def test_an_ios_file_that_lost_its_marks_is_read_where_the_words_leave_no_doubt(text: str, want: Body) -> None:
    assert read_body(text, marked_file=False) == want


def test_many_bodies_are_read_once_each_and_nulls_are_left_out() -> None:
    texts = pl.Series(["hello", None, "<Media omitted>", "hello"])
    read = read_bodies(texts, marked_file=False)
    assert read.rows() == [
        ("hello", "text", "hello", None, False, None),
        ("<Media omitted>", "media", None, None, False, None),
    ]


EVERY_WORDING = sorted(
    wording
    for language in load_languages().values()
    for name in ("omitted", "contact_omitted", "attached", "deleted", "deleted_by_admin", "call")
    for wording in language.get("bodies", {}).get(name, ())
)
_pieces = st.sampled_from(
    [
        LRM,
        RLM,
        " ",
        "\n",
        "• ",
        "<",
        ">",
        "(",
        ")",
        ":",
        PHOTO,
        "a.pdf",
        "2 pages",
        "POLL",
        "OPTION: x (1 vote)",
        "null",
    ]
)
_bodies = st.lists(_pieces | st.sampled_from(EVERY_WORDING) | st.text(max_size=8), max_size=6).map("".join)


@settings(deadline=None)  # the first example loads the wordings
@given(st.lists(_bodies, max_size=30), st.booleans(), st.booleans())
def test_reading_many_is_reading_each_and_never_fails(texts: list[str], marked_file: bool, android: bool) -> None:
    read = read_bodies(pl.Series(texts, dtype=pl.String), marked_file=marked_file, android=android)
    for text, *row in read.iter_rows():
        body = read_body(text, marked_file=marked_file, android=android)
        assert row == [body.kind, body.text, body.attachment, body.edited, body.deleted_by]
        assert body.kind in MESSAGE_KINDS


@settings(deadline=None)  # the first example loads the wordings
@given(st.lists(_bodies, min_size=1, max_size=30), st.booleans())
def test_the_quick_search_misses_no_untyped_body(texts: list[str], marked_file: bool) -> None:
    found = find_untyped(pl.Series(texts, dtype=pl.String))
    for text, candidate in zip(texts, found, strict=True):
        body = read_body(text, marked_file=marked_file)
        assert candidate or (body.kind == "text" and not body.edited)


@settings(deadline=None)  # the first example loads the wordings
@given(st.sampled_from(EVERY_WORDING))
def test_the_quick_search_finds_every_wording(wording: str) -> None:
    text = wording.replace("{file}", "a b.pdf").replace("{name}", "Ann Obi").replace("{rest}", " 10:30 ").strip()
    assert read_body(text, marked_file=False).kind == "text" or find_untyped(pl.Series([text]))[0]


@pytest.fixture
def invented_language(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    bodies = {
        "omitted": ["{rest}gone", "<{rest}gone>"],
        "deleted": ["{rest}wiped{rest}"],
        "live_location": ["{name} shows the way"],
        "attached": ["put beside {file}"],
    }
    script = runpy.run_path(str(Path(__file__).resolve().parents[2] / "scripts" / "make_wordings.py"))
    compiled = script["compile_wordings"]({"xx": {"bodies": bodies, "notices": {"waiting": ["hold on"]}}})
    monkeypatch.setattr(wordings, "load_compiled", lambda: compiled)
    load_wordings.cache_clear()
    yield
    load_wordings.cache_clear()


@pytest.mark.usefixtures("invented_language")
@pytest.mark.parametrize(
    ("text", "marked", "plain"),
    [
        ("picture gone", Body("media", None), None),
        ("<picture gone>", Body("media", None), Body("media", None)),
        ("<picture gone>\nours", Body("media", "ours"), Body("media", "ours")),
        ("it was wiped today", Body("deleted", f"{LRM}it was wiped today"), None),
        ("Zoë shows the way", Body("location", f"{LRM}Zoë shows the way"), None),
        ("put beside Minutes.pdf", Body("media", None, "Minutes.pdf"), Body("media", None, "Minutes.pdf")),
        ("hold on", Body("system", f"{LRM}hold on"), None),
    ],
)
def test_wordings_with_free_parts_are_believed_behind_a_mark(text: str, marked: Body, plain: Body | None) -> None:
    assert read_body(LRM + text, marked_file=True) == marked
    assert read_body(text, marked_file=False) == (plain or Body("text", text))


@pytest.mark.usefixtures("invented_language")
def test_a_caption_stands_before_words_with_free_parts() -> None:
    assert read_body(f"our float {LRM}picture gone", marked_file=True) == Body("media", "our float")
    assert read_body(f"a.pdf {LRM}picture gone", marked_file=True) == Body("media", "a.pdf", "a.pdf")
    long = "so that nobody can say that the whole float and the picture of it were "
    assert read_body(f"{LRM}{long}gone", marked_file=True).kind == "text"


@pytest.mark.parametrize(
    "text",
    [
        "1 " * 50_000,
        "(" * 100_000,
        f"{LRM}a " * 30_000,
        "<a: " * 30_000,
        "a • " * 30_000,
        "POLL:\n" + "OPTION: (1 " * 20_000,
        ":" * 100_000,
    ],
    ids=lambda text: repr(text[:6]),
)
def test_long_hostile_bodies_are_read_in_good_time(text: str) -> None:
    start = process_time()
    for marked_file in (True, False):
        assert read_body(text, marked_file=marked_file).kind == "text"
    assert process_time() - start < 2
