"""Train the model anew from `corpus/`, byte for byte the same on the same machine.

    python -m chatforensics.labelling.train [--check]

Prints scores on held-out folds of the corpus. They describe invented texts; for real ones use `evaluate`.
"""

import hashlib
import io
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score

from chatforensics.labelling import cues, features
from chatforensics.labelling.cues import Hit, find_cues_of_all
from chatforensics.labelling.features import Matrix, Vector
from chatforensics.labelling.masking import mask_texts
from chatforensics.labelling.model import (
    RULE_LABELS,
    TRAINED_LABELS,
    Model,
    Weights,
    apply_rule,
    calibrate,
    read_texts,
    score,
    through_gate,
)
from chatforensics.schema import SLATE_LABEL
from chatforensics.text import INVISIBLE

N_FOLDS = 5
LEAST_TEXTS_WORD = 2
LEAST_TEXTS_PIECE = 4
LEAST_TEXTS_ORDINARY = 2
INVERSE_PENALTY = 8.0
# The abstention band: `review` reaches down to where this share of the held-out positives is at least reviewed.
REVIEWED_SHARE = 0.95
LEAST_REVIEWED = 0.12
LEAST_FLAGGED = 0.3
FLAGGED_PRECISION = 0.81
Flags = NDArray[np.bool_]
_ZERO = np.zeros(0)


def read_corpus() -> list[dict[str, Any]]:
    """Return the training texts, sorted by text."""
    folder = files("chatforensics.labelling").joinpath("corpus")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".jsonl"))
    lines = [line for name in names for line in folder.joinpath(name).read_text(encoding="utf-8").splitlines()]
    return sorted((json.loads(line) for line in lines), key=lambda row: str(row["text"]))


def ordinary_words(texts: Sequence[str]) -> frozenset[str]:
    """Return the words that stand in small letters, or in a script without them, in several texts: no names."""
    plain = pl.col("text").str.normalize("NFKC").str.replace_all(f"[{INVISIBLE}]", "")
    words = pl.DataFrame({"text": pl.Series(texts, dtype=pl.String)}).select(
        plain.str.extract_all(r"\b[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{M}'’]+").list.unique().explode().alias("word")
    )
    counted = words.drop_nulls().group_by("word").len().filter(pl.col("len") >= LEAST_TEXTS_ORDINARY)
    return frozenset(map(str.casefold, counted["word"].to_list()))


def learn_terms(texts: Sequence[str], *, ordinary: frozenset[str]) -> Weights:
    """Return the terms of the texts with their frequencies, and no weights yet."""
    masked = mask_texts(texts, ordinary=ordinary)
    words, pieces = features.words_of(masked), features.pieces_of(masked)
    word_terms = features.choose_terms(words, least_texts=LEAST_TEXTS_WORD)
    piece_terms = features.choose_terms(pieces, least_texts=LEAST_TEXTS_PIECE)
    counts = [features.count_terms(words, vocabulary=word_terms, n_rows=len(texts))]
    counts.append(features.count_terms(pieces, vocabulary=piece_terms, n_rows=len(texts)))
    frequencies = [_rounded(features.inverse_frequencies(each)) for each in counts]
    return Weights(word_terms, piece_terms, frequencies[0], frequencies[1], coefficients=_ZERO, intercepts=_ZERO)


def fit(
    texts: Sequence[str], hits: Sequence[Sequence[Hit]], truth: Mapping[str, Vector], *, ordinary: frozenset[str]
) -> Weights:
    """Return the weights learned from these texts."""
    terms = learn_terms(texts, ordinary=ordinary)
    matrix = read_texts(texts, hits, weights=terms, ordinary=ordinary)
    learned = [_regress(matrix, truth[label]) for label in TRAINED_LABELS]
    return replace(
        terms,
        coefficients=_rounded(np.vstack([coefficients for coefficients, _ in learned])),
        intercepts=_rounded(np.array([intercept for _, intercept in learned])),
    )


def _regress(matrix: Matrix, truth: Vector) -> tuple[Vector, float]:
    """Fit one label, each term first scaled by how unevenly it is spread over the texts with and without the label.

    The scale is the root of the log-count ratio of naive Bayes (after Wang and Manning 2012); it is multiplied into the
    weights, so that reading a text stays one product.
    """
    scales = _unevenness(matrix, truth)
    # liblinear: one thread, coordinate descent, the same bytes on every run with the same seed.
    regression = LogisticRegression(C=INVERSE_PENALTY, solver="liblinear", random_state=0, max_iter=1000)
    # It accepts 32-bit indices only.
    narrow = (matrix.data * scales[matrix.indices], matrix.indices.astype(np.int32), matrix.indptr.astype(np.int32))
    regression.fit(sparse.csr_matrix(narrow, shape=matrix.shape), truth)
    return regression.coef_[0] * scales, float(regression.intercept_[0])


def _unevenness(matrix: Matrix, truth: Vector) -> Vector:
    present = sparse.csr_array((np.ones(matrix.nnz), matrix.indices, matrix.indptr), shape=matrix.shape)
    with_label = 1 + np.asarray(present.T @ truth)
    without = 1 + np.asarray(present.T @ (1 - truth))
    ratio = np.log((with_label / with_label.sum()) / (without / without.sum()))
    return np.asarray(np.sqrt(np.abs(ratio)), dtype=np.float64)


def _rounded(numbers: Vector) -> Vector:
    # Four decimals keep the files small and the last bits of a processor's arithmetic out of them.
    return np.asarray(np.round(numbers, 4).astype(np.float32), dtype=np.float64)


def held_out_scores(
    texts: Sequence[str], hits: Sequence[Sequence[Hit]], truth: Mapping[str, Vector], *, ordinary: frozenset[str]
) -> Vector:
    """Return raw scores of each text by a model that never saw its fold; folds come from the text's SHA-256."""
    folds = np.array([int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) % N_FOLDS for text in texts])
    scores = np.zeros((len(texts), len(TRAINED_LABELS)))
    for fold in range(N_FOLDS):
        seen, unseen = np.flatnonzero(folds != fold).tolist(), np.flatnonzero(folds == fold).tolist()
        known = {label: values[seen] for label, values in truth.items()}
        weights = fit([texts[row] for row in seen], [hits[row] for row in seen], known, ordinary=ordinary)
        matrix = read_texts(
            [texts[row] for row in unseen], [hits[row] for row in unseen], weights=weights, ordinary=ordinary
        )
        scores[unseen] = score(matrix, weights=weights)
    return scores


def platt_line(scores: Vector, truth: Vector) -> tuple[float, float]:
    """Return slope and offset of the sigmoid that turns held-out scores into probabilities."""
    sigmoid = LogisticRegression(C=1e6).fit(scores.reshape(-1, 1), truth)
    return round(float(sigmoid.coef_[0, 0]), 4), round(float(sigmoid.intercept_[0]), 4)


def choose_thresholds(probabilities: Vector, truth: Vector, *, precision: float = 0.0) -> tuple[float, float]:
    """Return where `review` and `flag` begin, chosen on held-out probabilities.

    A flag begins where the F1 score is best among the cut-offs from which at least the share `precision` of the flagged
    are right. Review reaches down to `REVIEWED_SHARE` of the positives.
    """
    steps = [float(step) for step in np.round(np.arange(LEAST_FLAGGED, 0.91, 0.01), 2)]
    precise = [step for step in steps if _precision(truth, probabilities >= step) >= precision]
    flag = max(precise or steps[-1:], key=lambda step: (round(f1_score(truth, probabilities >= step), 6), step))
    review = float(np.quantile(probabilities[truth == 1], 1 - REVIEWED_SHARE))
    return round(min(max(review, LEAST_REVIEWED), flag), 2), flag


def _precision(truth: Vector, found: Flags) -> float:
    return float(np.sum(truth[found])) / max(float(np.sum(found)), 1.0)


def f1_score(truth: Vector, found: Flags) -> float:
    """Return 2TP / (2TP + FP + FN), and 0 where nothing is true or found."""
    return 2 * float(np.sum(truth[found])) / max(float(np.sum(truth) + np.sum(found)), 1.0)


def rule_probability(hits: Sequence[Sequence[Hit]], truth: Vector, *, label: str) -> float:
    """Return the rule's precision on the corpus, (right + 1) / (found + 2), so that few cases claim little."""
    found = np.array([any(hit.label == label for hit in text) for text in hits])
    return round(float((np.sum(truth[found]) + 1) / (np.sum(found) + 2)), 4)


def train() -> tuple[bytes, bytes, list[str]]:
    """Return model.json, model.npz and the lines of scores."""
    corpus = read_corpus()
    texts = [str(row["text"]) for row in corpus]
    hits = find_cues_of_all(texts)
    truth = {
        label: np.array([float(label in row["labels"]) for row in corpus])
        for label in (*TRAINED_LABELS[1:], *RULE_LABELS)
    }
    truth[SLATE_LABEL] = np.array([float(row["slate_instruction"]) for row in corpus])
    ordinary = ordinary_words(texts)
    scores = held_out_scores(texts, hits, truth, ordinary=ordinary)
    model, lines = _assemble(
        scores, hits, truth, Model(fit(texts, hits, truth, ordinary=ordinary), ordinary, {}, {}, {})
    )
    description, arrays = write_model(model, corpus=corpus)
    return description, arrays, lines


def _assemble(
    scores: Vector, hits: Sequence[Sequence[Hit]], truth: Mapping[str, Vector], model: Model
) -> tuple[Model, list[str]]:
    lines, calibration, thresholds = [], {}, {}
    opened = np.array([bool(found) for found in hits])
    for place, label in enumerate(TRAINED_LABELS):
        calibration[label] = platt_line(scores[:, place], truth[label])
        probabilities = through_gate(calibrate(scores[:, place], line=calibration[label]), hits) * opened
        thresholds[label] = choose_thresholds(
            probabilities, truth[label], precision=FLAGGED_PRECISION if label == SLATE_LABEL else 0.0
        )
        lines.append(_line(label, probabilities, truth[label], thresholds[label]))
    rules = {label: rule_probability(hits, truth[label], label=label) for label in RULE_LABELS}
    for label, probability in rules.items():
        thresholds[label] = (round(probability / 2, 4), round(min(probability, 0.5), 4))
        lines.append(
            _line(label, apply_rule(hits, label=label, probability=probability), truth[label], thresholds[label])
        )
    return replace(model, calibration=calibration, thresholds=thresholds, rules=rules), lines


def _line(label: str, probabilities: Vector, truth: Vector, thresholds: tuple[float, float]) -> str:
    review, flag = thresholds
    banded = float(np.mean((probabilities >= review) & (probabilities < flag)))
    average = float(average_precision_score(truth, probabilities))
    reached = float(np.sum(truth[probabilities >= review]) / np.sum(truth))
    return (
        f"{label:18s} n={int(np.sum(truth)):3d} F1={f1_score(truth, probabilities >= flag):.3f} AP={average:.3f} "
        f"review>={review:.2f} flag>={flag:.2f} band={banded:.1%} positives reached={reached:.1%}"
    )


def write_model(model: Model, *, corpus: Sequence[Mapping[str, Any]]) -> tuple[bytes, bytes]:
    """Return the model as the bytes of model.json and model.npz."""
    weights, stream = model.weights, io.BytesIO()
    numbers = ("word_frequencies", "piece_frequencies", "coefficients", "intercepts")
    np.savez_compressed(
        stream, **{name: getattr(weights, name).astype(np.float32) for name in numbers}, allow_pickle=False
    )
    arrays = stream.getvalue()
    description = {
        "about": "Weights for chatforensics.labelling; made by python -m chatforensics.labelling.train",
        "arrays_sha256": hashlib.sha256(arrays).hexdigest(),
        "cues_sha256": cues.cues_sha256(),
        "corpus_sha256": _hash_of(corpus),
        "calibration": model.calibration,
        "thresholds": model.thresholds,
        "rules": model.rules,
        "ordinary": sorted(model.ordinary),
        "words": weights.words,
        "pieces": weights.pieces,
    }
    return json.dumps(description, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n", arrays


def _hash_of(corpus: Sequence[Mapping[str, Any]]) -> str:
    """Return the SHA-256 of what is learned from: texts and labels, not the second reading."""
    learned = [[row["text"], row["labels"], row["slate_instruction"]] for row in corpus]
    return hashlib.sha256(json.dumps(learned).encode()).hexdigest()


def compare_models(made: tuple[bytes, bytes], stored: tuple[bytes, bytes]) -> tuple[bool, list[str]]:
    """Return whether two models have the same bytes, and where they differ by more than kinds of processors explain.

    Processors add up in different orders, and the last digits of a sum decide when coordinate descent stops. So what is
    counted must be equal, and what is fitted must be near.

    Args:
        made: model.json and model.npz of one.
        stored: those of the other.
    """
    descriptions = [json.loads(each[0]) for each in (made, stored)]
    lines = [f"calibration of {name}" for name in descriptions[1]["calibration"] if _is_far(name, descriptions)]
    fitted = {"calibration", "arrays_sha256"}
    lines += [
        name for name in descriptions[1] if name not in fitted and descriptions[0].get(name) != descriptions[1][name]
    ]
    arrays = [np.load(io.BytesIO(each[1]), allow_pickle=False) for each in (made, stored)]
    for name, step in _STEPS.items():
        new, old = (each[name] for each in arrays)
        if new.shape != old.shape or np.abs(new - old).max() > step:
            lines.append(name)
    return made == stored, lines


# How far fitted numbers may differ; measured between two kinds of processors: coefficients .008, intercepts .0011.
_STEPS = {"word_frequencies": 0.0, "piece_frequencies": 0.0, "coefficients": 0.02, "intercepts": 0.005}
_CALIBRATION_STEP = 0.002


def _is_far(label: str, descriptions: Sequence[Mapping[str, Any]]) -> bool:
    new, old = (np.array(each["calibration"].get(label, [np.inf, np.inf])) for each in descriptions)
    return bool(np.abs(new - old).max() > _CALIBRATION_STEP)


def main(arguments: Sequence[str]) -> int:
    """Train, and write the model beside this file, or with --check only compare; print the scores."""
    description, arrays, lines = train()
    folder = Path(__file__).parent
    print("\n".join(lines))  # noqa: T201 - a script
    if "--check" in arguments:
        stored = ((folder / "model.json").read_bytes(), (folder / "model.npz").read_bytes())
        same, far = compare_models((description, arrays), stored)
        near = "the same but for last digits, as on another kind of processor"
        print("same bytes" if same else f"DIFFERENT: {', '.join(far)}" if far else near)  # noqa: T201 - a script
        return 1 if far else 0
    (folder / "model.json").write_bytes(description)
    (folder / "model.npz").write_bytes(arrays)
    print(f"model.json {len(description):,} bytes, model.npz {len(arrays):,} bytes")  # noqa: T201 - a script
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
