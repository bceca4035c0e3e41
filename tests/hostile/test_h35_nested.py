"""Files that are read for their user (declarations, texts, results, cases, packages), made to exhaust the reader."""

import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import commandline
import pytest

CHAT = "13/03/2024, 08:30 - Ama: hi\n13/03/2024, 08:31 - Wiktor: yes\n"
N = 100_000
NESTED = {
    "lists": "[" * N + "]" * N,
    "objects": '{"a":' * N + "1" + "}" * N,
    "a text and lists": '{"text": "a", "x": ' + "[" * N + "]" * N + "}",
    "a number without end": '{"text": "a", "id": ' + "1" * 5_000 + "}",
    "half a character": '{"text": "\\ud800", "\\udfff": 1',
}
TOML = {
    "lists": "a = " + "[" * N + "]" * N,
    "tables": "a = " + "{b = " * N,
    "a key of many parts": "a." * N + "b = 1",  # of one more, Python's own reader takes tens of gigabytes
    "a heading of many parts": "[" + "a." * N + "b]",
    "a number without end": "a = " + "1" * 5_000,
    "no UTF-8": "a = '\udce9'",
    "much": "a = 1\n" * 1_000_000,
}


def check_refused(*words: str | Path, stdin: bytes = b"") -> str:
    """Run a command; it must say in one line what is wrong, soon, and without a traceback."""
    started = time.monotonic()
    done = commandline.run(*words, stdin=stdin)
    assert time.monotonic() - started < 10
    assert done.returncode in (1, 2)
    assert b"Traceback" not in done.stderr
    return done.stderr.decode()


def write(path: Path, content: str) -> Path:
    path.write_bytes(content.encode(errors="surrogateescape"))
    return path


@pytest.mark.parametrize("kind", NESTED)
@pytest.mark.parametrize("command", ["classify", "families"])
def test_h35_json_lines_nested_without_end_are_refused_by_line(command: str, kind: str) -> None:
    told = check_refused(command, "-", stdin=b'{"text": "first"}\n' + NESTED[kind].encode())
    assert "line 2" in told


@pytest.mark.parametrize("kind", TOML)
@pytest.mark.parametrize("option", ["--declare", "--people"])
def test_h35_toml_nested_without_end_is_refused_by_name(option: str, kind: str, tmp_path: Path) -> None:
    chat = write(tmp_path / "WhatsApp Chat with Choir.txt", CHAT)
    told = check_refused("analyse", chat, "--out", tmp_path / "out", option, write(tmp_path / "said.toml", TOML[kind]))
    assert "said.toml: no readable TOML" in told


@pytest.mark.slow
@pytest.mark.parametrize("kind", TOML)
def test_h35_answers_about_custody_nested_without_end_are_refused(kind: str, tmp_path: Path) -> None:
    chat = write(tmp_path / "WhatsApp Chat with Choir.txt", CHAT)
    case = tmp_path / "case"
    assert commandline.run("case", "new", case, "--title", "t", "--by", "Ama").returncode == 0
    told = check_refused("case", "add", case, chat, "--answers", write(tmp_path / "said.toml", TOML[kind]))
    assert "said.toml: no readable TOML" in told


@pytest.mark.parametrize("kind", NESTED)
def test_h35_a_result_that_says_of_itself_without_end_is_no_earlier_result(kind: str, tmp_path: Path) -> None:
    chat = write(tmp_path / "WhatsApp Chat with Choir.txt", CHAT)
    out = tmp_path / "out"
    out.mkdir()
    write(out / "run.json", NESTED[kind])
    assert "holds other files" in check_refused("analyse", chat, "--out", out)


@pytest.mark.slow
@pytest.mark.parametrize("kind", NESTED)
def test_h35_a_custody_log_nested_without_end_is_told_by_line(kind: str, tmp_path: Path) -> None:
    case = tmp_path / "case"
    assert commandline.run("case", "new", case, "--title", "t", "--by", "Ama").returncode == 0
    with closing(sqlite3.connect(case / "case.sqlite")) as database, database:
        database.execute("INSERT INTO log VALUES (2, ?)", (NESTED[kind],))
    done = commandline.run("verify", case)
    assert done.returncode == 4
    assert b"Line 2 of the custody log" in done.stdout
    check_refused("case", "log", case)


def test_h35_a_package_whose_log_is_nested_without_end_is_checked_to_the_end(tmp_path: Path) -> None:
    from chatforensics.package.checker import check_bag, describe, has_failed

    bag = tmp_path / "bag"
    (bag / "data" / "custody").mkdir(parents=True)
    for name, content in (
        ("bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"),
        ("data/custody/log.jsonl", NESTED["lists"] + "\n"),
        ("data/custody/head.json", NESTED["objects"]),
        ("manifest-sha256.txt", "x"),
        ("tagmanifest-sha256.txt", json.dumps(NESTED["a text and lists"])),
    ):
        write(bag / name, content)
    results = check_bag(bag, None)
    assert has_failed(results)
    assert max(map(len, describe(results))) < 2_000
