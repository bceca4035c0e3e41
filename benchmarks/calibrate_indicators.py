"""How often indicators speak of clean exports, and how often of altered ones: the numbers of docs/indicators.md.

    python -m benchmarks.calibrate_indicators --clean town1/exports town2/exports --apart others --tz Europe/London

Exports in `--clean` are taken to be as a phone made them; those in `--apart` are hand-made files of others, counted by
themselves. Each alteration is applied to `--number` exports of the clean ones. It counts as seen where an indicator of
level unexplained or contradiction speaks that did not speak of the clean export, or names more lines. The text of a zip
is put back with the fields of its entry kept, in the clean copy as in the altered one, so that only the text differs.
"""

import argparse
import io
import re
import sys
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import islice
from math import sqrt
from pathlib import Path
from random import Random

from benchmarks.alterations import CAREFUL, CARELESS, PROGRAMS, Alteration
from benchmarks.cut_exports import Export, Record, cut_export
from chatforensics.errors import EvidenceError
from chatforensics.intake import ChatText, chat_from_bytes, find_exports, read_export
from chatforensics.integrity import CATALOGUE, Indicator
from chatforensics.integrity.members import build_members
from chatforensics.schema import Indicators
from chatforensics.workflow import Declared
from chatforensics.workflow.checks import observe
from chatforensics.workflow.single import parse_received

LEVELS = ("info", "unexplained", "contradiction")
GRAVE = LEVELS[1:]
MARKS = ("<!-- measured by benchmarks/calibrate_indicators.py -->", "<!-- end of what was measured -->")
HEAD = (
    "| alteration | exports | seen at unexplained or contradiction | %, with interval | by | new at info only | by |",
    "|---|--:|--:|--:|---|--:|---|",
)
Weights = dict[tuple[str, str], tuple[int, int]]  # indicator and level: observations and lines


@dataclass(frozen=True)
class Clean:
    """A clean export: the file as received, cut into records where that is possible, and what is seen of it.

    `base` is what is seen of it when its own text was put back as an altered text is.
    """

    path: Path
    raw: bytes
    export: Export | None
    seen: Indicators
    base: Indicators


def look(chat: ChatText, zone: str | None) -> tuple[Indicators, Export | None]:
    """Parse one export and look at it."""
    parsed = parse_received(chat, Declared())
    return observe(chat, parsed, build_members(chat), timezone=zone), cut_export(chat, parsed)


def read_all(folders: Sequence[Path], zone: str | None) -> list[Clean]:
    """Read and look at every export below the folders, each file once; those that cannot be read are left out."""
    found: dict[str, Clean] = {}
    for file in find_exports(folders):
        try:
            chat = read_export(file)
            if chat.sha256 not in found:
                raw, (seen, export) = file.path.read_bytes(), look(chat, zone)
                again = chat_from_bytes(replace_text(raw, bytes(chat.content)), name=file.path.name)
                found[chat.sha256] = Clean(file.path, raw, export, seen, look(again, zone)[0])
        except EvidenceError:
            continue
    return list(found.values())


def weigh(seen: Indicators) -> Weights:
    """Return how many observations and lines each indicator has at each level."""
    weights: Weights = defaultdict(lambda: (0, 0))
    for number, level, lines in seen.select("indicator", "level", "lines").iter_rows():
        n, m = weights[number, level]
        weights[number, level] = (n + 1, m + len(lines or ()))
    return weights


def list_new(before: Indicators, after: Indicators) -> set[tuple[str, str]]:
    """Return the indicators and levels that speak only after an alteration, or of more lines."""
    clean = weigh(before)
    return {key for key, (n, m) in weigh(after).items() if n > clean[key][0] or m > clean[key][1]}


def replace_text(raw: bytes, text: bytes) -> bytes:
    """Put another text into an export; in a zip, every entry keeps its fields."""
    if not zipfile.is_zipfile(io.BytesIO(raw)):
        return text
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            content = text if entry.filename.endswith(".txt") else old.read(entry)
            new.writestr(entry, content, compress_type=entry.compress_type)
    return out.getvalue()


def pack_again(clean: Clean, *, foreign: bool, seed: int, others: Sequence[Export]) -> bytes | None:  # noqa: ARG001
    """Pack a zip again as a computer does, on the day after; with what a desktop adds, if asked for."""
    if clean.export is None or not zipfile.is_zipfile(io.BytesIO(clean.raw)):
        return None
    out, stamp = io.BytesIO(), max(one.moment for one in clean.export.records) + timedelta(days=1)
    with zipfile.ZipFile(io.BytesIO(clean.raw)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        names = [(entry.filename, old.read(entry)) for entry in old.infolist()]
        for name, content in [*names, *([("__MACOSX/._x", b"\0" * 120)] if foreign else [])]:
            entry = zipfile.ZipInfo(name, stamp.timetuple()[:6])
            new.writestr(entry, content, compress_type=zipfile.ZIP_DEFLATED)
    return out.getvalue()


def alter(clean: Clean, *, alteration: Alteration, seed: int, others: Sequence[Export]) -> bytes | None:
    """Return the altered export; None where the alteration does not apply or changes nothing."""
    if clean.export is None:
        return None
    chance = Random(f"{seed} {alteration.__name__} {clean.path.parent.name}/{clean.path.name}")  # noqa: S311 - no secret
    pieces = alteration(clean.export, chance, others)
    before = _join(clean.export.records)
    after = before if pieces is None else _join(pieces)
    return None if after == before else replace_text(clean.raw, after)


def _join(pieces: Sequence[Record | str]) -> bytes:
    return "".join(piece if isinstance(piece, str) else piece.raw for piece in pieces).encode()


def interval(found: int, number: int, z: float = 1.96) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share."""
    if not number:
        return 0.0, 1.0
    share, square = found / number, z * z / number
    middle, half = share + square / 2, z * sqrt(share * (1 - share) / number + square / (4 * number))
    return max(0.0, middle - half) / (1 + square), (middle + half) / (1 + square)


def say_share(found: int, number: int) -> str:
    """Return a share in percent with its interval."""
    low, high = interval(found, number)
    return f"{100 * found / number:.0f} ({100 * low:.0f} to {100 * high:.0f})" if number else "-"


@dataclass(frozen=True)
class Flags:
    """Of how many exports of a set each indicator speaks, at each level and at either grave level."""

    number: int
    at_level: Counter[tuple[str, str]]
    grave: Counter[str]


def count_flags(clean: Sequence[Clean]) -> Flags:
    """Count the exports of which each indicator speaks."""
    keys = [set(weigh(one.seen)) for one in clean]
    grave = Counter(number for found in keys for number in {number for number, level in found if level in GRAVE})
    return Flags(len(clean), Counter(key for found in keys for key in found), grave)


def tell_catalogue(levels: set[tuple[str, str]]) -> Iterator[str]:
    """Yield a row per indicator: what it looks at, and the levels at which it was seen to speak."""
    yield "| | indicator | looks at | levels seen |\n|---|---|---|---|"
    for number, indicator in sorted(CATALOGUE.items()):
        told = ", ".join(level for level in LEVELS if (number, level) in levels) or "none"
        yield f"| {number} | {indicator.title} | {say_purpose(indicator)} | {told} |"


def say_purpose(indicator: Indicator) -> str:
    """Return what an indicator looks at, as its function says it."""
    said = " ".join(str(indicator.find.__doc__).partition("\n\n")[0].split())
    return re.sub(r" \(I-\d\d\)", "", said)


def tell_flags(clean: Flags, apart: Flags) -> Iterator[str]:
    """Yield a row per indicator: of how many exports it speaks, at each level."""
    yield f"Counts of {clean.number} simulated exports; in the last three columns, of {apart.number} hand-made ones.\n"
    yield (
        "| | indicator | info | unexplained | contradiction | % at one of the last two "
        "| hand-made: info | unexplained | contradiction |"
    )
    yield "|---|---|--:|--:|--:|--:|--:|--:|--:|"
    for number, indicator in sorted(CATALOGUE.items()):
        counts = [str(one.at_level[number, level]) for one in (clean, apart) for level in LEVELS]
        cells = [*counts[:3], say_share(clean.grave[number], clean.number), *counts[3:]]
        yield " | ".join([f"| {number}", indicator.title, *cells]) + " |"


def measure(altered: Iterator[tuple[Clean, bytes]], zone: str | None, number: int) -> list[set[tuple[str, str]]]:
    """Return what is new in each of so many altered exports; an export that can no longer be read counts as such."""
    new: list[set[tuple[str, str]]] = []
    for clean, raw in islice(altered, number):
        try:
            new.append(list_new(clean.base, look(chat_from_bytes(raw, name=clean.path.name), zone)[0]))
        except EvidenceError:
            new.append({("refused", GRAVE[0])})
    return new


def tell_alteration(title: str, new: Sequence[set[tuple[str, str]]]) -> str:
    """Return one row: how many of the altered exports are seen to be, and by which indicators."""
    seen = sum(any(level in GRAVE for _, level in found) for found in new)
    brief = sum(bool(found) and all(level not in GRAVE for _, level in found) for found in new)
    by = Counter(number for found in new for number in {number for number, level in found if level in GRAVE})
    info = Counter(number for found in new for number, level in found if level not in GRAVE)
    says = [", ".join(f"{number} ({n})" for number, n in counts.most_common(6)) for counts in (by, info)]
    return f"| {title} | {len(new)} | {seen} | {say_share(seen, len(new))} | {says[0]} | {brief} | {says[1]} |"


def list_alterations() -> Iterator[tuple[str, str, Callable[..., bytes | None]]]:
    """Yield group, title and way of each alteration."""
    for group, alterations in (("Somebody types into the file", CARELESS), ("A program saves it again", PROGRAMS)):
        for one in alterations:
            yield group, str(one.__doc__), partial(alter, alteration=one)
    for foreign, more in ((False, "."), (True, ", which adds files of its own.")):
        yield (
            "A program saves it again",
            f"Pack the zip again on a computer{more}",
            partial(pack_again, foreign=foreign),
        )
    for one in CAREFUL:
        yield "The careful forger", str(one.__doc__), partial(alter, alteration=one)


def put_between(path: Path, text: str) -> None:
    """Put the measured tables between the two marks in a document."""
    before, _, rest = path.read_text(encoding="utf-8").partition(MARKS[0])
    _, _, after = rest.partition(MARKS[1])
    path.write_text(f"{before}{MARKS[0]}\n{text}\n{MARKS[1]}{after}", encoding="utf-8")


def main() -> None:
    """Read, count, alter, count again."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clean", type=Path, nargs="+", required=True)
    parser.add_argument("--apart", type=Path, nargs="*", default=[])
    parser.add_argument("--tz", help="zone of the clean exports, as given to analyse")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--number", type=int, default=60, help="exports for each alteration")
    parser.add_argument("--docs", type=Path, help="document to put the tables into")
    options = parser.parse_args()
    clean = read_all(options.clean, options.tz)
    flags = (count_flags(clean), count_flags(read_all(options.apart, None)))
    levels = {key for one in flags for key in one.at_level}
    Random(options.seed).shuffle(clean)  # noqa: S311 - no secret
    others = [one.export for one in clean if one.export]
    rows: list[str] = []
    last = ""
    for group, title, way in list_alterations():
        made = ((one, raw) for one in clean if (raw := way(one, seed=options.seed, others=others)) is not None)
        new = measure(made, options.tz, options.number)
        levels |= set().union(*new)
        rows += [f"\n### {group}\n", *HEAD] if group != last else []
        rows.append(tell_alteration(title, new))
        last = group
        print(rows[-1], file=sys.stderr, flush=True)
    parts = ["", *tell_catalogue(levels), "\n## On exports that nobody altered\n", *tell_flags(*flags)]
    text = "\n".join([*parts, "\n## On altered exports", *rows, ""])
    print(text)
    if options.docs:
        put_between(options.docs, text)


if __name__ == "__main__":
    main()
