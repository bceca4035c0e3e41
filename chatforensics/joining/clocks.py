"""The clock of each export: its zone, how far it runs from the case's reference clock, and how that is known.

The reference clock is the case zone as most of the phones that hang together through aligned exports keep it, and of
their errors the median; a declared zone takes precedence. Every other clock is read against one that is known already
(`against`).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from statistics import median_low

import polars as pl
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import breadth_first_order, minimum_spanning_tree

from chatforensics.joining.against import Clock, Zones, carry_clock, read_against
from chatforensics.joining.alignment import Alignment, components
from chatforensics.joining.centre import centre_clocks
from chatforensics.joining.oneclock import find_torn, note_zones
from chatforensics.joining.readings import Reading, Stretch
from chatforensics.joining.shared import Sides, gather_sides
from chatforensics.joining.slim import Records
from chatforensics.joining.tolerances import QUARTER_MS
from chatforensics.zones import check_zone

_SAME_PHONE = 2.0  # weight of "same phone, same clock": taken only where no shared text tells more
_MOST_TRIED = 6  # exports as reference, where the first choice makes clocks seem to have been set


@dataclass(frozen=True)
class _Evidence:
    """What is known about the clocks: declared zones and phones by export, aligned pairs, the tree over exports."""

    declared: Mapping[int, str]
    phones: tuple[str, ...]
    pairs: Mapping[tuple[int, int], tuple[int, int]]
    measured: pl.Series
    links: pl.DataFrame
    sides: Sides
    timezone: str

    def zones(self, src: int) -> Zones:
        """Return what is known of the zone of an export."""
        return Zones(self.declared.get(src), self._of_phones.get(self.phones[src]), self.timezone)

    @cached_property
    def _of_phones(self) -> Mapping[str, str]:
        """The zone declared for the first export of each phone of which one is declared."""
        return {self.phones[src]: self.declared[src] for src in sorted(self.declared, reverse=True)}

    def is_pair(self, one: int, other: int) -> bool:
        """Tell whether two exports are aligned."""
        return (min(one, other), max(one, other)) in self.pairs

    def clock(self, src: int, *, against: int) -> Clock:
        """Return a clock to be read against another."""
        return Clock(self.sides, src, against, self.zones(src))


def read_clocks(numbered: pl.DataFrame, records: Records, alignment: Alignment, *, timezone: str) -> dict[int, Reading]:
    """Return how to read each export's clock, by export number.

    Exports in one folder are taken to share a clock unless their alignments with others show that they do not: then
    each is read by itself. A declared zone that the shared texts contradict does not change what they show.

    Raises:
        UsageError: the case zone or a declared zone is not in the time zone database.
    """
    declared = dict(numbered.select("src", "timezone").drop_nulls().iter_rows())
    for zone in sorted({timezone, *declared.values()}):
        check_zone(zone)
    found = alignment.pairs.select("a", "b", "n_anchors", "offset_ms").iter_rows()
    pairs = {(a, b): (n_anchors, offset) for a, b, n_anchors, offset in found}
    measured = components(alignment.pairs, n_nodes=len(numbered))
    links = _clock_links(numbered, alignment)
    sides = gather_sides(records)
    evidence = _Evidence(declared, tuple(numbered["phone"]), pairs, measured, links, sides, timezone)
    return _check_phones(numbered, alignment, evidence)


def _check_phones(numbered: pl.DataFrame, alignment: Alignment, evidence: _Evidence) -> dict[int, Reading]:
    """Read all clocks; where exports of one folder contradict each other, read those each by itself."""
    spans = evidence.sides.spans()
    readings = _read_all(evidence)
    torn = find_torn(readings, _compared_exports(evidence), spans)
    if torn:
        alone = pl.when(pl.col("src").is_in(list(torn))).then("source_id").otherwise("phone")
        parted = numbered.with_columns(phone=alone)
        evidence = replace(evidence, phones=tuple(parted["phone"]), links=_clock_links(parted, alignment))
        readings = _read_all(evidence)
    phone = {src: zone for src in readings if (zone := evidence.zones(src).phone)}
    notes = note_zones(readings, evidence.declared, phone, spans)
    told = {src: tuple(found[src] for found in (torn, notes) if src in found) for src in readings}
    return {src: replace(reading, notes=told[src]) for src, reading in readings.items()}


def _compared_exports(evidence: _Evidence) -> list[list[int]]:
    """Return the exports of each phone that shared texts compare, directly or through others."""
    groups: dict[tuple[str, int], list[int]] = {}
    for src, (phone, group) in enumerate(zip(evidence.phones, evidence.measured, strict=True)):
        groups.setdefault((phone, group), []).append(src)
    return [group for group in groups.values() if len(group) > 1]


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


def _read_all(evidence: _Evidence) -> dict[int, Reading]:
    """Read the clocks of all exports, those that hang together from one of them outwards."""
    n_sources = len(evidence.phones)
    tree = _spanning_tree(evidence.links, n_sources)
    groups: dict[int, list[int]] = {}
    for src, group in enumerate(components(evidence.links, n_nodes=n_sources)):
        groups.setdefault(group, []).append(src)
    readings: dict[int, Reading] = {}
    for members in groups.values():
        readings |= _read_group(members, tree, evidence)
    return _find_islands(readings, groups.values(), evidence)


def _find_islands(readings: dict[int, Reading], groups: Iterable[list[int]], evidence: _Evidence) -> dict[int, Reading]:
    """Mark the exports that hang together with each other, but not with those of most phones.

    Nothing shows how far their clocks are from the reference, unless the zone of one of them is declared.
    """
    alike = [members for members in groups if any(readings[src].aligned for src in members)]
    if not alike:
        return readings
    main = max(alike, key=lambda members: (len({evidence.phones[src] for src in members}), -members[0]))
    free = [members for members in alike if members is not main and not evidence.declared.keys() & set(members)]
    words = "hangs together with few phones only, of no declared zone, so that all of them may be wrong by any amount"
    islands = {
        src: replace(readings[src], aligned=False, basis=f"{readings[src].basis}; {words}")
        for members in free
        for src in members
    }
    return readings | islands


def _read_group(members: list[int], tree: csr_array, evidence: _Evidence) -> dict[int, Reading]:
    """Read the clocks of exports that hang together, from the one that makes fewest seem to have been set midway.

    Among equals that is one with a declared zone, then one whose own times run backwards least often.
    """
    steps = _walk(tree, members[0]) if len(members) > 1 else []
    if not any(evidence.is_pair(*step) for step in steps):
        return {src: _read_alone(src, evidence) for src in members}
    first, *rest = _list_references(members, steps, evidence)
    found = {first: _read_from(first, tree, evidence)}
    if _count_changes(found[first]):
        found |= {root: _read_from(root, tree, evidence) for root in rest}
    changes = {root: _count_changes(readings) for root, readings in found.items()}
    least = min(changes.values())

    def rank(root: int) -> tuple[bool, bool, bool, int, int]:
        zones, n_changes = evidence.zones(root), changes[root]
        heavy = n_changes > least and n_changes >= 2 * least
        return heavy, not zones.own, not zones.phone, n_changes, evidence.sides.count_backwards(root)

    root = min(found, key=rank) if len(found) > 1 else first
    zones = evidence.zones(root)
    origin = "declared" if zones.own or zones.phone else "assumed for the hour that most phones show"
    return centre_clocks(found[root], evidence.phones, basis=f"reference clock {found[root][root].zone}, {origin}")


def _read_from(root: int, tree: csr_array, evidence: _Evidence) -> dict[int, Reading]:
    """Read the clocks of exports against one, and against those read already."""
    zones = evidence.zones(root)
    readings = {root: Reading(zones.own or zones.phone or zones.case, (Stretch(0, 0, 0),), aligned=True)}
    for parent, child in _walk(tree, root):
        readings[child] = _read_child(readings[parent], parent, child, evidence)
    return readings


def _count_changes(readings: Mapping[int, Reading]) -> int:
    return sum(len(reading.known) - 1 for reading in readings.values() if not reading.carried)


def _read_alone(src: int, evidence: _Evidence) -> Reading:
    """Read a clock that no other export tells anything about."""
    zones = evidence.zones(src)
    zone = zones.own or zones.phone or zones.case
    origin = "declared zone" if zones.own else "zone declared for another export of the same phone"
    origin = origin if zones.own or zones.phone else "zone of the case, assumed"
    stretch = Stretch(0, 0, evidence.sides.step_ms[src])
    basis = f"{origin}: {zone}; aligned with no other export, so that the clock may be wrong by any amount"
    return Reading(zone, (stretch,), aligned=False, basis=basis)


def _read_child(known: Reading, parent: int, child: int, evidence: _Evidence) -> Reading:
    """Read a clock against one that is known: by shared texts, else as that of the same phone."""
    if evidence.is_pair(parent, child):
        return read_against(known, evidence.clock(child, against=parent))
    declared = evidence.declared.get(child)
    if declared not in (None, known.zone):
        stretches = (Stretch(0, 0, evidence.sides.step_ms[child]),)
        return Reading(str(declared), stretches, aligned=True, against=parent, carried=True)
    return carry_clock(known, evidence.sides, src=child, against=parent)


def _list_references(members: list[int], steps: list[tuple[int, int]], evidence: _Evidence) -> list[int]:
    """Return exports to read the others against, the first choice first.

    That is one with a declared zone, then one that shows the hour that most phones show, nearest to their median; then
    one for each other hour, and of other phones.
    """
    ahead = {members[0]: 0}
    for parent, child in steps:
        ahead[child] = ahead[parent] + _usual_distance(parent, child, evidence)
    middle = _find_middle(ahead, evidence)

    def rank(src: int) -> tuple[bool, bool, int, int]:
        zones = evidence.zones(src)
        return not zones.own, not zones.phone, abs(ahead[src] - middle), src

    aligned = sorted({src for step in steps if evidence.is_pair(*step) for src in step}, key=rank)
    hours = {round(ahead[src] / QUARTER_MS): src for src in reversed(aligned)}
    phones = {evidence.phones[src]: src for src in reversed(aligned)}
    others = sorted(hours.values(), key=rank) + sorted(phones.values(), key=rank)
    return list(dict.fromkeys([aligned[0], *others]))[:_MOST_TRIED]


def _find_middle(ahead: Mapping[int, int], evidence: _Evidence) -> int:
    """Return the median clock of the phones that show the commonest hour, of several the most central."""
    phones: dict[str, list[int]] = {}
    for src, distance in ahead.items():
        phones.setdefault(evidence.phones[src], []).append(distance)
    usual = [median_low(distances) for distances in phones.values()]
    hours = Counter(round(distance / QUARTER_MS) for distance in usual)
    centre = median_low(usual)
    home = min(hours, key=lambda hour: (-hours[hour], abs(hour * QUARTER_MS - centre), hour))
    return median_low(distance for distance in usual if round(distance / QUARTER_MS) == home)


def _usual_distance(parent: int, child: int, evidence: _Evidence) -> int:
    _, offset = evidence.pairs.get((min(parent, child), max(parent, child)), (0, 0))
    return offset if parent < child else -offset
