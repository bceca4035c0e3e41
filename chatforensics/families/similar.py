"""Families of near-duplicate texts.

Texts are compared in a reduced form (`reduce_texts`). Equal forms are one variant. Forms of 25 characters or more are
also compared by their sets of 4-character pieces, of which those that many texts hold weigh less: weighted MinHash with
locality-sensitive hashing proposes pairs, the exact weighted Jaccard similarity of the sets decides. What two texts
have in common must also tell more than any two of so many texts share by accident, so that the more texts there are,
the more must be common. A family is a leader and the variants similar to *it*: a chain of small edits does not join two
texts that have little in common. Shorter texts match only by equal form.
"""

import hashlib

import numpy as np
import polars as pl

from chatforensics.errors import UsageError
from chatforensics.families.forms import reduce_texts
from chatforensics.families.leaders import cluster_texts

MIN_CHARACTERS = 25
THRESHOLD = 0.4


def find_families(texts: pl.DataFrame, *, threshold: float = THRESHOLD, seed: int = 0) -> pl.DataFrame:
    """Group texts that are equal up to small edits.

    Similar wording does not show a common source: set phrases and quotations resemble each other too. Beyond 1000
    distinct texts, other texts tell how common a piece is, so that a pair near the threshold may be similar enough in
    one collection and not in another.

    Args:
        texts: Columns `id` and `text`.
        threshold: Least share of common 4-character pieces, by weight, between a text and its family's leader, above 0,
            at most 1.
        seed: Chooses the hash functions; another seed may miss other pairs just above the threshold.

    Returns:
        One row per input row, in its order: `id`, `family_id`, `variant_id` (from the texts themselves, so that other
        texts do not change them) and `similarity` to the leader, 0 to 1. Empty texts are in no family (null). Which
        text leads a family may change when texts are added.

    Raises:
        UsageError: the threshold is not above 0 and at most 1.
    """
    if not 0 < threshold <= 1:
        raise UsageError(f"The threshold must lie above 0 and be at most 1, is {threshold}.")
    found = group_texts(texts["text"], threshold=threshold, seed=seed).drop("form")
    return texts.select("id", "text").join(found, on="text", how="left", maintain_order="left").drop("text")


def group_texts(texts: pl.Series, *, threshold: float = THRESHOLD, seed: int = 0) -> pl.DataFrame:
    """Return each distinct text that is not empty with its reduced form and what `find_families` says of it."""
    distinct = texts.drop_nulls().unique().sort().to_frame("text")
    forms = distinct.with_columns(form=reduce_texts(distinct["text"])).filter(pl.col("form") != "")
    variants = _group_forms(forms.select("form").unique().sort("form"), threshold=threshold, seed=seed)
    return forms.join(variants, on="form")


def _group_forms(forms: pl.DataFrame, *, threshold: float, seed: int) -> pl.DataFrame:
    """Return every distinct form with its family, its variant and its similarity to the family's leader."""
    ids = pl.Series([hashlib.sha256(form.encode()).hexdigest()[:16] for form in forms["form"]], dtype=pl.String)
    ordered = forms.with_columns(variant_id=ids).sort("variant_id")
    leader, similarity = np.arange(ordered.height), np.ones(ordered.height)
    compared = ordered.select((pl.col("form").str.len_chars() >= MIN_CHARACTERS).arg_true()).to_series().to_numpy()
    if compared.size:
        texts = ordered["form"].gather(compared)
        local, best = cluster_texts(texts, threshold=threshold, seed=seed)
        leader[compared], similarity[compared] = compared[local], best
    return ordered.with_columns(
        family_id=ordered["variant_id"].gather(leader), similarity=pl.Series(similarity)
    ).select("form", "family_id", "variant_id", "similarity")
