"""A finished chart: its picture in three formats, its words, and its table."""

import io
import math
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chatforensics.figures.fonts import POINTS_PER_INCH, families_for, is_plain
from chatforensics.figures.style import settings

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.figure import Figure
    from matplotlib.text import Text

_COMMENT = re.compile(rb"[ ]*<!--.*?-->\n?", re.DOTALL)


@dataclass(frozen=True)
class Drawing:
    """One chart as it is filed: the picture, what is to be seen in it, and the numbers behind every mark.

    Attributes:
        name: The stem of its files, such as `diffusion` or `spread-1a2b`.
        title: What the chart shows, in plain words.
        alt: What is to be seen, with the numbers, for those who do not see the picture.
        svg: The picture as lines and curves; letters are outlines, so that it looks the same everywhere.
        png: The same picture as pixels, 300 to the inch.
        pdf: The same picture as lines and curves for print; its Latin letters can be searched, others are outlines.
        table: One row per mark; the last column, `message_ids`, lists the messages behind the mark.
    """

    name: str
    title: str
    alt: str
    svg: bytes
    png: bytes
    pdf: bytes
    table: "pl.DataFrame"


Pictures = tuple[bytes, bytes, bytes]


@dataclass(frozen=True)
class Sketch:
    """A chart before it is drawn: its words, its table, and what draws it, which is small and can be sent elsewhere.

    Attributes:
        name: See `Drawing`, as for `title`, `alt` and `table`.
        picture: Draws the picture; call it through `draw_picture`.
    """

    name: str
    title: str
    alt: str
    picture: Callable[[], Pictures]
    table: "pl.DataFrame"

    def finish(self, pictures: Pictures) -> Drawing:
        """Return the chart with its pictures."""
        return Drawing(self.name, self.title, self.alt, *pictures, self.table)


def draw_picture(picture: Callable[[], Pictures]) -> Pictures:
    """Draw the picture of a sketch, as SVG, PNG and PDF."""
    with settings():
        return picture()


# Half the height of capital letters stands in the middle of a line; Noto Sans has more room above than below.
_RAISE_EM = 0.12
_PNG_LEVEL = 3  # of 9: such pictures come out about as small as at the usual 6, in two thirds of the time
_SHAPING = ("GSUB", "GPOS", "GDEF")


def render(figure: "Figure") -> Pictures:
    """Return the figure as SVG, PNG and PDF, without dates or program names, so that a rerun gives the same bytes.

    The same bytes are promised for one version of matplotlib.
    """
    svg, png, pdf = io.BytesIO(), io.BytesIO(), io.BytesIO()
    nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
    texts = _list_texts(figure)
    for text in texts:
        text.set_fontfamily(families_for(text.get_text().replace("\n", "")))
    _raise(figure, texts)
    figure.savefig(svg, format="svg", metadata=nothing)
    figure.savefig(png, format="png", metadata={"Software": None}, pil_kwargs={"compress_level": _PNG_LEVEL})
    _outline(texts)
    with _without_shaping():
        figure.savefig(pdf, format="pdf", metadata={"CreationDate": None, "Creator": None, "Producer": None})
    # Matplotlib repeats every text in a comment; a name drawn as code points must not lie there unmasked.
    return _COMMENT.sub(b"", svg.getvalue()), png.getvalue(), pdf.getvalue()


def _list_texts(figure: "Figure") -> "list[Text]":
    from matplotlib.text import Text

    found = figure.findobj(Text)
    return [text for text in found if isinstance(text, Text) and text.get_text().strip()]


def _raise(figure: "Figure", texts: "list[Text]") -> None:
    """Put the letters of centred lines in the middle of their marks and rows."""
    from matplotlib.transforms import ScaledTranslation

    for text in texts:
        if text.get_verticalalignment() == "center_baseline":
            turn, up = math.radians(text.get_rotation()), _RAISE_EM * float(text.get_fontsize()) / POINTS_PER_INCH
            shift = ScaledTranslation(-up * math.sin(turn), up * math.cos(turn), figure.dpi_scale_trans)
            text.set_transform(text.get_transform() + shift)


def _outline(texts: "list[Text]") -> None:
    """Turn texts in joined-up scripts into outlines: copied out of a PDF, their letters would come back wrong."""
    from matplotlib.patheffects import Normal

    for text in texts:
        if not is_plain(text.get_text().replace("\n", "")):
            text.set_path_effects([Normal()])


@contextmanager
def _without_shaping() -> Iterator[None]:
    """Leave out of the fonts in a PDF what places letters: they are placed, and it takes most of the time."""
    from fontTools.subset import Options

    usual = Options._drop_tables_default  # noqa: SLF001 - matplotlib offers no way to say it
    Options._drop_tables_default = [*usual, *_SHAPING]  # noqa: SLF001
    try:
        yield
    finally:
        Options._drop_tables_default = usual  # noqa: SLF001
