"""The links, found one by one as the modules' descriptions say, beside those of the fast way."""

import resource
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from diffusion.linktables import AS_ASSUMED, Sent, Stay, links_of
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chatforensics import schema
from chatforensics.diffusion import candidates, opportunities
from chatforensics.diffusion.linkmodel import (
    AGE_EDGES,
    AGES,
    DEFAULT_MODEL,
    LAG_EDGES,
    SIZE_EDGES,
    SIZES,
    LinkModel,
)

SHORT = ["vote rowena adjei today", "vote rowena adjei now", "never vote for rowena now"]
EDITS = {(0, 1): 1, (0, 2): 2, (1, 2): 2}  # places in which two of them differ
LONG = " and tell everybody whom you know, and the neighbours of everybody whom you know, before noon"
PEOPLE, CHATS = st.sampled_from(["amara", "bilal", "chen", "dafydd"]), st.sampled_from(["c1", "c2", "c3"])
MINUTE = st.integers(0, 12) | st.sampled_from([60, 200, 1500, 1510, 5000])
SENT = st.lists(
    st.builds(Sent, PEOPLE, CHATS, MINUTE, st.sampled_from(SHORT), st.sampled_from(["f1", "f1", "f2"])),
    min_size=1,
    max_size=14,
    unique_by=lambda sent: (sent.who, sent.chat, sent.minute, sent.family),
)
STAYS = st.lists(st.builds(Stay, CHATS, PEOPLE, st.none() | MINUTE, st.none() | MINUTE), max_size=10)
ALIKE = st.sets(st.sampled_from([("amara", "bilal"), ("amara", "chen"), ("chen", "dafydd")]), max_size=2)


def bin_of(value: float, edges: Sequence[float]) -> int:
    return max(number for number, edge in enumerate(edges) if edge <= value)


class Twin:
    """The same links without any search, array or join."""

    def __init__(self, sent: list[Sent], stays: list[Stay], alike: set[tuple[str, str]], model: LinkModel) -> None:
        self.sent = sorted(sent, key=lambda share: (share.minute, share.share_id))
        self.stays, self.model = stays, model
        self.alike = alike | {(other, one) for one, other in alike}
        self.people = {share.who for share in sent} | {stay.who for stay in stays}
        self.decisions = self.decide()

    def decide(self) -> list[list[Sent]]:
        found: list[list[Sent]] = []
        for share in self.sent:
            for burst in reversed(found):
                if (burst[0].who, burst[0].family) == (share.who, share.family):
                    if share.minute - burst[-1].minute <= self.model.one_decision_s / 60:
                        burst.append(share)
                        break
                    found.append([share])
                    break
            else:
                found.append([share])
        return found

    def lookers(self, who: str, chat: str) -> list[str]:
        """Return whose stays say what somebody could read in a chat."""
        if any((stay.who, stay.chat) == (who, chat) for stay in self.stays):
            return [who]
        return sorted(other for other in self.people if (who, other) in self.alike)

    def reads(self, who: str, chat: str, minute: int) -> bool:
        return any(
            (stay.begin is None or stay.begin <= minute) and (stay.end is None or minute < stay.end)
            for stay in self.stays
            if stay.chat == chat and stay.who in self.lookers(who, chat)
        )

    def borrows(self, who: str, chat: str) -> bool:
        return self.lookers(who, chat) != [who]

    def exposures(self, who: str, family: str) -> Iterator[Sent]:
        """Return in order of time what somebody could read, others' shares and their namesakes' own."""
        for share in self.sent:
            if share.who != who and share.family == family and self.reads(who, share.chat, share.minute):
                yield share

    def listed(self, burst: list[Sent]) -> list[Sent]:
        who, most = burst[0].who, self.model.most_candidates
        seen = [share for share in self.exposures(who, burst[0].family) if share.minute <= burst[0].minute]
        kept: set[Sent] = set()
        for chat in {share.chat for share in seen}:
            for here in self.stays_apart(who, [share for share in seen if share.chat == chat]):
                first = [share for share in here if share.minute == here[0].minute]
                kept |= {*here[-most:], *first[:most]}
        return [share for share in seen if share in kept and (who, share.who) not in self.alike]

    def stays_apart(self, who: str, here: list[Sent]) -> list[list[Sent]]:
        """Cut the shares of one chat wherever the reader was out of it in between."""
        found = [here[:1]]
        for before, share in pairwise(here):
            if all(self.reads(who, share.chat, minute) for minute in range(before.minute, share.minute)):
                found[-1].append(share)
            else:
                found.append([share])
        return found

    def first_sent(self, who: str, family: str) -> int | None:
        return next((share.minute for share in self.sent if (share.who, share.family) == (who, family)), None)

    def begun(self, family: str) -> int:
        return min(share.minute for share in self.sent if share.family == family)

    def age_bin(self, share: Sent) -> int:
        return bin_of((share.minute - self.begun(share.family)) / 1440, AGE_EDGES)

    def effect(self, share: Sent, kind: str, *, borrowed: bool) -> float:
        model = self.model
        readers = [who for who in self.people if who != share.who and self.reads(who, share.chat, share.minute)]
        size = bin_of(
            sum((who, share.who) not in self.alike and not self.borrows(who, share.chat) for who in readers), SIZE_EDGES
        )
        of_kind = {"first": 1.0, "later": model.later, "again": model.again}[kind]
        worn = model.per_day ** AGES[self.age_bin(share)]
        return (SIZES[size] / 20) ** model.size * of_kind * worn * (model.namesake if borrowed else 1.0)

    def kind(self, share: Sent, who: str, among: list[Sent]) -> str:
        own = self.first_sent(who, share.family)
        if own is not None and own <= share.minute:
            return "again"
        if not self.borrows(who, share.chat):
            among = [other for other in among if not self.borrows(who, other.chat)]
        return "first" if share.minute == min(other.minute for other in among) else "later"

    def opportunities(self, family: str) -> tuple[float, int]:
        """Return how many opportunities there were, as weighed by the effects, and as a plain count."""
        whole, n = 0.0, 0
        for who in self.people:
            among = [share for share in self.exposures(who, family) if (who, share.who) not in self.alike]
            for share in among:
                whole += self.effect(share, self.kind(share, who, among), borrowed=self.borrows(who, share.chat))
            n += len(among)
        return whole, n

    def reachable(self, family: str) -> Counter[str]:
        """Return people times shares, had each share reached everybody, by what it would have been to them."""
        found: Counter[str] = Counter()
        for share in (one for one in self.sent if one.family == family):
            exposed, sent = 0, 0
            for who in self.people:
                own = self.first_sent(who, family)
                sent += own is not None and own <= share.minute
                exposed += any(
                    other.minute <= share.minute
                    and not self.borrows(who, other.chat)
                    and (who, other.who) not in self.alike
                    for other in self.exposures(who, family)
                )
            people = len(self.people)
            found += Counter(first=max(0, people - exposed), later=max(0, exposed - sent), again=max(0, sent))
        return found

    def density(self, share: Sent, burst: list[Sent]) -> float:
        at = bin_of(60 * (burst[0].minute - share.minute), LAG_EDGES)
        return self.model.delay[at] / (LAG_EDGES[at + 1] - LAG_EDGES[at])

    def wording(self, edits: int) -> float:
        model = self.model
        return 1 - model.edited if edits == 0 else model.edited * model.known_edit * model.further_edit ** (edits - 1)

    def edits(self, one: Sent, other: Sent) -> int:
        a, b = sorted(SHORT.index(text.removesuffix(LONG)) for text in (one.text, other.text))
        return EDITS.get((a, b), 0)

    def candidate_weights(self, burst: list[Sent]) -> dict[Sent, float]:
        who, found = burst[0].who, {}
        for share in (listed := self.listed(burst)):
            kind = self.kind(share, who, listed)
            weight = self.effect(share, kind, borrowed=self.borrows(who, share.chat)) * self.density(share, burst)
            weight *= self.wording(self.edits(share, burst[0]))
            weight *= self.model.same_chat if share.chat in {mine.chat for mine in burst} else 1.0
            weight *= self.model.same_time if share.minute == burst[0].minute else 1.0
            found[share] = weight
        return found

    def standin_weight(self, burst: list[Sent]) -> float:
        who, family, minute = burst[0].who, burst[0].family, burst[0].minute
        own = self.first_sent(who, family)
        seen = [share.minute for share in self.listed(burst) if share.minute < minute]
        whole = 0.0
        for share in self.sent:
            if share.family != family or share.who == who or share.minute >= minute:
                continue
            kind = "later" if seen and share.minute >= min(seen) else "first"
            kind = "again" if own is not None and share.minute >= own else kind
            of_kind = {"first": 1.0, "later": self.model.later, "again": self.model.again}[kind]
            worn = self.model.per_day ** AGES[self.age_bin(share)]
            said = self.wording(0 if self.edits(share, burst[0]) == 0 else 2)
            whole += of_kind * worn * self.density(share, burst) * said
        return whole

    def divide(self) -> dict[str, dict[str | None, float]]:
        """Return where each decision's first share may have come from."""
        model, families = self.model, {share.family for share in self.sent}
        expected = {family: self.opportunities(family)[0] for family in families}
        reachable = {family: self.reachable(family) for family in families}
        n, standins = (
            sum(self.opportunities(family)[1] for family in families),
            sum(sum(x.values()) for x in reachable.values()),
        )
        balance = n / standins if n and standins else 1 / len(self.people)
        stand_for = {
            family: counts["first"] + model.later * counts["later"] + model.again * counts["again"]
            for family, counts in reachable.items()
        }
        rate, unseen = model.per_reader, model.per_reader * model.per_unseen * balance
        reader, standin = dict.fromkeys(families, rate), dict.fromkeys(families, unseen)
        life = {
            family: 60 * (max(x.minute for x in self.sent if x.family == family) - self.begun(family)) + 4 * 86400
            for family in families
        }
        begin = {family: 1.5 / (len(self.people) * life[family]) for family in families}
        weights = {
            burst[0].share_id: (burst, self.candidate_weights(burst), self.standin_weight(burst))
            for burst in self.decisions
        }
        in_doubt = {
            burst[0].share_id for burst, found, _ in weights.values() if any(x.minute == burst[0].minute for x in found)
        }
        of_decision = {share: burst[0].share_id for burst in self.decisions for share in burst}
        for turn in range(11):
            read, stood, began = Counter[str](), Counter[str](), Counter[str]()
            result: dict[str, dict[str | None, float]] = {}
            for key, (burst, found, other) in weights.items():
                family = burst[0].family
                earliest = next(share for share in self.sent if share.family == family)
                alone = begin[family] * self.wording(0 if self.edits(earliest, burst[0]) == 0 else 1)
                total = reader[family] * sum(found.values()) + standin[family] * other + alone
                named = {
                    share: reader[family] * weight / total
                    for share, weight in found.items()
                    if not (share.minute == burst[0].minute and of_decision[share] in in_doubt)
                }
                read[family] += sum(named.values())
                stood[family] += standin[family] * other / total
                began[family] += alone / total
                best = sorted(named.items(), key=lambda pair: -pair[1])[: model.most_candidates]
                rest, whole = 1 - sum(named.values()), sum(weight for _, weight in best)
                result[key] = {None: rest / (rest + whole), **{share.share_id: x / (rest + whole) for share, x in best}}
            for family in families if turn < 10 else ():
                reader[family] = (read[family] + 2) / (expected[family] + 2 / rate)
                standin[family] = (stood[family] + 2) / (stand_for[family] + 2 / unseen)
                begin[family] = (max(0, began[family] - 1) + 0.5) / (len(self.people) * life[family])
        return result


@settings(max_examples=120, deadline=None)
@given(sent=SENT, stays=STAYS, alike=ALIKE, most=st.sampled_from([1, 2, 50]))
@example(  # more shares in the first minute than are listed
    sent=[
        Sent("amara", "c1", 0, SHORT[0]),
        Sent("amara", "c1", 1, SHORT[0]),
        Sent("bilal", "c1", 0, SHORT[1]),
        Sent("chen", "c1", 1, SHORT[1]),
    ],
    stays=[Stay("c1", "amara"), Stay("c1", "chen")],
    alike=set(),
    most=1,
)
def test_links_equal_those_found_one_by_one(
    sent: list[Sent], stays: list[Stay], alike: set[tuple[str, str]], most: int
) -> None:
    model = replace(AS_ASSUMED, most_candidates=most, later=0.4, per_day=0.7)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(candidates, "PORTION", 3)
        patch.setattr(opportunities, "PORTION", 3)
        links = links_of(sent, stays, alike=sorted(alike), model=model)
    twin = Twin(sent, stays, alike, model)
    wanted = twin.divide()
    for burst in twin.decisions:
        expected = wanted[burst[0].share_id]
        for share in burst:
            mine = links.filter(pl.col("share_id") == share.share_id)
            assert mine["burst_id"].unique().to_list() == [burst[0].share_id]
            # With a limit, equally likely candidates may be left out in another order.
            assert sorted(mine["probability"]) == pytest.approx(sorted(expected.values()), abs=1e-6)
            if most > len(sent):
                found = dict(mine.select("parent_share_id", "probability").iter_rows())
                assert found == pytest.approx(expected, abs=1e-6)
                check_basis(mine, twin, sent, share.who)


def check_basis(mine: pl.DataFrame, twin: Twin, sent: list[Sent], who: str) -> None:
    chat_of = {share.share_id: share.chat for share in sent}
    for parent, basis in mine.select("parent_share_id", "basis").iter_rows():
        assert basis == (None if parent is None else "namesake" if twin.borrows(who, chat_of[parent]) else "member")


@settings(max_examples=60, deadline=None)
@given(
    sent=st.lists(st.builds(Sent, PEOPLE, CHATS, st.sampled_from([0, 20])), min_size=2, max_size=6, unique=True),
    apart=st.sets(st.tuples(CHATS, PEOPLE), max_size=6),
    alike=ALIKE,
    model=st.sampled_from([AS_ASSUMED, DEFAULT_MODEL]),
)
def test_links_never_run_in_a_circle(
    sent: list[Sent], apart: set[tuple[str, str]], alike: set[tuple[str, str]], model: LinkModel
) -> None:
    everywhere = [(chat, who) for chat in ("c1", "c2", "c3") for who in ("amara", "bilal", "chen", "dafydd")]
    stays = [Stay(*place) for place in everywhere if place not in apart]
    links = links_of(sent, stays, alike=sorted(alike), model=model).drop_nulls("parent_share_id")
    bursts = dict(links.select("share_id", "burst_id").iter_rows())
    parents: dict[str, set[str]] = {}
    for share, parent in links.select("burst_id", "parent_share_id").iter_rows():
        parents.setdefault(share, set()).add(bursts.get(parent, parent))
    while parents:
        ends = [share for share, others in parents.items() if not others & parents.keys()]
        assert ends
        for share in ends:
            del parents[share]


def test_five_thousand_shares_of_one_text_in_one_chat_take_seconds_and_little_room() -> None:
    random = np.random.default_rng(1)
    minutes, people = random.integers(0, 40_000, 5000), random.integers(0, 500, 5000)
    sent = [Sent(f"person {who}", "c1", int(at), SHORT[at % 3] + LONG) for who, at in zip(people, minutes, strict=True)]
    sent = list(dict.fromkeys(sent))
    stays = [Stay("c1", f"person {number}") for number in range(500)]
    room, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    links: schema.Links = links_of(sent, stays, model=DEFAULT_MODEL)
    assert time.perf_counter() - begun < 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - room < 800_000
    assert links.group_by("share_id").len()["len"].max() == 51
