"""Families of near-duplicate texts, and which of them are tracked.

Texts are compared in a reduced form (`reduce_texts`). Equal forms are one variant. Forms of 25 characters or more are
also compared by their sets of 4-character pieces: MinHash with locality-sensitive hashing (Broder 1997; Leskovec,
Rajaraman and Ullman, Mining of Massive Datasets, chapter 3) proposes pairs, the exact Jaccard similarity of the sets
decides. A family is a leader and the variants similar to *it*: a chain of small edits does not join two texts that have
little in common. Shorter texts match only by equal form.
"""

import hashlib
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from chatforensics.errors import UsageError
from chatforensics.schema import Families, Labels, Messages, check, empty
from chatforensics.text import normalise

Integers: TypeAlias = npt.NDArray[np.int64]
Hashes: TypeAlias = npt.NDArray[np.uint64]
Floats: TypeAlias = npt.NDArray[np.float64]

GRAM = 4
MIN_CHARACTERS = 25
THRESHOLD = 0.5
BANDS = 32
ROWS = 4
NEIGHBOURS = 8
CHUNK_TEXTS = 4096
CHUNK_PAIRS = 200_000
# Pairs whose hashes say that they lie this far below the threshold are not worth the exact look: with 128 hashes the
# estimate errs by more than this once in a thousand times.
DOUBT = 0.13
TRACKED_CHARACTERS = 80
TEXT_KINDS = ("text", "media", "poll", "view_once")
# Everything but letters, marks and digits, and the marks that only choose how an emoji looks.
NOT_WORDS = r"[^\p{L}\p{M}\p{N}]+|[\x{FE00}-\x{FE0F}\x{20E3}]+"


def find_families(texts: pl.DataFrame, *, threshold: float = THRESHOLD, seed: int = 0) -> pl.DataFrame:
    """Group texts that are equal up to small edits.

    Similar wording does not show a common source: set phrases and quotations resemble each other too.

    Args:
        texts: Columns `id` and `text`.
        threshold: Least share of common 4-character pieces between a text and its family's leader, above 0, at most 1.
        seed: Chooses the hash functions; another seed may miss other pairs just above the threshold.

    Returns:
        One row per input row, in its order: `id`, `family_id`, `variant_id` (from the texts themselves, so that other
        texts do not change them) and `similarity` to the leader, 0 to 1. Empty texts are in no family (null).

    Raises:
        UsageError: the threshold is not above 0 and at most 1.
    """
    if not 0 < threshold <= 1:
        raise UsageError(f"The threshold must lie above 0 and be at most 1, is {threshold}.")
    distinct = texts.select("text").drop_nulls().unique().sort("text")
    forms = distinct.with_columns(form=reduce_texts(distinct["text"])).filter(pl.col("form") != "")
    variants = _group_forms(forms.select("form").unique().sort("form"), threshold=threshold, seed=seed)
    found = forms.join(variants, on="form").drop("form")
    return texts.select("id", "text").join(found, on="text", how="left", maintain_order="left").drop("text")


def reduce_texts(texts: pl.Series) -> pl.Series:
    """Return the form in which texts are compared: normal form, words and digits only.

    A text without any word keeps its normal form, so that different emoji stay different.
    """
    normal = pl.Series("text", [normalise(text) for text in texts], dtype=pl.String)
    words = normal.str.replace_all(NOT_WORDS, " ").str.replace_all(r"\s+", " ").str.strip_chars()
    return pl.select(pl.when(words == "").then(normal).otherwise(words)).to_series()


def build_families(messages: Messages, labels: Labels, *, track: frozenset[str] = frozenset()) -> Families:
    """Find the near-duplicate families among the messages, and say which are tracked.

    The unit is the message group where `group_id` is known, so that one text sent in several bubbles is one text.
    Copies of a message in several exports count once.

    Args:
        messages: With `text`, and where joined `person_id`, `chat_id`, `canonical_id`, `group_id`.
        labels: A family with a label decided `flag` or `review` is tracked.
        track: Ids of further families to track.

    Returns:
        One row per message whose text is in a family of two or more, or which carries such a label.
    """
    units = _unit_texts(messages)
    if units.is_empty():
        return Families(empty("families"))
    texts = units.select("text").unique().sort("text").with_columns(id=pl.col("text"))
    rows = units.join(find_families(texts), left_on="text", right_on="id").drop_nulls("family_id")
    marked = labels.filter(pl.col("decision").is_in(["flag", "review"]))["message_id"].unique()
    rows = rows.with_columns(marked=pl.col("message_ids").list.eval(pl.element().is_in(marked.implode())).list.any())
    family = _family_facts(rows, track=track)
    kept = rows.join(family, on="family_id").filter((pl.col("n") > 1) | pl.col("marked"))
    table = kept.explode("message_ids").rename({"message_ids": "message_id"})
    table = table.with_columns(pl.col("similarity").cast(pl.Float32)).sort("message_id")
    return Families(check(table.select(empty("families").columns), table="families"))


def _unit_texts(messages: Messages) -> pl.DataFrame:
    """Return one row per message group of one export: its text, messages, chat, person and canonical id."""
    unit = pl.coalesce("group_id", pl.col("message_id").cast(pl.String))
    return (
        messages.filter(pl.col("kind").is_in(TEXT_KINDS) & pl.col("text").is_not_null())
        .with_columns(unit=unit, canonical_id=pl.col("canonical_id").fill_null(pl.col("message_id")))
        .sort("source_id", "byte_start", "message_id")
        .group_by("source_id", "unit", maintain_order=True)
        .agg(
            text=pl.col("text").str.join("\n"),
            longest=pl.col("text").str.len_chars().max(),
            message_ids=pl.col("message_id"),
            canonical_id=pl.col("canonical_id").min(),
            chat_id=pl.col("chat_id").first(),
            person_id=pl.col("person_id").first(),
        )
    )


def _family_facts(rows: pl.DataFrame, *, track: frozenset[str]) -> pl.DataFrame:
    """Return per family how many messages it has, and whether it is tracked."""
    long = pl.col("longest").max() >= TRACKED_CHARACTERS
    spread = (pl.col("person_id").drop_nulls().n_unique() >= 2) & (pl.col("chat_id").drop_nulls().n_unique() >= 2)  # noqa: PLR2004 - two is the contract's number
    asked = pl.col("family_id").first().is_in(sorted(track))
    return rows.group_by("family_id").agg(
        n=pl.col("canonical_id").n_unique(), tracked=pl.col("marked").any() | (long & spread) | asked
    )


def _group_forms(forms: pl.DataFrame, *, threshold: float, seed: int) -> pl.DataFrame:
    """Return every distinct form with its family, its variant and its similarity to the family's leader."""
    ids = pl.Series([hashlib.sha256(form.encode()).hexdigest()[:16] for form in forms["form"]], dtype=pl.String)
    ordered = forms.with_columns(variant_id=ids).sort("variant_id")
    leader, similarity = np.arange(ordered.height), np.ones(ordered.height)
    compared = ordered.select((pl.col("form").str.len_chars() >= MIN_CHARACTERS).arg_true()).to_series().to_numpy()
    if compared.size:
        texts = ordered["form"].gather(compared).to_list()
        local, best = _cluster(*_hash_grams(texts), threshold=threshold, seed=seed)
        leader[compared], similarity[compared] = compared[local], best
    return ordered.with_columns(
        family_id=ordered["variant_id"].gather(leader), similarity=pl.Series(similarity)
    ).select("form", "family_id", "variant_id", "similarity")


def _cluster(grams: Hashes, starts: Integers, *, threshold: float, seed: int) -> tuple[Integers, Floats]:
    """Return each text's leader and the similarity to it.

    Hashing misses some pairs just above the threshold. So, once leaders are known, every neighbour of a member is held
    against the member's leader as well, and the leaders are chosen again.
    """
    n = starts.size - 1
    codes = _propose_pairs(_sign(grams, starts, seed=seed), threshold=threshold)
    near, common = _verify(grams, starts, codes, threshold=threshold)
    leader, _ = _choose_leaders(near // n, near % n, common, n=n)
    further = np.setdiff1d(_pairs_with_leaders(near, leader), codes)
    found, found_common = _verify(grams, starts, further, threshold=threshold)
    near, common = np.concatenate([near, found]), np.concatenate([common, found_common])
    return _choose_leaders(near // n, near % n, common, n=n)


def _pairs_with_leaders(near: Integers, leader: Integers) -> Integers:
    """Return the pairs of each text and the leaders of its neighbours, as one number each."""
    n = leader.size
    first, second = near // n, near % n
    texts, leaders = np.concatenate([first, second]), np.concatenate([leader[second], leader[first]])
    other = texts != leaders
    texts, leaders = texts[other], leaders[other]
    return np.unique(np.minimum(texts, leaders) * n + np.maximum(texts, leaders))


def _verify(grams: Hashes, starts: Integers, codes: Integers, *, threshold: float) -> tuple[Integers, Floats]:
    """Return the pairs that are similar enough, with their exact similarity."""
    n = starts.size - 1
    common = _jaccard(grams, starts, codes // n, codes % n)
    return codes[common >= threshold], common[common >= threshold]


def _hash_grams(texts: list[str]) -> tuple[Hashes, Integers]:
    """Return a hash of every 4-character piece of all texts in one array, and where each text begins in it."""
    points = np.frombuffer("".join(texts).encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    mixed = np.zeros(points.size - GRAM + 1, dtype=np.uint64)
    for offset in range(GRAM):
        mixed = mixed * np.uint64(0x100000001B3) ^ points[offset : offset + mixed.size]
    # A piece that runs over the end of its text is none.
    ends = np.cumsum(lengths)
    inside = np.ones(points.size, dtype=bool)
    for offset in range(1, GRAM):
        inside[ends - offset] = False
    counts = lengths - GRAM + 1
    return _scramble(mixed[inside[: mixed.size]]), np.concatenate([[0], np.cumsum(counts)])


def _scramble(values: Hashes) -> Hashes:
    """Return well-mixed 64-bit values (the finaliser of splitmix64, Steele et al. 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _sign(grams: Hashes, starts: Integers, *, seed: int) -> npt.NDArray[np.uint32]:
    """Return the minimum of each hash function over the pieces of each text, one row per text."""
    random = np.random.default_rng(seed)
    factors = random.integers(0, 2**63, size=BANDS * ROWS, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    signatures = np.empty((starts.size - 1, factors.size), dtype=np.uint32)
    # In portions that stay in the processor's cache: a few times faster than all at once.
    for low in range(0, starts.size - 1, CHUNK_TEXTS):
        high = min(low + CHUNK_TEXTS, starts.size - 1)
        portion = grams[starts[low] : starts[high]]
        begins = starts[low:high] - starts[low]
        for column, factor in enumerate(factors):
            signatures[low:high, column] = np.minimum.reduceat(portion * factor, begins) >> np.uint64(32)
    return signatures


def _propose_pairs(signatures: npt.NDArray[np.uint32], *, threshold: float) -> Integers:
    """Return pairs of texts that agree in a whole band of hashes and about enough of all, as one number each.

    In a crowded band each text meets the first of the band and its next few neighbours, not everybody.
    """
    n = signatures.shape[0]
    pairs = []
    for band in range(BANDS):
        key = np.zeros(n, dtype=np.uint64)
        for column in signatures[:, band * ROWS : (band + 1) * ROWS].T:
            key = _scramble(key ^ column)
        order = np.argsort(key, kind="stable")
        pairs.append(_neighbours_in_buckets(order, key[order], n=n))
    codes = np.unique(np.concatenate(pairs))
    return codes[_estimate(signatures, codes) >= threshold - DOUBT]


def _estimate(signatures: npt.NDArray[np.uint32], codes: Integers) -> Floats:
    """Return the share of equal hashes of each pair, an estimate of its similarity."""
    n, equal = signatures.shape[0], np.empty(codes.size)
    for low in range(0, codes.size, CHUNK_PAIRS):
        part = codes[low : low + CHUNK_PAIRS]
        equal[low : low + CHUNK_PAIRS] = (signatures[part // n] == signatures[part % n]).mean(axis=1)
    return equal


def _neighbours_in_buckets(order: Integers, keys: Hashes, *, n: int) -> Integers:
    """Return pairs, as one number each, of texts with equal keys: with the bucket's first and the next neighbours."""
    position = np.arange(order.size)
    opens = np.concatenate([[True], keys[1:] != keys[:-1]])
    first_of_bucket = np.maximum.accumulate(np.where(opens, position, 0))
    found = []
    for distance in range(1, NEIGHBOURS + 1):
        later = position[distance:][first_of_bucket[distance:] <= position[:-distance]]
        found.append((later - distance, later))
    far = position[position - first_of_bucket > NEIGHBOURS]
    found.append((first_of_bucket[far], far))
    left, right = (order[np.concatenate(side)] for side in zip(*found, strict=True))
    codes: Integers = np.minimum(left, right) * n + np.maximum(left, right)
    return codes


def _jaccard(grams: Hashes, starts: Integers, first: Integers, second: Integers) -> Floats:
    """Return the exact share of common pieces of each pair of texts."""
    involved, local = np.unique(np.concatenate([first, second]), return_inverse=True)
    sets = _gram_sets(grams, starts, involved)
    sizes = np.diff(sets.indptr)
    left, right = local[: first.size], local[first.size :]
    common = np.empty(first.size)
    for low in range(0, first.size, CHUNK_PAIRS):
        part = slice(low, low + CHUNK_PAIRS)
        common[part] = sets[left[part]].multiply(sets[right[part]]).sum(axis=1)
    return common / (sizes[left] + sizes[right] - common)


def _gram_sets(grams: Hashes, starts: Integers, texts: Integers) -> "sparse.csr_array[np.float64]":
    """Return one row per text with a 1 in the column of each of its pieces."""
    counts = starts[texts + 1] - starts[texts]
    rows = np.repeat(np.arange(texts.size), counts)
    at = np.arange(rows.size) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(starts[texts], counts)
    columns = (grams[at] >> np.uint64(1)).astype(np.int64)
    order = np.lexsort((columns, rows))
    rows, columns = rows[order], columns[order]
    new = np.concatenate([[True], (rows[1:] != rows[:-1]) | (columns[1:] != columns[:-1])])
    ends = np.concatenate([[0], np.cumsum(np.bincount(rows[new], minlength=texts.size))])
    shape = (texts.size, 2**63 - 1)
    return sparse.csr_array((np.ones(int(new.sum())), columns[new], ends.astype(np.int64)), shape=shape)


def _choose_leaders(first: Integers, second: Integers, similarity: Floats, *, n: int) -> tuple[Integers, Floats]:
    """Return each text's leader and the similarity to it.

    Texts with the most similar texts around them lead first; a text joins the most similar leader among its neighbours,
    and leads itself when none of those before it does. Every round decides all texts whose betters are decided.
    """
    rank = np.empty(n, dtype=np.int64)
    degree = np.bincount(np.concatenate([first, second]), minlength=n)
    rank[np.lexsort((np.arange(n), -degree))] = np.arange(n)
    swap = rank[first] > rank[second]
    better, worse = np.where(swap, second, first), np.where(swap, first, second)
    undecided, leads = np.bincount(worse, minlength=n) > 0, np.bincount(worse, minlength=n) == 0
    while undecided.any():
        led = np.zeros(n, dtype=bool)
        led[worse[leads[better]]] = True
        undecided &= ~led
        waiting = np.zeros(n, dtype=bool)
        waiting[worse[undecided[better]]] = True
        new = undecided & ~waiting
        leads |= new
        undecided &= ~new
    led_by = leads[better] & ~leads[worse]
    better, worse, similarity = better[led_by], worse[led_by], similarity[led_by]
    order = np.lexsort((rank[better], -similarity, worse))
    member, at = np.unique(worse[order], return_index=True)
    leader, best = np.arange(n), np.ones(n)
    leader[member], best[member] = better[order][at], similarity[order][at]
    return leader, best
