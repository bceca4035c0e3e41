"""Draw the pictures of the demo case: `python exports/draw_pictures.py [FOLDER]` writes `story/pictures/*.png`.

Lines of capitals from `story/forwards.txt` in the alphabet of `story/letters.txt`, without any package, so that every
machine draws the same bytes.
"""

import sys
import zlib
from pathlib import Path

STORY = Path(__file__).parent / "story"
PICTURES = ("slate", "walk-poster", "seed-swap")
SCALE, MARGIN, LETTER_ROWS, LETTER_COLUMNS = 3, 24, 7, 5
PAPER, INK = b"\xfb\xf6\xe9", b"\x1d\x2b\x53"
STORED_LIMIT = 0xFFFF


def read_texts() -> dict[str, str]:
    """Read the lines of each picture."""
    parts = (STORY / "forwards.txt").read_text(encoding="utf-8").split("\n=== ")[1:]
    return {name: text.strip("\n") for name, _, text in (part.partition("\n") for part in parts)}


def read_letters() -> dict[str, list[str]]:
    """Read the alphabet of the pictures: seven rows of dots for each letter."""
    letters = {" ": ["." * LETTER_COLUMNS] * LETTER_ROWS}
    rows = (STORY / "letters.txt").read_text(encoding="utf-8").splitlines()
    for start in range(0, len(rows), LETTER_ROWS + 1):
        names, *dots = rows[start : start + LETTER_ROWS + 1]
        letters |= {name: [row.split(" ")[i] for row in dots] for i, name in enumerate(names)}
    return letters


def draw_picture(text: str) -> bytes:
    """Draw lines of capitals as a PNG, dark on light."""
    letters = read_letters()
    lines = text.split("\n")
    width = max(map(len, lines)) * (LETTER_COLUMNS + 1) * SCALE + 2 * MARGIN
    width += -width % 8
    blank = "0" * width
    rows = [blank] * MARGIN
    for line in lines:
        for i in range(LETTER_ROWS):
            dots = "".join(letters[letter][i] + "." for letter in line)
            bits = "".join(("1" if dot == "#" else "0") * SCALE for dot in dots)
            rows += [("0" * MARGIN + bits).ljust(width, "0")] * SCALE
        rows += [blank] * (2 * SCALE)
    return write_png([*rows, *[blank] * MARGIN], width)


def write_png(rows: list[str], width: int) -> bytes:
    """Write rows of bits as a PNG of two colours."""
    raw = b"".join(b"\0" + int(row, 2).to_bytes(width // 8, "big") for row in rows)
    size = width.to_bytes(4, "big") + len(rows).to_bytes(4, "big")
    chunks = {b"IHDR": size + b"\1\3\0\0\0", b"PLTE": PAPER + INK, b"IDAT": store(raw), b"IEND": b""}
    checked = (len(d).to_bytes(4, "big") + k + d + zlib.crc32(k + d).to_bytes(4, "big") for k, d in chunks.items())
    return b"\x89PNG\r\n\x1a\n" + b"".join(checked)


def store(raw: bytes) -> bytes:
    """Wrap bytes as zlib does, but uncompressed: builds of zlib differ in how they compress."""
    blocks = [raw[i : i + STORED_LIMIT] for i in range(0, len(raw), STORED_LIMIT)]
    sizes = [len(block).to_bytes(2, "little") + (len(block) ^ STORED_LIMIT).to_bytes(2, "little") for block in blocks]
    flags = [b"\0"] * (len(blocks) - 1) + [b"\1"]
    body = b"".join(flag + size + block for flag, size, block in zip(flags, sizes, blocks, strict=True))
    return b"\x78\x01" + body + zlib.adler32(raw).to_bytes(4, "big")


def draw_pictures(folder: Path) -> None:
    """Write every picture into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = read_texts()
    for name in PICTURES:
        (folder / f"{name}.png").write_bytes(draw_picture(texts[name]))


if __name__ == "__main__":
    draw_pictures(Path(sys.argv[1]) if sys.argv[1:] else STORY / "pictures")
