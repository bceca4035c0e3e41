"""A chart's page in millimetres: title, panels, key and notes, each with the room its words need."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chatforensics.figures.fonts import MM_PER_INCH, measure, wrap
from chatforensics.figures.names import drawable
from chatforensics.figures.style import DOUBLE_MM, DPI, FAINT_INK, INK, TEXT_PT, TITLE_PT

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

EDGE_MM = 2.0
RIGHT_MM = 4.0
_LINE_MM = 3.9
_TITLE_LINE_MM = 4.4
_GAP_MM = 3.5
_SYMBOL_MM = 6.5
_BETWEEN_KEYS_MM = 5.0


@dataclass(frozen=True)
class Key:
    """One entry of the key: a symbol and what it stands for."""

    words: str
    colour: str
    marker: str = ""
    line: str = ""
    hatch: str | None = None
    hollow: bool = False
    width: float = 1.2


@dataclass(frozen=True)
class Layout:
    """What stands on a page, and the room around its panels in millimetres; `head_mm` lies above the first only."""

    title: str
    panels_mm: Sequence[float]
    left_mm: float
    right_mm: float = RIGHT_MM
    below_mm: float = 9.0
    above_mm: float = 0.0
    head_mm: float = 0.0
    keys: Sequence[Key] = ()
    notes: Sequence[str] = ()
    width_mm: float = DOUBLE_MM

    @property
    def plot_mm(self) -> float:
        """Return the width of the panels."""
        return self.width_mm - self.left_mm - self.right_mm


def compose(layout: Layout) -> "tuple[Figure, list[Axes]]":
    """Return the figure and its panels, top to bottom; a panel's x axis counts millimetres from its left side."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    title, notes, keys = _title_lines(layout), _note_lines(layout), list(_key_places(layout))
    n_key_rows = keys[-1][2] + 1 if keys else 0
    foot = EDGE_MM + _LINE_MM * (n_key_rows + len(notes)) + (1.5 if keys or notes else 0)
    above = layout.head_mm + (_GAP_MM + layout.above_mm) * len(layout.panels_mm) - _GAP_MM
    body = sum(layout.panels_mm) + above + layout.below_mm
    height = EDGE_MM + _TITLE_LINE_MM * len(title) + 1.5 + body + foot
    figure = Figure(figsize=(layout.width_mm / MM_PER_INCH, height / MM_PER_INCH), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    sheet = add_axes(figure, (0, 0, layout.width_mm, height))
    sheet.set_axis_off()
    _write(sheet, title, height - EDGE_MM, _TITLE_LINE_MM, {"size": TITLE_PT, "weight": "bold", "color": INK})
    _write(sheet, notes, EDGE_MM + _LINE_MM * len(notes), _LINE_MM, {"size": TEXT_PT, "color": FAINT_INK})
    for key, left, row in keys:
        _draw_key(sheet, key, left, foot - 1.5 - _LINE_MM * (row + 0.5))
    return figure, list(_panels(figure, layout, foot + body))


def _panels(figure: "Figure", layout: Layout, top: float) -> "Iterator[Axes]":
    top -= layout.head_mm
    for panel in layout.panels_mm:
        top -= layout.above_mm
        axes = add_axes(figure, (layout.left_mm, top - panel, layout.plot_mm, panel))
        axes.spines[["top", "right"]].set_visible(False)
        yield axes
        top -= panel + _GAP_MM


def add_axes(figure: "Figure", box_mm: tuple[float, float, float, float]) -> "Axes":
    """Add a panel at left, bottom, width and height in millimetres of the page; its axes count millimetres, too."""
    width, height = (inches * MM_PER_INCH for inches in figure.get_size_inches())
    left, bottom, wide, high = box_mm
    axes = figure.add_axes((left / width, bottom / height, wide / width, high / height))
    axes.set(xlim=(0, wide), ylim=(0, high))
    axes.patch.set_visible(False)
    return axes


def _title_lines(layout: Layout) -> list[str]:
    return wrap(layout.title, width_mm=layout.width_mm - 2 * EDGE_MM, size=TITLE_PT, weight="bold")


def _note_lines(layout: Layout) -> list[str]:
    room = layout.width_mm - 2 * EDGE_MM
    return [line for note in layout.notes for line in wrap(note, width_mm=room, size=TEXT_PT)]


def _write(sheet: "Axes", lines: Sequence[str], top: float, line_mm: float, font: dict[str, object]) -> None:
    for row, line in enumerate(lines):
        sheet.text(EDGE_MM, top - line_mm * (row + 0.5), line, va="center_baseline", fontdict=font)


def _key_places(layout: Layout) -> Iterator[tuple[Key, float, int]]:
    """Set the entries in rows from the left, each as wide as its words."""
    left, row = EDGE_MM, 0
    for key in layout.keys:
        wide = _SYMBOL_MM + measure(key.words, size=TEXT_PT)[0]
        if left > EDGE_MM and left + wide > layout.width_mm - EDGE_MM:
            left, row = EDGE_MM, row + 1
        yield key, left, row
        left += wide + _BETWEEN_KEYS_MM


def _draw_key(sheet: "Axes", key: Key, left: float, middle: float) -> None:
    from matplotlib.patches import Rectangle

    if key.line:
        sheet.plot([left, left + 5], [middle, middle], color=key.colour, linestyle=key.line, linewidth=key.width)
    if key.marker:
        face = "white" if key.hollow else key.colour
        sheet.plot([left + 2.5], [middle], key.marker, markersize=4.5, mfc=face, mec=key.colour, mew=1.0)
    if not key.line and not key.marker:
        box = Rectangle((left, middle - 1.2), 5, 2.4, facecolor=key.colour, edgecolor="white", hatch=key.hatch, lw=0)
        sheet.add_patch(box)
    sheet.text(left + _SYMBOL_MM, middle, key.words, va="center_baseline", size=TEXT_PT)


def key_words(text: str, *, width_mm: float = 44.0) -> str:
    """Return a name as a key may show it."""
    return drawable(text, width_mm=width_mm)
