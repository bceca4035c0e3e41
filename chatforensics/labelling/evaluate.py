"""Measure the classifier on any labelled file.

    python -m chatforensics.labelling.evaluate FILE.jsonl [--by FIELD]

Each line has `text`, `labels` and `slate_instruction`, and may have `targets`: a list of `{"name", "stance"}` that the
text tells its reader to support, oppose or trigger. `--by` scores each value of a further field apart. Intervals are
the middle 95 % of 2,000 resamples of the texts, 500 for what is not F1 of a label (percentile bootstrap, fixed seed).
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from chatforensics.errors import ChatForensicsError, UnreadableExport
from chatforensics.labelling.classify import classify_texts
from chatforensics.labelling.targets import score_targets
from chatforensics.schema import LABELS, SLATE_LABEL
from chatforensics.storage import read_file, read_jsonl

Flags = NDArray[np.bool_]
Numbers = NDArray[np.float64]
Counts = NDArray[np.int64]
Row = Mapping[str, Any]
N_RESAMPLES = 2_000
N_BINS = 10
SURE = 0.90  # the precision at which recall is stated
COMMON = ("endorse", "oppose", "procedure", "mobilise", "remind", "relay", "bloc_appeal")


class Score(NamedTuple):
    """How well one label was found: counts, precision, recall, F1 and its interval."""

    label: str
    n_texts: int
    n_true: int
    n_found: int
    precision: float
    recall: float
    f1: float
    low: float
    high: float


class Figure(NamedTuple):
    """One figure about a file with its interval."""

    name: str
    value: float
    low: float
    high: float


def resample(n_texts: int, *, seed: int = 0) -> Counts:
    """Return 2,000 rows of row numbers drawn with replacement."""
    return np.random.default_rng(seed).integers(0, n_texts, size=(N_RESAMPLES, n_texts))


def score_label(label: str, *, truth: Flags, found: Flags, seed: int = 0) -> Score:
    """Return precision TP/(TP+FP), recall TP/(TP+FN) and F1 = 2TP/(2TP+FP+FN), 0 where there is nothing to divide."""
    right, n_true, n_found = (int(np.sum(counted)) for counted in (truth & found, truth, found))
    low, high = np.quantile(_f1_of_each(truth, found, resample(len(truth), seed=seed)), [0.025, 0.975])
    return Score(
        label=label,
        n_texts=len(truth),
        n_true=n_true,
        n_found=n_found,
        precision=right / max(n_found, 1),
        recall=right / max(n_true, 1),
        f1=2 * right / max(n_true + n_found, 1),
        low=float(low),
        high=float(high),
    )


def _f1_of_each(truth: Flags, found: Flags, drawn: Counts) -> Numbers:
    right, sums = (truth & found)[drawn].sum(axis=1), truth[drawn].sum(axis=1) + found[drawn].sum(axis=1)
    return np.asarray(2 * right / np.maximum(sums, 1), dtype=np.float64)


def recall_when_sure(truth: Flags, probabilities: Numbers) -> float:
    """Return the greatest recall at any cut-off at which at least 90 % of what lies above it is right."""
    order = np.argsort(-probabilities, kind="stable")
    ordered, right = probabilities[order], np.cumsum(truth[order])
    last_of_equals = np.append(ordered[1:] != ordered[:-1], True)
    sure = last_of_equals & (right / np.arange(1, len(order) + 1) >= SURE)
    return float(right[sure].max(initial=0)) / max(int(truth.sum()), 1)


def calibration_error(truth: Flags, probabilities: Numbers) -> float:
    """Return the expected calibration error over ten bins of equally many texts."""
    bins = np.array_split(np.argsort(probabilities, kind="stable"), N_BINS)
    gaps = [len(each) * abs(float(truth[each].mean() - probabilities[each].mean())) for each in bins if len(each)]
    return sum(gaps) / max(len(truth), 1)


def brier(truth: Flags, probabilities: Numbers) -> float:
    """Return the mean squared difference of probability and truth."""
    return float(np.mean((probabilities - truth) ** 2))


def measure(name: str, n_texts: int, figure: Callable[[Counts], float], *, resamples: int = 500) -> Figure:
    """Return a figure of all texts with its bootstrap interval; `figure` takes row numbers."""
    values = [figure(rows) for rows in resample(n_texts)[:resamples]]
    low, high = np.quantile(values, [0.025, 0.975])
    return Figure(name, figure(np.arange(n_texts)), float(low), float(high))


def score_rows(rows: Sequence[Row], answers: Sequence[Row] | None = None) -> list[Score]:
    """Return the score of `slate_instruction` (flags alone, then with those for review), then of each label present."""
    answers = classify_texts([str(row["text"]) for row in rows]) if answers is None else answers
    slate_truth = _slate_truth(rows)
    decided = [answer[SLATE_LABEL]["decision"] for answer in answers]
    scores = [
        score_label(SLATE_LABEL, truth=slate_truth, found=np.array([decision == "flag" for decision in decided])),
        score_label("  or for review", truth=slate_truth, found=np.array([decision != "none" for decision in decided])),
    ]
    for label in LABELS:
        truth = np.array([label in row["labels"] for row in rows])
        if truth.any():
            scores.append(score_label(label, truth=truth, found=_flagged(answers, label)))
    return scores


def _slate_truth(rows: Sequence[Row]) -> Flags:
    return np.array([bool(row["slate_instruction"]) for row in rows])


def _flagged(answers: Sequence[Row], label: str) -> Flags:
    return np.array([answer["labels"][label]["decision"] == "flag" for answer in answers])


def measure_rows(rows: Sequence[Row], answers: Sequence[Row]) -> list[Figure]:
    """Return what is not the score of one label: recall when sure, macro-F1, calibration, abstention, and targets."""
    truth = _slate_truth(rows)
    probabilities = np.array([float(answer[SLATE_LABEL]["probability"]) for answer in answers])
    decided = np.array([answer[SLATE_LABEL]["decision"] for answer in answers])
    outside = decided != "review"
    common = [
        (np.array([label in row["labels"] for row in rows]), _flagged(answers, label))
        for label in COMMON
        if any(label in row["labels"] for row in rows)
    ]
    figures: dict[str, Callable[[Counts], float]] = {
        "recall at precision .90": lambda at: recall_when_sure(truth[at], probabilities[at]),
        f"macro-F1 of {len(common)} labels": lambda at: _macro(common, at),
        "calibration error": lambda at: calibration_error(truth[at], probabilities[at]),
        "Brier score": lambda at: brier(truth[at], probabilities[at]),
        "share for review": lambda at: float(np.mean(~outside[at])),
        "F1 outside review": lambda at: _f1(truth[at] & outside[at], (decided == "flag")[at]),
    }
    return [*(measure(name, len(rows), figure) for name, figure in figures.items()), *_measure_targets(rows, answers)]


def _macro(pairs: Sequence[tuple[Flags, Flags]], rows: Counts) -> float:
    return float(np.mean([_f1(truth[rows], found[rows]) for truth, found in pairs])) if pairs else 0.0


def _f1(truth: Flags, found: Flags) -> float:
    return 2 * float(np.sum(truth & found)) / max(int(truth.sum() + found.sum()), 1)


def _measure_targets(rows: Sequence[Row], answers: Sequence[Row]) -> list[Figure]:
    """Measure names, and names with their stances, over the texts whose targets are stated."""
    stated = [place for place, row in enumerate(rows) if row.get("targets") is not None]
    compared = [score_targets([answers[i]["slates"]], [rows[i]["targets"]]) for i in stated]
    figures = []
    for kind, name in (("name", "F1 of names"), ("name_and_stance", "F1 of names with stance")):
        counts = np.array([(one[kind].n_right, one[kind].n_found, one[kind].n_wanted) for one in compared])
        if counts.sum():
            figures.append(measure(name, len(stated), lambda at, counts=counts: _pooled_f1(counts[at])))  # type: ignore[misc]
    return figures


def _pooled_f1(counts: Counts) -> float:
    right, n_found, n_wanted = counts.sum(axis=0)
    return 2 * float(right) / max(float(n_found + n_wanted), 1.0)


def report_lines(scores: Iterable[Score]) -> list[str]:
    """Return the scores as a table in text."""
    head = f"{'label':18s} {'texts':>6s} {'true':>5s} {'found':>6s} {'P':>6s} {'R':>6s} {'F1':>6s}  95 % interval of F1"
    return [head, *(_line(each) for each in scores)]


def _line(each: Score) -> str:
    counts = f"{each.label:18s} {each.n_texts:6d} {each.n_true:5d} {each.n_found:6d}"
    return f"{counts} {each.precision:6.2f} {each.recall:6.2f} {each.f1:6.2f}  {each.low:.2f} to {each.high:.2f}"


def figure_lines(figures: Iterable[Figure]) -> list[str]:
    """Return the figures, one a line."""
    return [f"{each.name:26s} {each.value:.3f}  {each.low:.3f} to {each.high:.3f}" for each in figures]


def read_rows(content: bytes, *, name: str) -> list[dict[str, Any]]:
    """Read labelled texts, a JSON object a line, held to the form that the guide gives.

    Raises:
        UnreadableExport: a line is no such object, or there is none; the message says which and why.
    """
    rows: list[dict[str, Any]] = read_jsonl(content, name=name, fields=("text", "labels", "slate_instruction"))
    if not rows:
        raise UnreadableExport(f"{name} has no line to measure on.", hint="Give one JSON object a line.")
    for number, row in enumerate(rows, 1):
        if wrong := _what_is_wrong(row):
            raise UnreadableExport(f"{name}: object {number}: {wrong}.", hint="The guide shows the form of a line.")
    return rows


def _what_is_wrong(row: Row) -> str | None:
    labels, targets = row["labels"], row.get("targets")
    if not isinstance(row["text"], str):
        return "'text' is no text"
    if not isinstance(row["slate_instruction"], bool):
        return "'slate_instruction' is neither true nor false"
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        return "'labels' is no list of labels"
    if unknown := sorted({*labels} - {*LABELS, SLATE_LABEL}):
        return f"'{unknown[0]}' is no label of the codebook"
    known = isinstance(targets, list) and all(map(_is_target, targets))
    return None if targets is None or known else "'targets' is no list of objects with 'name' and 'stance'"


def _is_target(target: object) -> bool:
    return isinstance(target, dict) and all(isinstance(target.get(field), str) for field in ("name", "stance"))


def main(arguments: Sequence[str]) -> int:
    """Print the scores of one file."""
    parser = argparse.ArgumentParser(prog="python -m chatforensics.labelling.evaluate", description=main.__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--by", help="a field whose values are scored apart as well")
    options = parser.parse_args(arguments)
    try:
        rows = read_rows(read_file(options.file, where="evaluate"), name=str(options.file))
    except ChatForensicsError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)  # noqa: T201 - a script
        return 1
    answers = classify_texts([str(row["text"]) for row in rows])
    for name, places in _parts(rows, by=options.by).items():
        part, answered = [rows[i] for i in places], [answers[i] for i in places]
        print(f"\n{name}", *report_lines(score_rows(part, answered)), sep="\n")  # noqa: T201 - a script
        print(*figure_lines(measure_rows(part, answered)), sep="\n")  # noqa: T201 - a script
    return 0


def _parts(rows: Sequence[Row], *, by: str | None) -> dict[str, list[int]]:
    parts = {"all": list(range(len(rows)))}
    for place, row in enumerate(rows if by else ()):
        parts.setdefault(f"{by}={row.get(by or '')}", []).append(place)
    return dict(sorted(parts.items()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
