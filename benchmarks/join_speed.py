"""How long joining takes: two exports of one long chat, many exports of a town, and the growth with size.

Invented chats are written as two platforms would export them, parsed (not timed) and joined (timed, one process, wall
clock). Every export has its own names, clock, and a thousandth of the messages deleted.

    python benchmarks/join_speed.py pair 40000
    python benchmarks/join_speed.py town 200 10000
"""

import argparse
import random
import resource
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import polars as pl

from chatforensics.intake import chat_from_bytes
from chatforensics.joining import join_exports
from chatforensics.parsing import parse_export
from chatforensics.schema import Events, Messages, Sources

START = datetime(2025, 1, 6, 8, 0)  # noqa: DTZ001 - an export's own wall clock
DELETED, SHORT_SHARE, OFTEN_SHARE = 0.001, 0.5, 0.25
SHORT = ("ok", "yes", "thanks", "see you", "no", "on my way", "haha", "👍", "good morning", "who is bringing cake")
WORDS = (
    "table",
    "bread",
    "river",
    "ladder",
    "kettle",
    "window",
    "garden",
    "marble",
    "saddle",
    "ticket",
    "harbour",
    "lamp",
)
OFTEN = tuple(f"everyday sentence number {i} that people write again" for i in range(300))


def talk(rng: random.Random, n: int, n_people: int) -> Iterator[tuple[int, int, str]]:
    """Yield second, person and text of one chat: half of the texts are short, a quarter recur, a quarter are rare."""
    t = 0
    for _ in range(n):
        t += 1 + int(rng.expovariate(1 / 150))
        rare = " ".join(rng.choices(WORDS, k=6)) + f" {rng.randrange(10**6)}"
        yield (
            t,
            rng.randrange(n_people),
            _choose(rng, rare),
        )


def _choose(rng: random.Random, rare: str) -> str:
    kind = rng.random()
    if kind < SHORT_SHARE:
        return rng.choice(SHORT)
    return rng.choice(OFTEN) if kind < SHORT_SHARE + OFTEN_SHARE else rare


def write(chat: list[tuple[int, int, str]], *, rng: random.Random, phone: int, ios: bool) -> bytes:
    """Return a chat as one phone exports it."""
    ahead = rng.randrange(-60, 60) + 3600 * rng.choice((0, 0, 1, 5))
    lines = []
    for t, person, text in chat:
        if rng.random() >= DELETED:
            at = START + timedelta(seconds=t + ahead)
            stamp = f"[{at:%d/%m/%Y, %H:%M:%S}] " if ios else f"{at:%d/%m/%Y, %H:%M} - "
            lines.append(f"{stamp}Person {person} of {phone}: {text}")
    return ("\r\n" if ios else "\n").join([*lines, ""]).encode()


def build(n_exports: int, n_messages: int, *, seed: int) -> tuple[Sources, Messages, Events]:
    """Return the parsed exports: two phones a chat, ten chats a phone."""
    parsed = []
    for chat in range((n_exports + 1) // 2):
        said = list(talk(random.Random(f"{seed} {chat}"), n_messages, 30))  # noqa: S311 - no secret
        for side in range(min(2, n_exports - 2 * chat)):
            phone = 2 * (chat // 10) + side
            rng = random.Random(f"{seed} {phone}")  # noqa: S311 - no secret
            raw = write(said, rng=rng, phone=phone, ios=phone % 3 == 0)
            parsed.append(parse_export(chat_from_bytes(raw, name=f"{phone}/{chat}.txt", folder=f"phone {phone}")))
    return (
        Sources(pl.concat([p.sources for p in parsed])),
        Messages(pl.concat([p.messages for p in parsed])),
        Events(pl.concat([p.events for p in parsed])),
    )


def main() -> None:
    """Build, join and print one line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["pair", "town"])
    parser.add_argument("numbers", type=int, nargs="+", help="messages per export; for a town: exports, messages")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    n_exports, n_messages = (2, args.numbers[0]) if args.what == "pair" else args.numbers
    tables = build(n_exports, n_messages, seed=args.seed)
    began = time.perf_counter()
    joined = join_exports(*tables, timezone="Europe/London")
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    n_copies = joined.corroboration.filter(pl.col("status") == "agree").height
    print(
        f"{n_exports} exports, {tables[1].height:,} messages: {seconds:.1f} s, peak {peak:.1f} GB; "
        f"chats {joined.chats.height}, agreed {n_copies:,}, people {joined.people.height}"
    )


if __name__ == "__main__":
    main()
