"""Messages to labels and slates: the stage as the workflow calls it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from chatforensics.labelling.candidates import Candidates, known_names
from chatforensics.labelling.classify import label_text
from chatforensics.labelling.cues import Hit, find_cues_of_all
from chatforensics.labelling.model import ALL_LABELS, estimate, load_model
from chatforensics.labelling.plain import Plain, read_plainly
from chatforensics.labelling.slates import find_instructions
from chatforensics.labelling.units import carry_back, carry_names, distinct_texts, gather_units, places
from chatforensics.schema import SLATE_LABEL, TABLES, Labels, Messages, Pictures, Slates, check

# Decisions `none` are kept from this probability on, for readers who want to look lower.
LEAST_PROBABILITY = 0.2

_Row = dict[str, Any]


def label_messages(messages: Messages, pictures: Pictures | None = None) -> Labels:
    """Label each message group by what its words ask the reader to do about a vote.

    A label describes words, never a person: it cannot show who wrote them first, whether anybody followed them, or
    whether they were allowed. `review` means that the text cannot be read with confidence. Senders, chat names and
    telephone numbers are not looked at. Words read in pictures count as words of their message; where they carried a
    label, no span shows them.

    Returns:
        One row per message and label decided `flag` or `review`, and those of `none` with probability 0.2 or more.
        Spans are code points of the message's own text; a label of the group may have its words in another message.
    """
    units = gather_units(messages, pictures)
    by_text = _labels_of_texts(distinct_texts(units))
    rows = [
        {**label, "message_id": place.message_id, "spans": carry_back(label["spans"], place=place)}
        for unit_text, place in places(units)
        for label in by_text.get(unit_text, ())
    ]
    return Labels(check(pl.DataFrame(rows, schema=dict(TABLES["labels"])), table="labels"))


def _labels_of_texts(texts: list[str]) -> dict[str, list[_Row]]:
    plain = read_plainly(texts)
    probabilities, hits = estimate([each.text for each in plain])
    thresholds = load_model().thresholds
    least = {label: min(LEAST_PROBABILITY, thresholds[label][0]) for label in ALL_LABELS}
    kept = {label: probabilities[label] >= least[label] for label in ALL_LABELS}
    found: dict[str, list[_Row]] = {}
    for row in np.flatnonzero(np.any(list(kept.values()), axis=0)).tolist():
        labelled = label_text(plain[row], hits[row], probabilities, row=row)
        found[texts[row]] = [{"label": label, **labelled[label]} for label in ALL_LABELS if kept[label][row]]
    return found


def extract_slates(
    messages: Messages, labels: Labels, pictures: Pictures | None = None, *, candidates: Candidates | None = None
) -> Slates:
    """Extract whom the messages tell their reader to support, oppose, or trigger a ballot against.

    Only groups whose `slate_instruction` is decided `flag` or `review` are read. Forms that the patterns do not know
    are missed: an empty answer does not show that nobody was named. Senders' labels serve as spellings of names that
    stand beside a directive, for nothing else. `candidate` is the name of the user's list that a name spells.

    Returns:
        One row per message and name, with the name's place in the message's own text in code points; null
        for a name read in the message's picture.
    """
    told = check(labels, table="labels").filter(pl.col("label") == SLATE_LABEL, pl.col("decision") != "none")
    units = (
        gather_units(messages, pictures).join(told.select("message_id"), on="message_id", how="semi").sort("message_id")
    )
    known = known_names(messages["sender_label"].drop_nulls().unique().sort())
    texts = distinct_texts(units)
    plain = read_plainly(texts)
    hits = find_cues_of_all([each.text for each in plain])
    by_text = {
        text: _names_of(plain[row], candidates=candidates, known=known, hits=hits[row])
        for row, text in enumerate(texts)
    }
    rows = [
        {**instruction, "message_id": place.message_id}
        for unit_text, place in places(units)
        for instruction in carry_names(by_text[unit_text], place=place)
    ]
    return Slates(check(pl.DataFrame(rows, schema=dict(TABLES["slates"])), table="slates"))


def _names_of(plain: Plain, *, candidates: Candidates | None, known: Candidates, hits: Sequence[Hit]) -> list[_Row]:
    found = find_instructions(plain.text, candidates=candidates, known=known, hits=hits)
    return [plain.carry_back(each._asdict()) for each in found]
