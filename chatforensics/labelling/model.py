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

# The gate. No label holds without a ballot in view, and what is reported or refused is no instruction. A directive with
# no ballot in view can still come up for review; it is never flagged, for `flag` begins above this factor.
NO_BALLOT_BUT_DIRECTIVE = 0.4
NEITHER_IN_VIEW = 0.2
SOMETHING_ELSE_IN_VIEW = 0.5
REPORTED_OR_REFUSED = 0.5

_BATCH = 8_192


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
    _same(stated["arrays_sha256"], hashlib.sha256(arrays).hexdigest(), what="model.npz")
    _same(stated["cues_sha256"], cues_sha256, what="The cue files")
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
            f"{what} differs from what model.json states.",
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


def gate(hits: Sequence[Sequence[Hit]], *, label: str) -> Vector:
    """Return what each text's probability is multiplied by, from 0 to 1, for want of a ballot or of a request."""
    nothing = _gate(frozenset(), label)
    return np.array([_gate(frozenset(hit.label for hit in found), label) if found else nothing for found in hits])


def _gate(found: frozenset[str], label: str) -> float:
    factor = 1.0
    if not found & {cues.BALLOT, cues.VOTE_WORD}:
        factor *= NO_BALLOT_BUT_DIRECTIVE if found & {*DIRECTIONS} else NEITHER_IN_VIEW
    elif cues.NOT_A_BALLOT in found and cues.BALLOT not in found:
        factor *= SOMETHING_ELSE_IN_VIEW
    if (
        label in (SLATE_LABEL, *DIRECTIONS, *RULE_LABELS)
        and found & {cues.REPORTED, cues.REFUSAL, cues.RESULT}
        and not found & {*DIRECTIONS}
    ):
        factor *= REPORTED_OR_REFUSED
    return factor


def calibrate(scores: Vector, *, line: tuple[float, float]) -> Vector:
    """Return the probabilities of raw scores by Platt's sigmoid."""
    slope, offset = line
    return np.asarray(1 / (1 + np.exp(-(slope * scores + offset))), dtype=np.float64)


def apply_rule(hits: Sequence[Sequence[Hit]], *, label: str, probability: float) -> Vector:
    """Return the rule's measured precision where a cue of the label stands beside a ballot, else 0."""
    found = np.array([any(hit.label == label for hit in text) for text in hits], dtype=np.float64)
    return np.asarray(found * probability * gate(hits, label=label), dtype=np.float64)


def estimate(texts: Sequence[str], *, model: Model | None = None) -> tuple[dict[str, Vector], list[list[Hit]]]:
    """Return each label's probability for each text, and the named cues of the texts.

    A probability says how often texts scored like this one carried the label among the texts written for training. It
    cannot say that a text is lawful or not, nor who wrote it first.
    """
    model = model or load_model()
    parts = [_estimate_batch(texts[start : start + _BATCH], model) for start in range(0, len(texts), _BATCH)]
    if not parts:
        return {label: np.zeros(0) for label in ALL_LABELS}, []
    joined = {label: np.concatenate([part[label] for part, _ in parts]) for label in ALL_LABELS}
    return joined, [found for _, hits in parts for found in hits]


def _estimate_batch(texts: Sequence[str], model: Model) -> tuple[dict[str, Vector], list[list[Hit]]]:
    hits = find_cues_of_all(texts)
    raw = score(read_texts(texts, hits, weights=model.weights, ordinary=model.ordinary), weights=model.weights)
    trained = {
        label: calibrate(raw[:, place], line=model.calibration[label]) * gate(hits, label=label)
        for place, label in enumerate(TRAINED_LABELS)
    }
    ruled = {label: apply_rule(hits, label=label, probability=model.rules[label]) for label in RULE_LABELS}
    return trained | ruled, hits


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
