"""What somebody states of a message against the model, put in place of its decision and beside its probability."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from chatforensics.labelling.model import decide_all, estimate, load_model
from chatforensics.labelling.plain import read_plainly
from chatforensics.labelling.units import gather_units
from chatforensics.schema import SLATE_LABEL, Labels, Messages, Pictures

STATED = "Stated by "
OWN = "The program's own decision was "
_NO_WORDS = "The program found no words in it to read."
_FEW, _MANY = 0.01, 0.99
_ONE = pl.coalesce("canonical_id", "message_id").alias("one")
_UNIT = pl.coalesce("group_id", pl.format("alone {}", "one")).alias("unit")

_Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class StatedLabel:
    """What somebody states of one message: it tells people how to vote (`flag`) or does not (`none`), and their words.

    `said` is a sentence that begins with "Stated by", or empty where only the decision is known.
    """

    message_id: int
    decision: Literal["flag", "none"]
    said: str


@dataclass(frozen=True, slots=True)
class StatedLabels:
    """The labels with statements in place of decisions; by the place of each statement, the messages it decided.

    `missing` are the places of statements of which the message is not there, or is a notice of the platform.
    """

    labels: Labels
    decided: Mapping[int, tuple[int, ...]]
    missing: tuple[int, ...]


def is_stated() -> pl.Expr:
    """Tell the rows of labels of which somebody stated the decision."""
    return (pl.col("label") == SLATE_LABEL) & pl.col("explanation").str.starts_with(STATED).fill_null(value=False)


def state_labels(
    labels: Labels, messages: Messages, stated: Sequence[StatedLabel], pictures: Pictures | None = None
) -> StatedLabels:
    """Put what somebody states of messages in place of what the model decided of them; its probability stays.

    A statement is about words: it goes for the whole message group, and for copies of it in other exports with the
    same words. It shows what somebody thinks, and not that they are right. The later of two statements counts.

    Args:
        labels: as made by `label_messages`.
        messages: joined, with groups and copies.
        stated: what is stated, in the order in which it was.
        pictures: with the words read in them.

    Returns:
        The labels, a row of `slate_instruction` for each message concerned with the decision `flag` or `none`; where
        there was none, one with the model's probability, 0 where it found no words.
    """
    near = _find_near(messages, [each.message_id for each in stated])
    units = near.join(gather_units(Messages(near), pictures), on="message_id", how="left", suffix="_read")
    units = units.with_columns(_ONE).with_columns(_UNIT).sort("message_id")
    by_message: dict[int, int] = {}
    missing = []
    for place, each in enumerate(stated):
        ids = _find_same(units, each.message_id)
        missing += [] if ids else [place]
        by_message |= dict.fromkeys(ids, place)
    decided = {place: tuple(i for i, at in sorted(by_message.items()) if at == place) for place in range(len(stated))}
    told = {message_id: stated[place] for message_id, place in by_message.items()}
    return StatedLabels(_put(labels, units, told), {k: ids for k, ids in decided.items() if ids}, tuple(missing))


def decide_as_stated(
    labels: Labels, messages: Messages, decisions: Mapping[int, Literal["flag", "none"]], pictures: Pictures
) -> Labels:
    """Put decisions that somebody stated in place, for just these messages; nobody's words are told."""
    here = messages.filter(pl.col("message_id").is_in(list(decisions)))
    near = _find_near(messages, here["message_id"].to_list())
    units = near.join(gather_units(Messages(near), pictures), on="message_id", how="left", suffix="_read")
    told = {number: StatedLabel(number, decisions[number], "") for number in here["message_id"]}
    return _put(labels, units, told)


def _find_near(messages: Messages, ids: Sequence[int]) -> pl.DataFrame:
    """Return the messages of the same groups, with all copies: what a group says is put together from these."""
    keyed = messages.filter(pl.col("kind") != "system").with_columns(_ONE).with_columns(_UNIT)
    named = keyed.filter(pl.col("message_id").is_in(list(ids)))
    whole = keyed.filter(pl.col("unit").is_in(named["unit"].unique().implode()))
    return keyed.filter(pl.col("one").is_in(whole["one"].unique().implode())).drop("one", "unit")


def _find_same(units: pl.DataFrame, message_id: int) -> list[int]:
    """Return the messages for which a statement about one goes: those read as one text with it, and its copies."""
    found = units.filter(pl.col("message_id") == message_id)
    if found.is_empty():
        return []
    own = found.row(0, named=True)
    same_text = pl.col("unit_text").eq_missing(pl.lit(own["unit_text"], pl.String))
    key = "one" if own["unit_text"] is None else "unit"
    return units.filter(same_text & (pl.col(key) == own[key]))["message_id"].to_list()


def _put(labels: Labels, units: pl.DataFrame, told: Mapping[int, StatedLabel]) -> Labels:
    if not told:
        return labels
    is_here = (pl.col("label") == SLATE_LABEL) & pl.col("message_id").is_in(list(told))
    before = {row["message_id"]: row for row in labels.filter(is_here).iter_rows(named=True)}
    texts = dict(units.select("message_id", "unit_text").iter_rows())
    left = {number: texts[number] for number in told if number not in before}
    before |= _label_anew(left)
    rows = [_state(before[number], told[number]) for number in sorted(told)]
    put = pl.DataFrame(rows, schema=labels.schema)
    # The slate label comes first of a message's labels, as `label_messages` has it.
    every = pl.concat([put, labels.filter(~is_here)]).with_columns(first=pl.col("label") != SLATE_LABEL)
    return Labels(every.sort("message_id", "first", maintain_order=True).drop("first"))


def _label_anew(texts: Mapping[int, str | None]) -> dict[int, _Row]:
    """Return the label of messages that had none worth a row: its probability as the model has it."""
    words = sorted({text for text in texts.values() if text is not None})
    probabilities, _ = estimate([plain.text for plain in read_plainly(words)])
    thresholds = load_model().thresholds
    found = {
        text: (
            float(probabilities[SLATE_LABEL][row]),
            decide_all(probabilities, row, thresholds=thresholds)[SLATE_LABEL],
        )
        for row, text in enumerate(words)
    }
    empty: _Row = {"label": SLATE_LABEL, "spans": [], "explanation": None}
    return {
        number: empty
        | {"message_id": number}
        | dict(zip(("probability", "decision"), (0.0, None) if text is None else found[text], strict=True))
        for number, text in texts.items()
    }


def _state(row: _Row, stated: StatedLabel) -> _Row:
    own = f"{OWN}{row['decision']} at {_show(row['probability'])}." if row["decision"] else _NO_WORDS
    parts = [stated.said, own, row["explanation"] or ""]
    return row | {"decision": stated.decision, "explanation": " ".join(part for part in parts if part)}


def _show(probability: float) -> str:
    """Return a probability with two digits, never as certainty."""
    if probability < _FEW:
        return f"under {_FEW}"
    return f"over {_MANY}" if probability > _MANY else f"{probability:.2f}"
