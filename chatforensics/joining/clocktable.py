"""The `clocks` table, and what about the clocks a reader should know."""

from collections.abc import Mapping
from math import ceil

import polars as pl

from chatforensics.joining.clockwords import word_distance
from chatforensics.joining.readings import Reading, Stretch, list_parts, place_rows
from chatforensics.joining.tolerances import QUARTER_MS
from chatforensics.schema import TABLES, Clocks, Indicators

_TITLES = {
    "declared": "Declared zone and shared texts disagree",
    "folder": "Exports of one folder on different clocks",
    "set": "Clock set midway",
}
_EXPLANATIONS = {
    "declared": """Times of this export are told as the shared texts show them; were the declaration right, they would
        be wrong by as much. This cannot show which of the clocks was right.""",
    "folder": """Exports in one folder are taken to come from one phone. What each shares with exports of other phones
        puts them on different clocks. They are read each by itself and their other exports are not read like them.""",
    "set": """The distance between this clock and that of another export changes from one line on. Its times before and
        after are told by different offsets, so that they agree with the other export. This cannot show why it changed,
        nor which of the two clocks was set.""",
}
_INNOCENT = {
    "declared": "The zone was declared by mistake; the phone was in another zone when this export was made.",
    "folder": """The folder holds exports of two phones; the phone was in another zone when one of them was made; its
        clock was set in between.""",
    "set": """The phone was in another zone for some time; it keeps no summer time or other dates of it; its clock was
        wrong and was put right; two exports made in different places were put together.""",
}
_RESOLVE = {
    "declared": "Asking where the phone was when the export was made; the date and time settings of the phone.",
    "folder": "Asking whose phone each export of the folder came from, when and where each was made.",
    "set": "Asking where the phone was; other exports of the same phone; the export of a third member of the chat.",
}


def describe_clocks(runs: pl.DataFrame, numbered: pl.DataFrame, readings: Mapping[int, Reading]) -> Clocks:
    """Return the `clocks` table: a row for each stretch of an export with one offset from UTC.

    A new stretch begins where the clock was set, and where the zone's own offset changes. The uncertainty is how far
    the true distance from the reference clock may lie from the offset, 95 times in 100; of a clock that no other export
    was aligned with it is the step of the printed times, and the clock may be wrong by any amount.

    Args:
        runs: As made by `cut_runs`, of all exports in their order.
        numbered: The exports with `src` and `source_id`.
        readings: How each export's clock is read.
    """
    parts = list_parts(readings)
    names = dict(numbered.select("src", "source_id").iter_rows())
    n_texts = _count_texts(readings)
    told = [
        {
            "source_id": names[parts[part][0]],
            "from_local": first,
            "to_local": last,
            "utc_offset_s": round(offset / 1000),
            "uncertainty_s": max(1, ceil(max(parts[part][1].uncertainty_ms, unsure) / 1000)),
            "basis": _word_basis(parts[part], readings, names, n_texts=n_texts, unsure_ms=unsure),
        }
        for part, offset, unsure, first, last in runs.iter_rows()
    ]
    silent = sorted(set(names) - {parts[part][0] for part in runs["part"]})
    told += [{"source_id": names[src], "basis": readings[src].basis} for src in silent]
    return Clocks(pl.DataFrame(told, schema=dict(TABLES["clocks"])).sort("source_id", maintain_order=True))


def _count_texts(readings: Mapping[int, Reading]) -> Mapping[int, int]:
    """Return how many shared texts tell the clocks that were read against each export."""
    counts: dict[int, int] = {}
    for reading in readings.values():
        if reading.against is not None and not reading.carried:
            n_texts = sum(stretch.n_anchors for stretch in reading.stretches)
            counts[reading.against] = counts.get(reading.against, 0) + n_texts
    return counts


def cut_runs(rows: pl.DataFrame, readings: Mapping[int, Reading]) -> pl.DataFrame:
    """Return stretches of one setting and one offset in order of time: `part`, `offset`, `unsure`, first, last.

    Args:
        rows: Records of whole exports with `src`, `line`, `sent_local` and `sent_at`.
        readings: How each export's clock is read.
    """
    dated = rows.drop_nulls("sent_at").select("src", "line", "sent_local", "sent_at")
    here = {src: readings[src] for src in dated["src"].unique().sort()}
    offset = _tell_offset({src: (r.zone, 0) for src, r in here.items()})
    others = {src: r.other for src, r in here.items() if r.other}
    placed = place_rows(dated, readings).with_columns(offset=offset, other=_tell_offset(others))
    shifts = pl.Series([stretch.shift_ms for _, stretch in list_parts(readings)], dtype=pl.Int64)
    placed = placed.with_columns(offset=pl.col("offset") + shifts.gather(placed["part"]))
    apart = (pl.col("other") - pl.col("offset")).abs()
    return _cut_runs(placed.with_columns(unsure=pl.when(apart >= QUARTER_MS).then(apart).otherwise(0)))


def _tell_offset(zones: Mapping[int, tuple[str, int]]) -> pl.Expr:
    """Return how far a clock of the export's zone, shifted, is ahead of UTC, in milliseconds, if it is given."""
    if not zones:
        return pl.lit(None, pl.Int64)
    cases: dict[str, list[int]] = {}
    for src, (zone, _) in zones.items():
        cases.setdefault(zone, []).append(src)
    at = {zone: pl.col("sent_at").dt.convert_time_zone(zone) for zone in cases}
    ahead = [
        pl.when(pl.col("src").is_in(cases[zone])).then(
            (at[zone].dt.base_utc_offset() + at[zone].dt.dst_offset()).dt.total_milliseconds()
        )
        for zone in sorted(cases)
    ]
    shift = pl.col("src").replace_strict(
        list(zones), [ms for _, ms in zones.values()], default=None, return_dtype=pl.Int64
    )
    return pl.coalesce(ahead) + shift


def _cut_runs(placed: pl.DataFrame) -> pl.DataFrame:
    """Return stretches of one setting and one offset in order of time: `part`, `offset`, `unsure`, first, last."""
    ordered = placed.select("part", "sent_at", "sent_local", "offset", "unsure").sort("part", "sent_at")
    run = pl.struct("part", "offset", "unsure").rle_id()
    ends = (pl.col("sent_local").min().alias("first"), pl.col("sent_local").max().alias("last"))
    runs = ordered.group_by(run.alias("run")).agg(pl.col("part", "offset", "unsure").first(), *ends)
    return runs.sort("run").drop("run")


def _word_basis(
    part: tuple[int, Stretch],
    readings: Mapping[int, Reading],
    names: Mapping[int, str],
    *,
    n_texts: Mapping[int, int],
    unsure_ms: int,
) -> str:
    """Say on what one stretch of an export's clock rests."""
    src, stretch = part
    reading = readings[src]
    if not reading.aligned:
        return reading.basis
    words = [f"{_word_support(part, reading, names, n_texts)}: {word_distance(stretch.shift_ms)} {reading.zone}"]
    words += [stretch.change] * bool(stretch.change)
    if unsure_ms and reading.other:
        words.append(f"dates of summer time not shown by shared texts (those of {reading.other[0]} fit as well)")
    words += [reading.basis, *(note.value.rstrip(".") for note in reading.notes)]
    return "; ".join(words)


def _word_support(
    part: tuple[int, Stretch], reading: Reading, names: Mapping[int, str], n_texts: Mapping[int, int]
) -> str:
    src, stretch = part
    if reading.against is None:
        return f"others are read against this clock ({_tell(n_texts.get(src, 0), 'them')})"
    if not stretch.known:
        return f"between two settings, read as before; by texts shared with {names[reading.against]}"
    if reading.carried:
        return f"clock of another export of the same phone, {names[reading.against]}"
    return f"aligned ({_tell(stretch.n_anchors, names[reading.against])})"


def _tell(n: int, others: str) -> str:
    """Say how many texts tell a clock: those that lie at its settings, which may be fewer than are shared."""
    return f"of the texts shared with {others}, {n:,} {'tells' if n == 1 else 'tell'} the clock"


def observe_clocks(numbered: pl.DataFrame, readings: Mapping[int, Reading]) -> Indicators:
    """Return what was seen of clocks: one set midway, a folder's exports on two clocks, a declared zone that differs.

    A clock that moved as between two zones is for information; one that moved otherwise is unexplained.
    """
    names = dict(numbered.select("src", "source_id").iter_rows())
    found: list[dict[str, object]] = []
    for src, reading in sorted(readings.items()):
        sources = [names[src]] + ([names[reading.against]] if reading.against is not None else [])
        changes = [] if reading.carried else [s for s in reading.known if s.change]
        for kind, value, lines, level in [
            *((note.kind, note.value, [], "unexplained") for note in reading.notes),
            *(("set", f"C{s.change[1:]}.", [s.from_line], "unexplained" if s.odd else "info") for s in changes),
        ]:
            found.append({"source_ids": sources, "level": level, "lines": lines, "value": value, **_word(kind)})
    return Indicators(pl.DataFrame(found, schema=dict(TABLES["indicators"])))


def _word(kind: str) -> dict[str, str]:
    tables = {"explanation": _EXPLANATIONS, "innocent": _INNOCENT, "resolve": _RESOLVE}
    return {
        "indicator": "J-02",
        "title": _TITLES[kind],
        **{name: " ".join(words[kind].split()) for name, words in tables.items()},
    }
