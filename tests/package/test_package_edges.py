"""Probabilities at the edge of a threshold: said beside the exhibit, and not of what words alone decided."""

from typing import Any

import polars as pl
import pytest
from package.dossiers import a_dossier, a_table, some_tables
from report.invented import read_page

from chatforensics.package.edges import read_thresholds
from chatforensics.package.exhibit import render_exhibit


def _words(**more: Any) -> str:
    return read_page(render_exhibit(a_dossier(**more))).words


def _with_probability(probability: float, decision: str) -> dict[str, pl.DataFrame]:
    tables = some_tables()
    label = {"message_id": 1002, "label": "slate_instruction", "probability": probability, "decision": decision}
    return {**tables, "labels": a_table("labels", [label])}


@pytest.mark.parametrize(
    ("probability", "decision", "words"),
    [
        (0.39, "flag", "just above the threshold; read it"),
        (0.44, "flag", "just above the threshold; read it"),
        (0.45, "flag", None),
        (0.36, "review", "just below the threshold of a flag; read it"),
        (0.13, "review", "just above the threshold; read it"),
        (0.25, "review", None),
        (0.11, "none", "just below the threshold; read it"),
        (0.02, "none", None),
    ],
)
def test_a_probability_at_the_edge_of_a_threshold_is_said_to_be_there(
    probability: float, decision: str, words: str | None
) -> None:
    told = _words(tables=_with_probability(probability, decision))
    assert ("just above" in told or "just below" in told) == (words is not None)
    assert words is None or words.casefold() in told.casefold()


def test_what_was_decided_by_words_alone_lies_at_no_edge() -> None:
    tables = _with_probability(0.5, "flag")
    tables["labels"] = tables["labels"].with_columns(label=pl.lit("conceal"))
    assert "just above" not in _words(tables=tables)


@pytest.mark.parametrize("model", [None, "x", {}, {"thresholds": None}, {"thresholds": {"remind": [0.1, "x"]}}])
def test_a_run_without_thresholds_has_no_edges(model: object) -> None:
    assert read_thresholds({"model": model}) == {}
