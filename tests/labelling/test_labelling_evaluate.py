"""Scores of any labelled file."""

import csv
import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from chatforensics.labelling import evaluate
from chatforensics.labelling.model import estimate, load_model

SHARED = Path(__file__).parents[2].parent / "shared" / "acceptance"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="other people's texts are not part of this repository")

ROWS = [
    {
        "text": "In the ward ballot vote for Ngozi Hartmann",
        "labels": ["endorse"],
        "slate_instruction": True,
        "kind": "a",
    },
    {"text": "hello, dinner at eight?", "labels": [], "slate_instruction": False, "kind": "b"},
]


def test_precision_recall_and_f1_are_counted() -> None:
    truth, found = np.array([True, True, False, False]), np.array([True, False, True, False])
    score = evaluate.score_label("x", truth=truth, found=found)
    assert (score.precision, score.recall, score.f1) == (0.5, 0.5, 0.5)
    assert score.low <= score.f1 <= score.high


def test_nothing_to_find_scores_zero_and_does_not_fail() -> None:
    nothing = np.array([False, False])
    assert evaluate.score_label("x", truth=nothing, found=nothing).f1 == 0


def test_the_interval_is_the_same_on_every_run() -> None:
    truth = np.array([True, False, True, True])
    assert evaluate.score_label("x", truth=truth, found=truth) == evaluate.score_label("x", truth=truth, found=truth)


def test_only_labels_that_occur_are_scored() -> None:
    assert [score.label.strip() for score in evaluate.score_rows(ROWS)] == [
        "slate_instruction",
        "or for review",
        "endorse",
    ]


def test_the_script_prints_a_table_for_all_and_for_each_value(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "labelled.jsonl"
    file.write_text("\n".join(map(json.dumps, ROWS)) + "\n", encoding="utf-8")
    assert evaluate.main([str(file), "--by", "kind"]) == 0
    printed = capsys.readouterr().out
    assert printed.count("slate_instruction") == 3
    assert "kind=a" in printed


def test_the_script_prints_one_table_without_a_field(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "labelled.jsonl"
    file.write_text(json.dumps(ROWS[0]), encoding="utf-8")
    assert evaluate.main([str(file)]) == 0
    assert capsys.readouterr().out.count("slate_instruction") == 1


@pytest.mark.acceptance
@needs_shared
def test_slate_instructions_of_the_development_set_are_found_as_often_as_stated() -> None:
    rows = [
        json.loads(line) for line in (SHARED / "messages" / "real_dev.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert evaluate.score_rows(rows)[0].f1 >= 0.5


@pytest.mark.acceptance
@needs_shared
def test_ordinary_short_messages_are_hardly_ever_flagged() -> None:
    with gzip.open(SHARED / "background" / "sms_spam.tsv.gz", "rt", encoding="utf-8") as lines:
        ham = sorted({line.split("\t", 1)[1].strip() for line in lines if line.startswith("ham\t")})
    with gzip.open(SHARED / "background" / "roman_urdu.csv.gz", "rt", encoding="utf-8", newline="") as lines:
        roman_urdu = sorted({row["Comment"] for row in csv.DictReader(lines)})
    _, flag = load_model().thresholds["slate_instruction"]
    for texts in (ham, roman_urdu):
        probabilities, _ = estimate(texts)
        assert np.mean(probabilities["slate_instruction"] >= flag) <= 0.005
