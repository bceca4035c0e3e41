"""The 4-character pieces of texts, and what each is worth: pieces seen in many texts say little (Sparck Jones 1972)."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import NamedTuple, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

Integers: TypeAlias = npt.NDArray[np.int64]
Hashes: TypeAlias = npt.NDArray[np.uint64]
Floats: TypeAlias = npt.NDArray[np.float64]
Singles: TypeAlias = npt.NDArray[np.float32]
Numbers: TypeAlias = npt.NDArray[np.int32]

Whole = TypeVar("Whole", np.int64, np.uint64)
Item = TypeVar("Item")
Result = TypeVar("Result")

GRAM = 4
# A piece is known by 50 bits of its hash: two of a pair of texts are confused once in some 10^12 pairs. The other 14
# bits number the texts of a portion. So many texts stay in the processor's cache, which is several times faster.
PIECE_BITS = 50
PORTION = 4096
# Pieces are counted in places, many more than there are pieces; those that share a place are taken for equally common.
PLACES_PER_TEXT = 512
LEAST_PLACES = 2**16
MOST_PLACES = 2**24
# So many portions are counted at a time: to go through all places takes about as long as to count so many.
COUNTED = 32
# A piece counts in full until this many texts hold it, in a very large corpus this share of them. Up to there a corpus
# is too small to tell what is common.
COMMON = 1000
COMMON_SHARE = 0.001
# Before any text is seen, this many others without the piece are taken for granted.
UNSEEN = 10 * COMMON
LEAST_BITS = 0.1
WORKERS = 2
# Pieces of texts with so many characters in all are kept at hand: about a gigabyte.
MOST_HELD = 250_000_000
_FEWEST_OPENINGS, _MOST_OPENINGS = 2**10, 2**26


class Pieces(NamedTuple):
    """The distinct pieces of each text, ascending; those of text `i` are at `starts[i]` up to `starts[i + 1]`."""

    values: Hashes
    starts: Integers


class HeldPieces(NamedTuple):
    """The distinct pieces, ascending, and of each text their numbers, ascending too.

    Those of text `i` are at `starts[i]` up to `starts[i + 1]`.
    """

    distinct: Hashes
    numbers: Numbers
    starts: Integers

    def take_portion(self, low: int, high: int) -> Pieces:
        """Return the pieces of the texts from one number to before the other."""
        start, end = self.starts[low], self.starts[high]
        return Pieces(self.distinct[self.numbers[start:end]], self.starts[low : high + 1] - start)


def list_pieces(texts: pl.Series) -> Pieces:
    """Return the distinct pieces of texts of at least 4 characters."""
    found = [_list_portion(texts[low : low + PORTION]) for low in range(0, texts.len(), PORTION)]
    shifts = np.cumsum([0, *(portion.values.size for portion in found)])
    starts = [portion.starts[:-1] + shift for portion, shift in zip(found, shifts[:-1], strict=True)]
    return Pieces(np.concatenate([portion.values for portion in found]), np.concatenate([*starts, shifts[-1:]]))


def _list_portion(texts: pl.Series) -> Pieces:
    points = np.frombuffer(texts.str.join("").item().encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    lengths = texts.str.len_chars().to_numpy().astype(np.int64)
    mixed = _hash_fours(points)
    # A piece that runs over the end of its text is none.
    inside = np.ones(points.size, dtype=bool)
    for offset in range(1, GRAM):
        inside[np.cumsum(lengths) - offset] = False
    row = np.repeat(np.arange(lengths.size, dtype=np.uint64) << np.uint64(PIECE_BITS), lengths - GRAM + 1)
    keys = row | (mixed[inside[: mixed.size]] >> np.uint64(64 - PIECE_BITS))
    keys = sorted_unique(keys)
    borders = np.arange(lengths.size + 1, dtype=np.uint64) << np.uint64(PIECE_BITS)
    return Pieces(keys & np.uint64(2**PIECE_BITS - 1), np.searchsorted(keys, borders).astype(np.int64))


def _hash_fours(points: Hashes) -> Hashes:
    """Return a hash of every four neighbours: three of 21 bits each side by side, spread, and the fourth mixed in."""
    first, second, third, fourth = (points[offset : points.size - GRAM + 1 + offset] for offset in range(GRAM))
    three = first | (second << np.uint64(21)) | (third << np.uint64(42))
    return scramble(three * np.uint64(0x9E3779B97F4A7C15) ^ fourth)


def scramble(values: Hashes) -> Hashes:
    """Return well-mixed 64-bit values (the finaliser of splitmix64, Steele et al. 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def sorted_unique(values: npt.NDArray[Whole]) -> npt.NDArray[Whole]:
    """Return the distinct values, ascending (on many values several times faster than NumPy's own)."""
    values = np.sort(values)
    distinct: npt.NDArray[Whole] = values[np.concatenate([[True], values[1:] != values[:-1]])[: values.size]]
    return distinct


def place_pieces(values: Hashes, *, n_places: int) -> Integers:
    """Return where each piece is counted; the number of places is a power of two."""
    return (values >> np.uint64(PIECE_BITS + 1 - n_places.bit_length())).astype(np.int64)


def hold_pieces(texts: pl.Series) -> HeldPieces:
    """Return the pieces of texts of at least 4 characters.

    The pieces of a portion are numbered among its own first: numbers take half the memory of pieces.
    """
    parts = list(in_portions(_number_own, texts))
    distinct = _merge_distinct([part.distinct for part in parts])
    counts = np.concatenate([np.diff(part.starts) for part in parts])
    numbers = np.empty(counts.sum(), dtype=np.int32)
    end = numbers.size
    while parts:
        own = parts.pop()
        among_all = np.searchsorted(distinct, own.distinct).astype(np.int32)
        numbers[end - own.numbers.size : end] = among_all[own.numbers]
        end -= own.numbers.size
    return HeldPieces(distinct, numbers, np.concatenate([[0], np.cumsum(counts)]))


def _number_own(part: Pieces) -> HeldPieces:
    distinct = sorted_unique(part.values)
    return HeldPieces(distinct, number_pieces(part.values, distinct).astype(np.int32), part.starts)


def _merge_distinct(parts: list[Hashes]) -> Hashes:
    """Return the distinct values of all parts, merged two and two: many parts at once would be held twice."""
    while len(parts) > 1:
        pairs = [parts[at : at + 2] for at in range(0, len(parts), 2)]
        parts = [sorted_unique(np.concatenate(pair)) for pair in pairs]
    return parts[0]


def number_pieces(values: Hashes, distinct: Hashes) -> Integers:
    """Return where each value stands among the distinct ones, ascending, all of which are known.

    Each is sought from the first of those with the same leading bits on: nearly always it is that one.
    """
    n_places = min(_MOST_OPENINGS, max(_FEWEST_OPENINGS, 2 ** (8 * distinct.size).bit_length()))
    opens = np.searchsorted(place_pieces(distinct, n_places=n_places), np.arange(n_places))
    found: Integers = opens[place_pieces(values, n_places=n_places)]
    behind = np.flatnonzero(distinct[found] != values)
    while behind.size:
        found[behind] += 1
        behind = behind[distinct[found[behind]] != values[behind]]
    return found


def weigh_places(texts: pl.Series, held: HeldPieces | None = None) -> Singles:
    """Return for each place the bits that one of its pieces tells: how rare it is among the texts, as a logarithm."""
    wanted = max(LEAST_PLACES, min(MOST_PLACES, texts.len() * PLACES_PER_TEXT))
    n_places = 2 ** (wanted - 1).bit_length()
    counts = np.zeros(n_places, dtype=np.int32)
    if held is None:
        found = in_portions(lambda part: place_pieces(part.values, n_places=n_places).astype(np.int32), texts)
        while places := list(islice(found, COUNTED)):
            counts += np.bincount(np.concatenate(places), minlength=n_places).astype(np.int32)
    else:
        np.add.at(counts, place_pieces(held.distinct, n_places=n_places), np.bincount(held.numbers).astype(np.int32))
    np.maximum(counts, 1, out=counts)
    bits = np.log2((texts.len() + UNSEEN) / counts.astype(np.float32))
    return np.maximum(bits, np.float32(LEAST_BITS))


def full_bits(n: int) -> float:
    """Return the bits from which on a piece of one of `n` texts counts in full."""
    return float(np.log2((n + UNSEEN) / max(COMMON, n * COMMON_SHARE)))


def in_portions(work: Callable[[Pieces], Result], texts: pl.Series, held: HeldPieces | None = None) -> Iterator[Result]:
    """Do the work on the pieces of each portion of the texts, and return the results in order."""

    def list_part(low: int) -> Pieces:
        high = min(low + PORTION, texts.len())
        return list_pieces(texts[low:high]) if held is None else held.take_portion(low, high)

    return in_parallel(lambda low: work(list_part(low)), range(0, texts.len(), PORTION))


def in_parallel(work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """Do the work on two items at a time, and return the results in order; few wait, so that few take up memory."""
    items = iter(items)
    with ThreadPoolExecutor(WORKERS) as pool:
        waiting = [pool.submit(work, item) for item in islice(items, 2 * WORKERS)]
        while waiting:
            yield waiting.pop(0).result()
            waiting.extend(pool.submit(work, item) for item in islice(items, 1))
