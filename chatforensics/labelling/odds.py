"""The decisions of labels at other thresholds than the model's own."""

import polars as pl

from chatforensics.labelling.model import DIRECTIONS, load_model
from chatforensics.labelling.stated import is_stated
from chatforensics.schema import SLATE_LABEL, Labels


def decide_at(labels: Labels, *, factor: float) -> Labels:
    """Decide anew from the probabilities, with the odds at each threshold multiplied by the factor.

    The rules are those of `model.decide_all`, over whole tables.
    """
    moved = {
        label: tuple(_move(threshold, factor) for threshold in pair) for label, pair in load_model().thresholds.items()
    }
    review, flag = (
        pl.col("label").replace_strict({label: pair[at] for label, pair in moved.items()}, default=None)
        for at in (0, 1)
    )
    found = (
        pl.when(pl.col("probability") >= flag)
        .then(pl.lit("flag"))
        .when(pl.col("probability") >= review)
        .then(pl.lit("review"))
        .otherwise(pl.lit("none"))
    )
    kept = flag.is_null() | is_stated()  # what somebody stated rests on no threshold
    decided = labels.with_columns(decision=pl.when(kept).then("decision").otherwise(found))
    directed = decided.filter(pl.col("label").is_in(DIRECTIONS), pl.col("decision") != "none")["message_id"]
    bare = (
        (pl.col("label") == SLATE_LABEL)
        & ~is_stated()
        & (pl.col("decision") == "flag")
        & ~pl.col("message_id").is_in(directed.unique().implode())
    )
    return Labels(decided.with_columns(decision=pl.when(bare).then(pl.lit("review")).otherwise("decision")))


def _move(threshold: float, factor: float) -> float:
    odds = factor * threshold / (1 - threshold)
    return odds / (1 + odds)
