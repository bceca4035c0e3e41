"""One clock read against another that is known: its zone, the settings it ran through, and where it was set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from chatforensics.joining.clockwords import word_span, word_time
from chatforensics.joining.readings import Reading, Stretch, find_stretch, show_walls, tell_instants
from chatforensics.joining.shared import Sides
from chatforensics.joining.stretches import Anchors, Fit, Lines, Setting, Steps, fit_settings, place_change
from chatforensics.joining.tolerances import QUARTER_MS

_FAR_EAST_MS = 3 * 3_600_000  # from there on hardly any zone has summer time: where nothing tells, none is assumed
_WORLD_MS = 26 * 3_600_000  # no two zones lie further apart
_RULES = (
    *("Europe/London", "America/New_York", "Australia/Sydney", "Pacific/Auckland", "America/Santiago"),
    *("Africa/Cairo", "Asia/Jerusalem", "Africa/Casablanca"),
)  # the dates of summer time that are in use; a name stands for dates here, not for a place
_MIN_GAIN = 2  # shared texts that other dates of summer time must explain beyond the nearest zones; one may be chance


@dataclass(frozen=True)
class Zones:
    """What is known of one clock's zone: declared for this export, declared for its phone, and the zone of the case."""

    own: str | None
    phone: str | None
    case: str


@dataclass(frozen=True)
class Clock:
    """The clock of one export, to be read against that of another."""

    sides: Sides
    src: int
    against: int
    zones: Zones

    @property
    def steps(self) -> Steps:
        """The steps of the known clock and of this one."""
        return self.sides.steps(self.against, self.src)


def read_against(known: Reading, clock: Clock) -> Reading:
    """Read a clock against one that is known, from the texts that both exports show.

    Lines before the first shared text and after the last are read like the nearest stretch.
    """
    zones = clock.zones
    fits = _fit_zones(known, clock, [zones.own] if zones.own else [zones.case, known.zone, "UTC"])
    least = min(fit.cost for fit in fits.values())
    if not zones.own and least >= _MIN_GAIN:
        further = _fit_zones(known, clock, [zone for zone in _RULES if zone not in fits])
        fits |= {zone: fit for zone, fit in further.items() if fit.cost <= least - _MIN_GAIN}
    zone = _choose_zone(fits)
    if zones.phone and not zones.own:
        declared = _fit_zones(known, clock, [zones.phone])
        fits, zone = {**fits, **declared}, zones.phone if _is_borne_out(declared[zones.phone], fits[zone]) else zone
    base = max(stretch.uncertainty_ms for stretch in known.known)
    stretches = _build_stretches(fits[zone].settings, clock, base_ms=base)
    other = None if zone in (zones.own, zones.phone) else _find_other(fits, zone)
    return Reading(zone, stretches, aligned=True, against=clock.against, other=other)


def _fit_zones(known: Reading, clock: Clock, zones: Sequence[str]) -> dict[str, Fit]:
    """Return how well each zone explains the distance between the clocks.

    Shared texts in lines of the known clock where its own setting is unknown are left out, unless all are.
    """
    shared = clock.sides.share(clock.against, clock.src)
    one, mine = shared.one, shared.other
    instants = tell_instants(known, one.line, one.wall_ms)
    sure = np.array([stretch.known for stretch in known.stretches])[find_stretch(known, one.line)]
    kept = sure if sure.any() else ~sure
    return {
        zone: fit_settings(
            Anchors(mine.line, mine.wall_ms - show_walls(instants, zone=zone), instants).keep(kept), clock.steps
        )
        for zone in dict.fromkeys(zones)
    }


def _choose_zone(fits: Mapping[str, Fit]) -> str:
    """Return the zone that explains the distances best, the first of equals."""
    far_east = "UTC" in fits and fits["UTC"].main.shift_ms >= _FAR_EAST_MS
    return min(fits, key=lambda zone: (fits[zone].cost, not (far_east and zone == "UTC")))


def _is_borne_out(declared: Fit, best: Fit) -> bool:
    return declared.cost <= best.cost and abs(declared.main.shift_ms) < QUARTER_MS


def _find_other(fits: Mapping[str, Fit], zone: str) -> tuple[str, int] | None:
    """Return another zone, and the shift in it, that explains the distances as well."""
    if len(fits[zone].settings) > 1:
        return None
    equals = [other for other, fit in fits.items() if other != zone and fit.cost == fits[zone].cost]
    return (equals[0], fits[equals[0]].main.shift_ms) if equals else None


def _build_stretches(settings: Sequence[Setting], clock: Clock, *, base_ms: int) -> tuple[Stretch, ...]:
    """Return the stretches of an export from the settings of its clock."""
    starts = [0, *(setting.first_line for setting in settings[1:])]
    known = [
        Stretch(start, setting.shift_ms, base_ms + setting.uncertainty_ms, setting.n_anchors)
        for start, setting in zip(starts, settings, strict=True)
    ]
    between = [(former.last_line, setting.first_line) for former, setting in pairwise(settings)]
    return _part_lines(known, between, clock.sides, src=clock.src)


def _part_lines(
    known: Sequence[Stretch], between: Sequence[tuple[int, int]], sides: Sides, *, src: int
) -> tuple[Stretch, ...]:
    """Find where each stretch begins, and add those of lines that may belong to either of two.

    Args:
        known: The stretches of known setting in order.
        between: For each change, the last line known to stand before it and the first known to stand after it.
        sides: What the exports show.
        src: Number of the export.
    """
    stretches = [known[0]]
    for (former, stretch), ends in zip(pairwise(known), between, strict=True):
        jump, records, step = stretch.shift_ms - former.shift_ms, sides.records(src), sides.step_ms[src]
        may, must = place_change(records, between=ends, jump_ms=jump, step_ms=step)
        odd = _is_odd(jump, former.uncertainty_ms + stretch.uncertainty_ms)
        change = _word_change(jump, records, may=may, must=must, odd=odd)
        if may < must:
            unsure = former.uncertainty_ms + abs(jump)
            stretches.append(Stretch(may, former.shift_ms, unsure, known=False, change=change))
        stretches.append(replace(stretch, from_line=must, change=change, odd=odd))
    return tuple(stretches)


def _is_odd(jump_ms: int, uncertainty_ms: int) -> bool:
    """Tell whether a clock moved by what lies between no two zones."""
    beside = abs(jump_ms - round(jump_ms / QUARTER_MS) * QUARTER_MS)
    return beside > uncertainty_ms or abs(jump_ms) > _WORLD_MS


def _word_change(jump_ms: int, records: Lines, *, may: int, must: int, odd: bool) -> str:
    first, last = np.searchsorted(records.line, (may, must))
    walls = [word_time(int(records.wall_ms[place])) for place in (max(first - 1, 0), last)]
    way = "forward" if jump_ms > 0 else "back"
    like = "no zone differs from another by this" if odd else "as between two zones"
    return f"clock moved {way} by {word_span(jump_ms)} ({like}), between {walls[0]} and {walls[1]} as it showed"


def carry_clock(known: Reading, sides: Sides, *, src: int, against: int) -> Reading:
    """Read an export like another of the same phone, with which it shares no text.

    Lines carry over by time: a line that would lie before the last one of a setting, were it read by the next, stands
    before the change, and one that would lie after the first of the next, were it read by the former, after it.
    """
    if len(known.stretches) == 1:
        return replace(known, against=against, carried=True)
    source, target = sides.records(against), sides.records(src)
    place = find_stretch(known, source.line)
    numbers = [number for number, stretch in enumerate(known.stretches) if stretch.known]
    kept, between, reached = [known.stretches[0]], [], 0
    for former, number in pairwise(numbers):
        shifts = [known.stretches[n].shift_ms for n in (former, number)]
        ends = (source.wall_ms[place == former][-1] - shifts[0], source.wall_ms[place == number][0] - shifts[1])
        may, must = target.wall_ms - shifts[1] >= ends[0], target.wall_ms - shifts[0] > ends[1]
        if not must.any():
            break
        last = int(np.argmax(must))
        if last <= reached:  # no line in the former stretch
            kept[-1] = replace(known.stretches[number], from_line=kept[-1].from_line, change=kept[-1].change)
            continue
        first = max(min(int(np.argmax(may)), last), reached + 1)
        between.append((int(target.line[first - 1]), int(target.line[last])))
        kept.append(known.stretches[number])
        reached = last
    stretches = _part_lines(kept, between, sides, src=src)
    return replace(known, stretches=stretches, against=against, carried=True)
