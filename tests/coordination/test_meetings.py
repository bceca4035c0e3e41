from datetime import UTC, datetime, timedelta
from statistics import median
from typing import TypeAlias

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics import schema
from chatforensics.coordination import chances, find_pairs, meetings, pair_shares, sendings, windows
from chatforensics.coordination.meetings import Meetings, count_meetings
from chatforensics.coordination.sendings import gather_sendings

Event: TypeAlias = tuple[str, str, str, int]

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
PEOPLE = st.sampled_from(["amara", "bilal", "chen", "dafydd"])
CHATS = st.sampled_from(["chat-1", "chat-2"])
EVENTS = st.lists(st.tuples(PEOPLE, st.sampled_from(["f1", "f2", "f3"]), CHATS, st.integers(0, 20)), max_size=25)
STAYS = st.lists(st.tuples(CHATS, PEOPLE, st.none() | st.integers(0, 20), st.none() | st.integers(0, 20)), max_size=8)


def some_shares(events: list[Event]) -> schema.Shares:
    rows = [
        (f"s{number}", family, "v", chat, who, NOON + timedelta(minutes=minute), [number], 1.0, [chat, f"of-{who}"])
        for number, (who, family, chat, minute) in enumerate(events)
    ]
    return schema.Shares(pl.DataFrame(rows, schema=dict(schema.TABLES["shares"]), orient="row"))


def some_stays(stays: list[tuple[str, str, int | None, int | None]]) -> schema.Memberships:
    times = [[None if at is None else NOON + timedelta(minutes=at) for at in stay[2:]] for stay in stays]
    rows = [
        {"chat_id": chat, "person_id": who, "from_at": begin, "to_at": end}
        for (chat, who, *_), (begin, end) in zip(stays, times, strict=True)
    ]
    return schema.Memberships(pl.DataFrame(rows, schema=dict(schema.TABLES["memberships"])))


def count(events: list[Event], *, fewest: int = 1) -> Meetings:
    return count_meetings(some_shares(events), pl.Series(["f1", "f2"]), window_s=180, min_participation=fewest)


def count_one_by_one(events: list[Event], *, fewest: int) -> tuple[list[object], list[object]]:
    """Return what `count_meetings` returns, from the list of all pairs of shares."""
    shares = some_shares(events)
    table = shares.select(
        account_id="person_id", object_id="family_id", timestamp_share="sent_at", content_id="share_id"
    )
    listed = pair_shares(table, window_s=180, min_participation=fewest)
    exports = dict(shares.select("share_id", "source_ids").iter_rows())
    times = dict(shares.select("share_id", "sent_at").iter_rows())
    met: dict[tuple[str, str], list[tuple[str, str, str, float]]] = {}
    for family, one, other, lag, who, whom in listed.iter_rows():
        met.setdefault((min(who, whom), max(who, whom)), []).append((family, one, other, lag))
    pairs, families = list[object](), list[object]()
    for pair, rows in sorted(met.items()):
        names = sorted({row[0] for row in rows})
        shown = sorted({export for row in rows for share in row[1:3] for export in exports[share]})
        pairs.append((*pair, len(rows), len(names), median(row[3] for row in rows), shown))
        tested = [name for name in names if name != "f3"]
        families += [(*pair, name, min(times[row[1]] for row in rows if row[0] == name)) for name in tested]
    return pairs, families


def rows_of(counted: Meetings) -> tuple[list[object], list[object]]:
    if counted.pairs.is_empty():
        return [], []
    columns = ["person_a", "person_b", "n_shares", "n_families", "median_lag_s", "source_ids"]
    families = counted.families.sort("person_a", "person_b", "family_id")
    return list(counted.pairs[columns].iter_rows()), list(families.iter_rows())


@settings(max_examples=50, deadline=None)
@given(events=EVENTS, fewest=st.integers(0, 4))
def test_counts_equal_those_of_the_listed_pairs(events: list[Event], fewest: int) -> None:
    assert rows_of(count(events, fewest=fewest)) == count_one_by_one(events, fewest=fewest)


@settings(max_examples=40, deadline=None)
@given(events=EVENTS, block=st.integers(1, 5), kept=st.integers(0, 5), largest=st.sampled_from([0, 2**63]))
def test_the_size_of_the_blocks_changes_nothing(events: list[Event], block: int, kept: int, largest: int) -> None:
    whole = rows_of(count(events))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(windows, "BLOCK_PAIRS", block)
        patch.setattr(meetings, "KEPT", kept)
        patch.setattr(meetings, "LARGEST", largest)
        assert rows_of(count(events)) == whole


def test_a_busy_text_leaves_one_row_for_two_people_and_a_lag() -> None:
    pile = meetings._Pile(np.add)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(meetings, "KEPT", 10)
        for _ in range(100):
            pile.put(np.array([7, 7, 8]), np.array([60, 60, 0]), np.ones(3, dtype=np.int64))
            assert pile._height <= 12
    assert [column.tolist() for column in pile.take()] == [[7, 8], [60, 0], [200, 100]]


@settings(max_examples=80, deadline=None)
@given(events=EVENTS, stays=STAYS, portion=st.sampled_from([1, 1000]))
def test_readings_equal_those_found_one_by_one(
    events: list[Event], stays: list[tuple[str, str, int | None, int | None]], portion: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sendings, "PORTION", portion)
        found = gather_sendings(some_shares(events), some_stays(stays), window_s=60)
    wanted = {
        (sender, int((NOON + timedelta(minutes=minute)).timestamp()))
        for sender, family, who in found.senders.select("sender", "family_id", "person_id").iter_rows()
        for by, of, chat, minute in events
        for where, member, begin, end in stays
        if (of, where, member) == (family, chat, who) and by != who
        if (begin is None or begin <= minute) and (end is None or minute < end)
    }
    assert found.readings.rows() == sorted(wanted)


@pytest.mark.parametrize("most", [1, 7, 10_000])
def test_how_many_windows_are_looked_at_together_changes_nothing(most: int) -> None:
    events = [(f"p{n % 7}", f"f{n % 2}", "chat-1", 3 * (n * n % 23)) for n in range(60)]
    stays = some_stays([("chat-1", f"p{n}", None, None) for n in range(7)])
    whole = find_pairs(some_shares(events), stays, clock_step_s=60, window_s=180)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chances, "MOST_WINDOWS", most)
        assert find_pairs(some_shares(events), stays, clock_step_s=60, window_s=180).equals(whole)
