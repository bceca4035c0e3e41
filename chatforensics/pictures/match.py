"""The same picture again: equal bytes, else a perceptual hash proposes and the words read decide.

Two slates on one template lie as close by their hash as one picture that was compressed twice, so a near hash alone is
never called the same picture. The hash is pHash over 16 by 16 frequencies (Zauner 2010), by the library ImageHash.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import polars as pl
import regex

from chatforensics.schema import TABLES, AnyMessages, PictureLinks, Pictures, check

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

HASH_SIDE = 16
NEAR = 24  # of 256 bits
MOST_NEAR = 50  # links of one picture to others that are alike, the nearest first
_ROWS = 256  # pictures compared with all others at a time
_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+")
# Digits that are taken for letters. Not i and l: Elia and Ella are two people.
_LOOKALIKES = str.maketrans({"1": "l", "0": "o"})


def hash_pixels(pixels: bytes, *, width: int, height: int) -> str:
    """Return the perceptual hash of grey pixels, 256 bits in hex."""
    import imagehash
    from PIL import Image

    return str(imagehash.phash(Image.frombytes("L", (width, height), pixels), hash_size=HASH_SIDE))


def match_pictures(pictures: Pictures, messages: AnyMessages) -> PictureLinks:
    """Link messages whose pictures are the same file, the same picture, or alike with other words.

    A picture cut at its edges, framed, turned or taken as a screenshot is not found again. Words are those that a
    machine read: a slip of the reader in one of two pictures makes `same_template_other_words` of one that was sent
    twice, so look at both. That one picture was sent twice does not show that one sender had it from the other.

    Args:
        pictures: as read.
        messages: tell which are copies of one message, of which one counts, and which came first.

    Returns:
        One row per link; `message_a` was sent first. `same_file`: a later message of a file is linked to its first.
        The other relations link the first messages of two files whose hashes differ in at most 24 bits (`distance`),
        each picture to its 50 nearest at most: `same_picture` (the words read are the same),
        `same_template_other_words`, or `alike_unread` (no words could be read in one of them or in both).
        `text_similarity` is 1 for the same words, null where there are none.
    """
    placed = _place(check(pictures, table="pictures"), messages)
    first = placed.unique("sha256", keep="first", maintain_order=True)
    again = placed.join(first.select("sha256", message_a="message_id"), on="sha256", maintain_order="left")
    same = again.filter(pl.col("message_a") != pl.col("message_id")).select(
        "message_a",
        message_b="message_id",
        relation=pl.lit("same_file"),
        distance=pl.lit(0, pl.Int32),
        text_similarity=pl.when(pl.col("text").is_not_null()).then(pl.lit(1.0)).cast(pl.Float32),
    )
    alike = pl.DataFrame(list(_link_alike(first)), schema=dict(TABLES["picture_links"]), orient="row")
    links = pl.concat([same, alike]).sort("message_a", "message_b")
    return PictureLinks(check(links, table="picture_links"))


def _place(pictures: pl.DataFrame, messages: AnyMessages) -> pl.DataFrame:
    """Return one row per message and file, however many exports hold it, in the order in which they were sent."""
    order = messages.lazy().select("message_id", "sent_at", one=pl.coalesce("canonical_id", "message_id"))
    hashed = pictures.filter(pl.col("sha256").is_not_null())
    known = hashed.lazy().join(order, on="message_id").collect()
    ordered = known.sort("sent_at", "one", "message_id", nulls_last=True)
    return ordered.unique(["one", "sha256"], keep="first", maintain_order=True)


def _link_alike(first: pl.DataFrame) -> Iterator[tuple[int, int, str, int, float | None]]:
    hashed = first.filter(pl.col("perceptual_hash").is_not_null())
    ids, texts = hashed["message_id"].to_list(), hashed["text"].to_list()
    words = [split_words(text) for text in texts]
    for one, other, distance in _find_near(hashed["perceptual_hash"].to_list()):
        if words[one] and words[other]:
            likeness = compare_words(words[one], words[other])
            same = are_same_words(words[one], words[other])
            relation = "same_picture" if same else "same_template_other_words"
            yield ids[one], ids[other], relation, distance, 1.0 if same else likeness
        else:
            yield ids[one], ids[other], "alike_unread", distance, None


def _find_near(hashes: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """Yield pairs of places and the bits in which their hashes differ, where these are few."""
    import numpy as np

    if not hashes:
        return
    bits = np.frombuffer(bytes.fromhex("".join(hashes)), dtype=np.uint64).reshape(len(hashes), -1)
    for start in range(0, len(hashes), _ROWS):
        block = bits[start : start + _ROWS]
        counted = np.bitwise_count(block[:, None, :] ^ bits[None, start:, :]).sum(axis=2, dtype=np.int32)
        for row in range(len(block)):
            for other in _nearest(counted[row, row + 1 :]):
                yield start + row, start + row + 1 + other, int(counted[row, row + 1 + other])


def _nearest(distances: "npt.NDArray[np.int32]") -> list[int]:
    import numpy as np

    near = np.flatnonzero(distances <= NEAR)
    return [int(place) for place in near[np.argsort(distances[near], kind="stable")][:MOST_NEAR]]


def split_words(text: str | None) -> tuple[str, ...]:
    """Return the words of a text in one form of letters, without marks between them."""
    return tuple(_WORD.findall(unicodedata.normalize("NFKC", text or "").casefold()))


def compare_words(one: Sequence[str], other: Sequence[str]) -> float:
    """Return how alike two texts are, letter by letter, from 0 to 1."""
    from rapidfuzz.distance import Levenshtein

    return float(Levenshtein.normalized_similarity(" ".join(one), " ".join(other)))


def are_same_words(one: Sequence[str], other: Sequence[str]) -> bool:
    """Tell whether two readings say the same, but for letters that look alike and for where words are parted."""
    return _fold(one) == _fold(other)


def _fold(words: Sequence[str]) -> str:
    return "".join(words).translate(_LOOKALIKES)
