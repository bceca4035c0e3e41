from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics import schema
from chatforensics.diffusion.links import LinkModel, build_links

NINE = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
TEXT = "Final reminder: select Rowena Adjei at step 1 and Tariq Lindqvist at step 2, then press submit."
EDITED = TEXT.replace("Tariq Lindqvist", "Mei Okonkwo")
Sent: TypeAlias = tuple[str, str, int, str]
EVERYBODY = ["amara", "bilal", "chen", "dafydd"]
SENT = st.lists(
    st.tuples(
        st.sampled_from(EVERYBODY),
        st.sampled_from(["chat-1", "chat-2"]),
        st.integers(0, 90),
        st.sampled_from([TEXT, EDITED]),
    ),
    max_size=12,
    unique_by=lambda sent: sent[:3],
)


def name(sent: Sent) -> str:
    return f"{sent[0]} {sent[1]} {sent[2]}"


def the_tables(
    sent: list[Sent], *, stays: list[tuple[str, str]] | None = None
) -> tuple[schema.Shares, schema.Memberships, schema.Messages]:
    """Return the tables when everybody is in both chats all the time, or only in the chats given."""
    when = [NINE + timedelta(minutes=minute) for *_, minute, _ in sent]
    shares = [
        (name(share), "f1", "v", share[1], share[0], time, [number], 1.0, ["a"])
        for number, (share, time) in enumerate(zip(sent, when, strict=True))
    ]
    messages = [{"message_id": number, "text": share[3]} for number, share in enumerate(sent)]
    where = stays or [(who, chat) for who in EVERYBODY for chat in ("chat-1", "chat-2")]
    stay = [{"chat_id": chat, "person_id": who, "basis": "event"} for who, chat in where]
    return (
        schema.Shares(pl.DataFrame(shares, schema=dict(schema.TABLES["shares"]), orient="row")),
        schema.Memberships(pl.DataFrame(stay, schema=dict(schema.TABLES["memberships"]))),
        schema.Messages(pl.DataFrame(messages, schema=dict(schema.TABLES["messages"]))),
    )


def links_of(
    sent: list[Sent], *, stays: list[tuple[str, str]] | None = None, model: LinkModel | None = None
) -> schema.Links:
    return build_links(*the_tables(sent, stays=stays), model=model or LinkModel())


def of(links: schema.Links, share: Sent) -> dict[str | None, float]:
    mine = links.filter(pl.col("share_id") == name(share)).sort("rank")
    return dict(mine.select("parent_share_id", "probability").iter_rows())


FIRST: Sent = ("amara", "chat-1", 0, TEXT)
SECOND: Sent = ("bilal", "chat-2", 30, TEXT)


def test_the_earliest_share_comes_from_outside_the_evidence() -> None:
    links = links_of([FIRST, SECOND])
    assert of(links, FIRST) == {None: 1.0}
    assert list(of(links, SECOND)) == [name(FIRST), None]


def test_a_share_in_a_chat_that_the_sender_was_not_in_is_no_candidate() -> None:
    links = links_of([FIRST, SECOND], stays=[("amara", "chat-1"), ("bilal", "chat-2")])
    assert of(links, SECOND) == {None: 1.0}


def test_a_person_is_no_source_of_their_own() -> None:
    again: Sent = ("amara", "chat-2", 60, TEXT)
    assert of(links_of([FIRST, again]), again) == {None: 1.0}


def test_the_lag_runs_from_the_candidate_to_the_share() -> None:
    links = links_of([FIRST, SECOND])
    assert links.sort("share_id", "rank")["lag_s"].to_list() == [None, 1800.0, None]


def test_shares_of_one_decision_have_the_same_source() -> None:
    burst: list[Sent] = [("bilal", "chat-2", 30, TEXT), ("bilal", "chat-1", 35, TEXT)]
    between: Sent = ("chen", "chat-1", 33, TEXT)
    links = links_of([FIRST, *burst, between])
    assert of(links, burst[0]) == of(links, burst[1])
    assert name(between) not in of(links, burst[1])


def test_a_nearer_wording_is_the_likelier_source() -> None:
    same: Sent = ("amara", "chat-1", 5, EDITED)
    other: Sent = ("chen", "chat-1", 6, TEXT)
    child: Sent = ("bilal", "chat-2", 30, EDITED)
    found = of(links_of([FIRST, same, other, child]), child)
    assert found[name(same)] > found[name(other)]


def test_a_later_exposure_is_likelier_unless_another_was_the_first() -> None:
    middle: Sent = ("chen", "chat-1", 300, TEXT)
    late: Sent = ("dafydd", "chat-1", 590, TEXT)
    child: Sent = ("bilal", "chat-2", 600, TEXT)
    found = of(links_of([FIRST, middle, late, child]), child)
    assert found[name(late)] > found[name(middle)]
    without = of(links_of([FIRST, middle, late, child], model=LinkModel(first_bonus=0.0)), child)
    assert without[name(FIRST)] < found[name(FIRST)]


def test_the_chat_that_a_text_came_from_is_not_where_it_is_passed_on() -> None:
    elsewhere: Sent = ("chen", "chat-1", 0, TEXT)
    same: Sent = ("amara", "chat-2", 0, TEXT)
    found = of(links_of([elsewhere, same, SECOND]), SECOND)
    assert found[name(elsewhere)] > found[name(same)]


def test_of_two_shares_of_the_same_time_neither_is_the_source_of_the_other() -> None:
    tied: Sent = ("amara", "chat-1", 30, TEXT)
    links = links_of([tied, SECOND])
    assert of(links, SECOND) == {None: 1.0}
    assert of(links, tied) == {None: 1.0}


def test_a_share_of_the_same_time_is_an_unlikely_source_where_its_sender_could_not_read_the_other() -> None:
    tied: Sent = ("amara", "chat-1", 30, TEXT)
    stays = [("amara", "chat-1"), ("bilal", "chat-1"), ("bilal", "chat-2")]
    links = links_of([tied, SECOND], stays=stays)
    assert 0 < of(links, SECOND)[name(tied)] < 0.5
    assert of(links, tied) == {None: 1.0}


def test_what_undecided_ties_would_weigh_goes_to_a_source_outside_the_evidence() -> None:
    before: Sent = ("chen", "chat-1", 10, TEXT)
    tied: Sent = ("amara", "chat-1", 30, TEXT)
    with_tie, without = of(links_of([before, tied, SECOND]), SECOND), of(links_of([before, SECOND]), SECOND)
    assert with_tie[None] > without[None]
    assert name(tied) not in with_tie


@pytest.mark.parametrize("prints_seconds", [True, False])
def test_within_a_minute_only_phones_that_print_seconds_tell_the_order(*, prints_seconds: bool) -> None:
    earlier: Sent = ("amara", "chat-1", 30, TEXT)
    shares, memberships, messages = the_tables([earlier, SECOND])
    late = pl.when(pl.col("person_id") == "bilal").then(pl.duration(seconds=20)).otherwise(pl.duration())
    local = pl.col("sent_at").dt.replace_time_zone(None)
    times = shares.with_columns(pl.col("sent_at") + late)
    printed = messages.with_columns(sent_at=times["sent_at"], source_id=pl.format("phone {}", "message_id"))
    other = printed.with_columns(pl.col("message_id") + 10, pl.col("sent_at") - pl.duration(seconds=13))
    both = pl.concat([printed, other]).with_columns(sent_local=local if prints_seconds else local.dt.truncate("1m"))
    links = build_links(schema.Shares(times), memberships, schema.Messages(both))
    assert of(links, earlier) == {None: 1.0}
    assert list(of(links, SECOND)) == ([name(earlier), None] if prints_seconds else [None])


def test_the_more_chats_of_a_person_are_seen_the_less_is_missing() -> None:
    few = of(links_of([FIRST, SECOND], stays=[("bilal", "chat-1")]), SECOND)
    many = of(links_of([FIRST, SECOND], stays=[("bilal", f"chat-{number}") for number in range(1, 9)]), SECOND)
    assert many[None] < few[None]


def test_weak_candidates_beyond_the_limit_are_left_out() -> None:
    sent: list[Sent] = [("amara", "chat-1", minute, TEXT) for minute in range(0, 200, 20)]
    child: Sent = ("bilal", "chat-2", 300, TEXT)
    found = of(links_of([*sent, child], model=LinkModel(most_candidates=3)), child)
    assert len(found) == 4
    assert sum(found.values()) == pytest.approx(1)


def test_no_shares_give_no_links() -> None:
    assert links_of([]).is_empty()


@settings(max_examples=60, deadline=None)
@given(sent=SENT)
def test_probabilities_sum_to_one_and_no_source_is_later(sent: list[Sent]) -> None:
    links = links_of(sent)
    total = links.group_by("share_id").agg(
        pl.col("probability").cast(pl.Float64).sum(), pl.col("rank").max(), n=pl.len()
    )
    assert set(total["share_id"]) == {name(share) for share in sent}
    assert ((total["probability"] - 1).abs() < 1e-5).all()
    assert (total["rank"] == total["n"]).all()
    assert (links["lag_s"].drop_nulls() >= 0).all()
    assert links["parent_share_id"].null_count() == len(sent)
    ranked = links.with_columns(step=pl.col("probability").diff().over("share_id", order_by="rank"))
    assert (ranked["step"].drop_nulls() <= 0).all()


@settings(max_examples=40, deadline=None)
@given(sent=SENT, data=st.data())
def test_the_order_of_shares_changes_nothing(sent: list[Sent], data: st.DataObject) -> None:
    assert links_of(data.draw(st.permutations(sent))).equals(links_of(sent))
