"""Pictures drawn for tests: words in a font, photographs without words, and files that are made to break decoders."""

import io
import shutil
import struct
import zlib
from functools import cache
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont, features

from chatforensics.pictures import Reader, find_reader

NOTO = Path("/usr/share/fonts/truetype/noto")
FONTS = {
    "eng": Path(mpl.get_data_path()) / "fonts/ttf/DejaVuSans.ttf",
    "urd": NOTO / "NotoNaskhArabic-Regular.ttf",
    "nastaliq": NOTO / "NotoNastaliqUrdu-Regular.ttf",
    "ben": NOTO / "NotoSansBengali-Regular.ttf",
    "pan": NOTO / "NotoSansGurmukhi-Regular.ttf",
    "hin": NOTO / "NotoSansDevanagari-Regular.ttf",
}
TEXTS = {
    "eng": (
        "Dear members, the ballot closes on Friday at noon.\n"
        "On the first paper vote for Amara Osei and Tomasz Nowak.\n"
        "On the second paper vote for Lena Brandt only.\n"
        "Please pass this on to members you trust."
    ),
    "urd": (
        "محترم ارکان، ووٹنگ جمعہ کو دوپہر بارہ بجے ختم ہوگی۔\n"
        "پہلے صفحے پر صرف امارا اوسئی کو ووٹ دیں۔\n"
        "دوسرے صفحے پر لینا برانٹ کا نام منتخب کریں۔\n"
        "یہ پیغام دوسرے ارکان تک پہنچائیں۔"
    ),
    "ben": (
        "প্রিয় সদস্যগণ, ভোট শুক্রবার দুপুর বারোটায় শেষ হবে।\n"
        "প্রথম পাতায় শুধু আমারা ওসেইকে ভোট দিন।\n"
        "দ্বিতীয় পাতায় লেনা ব্রান্টের নাম বেছে নিন।\n"
        "এই বার্তা অন্য সদস্যদের কাছে পৌঁছে দিন।"
    ),
    "pan": (
        "ਪਿਆਰੇ ਮੈਂਬਰੋ, ਵੋਟਾਂ ਸ਼ੁੱਕਰਵਾਰ ਦੁਪਹਿਰ ਨੂੰ ਬੰਦ ਹੋਣਗੀਆਂ।\n"
        "ਪਹਿਲੇ ਪੰਨੇ ਤੇ ਸਿਰਫ਼ ਅਮਾਰਾ ਓਸੇਈ ਨੂੰ ਵੋਟ ਪਾਓ।\n"
        "ਦੂਜੇ ਪੰਨੇ ਤੇ ਲੇਨਾ ਬ੍ਰਾਂਟ ਦਾ ਨਾਮ ਚੁਣੋ।\n"
        "ਇਹ ਸੁਨੇਹਾ ਹੋਰ ਮੈਂਬਰਾਂ ਨੂੰ ਭੇਜੋ।"
    ),
    "hin": (
        "प्रिय सदस्यों, मतदान शुक्रवार दोपहर बारह बजे समाप्त होगा।\n"
        "पहले पन्ने पर केवल अमारा ओसेई को वोट दें।\n"
        "दूसरे पन्ने पर लेना ब्रांट का नाम चुनें।\n"
        "यह संदेश दूसरे सदस्यों तक पहुँचाएँ।"
    ),
}
TEXTS["nastaliq"] = TEXTS["urd"]
BUBBLE = (220, 248, 198)


def draw(kind: str = "eng", *, text: str | None = None, size: int = 30) -> Image.Image:
    """Draw a text as in a chat's bubble; skips the test where the script's font is not installed."""
    if not FONTS[kind].exists() or (kind != "eng" and not features.check("raqm")):
        pytest.skip(f"no font for {kind} here: fonts-noto-core")
    font = ImageFont.truetype(str(FONTS[kind]), size)
    lines = (TEXTS[kind] if text is None else text).split("\n")
    step = size * (3 if kind == "nastaliq" else 2)
    picture = Image.new("RGB", (1000, step * (len(lines) + 1)), BUBBLE)
    pen = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        if kind in {"urd", "nastaliq"}:
            pen.text((970, 30 + number * step), line, font=font, fill=0, anchor="ra", direction="rtl", language="ur")
        else:
            pen.text((30, 30 + number * step), line, font=font, fill=0)
    return picture


def encode(picture: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    made = io.BytesIO()
    picture.save(made, kind, **options)
    return made.getvalue()


def jpeg(picture: Image.Image, quality: int = 80) -> bytes:
    return encode(picture, quality=quality)


def clouds(side: int = 300) -> Image.Image:
    """Draw soft blots as in a photograph of nothing in particular."""
    blots = np.random.default_rng(3).normal(128, 40, (12, 12)).clip(0, 255).astype(np.uint8)
    return Image.fromarray(blots).resize((side, side), Image.Resampling.BICUBIC)


def snow(side: int) -> Image.Image:
    """Draw black and white dots at random: a reader takes each for a stroke."""
    dots = np.random.default_rng(1).integers(0, 2, (side, side), dtype=np.uint8) * 255
    return Image.fromarray(dots.astype(np.uint8))


def png(width: int, height: int, *, rows: int | None = None) -> bytes:
    """Write a black PNG of any size in little memory, with fewer rows than it states if so asked."""
    packer = zlib.compressobj(9)
    row = b"\0" * (width + 1)
    packed = b"".join(packer.compress(row) for _ in range(height if rows is None else rows)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(_chunk, (b"IHDR", b"IDAT", b"IEND"), (header, packed, b"")))


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


@cache
def a_reader() -> Reader:
    """Return Tesseract with all its languages; skips the test where it is not installed."""
    found = find_reader()
    if shutil.which("tesseract") is None or found is None:
        pytest.skip("Tesseract is not installed here")
    if len(found.languages) < 5:
        pytest.skip("Tesseract lacks language data here")
    return found


def error_rate(read: str, wanted: str) -> float:
    """Return the share of characters that are wrong, missing or too many; spaces in any number are one."""
    one, other = " ".join(read.split()), " ".join(wanted.split())
    before = list(range(len(other) + 1))
    for place, letter in enumerate(one, 1):
        after = [place]
        for at, wanted_letter in enumerate(other, 1):
            after.append(min(before[at] + 1, after[-1] + 1, before[at - 1] + (letter != wanted_letter)))
        before = after
    return before[-1] / len(other)
