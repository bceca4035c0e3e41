"""Small pictures of names in several scripts, as the figures draw them, to compare with those kept in the repository.

`python tests/golden.py` from the top of the repository draws the kept ones anew; look at them before keeping them.
"""

from io import BytesIO
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from chatforensics.figures.names import drawable
from chatforensics.figures.style import settings

FOLDER = Path(__file__).parent / "figures" / "golden"
WIDTH_MM = 60.0
_DPI = 150
SAMPLES = {
    "urdu": ["ووٹ ڈالیں", "ٹھیک ہے، شکریہ", "گڑیا چھوٹی ہیں ۱۲۳"],
    "bengali": ["নির্বাচন", "ক্ষমতা ও শক্তি", "স্ত্রী ভোট দিন"],
    "mixed": ["علی رضا", "अनिता कर्त्तव्य", "ਚੋਣਾਂ ચૂંટણી", "தேர்தல் ఓటు", "👍🏽 Zoë 🗳️ 明"],
}


def draw_sample(lines: list[str], *, isolated: bool = True) -> np.ndarray:
    """Draw each line with a time and a number after it, as a figure would; return the pixels in grey."""
    with settings():
        high = 7.0 * len(lines)
        figure = Figure(figsize=(WIDTH_MM / 25.4, high / 25.4), dpi=_DPI, facecolor="white")
        FigureCanvasAgg(figure)
        for at, line in enumerate(lines):
            name = drawable(line, width_mm=WIDTH_MM) if isolated else line
            figure.text(0.03, 1 - (at + 0.75) / len(lines), f"{name} 12:30, +5", size=9)
        picture = BytesIO()
        figure.savefig(picture, format="png", dpi=_DPI)
    return np.asarray(Image.open(picture).convert("L"), dtype=np.int16)


def kept_sample(name: str) -> np.ndarray:
    """Return the pixels of the picture that is kept."""
    return np.asarray(Image.open(FOLDER / f"{name}.png").convert("L"), dtype=np.int16)


def main() -> None:
    """Draw the kept pictures anew."""
    for name, lines in SAMPLES.items():
        Image.fromarray(draw_sample(lines).astype(np.uint8)).save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
