"""Whose phone made the export."""

from integrity.chats import android, iphone
from integrity.received import evidence_from, observe

from chatforensics.integrity import Observation
from chatforensics.integrity.exporter import EXPORTER

GONE, OWN = "This message was deleted", "You deleted this message"
HELLO = [("Ama", "hi there"), ("Björn", "hello"), ("Çelik", "morning")]


def seen(*rows: tuple[str | None, str]) -> list[Observation]:
    return observe(EXPORTER, "I-18", evidence_from(android(*rows)))


def test_senders_whom_no_notice_names_may_have_made_the_export() -> None:
    (told,) = seen((None, 'You created group "Boats"'), (None, "You added Björn"), *HELLO)
    assert told.value == (
        "“You” stands in 2 of 2 notices; 2 of 3 senders are named by no notice and may have made it: “Ama”, “Çelik”."
    )
    assert (told.level, told.lines) == ("info", [1, 2])


def test_where_notices_name_everybody_the_exporter_writes_nothing() -> None:
    (told,) = seen((None, "You added Ama, Björn and Çelik"), *HELLO)
    assert "notices name all 3 senders" in told.value


def test_without_you_in_a_notice_there_is_nothing_to_tell() -> None:
    assert seen((None, "Ama added Björn"), *HELLO) == []


def test_what_the_owner_deleted_shows_the_owners_label() -> None:
    (told,) = seen(*HELLO, ("Ama", GONE), ("Björn", OWN), ("Björn", OWN))
    assert (told.level, told.lines) == ("info", [5, 6])
    assert told.value == "2 messages marked “You deleted this message”, all under “Björn”."


def test_on_an_iphone_the_same_holds() -> None:
    rows = [*HELLO, ("Ama", f"\u200e{GONE}."), ("Björn", f"\u200e{OWN}.")]
    (told,) = observe(EXPORTER, "I-18", evidence_from(iphone(*rows)))
    assert (told.level, told.lines) == ("info", [5])


def test_an_owner_whom_a_notice_names_is_unexplained() -> None:
    (told,) = seen((None, "Ama added Björn"), *HELLO, ("Björn", OWN))
    assert (told.level, told.lines) == ("unexplained", [1, 5])
    assert told.value.endswith("all under “Björn”, a label in 1 notice, where the owner is “You”.")


def test_two_senders_who_are_you_are_unexplained() -> None:
    (told,) = seen(*HELLO, ("Björn", OWN), ("Çelik", GONE), ("Ama", OWN))
    assert (told.level, told.lines) == ("unexplained", [4, 6])
    assert told.value.endswith("under 2 senders: “Ama”, “Björn”.")


def test_what_others_deleted_shows_no_owner() -> None:
    assert seen(*HELLO, ("Ama", GONE), ("Björn", "This message was deleted by admin Ama")) == []


def test_a_message_deleted_as_an_admin_stands_under_its_sender_and_shows_no_owner() -> None:
    assert seen(*HELLO, ("Ama", "You deleted this message as admin"), ("Björn", OWN))[0].level == "info"
