"""Exports of one chat side by side, two by two: what both cover, where they agree, and where they do not."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np
import polars as pl

from chatforensics.joining.copies import SLACK_MS
from chatforensics.joining.dependence import MOST_COMPARED, Dependence
from chatforensics.joining.order import find_late, find_moved
from chatforensics.joining.tolerances import RESIDUAL_MS
from chatforensics.schema import CONFLICT_STATUSES, LOCAL, TABLES, Comparisons

_SPREAD = 2.0  # standard errors on either side, about 95 of 100 times
_EVEN = 12  # a time cut to a step lies evenly within it: variance step squared by 12
_COPY_COLUMNS = ("slot", "line", "t", "local_ms", "step_ms", "person", "code", "worded", "long")


@dataclass(frozen=True)
class Picture:
    """What joining found, as comparing needs it.

    `copies` has a row per message of each export, with the `slot` of its copies; `missing` the slots that an export
    lacks though it covers their time; `differs` the slots of which copies disagree; `windows` what each export covers;
    `numbered` the exports, with their `chat`, `chat_id`, `unit` and `source_id`.
    """

    copies: pl.DataFrame
    missing: pl.DataFrame
    differs: pl.DataFrame
    windows: pl.DataFrame
    numbered: pl.DataFrame


@dataclass(frozen=True)
class Side:
    """One export as arrays, by slot: its messages, the slots that it lacks, and which messages stand out of order."""

    slot: np.ndarray
    line: np.ndarray
    t: np.ndarray
    local_ms: np.ndarray
    person: np.ndarray
    code: np.ndarray
    worded: np.ndarray
    long: np.ndarray
    late: np.ndarray
    lacks: np.ndarray
    windows: tuple[tuple[int, int], ...]
    step_ms: int


@dataclass(frozen=True)
class Compared:
    """The `comparisons` table, and the messages whose place differs: `src`, `line`, `other` export."""

    comparisons: Comparisons
    moved: pl.DataFrame


@dataclass(frozen=True)
class Meeting:
    """What two exports of a chat hold of each other: positions on both sides of the messages that both show."""

    in_a: np.ndarray
    in_b: np.ndarray
    conflict: np.ndarray  # place in CONFLICT_STATUSES, -1 where the copies agree
    moved: np.ndarray  # positions in `in_a`


def build_comparisons(picture: Picture, dependence: Dependence) -> Compared:
    """Compare the exports of each chat two by two: a row per pair, and which messages stand elsewhere.

    `n_a` is what `source_a` has of the time that both cover, and `n_b` what `source_b` has of it.

    Counts tile: `n_a` is `n_agree`, `n_text`, `n_sender`, `n_time` and `n_only_a` together; a pair of copies that
    differs in several ways counts as the gravest. `n_order` is counted beside them. At the ends of the common time,
    where a message may be in one export and not yet in the other, those that one alone has are not counted.
    `independent` says that nothing shows that both come from one phone, person or file, not that nothing does.

    The offset is the clock of b minus that of a at their commonest distance, from the `n_at_offset` of `n_anchors`
    shared long texts that lie within 90 s of it; the uncertainty is two standard errors. Where one phone travelled or
    keeps summer time otherwise, the rest stands at another distance: see `clocks`.
    """
    sides = read_sides(picture)
    disputed = read_disputed(picture.differs)
    rows, moved = [], []
    for a, b in list_pairs(picture.numbered):
        meeting = meet(sides[a], sides[b], disputed)
        reason = dependence.explain(a, b)
        row = {"a": a, "b": b, "independent": reason is None, "dependence": reason}
        rows.append(row | _measure_clocks(sides[a], sides[b], meeting) | _count(sides[a], sides[b], meeting))
        moved += [(a, int(line), b) for line in sides[a].line[meeting.in_a[meeting.moved]]]
        moved += [(b, int(line), a) for line in sides[b].line[meeting.in_b[meeting.moved]]]
    schema = {"src": pl.Int64, "line": pl.Int64, "other": pl.Int64}
    return Compared(_complete(rows, picture.numbered), pl.DataFrame(moved, schema=schema, orient="row"))


def _complete(rows: Sequence[Mapping[str, object]], numbered: pl.DataFrame) -> Comparisons:
    """Name the exports of each pair and make times of milliseconds."""
    known = {"a": pl.Int64, "b": pl.Int64} | dict(TABLES["comparisons"]) | {"from_at": pl.Int64, "to_at": pl.Int64}
    schema = {name: kind for name, kind in known.items() if name not in ("chat_id", "source_a", "source_b")}
    times = [pl.from_epoch(pl.col(name), "ms").cast(LOCAL).dt.replace_time_zone("UTC") for name in ("from_at", "to_at")]
    told = (
        pl.DataFrame(rows, schema=schema)
        .with_columns(times)
        .join(numbered.select("chat_id", a="src", source_a="source_id"), on="a")
        .join(numbered.select(b="src", source_b="source_id"), on="b")
    )
    return Comparisons(told.select(*TABLES["comparisons"]).sort("chat_id", "source_a", "source_b"))


def list_pairs(numbered: pl.DataFrame) -> Iterator[tuple[int, int]]:
    """Return the pairs of exports that are compared: all of a chat, or in a chat of many those near in the list."""
    for part in numbered.sort("chat", "src").partition_by("chat", maintain_order=True):
        members = part["src"].to_list()
        for place, member in enumerate(members):
            yield from ((member, other) for other in members[place + 1 : place + MOST_COMPARED])


def read_sides(picture: Picture) -> dict[int, Side]:
    """Return the exports of chats with several, as arrays."""
    several = picture.numbered.filter(pl.len().over("chat") > 1).select("src")
    rows = picture.copies.join(several, on="src", how="semi").drop_nulls("t").select("src", *_COPY_COLUMNS)
    lacks = _arrays(picture.missing.sort("src", "slot"), "slot")
    windows = {
        src: tuple(part.select("from_t", "to_t").iter_rows())
        for (src,), part in picture.windows.sort("src", "from_t").partition_by("src", as_dict=True).items()
    }
    parts = rows.sort("src", "line", "slot").partition_by("src", as_dict=True, maintain_order=True)
    empty = rows.clear()
    none = np.zeros(0, dtype=np.int64)
    return {
        src: _read_side(parts.get((src,), empty), lacks.get(src, none), windows.get(src, ()))
        for src in several["src"].to_list()
    }


def read_disputed(differs: pl.DataFrame) -> dict[str, np.ndarray]:
    """Return the slots of which copies disagree, by the way in which they do."""
    found = {name: differs.filter(pl.col("differs") == name)["slot"] for name in CONFLICT_STATUSES}
    return {name: np.sort(slots.to_numpy()) for name, slots in found.items()}


def meet(a: Side, b: Side, disputed: Mapping[str, np.ndarray]) -> Meeting:
    """Put the messages that two exports both show beside each other."""
    both, in_a, in_b = np.intersect1d(a.slot, b.slot, assume_unique=True, return_indices=True)
    apart = (a.step_ms + b.step_ms) // 2 + SLACK_MS
    differ = {
        "text_conflict": (a.code[in_a] != b.code[in_b]) & a.worded[in_a] & b.worded[in_b],
        "sender_conflict": a.person[in_a] != b.person[in_b],
        "time_conflict": np.abs(a.t[in_a] - b.t[in_b]) > apart,
    }
    conflict = np.full(len(both), -1)
    for place in reversed(range(len(CONFLICT_STATUSES))):
        name = CONFLICT_STATUSES[place]
        conflict[differ[name] & np.isin(both, disputed[name])] = place
    return Meeting(in_a, in_b, conflict, _find_moved(a, b, in_a, in_b, conflict))


def _find_moved(a: Side, b: Side, in_a: np.ndarray, in_b: np.ndarray, conflict: np.ndarray) -> np.ndarray:
    """Look at the order of messages that stand out of it in either export; all others are in order in both."""
    late = np.flatnonzero((a.late[in_a] | b.late[in_b]) & (conflict != CONFLICT_STATUSES.index("time_conflict")))
    apart = (a.step_ms + b.step_ms) // 2 + SLACK_MS
    moved = find_moved(a.line[in_a[late]], b.line[in_b[late]], a.t[in_a[late]], apart_ms=apart)
    return np.asarray(late[moved])


def _read_side(part: pl.DataFrame, lacks: np.ndarray, windows: tuple[tuple[int, int], ...]) -> Side:
    """Turn the messages of one export, in the order of its lines, into arrays in the order of their slots."""
    step_ms = int(part["step_ms"][0]) if part.height else 0
    late = find_late(part["t"].to_numpy(), step_ms)
    order = np.argsort(part["slot"].to_numpy(), kind="stable")
    known = part.with_columns(pl.col("person").fill_null(-1)).drop("src", "step_ms")
    column = {name: known[name].to_numpy()[order] for name in known.columns}
    return Side(**column, late=late[order], lacks=lacks, windows=windows, step_ms=step_ms)


def _arrays(frame: pl.DataFrame, column: str) -> dict[int, np.ndarray]:
    return {src: part[column].to_numpy() for (src,), part in frame.partition_by("src", as_dict=True).items()}


def _count(a: Side, b: Side, meeting: Meeting) -> dict[str, object]:
    """Return the counts of a pair, and from when to when both cover."""
    text, sender, time = (int((meeting.conflict == place).sum()) for place in range(len(CONFLICT_STATUSES)))
    only_a, only_b = int(np.isin(a.slot, b.lacks).sum()), int(np.isin(b.slot, a.lacks).sum())
    common = [
        (max(one[0], other[0]), min(one[1], other[1]))
        for one in a.windows
        for other in b.windows
        if max(one[0], other[0]) <= min(one[1], other[1])
    ]
    return {
        "from_at": min(start for start, _ in common) if common else None,
        "to_at": max(end for _, end in common) if common else None,
        "n_a": len(meeting.in_a) + only_a,
        "n_b": len(meeting.in_b) + only_b,
        "n_agree": int((meeting.conflict < 0).sum()),
        "n_only_a": only_a,
        "n_only_b": only_b,
        "n_text": text,
        "n_sender": sender,
        "n_time": time,
        "n_order": len(meeting.moved),
    }


def _measure_clocks(a: Side, b: Side, meeting: Meeting) -> dict[str, object]:
    """Return how far the clock of b is ahead of that of a, from the long texts on which both agree."""
    alike = (meeting.conflict < 0) & a.long[meeting.in_a] & (a.code[meeting.in_a] == b.code[meeting.in_b])
    distance = b.local_ms[meeting.in_b[alike]] - a.local_ms[meeting.in_a[alike]]
    if not len(distance):
        return {"n_anchors": 0, "n_at_offset": 0, "offset_s": None, "uncertainty_s": None}
    near = distance[np.abs(distance - find_commonest(distance)) <= max(RESIDUAL_MS, a.step_ms, b.step_ms)]
    spread = max(float(near.std()), sqrt((a.step_ms**2 + b.step_ms**2) / _EVEN))
    return {
        "n_anchors": len(distance),
        "n_at_offset": len(near),
        "offset_s": round(float(near.mean()) / 1000),
        "uncertainty_s": max(1, ceil(_SPREAD * spread / sqrt(len(near)) / 1000)),
    }


def find_commonest(distance: np.ndarray) -> int:
    """Return the middle of the fullest stretch of 90 s: two clocks may stand at two distances, as in summer."""
    ordered = np.sort(distance)
    ends = np.searchsorted(ordered, ordered + RESIDUAL_MS, side="right")
    first = int(np.argmax(ends - np.arange(len(ordered))))
    return int(ordered[(first + int(ends[first]) - 1) // 2])
