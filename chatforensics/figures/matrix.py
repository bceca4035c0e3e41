"""Who sent the same families close in time, as a table of people by people."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from chatforensics.figures.coordination import messages_of_pairs, ring_order
from chatforensics.figures.drawing import Pictures, Sketch, render
from chatforensics.figures.facts import Tables, count_of, table_of
from chatforensics.figures.fonts import measure
from chatforensics.figures.hours import show_count
from chatforensics.figures.labels import write_words
from chatforensics.figures.marks import add_shape
from chatforensics.figures.names import drawable, person_names
from chatforensics.figures.page import EDGE_MM, RIGHT_MM, Key, Layout, compose
from chatforensics.figures.style import COLOURS, DOUBLE_MM, FAINT_INK, INK, SCALE, TEXT_PT
from chatforensics.schema import SIGNIFICANT_Q

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_PEOPLE = 32
_WIDEST_MM = 11.0
_HIGHEST_MM = 6.5
_ROOM_FOR_Q_MM = 8.2
_NAME_MM = 36.0
_NUMBER_MM = 5.0
_HEAD_MM = 4.5
_DARK_ABOVE = 0.45
_NONE_COLOUR = "#F3F3F3"
_DIAGONAL = "#D9D9D9"
_LOWEST_Q = 0.001
TITLE = "Families that two people sent close in time, with q-values"


def sketch_matrix(tables: Tables) -> Sketch | None:
    """Show people by people: below the diagonal how many families two sent close in time, above it the q-value.

    Two people who both copy a third, or who read the same news at the same hour, share a cell as well: it shows common
    timing, not a common order. Returns None where there are no pairs.
    """
    pairs = _pairs(tables)
    if pairs.is_empty():
        return None
    names = person_names(tables, [*pairs["person_a"], *pairs["person_b"]])
    drawn = pairs.filter("drawn")
    groups = _groups(tables, drawn)
    own = {person: names[person] for _, group in groups for person in group}
    picture = partial(_picture, drawn, groups, own, pairs.height)
    return Sketch("matrix", TITLE, _alt(pairs, groups, names), picture, _table(pairs, groups, names, tables))


def _pairs(tables: Tables) -> pl.DataFrame:
    """Return the pairs, those less likely by chance first, and whether both people are in the picture."""
    pairs = table_of(tables, "pairs").with_columns(
        (pl.col("q_value") <= SIGNIFICANT_Q).fill_null(value=False).alias("significant")
    )
    pairs = pairs.sort(~pl.col("significant"), -pl.col("n_families"), "q_value", "person_a", "person_b")
    people: set[str] = set()
    for pair in pairs.select("person_a", "person_b").iter_rows():
        if len(people) == MOST_PEOPLE:
            break
        people |= set(pair) if len(people | set(pair)) <= MOST_PEOPLE else set()
    kept = pl.col("person_a", "person_b").is_in(sorted(people))
    return pairs.with_columns(drawn=pl.all_horizontal(kept))


def _groups(tables: Tables, pairs: pl.DataFrame) -> list[tuple[str | None, list[str]]]:
    """Return the people in the order of the rows: the clusters first, each with its id, then everybody else."""
    people = {*pairs["person_a"], *pairs["person_b"]}
    clusters = table_of(tables, "clusters").sort(-pl.col("person_ids").list.len().cast(pl.Int64), "cluster_id")
    found: list[tuple[str | None, list[str]]] = []
    for cluster, members in clusters.select("cluster_id", "person_ids").iter_rows():
        own = people & set(members)
        if len(own) > 1:
            found.append((cluster, _side_by_side(pairs, own)))
            people -= own
    return [*found, (None, _side_by_side(pairs, people))] if people else found


def _side_by_side(pairs: pl.DataFrame, people: set[str]) -> list[str]:
    weights = {(a, b): n for a, b, n in pairs.select("person_a", "person_b", "n_families").iter_rows()}
    own = {pair: n for pair, n in weights.items() if people >= set(pair)}
    order = [person for group in ring_order(own) for person in group] if own else []
    return [*order, *sorted(people - set(order))]


Groups = list[tuple[str | None, list[str]]]


def _picture(pairs: pl.DataFrame, groups: Groups, names: dict[str, str], n_all: int) -> Pictures:
    return _Matrix(pairs, groups, names, n_all).picture()


class _Matrix:
    """What the picture draws from, so that its parts need not hand it on."""

    def __init__(self, pairs: pl.DataFrame, groups: Groups, names: dict[str, str], n_all: int) -> None:
        self.pairs, self.groups, self.n_all = pairs, groups, n_all
        people = [person for _, group in groups for person in group]
        self.places = {person: at for at, person in enumerate(people)}
        self.names = [drawable(names[person], width_mm=_NAME_MM) for person in people]
        self.n_people = len(people)
        self.left = EDGE_MM + 1.5 + _NUMBER_MM + max(measure(name, size=TEXT_PT)[0] for name in self.names)
        self.wide = min(_WIDEST_MM, (DOUBLE_MM - self.left - RIGHT_MM) / self.n_people)
        self.high = min(self.wide, _HIGHEST_MM)
        self.most = max(self.pairs["n_families"])

    def picture(self) -> Pictures:
        layout = Layout(
            title=TITLE,
            panels_mm=[self.high * self.n_people],
            left_mm=self.left,
            above_mm=_HEAD_MM,
            below_mm=1.5,
            keys=list(self._keys()),
            notes=self._notes(),
        )
        figure, (axes,) = compose(layout)
        axes.set_axis_off()
        self._draw_ground(axes)
        for row in self.pairs.sort("person_a", "person_b").iter_rows(named=True):
            self._draw_pair(axes, row)
        self._draw_groups(axes)
        return render(figure)

    def _box(self, row: int, column: int) -> tuple[float, float]:
        return column * self.wide, (self.n_people - 1 - row) * self.high

    def _draw_ground(self, axes: "Axes") -> None:
        for at, name in enumerate(self.names):
            x, y = self._box(at, at)
            middle = y + self.high / 2
            write_words(axes, (-_NUMBER_MM - 1.0, middle), name, side="right")
            write_words(axes, (-1.2, middle), f"{at + 1}", side="right", colour=FAINT_INK)
            top = self.n_people * self.high + _HEAD_MM / 2
            write_words(axes, (x + self.wide / 2, top), f"{at + 1}", side="center", colour=FAINT_INK)
            for other in range(self.n_people):
                self._fill(axes, self._box(at, other), _DIAGONAL if other == at else _NONE_COLOUR)

    def _fill(self, axes: "Axes", corner: tuple[float, float], colour: str, *, edge: str = "none") -> None:
        from matplotlib.patches import Rectangle

        gap = 0.2 if edge == "none" else 0.45
        size = (self.wide - 2 * gap, self.high - 2 * gap)
        start = (corner[0] + gap, corner[1] + gap)
        add_shape(axes, Rectangle(start, *size, facecolor=colour, edgecolor=edge, linewidth=1.2, clip_on=False))

    def _draw_pair(self, axes: "Axes", row: dict[str, object]) -> None:
        first, last = sorted((self.places[str(row["person_a"])], self.places[str(row["person_b"])]))
        below, above = self._box(last, first), self._box(first, last)
        n_families, significant = int(str(row["n_families"])), bool(row["significant"])
        colour, ink = _colours(n_families / self.most)
        self._fill(axes, below, colour)
        self._write(axes, below, show_count(n_families), ink)
        self._fill(axes, above, COLOURS[0] if significant else "white", edge=COLOURS[0] if significant else "#BDBDBD")
        if self.wide >= _ROOM_FOR_Q_MM:
            self._write(axes, above, show_q(row["q_value"]), "white" if significant else INK)

    def _write(self, axes: "Axes", corner: tuple[float, float], words: str, ink: str) -> None:
        spot = (corner[0] + self.wide / 2, corner[1] + self.high / 2)
        write_words(axes, spot, words, side="center", colour=ink)

    def _draw_groups(self, axes: "Axes") -> None:
        from matplotlib.patches import Rectangle

        start = 0
        for cluster, people in self.groups:
            if cluster is not None:
                x, y = self._box(start + len(people) - 1, start)
                size = (self.wide * len(people), self.high * len(people))
                add_shape(axes, Rectangle((x, y), *size, fill=False, edgecolor=INK, linewidth=1.3, clip_on=False))
            start += len(people)

    def _keys(self) -> Iterator[Key]:
        for step in sorted({1, (self.most + 1) // 2, self.most}):
            words = count_of(step, "family", "families") + (" together" if step == 1 else "")
            yield Key(words, _colours(step / self.most)[0])
        if self.pairs["significant"].any():
            yield Key(f"above: q at most {SIGNIFICANT_Q}, unlikely by chance alone", COLOURS[0])
        if not self.pairs["significant"].all():
            yield Key("above: may be chance", "#BDBDBD", "s", hollow=True)
        if any(cluster is not None for cluster, _ in self.groups):
            yield Key("frame: people joined by pairs with a low q", INK, line="-", width=1.3)

    def _notes(self) -> list[str]:
        above = "the q-value" if self.wide >= _ROOM_FOR_Q_MM else "the q-value, in the table as a number"
        notes = [
            "A cell shows common timing, not a common order: two who copy a third or read the same news have one too.",
            f"Below the diagonal: families sent close in time. Above it: {above}. An empty cell: none.",
        ]
        if rest := self.n_all - self.pairs.height:
            notes.append(
                f"{rest:,} of {self.n_all:,} pairs, with further people, are in the table only: those with a higher q, "
                "then with fewer families."
            )
        return notes


def _colours(strength: float) -> tuple[str, str]:
    """Return the colour of a cell and that of the number on it."""
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    return to_hex(colormaps[SCALE](strength)), "white" if strength > _DARK_ABOVE else INK


def show_q(q_value: object) -> str:
    """Return a q-value in at most five letters, such as `.032` or `<.001`."""
    if q_value is None:
        return "?"
    q = float(str(q_value))
    if q < _LOWEST_Q:
        return "<.001"
    return f"{q:.3f}".removeprefix("0") if q < 0.1 else f"{q:.2f}".removeprefix("0")  # noqa: PLR2004 - as it is printed


def _alt(pairs: pl.DataFrame, groups: list[tuple[str | None, list[str]]], names: dict[str, str]) -> str:
    top, drawn = pairs.row(0, named=True), pairs.filter("drawn")
    clusters = [people for cluster, people in groups if cluster is not None]
    joined = (
        f" Frames join {', '.join(count_of(len(people), 'person', 'people') for people in clusters)}."
        if clusters
        else ""
    )
    return (
        f"Matrix of {sum(len(people) for _, people in groups)} people and {count_of(drawn.height, 'pair')} of "
        f"{pairs.height:,}: how many families two people sent close in time, and the q-value. Unlikely by chance alone "
        f"(q at most {SIGNIFICANT_Q}): {drawn['significant'].sum()} of the pairs in the picture, "
        f"{pairs['significant'].sum()} of all.{joined} First pair: {names[top['person_a']]} and "
        f"{names[top['person_b']]}, {count_of(top['n_families'], 'family', 'families')}, q {show_q(top['q_value'])}."
    )


def _table(
    pairs: pl.DataFrame, groups: list[tuple[str | None, list[str]]], names: dict[str, str], tables: Tables
) -> pl.DataFrame:
    """Return the table twin: one row per pair."""
    rows = pairs.join(messages_of_pairs(tables, pairs), on=["person_a", "person_b"], how="left", maintain_order="left")
    people = [person for _, group in groups for person in group]
    numbers = {person: at for at, person in enumerate(people, 1)}
    return rows.select(
        pl.col("person_a").replace_strict(names, return_dtype=pl.String).alias("one person"),
        pl.col("person_b").replace_strict(names, return_dtype=pl.String).alias("the other"),
        pl.col("person_a").replace_strict(numbers, default=None, return_dtype=pl.Int64).alias("number of the one"),
        pl.col("person_b").replace_strict(numbers, default=None, return_dtype=pl.Int64).alias("number of the other"),
        pl.col("n_families").alias("families together"),
        pl.col("n_shares").alias("shares together"),
        pl.col("p_value").alias("p-value"),
        pl.col("q_value").alias("q-value"),
        pl.col("drawn").alias("in the picture"),
        pl.col("message_ids").fill_null([]),
    )
