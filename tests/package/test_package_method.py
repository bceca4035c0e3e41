"""The method sheet: what the program did, how often it is right, and that it speaks of no person."""

import re
from pathlib import Path
from typing import Any

import pytest
from package.dossiers import RECORDS, a_dossier, a_run, some_tables
from report.invented import read_page

from chatforensics.package.measured import F1, OTHERS, SLATE, describe_measured_model, is_same_model, tell_measured
from chatforensics.package.method import render_method, write_method
from chatforensics.schema import LABELS, SLATE_LABEL

CARD = (Path(__file__).parents[2] / "docs" / "model-card.md").read_text(encoding="utf-8")
FACTS = (
    "An export cannot by itself show that a message was sent.",
    "chatforensics 0.7.0",
    "packages.polars 2.1.0",
    "window_s 300.0",
    "slate instruction 0.12 0.39 of 100 flags 67 were right, and 85 of 100 instructions were flagged",
    "public texts 189 40 .67 .85 .75 (.63 to .84)",
    "c3" * 32,
    "The figures below belong to another model",
    "Assumptions: 1 . Warnings: 1 . Files that could not be read: 0 .",
    "One stretch of one export could not be read.",
    "240 1 120",
    "Directs the reader to support a named person",
    "does not show that a message was sent, delivered or read",
    "200 draws of forests, seed 0",
    "This work was not carried out under the Forensic Science Regulator's Code of Practice",
    "unless a written statement of the unit that did it says otherwise",
    "That a computer made a result is no argument for it.",
    "python3 -I verify.py",
    "Taking out.",
)


def _words(**more: Any) -> str:
    return read_page(render_method(a_dossier(**more))).words


@pytest.mark.parametrize("fact", FACTS)
def test_the_sheet_says(fact: str) -> None:
    assert fact in _words()


def test_the_sheet_names_nobody_from_the_chat() -> None:
    words = _words()
    assert not [said.sender for said in RECORDS if said.sender and said.sender in words]
    assert "Okafor" not in words


def test_redaction_is_told_only_where_there_was_some() -> None:
    assert "Taking out." not in _words(redactions=())


def test_a_file_that_could_not_be_read_is_named_without_its_folders() -> None:
    words = _words(run=a_run() | {"failures": [{"path": "C:\\Users\\x\\chat.zip", "reason": "a broken zip"}]})
    assert "chat.zip : a broken zip" in words
    assert "Users" not in words


def test_bytes_that_fit_no_record_are_unknown_where_the_table_was_cut() -> None:
    tables = some_tables()
    assert "240 1 not in this package" in _words(tables={**tables, "rejects": tables["rejects"].clear()})


def test_a_run_record_without_anything_makes_a_sheet_that_says_so() -> None:
    assert "none is named in the run record" in _words(run={}, tables={})


def test_equal_dossiers_give_equal_bytes() -> None:
    assert write_method(a_dossier()) == write_method(a_dossier())


def test_the_measured_figures_are_those_of_the_model_card() -> None:
    whole = "| all | {texts} | {held} | {precision} | {recall} | **{f1}** ({low} to {high}) |".format(**SLATE)
    assert whole in CARD
    for _, texts, held, precision, recall, f1 in OTHERS:
        assert re.search(rf"\| {texts} \| {held} \| {precision} \| {recall} \| \**{f1}\b", CARD)
    for label, f1 in F1.items():
        assert re.search(rf"\b{label} {f1} /", CARD), label


def test_each_label_of_the_codebook_is_measured_or_said_not_to_be() -> None:
    told = {label: tell_measured(label) for label in (SLATE_LABEL, *LABELS)}
    unmeasured = {label for label, words in told.items() if "no real examples to measure" in words}
    assert unmeasured == {"conceal", "recruit", "vote_handling", "pressure"}


def test_the_model_of_a_run_is_the_measured_one_another_or_unknown() -> None:
    runs: tuple[dict[str, object], ...] = ({"model": {"sha256": describe_measured_model()}}, a_run(), {}, {"model": {}})
    assert [is_same_model(run) for run in runs] == [True, False, None, None]
