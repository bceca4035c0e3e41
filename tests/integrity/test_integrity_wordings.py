"""Files printed in another platform's form."""

import pytest
from integrity.chats import android, iphone, told
from integrity.received import evidence_from, observe

from chatforensics.integrity.wordings import WORDINGS

OMITTED, ATTACHED = "<Media omitted>", "IMG-20240313-WA0001.jpg (file attached)"
IOS_OMITTED, IOS_ATTACHED = "\u200eimage omitted", "\u200e<attached: 00000012-PHOTO-2024-03-13-10-20-30.jpg>"
TALK = [("Ama", "hi there"), ("Ewa", "hello")]


def seen(raw: bytes) -> list[tuple[str, list[int]]]:
    return told(observe(WORDINGS, "I-25", evidence_from(raw)))


@pytest.mark.parametrize(
    "text", [OMITTED, ATTACHED, f"\u200e{ATTACHED}", "Ewa.vcf (file attached)", f"{OMITTED}\nwith words"]
)
def test_an_android_phones_own_forms_are_nothing_odd(text: str) -> None:
    assert seen(android(*TALK, ("Ama", text))) == []


@pytest.mark.parametrize("text", [IOS_OMITTED, IOS_ATTACHED, "notes.pdf • \u200e2 pages \u200edocument omitted"])
def test_an_iphones_own_forms_are_nothing_odd(text: str) -> None:
    assert seen(iphone(*TALK, ("Ama", text))) == []


@pytest.mark.parametrize("text", [OMITTED, "report.pdf (file attached)"])
def test_androids_forms_behind_an_iphones_headers_are_unexplained(text: str) -> None:
    assert seen(iphone(*TALK, ("Ama", text), ("Ewa", "bye"))) == [("unexplained", [3])]


@pytest.mark.parametrize("text", [IOS_OMITTED, "<attached: photo.jpg>"])
def test_an_iphones_forms_behind_androids_headers_are_unexplained(text: str) -> None:
    assert seen(android(*TALK, ("Ama", text), ("Ewa", "bye"))) == [("unexplained", [3])]


def test_in_a_file_with_marks_words_in_brackets_may_have_been_typed() -> None:
    raw = iphone(*TALK, ("Ama", IOS_OMITTED), ("Ewa", OMITTED), ("Ama", "<3"), ("Ewa", "<b>"))
    assert seen(raw) == [("info", [4])]


def test_a_name_that_the_other_platform_gives_is_information() -> None:
    raw = android(*TALK, ("Ama", "00000012-PHOTO-2024-03-13-10-20-30.jpg (file attached)"))
    assert seen(raw) == [("info", [3])]
    raw = iphone(*TALK, ("Ama", "\u200e<attached: IMG-20240313-WA0001.jpg>"))
    assert seen(raw) == [("info", [3])]


def test_headers_of_no_known_platform_have_no_form_to_compare() -> None:
    evidence = evidence_from(b"13/03/2024 08:30: Ama: hi\n13/03/2024 08:31: Ewa: <Media omitted>\n")
    assert evidence.source["platform"] == "unknown"
    assert observe(WORDINGS, "I-25", evidence) == []
