"""Marks of deleted, edited and disappearing messages."""

from integrity.chats import PEOPLE, android, evidence_of_records, notice, talk
from integrity.received import evidence_from, observe

from chatforensics.integrity.removals import REMOVALS

GONE, OWN = "This message was deleted", "You deleted this message"
BY_ADMIN = "This message was deleted by admin Ewa"


def test_deleted_messages_are_counted_by_sender_and_day() -> None:
    raw = android(("Ama", GONE), ("Björn", "hi"), ("Ama", GONE), ("Çelik", BY_ADMIN), ("Björn", OWN), minutes=600)
    (seen,) = observe(REMOVALS, "I-15", evidence_from(raw))
    assert seen.level == "info"
    assert seen.value == (
        "4 messages marked as deleted: 2 of “Ama”, 1 of “Çelik”, 1 of “Björn”; on 3 days, most on 2024-03-14 (2); "
        "1 of them by an admin who is named."
    )
    assert seen.lines == [1, 3, 4, 5]


def test_edited_messages_are_counted_apart() -> None:
    raw = android(("Ama", "at nine <This message was edited>"), ("Björn", GONE), ("Ama", "fine"))
    deleted, edited = observe(REMOVALS, "I-15", evidence_from(raw))
    assert (deleted.lines, edited.lines) == ([2], [1])
    assert edited.value == "1 message marked as edited: 1 of “Ama”; on 1 day, most on 2024-03-13 (1)."


def test_senders_are_told_in_the_order_of_the_file_and_not_ranked() -> None:
    rows = [("Ewa", GONE), *[("Ama", GONE)] * 5]
    (seen,) = observe(REMOVALS, "I-15", evidence_from(android(*rows)))
    assert "1 of “Ewa”, 5 of “Ama”" in seen.value


def test_after_five_senders_the_rest_is_one_number() -> None:
    rows = [(name, GONE) for name in (*PEOPLE, "Fatima", "Goran")]
    (seen,) = observe(REMOVALS, "I-15", evidence_from(android(*rows)))
    assert "1 of “Ewa”, 2 of 2 others" in seen.value


def test_of_many_marks_the_first_thousand_lines_are_named() -> None:
    (seen,) = observe(REMOVALS, "I-15", evidence_from(android(*[("Ama", GONE)] * 1200, minutes=1)))
    assert seen.value.startswith("1,200 messages marked as deleted")
    assert seen.lines == list(range(1, 1001))


def test_a_chat_without_marks_says_nothing() -> None:
    evidence = evidence_of_records(talk(20))
    assert observe(REMOVALS, "I-15", evidence) == []
    assert observe(REMOVALS, "I-16", evidence) == []


def test_switches_of_disappearing_messages_are_named_with_their_span() -> None:
    said = [notice("disappearing_changed", "Ama"), *talk(5), notice("disappearing_changed", "You")]
    (seen,) = observe(REMOVALS, "I-16", evidence_of_records(said))
    assert seen.value == (
        "2 notices that disappearing messages were switched, from 2024-03-13 08:40 to 2024-03-13 09:40."
    )
    assert (seen.level, seen.lines) == ("info", [1, 7])
