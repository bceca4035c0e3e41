"""Which letters can be drawn, and how much room a text takes."""

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

import regex

if TYPE_CHECKING:
    from matplotlib.backends.backend_agg import RendererAgg

# DejaVu Sans comes with matplotlib; the others are used where the machine has them, for letters DejaVu lacks.
PREFERRED = (
    *("DejaVu Sans", "Noto Sans", "Noto Naskh Arabic", "Noto Sans Arabic", "Noto Sans Bengali", "Noto Sans Devanagari"),
    *("Noto Sans Gurmukhi", "Noto Sans Gujarati", "Noto Sans Tamil", "Noto Sans Telugu", "Noto Sans Kannada"),
    *("Noto Sans Malayalam", "Noto Sans Sinhala", "Noto Sans Thai", "Noto Sans Ethiopic", "Noto Sans Hebrew"),
    *("Noto Sans CJK SC", "Noto Emoji"),
)
MM_PER_INCH = 25.4
_MEASURING_DPI = 300
_GRAPHEME = regex.compile(r"\X")


@lru_cache(maxsize=1)
def families() -> tuple[str, ...]:
    """Return the font families to draw with, the first that has a letter draws it."""
    from matplotlib.font_manager import fontManager

    present = {font.name for font in fontManager.ttflist}
    return tuple(name for name in PREFERRED if name in present)


@lru_cache(maxsize=1)
def covered() -> frozenset[int]:
    """Return the code points that at least one of the families can draw."""
    return frozenset(point for table in _tables() for point in table)


@lru_cache(maxsize=1)
def _tables() -> tuple[frozenset[int], ...]:
    """Return the code points of each family."""
    from matplotlib.font_manager import findfont, get_font

    return tuple(frozenset(get_font(findfont(name)).get_charmap()) for name in families())


def draws_together(letters: str) -> bool:
    """Tell whether one family can draw all of some letters, as a letter and the marks on it are drawn by one."""
    points = {ord(letter) for letter in letters}
    return any(points <= table for table in _tables())


@lru_cache(maxsize=1)
def _renderer() -> "RendererAgg":
    from matplotlib.backends.backend_agg import RendererAgg

    return RendererAgg(1, 1, _MEASURING_DPI)  # type: ignore[no-untyped-call] # matplotlib has no types here


@lru_cache(maxsize=20_000)
def measure(text: str, *, size: float, weight: str = "normal") -> tuple[float, float]:
    """Return the width and height of a drawn line of text, in millimetres; `size` in points."""
    from matplotlib.font_manager import FontProperties

    font = FontProperties(family=list(families()), size=size, weight=weight)
    measuring = _renderer().get_text_width_height_descent
    width, height, _ = measuring(text, font, False)  # type: ignore[no-untyped-call] # matplotlib has no types here
    return width / _MEASURING_DPI * MM_PER_INCH, height / _MEASURING_DPI * MM_PER_INCH


def shorten(text: str, *, width_mm: float, size: float) -> str:
    """Return the text, or as much of its beginning as fits into the width, ending in an ellipsis."""
    if measure(text, size=size)[0] <= width_mm:
        return text
    letters = _GRAPHEME.findall(text)
    low, high = 0, len(letters)
    while low + 1 < high:
        middle = (low + high) // 2
        fits = measure("".join(letters[:middle]) + "…", size=size)[0] <= width_mm
        low, high = (middle, high) if fits else (low, middle)
    return "".join(letters[:low]).rstrip() + "…"


def wrap(text: str, *, width_mm: float, size: float, weight: str = "normal") -> list[str]:
    """Return the text in lines that fit into the width, broken at spaces."""
    return list(_lines(text.split(" "), width_mm=width_mm, size=size, weight=weight))


def _lines(words: list[str], *, width_mm: float, size: float, weight: str) -> Iterator[str]:
    line = ""
    for word in words:
        longer = f"{line} {word}" if line else word
        if line and measure(longer, size=size, weight=weight)[0] > width_mm:
            yield line
            line = word
        else:
            line = longer
    yield line
