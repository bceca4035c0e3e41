"""How many messages were sent on each day, and how many of them carry the label."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from chatforensics.figures.drawing import Pictures, Sketch, render
from chatforensics.figures.events import Event, EventMarks, tell_events
from chatforensics.figures.facts import Tables, count_of, labelled_messages
from chatforensics.figures.page import RIGHT_MM, Key, Layout, compose
from chatforensics.figures.style import COLOURS, DOUBLE_MM, TEXT_PT
from chatforensics.figures.timeaxis import BELOW_MM, TimeScale, draw_time_axis, plain_scale, show_day

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_BARS = 150
_ALL_MM, _LABELLED_MM = 30.0, 30.0
_LEFT_MM = 14.0
_AXIS = "day (local time of the exports)"
_ABOVE_MM = 5.0
_OTHER_COLOUR = "#BDBDBD"
_TICKS = 5
DECISIONS = ("flag", "review")
_LOOKS = {"flag": (COLOURS[1], None), "review": (COLOURS[5], "//////"), "none": (_OTHER_COLOUR, None)}
_WORDS = {
    "flag": "slate instruction (decided: flag)",
    "review": "possible slate instruction (decided: review)",
    "none": "other messages",
}


def sketch_timeline(
    tables: Tables, *, labelled: pl.DataFrame | None = None, events: Sequence[Event] = ()
) -> Sketch | None:
    """Show the messages per day on the phones' own clocks, and below them the labelled ones on their own scale.

    A message that several exports hold counts once. Longer cases are counted by the week or by four weeks. Days
    without messages may be days without an export. `labelled` is what `labelled_messages` gives, where it is at hand.
    Returns None where no message has a time.
    """
    messages = (labelled_messages(tables) if labelled is None else labelled).drop_nulls("sent_local")
    if messages.is_empty():
        return None
    days = _step_days(messages)
    bars = _bars(messages, days)
    word = {1: "day", 7: "week", 28: "four weeks"}.get(days, f"{days} days")
    title = f"Messages per {word}, and how many of them are labelled as slate instructions"
    picture = partial(_picture, bars.drop("message_ids"), days, (title, word), events)
    alt = " ".join([_alt(bars, word), *tell_events(events)])
    return Sketch("timeline", title, alt, picture, _table(bars, word))


def _step_days(messages: pl.DataFrame) -> int:
    """Return how many days a bar covers so that the bars can be told apart."""
    times = messages["sent_local"].sort()
    n_days = (times[-1] - times[0]).days + 1
    return next((days for days in (1, 7, 28) if n_days / days <= MOST_BARS), 28 * (1 + n_days // (28 * MOST_BARS)))


def _bars(messages: pl.DataFrame, days: int) -> pl.DataFrame:
    """Return one row per bar and decision."""
    # Truncation counts weeks from a Monday.
    start = pl.col("sent_local").dt.truncate(f"{days}d" if days % 7 else f"{days // 7}w").alias("start")
    return (
        messages.group_by(start, "decision")
        .agg(pl.col("is_first").sum().cast(pl.Int64).alias("n"), pl.col("message_id").sort().alias("message_ids"))
        .with_columns(pl.col("decision").cast(pl.String))
        .sort("start", "decision")
    )


def _picture(bars: pl.DataFrame, days: int, words: tuple[str, str], events: Sequence[Event]) -> Pictures:
    title, word = words
    shown = [decision for decision in (*DECISIONS, "none") if decision in set(bars["decision"])]
    labelled = [decision for decision in shown if decision != "none"]
    first, last = bars["start"][0], bars["start"][-1] + timedelta(days=days)
    scale = plain_scale(first, last, width_mm=DOUBLE_MM - _LEFT_MM - RIGHT_MM)
    marks = EventMarks(events, scale)
    layout = Layout(
        title=title,
        panels_mm=[_ALL_MM, _LABELLED_MM] if labelled else [_ALL_MM],
        left_mm=_LEFT_MM,
        head_mm=marks.head_mm,
        below_mm=BELOW_MM,
        above_mm=_ABOVE_MM,
        keys=[Key(_WORDS[decision], _LOOKS[decision][0], hatch=_LOOKS[decision][1]) for decision in shown],
        notes=[
            *marks.notes,
            "Times are those of the phones' own clocks. An empty stretch may be one that no export covers.",
            *(["The lower panel shows the labelled messages again, on a scale of their own."] if labelled else []),
        ],
    )
    figure, panels = compose(layout)
    for axes, decisions, head in zip(panels, (shown, labelled), ("all messages", "labelled messages"), strict=False):
        _draw_bars(axes, bars.filter(pl.col("decision").is_in(decisions)), scale, days)
        draw_time_axis(axes, scale, grid=False, name=_AXIS if axes is panels[-1] else "")
        marks.draw(axes, lift_mm=_ABOVE_MM, named=axes is panels[0])
        axes.set_title(f"{head} per {word}", loc="left", size=TEXT_PT, pad=4)
    for axes in panels[:-1]:
        axes.tick_params(labelbottom=False)
    return render(figure)


def _draw_bars(axes: "Axes", bars: pl.DataFrame, scale: TimeScale, days: int) -> None:
    """Stack the bars of each start: flagged at the foot, where they are seen, then those for review, then the rest."""
    order = {"flag": 0, "review": 1, "none": 2}
    width = scale.width_mm / ((scale.stretches[0].last - scale.stretches[0].first) / timedelta(days=days))
    reached: dict[datetime, int] = {}
    for row in bars.sort("start", pl.col("decision").replace_strict(order)).iter_rows(named=True):
        colour, hatch = _LOOKS[row["decision"]]
        foot = reached.get(row["start"], 0)
        left = scale.place(row["start"]) + 0.08 * width
        axes.bar(left, row["n"], 0.84 * width, foot, align="edge", color=colour, hatch=hatch, ec="white", lw=0)
        reached[row["start"]] = foot + row["n"]
    ticks = round_numbers(max(reached.values()))
    axes.set_ylim(0, max(max(reached.values()) * 1.05, ticks[-1]))
    axes.set_yticks(ticks, labels=[f"{tick:,}" for tick in ticks])


def round_numbers(most: int) -> list[int]:
    """Return round whole numbers from nought up to the given one, at most six of them."""
    sizes = (factor * 10**power for power in range(18) for factor in (1, 2, 5))
    step = next(size for size in sizes if most / size <= _TICKS)
    return list(range(0, most + 1, step))


def _alt(bars: pl.DataFrame, word: str) -> str:
    counts = dict(bars.group_by("decision").agg(pl.col("n").sum()).iter_rows())
    totals = bars.group_by("start").agg(pl.col("n").sum()).sort(-pl.col("n"), "start").row(0)
    flagged = bars.filter(pl.col("decision") == "flag").sort(-pl.col("n"), "start")
    most = f" Most flagged: {flagged['n'][0]}, {show_day(flagged['start'][0])}." if flagged.height else ""
    return (
        f"Bar chart of {count_of(sum(counts.values()), 'message')} per {word}, {show_day(bars['start'][0])} to "
        f"{show_day(bars['start'][-1])} by the phones' own clocks. Flagged as slate instructions: "
        f"{counts.get('flag', 0)}; for review: {counts.get('review', 0)}. Busiest: {count_of(totals[1], 'message')}, "
        f"{show_day(totals[0])}.{most}"
    )


def _table(bars: pl.DataFrame, word: str) -> pl.DataFrame:
    """Return the table twin: one row per bar and decision."""
    return bars.select(
        pl.col("start").dt.date().alias(f"{word} from"),
        pl.col("decision").replace_strict(_WORDS, return_dtype=pl.String).alias("messages"),
        pl.col("n").alias("count"),
        "message_ids",
    )
