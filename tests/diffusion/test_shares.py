from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics import schema
from chatforensics.diffusion.shares import build_shares

NINE = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)


def some_messages(rows: list[dict[str, Any]]) -> schema.Messages:
    full = [
        {
            "message_id": number,
            "source_id": "a",
            "chat_id": "chat-1",
            "person_id": "nadia",
            "kind": "text",
            "sent_at": NINE,
        }
        | row
        for number, row in enumerate(rows, start=1)
    ]
    return schema.Messages(pl.DataFrame(full, schema=dict(schema.TABLES["messages"])))


def some_families(rows: list[dict[str, Any]]) -> schema.Families:
    full = [
        {"message_id": number, "family_id": "f1", "variant_id": f"v{number}", "similarity": 1.0, "tracked": True} | row
        for number, row in enumerate(rows, start=1)
    ]
    return schema.Families(pl.DataFrame(full, schema=dict(schema.TABLES["families"])))


def shares_at(*minutes: int) -> schema.Shares:
    rows = [{"sent_at": NINE + timedelta(minutes=minute)} for minute in minutes]
    return build_shares(some_messages(rows), some_families([{}] * len(minutes)))


def test_messages_ten_minutes_apart_are_one_share_and_eleven_are_two() -> None:
    assert shares_at(0, 10, 20, 31)["message_ids"].to_list() == [[1, 2, 3], [4]]


def test_a_share_has_the_time_and_the_variant_of_its_first_message() -> None:
    share = shares_at(5, 0).row(0, named=True)
    assert (share["sent_at"], share["variant_id"], share["message_ids"]) == (NINE, "v2", [1, 2])


def test_copies_of_a_message_are_one_share_that_names_them_all() -> None:
    late = NINE + timedelta(minutes=40)
    messages = some_messages([{"canonical_id": 1, "sent_at": late}, {"canonical_id": 1, "source_id": "b"}])
    shares = build_shares(messages, some_families([{}, {}]))
    assert shares.select("sent_at", "message_ids", "source_ids").rows() == [(late, [1, 2], ["a", "b"])]


def test_other_people_chats_and_families_make_other_shares() -> None:
    messages = some_messages([{}, {"person_id": "kofi"}, {"chat_id": "chat-2"}, {}])
    shares = build_shares(messages, some_families([{}, {}, {}, {"family_id": "f2"}]))
    assert shares.height == 4
    assert shares["share_id"].n_unique() == 4


def test_only_tracked_families_of_known_people_chats_and_times_count() -> None:
    messages = some_messages([{}, {"person_id": None}, {"chat_id": None}, {"sent_at": None}])
    shares = build_shares(messages, some_families([{"tracked": False}, {}, {}, {}]))
    assert shares.is_empty()
    assert schema.check(shares, table="shares").columns == list(schema.TABLES["shares"])


def test_an_id_does_not_change_when_another_export_is_added() -> None:
    alone = shares_at(0)
    messages = some_messages([{"canonical_id": 1}, {"canonical_id": 1, "source_id": "b"}, {"person_id": "kofi"}])
    more = build_shares(messages, some_families([{}, {}, {}]))
    assert set(alone["share_id"]) < set(more["share_id"])


@settings(max_examples=50, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.sampled_from(["nadia", "kofi"]), st.sampled_from(["chat-1", "chat-2"]), st.integers(0, 60)),
        max_size=12,
    ),
    data=st.data(),
)
def test_shares_are_counted_as_one_by_one_and_in_any_order(
    rows: list[tuple[str, str, int]], data: st.DataObject
) -> None:
    messages = some_messages(
        [{"person_id": who, "chat_id": where, "sent_at": NINE + timedelta(minutes=at)} for who, where, at in rows]
    )
    found = build_shares(messages, some_families([{}] * len(rows)))
    wanted = 0
    for key in {(who, where) for who, where, _ in rows}:
        times = sorted(at for who, where, at in rows if (who, where) == key)
        wanted += 1 + sum(later - earlier > 10 for earlier, later in pairwise(times))
    assert found.height == wanted
    assert sorted(found["message_ids"].explode().to_list()) == sorted(messages["message_id"].to_list())
    mixed = messages[data.draw(st.permutations(range(len(rows))))] if rows else messages
    assert build_shares(schema.Messages(mixed), some_families([{}] * len(rows))).equals(found)
