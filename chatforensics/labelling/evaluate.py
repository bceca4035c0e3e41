"""Measure the classifier on any labelled file.

    python -m chatforensics.labelling.evaluate FILE.jsonl [--by FIELD]

Each line has `text`, `labels` and `slate_instruction`; `--by` scores each value of a further field apart. Intervals are
the middle 95 % of 2,000 resamples of the texts (percentile bootstrap, fixed seed).
"""

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from chatforensics.labelling.classify import classify_texts
from chatforensics.schema import LABELS, SLATE_LABEL

Flags = NDArray[np.bool_]
N_RESAMPLES = 2_000


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


def score_label(label: str, *, truth: Flags, found: Flags, seed: int = 0) -> Score:
    """Return precision TP/(TP+FP), recall TP/(TP+FN) and F1 = 2TP/(2TP+FP+FN), 0 where there is nothing to divide."""
    right, n_true, n_found = (int(np.sum(counted)) for counted in (truth & found, truth, found))
    drawn = np.random.default_rng(seed).integers(0, len(truth), size=(N_RESAMPLES, len(truth)))
    right_drawn, sums = (truth & found)[drawn].sum(axis=1), truth[drawn].sum(axis=1) + found[drawn].sum(axis=1)
    low, high = np.quantile(2 * right_drawn / np.maximum(sums, 1), [0.025, 0.975])
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


def score_rows(rows: Sequence[Mapping[str, Any]]) -> list[Score]:
    """Return the score of `slate_instruction` (flags alone, then with those for review), then of each label present."""
    answers = classify_texts([str(row["text"]) for row in rows])
    slate_truth = np.array([bool(row["slate_instruction"]) for row in rows])
    decided = [answer[SLATE_LABEL]["decision"] for answer in answers]
    scores = [
        score_label(SLATE_LABEL, truth=slate_truth, found=np.array([decision == "flag" for decision in decided])),
        score_label("  or for review", truth=slate_truth, found=np.array([decision != "none" for decision in decided])),
    ]
    for label in LABELS:
        truth = np.array([label in row["labels"] for row in rows])
        if truth.any():
            found = np.array([answer["labels"][label]["decision"] == "flag" for answer in answers])
            scores.append(score_label(label, truth=truth, found=found))
    return scores


def report_lines(scores: Iterable[Score]) -> list[str]:
    """Return the scores as a table in text."""
    head = f"{'label':18s} {'texts':>6s} {'true':>5s} {'found':>6s} {'P':>6s} {'R':>6s} {'F1':>6s}  95 % interval of F1"
    return [head, *(_line(each) for each in scores)]


def _line(each: Score) -> str:
    counts = f"{each.label:18s} {each.n_texts:6d} {each.n_true:5d} {each.n_found:6d}"
    return f"{counts} {each.precision:6.2f} {each.recall:6.2f} {each.f1:6.2f}  {each.low:.2f} to {each.high:.2f}"


def main(arguments: Sequence[str]) -> int:
    """Print the scores of one file."""
    parser = argparse.ArgumentParser(prog="python -m chatforensics.labelling.evaluate", description=main.__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--by", help="a field whose values are scored apart as well")
    options = parser.parse_args(arguments)
    rows = [json.loads(line) for line in options.file.read_text(encoding="utf-8").splitlines() if line.strip()]
    parts = {"all": rows}
    if options.by:
        parts |= {
            f"{options.by}={value}": [row for row in rows if str(row.get(options.by)) == value]
            for value in sorted({str(row.get(options.by)) for row in rows})
        }
    for name, part in parts.items():
        print(f"\n{name}", *report_lines(score_rows(part)), sep="\n")  # noqa: T201 - a script
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
