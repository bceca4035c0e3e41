from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest
from diffusion.linktables import (
    AS_ASSUMED,
    EDITED,
    Sent,
    Stay,
    links_of,
    message_table,
    share_table,
    sources,
    stay_table,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics import schema
from chatforensics.diffusion.linkmodel import DEFAULT_MODEL
from chatforensics.diffusion.links import build_links, link_shares

EVERYBODY = ["amara", "bilal", "chen", "dafydd"]
SENT = st.lists(
    st.builds(
        Sent,
        st.sampled_from(EVERYBODY),
        st.sampled_from(["chat-1", "chat-2"]),
        st.integers(0, 90),
        st.sampled_from([Sent("", "", 0).text, EDITED]),
    ),
    max_size=12,
    unique_by=lambda sent: sent[:3],
)
FIRST, SECOND = Sent("amara", "chat-1", 0), Sent("bilal", "chat-2", 30)


def test_the_earliest_share_comes_from_outside_the_evidence() -> None:
    links = links_of([FIRST, SECOND])
    assert sources(links, FIRST) == {None: 1.0}
    assert set(sources(links, SECOND)) == {FIRST.share_id, None}


def test_a_share_in_a_chat_that_the_sender_was_not_in_is_no_candidate() -> None:
    links = links_of([FIRST, SECOND], [Stay("chat-1", "amara"), Stay("chat-2", "bilal")])
    assert sources(links, SECOND) == {None: 1.0}


@pytest.mark.parametrize(("begin", "end"), [(1, None), (None, 0)])
def test_a_share_sent_before_or_after_a_stay_is_no_candidate(begin: int | None, end: int | None) -> None:
    assert sources(links_of([FIRST, SECOND], [Stay("chat-1", "bilal", begin, end)]), SECOND) == {None: 1.0}


def test_a_person_is_no_source_of_their_own() -> None:
    again = Sent("amara", "chat-2", 60)
    assert sources(links_of([FIRST, again]), again) == {None: 1.0}


def test_the_lag_runs_from_the_candidate_to_the_share() -> None:
    links = links_of([FIRST, SECOND])
    assert links.filter(pl.col("parent_share_id").is_not_null())["lag_s"].to_list() == [1800.0]


def test_shares_of_one_decision_have_the_same_sources_and_name_the_first() -> None:
    burst = [Sent("bilal", "chat-2", 30), Sent("bilal", "chat-1", 35)]
    between = Sent("chen", "chat-1", 33)
    links = links_of([FIRST, *burst, between])
    assert sources(links, burst[0]) == sources(links, burst[1])
    assert between.share_id not in sources(links, burst[1])
    bursts = dict(links.select("share_id", "burst_id").unique().iter_rows())
    assert {bursts[one.share_id] for one in burst} == {burst[0].share_id}
    assert bursts[FIRST.share_id] == FIRST.share_id


def test_sending_again_after_more_than_ten_minutes_is_another_decision() -> None:
    links = links_of([FIRST, SECOND, Sent("bilal", "chat-1", 41)])
    assert links["burst_id"].n_unique() == 3


def test_a_nearer_wording_is_the_likelier_source() -> None:
    same, other = Sent("amara", "chat-1", 5, EDITED), Sent("chen", "chat-1", 5)
    child = Sent("bilal", "chat-2", 30, EDITED)
    found = sources(links_of([same, other, child]), child)
    assert found[same.share_id] > found[other.share_id]


@pytest.mark.parametrize("later", [0.1, 1.0])
def test_what_came_second_counts_as_much_as_the_model_says(later: float) -> None:
    middle = Sent("chen", "chat-1", 28)
    model = replace(AS_ASSUMED, later=later, delay=(1 / 17,) * 17)
    whole = sources(links_of([FIRST, middle, SECOND], model=replace(model, later=1.0)), SECOND)
    found = sources(links_of([FIRST, middle, SECOND], model=model), SECOND)
    assert found[middle.share_id] / found[FIRST.share_id] == pytest.approx(
        later * whole[middle.share_id] / whole[FIRST.share_id], rel=1e-4
    )


def test_the_chat_that_a_text_came_from_is_not_where_it_is_passed_on() -> None:
    elsewhere, same = Sent("chen", "chat-1", 0), Sent("amara", "chat-2", 0)
    found = sources(links_of([elsewhere, same, SECOND]), SECOND)
    assert found[elsewhere.share_id] > found[same.share_id]


def test_of_two_shares_of_the_same_time_neither_is_the_source_of_the_other() -> None:
    tied = Sent("amara", "chat-1", 30)
    links = links_of([tied, SECOND])
    assert sources(links, SECOND) == {None: 1.0}
    assert sources(links, tied) == {None: 1.0}


def test_a_share_of_the_same_time_is_a_source_where_its_sender_could_not_read_the_other() -> None:
    tied = Sent("amara", "chat-1", 30)
    stays = [Stay("chat-1", "amara"), Stay("chat-1", "bilal"), Stay("chat-2", "bilal")]
    links = links_of([tied, SECOND], stays)
    assert sources(links, SECOND)[tied.share_id] > 0
    assert sources(links, tied) == {None: 1.0}


def test_what_undecided_ties_would_weigh_goes_to_a_source_outside_the_evidence() -> None:
    before, tied = Sent("chen", "chat-1", 10), Sent("amara", "chat-1", 30)
    with_tie = sources(links_of([before, tied, SECOND]), SECOND)
    without = sources(links_of([before, SECOND]), SECOND)
    assert with_tie[None] > without[None]
    assert tied.share_id not in with_tie


@pytest.mark.parametrize("prints_seconds", [True, False])
def test_within_a_minute_only_phones_that_print_seconds_tell_the_order(*, prints_seconds: bool) -> None:
    sent = [Sent("amara", "chat-1", 30), SECOND]
    late = pl.when(pl.col("person_id") == "bilal").then(pl.duration(seconds=20)).otherwise(pl.duration())
    local = pl.col("sent_at").dt.replace_time_zone(None)
    times = share_table(sent).with_columns(pl.col("sent_at") + late)
    printed = message_table(sent).with_columns(sent_at=times["sent_at"], source_id=pl.format("phone {}", "message_id"))
    other = printed.with_columns(pl.col("message_id") + 10, pl.col("sent_at") - pl.duration(seconds=13))
    both = pl.concat([printed, other]).with_columns(sent_local=local if prints_seconds else local.dt.truncate("1m"))
    stays = stay_table([Stay(chat, who) for chat in ("chat-1", "chat-2") for who in ("amara", "bilal")])
    links = build_links(schema.Shares(times), stays, schema.Messages(both), model=AS_ASSUMED)
    assert sources(links, sent[0]) == {None: 1.0}
    assert set(sources(links, SECOND)) == ({sent[0].share_id, None} if prints_seconds else {None})


def test_weak_candidates_beyond_the_limit_are_left_out() -> None:
    sent = [Sent("amara", "chat-1", 20 * number, EDITED) for number in range(7)]
    near = [Sent("chen", "chat-1", 150), Sent("dafydd", "chat-1", 160)]
    child = Sent("bilal", "chat-2", 300)
    assert len(sources(links_of([*sent, *near, child]), child)) == 10
    found = sources(links_of([*sent, *near, child], model=replace(AS_ASSUMED, most_candidates=2)), child)
    assert set(found) == {None, *(one.share_id for one in near)}
    assert sum(found.values()) == pytest.approx(1)


BORROWED = [Stay("chat-1", "amara"), Stay("chat-1", "bilal-too"), Stay("chat-2", "bilal")]
ALIKE = [("bilal", "bilal-too")]


def test_what_a_namesake_could_read_is_a_candidate_and_says_so() -> None:
    links = links_of([FIRST, SECOND], BORROWED, alike=ALIKE).filter(pl.col("parent_share_id").is_not_null())
    assert links.select("share_id", "parent_share_id", "basis").row(0) == (
        SECOND.share_id,
        FIRST.share_id,
        "namesake",
    )


def test_without_namesakes_nobody_reads_for_another() -> None:
    assert sources(links_of([FIRST, SECOND], BORROWED), SECOND) == {None: 1.0}


def test_a_namesake_reads_also_for_somebody_of_whom_no_stay_is_known() -> None:
    found = sources(links_of([FIRST, SECOND], [Stay("chat-1", "bilal-too")], alike=ALIKE), SECOND)
    assert set(found) == {FIRST.share_id, None}


def test_who_is_known_to_be_in_the_chat_needs_no_namesake() -> None:
    stays = [*BORROWED, Stay("chat-1", "bilal")]
    links = links_of([FIRST, SECOND], stays, alike=ALIKE)
    assert links["basis"].drop_nulls().to_list() == ["member"]


def test_what_a_namesake_sent_is_no_candidate_for_it_may_be_the_persons_own() -> None:
    own = Sent("bilal-too", "chat-1", 0)
    assert sources(links_of([own, SECOND], BORROWED, alike=ALIKE), SECOND) == {None: 1.0}


def test_a_namesakes_reading_weighs_less_where_the_model_says_so() -> None:
    low, high = (
        sources(links_of([FIRST, SECOND], BORROWED, alike=ALIKE, model=replace(AS_ASSUMED, namesake=weight)), SECOND)
        for weight in (0.1, 1.0)
    )
    assert low[FIRST.share_id] < high[FIRST.share_id]


def test_ties_that_only_namesakes_could_read_run_in_no_circle() -> None:
    tied = [Sent("amara", "chat-1", 30), Sent("bilal", "chat-2", 30)]
    stays = [Stay("chat-1", "bilal-too"), Stay("chat-2", "amara-too"), Stay("chat-1", "amara"), Stay("chat-2", "bilal")]
    links = links_of(tied, stays, alike=[*ALIKE, ("amara", "amara-too")])
    assert links["parent_share_id"].null_count() == links.height


def test_no_shares_give_no_links() -> None:
    assert links_of([]).is_empty()


@pytest.mark.parametrize("model", [AS_ASSUMED, DEFAULT_MODEL])
def test_one_share_and_no_stays_are_enough(model: object) -> None:
    links = build_links(share_table([FIRST]), stay_table([]), message_table([FIRST]), model=model)  # type: ignore[arg-type]
    assert sources(links, FIRST) == {None: 1.0}


def test_shares_whose_messages_say_nothing_are_linked() -> None:
    silent = message_table([FIRST, SECOND]).with_columns(text=pl.lit(None, pl.String))
    stays = stay_table([Stay("chat-1", "bilal")])
    links = build_links(share_table([FIRST, SECOND]), stays, schema.Messages(silent))
    assert set(sources(links, SECOND)) == {FIRST.share_id, None}


def test_times_before_1970_are_times_like_others() -> None:
    def earlier(frame: pl.DataFrame, *columns: str) -> pl.DataFrame:
        return frame.with_columns(pl.col(*columns) - timedelta(days=100 * 365))

    sent = [FIRST, SECOND]
    stays = [Stay("chat-1", "bilal", -5), Stay("chat-1", "amara", -5)]
    found = build_links(
        schema.Shares(earlier(share_table(sent), "sent_at")),
        schema.Memberships(earlier(stay_table(stays), "from_at")),
        message_table(sent),
    )
    assert found.equals(links_of(sent, stays, model=DEFAULT_MODEL))


def test_a_fixed_model_is_kept_as_it_is() -> None:
    tables = share_table([FIRST, SECOND]), stay_table([Stay("chat-1", "bilal")]), message_table([FIRST, SECOND])
    assert link_shares(*tables, model=AS_ASSUMED)[1] == AS_ASSUMED
    assert link_shares(*tables)[1].n_learned > 0


def total_of(links: schema.Links) -> pl.DataFrame:
    probability = pl.col("probability").cast(pl.Float64).sum()
    return links.group_by("share_id").agg(probability, pl.col("rank").max(), n=pl.len())


def check_links(links: schema.Links, sent: Sequence[Sent]) -> None:
    total = total_of(links)
    assert set(total["share_id"]) == {one.share_id for one in sent}
    assert ((total["probability"] - 1).abs() < 1e-5).all()
    assert (total["rank"] == total["n"]).all()
    assert (links["lag_s"].drop_nulls() >= 0).all()
    assert links["parent_share_id"].null_count() == len(sent)
    assert (links["basis"].is_null() == links["parent_share_id"].is_null()).all()
    ranked = links.with_columns(step=pl.col("probability").diff().over("share_id", order_by="rank"))
    assert (ranked["step"].drop_nulls() <= 0).all()


@settings(max_examples=40, deadline=None)
@given(sent=SENT, model=st.sampled_from([AS_ASSUMED, DEFAULT_MODEL]))
def test_probabilities_sum_to_one_and_no_source_is_later(sent: list[Sent], model: object) -> None:
    check_links(links_of(sent, model=model), sent)  # type: ignore[arg-type]


@settings(max_examples=30, deadline=None)
@given(sent=SENT, data=st.data())
def test_the_order_of_shares_changes_nothing(sent: list[Sent], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(sent))
    stays = [Stay(chat, who) for who in EVERYBODY for chat in ("chat-1", "chat-2")]
    swapped = data.draw(st.permutations(stays))
    assert links_of(shuffled, swapped, model=DEFAULT_MODEL).equals(links_of(sent, stays, model=DEFAULT_MODEL))
