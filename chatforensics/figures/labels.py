"""Names beside marks: as many as fit, never over each other, never cut off."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chatforensics.figures.fonts import measure
from chatforensics.figures.style import INK, TEXT_PT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Box = tuple[float, float, float, float]
LINE_MM = 3.2
# More than what keeps labels apart, or a dot would push its own label away.
_AWAY_MM = 1.0
_APART_MM = 0.8


@dataclass(frozen=True)
class Label:
    """A text that wants to stand beside a mark; positions and the mark's radius in millimetres of the panel."""

    words: str
    x: float
    y: float
    radius: float = 1.0


def place_labels(axes: "Axes", labels: Iterable[Label], *, taken: Iterable[Box] = ()) -> int:
    """Write the labels that find room beside their marks, the first ones first; return how many did.

    No label covers one of the `taken` boxes (left, bottom, right, top, in the panel's millimetres).
    """
    right, top = axes.get_xlim()[1], axes.get_ylim()[1]
    boxes, n_placed = list(taken), 0
    for label in labels:
        for box in _places(label):
            inside = box[0] >= 0 and box[1] >= 0 and box[2] <= right and box[3] <= top
            if inside and not any(_meet(box, other) for other in boxes):
                _write(axes, label.words, box)
                boxes.append(box)
                n_placed += 1
                break
    return n_placed


def _places(label: Label) -> list[Box]:
    """Return where the label may stand, the best place first: right, left, above, below, and the corners."""
    wide, high = measure(label.words, size=TEXT_PT)[0], LINE_MM
    away = label.radius + _AWAY_MM
    right, left, middle = label.x + away, label.x - away - wide, label.x - wide / 2
    level, above, below = label.y - high / 2, label.y + away, label.y - away - high
    corners = [(right, level), (left, level), (middle, above), (middle, below)]
    corners += [(right, above), (right, below), (left, above), (left, below)]
    return [(x, y, x + wide, y + high) for x, y in corners]


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] + _APART_MM and other[0] < one[2] + _APART_MM and one[1] < other[3] and other[1] < one[3]


def _write(axes: "Axes", words: str, box: Box) -> None:
    ground = {"facecolor": "white", "alpha": 0.82, "linewidth": 0, "pad": 0.6}
    middle = (box[1] + box[3]) / 2
    axes.text(box[0], middle, words, va="center_baseline", size=TEXT_PT, color=INK, bbox=ground, zorder=9)


def write_words(axes: "Axes", spot: tuple[float, float], words: str, *, side: str = "left", colour: str = INK) -> None:
    """Write a line of text that begins, is centred or ends at a spot: `side` is left, center or right."""
    axes.text(*spot, words, ha=side, va="center_baseline", size=TEXT_PT, color=colour)
