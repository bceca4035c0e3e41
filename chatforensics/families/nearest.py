"""Which wording hangs from which: the tree with the fewest edits in which nothing hangs from what came later."""

import heapq
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse

# For each text: how far it is from others that may be its parent, and which these are.
Candidates: TypeAlias = list[list[tuple[int, int]]]
Floats: TypeAlias = npt.NDArray[np.float32]

# Up to as many texts, each is held against all others; in larger families against so many.
MOST_ALL = 300
N_NEAREST = 40
_CHUNK = 500
_CODE_POINTS = 0x110000


def find_parents(texts: Sequence[Sequence[str]], ranks: Sequence[int]) -> list[int | None]:
    """Return the text from which each hangs, by its number; nothing for the first.

    Args:
        texts: The tokens of each text, the earliest first.
        ranks: The rank of each text's time, not falling; texts of one rank may hang from each other either way.
    """
    coded = _code_tokens(texts)
    return _choose_parents(_list_candidates(coded, texts, ranks), ranks)


def _code_tokens(texts: Sequence[Sequence[str]]) -> list[str]:
    """Return each text with one code point per token, as which they are compared fastest."""
    codes = {key: number for number, key in enumerate(sorted({key for text in texts for key in text}))}
    return ["".join(chr(codes[key] % _CODE_POINTS) for key in text) for text in texts]


def _list_candidates(coded: list[str], texts: Sequence[Sequence[str]], ranks: Sequence[int]) -> Candidates:
    """Return for each text the possible parents with their edit distances; the first text is one of all others."""
    from rapidfuzz import process
    from rapidfuzz.distance import Levenshtein

    last = np.searchsorted(ranks, ranks, side="right")
    near = _all_allowed(last) if len(coded) <= MOST_ALL else _most_in_common(texts, last)
    found: Candidates = [[]]
    for number, others in enumerate(near, start=1):
        some = [coded[other] for other in others]
        edits = process.cdist([coded[number]], some, scorer=Levenshtein.distance, dtype=np.int32)[0]
        found.append(list(zip(edits.tolist(), others, strict=True)))
    return found


def _all_allowed(last: npt.NDArray[np.int64]) -> Iterator[list[int]]:
    for number in range(1, last.size):
        yield [other for other in range(last[number]) if other != number]


def _most_in_common(texts: Sequence[Sequence[str]], last: npt.NDArray[np.int64]) -> Iterator[list[int]]:
    """Yield for each text but the first those whose tokens, whatever their order, differ least from its own."""
    marks = _mark_rare(texts)
    sizes = marks.sum(axis=1).astype(np.float32)
    for low in range(0, len(texts), _CHUNK):
        rows = slice(low, low + _CHUNK)
        apart: Floats = sizes[rows, None] + sizes - 2 * (marks[rows] @ marks.T).toarray()
        for number, row in enumerate(apart, start=low):
            if number:
                row[number], row[last[number] :] = np.inf, np.inf
                yield _smallest(row[: last[number]])


def _smallest(apart: Floats) -> list[int]:
    """Return the numbers of the smallest values, of equal ones the first, and always the very first."""
    kept = np.argsort(apart, kind="stable")[:N_NEAREST]
    return sorted({0, *kept[np.isfinite(apart[kept])].tolist()})


def _mark_rare(texts: Sequence[Sequence[str]]) -> "sparse.csr_array[np.float32]":
    """Return one row per text with a 1 for each token in which it departs from most texts; a second one is another.

    Between two rows as many values differ as tokens between the two texts: what most have is turned around for all.
    """
    marked = [sorted(_number_repeats(text)) for text in texts]
    counts = Counter(mark for marks in marked for mark in marks)
    common = {mark for mark, n in counts.items() if 2 * n > len(texts)}
    columns = {mark: number for number, mark in enumerate(sorted(counts))}
    departing = [sorted(columns[mark] for mark in common.symmetric_difference(marks)) for marks in marked]
    ends = np.cumsum([0, *(len(row) for row in departing)])
    flat = np.array([column for row in departing for column in row], dtype=np.int64)
    return sparse.csr_array((np.ones(flat.size, dtype=np.float32), flat, ends), shape=(len(texts), len(columns)))


def _number_repeats(text: Sequence[str]) -> Iterator[tuple[str, int]]:
    seen: Counter[str] = Counter()
    for key in text:
        seen[key] += 1
        yield key, seen[key]


def _choose_parents(candidates: Candidates, ranks: Sequence[int]) -> list[int | None]:
    """Return each text's parent in the tree with the fewest edits.

    Texts of one rank may hang from each other: they are added one at a time, the one nearest to the tree first (Prim).
    """
    parents: list[int | None] = [None] * len(candidates)
    placed = [False] * len(candidates)
    for _, group in groupby(range(len(ranks)), key=lambda number: ranks[number]):
        _place_group(list(group), candidates, parents, placed)
    return parents


def _place_group(group: list[int], candidates: Candidates, parents: list[int | None], placed: list[bool]) -> None:
    first = group[0]
    beside: dict[int, list[tuple[int, int]]] = {number: [] for number in group}
    heap: list[tuple[int, int, int]] = []
    for number in group:
        for edits, other in candidates[number]:
            if other >= first:
                beside[other].append((edits, number))
                beside[number].append((edits, other))
            else:
                heap.append((edits, other, number))
    if first == 0:
        placed[0] = True
        heap += [(edits, 0, number) for edits, number in beside[0]]
    heapq.heapify(heap)
    while heap:
        _, parent, number = heapq.heappop(heap)
        if placed[number]:
            continue
        parents[number], placed[number] = parent, True
        for edits, other in beside[number]:
            if not placed[other]:
                heapq.heappush(heap, (edits, number, other))
