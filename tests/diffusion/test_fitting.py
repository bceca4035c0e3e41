from functools import cache

import numpy as np
import polars as pl
import pytest
from diffusion.cascadeworlds import CHATS, EDIT_RATE, World, right_first, simulate
from diffusion.linktables import Sent, Stay, message_table, share_table, stay_table

from chatforensics import schema
from chatforensics.diffusion import fitting
from chatforensics.diffusion.linkmodel import DEFAULT_MODEL, LAG_EDGES, LinkModel
from chatforensics.diffusion.links import link_shares

SEEDS = (1, 2, 3)


@cache
def world(seed: int, *, only_first: bool) -> World:
    return simulate(seed, only_first=only_first, passed_on=0.16 if only_first else 0.1)


@cache
def linked(seed: int, *, only_first: bool, seen: int = CHATS) -> tuple[schema.Links, LinkModel]:
    return world(seed, only_first=only_first).link(seen=seen)


def mean_unseen(links: schema.Links) -> float:
    return float(links.filter(pl.col("parent_share_id").is_null())["probability"].to_numpy().mean())


@pytest.mark.parametrize("seed", SEEDS)
def test_where_only_first_sight_leads_on_later_exposures_are_found_to_count_little(seed: int) -> None:
    assert linked(seed, only_first=True)[1].later < 0.1


def test_where_every_exposure_may_lead_on_later_ones_are_found_to_count_as_much() -> None:
    found = [linked(seed, only_first=False)[1].later for seed in SEEDS]
    assert 0.6 < np.mean(found) < 1.5
    assert min(found) > 0.5


@pytest.mark.parametrize("only_first", [True, False])
@pytest.mark.parametrize("seed", SEEDS)
def test_in_both_worlds_most_sources_are_found(seed: int, *, only_first: bool) -> None:
    least = 0.95 if only_first else 0.85
    assert right_first(world(seed, only_first=only_first), linked(seed, only_first=only_first)[0]) > least


@pytest.mark.parametrize("seed", SEEDS)
def test_who_has_sent_a_text_is_found_not_to_send_it_again(seed: int) -> None:
    assert linked(seed, only_first=True)[1].again < 0.1


@pytest.mark.parametrize("seed", SEEDS)
def test_how_long_people_wait_is_found(seed: int) -> None:
    waits = np.array(world(seed, only_first=True).waits()) * 60.0
    true = np.histogram(waits, LAG_EDGES)[0] / waits.size
    found, assumed = np.array(linked(seed, only_first=True)[1].delay), np.array(DEFAULT_MODEL.delay)
    assert found.sum() == pytest.approx(1)
    assert np.abs(found - true).sum() / 2 < 0.1 < np.abs(assumed - true).sum() / 2


@pytest.mark.parametrize("seed", SEEDS)
def test_how_often_wordings_change_is_found(seed: int) -> None:
    assert linked(seed, only_first=True)[1].edited == pytest.approx(EDIT_RATE, abs=0.06)


@pytest.mark.parametrize("only_first", [True, False])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_fewer_chats_are_seen_the_more_sources_are_not_in_the_evidence(seed: int, *, only_first: bool) -> None:
    whole, half = (linked(seed, only_first=only_first, seen=seen)[0] for seen in (CHATS, CHATS // 2))
    there = world(seed, only_first=only_first)
    assert mean_unseen(whole) == pytest.approx(there.unseen(seen=CHATS), abs=0.06)
    assert mean_unseen(half) == pytest.approx(there.unseen(seen=CHATS // 2), abs=0.08)
    assert mean_unseen(half) > mean_unseen(whole) + 0.1


def test_with_little_evidence_the_model_stays_near_what_is_assumed() -> None:
    sent = [Sent("amara", "c1", 0), Sent("bilal", "c2", 30)]
    stays = [Stay("c1", "amara"), Stay("c1", "bilal"), Stay("c2", "bilal")]
    found = link_shares(share_table(sent), stay_table(stays), message_table(sent))[1]
    assert 0 < found.n_learned < 1
    for name in ("per_reader", "per_unseen", "later", "again", "per_day", "namesake", "edited", "further_edit"):
        assert getattr(found, name) == pytest.approx(getattr(DEFAULT_MODEL, name), rel=0.25), name
    assert found.size == pytest.approx(DEFAULT_MODEL.size, abs=0.3)
    assert found.delay == pytest.approx(DEFAULT_MODEL.delay, abs=0.03)


def test_everyday_sentences_teach_nothing() -> None:
    told = world(1, only_first=True)
    short = [one._replace(text="good morning") for one in told.sent]
    found = link_shares(share_table(short), stay_table(told.stays), message_table(short))[1]
    assert found == DEFAULT_MODEL


def test_the_same_case_gives_the_same_model() -> None:
    assert world(2, only_first=True).link()[1] == linked(2, only_first=True)[1]


def test_how_many_places_people_change_at_once_is_learned() -> None:
    further = np.random.default_rng(3).geometric(1 - 0.4, size=2000) - 1
    learned = fitting._further(float(further.sum()), 2000.0, assumed=DEFAULT_MODEL.further_edit)
    assert learned == pytest.approx(0.4, abs=0.03)
    assert fitting._further(0.0, 0.0, assumed=0.22) == pytest.approx(0.22)
