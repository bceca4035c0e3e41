"""One clock per export: its zone, how far it runs from the case's reference clock, and how that is known.

The reference clock is the case zone as the median of the phones that hang together through aligned exports keeps it;
a declared zone takes precedence. An export has one offset here: a phone that changed zone midway is not modelled.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import median_low
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import polars as pl
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import breadth_first_order, minimum_spanning_tree

from chatforensics.errors import UsageError
from chatforensics.joining.alignment import RESIDUAL_MS, Alignment, components
from chatforensics.schema import UTC, Clocks

QUARTER_MS = 900_000  # zones differ by multiples of a quarter of an hour
_FAR_EAST_MS = 3 * 3_600_000  # from there on hardly any zone has summer time: where nothing tells, none is assumed
_SAME_PHONE = 2.0  # weight of "same phone, same clock": taken only where no shared text tells more


@dataclass(frozen=True)
class Reading:
    """How to read one export's clock: wall time minus `shift_ms` is wall time in `zone`."""

    zone: str
    shift_ms: int
    basis: str
    aligned: bool


@dataclass(frozen=True)
class _Evidence:
    """What is known about the clocks: zones by export, phones by export, anchors by pair, and the tree over exports."""

    zones: Mapping[int, str]
    phones: tuple[str, ...]
    anchors: Mapping[tuple[int, int], pl.DataFrame]
    tree: csr_array
    timezone: str


def read_clocks(numbered: pl.DataFrame, alignment: Alignment, *, timezone: str) -> dict[int, Reading]:
    """Return how to read each export's clock, by export number.

    Raises:
        UsageError: the case zone or a declared zone is not in the time zone database.
    """
    zones = _known_zones(numbered)
    for zone in sorted({timezone, *zones.values()}):
        _check_zone(zone)
    anchors = {(part["a"][0], part["b"][0]): part for part in alignment.anchors.partition_by("a", "b")}
    links = _clock_links(numbered, alignment)
    evidence = _Evidence(zones, tuple(numbered["phone"]), anchors, _spanning_tree(links, len(numbered)), timezone)
    groups = components(links, n_nodes=len(numbered))
    parts = pl.DataFrame({"group": groups, "src": numbered["src"]}).partition_by("group", maintain_order=True)
    readings: dict[int, Reading] = {}
    for part in parts:
        readings |= _read_group(part["src"].to_list(), evidence)
    return _count_anchors(readings, alignment.pairs)


def tell_times(rows: pl.DataFrame, readings: Mapping[int, Reading], *, wall: str, src: str = "src") -> pl.DataFrame:
    """Add `sent_at` and `dst`, as told from the wall times in column `wall` of exports numbered in column `src`."""
    keys = sorted(readings)
    shifts = pl.col(src).replace_strict(keys, [readings[key].shift_ms for key in keys], return_dtype=pl.Int64)
    zone = pl.col(src).replace_strict(keys, [readings[key].zone for key in keys], return_dtype=pl.String)
    plain = pl.col(wall) - pl.duration(milliseconds=shifts)
    names = sorted({reading.zone for reading in readings.values()})
    told = [pl.when(zone == name).then(to_utc(plain, zone=name)) for name in names]
    odd = [pl.when(zone == name).then(tell_dst(plain, zone=name)) for name in names]
    return rows.with_columns(
        sent_at=pl.coalesce(told) if told else pl.lit(None, UTC),
        dst=pl.coalesce(odd) if odd else pl.lit(None, pl.String),
    )


def to_utc(wall: pl.Expr, *, zone: str) -> pl.Expr:
    """Read wall times in a zone: an hour that occurs twice is taken the first time, one that is skipped moves on."""
    told = wall.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    later = (wall + pl.duration(hours=1)).dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return pl.coalesce(told, later).dt.convert_time_zone("UTC")


def tell_dst(wall: pl.Expr, *, zone: str) -> pl.Expr:
    """Tell wall times that the zone's clocks skip in spring ("gap") or show twice in autumn ("fold"); else null.

    A time in a gap shows that the clock was not in this zone, or was set by hand. Of a time in a fold, nothing shows
    which of the two it was.
    """
    first = wall.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    last = wall.dt.replace_time_zone(zone, ambiguous="latest", non_existent="null")
    skipped = wall.is_not_null() & first.is_null()
    return pl.when(skipped).then(pl.lit("gap")).when(first != last).then(pl.lit("fold"))


def describe_clocks(spans: pl.DataFrame, readings: Mapping[int, Reading]) -> Clocks:
    """Return the `clocks` table from one row per export with its first and last wall times and first UTC time.

    The uncertainty is the step of the printed times; the true clock of a phone that no other export was aligned with
    may be wrong by any amount.
    """
    basis = [readings[src].basis for src in spans["src"]]
    return Clocks(
        spans.select(
            "source_id",
            from_local="first_local",
            to_local="last_local",
            utc_offset_s="utc_offset_s",
            uncertainty_s=(pl.col("step_ms") // 1000).cast(pl.Int32),
            basis=pl.Series(basis, dtype=pl.String),
        )
    )


def _check_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(f"{zone!r} is not a time zone.", hint="Use a name such as Europe/London.") from error


def _known_zones(numbered: pl.DataFrame) -> dict[int, str]:
    """Return the declared zone of each export, or that of another export of the same phone."""
    of_phone = pl.col("timezone").drop_nulls().first().over("phone")
    known = numbered.select("src", zone=pl.coalesce("timezone", of_phone)).drop_nulls()
    return dict(known.iter_rows())


def _clock_links(numbered: pl.DataFrame, alignment: Alignment) -> pl.DataFrame:
    """Return which exports say something about each other's clock: aligned pairs, then exports of one phone."""
    measured = alignment.pairs.select("a", "b", weight=1 / pl.col("n_anchors"))
    first = pl.col("src").min().over("phone")
    assumed = numbered.select(a=first, b="src", weight=pl.lit(_SAME_PHONE))
    copies = pl.DataFrame({"a": alignment.content, "b": numbered["src"], "weight": _SAME_PHONE})
    links = pl.concat([measured, assumed, copies]).filter(pl.col("a") != pl.col("b"))
    return links.sort("a", "b", "weight").unique(["a", "b"], keep="first", maintain_order=True)


def _spanning_tree(links: pl.DataFrame, n_nodes: int) -> csr_array:
    edges = (links["a"].to_numpy(), links["b"].to_numpy())
    graph = coo_array((links["weight"].to_numpy(), edges), shape=(n_nodes, n_nodes))
    tree = csr_array(minimum_spanning_tree(graph.tocsr()))
    return csr_array(tree + tree.T)


def _walk(tree: csr_array, root: int) -> list[tuple[int, int]]:
    """Return (parent, child) from the root outwards."""
    order, parents = breadth_first_order(tree, root, directed=False)
    return [(int(parents[child]), int(child)) for child in order[1:]]


def _read_group(members: list[int], evidence: _Evidence) -> dict[int, Reading]:
    """Read the clocks of exports that hang together."""
    steps = _walk(evidence.tree, members[0]) if len(members) > 1 else []
    if not any(_measured(evidence, step) for step in steps):
        return {src: _unaligned(src, evidence) for src in members}
    root = _choose_reference(members, steps, evidence)
    zone = evidence.zones.get(root, evidence.timezone)
    readings = {root: Reading(zone, 0, "", aligned=True)}
    for parent, child in _walk(evidence.tree, root):
        readings[child] = _read_child(parent, child, readings, evidence)
    return _centre(readings, root, evidence)


def _measured(evidence: _Evidence, step: tuple[int, int]) -> bool:
    return (min(step), max(step)) in evidence.anchors


def _unaligned(src: int, evidence: _Evidence) -> Reading:
    zone = evidence.zones.get(src)
    basis = "declared zone" if zone else "zone of the case, assumed"
    return Reading(zone or evidence.timezone, 0, f"{basis}: {zone or evidence.timezone}", aligned=False)


def _choose_reference(members: list[int], steps: list[tuple[int, int]], evidence: _Evidence) -> int:
    """Return the export whose clock is nearest to the median phone's, those with a declared zone first."""
    ahead = {members[0]: 0}
    for parent, child in steps:
        ahead[child] = ahead[parent] + _usual_distance(parent, child, evidence)
    phones: dict[str, list[int]] = {}
    for src in members:
        phones.setdefault(evidence.phones[src], []).append(ahead[src])
    middle = median_low(median_low(sorted(values)) for values in phones.values())
    return min(members, key=lambda src: (src not in evidence.zones, abs(ahead[src] - middle), src))


def _usual_distance(parent: int, child: int, evidence: _Evidence) -> int:
    found = evidence.anchors.get((min(parent, child), max(parent, child)))
    offset = 0 if found is None else int(found["offset_ms"][0])
    return offset if parent < child else -offset


def _read_child(parent: int, child: int, readings: Mapping[int, Reading], evidence: _Evidence) -> Reading:
    """Read a clock against one that is known, from the texts that both show."""
    known = readings[parent]
    found = evidence.anchors.get((min(parent, child), max(parent, child)))
    declared = evidence.zones.get(child)
    if found is None:
        same = declared in (None, known.zone)
        return known if same else Reading(str(declared), 0, "", aligned=True)
    mine, theirs = ("ms_b", "ms_a") if parent < child else ("ms_a", "ms_b")
    instants = _instants(found[theirs] - known.shift_ms, zone=known.zone)
    zones = [declared] if declared else [evidence.timezone, known.zone, "UTC"]
    fits = {zone: _fit_shift(found[mine] - _walls(instants, zone=zone)) for zone in zones}
    far_east = "UTC" in fits and fits["UTC"][1] >= _FAR_EAST_MS
    zone = max(fits, key=lambda zone: (fits[zone][0], far_east and zone == "UTC"))  # the first of equals
    return Reading(zone, fits[zone][1], "", aligned=True)


def _fit_shift(distance_ms: pl.Series) -> tuple[int, int]:
    """Return how many anchors agree on one shift, and the shift: their mean, which is finer than the clock's step."""
    values = distance_ms.drop_nulls().to_numpy()
    middle = np.quantile(values, 0.5, method="lower")
    agreeing = values[np.abs(values - middle) <= RESIDUAL_MS]
    return len(agreeing), round(float(agreeing.mean()) / 1000) * 1000


def _instants(wall_ms: pl.Series, *, zone: str) -> pl.Series:
    frame = pl.DataFrame({"wall": pl.from_epoch(wall_ms, "ms")})
    return frame.select(to_utc(pl.col("wall"), zone=zone))["wall"]


def _walls(instants: pl.Series, *, zone: str) -> pl.Series:
    return instants.dt.convert_time_zone(zone).dt.replace_time_zone(None).dt.epoch("ms")


def _centre(readings: Mapping[int, Reading], root: int, evidence: _Evidence) -> dict[int, Reading]:
    """Make the median of the phones that keep the reference zone the reference clock, and say what was done."""
    zone = readings[root].zone
    near = {
        evidence.phones[src]: r.shift_ms
        for src, r in sorted(readings.items(), reverse=True)
        if r.zone == zone and abs(r.shift_ms) < QUARTER_MS
    }
    middle = median_low(near.values())
    origin = "declared" if root in evidence.zones else "assumed for the median phone"
    told = {src: replace(r, shift_ms=r.shift_ms - middle) for src, r in readings.items()}
    return {src: replace(r, basis=f"{_distance(r)}; reference clock {zone}, {origin}") for src, r in told.items()}


def _distance(reading: Reading) -> str:
    shift = reading.shift_ms // 1000
    minutes, seconds = divmod(abs(shift), 60)
    parts = [f"{minutes // 60} h"] * bool(minutes // 60) + [f"{minutes % 60} min"] * (minutes > 0) + [f"{seconds} s"]
    return f"{' '.join(parts)} {'ahead of' if shift >= 0 else 'behind'} {reading.zone}"


def _count_anchors(readings: Mapping[int, Reading], pairs: pl.DataFrame) -> dict[int, Reading]:
    """Say on how many shared texts an aligned clock rests."""
    ends = pl.concat([pairs.select("n_anchors", src="a"), pairs.select("n_anchors", src="b")])
    counts = dict(ends.group_by("src").agg(pl.col("n_anchors").sum()).iter_rows())
    return {
        src: replace(r, basis=f"{_support(counts.get(src, 0))}: {r.basis}") if r.aligned else r
        for src, r in readings.items()
    }


def _support(n_anchors: int) -> str:
    return f"aligned by {n_anchors} shared texts" if n_anchors else "clock of another export of the same phone"
