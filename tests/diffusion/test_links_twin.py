"""The links, found one by one as the module's description says, beside those of the fast way."""

import math
import resource
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chatforensics import schema
from chatforensics.diffusion import candidates
from chatforensics.diffusion.links import LinkModel, build_links

NINE = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
WORDINGS = ["vote rowena adjei today", "vote rowena adjei now!!", "never vote for rowena"]
Sent: TypeAlias = tuple[str, str, str, int, int]
Stay: TypeAlias = tuple[str, str, int | None, int | None]
PEOPLE, CHATS = st.sampled_from(["amara", "bilal", "chen"]), st.sampled_from(["c1", "c2", "c3"])
SENT = st.lists(
    st.tuples(PEOPLE, CHATS, st.sampled_from(["f1", "f1", "f2"]), st.integers(0, 40), st.integers(0, 2)),
    min_size=1,
    max_size=16,
    unique_by=lambda sent: sent[:4],
)
MINUTE = st.none() | st.integers(0, 40)
STAYS = st.lists(st.tuples(CHATS, PEOPLE, MINUTE, MINUTE), min_size=2, max_size=10)


def at(minute: int | None) -> datetime | None:
    return None if minute is None else NINE + timedelta(minutes=minute)


def name(sent: Sent) -> str:
    return " ".join(map(str, sent[:4]))


def fast_links(sent: list[Sent], stays: list[Stay], *, model: LinkModel) -> schema.Links:
    shares = [
        (name(share), share[2], "v", share[1], share[0], at(share[3]), [number], 1.0, ["a"])
        for number, share in enumerate(sent)
    ]
    stay = [
        {"chat_id": chat, "person_id": who, "from_at": at(start), "to_at": at(end)} for chat, who, start, end in stays
    ]
    messages = [{"message_id": number, "text": WORDINGS[share[4]]} for number, share in enumerate(sent)]
    return build_links(
        schema.Shares(pl.DataFrame(shares, schema=dict(schema.TABLES["shares"]), orient="row")),
        schema.Memberships(pl.DataFrame(stay, schema=dict(schema.TABLES["memberships"]))),
        schema.Messages(pl.DataFrame(messages, schema=dict(schema.TABLES["messages"]))),
        model=model,
    )


def likeness(one: int, other: int) -> float:
    sets = [{text[start : start + 4] for start in range(len(text) - 3)} for text in (WORDINGS[one], WORDINGS[other])]
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])


class Twin:
    """The same links without any search tree, array or join."""

    def __init__(self, sent: list[Sent], stays: list[Stay], model: LinkModel) -> None:
        self.sent, self.stays, self.model = sorted(sent, key=lambda share: (share[3], name(share))), stays, model
        self.decisions: list[list[Sent]] = []
        for share in self.sent:
            for burst in self.decisions:
                same = burst[0][0] == share[0] and burst[0][2] == share[2]
                if same and share[3] - burst[-1][3] <= model.one_decision_s / 60:
                    burst.append(share)
                    break
            else:
                self.decisions.append([share])

    def reads(self, who: str, chat: str, minute: int) -> bool:
        inside = ((start is None or start <= minute) and (end is None or minute < end)
                  for where, person, start, end in self.stays if (where, person) == (chat, who))  # fmt: skip
        return any(inside)

    def exposures(self, burst: list[Sent]) -> list[Sent]:
        who, _, family, minute, _ = burst[0]
        return [
            share
            for share in self.sent
            if share[0] != who and share[2] == family and share[3] <= minute and self.reads(who, share[1], share[3])
        ]

    def listed(self, burst: list[Sent]) -> list[Sent]:
        kept: set[Sent] = set()
        for chat in {share[1] for share in self.exposures(burst)}:
            for here in self.stays_apart(burst[0][0], [x for x in self.exposures(burst) if x[1] == chat]):
                first = [share for share in here if share[3] == here[0][3]]
                kept |= {*here[-self.model.most_candidates :], *first[: self.model.most_candidates]}
        return [share for share in self.exposures(burst) if share in kept]

    def stays_apart(self, who: str, here: list[Sent]) -> list[list[Sent]]:
        """Cut the shares of one chat wherever the reader was out of it in between."""
        found = [here[:1]]
        for before, share in pairwise(here):
            if all(self.reads(who, share[1], minute) for minute in range(before[3], share[3])):
                found[-1].append(share)
            else:
                found.append([share])
        return found

    def in_doubt(self, burst: list[Sent]) -> bool:
        return any(share[3] == burst[0][3] for share in self.exposures(burst))

    def weigh(self, burst: list[Sent]) -> dict[str | None, float]:
        model, (who, _, _, minute, wording) = self.model, burst[0]
        n = len({chat for chat, *_ in self.stays if self.reads(who, chat, minute)})
        unseen, found = model.unseen / (1 + n), {}
        for share in (listed := self.listed(burst)):
            tied = share[3] == minute
            weight = (model.delay_scale_s / (60 * (minute - share[3]) + model.delay_scale_s)) ** 2
            weight *= math.exp(-model.sharpness * (1 - likeness(wording, share[4])))
            weight *= 1 + model.first_bonus * (share[3] == listed[0][3] and not tied)
            weight *= model.same_chat if share[1] in {mine[1] for mine in burst} else 1
            weight *= model.same_time if tied else 1
            if tied and self.in_doubt(next(other for other in self.decisions if share in other)):
                unseen += weight
            else:
                found[name(share)] = weight
        best = sorted(found.items(), key=lambda pair: -pair[1])[: model.most_candidates]
        total = unseen + sum(weight for _, weight in best)
        return {None: unseen / total, **{parent: weight / total for parent, weight in best}}


@settings(max_examples=120, deadline=None)
@given(sent=SENT, stays=STAYS, most=st.sampled_from([1, 2, 50]))
@example(  # more shares in the first minute than are listed
    sent=[
        ("amara", "c1", "f1", 0, 0),
        ("amara", "c1", "f1", 1, 0),
        ("bilal", "c1", "f1", 0, 1),
        ("chen", "c1", "f1", 1, 1),
    ],
    stays=[("c1", "amara", None, None), ("c1", "chen", None, None)],
    most=1,
)
def test_links_equal_those_found_one_by_one(sent: list[Sent], stays: list[Stay], most: int) -> None:
    model = LinkModel(most_candidates=most)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(candidates, "PORTION", 3)
        links = fast_links(sent, stays, model=model)
    twin = Twin(sent, stays, model)
    for burst in twin.decisions:
        wanted = sorted(twin.weigh(burst).values())
        for share in burst:
            mine = links.filter(pl.col("share_id") == name(share))
            # With a limit, equally likely candidates may be left out in another order.
            assert sorted(mine["probability"]) == pytest.approx(wanted, abs=1e-6)
            if most > len(sent):
                found = dict(mine.select("parent_share_id", "probability").iter_rows())
                assert found == pytest.approx(twin.weigh(burst), abs=1e-6)


@settings(max_examples=80, deadline=None)
@given(
    sent=st.lists(
        st.tuples(PEOPLE, CHATS, st.just("f1"), st.sampled_from([0, 20]), st.just(0)),
        min_size=2,
        max_size=6,
        unique=True,
    ),
    apart=st.sets(st.tuples(CHATS, PEOPLE), max_size=3),
)
def test_links_never_run_in_a_circle(sent: list[Sent], apart: set[tuple[str, str]]) -> None:
    everywhere = [(chat, who) for chat in ("c1", "c2", "c3") for who in ("amara", "bilal", "chen")]
    stays: list[Stay] = [(*place, None, None) for place in everywhere if place not in apart]
    links = fast_links(sent, stays, model=LinkModel()).drop_nulls("parent_share_id")
    parents: dict[str, set[str]] = {}
    for share, parent in links.select("share_id", "parent_share_id").iter_rows():
        parents.setdefault(share, set()).add(parent)
    while parents:
        ends = [share for share, others in parents.items() if not others & parents.keys()]
        assert ends
        for share in ends:
            del parents[share]


def test_five_thousand_shares_of_one_text_in_one_chat_take_seconds_and_little_room() -> None:
    random = np.random.default_rng(1)
    minutes, people = random.integers(0, 40_000, 5000), random.integers(0, 500, 5000)
    sent = [(f"person {who}", "c1", "f1", int(at), int(at) % 3) for who, at in zip(people, minutes, strict=True)]
    sent = list(dict.fromkeys(sent))
    stays: list[Stay] = [("c1", f"person {number}", None, None) for number in range(500)]
    room, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    links = fast_links(sent, stays, model=LinkModel())
    assert time.perf_counter() - begun < 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - room < 500_000
    assert links.group_by("share_id").len()["len"].max() == 51
