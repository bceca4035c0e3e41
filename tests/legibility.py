"""What a reader must be able to read in a figure: helpers of the tests, and names that try to break it."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.text import Text

HOSTILE = [
    *(r"$\frac{", "$$", r"\alpha_{1}^{2", "%", "<b>x</b>", "--> ]]>", "&amp;", '"onload="x', "a" * 400, "W" * 80),
    *("\u202egnp.exe", "\u2066isolated", "bell\x07", "nul\x00", "two\nlines", "tab\there", "   ", "\u200b", "\ufeff"),
    *("明", "\ue000private", "\U0001f1e6\U0001f1fa", "👩🏽\u200d🔬", "e" + "\u0301" * 60, "علی رضا", "עברית", "ก็", "±"),
    *("{", "}", "_^_", "\\", "%s %d", "{0}", "\u2028line", "\U0010ffff", "+99 555 0101", "~ ~", "कर्त्तव्य", "ক্ষ"),
]


def texts_of(figure: Figure) -> list[Text]:
    found = figure.findobj(lambda artist: isinstance(artist, Text) and artist.get_visible())
    return [text for text in found if isinstance(text, Text) and text.get_text().strip()]


def assert_legible(figure: Figure) -> None:
    texts = texts_of(figure)
    boxes = [text.get_window_extent() for text in texts]
    for text, box in zip(texts, boxes, strict=True):
        assert box.x0 >= figure.bbox.x0, text
        assert box.x1 <= figure.bbox.x1, text
        assert box.y0 >= figure.bbox.y0, text
        assert box.y1 <= figure.bbox.y1, text
    # Turned names have slanted boxes; those that stand level must not meet.
    level = [at for at, text in enumerate(texts) if not text.get_rotation()]
    bounds = np.array([boxes[at].extents for at in level])
    wide = np.minimum.outer(bounds[:, 2], bounds[:, 2]) - np.maximum.outer(bounds[:, 0], bounds[:, 0])
    high = np.minimum.outer(bounds[:, 3], bounds[:, 3]) - np.maximum.outer(bounds[:, 1], bounds[:, 1])
    meeting = [(texts[level[one]], texts[level[other]]) for one, other in np.argwhere((wide > 1) & (high > 8))]
    assert [pair for pair in meeting if pair[0] is not pair[1]] == []
