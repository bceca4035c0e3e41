"""The program that travels in the package says plainly what it found, and needs nothing but Python."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from bags import INFO, TAGS, make_bag, payload, signer

from chatforensics.package import checker
from chatforensics.package.bag import write_bag
from chatforensics.package.checker import LIMITS, Result, check_bag, describe, has_failed, main, summarise

DEEP = b"[" * 100_000 + b"]" * 100_000


def test_the_first_line_is_plain_and_says_how_far_the_check_went(tmp_path: Path) -> None:
    ok, failed = Result("files", "ok", "All."), Result("custody log", "failed", "Not.")
    assert summarise([ok, Result("signature", "ok", "")]).startswith("OK: every file here is as it was when")
    assert summarise([ok, Result("signature", "not checked", "")]).startswith("OK as far as it goes")
    assert summarise([ok, failed, Result("signature", "ok", "")]).startswith("FAILED: custody log.")
    assert summarise([ok]) == "OK: whatever was checked agrees."
    assert set(LIMITS) <= set(describe(check_bag(make_bag(tmp_path / "bag"))))


def test_what_a_hostile_name_holds_does_not_reach_the_terminal(tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "bag")
    (bag / "data" / "\x1b]0;x\x07\u202egpj.exe").write_bytes(b"")
    (bag / "data" / "a\nOK: all is well").write_bytes(b"")
    (bag / os.fsdecode(b"data/\xff")).write_bytes(b"")
    told = describe(check_bag(bag))
    assert all(line.isprintable() or not line for line in told)
    assert any("[U+001B]]0;x[U+0007][U+202E]gpj.exe" in line for line in told)
    assert not any(line.startswith("OK") for line in told)


def test_long_lists_of_differences_are_cut_with_their_number(tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "bag")
    for number in range(30):
        (bag / f"more-{number}").write_bytes(b"")
    told = describe(check_bag(bag))
    assert any("files that no list names were added: 30." in line for line in told)
    assert "    and 10 more" in told


def test_wrong_usage_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in ([str(tmp_path / "none")], [str(tmp_path), "--key", "none"], ["--what"]):
        with pytest.raises(SystemExit) as ended:
            main(words)
        assert ended.value.code == 2
    assert capsys.readouterr().out == ""


def test_the_program_uses_only_the_standard_library_and_old_syntax() -> None:
    source = Path(checker.__file__).read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 8))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported <= set(sys.stdlib_module_names)


def test_run_as_a_program_it_checks_the_folder_that_it_lies_in(tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "bag")
    assert (bag / "verify.py").read_bytes() == Path(checker.__file__).read_bytes()
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [sys.executable, "bag/verify.py"], cwd=tmp_path, capture_output=True, check=False, env=environment
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"OK as far as it goes")
    assert done.stdout.endswith(b"Use a copy from elsewhere.\n")
    assert not list(bag.rglob("__pycache__"))


def test_a_module_planted_beside_it_does_not_run(tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "bag")
    (bag / "json.py").write_text("print('planted')")
    done = subprocess.run([sys.executable, bag / "verify.py"], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (4, b"")
    assert b"planted" not in done.stdout
    assert b"json.py: no list names it" in done.stdout


def test_files_that_a_computer_adds_by_itself_are_told_apart_from_changes_in_the_first_line(tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "bag", sign=(maker := signer(tmp_path)))
    (bag / ".DS_Store").write_bytes(b"x")
    (bag / "data" / "Thumbs.db").write_bytes(b"y")
    first = describe(check_bag(bag, maker.public_key))[0]
    said = "FAILED: all listed files are unchanged; files that no list names were added: .DS_Store, data/Thumbs.db. "
    assert first == f"{said}Take them away, and check again."
    assert "No signature was checked." in describe(check_bag(bag))[0]
    assert has_failed(check_bag(bag))
    (bag / "data/messages.csv").write_bytes(b"")
    assert describe(check_bag(bag))[0].startswith("FAILED: form, files.")


def test_a_signature_that_was_deleted_is_named_once(tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "bag", sign=(maker := signer(tmp_path)))
    (bag / f"{checker.TAGS}.minisig").unlink()
    told = next(result for result in check_bag(bag, maker.public_key) if result.name == "signature")
    assert told.words == f"{checker.TAGS}.minisig is missing."


def test_a_log_that_was_left_out_is_not_checked_and_one_that_was_deleted_fails(tmp_path: Path) -> None:
    parts = {name: content for name, content in payload().items() if name != "custody/log.jsonl"}
    write_bag(tmp_path / "without", payload=parts, tags=TAGS, info=INFO)
    results = check_bag(tmp_path / "without")
    assert not has_failed(results)
    log = next(result for result in results if result.name == "custody log")
    assert (log.state, "5 entries" in log.words) == ("not checked", True)
    assert log.words.startswith("The log is not in this package")
    write_bag(tmp_path / "odd", payload=parts | {"custody/head.json": b'{"sha256":"x"}\n'}, tags=TAGS, info=INFO)
    assert has_failed(check_bag(tmp_path / "odd"))
    bag = make_bag(tmp_path / "bag")
    (bag / checker.LOG).unlink()
    failed = {result.name for result in check_bag(bag) if result.state == "failed"}
    assert failed == {"form", "files", "custody log"}


def test_a_reader_that_stops_reading_gets_no_traceback(tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "bag")
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([sys.executable, "-I", bag / "verify.py"], stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.slow
@pytest.mark.parametrize("version", ["3.8", "3.9", "3.10", "3.12", "3.13"])
def test_it_runs_on_other_versions_of_python(version: str, tmp_path: Path) -> None:
    python = next(iter(sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))), None)
    if python is None:
        pytest.skip(f"no Python {version} on this machine")
    maker = signer(tmp_path)
    bag = make_bag(tmp_path / "bag", sign=maker)
    with (bag / checker.LOG).open("ab") as file:
        file.write(DEEP + b"\n")
    good = make_bag(tmp_path / "good", sign=maker)
    for folder, code in ((good, 0), (bag, 4)):
        command: list[str | Path] = [python, "-I", bag / "verify.py", folder, "--key", maker.public_key]
        done = subprocess.run(command, capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (code, b"")
