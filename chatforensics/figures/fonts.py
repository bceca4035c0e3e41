"""Which letters can be drawn, and how much room a text takes."""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import regex

from chatforensics.fonts import font_files

if TYPE_CHECKING:
    from matplotlib.backends.backend_agg import RendererAgg

# The first that has a letter draws it. Naskh stands for all Arabic letters: Nastaliq is too small in a label.
_ORDER = (
    *("NotoSans", "NotoNaskhArabic", "NotoSansBengali", "NotoSansDevanagari", "NotoSansGurmukhi", "NotoSansGujarati"),
    *("NotoSansTamil", "NotoSansTelugu", "NotoSansKannada", "NotoSansMalayalam", "NotoEmoji", "DejaVuSans"),
)
MM_PER_INCH = 25.4
POINTS_PER_INCH = 72
_MEASURING_DPI = 300
_GRAPHEME = regex.compile(r"\X")


@lru_cache(maxsize=1)
def families() -> tuple[str, ...]:
    """Return the font families to draw with, the first that has a letter draws it.

    They have names of their own, so that no font of the same name on the reader's machine is taken instead.
    """
    from matplotlib.font_manager import FontEntry, fontManager

    files = _files()
    for stem in _ORDER:
        plain = files.get(f"{stem}-Regular") or files[stem]
        for weight, path in ((400, plain), (700, files.get(f"{stem}-Bold", plain))):
            looks = {"style": "normal", "variant": "normal", "stretch": "normal", "size": "scalable"}
            fontManager.ttflist.append(FontEntry(str(path), 0, _family(stem), weight=weight, **looks))
    return tuple(map(_family, _ORDER))


def _family(stem: str) -> str:
    return f"chatforensics {stem}"


def _files() -> dict[str, Path]:
    """Return the bundled fonts and the one that comes with matplotlib, by their names without ending."""
    from matplotlib import get_data_path

    own = Path(get_data_path()) / "fonts" / "ttf"
    dejavu = {"DejaVuSans": own / "DejaVuSans.ttf", "DejaVuSans-Bold": own / "DejaVuSans-Bold.ttf"}
    return {path.stem: path for path in font_files()} | dejavu


def is_plain(text: str) -> bool:
    """Tell whether the first font, of Latin, Greek and Cyrillic letters, draws all of the text."""
    return _tables()[0].issuperset(map(ord, text))


def families_for(text: str) -> list[str]:
    """Return the families that a text needs: looking for letters in all of them takes most of the time."""
    return list(families()[:1] if is_plain(text) else families())


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

    font = FontProperties(family=families_for(text), size=size, weight=weight)
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
