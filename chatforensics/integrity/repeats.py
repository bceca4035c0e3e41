"""Blocks of messages that stand in the export twice."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from chatforensics.integrity.evidence import INFO, UNEXPLAINED, Evidence, Indicator, Observation
from chatforensics.integrity.telling import MOST_LINES, first_lines, say_count

Numbers = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]

_RUN = 3  # messages in a row
_LONG_TEXT = 20  # characters: such a text rarely occurs twice by chance
_LONG_TEXTS = 2  # different ones that a run must have
_SAID = pl.col("text").hash(seed=0) ^ pl.col("sender_label").hash(seed=1)  # a number for who said what
_MOST_RUNS = 1000  # the longest, of which the texts are compared
_TWINS = 5  # messages that stand twice at one time
_TWIN_SHARE = 0.1  # of all long ones


class Run(NamedTuple):
    """Messages `first` to `first + n - 1` that stand once more from `again` on, by row."""

    first: int
    again: int
    n: int


def find_repeats(evidence: Evidence) -> Iterator[Observation]:
    """Tell runs of at least three messages that stand twice, and single long ones that stand twice at one time."""
    if evidence.few_texts is not None and _are_all_once(evidence):
        return
    rows = evidence.messages.select(
        "line", "sender_label", "text", at=pl.col("sent_local").dt.epoch("s"), long=pl.col("text").str.len_chars()
    )
    told = [(run, *_judge(rows, run)) for run in _find_runs(rows)]
    for level in (UNEXPLAINED, INFO):
        some = [(run, how) for run, judged, how in told if judged == level]
        if some:
            yield Observation(level, _say(rows, some), _lines(rows, [run for run, _ in some]))
    yield from _find_twins(rows, told=bool(told))


def _are_all_once(evidence: Evidence) -> bool:
    """Tell of few messages that no three in a row stand twice, nor a long one at one time: so in nearly all exports."""
    senders, texts = (evidence.messages[name].to_list() for name in ("sender_label", "text"))
    said = list(zip(senders, texts, strict=True))
    runs = list(zip(said, said[1:], said[2:], strict=False))
    times = evidence.messages["sent_local"].cast(pl.Int64).to_list()
    placed = ((sender, text, at) for (sender, text), at in zip(said, times, strict=True))
    long = [one for one in placed if one[0] is not None and len(one[1] or "") >= _LONG_TEXT]
    return len(set(runs)) == len(runs) and len(set(long)) == len(long)


def _find_runs(rows: pl.DataFrame) -> list[Run]:
    """Find the runs that stand twice, the longest first: pairs of equal triples, joined where one follows another."""
    triples = _hash_triples(rows)
    twice = np.flatnonzero(pl.Series(triples).is_duplicated().to_numpy())  # few: only these need to be put in order
    order = twice[np.argsort(triples[twice], kind="stable")]
    same = triples[order][1:] == triples[order][:-1]
    first, again = order[:-1][same], order[1:][same]  # each with the next place where it stands
    apart = again - first >= _RUN  # nearer ones overlap: the same thing said over and over
    place = np.lexsort((first[apart], (again - first)[apart]))
    first, again = first[apart][place], again[apart][place]
    breaks = np.flatnonzero((np.diff(first) != 1) | (np.diff(again) != 1)) + 1
    starts = np.concatenate(([0], breaks))[: len(first)].astype(np.int64)
    n = np.diff(np.append(starts, len(first))) + _RUN - 1
    n_long = np.append([0], np.cumsum((rows["long"].fill_null(0) >= _LONG_TEXT).to_numpy()))
    wordy = n_long[first[starts] + n] - n_long[first[starts]] >= _LONG_TEXTS
    longest = np.lexsort((first[starts], -n))
    chosen = [row for row in longest.tolist() if wordy[row]][:_MOST_RUNS]
    runs = [Run(int(first[starts[row]]), int(again[starts[row]]), int(n[row])) for row in chosen]
    return [run for run in runs if _is_telling(rows, run)]


def _hash_triples(rows: pl.DataFrame) -> Hashes:
    """Return a number for each three messages in a row; notices and messages without text count as what they are."""
    numbers = rows.select(_SAID).to_series().to_numpy()
    if len(numbers) < _RUN:
        return numbers[:0]
    with np.errstate(over="ignore"):
        mixed = numbers[:-2] * np.uint64(0x9E3779B97F4A7C15) + numbers[1:-1]
        return np.asarray(mixed * np.uint64(0xBF58476D1CE4E5B9) + numbers[2:], dtype=np.uint64)


def _is_telling(rows: pl.DataFrame, run: Run) -> bool:
    """Tell whether a run holds enough words; a hash may be shared by chance, so that the texts are compared."""
    columns = ("sender_label", "text")
    one, other = (rows.select(columns).slice(at, run.n) for at in (run.first, run.again))
    texts = one.filter(pl.col("text").str.len_chars() >= _LONG_TEXT)["text"]
    return one.equals(other) and texts.n_unique() >= _LONG_TEXTS


def _judge(rows: pl.DataFrame, run: Run) -> tuple[str, str]:
    """Return the level of a run and how its times compare."""
    one, other = (rows["at"].slice(at, run.n).to_numpy() for at in (run.first, run.again))
    by = np.unique(other - one)
    n_senders = rows["sender_label"].slice(run.first, run.n).drop_nulls().n_unique()
    if len(by) > 1 or not np.isfinite(by).all():
        return UNEXPLAINED if n_senders > 1 else INFO, "at other times"
    if by[0] == 0:
        return UNEXPLAINED, "with the same times"
    return (
        UNEXPLAINED if n_senders > 1 else INFO,
        f"each {abs(int(by[0])):,} seconds {'later' if by[0] > 0 else 'earlier'}",
    )


def _say(rows: pl.DataFrame, told: list[tuple[Run, str]]) -> str:
    """Describe the longest run, and say how many there are."""
    (run, how), lines = told[0], rows["line"]
    n_senders = rows["sender_label"].slice(run.first, run.n).drop_nulls().n_unique()
    more = "" if len(told) == 1 else f"; the longest of {len(told):,} such blocks"
    return (
        f"{run.n:,} messages in a row, of {say_count(n_senders, 'sender')}, stand from line {lines[run.first]:,} and "
        f"again from line {lines[run.again]:,}, {how}{more}."
    )


def _lines(rows: pl.DataFrame, runs: list[Run]) -> list[int]:
    """Return the lines of both places of the runs, the longest run first, as many as are named."""
    both = ((at, run.n) for run in runs for at in (run.first, run.again))
    spans = [rows["line"].slice(at, min(n, MOST_LINES // 2)) for at, n in both]
    return pl.concat(spans).head(MOST_LINES).to_list()


def _find_twins(rows: pl.DataFrame, *, told: bool) -> Iterator[Observation]:
    """Tell long messages that stand twice with one sender and one time: as in two exports merged by time."""
    is_long = (pl.col("long") >= _LONG_TEXT) & pl.col("sender_label").is_not_null()
    near = rows.filter(is_long & (_SAID ^ pl.col("at").hash(seed=2)).is_duplicated())
    twins = near.filter(pl.struct("sender_label", "at", "text").is_duplicated())
    n = twins.height - twins.select("sender_label", "at", "text").n_unique() if twins.height else 0
    if n and not told:
        n_long = int(rows.select(is_long.sum()).item())
        many = n >= _TWINS and n >= _TWIN_SHARE * n_long
        value = (
            f"{say_count(n, 'message')} of {n_long:,} with {_LONG_TEXT} characters or more once more with the same "
            "sender and time."
        )
        yield Observation(UNEXPLAINED if many else INFO, value, first_lines(twins))


REPEATS: Mapping[str, Indicator] = {
    "I-23": Indicator(
        title="Messages that stand twice",
        find=find_repeats,
        why=(
            "A phone prints each message once. A block of several people's messages that returns word for word "
            "was hardly said twice: two exports may have been put into one file, or lines copied."
        ),
        innocent=(
            "Overlapping exports joined openly; a series of messages forwarded again by one sender, or a routine "
            "of two (a daily greeting, a bot and its answers); a message sent twice by a bad connection."
        ),
        resolve="The place in the chat on the phone, and the export of another member.",
    ),
}
