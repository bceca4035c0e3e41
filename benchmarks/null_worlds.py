"""How often innocent pairs are called significant, and how often a planted team is found.

    python benchmarks/null_worlds.py --seeds 20
    python benchmarks/null_worlds.py --towns towns/s1-any-1.0-t0 towns/s2-any-1.0-t0

Without towns, worlds are drawn in which nobody acts together, each with one innocent reason for being close in time:

- `apart`: everybody sends at a moment of their own;
- `rush`: most who send a family do so within half an hour of a piece of news that no export shows;
- `shifts`: some people write at night only, all others by day;
- `readers`: people pass on within minutes what they read in a common chat;
- `sittings`: people forward several families at one go, most often in the evening;
- `quick`: as readers, and every fifth person always forwards within three minutes (the p-values do not know this).

With towns (folders that hold `truth/` as a simulation writes it), shares are those visible in its exports, on a clock
of minutes, and stays are those of the chats held. Counted are pairs of people who sent at least two families in common:
the share with p up to 0.05, 0.01 and 0.001, with q up to 0.05, and how many worlds have one such pair at all.
"""

import argparse
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np
import polars as pl

from chatforensics.coordination import count_hours, find_pairs
from chatforensics.coordination.commons import count_pairs_in_common
from chatforensics.schema import SIGNIFICANT_Q, TABLES, Memberships, Messages, Shares

DAY, PEOPLE, FAMILIES, CHATS = 86400, 150, 25, 18
EPOCH = int(datetime(2026, 3, 2, tzinfo=UTC).timestamp())
P_VALUES = (0.05, 0.01, 0.001)
NOON_H, IN_A_RUSH, FORWARDS, MOST_SENDERS = 12, 0.7, 0.08, 60
Sent: TypeAlias = tuple[int, int, int, float]  # family, person, chat, seconds
Random: TypeAlias = np.random.Generator


class World(NamedTuple):
    """Shares, stays, who writes when, and how often the planted pairs visibly acted together."""

    shares: Shares
    memberships: Memberships
    hours: pl.DataFrame
    team: dict[frozenset[str], int]


def draw_world(kind: str, seed: int) -> World:
    """Draw a world of one kind in which nobody acts together."""
    random = np.random.default_rng([seed, KINDS.index(kind)])
    chats = [sorted(random.choice(PEOPLE, 25, replace=False).tolist()) for _ in range(CHATS)]
    chats_of = [
        [c for c, people in enumerate(chats) if p in people] or [int(random.integers(CHATS))] for p in range(PEOPLE)
    ]
    night = set(range(0, PEOPLE, 6)) if kind == "shifts" else set()
    wakes = [22 if person in night else 8 for person in range(PEOPLE)]
    sent: list[Sent] = []
    for family in range(FAMILIES):
        begin = int(random.integers(5, 50)) * DAY + random.uniform(9, 19) * 3600
        if kind in ("readers", "quick"):
            sent += _cascade(random, family, begin, chats, chats_of, quick=kind == "quick")
        else:
            sent += _senders(random, kind, family, begin, chats_of, wakes)
    if kind == "sittings":
        sent = _at_one_sitting(random, sent)
    everyday = [
        (person, (wakes[person] + random.uniform(0, 5 if person in night else 14)) % 24)
        for person in range(PEOPLE)
        for _ in range(60)
    ]
    hours = Messages(
        pl.DataFrame(
            {
                "person_id": [f"p{person:03}" for person, _ in everyday],
                "sent_at": _times([EPOCH + hour * 3600 for _, hour in everyday]),
            }
        )
    )
    stays = [(f"c{chat}", f"p{person:03}") for chat, people in enumerate(chats) for person in people]
    return World(_shares(sent), _memberships(stays), count_hours(hours), {})


def _senders(  # noqa: PLR0913, PLR0917 - one drawing, no more
    random: Random, kind: str, family: int, begin: float, chats_of: list[list[int]], wakes: list[int]
) -> Iterator[Sent]:
    """Draw who sends a family when, independently of each other."""
    news = begin + int(random.integers(0, 2)) * DAY
    for person in random.choice(PEOPLE, 30, replace=False).tolist():
        day = begin // DAY + min(3, int(random.exponential(1)))
        length = 5 if wakes[person] > NOON_H else 14
        at = day * DAY + (wakes[person] + random.uniform(0, length)) * 3600
        if kind == "rush" and random.random() < IN_A_RUSH:
            at = news + random.uniform(0, 1800)
        for chat in chats_of[person][: int(random.integers(1, 3))]:
            yield family, person, chat, at
            at += random.uniform(5, 60)


def _cascade(  # noqa: PLR0913 - one drawing, no more
    random: Random, family: int, begin: float, chats: list[list[int]], chats_of: list[list[int]], *, quick: bool
) -> Iterator[Sent]:
    """Let a family pass from chat to chat; people forward minutes after reading, once each."""
    waiting = [(begin + random.uniform(0, 7200), int(person)) for person in random.choice(PEOPLE, 3, replace=False)]
    done: set[int] = set()
    while waiting and len(done) < MOST_SENDERS:
        waiting.sort()
        at, person = waiting.pop(0)
        if person in done:
            continue
        done.add(person)
        chat = chats_of[person][int(random.integers(len(chats_of[person])))]
        yield family, person, chat, at
        for reader in chats[chat]:
            if reader not in done and random.random() < FORWARDS:
                delay = random.uniform(20, 180) if quick and reader % 5 == 0 else random.lognormal(np.log(400), 1.2)
                waiting.append((at + delay, reader))


def _at_one_sitting(random: Random, sent: list[Sent]) -> list[Sent]:
    """Move what a person sends of three neighbouring families to one sitting, most often in the evening."""
    sitting: dict[tuple[int, int], float] = {}
    moved = []
    for family, person, chat, _ in sent:
        key = (person, family // 3)
        evening = (10 + 2 * (family // 3)) * DAY + random.normal(20, 1.5) * 3600
        at = sitting.setdefault(key, evening) + random.uniform(0, 400)
        moved.append((family, person, chat, at))
    return moved


KINDS = ("apart", "rush", "shifts", "readers", "sittings", "quick")


def _times(seconds: list[float]) -> pl.Series:
    """Return times cut down to the minute, as phones print them."""
    minutes = [int(second) // 60 * 60_000_000 for second in seconds]
    return pl.Series(minutes, dtype=pl.Int64).cast(pl.Datetime("us", "UTC"))


def _shares(sent: list[Sent]) -> Shares:
    rows = sorted(sent, key=lambda one: (one[3], one[:3]))
    columns = {
        "share_id": [f"s{number:06}" for number in range(len(rows))],
        "family_id": [f"f{family}" for family, *_ in rows],
        "variant_id": ["v"] * len(rows),
        "chat_id": [f"c{chat}" for _, _, chat, _ in rows],
        "person_id": [f"p{person:03}" for _, person, _, _ in rows],
        "sent_at": _times([EPOCH + at for *_, at in rows]),
        "message_ids": [[number] for number in range(len(rows))],
        "similarity": [1.0] * len(rows),
        "source_ids": [[f"e{chat}"] for _, _, chat, _ in rows],
    }
    return Shares(pl.DataFrame(columns, schema=dict(TABLES["shares"])))


def _memberships(stays: list[tuple[str, str]]) -> Memberships:
    table = pl.DataFrame(stays, schema=["chat_id", "person_id"], orient="row")
    always = pl.lit(None, pl.Datetime("us", "UTC"))
    return Memberships(table.with_columns(from_at=always, to_at=always))


def read_town(folder: Path) -> World:
    """Read what a town's exports show of its shares, from its truth."""
    truth = folder / "truth"
    lines = (truth / "shares.jsonl").read_text(encoding="utf-8").splitlines()
    seen = [share for share in map(json.loads, lines) if share["visible_in"] and not share["deleted"]]
    columns = {
        "share_id": [f"s{share['share']:07}" for share in seen],
        "family_id": [share["family"] for share in seen],
        "variant_id": ["v"] * len(seen),
        "chat_id": [share["chat"] for share in seen],
        "person_id": [share["person"] for share in seen],
        "sent_at": _times([share["utc"] for share in seen]),
        "message_ids": [share["messages"] for share in seen],
        "similarity": [1.0] * len(seen),
        "source_ids": [[str(number) for number in share["visible_in"]] for share in seen],
    }
    shares = Shares(pl.DataFrame(columns, schema=dict(TABLES["shares"])))
    held = {export["chat"] for export in json.loads((truth / "exports.json").read_text(encoding="utf-8"))}
    stays = [
        stay for stay in json.loads((truth / "memberships.json").read_text(encoding="utf-8")) if stay["chat"] in held
    ]
    memberships = pl.DataFrame(
        {
            "chat_id": [stay["chat"] for stay in stays],
            "person_id": [stay["person"] for stay in stays],
            "from_at": _times([stay["from_utc"] for stay in stays]),
            "to_at": _times([stay["to_utc"] for stay in stays]),
        }
    )
    pairs = json.loads((truth / "coordinated.json").read_text(encoding="utf-8"))["pairs"]
    team = {frozenset((pair["a"], pair["b"])): len(pair["visible_families"]) for pair in pairs}
    return World(shares, Memberships(memberships), count_hours(Messages(shares)), team)


def count(worlds: list[World], *, window_s: float) -> dict[str, float]:
    """Return rates over all worlds of one kind."""
    n_pairs = n_innocent = n_worlds = n_found = n_clear = n_team = 0
    low = np.zeros(len(P_VALUES))
    for world in worlds:
        pairs = find_pairs(world.shares, world.memberships, world.hours, clock_step_s=60, window_s=window_s)
        rows = pairs.filter(pl.col("n_common") > 1).select("person_a", "person_b", "p_value", "q_value").rows()
        innocent = [(p, q) for a, b, p, q in rows if frozenset((a, b)) not in world.team]
        n_pairs += count_pairs_in_common(world.shares, at_least=2) - len(rows) + len(innocent)
        low += [sum(p <= level for p, _ in innocent) for level in P_VALUES]
        n_low = sum(q <= SIGNIFICANT_Q for _, q in innocent)
        n_innocent, n_worlds = n_innocent + n_low, n_worlds + bool(n_low)
        found = {frozenset((a, b)) for a, b, _, q in rows if q <= SIGNIFICANT_Q} & set(world.team)
        clear = {pair for pair, n in world.team.items() if n > 1}
        n_team, n_clear, n_found = n_team + len(world.team), n_clear + len(clear), n_found + len(found & clear)
    rates: dict[str, float] = {
        f"p<={level}": number / max(1, n_pairs) for level, number in zip(P_VALUES, low.tolist(), strict=True)
    }
    rates |= {"pairs": n_pairs, "q<=.05": n_innocent / max(1, n_pairs), "worlds": n_worlds / len(worlds)}
    return rates | {"team": n_team, "clear": n_clear, "found": n_found}


def main() -> None:
    """Print one line per kind of world."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--window", type=float, default=300.0, help="seconds")
    parser.add_argument("--towns", type=Path, nargs="*", default=[], help="folders of towns of one kind")
    options = parser.parse_args()
    if options.towns:
        print("towns", _show(count([read_town(folder) for folder in options.towns], window_s=options.window)))
        return
    for kind in KINDS:
        worlds = [draw_world(kind, seed) for seed in range(options.seeds)]
        print(f"{kind:9}", _show(count(worlds, window_s=options.window)), flush=True)


def _show(rates: dict[str, float]) -> str:
    return "  ".join(f"{name} {value:.4g}" for name, value in rates.items())


if __name__ == "__main__":
    main()
