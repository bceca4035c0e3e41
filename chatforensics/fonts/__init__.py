"""The letters that pictures and documents are drawn with: the same on every machine."""

from pathlib import Path

FOLDER = Path(__file__).parent


def font_files() -> list[Path]:
    """Return the bundled font files, in the order of their names.

    They cover Latin, Greek, Cyrillic, Arabic, eight scripts of South Asia and outline emoji; other scripts, such as
    Chinese, have no letters here. `README.md` beside them states versions, licence and SHA-256.
    """
    return sorted(FOLDER.glob("*.ttf"))
