"""Small worlds in which it is known who passed what on from where."""

import heapq
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from diffusion.linktables import Sent, Stay, message_table, share_table, stay_table

from chatforensics import schema
from chatforensics.diffusion.linkmodel import DEFAULT_MODEL, LinkModel
from chatforensics.diffusion.links import link_shares

MEAN_WAIT_MIN = 60
EDIT_RATE = 0.2
PEOPLE, CHATS_EACH, CHATS = 120, 3, 36
MOST_SHARES = 60  # per family
LONG = "please remember to vote for rowena adjei in step 1 and tariq lindqvist in step 2 before noon today"


@dataclass(frozen=True)
class World:
    """What was sent, who was where, and from which share each share came (none for the first)."""

    stays: list[Stay]
    sent: list[Sent] = field(default_factory=list)
    parents: list[int | None] = field(default_factory=list)

    def link(self, *, seen: int = CHATS, model: LinkModel = DEFAULT_MODEL) -> tuple[schema.Links, LinkModel]:
        """Link what was sent into the first so many chats, by who was in these."""
        there = {f"c{number}" for number in range(seen)}
        sent = [one for one in self.sent if one.chat in there]
        stays = [stay for stay in self.stays if stay.chat in there]
        return link_shares(share_table(sent), stay_table(stays), message_table(sent), model=model)

    def waits(self) -> list[int]:
        """Return for each share that was passed on how many minutes its sender waited."""
        pairs = zip(self.sent, self.parents, strict=True)
        return [one.minute - self.sent[parent].minute for one, parent in pairs if parent is not None]

    def unseen(self, *, seen: int) -> float:
        """Return which part of what was sent into the first so many chats came from none of them."""
        there = {f"c{number}" for number in range(seen)}
        came = [self.sent[parent].chat if parent is not None else None
                for one, parent in zip(self.sent, self.parents, strict=True) if one.chat in there]  # fmt: skip
        return float(np.mean([chat not in there for chat in came]))


def simulate(seed: int, *, only_first: bool, passed_on: float, n_families: int = 40) -> World:
    """Let texts spread: whoever reads one may pass it on once, into another chat, only on first sight or on any."""
    random = np.random.default_rng(seed)
    chats_of = [random.choice(CHATS, CHATS_EACH, replace=False).tolist() for _ in range(PEOPLE)]
    world = World([Stay(f"c{chat}", f"p{who}") for who in range(PEOPLE) for chat in chats_of[who]])
    members = [[who for who in range(PEOPLE) if chat in chats_of[who]] for chat in range(CHATS)]
    for family in range(n_families):
        _spread(world, f"f{family}", chats_of, members, random, only_first=only_first, passed_on=passed_on)
    return world


def _spread(  # noqa: PLR0913
    world: World,
    family: str,
    chats_of: list[list[int]],
    members: list[list[int]],
    random: np.random.Generator,
    *,
    only_first: bool,
    passed_on: float,
) -> None:
    begun, first = len(world.sent), int(random.integers(PEOPLE))
    waiting: list[tuple[int, int, int, int | None]] = [(int(random.integers(9000)), first, -1, None)]
    exposed, done = {first}, set[int]()
    while waiting and len(world.sent) - begun < MOST_SHARES:
        minute, who, came_by, parent = heapq.heappop(waiting)
        if who in done:
            continue
        done.add(who)
        text = LONG if parent is None else world.sent[parent].text
        if parent is not None and random.random() < EDIT_RATE:
            text += f" note{len(world.sent)}"
        chat = int(random.choice([one for one in chats_of[who] if one != came_by]))
        world.sent.append(Sent(f"p{who}", f"c{chat}", minute, text, family))
        world.parents.append(parent)
        for reader in members[chat]:
            if random.random() < passed_on and not (only_first and reader in exposed) and reader not in done:
                later = minute + 1 + int(random.exponential(MEAN_WAIT_MIN))
                heapq.heappush(waiting, (later, reader, chat, len(world.sent) - 1))
        exposed.update(members[chat])


def right_first(world: World, links: schema.Links) -> float:
    """Return how much of what was passed on has its true source as the likeliest."""
    pairs = zip(world.sent, world.parents, strict=True)
    true = {one.share_id: world.sent[parent].share_id for one, parent in pairs if parent is not None}
    best = dict(links.filter(pl.col("rank") == 1).select("share_id", "parent_share_id").iter_rows())
    return float(np.mean([best[share] == parent for share, parent in true.items()]))
