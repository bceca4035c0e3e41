"""How many people could read each text as time went on."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from chatforensics.figures.drawing import Pictures, Sketch, render
from chatforensics.figures.events import Event, EventMarks, tell_events
from chatforensics.figures.exposure import first_exposures
from chatforensics.figures.facts import Tables, count_of, order_families, table_of
from chatforensics.figures.fonts import measure
from chatforensics.figures.labels import write_words
from chatforensics.figures.numbering import NO_NUMBERS, Numbers, number_text
from chatforensics.figures.page import Key, Layout, compose
from chatforensics.figures.style import COLOURS, DOUBLE_MM, GRID, MARKERS, TEXT_PT
from chatforensics.figures.timeaxis import BELOW_MM, TimeScale, broken_scale, draw_time_axis, show_span

if TYPE_CHECKING:
    from datetime import datetime

    from matplotlib.axes import Axes

MOST_FAMILIES = 6
_HEIGHT_MM = 74.0
_AXIS_MM = 8.0
_BIN_MM = 0.15
_LINE_MM = 3.4
_LOG_ABOVE = 30
TITLE = "How many people could read each text as time went on"


def sketch_reach(
    tables: Tables, *, order: pl.DataFrame | None = None, events: Sequence[Event] = (), numbers: Numbers = NO_NUMBERS
) -> Sketch | None:
    """Show for a few tracked families how many people had sent the text or could read it, by time.

    Everybody counts once, at their first occasion. The line counts whoever the memberships place in the chat; the shade
    below reaches down to those whom a notice or a message of their own shows there by then. Who read anything, and
    members whom no export names, the picture cannot show. Returns None where no family was sent more than once.
    """
    order = order_families(tables) if order is None else order
    families = order["family_id"].head(MOST_FAMILIES).to_list()
    if not families:
        return None
    steps = _steps(tables, families)
    names = {family: number_text(family, numbers) for family in families}
    n_all = table_of(tables, "shares").drop_nulls("sent_at")["family_id"].n_unique()
    picture = partial(_picture, steps, names, n_all, events)
    alt = " ".join([_alt(steps, names), *tell_events(events)])
    return Sketch("reach", TITLE, alt, picture, _table(steps, tables, names))


def _steps(tables: Tables, families: list[str]) -> pl.DataFrame:
    """Return the steps of the curves: `family_id, at, share_id, n_new, total, n_shown` (in all, shown to be there)."""
    first = first_exposures(tables, families)
    reached = first.group_by("family_id", "at", share_id=pl.col("share_id")).agg(n_new=pl.len().cast(pl.Int64))
    shown = first.drop_nulls("shown_at").group_by("family_id", at="shown_at").agg(n_seen=pl.len().cast(pl.Int64))
    reached = reached.sort("family_id", "at", "share_id")
    reached = reached.with_columns(total=pl.col("n_new").cum_sum().over("family_id"))
    shown = shown.sort("at").with_columns(n_shown=pl.col("n_seen").cum_sum().over("family_id"))
    return (
        reached.sort("at", "family_id", "share_id")
        .join_asof(shown.drop("n_seen"), on="at", by="family_id", strategy="backward", check_sortedness=False)
        .with_columns(pl.col("n_shown").fill_null(0))
        .sort("family_id", "at", "share_id")
    )


def _curves(steps: pl.DataFrame, families: Iterable[str]) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield each family with its curve, one row per time: `at, total, n_shown`."""
    last = pl.col("total", "n_shown").last()
    for family in families:
        own = steps.filter(pl.col("family_id") == family)
        yield family, own.group_by("at", maintain_order=True).agg(last)


def _picture(steps: pl.DataFrame, names: Mapping[str, str], n_all: int, events: Sequence[Event]) -> Pictures:
    totals = {family: curve["total"][-1] for family, curve in _curves(steps, names)}
    words = {family: f"{_begin(name)} ({totals[family]:,})" for family, name in names.items()}
    right = 8.5 + max(measure(name, size=TEXT_PT)[0] for name in words.values())
    left = _AXIS_MM + measure(f"{max(totals.values()):,}", size=TEXT_PT)[0]
    scale = broken_scale(steps["at"].to_list(), width_mm=DOUBLE_MM - left - right)
    unsure = (steps["n_shown"] < steps["total"]).any()
    logarithmic = max(totals.values()) >= _LOG_ABOVE * min(totals.values())
    days = EventMarks(events, scale)
    layout = Layout(
        title=TITLE,
        panels_mm=[_HEIGHT_MM],
        left_mm=left,
        right_mm=right,
        head_mm=days.head_mm,
        below_mm=BELOW_MM,
        keys=[Key("down to those whom the exports show in the chat by then", "#D0D0D0")] if unsure else [],
        notes=[*days.notes, *scale.notes, *_notes(len(names), n_all, logarithmic=logarithmic)],
    )
    figure, (axes,) = compose(layout)
    height = _Height(max(totals.values()), logarithmic=logarithmic)
    ticks = list(height.ticks())
    axes.set_yticks([height.place(tick) for tick in ticks], labels=[f"{tick:,}" for tick in ticks])
    draw_time_axis(axes, scale, name="time (UTC)")
    days.draw(axes)
    axes.grid(visible=True, axis="y", color=GRID, linewidth=0.5)
    axes.set_ylabel("people", labelpad=2)
    ends: list[tuple[float, str, int]] = []
    for at, (family, curve) in enumerate(_curves(steps, names)):
        _draw_curve(axes, curve, (scale, height), at)
        ends.append((height.place(totals[family]), words[family], at))
    _name_ends(axes, ends)
    return render(figure)


class _Height:
    """Where a count of people lies on the axis, in millimetres: evenly, or each tenfold as high."""

    def __init__(self, most: int, *, logarithmic: bool) -> None:
        self.most, self.logarithmic = max(most, 2), logarithmic

    def place(self, n: float) -> float:
        """Return the height of a count; on a logarithmic axis nought lies at the foot, with one."""
        from math import log10

        room = _HEIGHT_MM - 3
        if self.logarithmic:
            return room * log10(max(n, 1)) / log10(self.most)
        return room * n / self.most

    def ticks(self) -> Iterator[int]:
        """Yield round counts up to the largest."""
        if self.logarithmic:
            yield from (step * 10**power for power in range(9) for step in (1, 3) if step * 10**power <= self.most)
            return
        step = next(s * 10**p for p in range(9) for s in (1, 2, 5) if self.most / (s * 10**p) <= len("ticks!"))
        yield from range(0, self.most + 1, step)


def _draw_curve(axes: "Axes", curve: pl.DataFrame, scales: tuple[TimeScale, _Height], at: int) -> None:
    scale, height = scales
    places = [scale.place(moment) for moment in curve["at"]]
    ends = pl.Series([round(place / _BIN_MM) for place in places]).is_last_distinct().to_list()
    places, curve = [place for place, last in zip(places, ends, strict=True) if last], curve.filter(pl.Series(ends))
    x = [*places, scale.width_mm]
    total = [height.place(n) for n in curve["total"]]
    shown = [height.place(n) for n in curve["n_shown"]]
    tops, feet = [*total, total[-1]], [*shown, shown[-1]]
    axes.fill_between(x, feet, tops, step="post", color=COLOURS[at], alpha=0.15, linewidth=0, zorder=2)
    axes.step([x[0], *x], [0, *tops], where="post", color=COLOURS[at], linewidth=1.3, zorder=4)
    marks = _spaced(places)
    spots = [x[mark] for mark in marks], [total[mark] for mark in marks]
    axes.plot(*spots, MARKERS[at], ms=3.8, mfc=COLOURS[at], mec="white", mew=0.4, clip_on=False, zorder=5)


def _spaced(places: list[float], *, apart_mm: float = 3.0) -> list[int]:
    """Return which places to mark, so that marks do not run together."""
    kept: list[int] = []
    for at, place in enumerate(places):
        if not kept or place - places[kept[-1]] >= apart_mm:
            kept.append(at)
    return kept


def _name_ends(axes: "Axes", ends: list[tuple[float, str, int]]) -> None:
    """Write each family's name at the end of its curve, moved up or down where it would cover another."""
    right, top = axes.get_xlim()[1], axes.get_ylim()[1]
    order = sorted(ends)
    places = _apart([wanted for wanted, _, _ in order], top)
    for y, (wanted, words, at) in zip(places, order, strict=True):
        axes.plot([right, right + 2.5], [wanted, y], color=COLOURS[at], lw=0.7, clip_on=False)
        axes.plot(right + 4.0, y, MARKERS[at], ms=4.2, mfc=COLOURS[at], mec="white", mew=0.4, clip_on=False)
        write_words(axes, (right + 6.0, y), words)


def _apart(wanted: list[float], top: float) -> list[float]:
    """Return heights at least a line apart, near those wanted, from the lowest up, none above the top."""
    places: list[float] = []
    for y in wanted:
        places.append(max(y, places[-1] + _LINE_MM) if places else y)
    for at in reversed(range(len(places))):
        above = places[at + 1] - _LINE_MM if at + 1 < len(places) else top
        places[at] = min(places[at], above)
    return places


def _begin(name: str) -> str:
    """Return the name of a text as it begins a line; an id stays as it is."""
    return name.replace("text ", "Text ", 1)


def _notes(n_drawn: int, n_all: int, *, logarithmic: bool) -> list[str]:
    notes = [
        "Counted once each: who sent the text, who was in the chat when it was sent. Exports do not show who read it."
    ]
    if logarithmic:
        notes.append("The upright axis is logarithmic: each step up multiplies.")
    if rest := n_all - n_drawn:
        notes.append(f"{count_of(rest, 'other tracked family', 'other tracked families')} not drawn.")
    return notes


def _alt(steps: pl.DataFrame, names: Mapping[str, str]) -> str:
    parts = []
    for family, curve in _curves(steps, names):
        total, shown = curve["total"][-1], curve["n_shown"][-1]
        half = _half_time(curve)
        parts.append(f"{names[family]}: {total:,} ({shown:,} shown to be there), half of them after {half}")
    return (
        f"Curves of how many people had sent a text or could read it, {show_span(steps['at'])} UTC, for "
        f"{count_of(len(names), 'text')}. At the end: {'; '.join(parts)}."
    )


def _half_time(curve: pl.DataFrame) -> str:
    total = curve["total"][-1]
    reached: datetime = curve.filter(2 * pl.col("total") >= total)["at"][0]
    seconds = (reached - curve["at"][0]).total_seconds()
    for unit, size in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if seconds >= 2 * size:
            return count_of(round(seconds / size), unit)
    return count_of(round(seconds / 60), "minute")


def _table(steps: pl.DataFrame, tables: Tables, names: Mapping[str, str]) -> pl.DataFrame:
    """Return the table twin: one row per share that reached somebody for the first time."""
    messages = table_of(tables, "shares").select("share_id", "message_ids")
    order = pl.DataFrame({"family_id": list(names), "text": list(names.values())}).with_row_index("place")
    rows = steps.join(messages, on="share_id", how="left").join(order, on="family_id").sort("place", "at", "share_id")
    return rows.select(
        "text",
        pl.col("family_id").alias("family"),
        pl.col("at").alias("time (UTC)"),
        pl.col("n_new").alias("people for whom it was the first occasion"),
        pl.col("total").alias("people so far"),
        pl.col("n_shown").alias("of these shown to be in the chat by then"),
        "message_ids",
    )
