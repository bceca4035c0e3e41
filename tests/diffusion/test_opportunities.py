from collections import Counter

import numpy as np
import polars as pl
import pytest
from diffusion.linktables import Sent, Stay, namesake_table, stay_table
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics.diffusion import opportunities as module
from chatforensics.diffusion.candidates import list_alike, list_stays
from chatforensics.diffusion.linkmodel import AGAIN, AGE_EDGES, FIRST, LATER, SIZE_EDGES, bin_of, cell_of
from chatforensics.diffusion.opportunities import Opportunities, count_opportunities
from chatforensics.schema import Memberships

MINUTE_US = 60 * 1_000_000
PEOPLE = ["amara", "bilal", "chen"]


def count(sent: list[Sent], stays: list[Stay], *, alike: list[tuple[str, str]] | None = None) -> Opportunities:
    """Count the opportunities of shares in one family, by their order; the evidence knows three people."""
    namesakes = namesake_table(alike or [])
    ordered = pl.DataFrame(
        [(row, 0, "f1", one.chat, one.who, one.minute * MINUTE_US) for row, one in enumerate(sent)],
        schema={"row": pl.Int64, "family": pl.Int64, "family_id": pl.String, "chat_id": pl.String,
                "person_id": pl.String, "moment": pl.Int64},
        orient="row",
    )  # fmt: skip
    members = Memberships(
        stay_table(stays).with_columns(
            pl.col(column) - pl.datetime(2026, 5, 4, 9, time_zone="UTC") + pl.datetime(1970, 1, 1, time_zone="UTC")
            for column in ("from_at", "to_at")
        )
    )
    people = pl.Series(PEOPLE)
    stayed = list_stays(members, people, namesakes)
    age = np.zeros(len(sent))
    return count_opportunities(ordered, stayed, list_alike(namesakes), age, n_people=len(PEOPLE))


def kinds(counted: Opportunities, *, readers: int = 1, namesake: int = 0) -> list[int]:
    """Return how many opportunities were first, later and again, of shares with so many readers."""
    n = dict(counted.cells.group_by("cell").agg(pl.col("n").sum()).iter_rows())
    size = bin_of(np.array([float(readers)]), SIZE_EDGES)
    age = bin_of(np.array([0.0]), AGE_EDGES)
    cells = [cell_of(np.array([kind]), size, age, np.array([namesake])).item() for kind in (FIRST, LATER, AGAIN)]
    return [n.get(cell, 0) for cell in cells]


def test_one_opportunity_is_one_other_member_at_that_time() -> None:
    stays = [Stay("c", "amara"), Stay("c", "bilal"), Stay("c", "chen", 5)]
    counted = count([Sent("amara", "c", 0), Sent("amara", "c", 9)], stays)
    assert counted.readers.tolist() == [1, 2]
    assert counted.cells["n"].sum() == 3


def test_what_comes_second_is_later_and_what_follows_ones_own_sending_is_again() -> None:
    sent = [Sent("amara", "c", 0), Sent("amara", "c", 5), Sent("bilal", "d", 6), Sent("amara", "c", 9)]
    assert kinds(count(sent, [Stay("c", "bilal")])) == [1, 1, 1]


def test_opportunities_of_namesakes_are_counted_apart() -> None:
    sent, stays = [Sent("amara", "c", 0)], [Stay("c", "bilal")]
    counted = count(sent, stays, alike=[("bilal", "chen")])
    assert (kinds(counted), kinds(counted, namesake=1)) == ([1, 0, 0], [1, 0, 0])
    assert counted.readers.tolist() == [1]


def test_nobody_has_the_opportunity_to_pass_on_what_a_namesake_sent() -> None:
    assert count([Sent("amara", "c", 0)], [Stay("c", "bilal")], alike=[("amara", "bilal")]).cells.is_empty()


def test_a_share_might_have_reached_everybody() -> None:
    sent = [Sent("amara", "c", 0), Sent("bilal", "d", 4)]
    first, later, again = count(sent, [Stay("c", "bilal"), Stay("c", "chen")]).standins[0]
    # At the first share amara has sent, the others read; at the second bilal has sent too.
    assert (first, later, again) == (1 + 1, 1 + 0, 1 + 2)


def test_without_stays_there_are_no_opportunities() -> None:
    counted = count([Sent("amara", "c", 0)], [])
    assert counted.cells.is_empty()
    assert counted.readers.tolist() == [0]


SENT = st.lists(
    st.builds(Sent, st.sampled_from(PEOPLE), st.sampled_from("cd"), st.integers(0, 9)), max_size=8, unique=True
)
TIME = st.none() | st.integers(0, 9)
STAYS = st.lists(st.builds(Stay, st.sampled_from("cd"), st.sampled_from(PEOPLE), TIME, TIME), max_size=6)


@settings(max_examples=60, deadline=None)
@given(sent=SENT.filter(bool), stays=STAYS, portion=st.sampled_from([1, 1000]))
def test_counts_equal_those_found_one_by_one(sent: list[Sent], stays: list[Stay], portion: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "PORTION", portion)
        counted = count(sent, stays)
    wanted: Counter[int] = Counter()
    for who in PEOPLE:
        own = min((one.minute for one in sent if one.who == who), default=99)
        read = [
            one.minute
            for one in sent
            if one.who != who
            and any(
                (stay.chat, stay.who) == (one.chat, who)
                and (stay.begin is None or stay.begin <= one.minute)
                and (stay.end is None or one.minute < stay.end)
                for stay in stays
            )
        ]
        wanted.update(AGAIN if own <= at else FIRST if at == min(read) else LATER for at in read)
    found = np.add.reduce([kinds(counted, readers=n) for n in (1, 2)])
    assert found.tolist() == [wanted[kind] for kind in (FIRST, LATER, AGAIN)]


ALIKE = st.lists(st.sampled_from([("amara", "bilal"), ("bilal", "chen")]), max_size=2, unique=True)


def was_there(who: str, stays: list[Stay], one: Sent) -> bool:
    """Say whether somebody was in the chat of a share."""
    return any(
        (stay.chat, stay.who) == (one.chat, who)
        and (stay.begin is None or stay.begin <= one.minute)
        and (stay.end is None or one.minute < stay.end)
        for stay in stays
    )


@settings(max_examples=40, deadline=None)
@given(sent=SENT.filter(bool), stays=STAYS, alike=ALIKE)
def test_counts_with_namesakes_equal_those_found_one_by_one(
    sent: list[Sent], stays: list[Stay], alike: list[tuple[str, str]]
) -> None:
    counted = count(sent, stays, alike=alike)
    both = {*alike, *((other, one) for one, other in alike)}
    wanted: Counter[tuple[int, int]] = Counter()
    readers = [0] * len(sent)
    for who in PEOPLE:
        own = min((one.minute for one in sent if one.who == who), default=99)
        others = {one for one in PEOPLE if (who, one) in both}
        chats = {stay.chat for stay in stays if stay.who == who}
        read = list[tuple[int, int]]()
        for number, one in enumerate(sent):
            if one.who == who or one.who in others:
                continue
            lent = one.chat not in chats and any(was_there(other, stays, one) for other in others)
            if lent or was_there(who, stays, one):
                read.append((one.minute, int(lent)))
                readers[number] += 1 - int(lent)
        first = min((at for at, _ in read), default=99), min((at for at, other in read if not other), default=99)
        for at, of_namesake in read:
            kind = AGAIN if own <= at else FIRST if at == (first[0] if of_namesake else first[1]) else LATER
            wanted[kind, of_namesake] += 1
    found = {lent: np.add.reduce([kinds(counted, readers=n, namesake=lent) for n in (0, 2)]) for lent in (0, 1)}
    assert counted.readers.tolist() == readers
    assert {(kind, lent): n for lent in (0, 1) for kind, n in enumerate(found[lent]) if n} == dict(wanted)
