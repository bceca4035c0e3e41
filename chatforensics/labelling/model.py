"""The trained model: probabilities for the codebook's labels, decided as flag, review or none.

Plain logistic regression over words, pieces of words and named cues, stored as arrays and JSON, never as pickle. It
sees the words of a text with names masked, and nothing else: no sender, no chat, no number. Scores are calibrated by
Platt's sigmoid on texts held out from training. Four labels with too few real examples are decided by cues alone.
"""

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
from scipy import sparse

from chatforensics.errors import HashMismatch
from chatforensics.labelling import cues, features
from chatforensics.labelling.cues import Hit, find_cues_of_all
from chatforensics.labelling.features import Matrix, Vector
from chatforensics.labelling.masking import mask_texts
from chatforensics.schema import LABELS, SLATE_LABEL

DIRECTIONS = ("endorse", "oppose")
RULE_LABELS = ("conceal", "recruit", "vote_handling", "pressure")
TRAINED_LABELS = (SLATE_LABEL, *(label for label in LABELS if label not in RULE_LABELS))
ALL_LABELS = (SLATE_LABEL, *LABELS)

# The gate. Every label needs a ballot in view. A text without one word of voting or choosing is not weighed at all.
# Where a text has a word of choosing and none of a ballot, the odds of every label are divided by this: among the
# training texts ballots are frequent, in most chats they are rare.
ODDS_NO_BALLOT = 6.0

# Few at a time: their numbers stay in the processor's cache, which saves a third of the time.
_BATCH = 2_048


@dataclass(frozen=True)
class Weights:
    """What the training learned: terms with their frequencies, and one row of weights per trained label."""

    words: list[str]
    pieces: list[str]
    word_frequencies: Vector
    piece_frequencies: Vector
    coefficients: Vector
    intercepts: Vector


@dataclass(frozen=True)
class Model:
    """Weights with calibration, thresholds and the sure rules for rare labels."""

    weights: Weights
    ordinary: frozenset[str]
    calibration: Mapping[str, tuple[float, float]]
    thresholds: Mapping[str, tuple[float, float]]
    rules: Mapping[str, float]


@lru_cache(maxsize=1)
def load_model() -> Model:
    """Load the model that came with this package, after checking that it is whole.

    Raises:
        HashMismatch: the arrays or the cues are not those the model was trained with.
    """
    folder = files("chatforensics.labelling")
    return read_model(
        folder.joinpath("model.json").read_bytes(),
        arrays=folder.joinpath("model.npz").read_bytes(),
        cues_sha256=cues.cues_sha256(),
    )


def read_model(description: bytes, *, arrays: bytes, cues_sha256: str) -> Model:
    """Return the model of these bytes.

    Raises:
        HashMismatch: a stated SHA-256 is not that of the bytes.
    """
    stated = json.loads(description)
    _same(stated["arrays_sha256"], hashlib.sha256(arrays).hexdigest(), what="model.npz differs")
    _same(stated["cues_sha256"], cues_sha256, what="The cue files differ")
    with np.load(io.BytesIO(arrays), allow_pickle=False) as stored:
        numbers = {name: stored[name].astype(np.float64) for name in stored.files}
    return Model(
        weights=Weights(words=stated["words"], pieces=stated["pieces"], **numbers),
        ordinary=frozenset(stated["ordinary"]),
        calibration={label: tuple(pair) for label, pair in stated["calibration"].items()},
        thresholds={label: tuple(pair) for label, pair in stated["thresholds"].items()},
        rules=stated["rules"],
    )


def _same(stated: str, found: str, *, what: str) -> None:
    if stated != found:
        raise HashMismatch(
            f"{what} from what model.json states.",
            hint="Install chatforensics again, or train anew: python -m chatforensics.labelling.train",
        )


def read_texts(
    texts: Sequence[str], hits: Sequence[Sequence[Hit]], *, weights: Weights, ordinary: frozenset[str]
) -> Matrix:
    """Return the features of the texts under the terms of the weights."""
    masked = mask_texts([text[: cues.READ_CHARACTERS] for text in texts], ordinary=ordinary)
    words = features.count_terms(features.words_of(masked), vocabulary=weights.words, n_rows=len(texts))
    pieces = features.count_pieces(masked, vocabulary=weights.pieces)
    blocks = [
        features.weigh_terms(words, frequencies=weights.word_frequencies),
        features.weigh_terms(pieces, frequencies=weights.piece_frequencies),
        features.mark_cues(hits),
    ]
    return sparse.csr_array(sparse.hstack(blocks, format="csr"))


def score(matrix: Matrix, *, weights: Weights) -> Vector:
    """Return one row of raw scores per text, one column per trained label."""
    return np.asarray(matrix @ weights.coefficients.T + weights.intercepts, dtype=np.float64)


def gate(hits: Sequence[Sequence[Hit]]) -> Vector:
    """Return by what the odds of every label are divided for each text, for want of a ballot in view."""
    in_view = {cues.BALLOT, cues.VOTE_WORD}
    return np.array([1.0 if any(hit.label in in_view for hit in found) else ODDS_NO_BALLOT for found in hits])


def through_gate(probabilities: Vector, hits: Sequence[Sequence[Hit]]) -> Vector:
    """Return probabilities whose odds are divided as the gate says."""
    return _divide_odds(probabilities, gate(hits))


def _divide_odds(probabilities: Vector, divisors: Vector) -> Vector:
    return np.asarray(probabilities / (probabilities + (1 - probabilities) * divisors), dtype=np.float64)


def calibrate(scores: Vector, *, line: tuple[float, float]) -> Vector:
    """Return the probabilities of raw scores by Platt's sigmoid."""
    slope, offset = line
    return np.asarray(1 / (1 + np.exp(-(slope * scores + offset))), dtype=np.float64)


def apply_rule(hits: Sequence[Sequence[Hit]], *, label: str, probability: float) -> Vector:
    """Return the rule's measured precision where a cue of the label stands beside a ballot, else less or 0."""
    found = np.array([any(hit.label == label for hit in text) for text in hits], dtype=np.float64)
    return through_gate(found * probability, hits)


def estimate(texts: Sequence[str], *, model: Model | None = None) -> tuple[dict[str, Vector], list[list[Hit]]]:
    """Return each label's probability for each text, and the named cues of the texts.

    A probability says how often texts scored like this one carried the label among the texts written for training. It
    cannot say that a text is lawful or not, nor who wrote it first.
    """
    hits = find_cues_of_all(texts)
    return estimate_with(texts, hits, model=model), hits


def estimate_with(
    texts: Sequence[str], hits: Sequence[Sequence[Hit]], *, model: Model | None = None
) -> dict[str, Vector]:
    """Return each label's probability for each text with these named cues; their places do not matter."""
    model = model or load_model()
    opened = np.array([row for row, found in enumerate(hits) if found], dtype=np.int64)
    probabilities = {label: np.zeros(len(texts)) for label in ALL_LABELS}
    for start in range(0, len(opened), _BATCH):
        rows = opened[start : start + _BATCH]
        for label, values in _estimate_opened([texts[row] for row in rows], [hits[row] for row in rows], model).items():
            probabilities[label][rows] = values
    return probabilities


def _estimate_opened(texts: Sequence[str], hits: Sequence[Sequence[Hit]], model: Model) -> dict[str, Vector]:
    raw = score(read_texts(texts, hits, weights=model.weights, ordinary=model.ordinary), weights=model.weights)
    divisors = gate(hits)
    trained = {
        label: _divide_odds(calibrate(raw[:, place], line=model.calibration[label]), divisors)
        for place, label in enumerate(TRAINED_LABELS)
    }
    ruled = {label: apply_rule(hits, label=label, probability=model.rules[label]) for label in RULE_LABELS}
    return trained | ruled


def decide_all(
    probabilities: Mapping[str, Vector], row: int, *, thresholds: Mapping[str, tuple[float, float]]
) -> dict[str, str]:
    """Decide every label of one text: `flag`, `review` or `none`.

    An instruction is flagged only where one of its two directions, for or against, is at least for review.
    """
    decided = {label: decide(float(probabilities[label][row]), thresholds=thresholds[label]) for label in ALL_LABELS}
    if decided[SLATE_LABEL] == "flag" and all(decided[label] == "none" for label in DIRECTIONS):
        decided[SLATE_LABEL] = "review"
    return decided


def decide(probability: float, *, thresholds: tuple[float, float]) -> str:
    """Return `flag`, `review` (cannot be read with confidence: a person should look) or `none`."""
    review, flag = thresholds
    if probability >= flag:
        return "flag"
    return "review" if probability >= review else "none"


def describe_model() -> dict[str, object]:
    """Return what identifies the model in a run: its hash, its label names and the thresholds of its decisions."""
    model = load_model()
    description = files("chatforensics.labelling").joinpath("model.json").read_bytes()
    return {
        "sha256": hashlib.sha256(description).hexdigest(),
        "labels": list(ALL_LABELS),
        "thresholds": {label: list(pair) for label, pair in sorted(model.thresholds.items())},
        "decided_by_cues_alone": list(RULE_LABELS),
    }
