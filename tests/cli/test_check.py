"""`check`: plain words for a person, rows for a program, and the contract's exit codes."""

import csv
import io
import json
import subprocess
from pathlib import Path
from typing import Any

import commandline
import polars as pl
import pytest

from chatforensics.cli.observations import CLOSING, LINE_LIMIT, WIDTH, describe_checks
from chatforensics.schema import TABLES, Indicators
from chatforensics.workflow import Checked

CHAT = b"13/03/2024, 08:30 - Ama: hi\n13/03/2024, 08:31 - Ben left\n13/03/2024, 08:32 - Zo\xc3\xab: ok\nand more\n"
SOURCE = {
    "path": "chat.txt", "sha256": "a" * 64, "header_format": "android: d/M/yyyy", "date_order": "dmy",
    "date_order_verdict": "certain", "n_messages": 1234,
}  # fmt: skip


def run(*words: str, stdin: bytes = b"", cwd: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    return commandline.run("check", *words, stdin=stdin, cwd=cwd)


def _seen(**more: Any) -> dict[str, Any]:
    return {
        "source_ids": ["s"], "indicator": "I-03", "level": "unexplained", "lines": [4, 9],
        "value": "2 times step back.", "title": "Steps back", "explanation": "Why so.",
        "innocent": "Late delivery.", "resolve": "Another export.",
    } | more  # fmt: skip


def _checked(*rows: dict[str, Any], notes: tuple[str, ...] = (), **source: Any) -> Checked:
    frame = pl.DataFrame(list(rows), schema=dict(TABLES["indicators"]))
    return Checked(SOURCE | source, notes, Indicators(frame))


def _words(*rows: dict[str, Any], everything: bool = False, **source: Any) -> str:
    return " ".join(describe_checks([_checked(*rows, **source)], everything=everything).split())


def test_the_head_names_file_hash_form_and_number_of_records(tmp_path: Path) -> None:
    path = tmp_path / "chat.txt"
    path.write_bytes(CHAT)
    done = run(str(path))
    assert (done.returncode, done.stderr) == (0, b"")
    text = done.stdout.decode()
    assert text.startswith(f"{path}\n=====")
    assert "SHA-256 " in text
    assert "Form android: d/M/yyyy, dates dmy (certain); records: 3" in " ".join(text.split())


def test_it_closes_with_how_to_read_it_also_where_nothing_was_seen() -> None:
    for rows in ((), (_seen(),)):
        assert _words(*rows).endswith(CLOSING)
    assert "No observation." in _words()
    for said in ("not added up", "none of them shows", "does not show that an export is genuine", "compare"):
        assert said in CLOSING


def test_an_observation_is_printed_with_all_that_is_needed_to_weigh_it() -> None:
    assert (
        "UNEXPLAINED: No ordinary cause was found by the rules; one may exist. I-03 Steps back Seen: 2 times step "
        "back. Lines: 4, 9 Why it may matter: Why so. Innocent causes: Late delivery. What would settle it: Another "
        "export."
    ) in _words(_seen())


def test_contradictions_come_first_and_information_last_and_short() -> None:
    rows = [_seen(level=level, indicator=f"I-0{n}") for n, level in enumerate(("info", "unexplained", "contradiction"))]
    said = _words(*rows)
    places = [said.index(word) for word in ("CONTRADICTION", "I-02", "UNEXPLAINED", "I-01", "INFO", "I-00")]
    assert places == sorted(places)
    assert "I-00 Steps back: 2 times step back. (--all prints" in said


def test_all_prints_information_in_full() -> None:
    assert "Innocent causes" not in _words(_seen(level="info"))
    said = _words(_seen(level="info"), everything=True)
    assert "Innocent causes: Late delivery." in said
    assert "--all" not in said


def test_many_lines_are_cut_and_counted() -> None:
    said = _words(_seen(lines=list(range(1, LINE_LIMIT + 1002))))
    assert f", {LINE_LIMIT} and 1,001 more" in said
    assert f" {LINE_LIMIT + 1}" not in said


def test_an_observation_without_lines_or_texts_is_printed_without_them() -> None:
    said = _words(_seen(lines=[], value=None, explanation=None, innocent=None, resolve=None))
    assert "Lines" not in said
    assert "Why" not in said


def test_what_a_stranger_wrote_cannot_steer_the_terminal_or_the_page() -> None:
    said = describe_checks([_checked(_seen(value="a\x1b[2Jb\u202ec\u200ed\ne"), path="c\x07.txt")], everything=False)
    assert "a[ESC][2Jb[RLO]c[LRM]d e" in said
    assert said.startswith("c[BEL].txt\n")
    assert all(letter.isprintable() or letter == "\n" for letter in said)


def test_lines_are_no_wider_than_a_page() -> None:
    said = describe_checks([_checked(_seen(explanation="word " * 200), notes=("odd " * 60,))], everything=False)
    assert max(map(len, said.splitlines())) <= WIDTH
    assert "Note: odd odd" in said


def test_jsonl_and_csv_are_rows_of_the_table(tmp_path: Path) -> None:
    path = tmp_path / "chat.txt"
    path.write_bytes(CHAT)
    rows = [json.loads(line) for line in run(str(path), "--format", "jsonl").stdout.decode().splitlines()]
    assert rows
    assert all(list(row) == list(TABLES["indicators"]) for row in rows)
    assert run(str(path), "--out", str(tmp_path / "out.csv")).returncode == 0
    table = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text(encoding="utf-8"))))
    assert [row["indicator"] for row in table] == [row["indicator"] for row in rows]


def test_standard_input_is_read_and_a_year_and_a_date_order_can_be_given() -> None:
    done = run("-", "--year", "2014", "--dates", "dmy", stdin=b"13 Mar 08:30 - Ama: hi\n14 Mar 08:31 - Ben: ok\n")
    assert done.returncode == 0
    assert b"records: 2" in done.stdout


def test_every_export_of_a_folder_is_looked_at_and_what_fails_is_said(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    for name in ("one.txt", "a/two.txt"):
        (tmp_path / name).write_bytes(CHAT + name.encode())
    assert run(".", cwd=tmp_path).stdout.count(b"SHA-256") == 2
    (tmp_path / "list.txt").write_bytes(b"milk\n")
    (tmp_path / "three.txt").write_bytes(CHAT + b"one.txt")
    done = run(".", cwd=tmp_path)
    assert done.returncode == 3
    assert done.stdout.count(b"SHA-256") == 2
    assert b"Not read: list.txt" in done.stderr
    assert b"Warning: three.txt is the same file as one.txt" in done.stderr


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        (("none.txt",), 1, b"none.txt"),
        (("-",), 1, b"the file is empty"),
        (("-", "--format", "xls"), 2, b"not offered"),
        (("-", "none.txt"), 2, b"alone"),
        (("-", "--tz", "Mars/Olympus"), 2, b"no time zone"),
        ((), 2, b"Missing argument"),
    ],
)
def test_what_is_wrong_is_one_line_and_the_contracts_code(words: tuple[str, ...], code: int, reason: bytes) -> None:
    done = run(*words)
    assert (done.returncode, done.stdout) == (code, b"")
    assert reason in done.stderr


def test_an_export_is_never_replaced_by_the_result(tmp_path: Path) -> None:
    path = tmp_path / "chat.txt"
    path.write_bytes(CHAT)
    assert run(str(path), "--out", str(path)).returncode == 2
    assert path.read_bytes() == CHAT
