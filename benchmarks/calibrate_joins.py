"""How often a second export of the chat shows that a first one was altered, and how often it wrongly speaks.

    python -m benchmarks.calibrate_joins --clean town1/exports town2/exports --tz Europe/London

Chats of which at least two phones' exports are in the folders are joined as they are (false flags), and once more for
each alteration of one of them, changed as `alterations.py` changes it. An alteration counts where another export shows
the messages around its place, so that it could have seen it. It is seen where a message that was in order before is in
conflict or one-sided afterwards; the table says with which status.
"""

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random

import polars as pl

from benchmarks.alterations import CAREFUL, CARELESS, Alteration
from benchmarks.calibrate_indicators import interval, replace_text, say_share
from benchmarks.cut_exports import Export, cut_export
from chatforensics.errors import EvidenceError
from chatforensics.intake import ChatText, chat_from_bytes, find_exports, read_export
from chatforensics.joining import Joined, join_exports
from chatforensics.parsing import Parsed
from chatforensics.schema import Events, Messages, Sources
from chatforensics.workflow import Declared
from chatforensics.workflow.single import parse_received

GRAVE = ("text_conflict", "sender_conflict", "time_conflict", "one_sided")
NEAR = 3  # records on either side of an alteration that another export must show


@dataclass(frozen=True)
class Held:
    """One export of a chat: the file, what it says, and its records where it can be cut into them."""

    path: Path
    folder: str | None
    raw: bytes
    parsed: Parsed
    export: Export | None


def read_one(chat: ChatText, path: Path, raw: bytes) -> Held:
    """Parse one export."""
    parsed = parse_received(chat, Declared())
    return Held(path, chat.folder, raw, parsed, cut_export(chat, parsed))


def join(held: Sequence[Held], zone: str) -> Joined:
    """Join exports."""
    return join_exports(
        Sources(pl.concat([one.parsed.sources for one in held])),
        Messages(pl.concat([one.parsed.messages for one in held])),
        Events(pl.concat([one.parsed.events for one in held])),
        timezone=zone,
    )


def read_chats(folder: Path, zone: str) -> list[list[Held]]:
    """Return the exports of each chat that several phones show."""
    held = [read_one(read_export(file), file.path, file.path.read_bytes()) for file in find_exports([folder])]
    chat_of = dict(join(held, zone).sources.select("source_id", "chat_id").iter_rows())
    chats: defaultdict[str, list[Held]] = defaultdict(list)
    for one in held:
        chats[chat_of[one.parsed.sources["source_id"][0]]].append(one)
    return [chat for _, chat in sorted(chats.items()) if len({one.folder for one in chat}) > 1]


def count_grave(joined: Joined) -> Counter[str]:
    """Count the messages of each grave status."""
    return Counter(status for status in joined.corroboration["status"] if status in GRAVE)


def find_shown(joined: Joined, source_id: str) -> set[int]:
    """Return the places of an export's records that another export shows alike."""
    own = joined.messages.filter(pl.col("source_id") == source_id).sort("byte_start").with_row_index("place")
    agreed = joined.corroboration.filter(pl.col("status") == "agree").select("canonical_id")
    return set(own.join(agreed, on="canonical_id", how="semi")["place"].to_list())


def alter(
    chat: Sequence[Held], at: int, alteration: Alteration, seed: int, others: Sequence[Export]
) -> tuple[int, bytes] | None:
    """Return the place of an alteration of one export of a chat, and the altered file."""
    one = chat[at]
    if one.export is None:
        return None
    chance = Random(f"{seed} {alteration.__name__} {one.path.parent.name}/{one.path.name}")  # noqa: S311 - no secret
    pieces = alteration(one.export, chance, others)
    if pieces is None:
        return None
    before = [record.raw for record in one.export.records]
    after = [piece if isinstance(piece, str) else piece.raw for piece in pieces]
    place = next((i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), len(before) - 1)
    return (place, replace_text(one.raw, "".join(after).encode())) if after != before else None


def try_alteration(
    chats: Sequence[Sequence[Held]], alteration: Alteration, *, seed: int, zone: str, others: Sequence[Export]
) -> Iterator[Counter[str] | None]:
    """Yield what is new after each alteration that another export could show; None where the file is refused."""
    for chat in chats:
        clean = join(chat, zone)
        for at, one in enumerate(chat):
            made = alter(chat, at, alteration, seed, others)
            shown = find_shown(clean, one.parsed.sources["source_id"][0])
            if made is None or not any(made[0] + step in shown for step in range(-NEAR, 0)):
                continue
            if not any(made[0] + step in shown for step in range(NEAR + 1)):
                continue
            try:
                altered = read_one(chat_from_bytes(made[1], name=one.path.name, folder=one.folder), one.path, made[1])
            except EvidenceError:
                yield None
                continue
            yield count_grave(join([*chat[:at], altered, *chat[at + 1 :]], zone)) - count_grave(clean)


def main() -> None:
    """Read, join, alter, join again."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clean", type=Path, nargs="+", required=True)
    parser.add_argument("--tz", default="UTC")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--number", type=int, default=60, help="exports for each alteration")
    options = parser.parse_args()
    chats = [chat for folder in options.clean for chat in read_chats(folder, options.tz)]
    whole = [join(chat, options.tz) for chat in chats]
    n = sum(joined.corroboration.height for joined in whole)
    for status in GRAVE:
        found = sum(count_grave(joined)[status] for joined in whole)
        low, high = interval(found, n)
        print(f"clean: {status} {found} of {n:,} messages ({1e4 * low:.1f} to {1e4 * high:.1f} per 10,000)")
    others = [one.export for chat in chats for one in chat if one.export]
    print(
        "\n| alteration of one export | exports | seen by the others | %, with interval | as |\n|---|--:|--:|--:|---|"
    )
    for alteration in (*CAREFUL, *CARELESS):
        tried = try_alteration(chats, alteration, seed=options.seed, zone=options.tz, others=others)
        new = list(islice(tried, options.number))
        seen = sum(found is None or bool(found) for found in new)
        by = Counter(name for found in new for name in (found if found is not None else ["refused"]))
        says = ", ".join(f"{name} ({k})" for name, k in by.most_common())
        print(f"| {alteration.__doc__} | {len(new)} | {seen} | {say_share(seen, len(new))} | {says} |")
        print(alteration.__name__, seen, len(new), file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
