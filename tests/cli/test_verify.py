"""`verify` says in one plain line how it ended, then what was checked, for packages, cases and what is neither."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from bags import make_bag, signer
from commandline import run

from chatforensics.package.checker import LIMITS, TAGS, UNSEEN


def test_a_signed_package_is_told_in_one_plain_line_then_in_detail(tmp_path: Path) -> None:
    maker = signer(tmp_path)
    done = run("verify", make_bag(tmp_path / "bag", sign=maker), "--key", maker.public_key)
    first, _, *rest = done.stdout.decode().splitlines()
    assert (done.returncode, done.stderr) == (0, b"")
    assert first == "OK: every file here is as it was when the holder of the key that you gave signed."
    assert [line.split(":")[0] for line in rest if line.startswith("[")] == [
        "[ok] form",
        "[ok] files",
        "[ok] custody log",
        "[ok] signature",
        "[not checked] timestamp",
    ]
    assert list(LIMITS) == rest[-2:]


def test_what_fails_is_named_and_ends_with_4(tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "bag")
    (bag / "data" / "messages.csv").write_bytes(b"other")
    done = run("verify", bag)
    told = done.stdout.decode()
    assert done.returncode == 4
    assert told.startswith("FAILED: form, files. ")
    assert "data/messages.csv: changed" in told
    assert "may have harmless causes" in told


def test_json_holds_the_same_checks(tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "bag")
    told = json.loads(run("verify", bag, "--json").stdout)
    assert told["ok"] is True
    assert UNSEEN in told["summary"]
    assert [check["state"] for check in told["checks"]] == ["ok", "ok", "ok", "not checked", "not checked"]
    (bag / TAGS).unlink()
    done = run("verify", bag, "--json")
    assert (done.returncode, json.loads(done.stdout)["ok"]) == (4, False)


def test_a_sealed_package_comes_with_how_to_open_it(tmp_path: Path) -> None:
    for name, content in (("bag.tar.age", b""), ("bag.tar", b"age-encryption.org/v1\n-> X25519")):
        (tmp_path / name).write_bytes(content)
        done = run("verify", tmp_path / name)
        assert done.returncode == 2
        assert b"a sealed package. Open it first, age -d -i YOUR-KEY" in done.stderr


def test_what_is_neither_a_package_nor_a_case_is_wrong_use(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK")
    assert b"Unpack it" in run("verify", tmp_path / "a.zip").stderr
    assert b"neither a package nor a case" in run("verify", tmp_path).stderr
    bag = make_bag(tmp_path / "bag")
    for words in ([tmp_path], [tmp_path / "none"], [tmp_path / "a.zip"], [bag, "--key", "none"]):
        assert run("verify", *words).returncode == 2, words


def test_a_package_is_checked_as_one_even_where_a_case_was_planted_in_it(tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "bag")
    (bag / "case.sqlite").write_bytes(b"")
    done = run("verify", bag)
    assert done.returncode == 4
    assert b"case.sqlite: no list names it" in done.stdout


def test_a_case_is_handed_on_and_takes_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from chatforensics.package.checker import Result
    from chatforensics.workflow import verifying

    asked = []

    def check(folder: Path, *, rerun: bool) -> list[Result]:
        asked.append((folder, rerun))
        return [Result("originals", "failed", "One changed.")]

    monkeypatch.setattr(verifying, "verify_case", check)
    (tmp_path / "case.sqlite").write_bytes(b"")
    done = run("verify", tmp_path, "--rerun")
    assert (done.returncode, asked) == (4, [(tmp_path, True)])
    assert done.stdout.startswith(b"FAILED: originals.")
    assert run("verify", tmp_path, "--key", "RW").returncode == 2


def test_a_package_is_verified_without_anything_heavy(tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "bag")
    heavy = ("polars", "numpy", "cryptography", "minisign", "pyrage", "rfc3161_client")
    code = f"import sys; sys.argv = ['chatforensics', 'verify', {str(bag)!r}]\nfrom chatforensics.cli import main\n"
    code += f"main_ = main\ntry: main_()\nexcept SystemExit: pass\nprint([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.decode().splitlines()[-1] == "[]"
