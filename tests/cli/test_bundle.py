"""The command `bundle`: what it refuses, and the way from a phone's export to a package and back."""

from datetime import UTC, datetime
from pathlib import Path

import commandline
import pytest

from chatforensics.casefile import By, append, open_case
from chatforensics.cli.packing import read_signer
from chatforensics.errors import UsageError

CHAT = (
    "13/02/2031, 10:00 - Ines Duarte: Vote for Wiktor Nowak on Thursday, then delete this message please\n"
    "13/02/2031, 10:01 - Kofi Mensah: No thanks, Ines\n"
)


def an_export(folder: Path) -> Path:
    path = folder / "WhatsApp Chat with Choir.txt"
    path.write_text(CHAT, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), b"Say what to pack"),
        (("--messages", "flagged", "--reply-for", "Ines"), b"Say what to pack"),
        (("--messages", "nothing.txt"), b"nothing.txt"),
        (("--messages", "flaged"), b"Use flagged, review or all; ids with commas between them; or a file of ids"),
        (("--messages", "1,x"), b"1,x"),
        (("--messages", "all", "--originals"), b"--no-pseudonyms"),
        (("--messages", "all", "--no-pseudonyms", "--name", "Ines"), b"shows everybody by name"),
        (("--messages", "all", "--encrypt-to", "age1nobody"), b"age1nobody"),
        (("--messages", "all", "--encrypt-to", "age1x", "--passphrase"), b"one of the two"),
        (("--messages", "all", "--passphrase"), b"CHATFORENSICS_PASSPHRASE"),
        (("--messages", "all", "--redact", "none.csv"), b"none.csv"),
        (("--messages", "all", "--tz", "Middle/Earth"), b"Middle/Earth"),
        (("--messages", "4", "--context", "2000"), b"--context"),
    ],
)
def test_what_cannot_be_is_refused_before_any_work(words: tuple[str, ...], said: bytes, tmp_path: Path) -> None:
    ran = commandline.run("bundle", an_export(tmp_path), "--out", tmp_path / "pack", *words)
    assert ran.returncode in (1, 2)
    assert said in ran.stderr
    assert not (tmp_path / "pack").exists()


def test_a_case_is_packed_by_itself(tmp_path: Path) -> None:
    assert commandline.run("case", "new", tmp_path / "case").returncode == 0
    ran = commandline.run(
        "bundle", tmp_path / "case", an_export(tmp_path), "--messages", "all", "--out", tmp_path / "p"
    )
    assert (ran.returncode, b"a case is packed by itself" in ran.stderr) == (2, True)


def test_what_is_neither_a_case_nor_an_export_is_called_what_it_is(tmp_path: Path) -> None:
    kinds = {"package": ("bagit.txt",), "result": ("run.json", "report.html"), "empty": ("notes.md",)}
    for folder, names in kinds.items():
        (tmp_path / folder).mkdir()
        for name in names:
            (tmp_path / folder / name).write_bytes(b"")
    said = {
        "wrd": b"no such file or folder. A case folder has case.sqlite in it.",
        "package": b"a package that was made already",
        "result": b"the result of an analysis",
        "empty": b"a folder without exports",
    }
    for path, words in said.items():
        ran = commandline.run("bundle", tmp_path / path, "--messages", "all", "--out", tmp_path / "p")
        assert (ran.returncode, words in ran.stderr) == (2, True), ran.stderr


def test_a_slip_in_the_name_of_the_key_makes_no_second_key_for_a_case(tmp_path: Path) -> None:
    folder = tmp_path / "case"
    assert commandline.run("case", "new", folder).returncode == 0
    case, at = open_case(folder), datetime(2031, 4, 1, tzinfo=UTC)
    read_signer(tmp_path / "first.key", case=case, new=False)
    append(case, "bundle", by=By("x", at), details={"key": "0123456789ABCDEF"})
    append(case, "bundle", by=By("x", at), details={})
    with pytest.raises(UsageError, match=r"0123456789ABCDEF.*--new-key"):
        read_signer(tmp_path / "frist.key", case=case, new=False)
    assert not (tmp_path / "frist.key").exists()
    read_signer(tmp_path / "other.key", case=case, new=True)
    assert (tmp_path / "other.key.pub").exists()


@pytest.mark.slow
def test_an_export_becomes_a_signed_sealed_package_that_checks_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHATFORENSICS_PASSPHRASE", "a rather long one")
    (tmp_path / "rules.csv").write_text("words,message_id,reason\nThursday,,a day that tells who it is\n")
    key, out = tmp_path / "ward.key", tmp_path / "pack"
    how = ("--sign", key, "--passphrase", "--redact", tmp_path / "rules.csv", "--by", "Ama Boateng", "--quiet")
    ran = commandline.run("bundle", an_export(tmp_path), "--messages", "flagged", "--out", out, *how)
    assert ran.returncode == 0, ran.stderr
    public = (tmp_path / "ward.key.pub").read_text().split()[-1]
    assert public.encode() in ran.stderr
    assert b"the key of these pseudonyms is gone" in ran.stderr
    assert b"Thursday" not in (out / "data/messages.jsonl").read_bytes()
    assert (tmp_path / "pack.tar.age").read_bytes().startswith(b"age-encryption.org/v1")
    assert commandline.run("verify", out, "--key", public).returncode == 0


@pytest.mark.slow
def test_what_was_packed_is_told_in_plain_lines(tmp_path: Path) -> None:
    ids = tmp_path / "messages.txt"
    parsed = commandline.run("parse", an_export(tmp_path))
    ids.write_bytes(parsed.stdout.split(b'"message_id": ')[1].split(b",")[0] + b"\n")
    ran = commandline.run("bundle", an_export(tmp_path), "--messages", ids, "--context", "0", "--out", tmp_path / "p")
    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.decode().splitlines()
    assert lines[0] == "Packed   chosen: 1; copies of them in other exports: 0; around them: 0; left out: 1 records."
    assert any(line.startswith("SHA-256") for line in lines)
    assert any("verify.py" in line for line in lines)


def test_a_missing_list_of_words_is_a_wrong_option(tmp_path: Path) -> None:
    words = ("--messages", "all", "--redact", tmp_path / "none.csv")
    ran = commandline.run("bundle", an_export(tmp_path), "--out", tmp_path / "pack", *words)
    assert (ran.returncode, b"none.csv" in ran.stderr) == (2, True)
