"""At which hours of the day each person sent the messages at issue."""

from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from chatforensics.figures.drawing import Pictures, Sketch, render
from chatforensics.figures.facts import Tables, count_of, labelled_messages
from chatforensics.figures.fonts import measure
from chatforensics.figures.marks import add_shape
from chatforensics.figures.names import drawable, person_names
from chatforensics.figures.page import EDGE_MM, Key, Layout, compose
from chatforensics.figures.style import INK, SCALE, TEXT_PT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HOURS = 24
MOST_ROWS = 28
_ROW_MM = 4.6
_NAME_MM = 42.0
_TOTAL_MM = 12.0
_DARK_ABOVE = 0.45
_REST_COLOUR = "#D4D4D4"
_NONE_COLOUR = "#F3F3F3"
_THOUSAND = 1000
TITLE = "Who sent labelled or tracked messages, by hour of the day"


def sketch_sender_hours(tables: Tables, *, labelled: pl.DataFrame | None = None) -> Sketch | None:
    """Show a row per sender and a column per hour of the phones' own clocks; the number counts messages.

    Counted are messages decided `flag` or `review` as slate instructions and those in a share of a tracked family; one
    that several exports hold counts once. Regular hours may as well be those of work, school or travel. `labelled` is
    what `labelled_messages` gives, where it is at hand. Returns None where there is no such message.
    """
    counts = _counts(tables, labelled_messages(tables) if labelled is None else labelled)
    if counts.is_empty():
        return None
    names = person_names(tables, counts["person_id"])
    n_own = _n_own(counts)
    picture = partial(_picture, *_rows(counts, names, n_own), n_own)
    return Sketch("sender-by-hour", TITLE, _alt(counts, names), picture, _table(counts, names))


def _counts(tables: Tables, labelled: pl.DataFrame) -> pl.DataFrame:
    """Return one row per person and hour: `place, person_id, hour, n, total, message_ids`.

    People stand in the order of their names, since a chart that orders them by numbers ranks them. Where there is no
    room for all, those with fewer messages stand behind the others.
    """
    cells = (
        labelled.filter((pl.col("decision") != "none") | pl.col("shared"))
        .drop_nulls(["person_id", "sent_local"])
        .group_by("person_id", pl.col("sent_local").dt.hour().cast(pl.Int64).alias("hour"))
        .agg(pl.col("is_first").sum().cast(pl.Int64).alias("n"), pl.col("message_id").sort().alias("message_ids"))
        .with_columns(pl.col("person_id").cast(pl.String))
    )
    people = cells.group_by("person_id").agg(pl.col("n").sum().alias("total"))
    names = person_names(tables, people["person_id"])
    sorted_name = pl.col("person_id").replace_strict({person: name.casefold() for person, name in names.items()})
    crowded = pl.struct(-pl.col("total"), "person_id").rank("ordinal") > _n_own(people)
    people = people.sort(crowded, sorted_name, "person_id").with_row_index("place")
    return cells.join(people, on="person_id").sort("place", "hour")


def _picture(cells: pl.DataFrame, rows: list[tuple[str, int]], n_own: int) -> Pictures:
    height = _ROW_MM * len(rows)
    layout = Layout(
        title=TITLE,
        panels_mm=[height],
        left_mm=EDGE_MM + 2.5 + max(measure(name, size=TEXT_PT)[0] for name, _ in rows),
        right_mm=_TOTAL_MM,
        below_mm=9.5,
        keys=_keys(cells, n_own),
        notes=["Hours are those of the phones' own clocks. A habit of work, school or travel can look the same."],
    )
    figure, (axes,) = compose(layout)
    middles = [height - _ROW_MM * (row + 0.5) for row in range(len(rows))]
    wide = layout.plot_mm / HOURS
    _draw_cells(axes, cells, middles, n_own)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    axes.set_yticks(middles, labels=[name for name, _ in rows])
    axes.set_xticks([wide * (hour + 0.5) for hour in range(HOURS)], labels=[f"{hour:02d}" for hour in range(HOURS)])
    axes.set_xlabel("hour of the day (local time of the exports)", labelpad=2)
    for middle, (_, total) in zip(middles, rows, strict=True):
        axes.text(layout.plot_mm + _TOTAL_MM - EDGE_MM, middle, f"{total:,}", ha="right", va="center_baseline")
    axes.text(layout.plot_mm + _TOTAL_MM - EDGE_MM, -1.25, "all", ha="right", va="top")
    return render(figure)


def _rows(counts: pl.DataFrame, names: dict[str, str], n_own: int) -> tuple[pl.DataFrame, list[tuple[str, int]]]:
    """Return the cells as drawn (`place, hour, n`), and the name and total of each row; the last may hold the rest."""
    people = counts.unique("place").sort("place")
    cells = counts.group_by(pl.col("place").clip(0, n_own), "hour").agg(pl.col("n").sum()).sort("place", "hour")
    own = people.head(n_own).select("person_id", "total").iter_rows()
    rows = [(drawable(names[person], width_mm=_NAME_MM), total) for person, total in own]
    if rest := people.height - n_own:
        rows.append((f"{rest} other people", people["total"].tail(rest).sum()))
    return cells, rows


def _n_own(counts: pl.DataFrame) -> int:
    n_people = counts["person_id"].n_unique()
    return n_people if n_people <= MOST_ROWS else MOST_ROWS - 1


def _draw_cells(axes: "Axes", cells: pl.DataFrame, middles: list[float], n_own: int) -> None:
    """Colour the cells by their count; those of all other people together are grey, they have a scale of their own."""
    from matplotlib.patches import Rectangle

    wide = axes.get_xlim()[1] / HOURS
    most = max(cells.filter(pl.col("place") < n_own)["n"])
    for middle in middles:
        box = (0, middle - _ROW_MM / 2 + 0.15)
        add_shape(axes, Rectangle(box, wide * HOURS, _ROW_MM - 0.3, facecolor=_NONE_COLOUR, lw=0))
    for place, hour, n in cells.select("place", "hour", "n").iter_rows():
        colour, ink = _colours(n / most) if place < n_own else (_REST_COLOUR, INK)
        corner = (wide * hour + 0.15, middles[place] - _ROW_MM / 2 + 0.15)
        add_shape(axes, Rectangle(corner, wide - 0.3, _ROW_MM - 0.3, facecolor=colour, lw=0))
        spot = (wide * (hour + 0.5), middles[place])
        axes.text(*spot, show_count(n), ha="center", va="center_baseline", color=ink, size=TEXT_PT)


def _colours(strength: float) -> tuple[str, str]:
    """Return the colour of a cell and that of the number on it."""
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    return to_hex(colormaps[SCALE](strength)), "white" if strength > _DARK_ABOVE else INK


def show_count(n: int) -> str:
    """Return a count in at most four letters, such as `1.2k`."""
    if n < _THOUSAND:
        return f"{n}"
    value, unit = (n / _THOUSAND**2, "M") if n >= _THOUSAND**2 - _THOUSAND // 2 else (n / _THOUSAND, "k")
    short = f"{value:.1f}"
    return f"{short if len(short) <= len('9.9') else round(value)}{unit}"


def _keys(cells: pl.DataFrame, n_own: int) -> list[Key]:
    most = max(cells.filter(pl.col("place") < n_own)["n"])
    steps = sorted({1, (most + 1) // 2, most})
    keys = [Key(count_of(step, "message"), _colours(step / most)[0]) for step in steps]
    rest = [Key("all other people together", _REST_COLOUR)] if cells["place"].max() == n_own else []
    return [*keys, Key("none", _NONE_COLOUR), *rest]


def _alt(counts: pl.DataFrame, names: dict[str, str]) -> str:
    top = counts.row(0, named=True)
    hours = counts.group_by("hour").agg(pl.col("n").sum()).sort(-pl.col("n"), "hour").row(0)
    return (
        f"Heat map of {count_of(sum(counts['n']), 'labelled or tracked message')} by "
        f"{count_of(counts['person_id'].n_unique(), 'sender')} and "
        f"hour of the day, by the phones' own clocks. Most at {hours[0]:02d}:00 to {hours[0]:02d}:59: {hours[1]}. Most "
        f"messages from one sender: {names[top['person_id']]}, {top['total']}."
    )


def _table(counts: pl.DataFrame, names: dict[str, str]) -> pl.DataFrame:
    """Return the table twin: one row per sender and hour."""
    return counts.select(
        pl.col("person_id").replace_strict(names, return_dtype=pl.String).alias("sender"),
        "hour",
        pl.col("n").alias("messages"),
        (pl.col("place") < _n_own(counts)).alias("in a row of its own"),
        "message_ids",
    )
