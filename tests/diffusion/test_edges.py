from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tablerows import fill

from chatforensics import schema
from chatforensics.diffusion import edges as module
from chatforensics.diffusion.edges import build_edges

NINE = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
Sent: TypeAlias = tuple[str, str, str, int]
Stay: TypeAlias = tuple[str, str, int | None, int | None]
PEOPLE = st.sampled_from(["amara", "bilal", "chen", "dafydd"])
CHATS = st.sampled_from(["chat-1", "chat-2"])
MINUTE = st.integers(0, 30)
SENT = st.lists(st.tuples(PEOPLE, CHATS, st.sampled_from(["f1", "f2"]), MINUTE), max_size=8, unique=True)
STAYS = st.lists(st.tuples(CHATS, PEOPLE, st.none() | MINUTE, st.none() | MINUTE), max_size=10)


def at(minute: int | None) -> datetime | None:
    return None if minute is None else NINE + timedelta(minutes=minute)


def shown(who: str, minute: int | None) -> list[str]:
    """Return invented exports, one to three, that show something."""
    return sorted({f"of-{who[0]}", f"export-{(minute or 0) % 3}", *(["late"] if (minute or 0) > 20 else [])})


def some_shares(sent: list[Sent]) -> schema.Shares:
    rows = [
        (
            f"{who}-{chat}-{family}-{minute}",
            family,
            f"v{minute % 3}",
            chat,
            who,
            at(minute),
            [number],
            1.0,
            shown(who, minute),
        )
        for number, (who, chat, family, minute) in enumerate(sent)
    ]
    return schema.Shares(fill("shares", rows))


def some_stays(stays: list[Stay]) -> schema.Memberships:
    rows = [
        {"chat_id": chat, "person_id": who, "from_at": at(start), "to_at": at(end), "source_ids": shown(who, start)}
        for chat, who, start, end in stays
    ]
    return schema.Memberships(pl.DataFrame(rows, schema=dict(schema.TABLES["memberships"])))


def test_recipients_are_the_members_at_that_time() -> None:
    stays: list[Stay] = [
        ("chat-1", "amara", None, None),
        ("chat-1", "before", None, 5),
        ("chat-1", "joins-then", 5, None),
        ("chat-1", "later", 6, None),
        ("chat-2", "elsewhere", None, None),
    ]
    edges = build_edges(some_shares([("amara", "chat-1", "f1", 5)]), some_stays(stays))
    assert edges["sender_id", "recipient_id"].rows() == [("amara", "joins-then")]


def test_edges_count_shares_and_keep_their_first_and_last_time() -> None:
    shares = some_shares([("amara", "chat-1", "f1", 3), ("amara", "chat-2", "f1", 9), ("amara", "chat-1", "f2", 4)])
    edges = build_edges(shares, some_stays([("chat-1", "bilal", None, None), ("chat-2", "bilal", None, None)]))
    assert edges.select("family_id", "n_shares", "first_at", "last_at").rows() == [
        ("f1", 2, at(3), at(9)),
        ("f2", 1, at(4), at(4)),
    ]


@settings(max_examples=80, deadline=None)
@given(sent=SENT, stays=STAYS)
def test_edges_equal_those_found_one_by_one(sent: list[Sent], stays: list[Stay]) -> None:
    wanted: dict[tuple[str, str, str], set[Sent]] = {}
    exports: dict[tuple[str, str, str], set[str]] = {}
    for share in sent:
        who, chat, family, minute = share
        for where, reader, start, end in stays:
            inside = (start is None or start <= minute) and (end is None or minute < end)
            if where == chat and inside and reader != who:
                wanted.setdefault((who, reader, family), set()).add(share)
                exports.setdefault((who, reader, family), set()).update(shown(who, minute), shown(reader, start))
    edges = build_edges(some_shares(sent), some_stays(stays))
    found = {(row["sender_id"], row["recipient_id"], row["family_id"]): row for row in edges.iter_rows(named=True)}
    assert {key: row["n_shares"] for key, row in found.items()} == {key: len(s) for key, s in wanted.items()}
    assert {key: row["source_ids"] for key, row in found.items()} == {k: sorted(e) for k, e in exports.items()}
    for key, row in found.items():
        minutes = [minute for *_, minute in wanted[key]]
        assert (row["first_at"], row["last_at"]) == (at(min(minutes)), at(max(minutes)))
        assert row["variant_ids"] == sorted({f"v{minute % 3}" for minute in minutes})


@settings(max_examples=40, deadline=None)
@given(sent=SENT, stays=STAYS, other=SENT)
def test_unrelated_shares_never_remove_an_edge(sent: list[Sent], stays: list[Stay], other: list[Sent]) -> None:
    memberships = some_stays(stays)
    alone = build_edges(some_shares(sent), memberships)
    elsewhere = [(who, chat, "another-family", minute) for who, chat, _, minute in dict.fromkeys(other)]
    beside = build_edges(some_shares(sent + list(dict.fromkeys(elsewhere))), memberships)
    assert beside.filter(pl.col("family_id") != "another-family").equals(alone)


def test_an_edge_rests_on_the_exports_that_show_its_shares_and_its_recipient_in_the_chat() -> None:
    shares = some_shares([("amara", "chat-1", "f1", 3), ("amara", "chat-2", "f1", 25)])
    edges = build_edges(shares, some_stays([("chat-1", "bilal", None, None), ("chat-1", "chen", None, 2)]))
    assert edges["source_ids"].to_list() == [["export-0", "of-a", "of-b"]]


@settings(max_examples=30, deadline=None)
@given(sent=SENT, stays=STAYS, portion=st.integers(1, 6))
def test_the_size_of_the_portions_changes_nothing(sent: list[Sent], stays: list[Stay], portion: int) -> None:
    whole = build_edges(some_shares(sent), some_stays(stays))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "PORTION", portion)
        assert build_edges(some_shares(sent), some_stays(stays)).equals(whole)
    assert whole.equals(whole.sort("sender_id", "recipient_id", "family_id"))
