"""How well words in pictures are read, and how well the same picture is found again, on pictures drawn here.

`python benchmarks/read_pictures.py` needs Tesseract with its language data, and fonts-noto-core. The pictures are few,
clean and drawn: rates on photographs of paper, in the dark and at an angle, will be worse. Nothing is written.
"""

import random
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

from chatforensics.pictures import Examined, examine_picture, find_reader
from chatforensics.pictures.match import NEAR, are_same_words, split_words

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from pictures.drawn import BUBBLE, FONTS, TEXTS, clouds, draw, error_rate, jpeg

N_PICTURES = 40
GIVEN = (
    "Amara Tomasz Lena Kofi Ines Yusuf Priya Dylan Sofia Mateus Hana Olu Farida Gwen Anika Aisha Ravi Ari Ali Elia Ella"
)
FAMILY = (
    "Osei Nowak Brandt Mensah Duarte Khan Patel Evans Rossi Silva Sato Adeyemi Ahmed Begum Roy Malik Hall Hill Singh"
)
WORDS = (
    "market choir garden history evening supper tickets school river walk music lantern winter bread workshop library"
)

Change = Callable[[Image.Image], bytes]


def half(picture: Image.Image) -> Image.Image:
    """Return the picture at half its size."""
    return picture.resize((picture.width // 2, picture.height // 2), Image.Resampling.LANCZOS)


def turn(picture: Image.Image) -> Image.Image:
    """Return the picture turned by two degrees."""
    return picture.rotate(2, expand=True, fillcolor=BUBBLE, resample=Image.Resampling.BICUBIC)


CONDITIONS: Mapping[str, Change] = {
    "clean": jpeg,
    "turned 2 degrees, quality 40": lambda picture: jpeg(turn(picture), 40),
    "half size, quality 30": lambda picture: jpeg(half(picture), 30),
    "light on dark": lambda picture: jpeg(ImageOps.invert(picture)),
}
CHANGES: Mapping[str, Change] = {
    "quality 40": lambda picture: jpeg(picture, 40),
    "quality 30": lambda picture: jpeg(picture, 30),
    "three quarters": lambda p: jpeg(p.resize((p.width * 3 // 4, p.height * 3 // 4), Image.Resampling.LANCZOS), 75),
    "half": lambda picture: jpeg(half(picture), 70),
}


def look_at_all(raws: Sequence[bytes]) -> list[Examined]:
    """Look at pictures, two at a time."""
    reader = find_reader()
    if reader is None:
        sys.exit("Tesseract is not installed here.")
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda raw: examine_picture(raw, reader=reader), raws))


def report_reading() -> None:
    """Print the share of wrong characters for each language and condition, and seconds for each picture."""
    print(f"{'read':<12}{'condition':<32}{'error':>7}{'seconds':>9}  languages")
    for kind in FONTS:
        for name, change in CONDITIONS.items():
            raw = change(draw(kind))
            started = time.monotonic()
            (found,) = look_at_all([raw])
            spent = time.monotonic() - started
            rate = error_rate(found.text or "", TEXTS[kind])
            print(f"{kind:<12}{name:<32}{rate:>7.3f}{spent:>9.2f}  {'+'.join(found.languages or ()) or found.status}")
    silent = {"blots": clouds(1000), "one colour": Image.new("RGB", (800, 600), "grey")}
    for name, found in zip(silent, look_at_all([jpeg(p.convert("RGB")) for p in silent.values()]), strict=True):
        print(f"without words: {name}: {found.status}")


def draw_slates(chance: random.Random) -> list[Image.Image]:
    """Draw slates on one template with different names, some of them by one letter."""
    names = [f"{one} {other}" for one in GIVEN.split() for other in FAMILY.split()]
    chosen = [chance.sample(names, 3) for _ in range(N_PICTURES)]
    chosen[1:5] = [[*chosen[0][:2], name] for name in ("Ari Khan", "Ali Khan", "Elia Hall", "Ella Hall")]
    return [_draw_slate(names) for names in chosen]


def _draw_slate(names: Sequence[str]) -> Image.Image:
    picture = Image.new("RGB", (900, 1200), (250, 240, 220))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, 900, 160), fill=(200, 80, 20))
    pen.text((60, 50), "ORANGE LIST", font=_font(56), fill="white")
    lines = [
        "Ward selection meeting",
        "On the first paper vote for",
        names[0],
        "On the second paper vote for",
        names[1],
    ]
    for place, line in enumerate([*lines, "and", names[2], "Bring your membership card.", "Friday 13 March, 7 pm"]):
        pen.text((60, 220 + place * 95), line, font=_font(52 if line in names else 40), fill=0)
    return picture


def draw_leaflets(chance: random.Random) -> list[Image.Image]:
    """Draw leaflets that differ in colours, shapes and words."""
    return [_draw_leaflet(chance) for _ in range(N_PICTURES)]


def _draw_leaflet(chance: random.Random) -> Image.Image:
    picture = Image.new("RGB", (900, 1200), tuple(chance.randrange(120, 256) for _ in range(3)))
    pen = ImageDraw.Draw(picture)
    for _ in range(chance.randrange(3, 9)):
        x, y, size = chance.randrange(900), chance.randrange(600, 1200), chance.randrange(60, 300)
        pen.ellipse(
            (x - size, y - size // 2, x + size, y + size // 2), fill=chance.choice(["red", "navy", "gold", "teal"])
        )
    for place in range(chance.randrange(3, 7)):
        words = " ".join(chance.choices(WORDS.split(), k=chance.randrange(2, 5)))
        pen.text((chance.randrange(30, 120), 40 + 80 * place), words, font=_font(chance.randrange(28, 50)), fill=0)
    return picture


def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONTS["eng"]), size)


def is_near(one: Examined, other: Examined) -> bool:
    """Tell whether the perceptual hashes make two pictures candidates."""
    bits = int(one.perceptual_hash or "0", 16) ^ int(other.perceptual_hash or "0", 16)
    return bits.bit_count() <= NEAR


def is_same(one: Examined, other: Examined) -> bool:
    """Tell whether two pictures are called the same: near, and with the same words read."""
    read = split_words(one.text), split_words(other.text)
    return is_near(one, other) and all(read) and are_same_words(*read)


def report_matching(name: str, pictures: Sequence[Image.Image]) -> None:
    """Print how many changed pictures are found again, and how many different ones are called the same."""
    before = look_at_all([jpeg(picture, 85) for picture in pictures])
    looked = [*enumerate(before)]
    for change, alter in CHANGES.items():
        after = look_at_all([alter(picture) for picture in pictures])
        pairs = list(zip(before, after, strict=True))
        found, same = (sum(tell(*pair) for pair in pairs) for tell in (is_near, is_same))
        print(f"{name:<10}{change:<16}linked {found} of {len(pairs)}, called the same picture {same}")
        looked += enumerate(after)
    different = [(one, other) for (at, one), (there, other) in combinations(looked, 2) if at != there]
    near, wrong = (sum(tell(*pair) for pair in different) for tell in (is_near, is_same))
    print(f"{name:<10}different pairs {len(different):,}: near by hash {near:,}, called the same picture {wrong}")


def main() -> None:
    """Measure reading, then matching."""
    report_reading()
    chance = random.Random(4)  # noqa: S311 - the same pictures on every run
    report_matching("slates", draw_slates(chance))
    report_matching("leaflets", draw_leaflets(chance))


if __name__ == "__main__":
    main()
