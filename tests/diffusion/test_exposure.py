from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tablerows import fill

from chatforensics import schema
from chatforensics.diffusion import exposure as module
from chatforensics.diffusion.exposure import count_reached, most_exposed

NINE = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
Sent: TypeAlias = tuple[str, str, str, int]
Stay: TypeAlias = tuple[str, str, int | None, int | None]
PEOPLE = st.sampled_from(["amara", "bilal", "chen", "dafydd"])
CHATS = st.sampled_from(["chat-1", "chat-2"])
MINUTE = st.integers(0, 12)
SENT = st.lists(st.tuples(PEOPLE, CHATS, st.sampled_from(["f1", "f2"]), MINUTE), max_size=10, unique=True)
STAYS = st.lists(st.tuples(CHATS, PEOPLE, st.none() | MINUTE, st.none() | MINUTE), max_size=10)


def at(minute: int | None) -> datetime | None:
    return None if minute is None else NINE + timedelta(minutes=minute)


def some_shares(sent: list[Sent]) -> schema.Shares:
    rows = [
        (f"{who}-{chat}-{family}-{minute}", family, "v", chat, who, at(minute), [number], 1.0, ["a"])
        for number, (who, chat, family, minute) in enumerate(sent)
    ]
    return schema.Shares(fill("shares", rows))


def some_stays(stays: list[Stay]) -> schema.Memberships:
    rows = [{"chat_id": chat, "person_id": who, "from_at": at(a), "to_at": at(b)} for chat, who, a, b in stays]
    return schema.Memberships(pl.DataFrame(rows, schema=dict(schema.TABLES["memberships"])))


def everybody_in(*chats: str) -> list[Stay]:
    return [(chat, who, None, None) for chat in chats for who in ("amara", "bilal", "chen")]


def readers_of(share: Sent, stays: list[Stay]) -> set[str]:
    who, chat, _, minute = share
    there = [
        reader
        for where, reader, start, end in stays
        if where == chat and (start is None or start <= minute) and (end is None or minute < end)
    ]
    return set(there) - {who}


def test_who_was_reached_before_is_not_reached_anew() -> None:
    stays = [*everybody_in("chat-1"), ("chat-2", "amara", None, None), ("chat-2", "dafydd", None, None)]
    stays += [("chat-2", "bilal", None, None)]
    counts = count_reached(some_shares([("amara", "chat-1", "f1", 1), ("amara", "chat-2", "f1", 2)]), some_stays(stays))
    assert counts.drop("share_id").rows() == [(2, 2), (2, 1)]


def test_who_sent_it_before_is_not_reached_anew() -> None:
    sent = [("amara", "chat-1", "f1", 1), ("bilal", "chat-2", "f1", 2)]
    counts = count_reached(some_shares(sent), some_stays([("chat-2", "amara", None, None)]))
    assert counts.drop("share_id").rows() == [(0, 0), (1, 0)]


def test_shares_of_one_time_count_together() -> None:
    sent = [("amara", "chat-1", "f1", 1), ("bilal", "chat-2", "f1", 1)]
    stays: list[Stay] = [("chat-1", "chen", None, None), ("chat-2", "chen", None, None)]
    assert count_reached(some_shares(sent), some_stays(stays)).drop("share_id").rows() == [(1, 1), (1, 1)]


def test_another_family_reaches_anew() -> None:
    sent = [("amara", "chat-1", "f1", 1), ("amara", "chat-1", "f2", 2)]
    counts = count_reached(some_shares(sent), some_stays(everybody_in("chat-1")))
    assert counts["n_newly_reached"].to_list() == [2, 2]


@settings(max_examples=80, deadline=None)
@given(sent=SENT, stays=STAYS)
def test_counts_equal_those_found_one_by_one(sent: list[Sent], stays: list[Stay]) -> None:
    wanted = []
    for share in sent:
        _, _, family, minute = share
        earlier = [other for other in sent if other[2] == family and other[3] < minute]
        known = {who for other in earlier for who in readers_of(other, stays)}
        known |= {who for who, _, of, when in sent if of == family and when <= minute}
        wanted.append((len(readers_of(share, stays)), len(readers_of(share, stays) - known)))
    counts = count_reached(some_shares(sent), some_stays(stays))
    assert counts.drop("share_id").rows() == wanted


@settings(max_examples=80, deadline=None)
@given(sent=SENT, stays=STAYS)
def test_exposed_members_of_chats_equal_those_found_one_by_one(sent: list[Sent], stays: list[Stay]) -> None:
    wanted = {}
    for family, chat in {(share[2], share[1]) for share in sent}:
        mine = [share for share in sent if (share[2], share[1]) == (family, chat)]
        members = {who for share in mine for who in readers_of(share, stays)}
        wanted[family, chat] = (len(mine), len(members), at(min(share[3] for share in mine)))
    found = most_exposed(some_shares(sent), some_stays(stays))
    assert {(family, chat): tuple(rest) for family, chat, *rest in found.iter_rows()} == wanted
    order = [(row["family_id"], -row["n_members_exposed"]) for row in found.iter_rows(named=True)]
    assert order == sorted(order)


@settings(max_examples=30, deadline=None)
@given(sent=SENT, stays=STAYS, portion=st.integers(1, 6))
def test_the_size_of_the_portions_changes_nothing(sent: list[Sent], stays: list[Stay], portion: int) -> None:
    shares, memberships = some_shares(sent), some_stays(stays)
    whole = count_reached(shares, memberships), most_exposed(shares, memberships)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "PORTION", portion)
        parts = count_reached(shares, memberships), most_exposed(shares, memberships)
    assert all(part.equals(all_of) for part, all_of in zip(parts, whole, strict=True))
