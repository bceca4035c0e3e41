from datetime import UTC, datetime, timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from joining.phones import Export, Said, join, notice, talk

from chatforensics.joining.groups import group_messages
from chatforensics.schema import UTC as UTC_TIME

START = datetime(2026, 2, 2, tzinfo=UTC)
Post = tuple[int, int, int]  # person, chat, time in units of forty seconds


def frame(posts: list[Post]) -> pl.DataFrame:
    rows = [(i, i, chat, person, START + timedelta(seconds=40 * at)) for i, (person, chat, at) in enumerate(posts)]
    numbers = dict.fromkeys(("message_id", "canonical_id", "chat", "person"), pl.Int64)
    return pl.DataFrame(rows, schema=numbers | {"sent_at": UTC_TIME}, orient="row")


def group_slowly(posts: list[Post]) -> dict[int, int]:
    """Go through the posts of each person and chat in order of time."""
    found: dict[int, int] = {}
    for key in {post[:2] for post in posts}:
        mine = sorted((at, i) for i, (person, chat, at) in enumerate(posts) if (person, chat) == key)
        for place, (at, i) in enumerate(mine):
            near = place > 0 and 40 * (at - mine[place - 1][0]) <= 120
            found[i] = found[mine[place - 1][1]] if near else i
    return found


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1), st.integers(0, 30)), max_size=20))
def test_groups_agree_with_a_slow_twin(posts: list[Post]) -> None:
    found = dict(group_messages(frame(posts)).iter_rows())
    slow = group_slowly(posts)
    assert set(found) == set(slow)
    for i in slow:
        for j in slow:
            assert (found[i] == found[j]) == (slow[i] == slow[j])


def test_others_may_speak_in_between_and_notices_are_in_no_group() -> None:
    said = [Said(0, "Sina", "first page of it"), Said(60, "Tomás", "what"), notice(90, "left", "Uli")]
    messages = join(Export("a", [*said, Said(120, "Sina", "second page of it")])).messages
    groups = messages["group_id"].to_list()
    assert groups[0] == groups[3] != groups[1]
    assert groups[2] is None


def test_copies_are_in_one_group() -> None:
    said = talk(9, ("Sina", "Tomás"), every_s=50)
    messages = join(Export("a", said), Export("b", said, ahead_s=31)).messages
    assert messages["group_id"].n_unique() == 2
    assert (messages.group_by("canonical_id").agg(pl.col("group_id").n_unique())["group_id"] == 1).all()
