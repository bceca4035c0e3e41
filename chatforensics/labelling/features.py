"""Numbers about texts that the model weighs: words, pieces of words, and the named cues.

Term weights are (1 + ln count) x inverse document frequency, each block scaled to length one (sublinear TF-IDF, as in
Salton and Buckley 1988). Pieces are the 2 to 5 letters of each word with a blank at both ends. Distinct words are cut
up once and joined back, so that long lists of texts cost little.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from chatforensics.labelling.cues import GROUPS, Hit, load_cues
from chatforensics.schema import LABELS

Matrix = sparse.csr_array
Vector = NDArray[np.float64]

# How much a named cue counts beside a text's words and pieces, whose blocks have length one.
CUE_WEIGHT = 0.25
_PIECE_LENGTHS = range(2, 6)


def words_of(texts: Sequence[str]) -> pl.DataFrame:
    """Return `row`, `term` for every word and every two neighbouring words."""
    words = (
        pl.DataFrame({"term": pl.Series(texts, dtype=pl.String)})
        .with_row_index("row")
        .with_columns(pl.col("term").str.extract_all(r"[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N}'’]*|[!?]"))
        .explode("term")
        .drop_nulls("term")
    )
    joined = words.with_columns(
        (pl.col("term") + " " + pl.col("term").shift(-1)).alias("pair"), pl.col("row").shift(-1).alias("next_row")
    )
    pairs = joined.filter(pl.col("row") == pl.col("next_row")).select("row", pl.col("pair").alias("term"))
    return pl.concat([words, pairs])


def _split(texts: Sequence[str]) -> pl.DataFrame:
    return (
        pl.DataFrame({"word": pl.Series(texts, dtype=pl.String)})
        .with_row_index("row")
        .with_columns(pl.col("word").str.split(" "))
        .explode("word")
        .filter(pl.col("word") != "")
    )


def pieces_of(texts: Sequence[str]) -> pl.DataFrame:
    """Return `row`, `term` for every piece of 2 to 5 letters inside the blank-padded words."""
    words = _split(texts)
    cut = pl.Series("term", [_cut(word) for word in words["word"]], dtype=pl.List(pl.String))
    return words.select("row", cut).explode("term")


def count_pieces(texts: Sequence[str], *, vocabulary: Sequence[str]) -> Matrix:
    """Return how often each vocabulary piece occurs in each text: as from `pieces_of`, each distinct word cut once."""
    words = _split(texts)
    distinct = words["word"].unique().sort().to_list()
    inside = count_terms(words.rename({"word": "term"}), vocabulary=distinct, n_rows=len(texts))
    counted = sparse.csr_array(inside @ _pieces_of_words(distinct, vocabulary))
    counted.sort_indices()
    return counted


def _pieces_of_words(words: Sequence[str], vocabulary: Sequence[str]) -> Matrix:
    places = {piece: column for column, piece in enumerate(vocabulary)}
    known = [[places[piece] for piece in _cut(word) if piece in places] for word in words]
    columns = np.array([column for row in known for column in row], dtype=np.int32)
    starts = np.cumsum([0, *map(len, known)])
    shape = (len(words), len(vocabulary))
    counted = sparse.csr_array((np.ones(len(columns)), columns, starts), shape=shape)
    counted.sum_duplicates()
    return counted


def _cut(word: str) -> list[str]:
    padded = f" {word[:40]} "
    return [padded[start : start + size] for size in _PIECE_LENGTHS for start in range(len(padded) - size + 1)]


def choose_terms(terms: pl.DataFrame, *, least_texts: int) -> list[str]:
    """Return the terms that occur in at least so many texts, sorted."""
    counted = terms.unique().group_by("term").len().filter(pl.col("len") >= least_texts)
    return counted["term"].sort().to_list()


def count_terms(terms: pl.DataFrame, *, vocabulary: Sequence[str], n_rows: int) -> Matrix:
    """Return how often each vocabulary term occurs in each row."""
    known = pl.DataFrame({"term": pl.Series(vocabulary, dtype=pl.String)}).with_row_index("column")
    found = terms.join(known, on="term")
    place = (found["row"].to_numpy().astype(np.int32), found["column"].to_numpy().astype(np.int32))
    counted = sparse.csr_array((np.ones(found.height), place), shape=(n_rows, len(vocabulary)))
    counted.sum_duplicates()
    return counted


def inverse_frequencies(counts: Matrix) -> Vector:
    """Return ln((1 + texts) / (1 + texts with the term)) + 1 for each term."""
    n_texts = counts.shape[0]
    with_term = np.bincount(counts.indices, minlength=counts.shape[1])
    return np.asarray(np.log((1 + n_texts) / (1 + with_term)) + 1, dtype=np.float64)


def weigh_terms(counts: Matrix, *, frequencies: Vector) -> Matrix:
    """Return the weights of the terms, each row scaled to length one."""
    weights = (1 + np.log(counts.data)) * frequencies[counts.indices]
    lengths = np.sqrt(np.add.reduceat(np.append(weights**2, 0.0), counts.indptr[:-1])) if counts.nnz else np.ones(1)
    rows = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    return sparse.csr_array((weights / lengths[rows], counts.indices, counts.indptr), shape=counts.shape)


def cue_columns() -> list[str]:
    """Name the cue features in order: each concept, whatever its language, then each label and group."""
    return [*sorted({cue.concept for cue in load_cues()}), *LABELS, *GROUPS]


def mark_cues(hits: Sequence[Sequence[Hit]]) -> Matrix:
    """Return `CUE_WEIGHT` where a text has a cue of the concept, or any cue of the label or group."""
    columns: Mapping[str, int] = {name: number for number, name in enumerate(cue_columns())}
    rows = [sorted({columns[name] for hit in found for name in (hit.concept, hit.label)}) for found in hits]
    indices = np.array([column for row in rows for column in row], dtype=np.int32)
    indptr = np.cumsum([0, *map(len, rows)])
    return sparse.csr_array((np.full(len(indices), CUE_WEIGHT), indices, indptr), shape=(len(rows), len(columns)))
