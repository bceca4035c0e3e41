"""Words of the phone with a sender, and notices in several languages."""

import pytest
from integrity.chats import Said, android, evidence_of_records, found, iphone, notice, talk
from integrity.received import evidence_from, observe

from chatforensics.integrity.notices import NOTICES

JOINED = "joined using this group's invite link"


def test_the_words_of_a_notice_with_a_sender_are_named() -> None:
    raw = android((None, f"Björn {JOINED}"), ("Ama", "hi"), ("Ewa", f"Çelik {JOINED}"))
    (told,) = observe(NOTICES, "I-19", evidence_from(raw))
    assert (told.level, told.lines) == ("info", [3])
    assert told.value == "1 message in the words of notices of this export, but with a sender: “Ewa”."


def test_a_notice_that_names_nobody_is_known_by_all_its_words() -> None:
    words = "Messages and calls are end-to-end encrypted. Only people in this chat can read, listen to, or share them."
    raw = android((None, words), ("Ama", "hi"), ("Ewa", words), ("Ama", f"what does this mean: {words}"))
    assert [told.lines for told in observe(NOTICES, "I-19", evidence_from(raw))] == [[3]]


@pytest.mark.parametrize(
    "text", ["Ama left", "Ewa left in a hurry", f"who was it that {JOINED} yesterday and then went?"]
)
def test_short_wordings_and_sentences_around_a_wording_are_people_talking(text: str) -> None:
    raw = android((None, "Björn left"), (None, f"Björn {JOINED}"), ("Ama", "hi"), ("Ewa", text))
    assert observe(NOTICES, "I-19", evidence_from(raw)) == []


def test_an_export_without_notices_knows_no_wording() -> None:
    assert found(NOTICES, "I-19", [Said("Ama", f"Ewa {JOINED}"), *talk(3)]) == []


def test_a_mark_for_not_typed_in_a_senders_mouth_is_named() -> None:
    rows = [("Shop", "\u200eThis is something that no table knows"), ("Ama", "hi"), ("Ama", "\u200eimage omitted")]
    (told,) = observe(NOTICES, "I-19", evidence_from(iphone(*rows)))
    assert told.lines == [1]
    assert "U+200E" in told.value
    assert "First of all an iPhone" in NOTICES["I-19"].innocent


def test_notices_in_one_language_are_nothing_odd() -> None:
    raw = android((None, 'Ama created group "Boats"'), (None, "Ama added Ewa"), ("Ewa", "hi"), (None, "Ewa left"))
    assert observe(NOTICES, "I-26", evidence_from(raw)) == []


def test_notices_in_two_languages_are_unexplained() -> None:
    german = (None, "Ama hat die Gruppe verlassen")
    rows = [(None, 'Ama created group "Boats"'), (None, "Ama added Ewa"), ("Ewa", "hi"), german]
    (told,) = observe(NOTICES, "I-26", evidence_from(android(*rows)))
    assert (told.level, told.lines) == ("unexplained", [4])
    assert told.value == "3 notices: 2 in en, 1 in de."


def test_a_notice_of_unknown_language_counts_for_none() -> None:
    assert observe(NOTICES, "I-26", evidence_of_records([notice("left", "Ama"), *talk(3)])) == []
