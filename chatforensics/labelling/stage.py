"""Messages to labels and slates: the stage as the workflow calls it."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import polars as pl

from chatforensics.labelling.candidates import Candidates, known_names
from chatforensics.labelling.classify import label_texts
from chatforensics.labelling.cues import Hit, find_cues_of_all
from chatforensics.labelling.model import ALL_LABELS, decide_all, estimate, load_model
from chatforensics.labelling.plain import Plain, read_plainly
from chatforensics.labelling.slates import find_instructions
from chatforensics.labelling.units import (
    carry_back,
    carry_names,
    distinct_texts,
    gather_units,
    keep_units_of,
    part_by_chats,
    places,
)
from chatforensics.schema import SLATE_LABEL, TABLES, AnyMessages, Labels, Pictures, Slates, check

# Decisions `none` are kept from this probability on, for readers who want to look lower.
LEAST_PROBABILITY = 0.2

# Texts are labelled in portions of so many, each for itself, if need be in processes of their own.
TEXTS_TOGETHER = 40_000

_Row = dict[str, Any]
LabelSome = Callable[[Sequence[str]], dict[str, list[_Row]]]
# Calls a function on each portion, here or elsewhere, and gives what it returns, in any order.
MapTexts = Callable[[LabelSome, Sequence[Sequence[str]]], Iterable[dict[str, list[_Row]]]]
_DECIDED = {"unit_text": pl.String, "decision": pl.String}


def label_messages(messages: AnyMessages, pictures: Pictures | None = None, *, map_texts: MapTexts = map) -> Labels:
    """Label each message group by what its words ask the reader to do about a vote.

    A label describes words, never a person: it cannot show who wrote them first, whether anybody followed them, or
    whether they were allowed. `review` means that the text cannot be read with confidence. Senders, chat names and
    telephone numbers are not looked at. Words read in pictures count as words of their message; where they carried a
    label, no span shows them.

    Args:
        messages: joined.
        pictures: with the words read in them.
        map_texts: calls `label_some` on portions of the distinct texts, in this process unless told otherwise.

    Returns:
        One row per message and label decided `flag` or `review`, and those of `none` with probability 0.2 or more.
        Spans are code points of the message's own text; a label of the group may have its words in another message.
    """
    texts, keys = _list_texts(messages, pictures)
    by_text = {text: rows for found in map_texts(label_some, cut_portions(texts)) for text, rows in found.items()}
    rows = [
        {**label, "message_id": place.message_id, "spans": carry_back(label["spans"], place=place)}
        for unit_text, place in places(_gather_some(messages, pictures, keys=keys, texts=list(by_text)))
        for label in by_text.get(unit_text, ())
    ]
    return Labels(check(pl.DataFrame(rows, schema=dict(TABLES["labels"])), table="labels"))


def _list_texts(messages: AnyMessages, pictures: Pictures | None) -> tuple[list[str], pl.DataFrame]:
    """Return each text once, sorted, and the hash of its text for each message, by `message_id`."""
    texts, keys = [], []
    for part in part_by_chats(messages):
        units = gather_units(part, pictures)
        texts.append(units.select(pl.col("unit_text").unique()))
        keys.append(units.select("message_id", text_hash=pl.col("unit_text").hash()))
    return distinct_texts(pl.concat(texts)), pl.concat(keys)


def _gather_some(
    messages: AnyMessages, pictures: Pictures | None, *, keys: pl.DataFrame, texts: Sequence[str]
) -> pl.DataFrame:
    """Return the units with these texts; so few that they can be held together."""
    wanted = pl.Series("unit_text", texts, dtype=pl.String)
    chosen = keys.filter(pl.col("text_hash").is_in(wanted.hash().implode())).select("message_id")
    units = gather_units(keep_units_of(messages, chosen), pictures)
    return units.filter(pl.col("unit_text").is_in(wanted.implode()))


def cut_portions(texts: Sequence[str]) -> list[Sequence[str]]:
    """Return sorted texts in portions to be labelled; those that begin alike, and take long, are spread over all."""
    n = -(-len(texts) // TEXTS_TOGETHER)
    return [texts[start::n] for start in range(n)]


def decide_messages(messages: AnyMessages, pictures: Pictures | None = None) -> pl.DataFrame:
    """Return which messages tell the reader how to vote, or may, as `label_messages` decides it, but without why.

    Saying why takes most of the time where many messages speak of votes.

    Returns:
        `message_id`, `decision` (flag or review), by `message_id`.
    """
    units = gather_units(messages, pictures)
    texts = distinct_texts(units)
    probabilities, _ = estimate([each.text for each in read_plainly(texts)])
    thresholds = load_model().thresholds
    rows = np.flatnonzero(probabilities[SLATE_LABEL] >= thresholds[SLATE_LABEL][0]).tolist()
    decided = [decide_all(probabilities, row, thresholds=thresholds)[SLATE_LABEL] for row in rows]
    told = pl.DataFrame({"unit_text": [texts[row] for row in rows], "decision": decided}, schema=_DECIDED)
    return units.join(told, on="unit_text").select("message_id", "decision").sort("message_id")


def label_some(texts: Sequence[str]) -> dict[str, list[_Row]]:
    """Return the rows of labels of each text that has some; what else stands beside it changes nothing.

    A row holds `label`, `probability`, `decision`, `spans` in the text, and `explanation`: plain values, which may be
    sent to other processes or kept.
    """
    plain = read_plainly(texts)
    probabilities, hits = estimate([each.text for each in plain])
    thresholds = load_model().thresholds
    least = {label: min(LEAST_PROBABILITY, thresholds[label][0]) for label in ALL_LABELS}
    kept = {label: probabilities[label] >= least[label] for label in ALL_LABELS}
    rows = np.flatnonzero(np.any(list(kept.values()), axis=0)).tolist()
    return {
        texts[row]: [{"label": label, **labelled[label]} for label in ALL_LABELS if kept[label][row]]
        for row, labelled in zip(rows, label_texts(plain, hits, probabilities, rows=rows), strict=True)
    }


def extract_slates(
    messages: AnyMessages, labels: Labels, pictures: Pictures | None = None, *, candidates: Candidates | None = None
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
    chosen = told.select("message_id")
    units = gather_units(keep_units_of(messages, chosen), pictures).join(chosen, on="message_id", how="semi")
    units = units.sort("message_id")
    known = known_names(
        messages.lazy().select(pl.col("sender_label").drop_nulls().unique().sort()).collect()["sender_label"]
    )
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
