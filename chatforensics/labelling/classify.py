"""Single texts to labels, as the `classify` command prints them."""

from collections.abc import Mapping, Sequence
from typing import Any

from chatforensics.labelling.candidates import Candidates
from chatforensics.labelling.cues import Hit
from chatforensics.labelling.explain import Span, explain, places_of, weigh_words_of_all
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
    labelled = label_texts(plain, hits, probabilities, rows=range(len(plain)))
    for row, (text, found) in enumerate(zip(plain, labelled, strict=True)):
        labels = _rounded(found)
        told = labels[SLATE_LABEL]["decision"] != "none"
        named = find_instructions(text.text, candidates=candidates, hits=hits[row]) if told else []
        slates = [each.without_place(candidates=candidates is not None) for each in named]
        answers.append(
            {SLATE_LABEL: labels[SLATE_LABEL], "labels": {name: labels[name] for name in LABELS}, "slates": slates}
        )
    return answers


def label_texts(
    plain: Sequence[Plain], hits: Sequence[Sequence[Hit]], probabilities: Mapping[str, Vector], *, rows: Sequence[int]
) -> list[Labelled]:
    """Return for each of these rows every label: `probability`, `decision`, `spans`, and where not `none` why.

    Explanations quote the text as it was read, its disguised letters plain; spans are places in the original.
    """
    thresholds = load_model().thresholds
    decided = [decide_all(probabilities, row, thresholds=thresholds) for row in rows]
    spans = [{label: places_of(hits[row], label=label) for label in ALL_LABELS} for row in rows]
    bare = [_list_bare(*each) for each in zip(decided, spans, strict=True)]
    wanted = [place for place, labels in enumerate(bare) if labels]
    weighed = weigh_words_of_all(
        [plain[rows[place]].text for place in wanted], labels=[bare[place] for place in wanted]
    )
    for place, found in zip(wanted, weighed, strict=True):
        spans[place] |= found
    each = [{label: float(probabilities[label][row]) for label in ALL_LABELS} for row in rows]
    return [
        _view_labels(plain[row], hits[row], values, said, places)
        for row, values, said, places in zip(rows, each, decided, spans, strict=True)
    ]


def _view_labels(
    plain: Plain,
    hits: Sequence[Hit],
    probabilities: Mapping[str, float],
    decided: Mapping[str, str],
    spans: Mapping[str, list[Span]],
) -> Labelled:
    text = plain.text
    return {
        label: {
            "probability": probabilities[label],
            "decision": decision,
            "spans": [plain.carry_back(span) for span in spans[label]],
            "explanation": None
            if decision == "none"
            else explain(text, hits, label=label, decision=decision, spans=spans[label]),
        }
        for label, decision in decided.items()
    }


def _list_bare(decided: Mapping[str, str], spans: Mapping[str, list[Span]]) -> list[str]:
    """Return the labels that are not `none` though no named cue carries them."""
    told = [label for label, decision in decided.items() if decision != "none" and label not in RULE_LABELS]
    return [label for label in told if not spans[label]]


def _rounded(labels: Labelled) -> Labelled:
    return {label: {**found, "probability": round(found["probability"], 4)} for label, found in labels.items()}
