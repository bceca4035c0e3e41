"""Scores of any labelled file."""

import csv
import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from chatforensics.errors import UnreadableExport
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


GOOD = {"text": "Vote Ines", "labels": ["endorse"], "slate_instruction": True, "targets": None}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"text": None}, "object 1: 'text' is no text"),
        ({"labels": "endorse"}, "'labels' is no list"),
        ({"labels": ["endorses"]}, "'endorses' is no label"),
        ({"slate_instruction": "false"}, "neither true nor false"),
        ({"targets": "Ines"}, "'targets' is no list"),
        ({"targets": [{"name": "Ines"}]}, "'targets' is no list"),
    ],
)
def test_a_line_of_another_form_is_refused_with_what_is_wrong(change: dict[str, object], said: str) -> None:
    with pytest.raises(UnreadableExport, match=said):
        evaluate.read_rows(json.dumps(GOOD | change).encode(), name="labelled.jsonl")


@pytest.mark.parametrize("content", [b"", b"\n", b"hello", b"[1]", b'{"text": "a"}', b"\xff\xfe"])
def test_a_file_that_is_not_labelled_texts_is_an_error_and_no_crash(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "labelled.jsonl"
    file.write_bytes(content)
    assert evaluate.main([str(file)]) == 1
    assert "labelled.jsonl" in capsys.readouterr().err


def test_a_folder_in_place_of_a_file_is_an_error_and_no_crash(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate.main([str(tmp_path)]) == 1
    assert "UsageError" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["one\u2028two", "half \ud800"])
def test_marks_that_part_lines_and_half_letters_are_read(text: str) -> None:
    content = b"\xef\xbb\xbf" + json.dumps(GOOD | {"text": text}).encode().replace(b"\\u2028", b"\xe2\x80\xa8")
    assert len(evaluate.read_rows(content, name="labelled.jsonl")) == 1


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
