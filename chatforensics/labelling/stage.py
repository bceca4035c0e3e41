"""Messages to labels and slates: the stage as the workflow calls it."""

from typing import Any

import numpy as np
import polars as pl

from chatforensics.labelling.classify import spans_of
from chatforensics.labelling.model import ALL_LABELS, decide_all, estimate, load_model
from chatforensics.labelling.slates import find_instructions
from chatforensics.labelling.units import carry_back, distinct_texts, gather_units, places
from chatforensics.schema import SLATE_LABEL, TABLES, Labels, Messages, Slates, check

# Decisions `none` are kept from this probability on, for readers who want to look lower.
LEAST_PROBABILITY = 0.2

_Row = dict[str, Any]


def label_messages(messages: Messages) -> Labels:
    """Label each message group by what its words ask the reader to do about a vote.

    A label describes words, never a person: it cannot show who wrote them first, whether anybody followed them, or
    whether they were allowed. `review` means that the text cannot be read with confidence. Senders, chat names and
    telephone numbers are not looked at.

    Returns:
        One row per message and label decided `flag` or `review`, and those of `none` with probability 0.2 or more.
        Spans are code points of the message's own text; a label of the group may have its words in another message.
    """
    units = gather_units(messages)
    by_text = _labels_of_texts(distinct_texts(units))
    rows = [
        {**label, "message_id": place.message_id, "spans": carry_back(label["spans"], place=place)}
        for unit_text, place in places(units)
        for label in by_text.get(unit_text, ())
    ]
    return Labels(check(pl.DataFrame(rows, schema=dict(TABLES["labels"])), table="labels"))


def _labels_of_texts(texts: list[str]) -> dict[str, list[_Row]]:
    probabilities, hits = estimate(texts)
    thresholds = load_model().thresholds
    least = {label: min(LEAST_PROBABILITY, thresholds[label][0]) for label in ALL_LABELS}
    kept = {label: probabilities[label] >= least[label] for label in ALL_LABELS}
    found: dict[str, list[_Row]] = {}
    for row in np.flatnonzero(np.any(list(kept.values()), axis=0)).tolist():
        decided = decide_all(probabilities, row, thresholds=thresholds)
        found[texts[row]] = [
            {
                "label": label,
                "probability": float(probabilities[label][row]),
                "decision": decided[label],
                "spans": spans_of(hits[row], label=label),
            }
            for label in ALL_LABELS
            if kept[label][row]
        ]
    return found


def extract_slates(messages: Messages, labels: Labels) -> Slates:
    """Extract whom the messages tell their reader to support, oppose, or trigger a ballot against (English texts).

    Only groups whose `slate_instruction` is decided `flag` or `review` are read. Forms that the patterns do not know,
    numbers, symbols and other languages are missed: an empty answer does not show that nobody was named.

    Returns:
        One row per message and name, with the name's place in the message's own text in code points.
    """
    told = check(labels, table="labels").filter(pl.col("label") == SLATE_LABEL, pl.col("decision") != "none")
    units = gather_units(messages).join(told.select("message_id"), on="message_id", how="semi").sort("message_id")
    by_text = {text: [each._asdict() for each in find_instructions(text)] for text in distinct_texts(units)}
    rows = [
        {**instruction, "message_id": place.message_id}
        for unit_text, place in places(units)
        for instruction in carry_back(by_text[unit_text], place=place)
    ]
    return Slates(check(pl.DataFrame(rows, schema=dict(TABLES["slates"])), table="slates"))
