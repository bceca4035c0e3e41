"""Single texts to labels, as the `classify` command prints them."""

from collections.abc import Mapping, Sequence
from typing import Any

from chatforensics.labelling.candidates import Candidates
from chatforensics.labelling.cues import Hit
from chatforensics.labelling.explain import Span, explain, places_of, weigh_words
from chatforensics.labelling.features import Vector
from chatforensics.labelling.model import ALL_LABELS, RULE_LABELS, decide_all, estimate, load_model
from chatforensics.labelling.plain import Plain, read_plainly
from chatforensics.labelling.slates import find_instructions
from chatforensics.schema import LABELS, SLATE_LABEL

Labelled = dict[str, dict[str, Any]]


def classify_texts(texts: Sequence[str], *, candidates: Candidates | None = None) -> list[dict[str, Any]]:
    """Label texts one by one: what their words ask the reader to do, how surely, where, and why.

    A label describes words, never a person, and most instructions on how to vote are lawful. `review` means that the
    text cannot be read with confidence.

    Returns:
        For each text `slate_instruction`, `labels` (all of the codebook's) and `slates`, which is empty unless the
        text is decided `flag` or `review`.
    """
    plain = read_plainly(texts)
    probabilities, hits = estimate([each.text for each in plain])
    answers = []
    for row, text in enumerate(plain):
        labels = _rounded(label_text(text, hits[row], probabilities, row=row))
        told = labels[SLATE_LABEL]["decision"] != "none"
        found = find_instructions(text.text, candidates=candidates, hits=hits[row]) if told else []
        slates = [each.without_place(candidates=candidates is not None) for each in found]
        answers.append(
            {SLATE_LABEL: labels[SLATE_LABEL], "labels": {name: labels[name] for name in LABELS}, "slates": slates}
        )
    return answers


def label_text(plain: Plain, hits: Sequence[Hit], probabilities: Mapping[str, Vector], *, row: int) -> Labelled:
    """Return every label of one text: `probability`, `decision`, `spans`, and where not `none` its `explanation`.

    Explanations quote the text as it was read, its disguised letters plain; spans are places in the original.
    """
    text = plain.text
    decided = decide_all(probabilities, row, thresholds=load_model().thresholds)
    spans = {label: places_of(hits, label=label) for label in ALL_LABELS}
    spans |= _weighed(text, decided, spans)
    return {
        label: {
            "probability": float(probabilities[label][row]),
            "decision": decision,
            "spans": [plain.carry_back(span) for span in spans[label]],
            "explanation": None
            if decision == "none"
            else explain(text, hits, label=label, decision=decision, spans=spans[label]),
        }
        for label, decision in decided.items()
    }


def _weighed(text: str, decided: Mapping[str, str], spans: Mapping[str, list[Span]]) -> dict[str, list[Span]]:
    """Find the words of the labels that are not `none` though no named cue carries them."""
    told = [label for label, decision in decided.items() if decision != "none" and label not in RULE_LABELS]
    bare = [label for label in told if not spans[label]]
    return weigh_words(text, labels=bare) if bare else {}


def _rounded(labels: Labelled) -> Labelled:
    return {label: {**found, "probability": round(found["probability"], 4)} for label, found in labels.items()}
