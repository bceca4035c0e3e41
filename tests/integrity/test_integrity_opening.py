"""How an export begins, and its length."""

import pytest
from integrity.chats import Said, android, evidence_of_records, found, notice, talk
from integrity.received import evidence_from, observe

from chatforensics.integrity.opening import OPENING

ENCRYPTION = "Messages and calls are end-to-end encrypted. Only people in this chat can read, listen to, or share them."
ENCRYPTED = (None, ENCRYPTION)


@pytest.mark.parametrize(
    "first",
    [notice("encryption"), notice("created", "Ama"), notice("added", "Ama", "You"), notice("joined", "You")],
    ids=["encryption", "created", "added", "joined"],
)
def test_a_notice_of_the_beginning_is_nothing_odd(first: Said) -> None:
    assert found(OPENING, "I-12", [first, *talk(20)]) == []


@pytest.mark.parametrize(
    "first", [notice("added", "Ama", "Ewa"), notice("subject_changed", "You")], ids=["added", "title"]
)
def test_other_notices_are_no_beginning(first: Said) -> None:
    assert found(OPENING, "I-12", [first, *talk(20)]) == [("info", [1])]


def test_a_real_export_of_a_phone_begins_with_its_notice() -> None:
    assert observe(OPENING, "I-12", evidence_from(android(ENCRYPTED, ("Ama", "hi"), ("Ewa", "hello")))) == []
    assert len(observe(OPENING, "I-12", evidence_from(android(("Ama", "hi"), ("Ewa", "hello"))))) == 1


def test_a_beginning_far_down_is_none() -> None:
    assert found(OPENING, "I-12", [*talk(10), notice("encryption"), *talk(3)]) == [("info", [1])]


def test_messages_before_the_group_was_created_are_unexplained() -> None:
    seen = OPENING["I-12"].find(evidence_of_records([*talk(3), notice("created", "Ama"), *talk(3)]))
    assert [(one.level, one.value, one.lines) for one in seen] == [
        ("unexplained", "3 messages before the notice that the group was created.", [4])
    ]


def test_notices_before_the_creation_are_those_of_an_opening_in_disorder() -> None:
    assert found(OPENING, "I-12", [notice("encryption"), notice("created", "Ama"), *talk(3)]) == []


@pytest.mark.parametrize(("n", "seen"), [(39_499, 0), (39_500, 1), (40_001, 1), (40_002, 0)])
def test_the_cap_without_media(n: int, seen: int) -> None:
    assert len(found(OPENING, "I-13", [Said("Ama", "ok")] * n)) == seen


@pytest.mark.parametrize(("first", "seen"), [(Said("Ama", "ok"), 1), (notice("created", "Ama"), 0)])
def test_the_cap_counts_only_where_no_beginning_stands(first: Said, seen: int) -> None:
    assert len(found(OPENING, "I-13", [first, *[Said("Ama", "ok")] * 39_999])) == seen


def test_with_media_the_cap_is_lower() -> None:
    photo = "IMG-20240313-WA0001.jpg (file attached)"
    rows = [("Ama", photo), *[("Ewa", "ok")] * 9_999]
    assert "10,000 with media" in observe(OPENING, "I-13", evidence_from(android(*rows, minutes=1)))[0].value
    assert observe(OPENING, "I-13", evidence_from(android(*rows[1:], minutes=1))) == []
