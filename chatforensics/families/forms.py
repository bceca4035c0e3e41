"""The form in which texts are compared: many at a time, equal to `text.normalise` one by one."""

import polars as pl

from chatforensics.text import INVISIBLE, normalise

# Everything but letters, marks and digits, and the marks that only choose how an emoji looks.
NOT_WORDS = r"[^\p{L}\p{M}\p{N}]+|[\x{FE00}-\x{FE0F}\x{20E3}]+"
# Where the native functions and Python's may part ways: old control characters, letters whose folded case is not their
# small letter (sharp s, Greek, Cherokee, old Cyrillic, letters with a mark of their own), and what is younger than the
# Unicode tables of either. Texts with one of these are normalised one by one.
APART = (
    r"[\x{1C}-\x{1F}\x{DF}\x{1F0}\x{345}\x{370}-\x{3FF}\x{897}\x{ECE}\x{13A0}-\x{13FF}\x{1A80}-\x{1AFF}\x{1C80}-\x{1C8F}"
    r"\x{1E96}-\x{1E9F}\x{1F00}-\x{1FFF}\x{A7C0}-\x{A7FF}\x{AB70}-\x{ABBF}\x{10000}-\x{1EFFF}]"
)


def reduce_texts(texts: pl.Series) -> pl.Series:
    """Return the form in which texts are compared: normal form, words and digits only.

    A text without any word keeps its normal form, so that different emoji stay different.
    """
    normal = normalise_texts(texts)
    words = normal.str.replace_all(NOT_WORDS, " ").str.replace_all("  +", " ").str.strip_chars(" ")
    return pl.select(pl.when(words == "").then(normal).otherwise(words)).to_series()


def normalise_texts(texts: pl.Series) -> pl.Series:
    """Return the normal form of each text, as `text.normalise` does."""
    texts = texts.rename("text")
    composed = texts.str.normalize("NFKC")
    plain = composed.str.replace_all(f"[{INVISIBLE}]+", "").str.to_lowercase()
    plain = plain.str.replace_all(r"\s+", " ").str.strip_chars(" ")
    apart = (texts.str.contains(APART) | composed.str.contains(APART)).arg_true()
    if not apart.len():
        return plain
    return plain.scatter(apart, [normalise(text) for text in texts.gather(apart)])
