"""The links, found one by one as the modules' descriptions say: without any search, array or join."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from diffusion.linktables import Sent, Stay

from chatforensics.diffusion.linkmodel import AGE_EDGES, AGES, LAG_EDGES, SIZE_EDGES, SIZES, LinkModel

SHORT = ["vote rowena adjei today", "vote rowena adjei now", "never vote for rowena now"]
EDITS = {(0, 1): 1, (0, 2): 2, (1, 2): 2}  # places in which two of them differ
LONG = " and tell everybody whom you know, and the neighbours of everybody whom you know, before noon"


def bin_of(value: float, edges: npt.NDArray[np.float64]) -> int:
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
        return float((SIZES[size] / 20) ** model.size * of_kind * worn * (model.namesake if borrowed else 1.0))

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
        return float(self.model.delay[at] / (LAG_EDGES[at + 1] - LAG_EDGES[at]))

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
            read, stood, began = (defaultdict[str, float](float) for _ in range(3))
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
