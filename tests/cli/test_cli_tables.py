"""The command `tables`: every format, what it refuses, and what it says."""

import csv
import io
import json
import zipfile
from pathlib import Path

import pytest
from commandline import run
from tablefiles.hostile import stored


@pytest.fixture
def result(tmp_path: Path) -> Path:
    folder = tmp_path / "result"
    stored(folder, [{"message_id": 7, "text": "=1+1"}], table="messages")
    stored(folder, [{"chat_id": "c", "title": "Choir"}], table="chats")
    return folder


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_a_folder_gets_one_file_a_table(result: Path, tmp_path: Path, kind: str) -> None:
    done = run("tables", result, "--format", kind, "--out", tmp_path / "out")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode() == f"Wrote {tmp_path / 'out'}: 2 tables, 0.1 MB.\n"
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [f"chats.{kind}", f"messages.{kind}"]


@pytest.mark.parametrize(("name", "begins"), [("a.xlsx", b"PK"), ("a.sqlite", b"SQLite format 3"), ("a.db", b"SQLite")])
def test_a_file_tells_its_format_by_its_ending(result: Path, tmp_path: Path, name: str, begins: bytes) -> None:
    done = run("tables", result, "--table", "chats", "--out", tmp_path / name)
    assert (done.returncode, done.stdout.decode()) == (0, f"Wrote {tmp_path / name}: 1 table, 0.1 MB.\n")
    assert (tmp_path / name).read_bytes().startswith(begins)


def test_one_table_goes_to_standard_output(result: Path) -> None:
    done = run("tables", result, "--table", "messages", "--format", "jsonl", "--out", "-")
    assert [json.loads(line)["text"] for line in done.stdout.splitlines()] == ["=1+1"]
    done = run("tables", result, "--table", "messages", "--format", "csv", "--bom", "--out", "-")
    assert done.stdout.startswith(b"\xef\xbb\xbf")
    assert next(csv.DictReader(io.StringIO(done.stdout.decode("utf-8-sig"))))["text"] == "'=1+1"


def test_raw_csv_comes_with_a_warning(result: Path) -> None:
    done = run("tables", result, "--table", "messages", "--format", "csv", "--raw", "--out", "-")
    assert b'"=1+1"' in done.stdout
    assert b"Warning: --raw" in done.stderr


def test_only_the_tables_named_are_written(result: Path, tmp_path: Path) -> None:
    run("tables", result, "--table", "chats", "--out", tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as held:
        assert b'name="chats"' in held.read("xl/workbook.xml")
        assert b'name="messages"' not in held.read("xl/workbook.xml")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--out", "x"], 2, "does not tell the format"),
        (["--format", "pdf", "--out", "x"], 2, "'pdf' is not offered"),
        (["--format", "csv", "--table", "links", "--out", "x"], 2, "There are messages, chats"),
        (["--format", "csv", "--out", "-"], 2, "'-' takes one table"),
        (["--format", "xlsx", "--table", "chats", "--out", "-"], 2, "'-' takes one table"),
        (["--format", "xlsx", "--out", "."], 2, "is a folder"),
        (["--format", "jsonl", "--bom", "--out", "x"], 2, "are for csv"),
        (["--format", "sqlite", "--out", "result/tables/chats.parquet"], 2, "may be evidence"),
        (["--format", "sqlite", "--out", "chat.txt"], 2, "may be evidence"),
        (["--format", "csv", "--out", "."], 2, "holds other files"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    result: Path, tmp_path: Path, words: list[str], code: int, said: str
) -> None:
    (tmp_path / "chat.txt").write_text("x")
    done = run("tables", result, *words, cwd=tmp_path)
    assert done.returncode == code
    assert said in done.stderr.decode()
    assert len(done.stderr.decode().splitlines()) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["chat.txt", "result"]


def test_a_folder_without_a_result_is_an_error_of_the_input(tmp_path: Path) -> None:
    for place, said in ((tmp_path / "gone", b"no such folder"), (tmp_path, b"no tables in this folder")):
        done = run("tables", place, "--out", tmp_path / "a.xlsx")
        assert (done.returncode, said in done.stderr) == (1, True)


def test_other_commands_say_how_many_cells_of_their_csv_they_disarmed(tmp_path: Path) -> None:
    rows = [f"{who},{what},{n},{who}{what}" for n, what in enumerate("op") for who in ("@ama", "kofi")]
    (tmp_path / "shares.csv").write_text("\n".join(["account_id,object_id,timestamp_share,content_id", *rows]))
    words = ("coordinate", tmp_path / "shares.csv", "--window", "60", "--min-participation", "1", "--out")
    done = run(*words, tmp_path / "pairs.csv")
    assert (tmp_path / "pairs.csv").read_text().splitlines()[1].startswith('"\'@ama","kofi",2,')
    assert b"run as formulas: 1; they have an apostrophe in front" in done.stderr
    assert run(*words, tmp_path / "pairs.jsonl").stderr == b""
    assert json.loads((tmp_path / "pairs.jsonl").read_text())["account_a"] == "@ama"
