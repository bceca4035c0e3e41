"""A finished chart: its picture in two formats, its words, and its table."""

import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.figure import Figure

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
        table: One row per mark; the last column, `message_ids`, lists the messages behind the mark.
    """

    name: str
    title: str
    alt: str
    svg: bytes
    png: bytes
    table: "pl.DataFrame"


def render(figure: "Figure") -> tuple[bytes, bytes]:
    """Return the figure as SVG and as PNG, without dates or program names, so that a rerun gives the same bytes.

    The same bytes are promised for one version of matplotlib and one set of fonts.
    """
    svg, png = io.BytesIO(), io.BytesIO()
    nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
    figure.savefig(svg, format="svg", metadata=nothing)
    figure.savefig(png, format="png", metadata={"Software": None})
    # Matplotlib repeats every text in a comment; a name drawn as code points must not lie there unmasked.
    return _COMMENT.sub(b"", svg.getvalue()), png.getvalue()
