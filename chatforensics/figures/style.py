"""How all charts look: sizes, colours and settings, whatever the reader's own matplotlib settings or locale say."""

from collections.abc import Iterator
from contextlib import contextmanager

from chatforensics.figures.fonts import families

# The width of a printed page's two columns.
DOUBLE_MM = 180.0
DPI = 300
TEXT_PT = 8.0
TITLE_PT = 9.0

# Okabe and Ito's colours, told apart by nearly all readers; yellow is left out, it vanishes on white.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
MARKERS = ("o", "s", "^", "D", "v", "P")
OTHER_COLOUR = "#8A8A8A"
OTHER_MARKER = "o"
INK = "#222222"
FAINT_INK = "#595959"
GRID = "#E3E3E3"
# Few is light, many is dark.
SCALE = "cividis_r"


@contextmanager
def settings() -> Iterator[None]:
    """Draw with the charts' own settings, and give the caller's back afterwards."""
    import matplotlib as mpl

    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(
            {
                "font.family": list(families()),
                "font.size": TEXT_PT,
                "text.parse_math": False,
                "text.color": INK,
                "svg.fonttype": "path",
                "svg.hashsalt": "chatforensics",
                "pdf.fonttype": 42,
                "figure.dpi": DPI,
                "savefig.dpi": DPI,
                "axes.linewidth": 0.6,
                "axes.edgecolor": FAINT_INK,
                "xtick.color": FAINT_INK,
                "ytick.color": FAINT_INK,
                "xtick.labelcolor": INK,
                "ytick.labelcolor": INK,
                "xtick.major.width": 0.6,
                "ytick.major.width": 0.6,
                "xtick.major.size": 2.5,
                "ytick.major.size": 2.5,
                "hatch.linewidth": 0.6,
            }
        )
        yield
