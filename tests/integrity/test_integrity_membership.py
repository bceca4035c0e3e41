"""Who writes while notices say that they are out."""

from hypothesis import given, settings
from hypothesis import strategies as st
from integrity.chats import Said, evidence_of_records, found, notice

from chatforensics.integrity.membership import MEMBERSHIP


def seen(*said: Said) -> list[tuple[str, list[int]]]:
    return found(MEMBERSHIP, "I-17", said)


def test_writing_between_coming_and_going_is_nothing_odd() -> None:
    assert seen(notice("joined", "Ama"), Said("Ama", "hi"), notice("left", "Ama"), Said("Ewa", "bye")) == []


def test_writing_after_leaving_is_unexplained() -> None:
    assert seen(Said("Ama", "hi"), notice("left", "Ama"), Said("Ama", "still here")) == [("unexplained", [3])]


def test_writing_after_being_removed_is_unexplained() -> None:
    assert seen(notice("removed", "Ewa", "Ama", "Björn"), Said("Björn", "still here")) == [("unexplained", [2])]


def test_after_a_return_everything_is_in_order_again() -> None:
    assert seen(notice("left", "Ama"), notice("added", "Ewa", "Ama"), Said("Ama", "hi")) == []


def test_writing_before_coming_in_is_unexplained() -> None:
    assert seen(Said("Ama", "hi"), notice("added", "Ewa", "Ama"), Said("Ama", "hello")) == [("unexplained", [1])]


def test_whoever_created_the_group_was_there_before_the_notice() -> None:
    assert seen(Said("Ama", "hi"), notice("created", "Ama")) == []


def test_what_arrives_within_two_minutes_is_late_delivery() -> None:
    assert seen(notice("left", "Ama"), Said("Ama", "bye", after_s=120)) == []
    assert seen(notice("left", "Ama"), Said("Ama", "bye", after_s=121)) == [("unexplained", [2])]
    assert seen(Said("Ama", "hi"), notice("joined", "Ama", after_s=60)) == []


def test_two_notices_of_coming_in_without_going_out_are_information() -> None:
    assert seen(notice("added", "Ewa", "Ama"), notice("added", "Ewa", "Ama")) == [("info", [2])]
    assert seen(notice("left", "Ama"), notice("removed", "Ewa", "Ama")) == [("info", [2])]


def test_a_number_that_was_changed_and_goes_on_is_information() -> None:
    number = "+44 7700 900123"
    assert seen(notice("number_changed", number), Said(number, "hi")) == [("info", [2])]
    assert seen(notice("number_changed", "Ama"), Said("Ama", "hi")) == []


def test_a_number_in_invisible_marks_is_the_number_without_them() -> None:
    number = "+44 7700 900123"
    assert seen(notice("left", f"\u202a{number}\u202c"), Said(number, "hi")) == [("unexplained", [2])]


def test_messages_after_the_exporter_went_out_are_unexplained() -> None:
    assert seen(notice("removed", "Ewa", "You"), Said("Ama", "hi")) == [("unexplained", [2])]
    assert seen(notice("left", "You"), Said("Ama", "hi", after_s=60)) == []
    assert seen(notice("left", "You"), notice("joined", "You"), Said("Ama", "hi")) == []


def test_notices_after_the_exporter_went_out_are_no_messages() -> None:
    assert seen(notice("left", "You"), notice("subject_changed", "Ama")) == []


def test_a_name_with_a_comma_is_one_name() -> None:
    removed = Said(
        None, "Ewa removed Okafor, Ama", event="removed", targets=("Okafor", "Ama"), actor="Ewa", kind="system"
    )
    assert seen(Said("Okafor, Ama", "hi"), removed, Said("Ama", "hello")) == []
    assert seen(Said("Okafor, Ama", "hi"), removed, Said("Okafor, Ama", "hello")) == [("unexplained", [3])]


def test_the_senders_are_named() -> None:
    (told,) = MEMBERSHIP["I-17"].find(evidence_of_records([notice("left", "Ama"), Said("Ama", "hi")]))
    assert told.value == ("1 message by senders whom a notice has out of the chat, with no notice of a return: “Ama”.")


STEPS = st.tuples(st.sampled_from(["post", "joined", "left"]), st.sampled_from(["Ama", "Bo", "Chi"]))


@settings(max_examples=50, deadline=None)
@given(st.lists(STEPS, max_size=30))
def test_the_lines_are_those_of_a_slow_walk_through_the_file(steps: list[tuple[str, str]]) -> None:
    said = [Said(name, "hi") if what == "post" else notice(what, name) for what, name in steps]
    state: dict[str, str] = {}
    early: dict[str, list[int]] = {}
    outside, before = [], []
    for line, (what, name) in enumerate(steps, start=1):
        if what == "post" and state.get(name) == "left":
            outside.append(line)
        elif what == "post" and name not in state:
            early.setdefault(name, []).append(line)
        elif what != "post":
            if what == "joined" and name not in state:
                before += early.get(name, [])
            state[name] = what
    want = [("unexplained", sorted(lines)) for lines in (outside, before) if lines]
    assert [one for one in seen(*said) if one[0] == "unexplained"] == want
