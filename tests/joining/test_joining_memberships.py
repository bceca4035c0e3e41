from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joining.phones import START, Export, Said, join, label_of, notice, talk

from chatforensics.schema import TABLES, check

PEOPLE = ("Kaveh", "Leilani", "Magdalena")
MEMBERS = ("Leilani", "Magdalena", "Nanook", "Osagie")
Stay = tuple[float | None, float | None, str]


def stays(label: str, *exports: Export) -> list[Stay]:
    """Return the stays of a label: seconds from the start (null: still there) and basis."""
    joined = join(*exports)
    people = joined.people.explode("labels", empty_as_null=True).select("person_id", "labels")
    found = joined.memberships.join(people, on="person_id").sort("from_at")
    rows = found.rows(named=True)
    return [(seconds(row["from_at"]), seconds(row["to_at"]), row["basis"]) for row in rows if row["labels"] == label]


def details(label: str, *exports: Export) -> list[dict[str, Any]]:
    """Return the stays of a label with everything that is known of them, people by their first label."""
    joined = join(*exports)
    names = dict(joined.people.select("person_id", pl.col("labels").list.first()).iter_rows())
    titles = {export.source_id: export.name for export in exports}
    found = check(joined.memberships, table="memberships").sort("from_at").rows(named=True)
    return [
        row
        | {name: names.get(row[name]) for name in ("person_id", "added_by", "removed_by")}
        | {name: seconds(row[name]) for name, kind in TABLES["memberships"].items() if isinstance(kind, pl.Datetime)}
        | {"source_ids": sorted(titles[source] for source in row["source_ids"])}
        for row in found
        if names[row["person_id"]] == label
    ]


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
    ((begin, end, basis),) = stays("Nanook", *exports)
    assert begin == pytest.approx(4000, abs=60)
    assert end == pytest.approx(5000, abs=60)
    assert basis == "event"


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


def test_a_stay_says_who_brought_the_person_in_and_who_put_them_out() -> None:
    moves = [notice(4000, "added", "Kaveh", "Nanook"), notice(5000, "removed", "Leilani", "Nanook")]
    (stay,) = details("Nanook", Export("a", [*GROUP, *moves]))
    assert (stay["entry"], stay["added_by"], stay["exit"], stay["removed_by"]) == (
        "added",
        "Kaveh",
        "removed",
        "Leilani",
    )


def test_who_joins_leaves_or_creates_does_so_by_nobodys_hand() -> None:
    moves = [notice(4000, "joined", "Nanook"), notice(5000, "left", "Nanook")]
    (stay,) = details("Nanook", Export("a", [*GROUP, *moves]))
    assert (stay["entry"], stay["added_by"], stay["exit"], stay["removed_by"]) == ("joined", None, "left", None)
    assert details("Kaveh", Export("a", GROUP))[0]["entry"] == "created"


def test_a_stay_says_when_the_person_was_first_and_last_seen_to_post_or_act() -> None:
    moves = [
        notice(4000, "added", "Kaveh", "Nanook"),
        Said(4500, "Nanook", "hello everybody"),
        notice(4800, "icon_changed", "Nanook"),
        notice(5400, "security_code_changed", "Nanook"),
    ]
    (stay,) = details("Nanook", Export("a", [*GROUP, *moves]))
    assert (stay["first_seen_at"], stay["last_seen_at"]) == (4500, 4800)


def test_who_is_only_named_in_a_stay_was_not_seen_in_it() -> None:
    (stay,) = details("Nanook", Export("a", [*GROUP, notice(4000, "added", "Kaveh", "Nanook")]))
    assert (stay["first_seen_at"], stay["last_seen_at"]) == (None, None)


def test_an_entry_in_one_export_pairs_with_an_exit_in_another_and_the_stay_rests_on_both() -> None:
    come, go = notice(4000, "added", "Kaveh", "Nanook"), notice(12000, "left", "Nanook")
    rest = talk(24, (*PEOPLE, "Nanook"), start_s=4200, topic="rest")
    early, late = Export("a", [*GROUP, come, *rest[:18]]), Export("b", [*rest[2:], go])
    (stay,) = details("Nanook", early, late)
    assert (stay["entry"], stay["exit"], stay["source_ids"]) == ("added", "left", ["a", "b"])


def test_who_left_and_came_back_twice_has_three_stays_in_two_exports_with_other_clocks() -> None:
    moves = [notice(4000 + 60 * n, "left" if n % 2 == 0 else "joined", "Leilani") for n in range(5)]
    exports = (Export("a", [*GROUP, *moves]), Export("b", [*GROUP, *moves], ahead_s=25))
    found = details("Leilani", *exports)
    assert [(stay["entry"], stay["exit"]) for stay in found] == [(None, "left"), ("joined", "left"), ("joined", "left")]
    assert all(stay["source_ids"] == ["a", "b"] for stay in found[1:])


def test_a_changed_number_does_not_end_a_stay() -> None:
    changed = notice(4000, "number_changed", "Leilani", new="+44 7700 900777")
    posts = [Said(5000, "+44 7700 900777", "this is my new number everybody")]
    (stay,) = details("Leilani", Export("a", [*GROUP, changed, *posts]))
    assert (stay["from_at"], stay["to_at"], stay["exit"]) == (0, None, None)
    assert stay["last_seen_at"] == 4980


def test_posts_before_an_entry_are_a_stay_of_their_own() -> None:
    moves = [Said(3900, "Nanook", "I am here already"), notice(9000, "added", "Kaveh", "Nanook")]
    assert stays("Nanook", Export("a", [*GROUP, *moves])) == [(3900, 3900, "posted"), (9000, None, "event")]


def test_a_second_exit_ends_what_was_posted_after_the_first() -> None:
    moves = [notice(4000, "left", "Leilani"), Said(6000, "Leilani", "back again"), notice(9000, "left", "Leilani")]
    found = details("Leilani", Export("a", [*GROUP, *moves]))
    assert [(stay["from_at"], stay["to_at"], stay["exit"]) for stay in found] == [
        (0, 3960, "left"),
        (6000, 9000, "left"),
    ]


def test_a_second_entry_without_an_exit_begins_another_stay_since_phones_of_members_do_not_show_who_left() -> None:
    moves = [notice(4000, "added", "Kaveh", "Nanook"), notice(9000, "added", "Leilani", "Nanook")]
    found = details("Nanook", Export("a", [*GROUP, *moves]))
    assert [(stay["from_at"], stay["to_at"], stay["exit"]) for stay in found] == [
        (3960, 9000, None),
        (9000, None, None),
    ]


def away(*moves: Said) -> Export:
    """Return an export whose owner was out of the chat from 4000 to 30000 seconds."""
    gone = [notice(4000, "left", "You"), notice(30000, "added", "Kaveh", "You")]
    return Export(
        "a", sorted([*GROUP, *gone, *moves, *talk(6, ("Kaveh",), start_s=30300, topic="x")], key=lambda s: s.at_s)
    )


def test_a_stay_that_began_while_no_export_covered_the_chat_begins_where_coverage_ended() -> None:
    export = away(notice(3700, "left", "Leilani"), Said(31000, "Leilani", "I came back meanwhile"))
    assert stays("Leilani", export) == [(0, 3660, "assumed"), (3960, None, "assumed")]


def test_a_stay_that_ended_while_no_export_covered_the_chat_ends_where_coverage_begins_again() -> None:
    export = away(notice(3700, "added", "Kaveh", "Nanook"), notice(32000, "added", "Kaveh", "Nanook"))
    found = details("Nanook", export)
    assert [(stay["from_at"], stay["to_at"], stay["exit"]) for stay in found] == [
        (3660, 30000, None),
        (31980, None, None),
    ]


def test_who_is_not_seen_after_a_time_without_coverage_is_still_there() -> None:
    assert stays("Leilani", away()) == [(0, None, "assumed")]


def test_the_exporter_is_there_while_the_export_shows_records_and_not_after_leaving() -> None:
    direct = Export("b", talk(4, ("Rewi", "Kaveh"), topic="direct"), folder="x", title="Kaveh")
    group = [*GROUP, *talk(12, PEOPLE, start_s=4000), notice(8000, "removed", "Kaveh", "You")]
    (stay,) = [stay for stay in details("Rewi", direct, Export("a", group, folder="x")) if stay["exit"]]
    assert (stay["from_at"], stay["to_at"], stay["removed_by"], stay["first_seen_at"]) == (0, 7980, "Kaveh", None)


def test_a_truncated_export_takes_its_people_to_be_there_from_its_first_record() -> None:
    assert stays("Leilani", Export("a", [*GROUP[4:], notice(9000, "left", "Kaveh")])) == [(960, None, "assumed")]


def test_who_of_two_adders_it_was_is_left_open_where_two_exports_name_different_people() -> None:
    exports = [
        Export(name, [*GROUP, notice(4000, "added", by, "Nanook")]) for name, by in (("a", "Kaveh"), ("b", "Leilani"))
    ]
    (stay,) = details("Nanook", *exports)
    assert (stay["entry"], stay["added_by"]) == ("added", None)


Steps = list[tuple[str, str]]
STEPS = st.lists(
    st.tuples(st.sampled_from(MEMBERS), st.sampled_from(["post", "move", "hand"])), min_size=6, max_size=24
)


def play(steps: Steps) -> tuple[list[Said], dict[str, list[tuple[float, bool]]]]:
    """Return what happens in a group that Kaveh makes and never leaves, and when each member came in and went out."""
    said, moves = [notice(0, "created", "Kaveh")], {member: [(0.0, False)] for member in MEMBERS}
    for number, (who, what) in enumerate(steps):
        at = 600.0 * (number + 1)
        inside = moves[who][-1][1]
        said += [Said(at + 200 * n, "Kaveh", f"minutes of the meeting number {number:03d} part {n}") for n in (1, 2)]
        if what == "post":
            said += [Said(at, who, f"what {who} has to say on point {number:03d}")] if inside else []
            continue
        event = ("left" if inside else "joined") if what == "move" else "removed" if inside else "added"
        said.append(notice(at, event, who) if what == "move" else notice(at, event, "Kaveh", who))
        moves[who].append((at, not inside))
    return sorted(said, key=lambda one: one.at_s), moves


def shown_to(owner: str, said: list[Said], moves: list[tuple[float, bool]]) -> list[Said]:
    """Return what a phone shows of it: the time while its owner is in; notices call the owner "You"."""
    inside = [
        one for one in said if any(at == one.at_s or (at < one.at_s and to) for at, to in moves if at <= one.at_s)
    ]
    inside = [
        one
        for one in inside
        if [to for at, to in moves if at < one.at_s][-1:] == [True] or any(at == one.at_s for at, _ in moves[1:])
    ]
    return [name_owner(one, owner) for one in inside]


def name_owner(said: Said, owner: str) -> Said:
    if said.event is None:
        return said
    event, actor, targets = said.event
    you = ["You" if name == owner else name for name in (actor or "", *targets)]
    return Said(said.at_s, None, said.text, "system", (event, you[0], tuple(you[1:])))


@settings(max_examples=15, deadline=None)
@given(steps=STEPS, owner=st.sampled_from(MEMBERS), ahead=st.integers(-20, 20))
def test_with_one_phone_always_there_members_at_each_moment_are_exactly_those_who_were_in(
    steps: Steps, owner: str, ahead: int
) -> None:
    said, moves = play(steps)
    exports = [Export("a", said), Export("b", shown_to(owner, said, moves[owner]), ahead_s=ahead)]
    joined = join(*(export for export in exports if export.said))
    main = joined.sources.filter(pl.col("path") == "a.txt")["chat_id"][0]
    found = [row for row in joined.memberships.rows(named=True) if row["chat_id"] == main]
    for member in MEMBERS:
        own = [row for row in found if row["person_id"] in label_of(joined, member)]
        assert [row["basis"] for row in own] == ["event"] * len([at for at, enters in moves[member] if enters])
        for number in range(len(steps)):
            at = 600.0 * (number + 1) + 300
            was_in = [enters for when, enters in moves[member] if when < at][-1]
            spans = [(seconds(row["from_at"]) or 0.0, seconds(row["to_at"])) for row in own]
            assert was_in == any(begin <= at and (end is None or at < end) for begin, end in spans)
