"""Families of near-duplicates: recall, precision, the largest family, seconds and memory, a peer in the same run.

Invented texts: families of a text and altered copies of it, among texts that belong to none. Recall counts pairs of
one planted family put together; precision, pairs put together of which at least one text was planted; both by texts,
so that equal texts count as often as they were sent. Each method runs in a process of its own, one after the other.

    python benchmarks/near_duplicates.py --seed 1 --n 1000000 --peer gaoya
    python benchmarks/near_duplicates.py --messages messages.jsonl

`--messages` takes JSON lines with `text` and `family` (-1: none) from another generator. The peer (gaoya from PyPI,
its MinHash index of 20 bands of 5, character 3-grams, similarity 0.6, then connected components) gets the distinct
reduced forms of 25 characters or more; equal forms are put together for it.
"""

import argparse
import multiprocessing
import random
import resource
import sys
import time
from collections.abc import Callable, Iterator
from itertools import accumulate, islice
from pathlib import Path

import numpy as np
import polars as pl

from chatforensics.families import find_families, reduce_texts
from chatforensics.families.similar import MIN_CHARACTERS

SHARE_PLANTED, PER_FAMILY, N_WORDS, MOST_COPIES = 0.1, 5, 20_000, 60
ADDED = ("Forwarded: ", "Please read: ", "Hello all, ", ">> ")
PEER_BANDS, PEER_ROWS, PEER_SIMILARITY = 20, 5, 0.6


def invent_messages(seed: int, n: int) -> pl.DataFrame:
    """Return `family` and `text` in random order: a tenth of the texts in families of five on average."""
    rng = random.Random(seed)  # noqa: S311 - a benchmark's texts, no secret
    syllables = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "er", "ol")]
    words = ["".join(rng.choices(syllables, k=rng.choice((1, 2, 2, 3, 3, 4)))) for _ in range(N_WORDS)]
    often = list(accumulate(1 / (place + 3) for place in range(N_WORDS)))

    def say(k: int) -> list[str]:
        return rng.choices(words, cum_weights=often, k=k)

    planted = list(islice(_plant(rng, say), int(n * SHARE_PLANTED)))
    others = [(-1, " ".join(say(max(1, int(rng.lognormvariate(1.7, 0.6)))))) for _ in range(n - len(planted))]
    rows = planted + others
    rng.shuffle(rows)
    return pl.DataFrame(rows, schema={"family": pl.Int64, "text": pl.String}, orient="row")


def _plant(rng: random.Random, say: Callable[[int], list[str]]) -> Iterator[tuple[int, str]]:
    family = 0
    while True:
        root = say(rng.randint(6, 36))
        yield family, " ".join(root)
        for _ in range(min(MOST_COPIES, 1 + int(rng.paretovariate(1.3)))):
            yield family, _alter(rng, root, say)
        family += 1


def _alter(rng: random.Random, root: list[str], say: Callable[[int], list[str]]) -> str:
    """Return the text with a few changes: in at most a fifth of its words, and perhaps something before or after."""
    words = list(root)
    for _ in range(rng.randint(0, max(1, len(words) // 5))):
        at = rng.randrange(len(words))
        words[at : at + 1] = rng.choice(([], say(1), [words[at], *say(1)], [words[at][1:]], [words[at].upper()]))
    text = " ".join(words)
    return rng.choice(ADDED) + text if rng.random() < 1 / 4 else text + rng.choice(("", "!!", " 🙏", " thanks"))


def group_ours(texts: pl.Series) -> pl.Series:
    """Return the family of each text."""
    return find_families(pl.DataFrame({"id": pl.int_range(texts.len(), eager=True), "text": texts}))["family_id"]


def group_gaoya(texts: pl.Series) -> pl.Series:
    """Return the family of each text as the peer finds it: connected components of its matches."""
    from gaoya.minhash import MinHashStringIndex
    from scipy import sparse
    from scipy.sparse.csgraph import connected_components

    forms = reduce_texts(texts)
    distinct = forms.unique().sort()
    long = distinct.filter(distinct.str.len_chars() >= MIN_CHARACTERS).to_list()
    index = MinHashStringIndex(
        hash_size=32,
        jaccard_threshold=PEER_SIMILARITY,
        num_bands=PEER_BANDS,
        band_size=PEER_ROWS,
        analyzer="char",
        lowercase=False,
        ngram_range=(3, 3),
    )
    index.par_bulk_insert_docs(list(range(len(long))), long)
    matches = index.par_bulk_query(long, return_similarity=False)
    rows = np.repeat(np.arange(len(long)), [len(match) for match in matches])
    columns = np.fromiter((other for match in matches for other in match), dtype=np.int64, count=rows.size)
    graph = sparse.coo_array((np.ones(rows.size, dtype=bool), (rows, columns)), shape=(len(long),) * 2)
    parts = connected_components(graph, directed=False)[1]
    named = pl.DataFrame({"form": long, "part": [f"part {part}" for part in parts]})
    found = pl.DataFrame({"form": forms}).join(named, on="form", how="left", maintain_order="left")
    return found.select(pl.coalesce("part", "form")).to_series()


METHODS = {"ours": group_ours, "gaoya": group_gaoya}


def score(truth: pl.Series, found: pl.Series) -> dict[str, float]:
    """Return recall and precision over pairs, and the largest family's share of all texts."""
    table = pl.DataFrame({"truth": truth, "found": found}).with_row_index("row")
    table = table.with_columns(pl.coalesce("found", pl.format("none {}", "row")))
    planted = table.filter(pl.col("truth") >= 0)
    right = _pairs(planted, "truth", "found")
    touching = _pairs(table, "found") - _pairs(table.filter(pl.col("truth") < 0), "found")
    largest = int(table.group_by("found").len()["len"].max())  # type: ignore[arg-type]
    return {
        "recall": right / max(1, _pairs(planted, "truth")),
        "precision": right / max(1, touching),
        "largest_share": largest / table.height,
    }


def _pairs(table: pl.DataFrame, *keys: str) -> int:
    sizes = table.group_by(keys).len()["len"].cast(pl.Int64)
    return int((sizes * (sizes - 1) // 2).sum())


def read_messages(args: argparse.Namespace) -> pl.DataFrame:
    """Return the texts to group, read or invented."""
    if args.messages is None:
        return invent_messages(args.seed, args.n)
    return pl.read_ndjson(args.messages).select(pl.col("family").cast(pl.Int64), "text")


def measure(method: str, args: argparse.Namespace) -> None:
    """Group the texts and print what came of it."""
    messages = read_messages(args)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    start, worked = time.perf_counter(), time.process_time()
    found = METHODS[method](messages["text"])
    seconds, worked = time.perf_counter() - start, time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures = score(messages["family"], found)
    print(f"{method}: n {messages.height}", *(f"{name} {value:.4f}" for name, value in figures.items()), end=" ")
    print(f"seconds {seconds:.1f} (processor {worked:.1f}) MB {peak:.0f} (texts alone {before:.0f})")
    sys.stdout.flush()


def main() -> None:
    """Measure one method after the other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--n", type=int, default=100_000)
    parser.add_argument("--messages", type=Path, help="JSON lines with text and family, in place of invented ones")
    parser.add_argument("--peer", choices=sorted(set(METHODS) - {"ours"}))
    args = parser.parse_args()
    for method in ("ours", args.peer) if args.peer else ("ours",):
        process = multiprocessing.get_context("spawn").Process(target=measure, args=(method, args))
        process.start()
        process.join()
        if process.exitcode:
            sys.exit(f"{method} ended with {process.exitcode}")


if __name__ == "__main__":
    main()
