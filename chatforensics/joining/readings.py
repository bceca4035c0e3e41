"""How to read the clocks of exports, once it is known how they run: from wall times to instants."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from chatforensics.joining.stretches import Numbers
from chatforensics.joining.tolerances import QUARTER_MS
from chatforensics.schema import UTC
from chatforensics.zones import tell_dst, to_utc

_LINES = 1 << 40  # more lines than any export has


@dataclass(frozen=True)
class Stretch:
    """The lines of one export from `from_line` on: wall time minus `shift_ms` is wall time in the reading's zone.

    `known` is False for lines between two settings of the clock, where nothing shows at which of them it was set;
    `change` says how the stretch begins.
    """

    from_line: int
    shift_ms: int
    uncertainty_ms: int
    n_anchors: int = 0
    known: bool = True
    change: str = ""
    odd: bool = False

    @property
    def zone_ms(self) -> int:
        """The part of the shift that another zone explains; the rest is an error of the clock, in any zone."""
        return round(self.shift_ms / QUARTER_MS) * QUARTER_MS


@dataclass(frozen=True)
class Note:
    """Something about a clock that a reader should know: its `kind`, and what was seen in words."""

    kind: str
    value: str


@dataclass(frozen=True)
class Reading:
    """How to read one export's clock.

    `against` is the export that it was read against, by shared texts or (`carried`) as one of the same phone; `other`
    is another zone and shift that the shared texts allow.
    """

    zone: str
    stretches: tuple[Stretch, ...]
    aligned: bool
    basis: str = ""
    against: int | None = None
    carried: bool = False
    other: tuple[str, int] | None = None
    notes: tuple[Note, ...] = ()

    @property
    def main(self) -> Stretch:
        """The stretch that most anchors show."""
        return max(self.known, key=lambda stretch: stretch.n_anchors)

    @property
    def known(self) -> tuple[Stretch, ...]:
        """The stretches whose setting is known."""
        return tuple(stretch for stretch in self.stretches if stretch.known)


def find_stretch(reading: Reading, line: Numbers) -> Numbers:
    """Return the place of each line's stretch."""
    starts = np.array([stretch.from_line for stretch in reading.stretches], dtype=np.int64)
    return np.asarray(np.maximum(np.searchsorted(starts, line, side="right") - 1, 0), dtype=np.int64)


def tell_instants(reading: Reading, line: Numbers, wall_ms: Numbers) -> Numbers:
    """Return the instants of wall times of one export, in milliseconds."""
    place = find_stretch(reading, line)
    zones, shifts = (
        np.array([getattr(stretch, name) for stretch in reading.stretches], dtype=np.int64)[place]
        for name in ("zone_ms", "shift_ms")
    )
    return read_walls(wall_ms - zones, zone=reading.zone) - (shifts - zones)


def read_walls(wall_ms: Numbers, *, zone: str) -> Numbers:
    """Return the instants at which clocks of a zone show wall times."""
    frame = pl.DataFrame({"wall": pl.from_epoch(pl.Series(wall_ms, dtype=pl.Int64), "ms")})
    return frame.select(to_utc(pl.col("wall"), zone=zone).dt.epoch("ms"))["wall"].to_numpy()


def show_walls(instant_ms: Numbers, *, zone: str) -> Numbers:
    """Return what clocks of a zone show at instants."""
    instants = pl.from_epoch(pl.Series(instant_ms, dtype=pl.Int64), "ms").dt.replace_time_zone("UTC")
    return instants.dt.convert_time_zone(zone).dt.replace_time_zone(None).dt.epoch("ms").to_numpy()


def place_rows(rows: pl.DataFrame, readings: Mapping[int, Reading], *, src: str = "src") -> pl.DataFrame:
    """Add `part` (the number of the row's stretch among those of all exports); rows have `line`."""
    parts = list_parts(readings)
    begins = np.array([key * _LINES + stretch.from_line for key, stretch in parts], dtype=np.int64)
    place = rows[src].to_numpy() * _LINES + rows["line"].to_numpy()
    return rows.with_columns(pl.Series("part", np.searchsorted(begins, place, side="right") - 1, dtype=pl.Int64))


def list_parts(readings: Mapping[int, Reading]) -> list[tuple[int, Stretch]]:
    """Return the stretches of all exports with the export's number, in order."""
    return [(key, stretch) for key in sorted(readings) for stretch in readings[key].stretches]


def tell_times(rows: pl.DataFrame, readings: Mapping[int, Reading], *, wall: str, src: str = "src") -> pl.DataFrame:
    """Add `sent_at` and `dst`, as told from the wall times in column `wall` of exports numbered in column `src`.

    Rows have `line`. In an hour that occurs twice, the first is taken.
    """
    names = sorted({reading.zone for reading in readings.values()})
    parts = pl.DataFrame(
        [
            (stretch.zone_ms, stretch.shift_ms - stretch.zone_ms, names.index(readings[key].zone))
            for key, stretch in list_parts(readings)
        ],
        schema={"zone_ms": pl.Int64, "error_ms": pl.Int64, "zone": pl.Int64},
        orient="row",
    )
    placed = place_rows(rows, readings, src=src)
    placed = placed.with_columns(column.gather(placed["part"]) for column in parts)
    plain = pl.col(wall) - pl.duration(milliseconds=pl.col("zone_ms"))
    error = pl.duration(milliseconds=pl.col("error_ms"))  # of the instant: a clock that is wrong changes too soon
    told = [pl.when(pl.col("zone") == place).then(to_utc(plain, zone=name) - error) for place, name in enumerate(names)]
    odd = [pl.when(pl.col("zone") == place).then(tell_dst(plain, zone=name)) for place, name in enumerate(names)]
    return placed.with_columns(
        sent_at=pl.coalesce(told) if told else pl.lit(None, UTC),
        dst=pl.coalesce(odd) if odd else pl.lit(None, pl.String),
    ).drop("part", "zone_ms", "error_ms", "zone")
