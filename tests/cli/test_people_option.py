"""`analyse --people`: a file that corrects who is who, and what is said of a slip in it."""

import subprocess
from pathlib import Path

import polars as pl
from commandline import run

LINES = [f"25/06/2024, 08:{n} - {('Ama', 'Ben')[n % 2]}: hello {n}" for n in range(10, 20)]


def analyse(folder: Path, people: str) -> subprocess.CompletedProcess[bytes]:
    (folder / "chat.txt").write_text("\n".join(LINES) + "\n")
    (folder / "people.toml").write_text(people)
    words = ["analyse", "chat.txt", "--out", "out", "--people", "people.toml"]
    return run(*words, cwd=folder)


def test_stated_joins_are_made(tmp_path: Path) -> None:
    done = analyse(tmp_path, '[[same]]\nlabels = ["Ama", "Ben"]\nwho = "Ama herself"\n')
    assert done.returncode == 0, done.stderr
    people = pl.read_parquet(tmp_path / "out" / "tables" / "people.parquet")
    assert people["labels"].to_list() == [["Ama", "Ben"]]
    assert "stated by Ama herself" in people["basis"][0]


def test_an_unknown_label_is_wrong_usage_told_in_one_line(tmp_path: Path) -> None:
    done = analyse(tmp_path, '[[same]]\nlabels = ["Ama", "Bob"]\n')
    assert done.returncode == 2
    line = done.stderr.decode().splitlines()[-1]
    assert "--people: people.toml: [[same]] number 1: 'Bob' is no label in any export. Copy it" in line
    assert b"Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()
