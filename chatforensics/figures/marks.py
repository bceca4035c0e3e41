"""Many dots and lines at once: one at a time would take seconds for a large case."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from chatforensics.figures.style import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.patches import Patch

POINTS_PER_MM = 72 / 25.4


@dataclass(frozen=True)
class Dot:
    """A mark in a panel: its place and radius in millimetres, and how it looks; a hollow one has a white face."""

    x: float
    y: float
    radius: float
    colour: str
    marker: str
    hollow: bool = False


@dataclass(frozen=True)
class Line:
    """A straight line in a panel from one place to another, in millimetres; its width in points."""

    start: tuple[float, float]
    end: tuple[float, float]
    width: float
    alpha: float


def draw_dots(axes: "Axes", dots: Iterable[Dot]) -> None:
    """Draw the dots above the lines, each with a thin rim that parts it from its neighbours."""
    for marker, group in groupby(sorted(dots, key=attrgetter("marker", "x", "y")), key=attrgetter("marker")):
        alike = list(group)
        axes.scatter(
            [dot.x for dot in alike],
            [dot.y for dot in alike],
            s=[(2 * dot.radius * POINTS_PER_MM) ** 2 for dot in alike],
            marker=marker,
            c=["white" if dot.hollow else dot.colour for dot in alike],
            edgecolors=[dot.colour if dot.hollow else "white" for dot in alike],
            linewidths=[0.8 if dot.hollow else 0.4 for dot in alike],
            clip_on=False,
            zorder=5,
        )


def draw_lines(axes: "Axes", lines: Iterable[Line]) -> None:
    """Draw the lines below the dots."""
    from matplotlib.collections import LineCollection
    from matplotlib.colors import to_rgba

    drawn = list(lines)
    ends = [(line.start, line.end) for line in drawn]
    colours = [to_rgba(INK, line.alpha) for line in drawn]
    axes.add_collection(LineCollection(ends, linewidths=[line.width for line in drawn], colors=colours, zorder=3))


def add_shape(axes: "Axes", shape: "Patch") -> None:
    """Add a shape to a panel without asking how far it reaches: a panel's limits are set, and asking takes long."""
    axes.add_artist(shape)
