"""`--candidates`: the list that `classify` and `analyse` take, what comes of it, and how a wrong one is refused."""

import hashlib
import json
from pathlib import Path

import polars as pl
import pytest
from commandline import run

TEXT = "Ward selection ballot: please vote for {}, final reminder, and do not vote for Rhys Feng"


@pytest.fixture
def names(tmp_path: Path) -> Path:
    path = tmp_path / "names.csv"
    path.write_text("name,variants\nAmara Osei,Amara Oseii\n")
    return path


def test_classify_says_which_candidate_a_name_spells(names: Path) -> None:
    line = json.dumps({"text": TEXT.format("Amara Oseii")}).encode()
    (row,) = (json.loads(each) for each in run("classify", "-", "--candidates", names, stdin=line).stdout.splitlines())
    assert [(each["name"], each["candidate"]) for each in row["slates"]] == [
        ("Amara Oseii", "Amara Osei"),
        ("Rhys Feng", None),
    ]


def test_classify_without_a_list_keeps_the_fields_of_the_contract() -> None:
    line = json.dumps({"text": TEXT.format("Amara Osei")}).encode()
    row = json.loads(run("classify", "-", stdin=line).stdout)
    assert [set(each) for each in row["slates"]] == [{"contest", "name", "stance", "step"}] * 2


@pytest.mark.parametrize("content", ["surname\nOsei\n", ""])
def test_a_list_of_another_form_is_refused_before_any_work(tmp_path: Path, content: str) -> None:
    path = tmp_path / "names.csv"
    path.write_text(content)
    for command in (("classify", "-"), ("analyse", tmp_path, "--out", tmp_path / "out")):
        refused = run(*command, "--candidates", path, stdin=b'{"text": "hello"}')
        assert refused.returncode == 2
        assert b"name,variants" in refused.stderr


def test_a_list_that_is_not_there_is_refused(tmp_path: Path) -> None:
    refused = run("classify", "-", "--candidates", tmp_path / "none.csv", stdin=b'{"text": "hello"}')
    assert refused.returncode == 2
    assert b"--candidates" in refused.stderr


@pytest.mark.slow
def test_analyse_records_the_list_and_links_the_same_slate_in_other_words(tmp_path: Path, names: Path) -> None:
    texts = (
        TEXT.format("Amara Oseii"),
        "Fwd for tonight's selection, two papers. Against Rhys Feng on the second one! On the first paper tick Osei.",
    )
    lines = [f"25/06/2024, 0{place}:10 - Ama: {text}" for place, text in enumerate((*texts, "thanks all"), 8)]
    (tmp_path / "chat.txt").write_text("\n".join(lines) + "\n")
    out = tmp_path / "out"
    done = run("analyse", tmp_path / "chat.txt", "--out", out, "--candidates", names, "--tz", "Europe/London")
    assert done.returncode == 0, done.stderr
    stated = json.loads((out / "run.json").read_text())["parameters"]["candidates"]
    assert stated == {"path": str(names), "sha256": hashlib.sha256(names.read_bytes()).hexdigest()}
    slates = pl.read_parquet(out / "tables" / "slates.parquet")
    assert set(slates.filter(pl.col("name").str.contains("Osei"))["candidate"]) == {"Amara Osei"}
    (link,) = pl.read_parquet(out / "tables" / "same_slates.parquet").to_dicts()
    assert (link["n_shared"], link["jaccard"]) == (2, 1.0)
    assert "The same slate as text" in (out / "report.html").read_text()
