"""Pictures that came with a text, each beside the words that a machine read in it."""

import base64
from collections.abc import Mapping, Sequence

import polars as pl
import regex

from chatforensics.report.language import say, say_list
from chatforensics.report.marks import Span, clip_text, mark_spans
from chatforensics.report.sightings import Row, cap

PICTURE_LIMIT = 3  # of one wording
WORDS_LIMIT = 4000
_LANGUAGES = {
    "eng": say("English"),
    "urd": say("Urdu"),
    "ben": say("Bengali"),
    "pan": say("Punjabi"),
    "hin": say("Hindi"),
}


def view_pictures(pictures: pl.DataFrame, *, images: Mapping[str, bytes], names: Sequence[str]) -> Row:
    """Return each distinct picture with the words read in it, the names on the slate marked.

    Args:
        pictures: the rows of the messages to show.
        images: small copies by SHA-256; a picture without one is named only.
        names: what is marked in the words.
    """
    rows = pictures.sort("message_id").unique("sha256", keep="first", maintain_order=True).to_dicts()
    shown = [_view_picture(row, images, names) for row in rows[:PICTURE_LIMIT]]
    return {"shown": shown, "cap": cap(shown, total=len(rows), where="tables/pictures.parquet")}


def _view_picture(row: Row, images: Mapping[str, bytes], names: Sequence[str]) -> Row:
    words, left_out = clip_text(row["text"] or "", limit=WORDS_LIMIT)
    image = images.get(row["sha256"])
    languages = [_LANGUAGES.get(language, language) for language in row["languages"] or ()]
    keys = ("message_id", "file", "sha256", "width", "height", "status", "reason", "mean_confidence")
    return {key: row[key] for key in keys} | {
        "image": base64.b64encode(image).decode("ascii") if image else None,
        "pieces": mark_spans(words, _find_names(words, names)) if words else [],
        "left_out": left_out,
        "languages": say_list(languages),
    }


def _find_names(words: str, names: Sequence[str]) -> list[Span]:
    """Find the names wherever they stand in the words; a name may be parted by the end of a line."""
    patterns = [r"\s+".join(map(regex.escape, name.split())) for name in dict.fromkeys(names) if name.strip()]
    return [
        Span(found.start(), found.end(), say("name on the slate"), is_name=True)
        for pattern in patterns
        for found in regex.finditer(pattern, words, regex.IGNORECASE)
    ]
