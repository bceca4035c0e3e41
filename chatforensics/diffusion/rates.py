"""What the rates of the link model rest on: the candidates of every decision, and its stand-ins.

A *stand-in* is an earlier share of the family by anybody else, anywhere in the evidence: it stands for a share outside
the evidence that may have reached the person.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from chatforensics.diffusion.candidates import Booleans, Candidates, Integers, spread
from chatforensics.diffusion.linkmodel import (
    AGAIN,
    AGE_EDGES,
    FIRST,
    LAG_EDGES,
    LATER,
    SIZE_EDGES,
    bin_of,
    cell_of,
)
from chatforensics.diffusion.waking import WakingClock, wait_between
from chatforensics.diffusion.wordings import Floats, Words, count_edits

MOST_STANDINS = 100
PORTION = 2_000  # decisions whose stand-ins are described at once
_NEVER = 2**62


@dataclass(frozen=True, slots=True)
class Case:
    """All shares and decisions in arrays; rows of shares as sorted by family, chat and time.

    Attributes:
        ordered: Shares with `person`, `family` (numbers), `moment` (µs), `wording`, `decision`, `chat`.
        decisions: Decisions with `person`, `family`, `moment`, `tied_from`, `wording`, `first_own` (µs).
        readers: How many others could read each share.
        age: Of each share's family, by then, in days.
        words: Each wording in words.
        clock: The hours in which people are awake.
        namesakes: Asker and sender in one number, for people who may be one.
        n_senders: How many people sent something, by which these are numbered.
        sent_into: Decision and chat in one number, for every chat that a decision sent into.
    """

    ordered: pl.DataFrame
    decisions: pl.DataFrame
    readers: Integers
    age: Floats
    words: list[Words]
    clock: WakingClock
    namesakes: Integers
    n_senders: int
    sent_into: Integers


@dataclass(frozen=True, slots=True)
class Rates:
    """The decisions, numbered from 0: what the factors of each candidate depend on.

    `first_seen` is when each decision's person could first read another's share before it (µs), or never.
    """

    family: Integers
    own_wording: Booleans
    decision: Integers
    parent: Integers
    lag: Integers
    cell: Integers
    edits: Integers
    same_chat: Booleans
    tied: Booleans
    undecided: Booleans
    first_seen: Integers


@dataclass(frozen=True, slots=True)
class Standins:
    """What the factors of each stand-in depend on; `decision` is whose it is."""

    decision: Integers
    lag: Integers
    kind: Integers
    age: Integers
    equal: Booleans


def describe_rates(listed: Candidates, case: Case) -> Rates:
    """Describe the candidates of all decisions of a case, or of some of its families."""
    shares, decided = case.ordered, case.decisions
    n = decided.height
    moment, then = shares["moment"].to_numpy(), decided["moment"].to_numpy()
    sent = moment[listed.parent]
    words = decided["wording"].to_numpy()
    first_seen = np.full(n, _NEVER)
    before = ~listed.tied
    np.minimum.at(first_seen, listed.decision[before], sent[before])
    in_doubt = np.zeros(n, dtype=np.bool_)
    in_doubt[listed.decision[listed.tied]] = True
    shared_at, decided_at = case.clock.read(moment), case.clock.read(then)
    return Rates(
        family=decided["family"].to_numpy(),
        own_wording=words == decided["first_wording"].to_numpy(),
        decision=listed.decision,
        parent=listed.parent,
        lag=bin_of(wait_between(shared_at[listed.parent], decided_at[listed.decision]), LAG_EDGES),
        cell=cell_of(
            _kinds(listed, sent, case),
            bin_of(case.readers.astype(np.float64), SIZE_EDGES)[listed.parent],
            bin_of(case.age, AGE_EDGES)[listed.parent],
            listed.namesake.astype(np.int64),
        ),
        edits=count_edits(case.words, words[listed.decision], shares["wording"].to_numpy()[listed.parent]),
        same_chat=_is_same_chat(listed, case),
        tied=listed.tied,
        undecided=listed.tied & in_doubt[shares["decision"].to_numpy()[listed.parent]],
        first_seen=first_seen,
    )


def _is_same_chat(listed: Candidates, case: Case) -> Booleans:
    """Say of each candidate whether its decision sent into the candidate's chat; most decisions sent into one."""
    chat = case.ordered["chat"].to_numpy()
    n_chats = int(chat.max(initial=0)) + 1
    decision, into = case.sent_into // n_chats, case.sent_into % n_chats
    one = np.full(case.decisions.height, -1)
    one[decision] = into
    asked = chat[listed.parent]
    same: Booleans = one[listed.decision] == asked
    several = np.bincount(decision, minlength=case.decisions.height)[listed.decision] > 1
    same[several] = np.isin(listed.decision[several] * n_chats + asked[several], case.sent_into)
    return same


def describe_standins(rates: Rates, case: Case, *, most: int = PORTION) -> Iterator[Standins]:
    """Describe the stand-ins of the decisions that `rates` describe, those of up to `most` decisions at a time."""
    shares, decided = case.ordered, case.decisions
    moment, wording = shares["moment"].to_numpy(), shares["wording"].to_numpy()
    shared_at, decided_at = case.clock.read(moment), case.clock.read(decided["moment"].to_numpy())
    ages, words, own = bin_of(case.age, AGE_EDGES), decided["wording"].to_numpy(), decided["first_own"].to_numpy()
    for of, standin in _list_standins(case, most=most):
        sent = moment[standin]
        yield Standins(
            decision=of,
            lag=bin_of(wait_between(shared_at[standin], decided_at[of]), LAG_EDGES),
            kind=np.where(sent >= own[of], AGAIN, np.where(sent >= rates.first_seen[of], LATER, FIRST)),
            age=ages[standin],
            equal=words[of] == wording[standin],
        )


def _kinds(listed: Candidates, sent: Integers, case: Case) -> Integers:
    """Say of each candidate whether it was the first exposure, a later one, or after the person's own sending.

    What a namesake could read is first only where it precedes everything else; it makes nothing else later.
    """
    n, local = case.decisions.height, listed.decision
    first, first_known = np.full(n, _NEVER), np.full(n, _NEVER)
    np.minimum.at(first, local, sent)
    known = ~listed.namesake
    np.minimum.at(first_known, local[known], sent[known])
    earliest = np.where(listed.namesake, first[local], first_known[local])
    own = case.decisions["first_own"].to_numpy()[listed.decision]
    kinds: Integers = np.where(sent >= own, AGAIN, np.where(sent == earliest, FIRST, LATER)).astype(np.int64)
    return kinds


def _list_standins(case: Case, *, most: int) -> Iterator[tuple[Integers, Integers]]:
    """Yield the last earlier shares of the family by other people: the decisions and the shares' rows."""
    decided, shares = case.decisions, case.ordered
    family, moment = shares["family"].to_numpy(), shares["moment"].to_numpy()
    person, asking = shares["person"].to_numpy(), decided["person"].to_numpy()
    by_time = np.lexsort((np.arange(moment.size), moment, family))
    times, rank = np.unique(moment, return_inverse=True)
    width = times.size + 1
    keys = (family * width + rank)[by_time]
    asked = decided["family"].to_numpy() * width
    ends = np.searchsorted(keys, asked + np.searchsorted(times, decided["tied_from"].to_numpy()))
    starts = np.maximum(np.searchsorted(keys, asked), ends - MOST_STANDINS)
    for first in range(0, asked.size, most):
        of, at = spread(starts[first : first + most, None], ends[first : first + most, None])
        of, rows = of + first, by_time[at]
        other = person[rows] != asking[of]
        yield of[other], rows[other]
