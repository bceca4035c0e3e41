from datetime import UTC, datetime, timedelta

import pytest
from joining.phones import START, Export, Said, join, notice, talk

PEOPLE = ("Kaveh", "Leilani", "Magdalena")
Stay = tuple[float | None, float | None, str]


def stays(label: str, *exports: Export) -> list[Stay]:
    """Return the stays of a label: seconds from the start (null: still there) and basis."""
    joined = join(*exports)
    people = joined.people.explode("labels", empty_as_null=True).select("person_id", "labels")
    found = joined.memberships.join(people, on="person_id").sort("from_at")
    rows = found.rows(named=True)
    return [(seconds(row["from_at"]), seconds(row["to_at"]), row["basis"]) for row in rows if row["labels"] == label]


def seconds(at: datetime | None) -> float | None:
    return None if at is None else (at - START.replace(tzinfo=UTC)) / timedelta(seconds=1)


GROUP = [notice(0, "created", "Kaveh"), *talk(12, PEOPLE[:2], start_s=60)]


def test_notices_begin_and_end_stays() -> None:
    moves = [notice(4000, "added", "Kaveh", "Nanook"), notice(5000, "left", "Nanook"), notice(6000, "joined", "Nanook")]
    assert stays("Nanook", Export("a", [*GROUP, *moves])) == [(3960, 4980, "event"), (6000, None, "event")]


def test_a_removal_ends_a_stay_whose_beginning_is_assumed() -> None:
    removed = notice(5000, "removed", "Kaveh", "Leilani")
    assert stays("Leilani", Export("a", [*GROUP, removed])) == [(0, 4980, "assumed")]


def test_the_creator_is_there_from_the_start_by_notice_and_other_posters_by_assumption() -> None:
    assert stays("Kaveh", Export("a", GROUP)) == [(0, None, "event")]
    assert stays("Leilani", Export("a", GROUP)) == [(0, None, "assumed")]


def test_who_only_acts_in_notices_was_there_too() -> None:
    renamed = notice(5000, "subject_changed", "Osagie")
    assert stays("Osagie", Export("a", [*GROUP, renamed])) == [(0, None, "assumed")]


def test_posts_after_leaving_are_a_stay_of_their_own() -> None:
    late = [notice(4000, "left", "Leilani"), Said(9000, "Leilani", "back again"), Said(9600, "Leilani", "and again")]
    assert stays("Leilani", Export("a", [*GROUP, *late])) == [(0, 3960, "assumed"), (9000, 9600, "posted")]


def test_a_notice_that_two_exports_show_counts_once() -> None:
    moves = [*GROUP, notice(4000, "added", "Kaveh", "Nanook"), notice(5000, "left", "Nanook")]
    exports = (Export("a", moves), Export("b", moves, ahead_s=25))
    assert [(stay[0] or 0) // 100 for stay in stays("Nanook", *exports)] == [39]


def test_both_people_of_a_one_to_one_chat_are_in_it_even_if_one_never_posts() -> None:
    said = [Said(0, "Petra", "hello there"), Said(60, "Petra", "are you there")]
    export = Export("a", said, title="+44 7700 900555")
    assert stays("Petra", export) == stays("+44 7700 900555", export) == [(0, None, "assumed")]


def test_a_title_that_is_no_number_and_no_known_label_is_no_person() -> None:
    assert join(Export("a", [Said(0, "Petra", "hello there")], title="Allotment")).people.height == 1


def test_an_exporter_who_only_reads_a_group_is_in_it() -> None:
    direct = Export("a", talk(4, ("Rewi", "Kaveh"), topic="direct"), folder="x", title="Kaveh")
    group = Export("b", [notice(0, "created", "Kaveh"), *talk(9, PEOPLE, start_s=60)], folder="x")
    assert (0, None, "assumed") in stays("Rewi", group, direct)
    assert join(group, direct).memberships.height == 6


@pytest.mark.parametrize("event", ["created", "added", "joined", "left", "removed", "icon_changed"])
def test_group_notices_make_a_group_of_two_posters(event: str) -> None:
    export = Export("a", [*talk(4, PEOPLE[:2]), notice(5000, event, "Kaveh", "Leilani")])
    assert join(export).chats["kind"].to_list() == ["group"]


def test_three_posters_make_a_group_and_two_do_not() -> None:
    assert join(Export("a", talk(6, PEOPLE))).chats["kind"].to_list() == ["group"]
    encrypted = notice(0, "encryption", None)
    assert join(Export("a", [encrypted, *talk(6, PEOPLE[:2])])).chats["kind"].to_list() == ["direct"]
