"""Single texts to labels, as the `classify` command prints them."""

from collections.abc import Sequence
from typing import Any

from chatforensics.labelling.cues import Hit
from chatforensics.labelling.model import DIRECTIONS, decide_all, estimate, load_model
from chatforensics.labelling.slates import find_instructions
from chatforensics.schema import LABELS, SLATE_LABEL


def spans_of(hits: Sequence[Hit], *, label: str) -> list[dict[str, int | str]]:
    """Return the places that speak for a label; for `slate_instruction`, those of `endorse` and `oppose`."""
    wanted = DIRECTIONS if label == SLATE_LABEL else (label,)
    return [{"start": hit.start, "end": hit.end, "cue": hit.cue} for hit in hits if hit.label in wanted]


def classify_texts(texts: Sequence[str]) -> list[dict[str, Any]]:
    """Label texts one by one: what their words ask the reader to do, how surely, and where.

    A label describes words, never a person, and most instructions on how to vote are lawful. `review` means that the
    text cannot be read with confidence.

    Returns:
        For each text `slate_instruction`, `labels` (all of the codebook's) and `slates`, which is empty unless the
        text is decided `flag` or `review`.
    """
    probabilities, hits = estimate(texts)
    thresholds = load_model().thresholds
    answers = []
    for row, text in enumerate(texts):
        labels: dict[str, dict[str, Any]] = {}
        for label, decision in decide_all(probabilities, row, thresholds=thresholds).items():
            labels[label] = {"probability": round(float(probabilities[label][row]), 4), "decision": decision}
        slate = labels[SLATE_LABEL]
        marked = {label: labels[label] | {"spans": spans_of(hits[row], label=label)} for label in LABELS}
        found = find_instructions(text) if slate["decision"] != "none" else []
        slates = [each.without_place() for each in found]
        answers.append({SLATE_LABEL: slate, "labels": marked, "slates": slates})
    return answers
