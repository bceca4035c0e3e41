"""Pictures to a table: each distinct file is looked at once, and what was found joined back to its messages."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from chatforensics.pictures.decode import decode_grey
from chatforensics.pictures.limits import NotDone
from chatforensics.pictures.match import hash_pixels
from chatforensics.pictures.read import Reader, Reading, read_text
from chatforensics.schema import TABLES, Pictures, check

READ, NO_TEXT, NOT_READ = "read", "no_text", "not_read"
NO_READER = "Tesseract is not installed on this machine, or lacks the languages that are read"


@dataclass(frozen=True)
class Examined:
    """What looking at one picture gave; fields that are null could not be told, and `reason` says why."""

    status: str = NOT_READ
    reason: str | None = None
    perceptual_hash: str | None = None
    width: int | None = None
    height: int | None = None
    text: str | None = None
    languages: tuple[str, ...] | None = None
    mean_confidence: float | None = None


def examine_picture(raw: bytes, *, reader: Reader | None) -> Examined:
    """Look at one picture: decode it in a process of its own, hash what it shows, and read its words.

    A picture that cannot be decoded or read gives a reason, never an error. The words are what a machine took them to
    be: see `read.read_text`.

    Args:
        raw: the file's bytes.
        reader: what reads; without one, the picture is decoded and hashed only.
    """
    pixels = decode_grey(raw)
    if isinstance(pixels, NotDone):
        return Examined(reason=pixels.reason)
    hashed = hash_pixels(pixels.pixels, width=pixels.shown_width, height=pixels.shown_height)
    reading = NotDone(NO_READER) if reader is None else read_text(pixels, reader=reader)
    found = _describe(reading)
    return Examined(**found, perceptual_hash=hashed, width=pixels.width, height=pixels.height)  # type: ignore[arg-type]


def _describe(reading: Reading | NotDone | None) -> dict[str, object]:
    if isinstance(reading, NotDone):
        return {"status": NOT_READ, "reason": reading.reason}
    if reading is None:
        return {"status": NO_TEXT}
    return {
        "status": READ,
        "text": reading.text,
        "languages": reading.languages,
        "mean_confidence": reading.mean_confidence,
    }


def build_pictures(wanted: pl.DataFrame, examined: Mapping[str, Examined]) -> Pictures:
    """Put what was found beside the messages that the pictures came with.

    Args:
        wanted: one row per message with a picture: `message_id`, `source_id`, `file`, `sha256`, and `unread` (why a
            file without hash was not read).
        examined: what was found, by SHA-256.

    Returns:
        One row per message with a picture, by message. `status` is `read`, `no_text` (no word in it is sure) or
        `not_read`, for which `reason` says why. `text` is as the machine read it, nothing in it corrected;
        `mean_confidence` is the reader's own, 0 to 100, and no share of right letters.
    """
    rows = []
    for row in wanted.sort("message_id").iter_rows(named=True):
        unread = Examined(reason=row["unread"] or "the file could not be read")
        found = examined.get(row["sha256"], unread)
        known = {name: row[name] for name in ("message_id", "source_id", "file", "sha256")}
        languages = list(found.languages) if found.languages else None
        rows.append({**known, **vars(found), "languages": languages})
    return Pictures(check(pl.DataFrame(rows, schema=dict(TABLES["pictures"])), table="pictures"))
