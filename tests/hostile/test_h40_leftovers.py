"""What is left on the disk when the program is ended by force, and who may read what it writes."""

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import commandline
import pytest

from chatforensics.intake import content

WORD = "zebrafinch"  # stands in every message
WORDS = WORD.encode()


def write_exports(folder: Path) -> Path:
    for phone in range(3):
        path = folder / f"phone-{phone}" / f"WhatsApp Chat with Choir {phone}.txt"
        path.parent.mkdir(parents=True)
        said = "Vote for Ann Obi on Friday, then pass this on"
        lines = [f"13/03/2024, {8 + n // 60:02}:{n % 60:02} - Ama {n % 7}: {said} {WORD} {n % 9}\n" for n in range(300)]
        path.write_text("".join(lines), encoding="utf-8")
    return folder


def holding_words(*folders: Path) -> list[Path]:
    found = [path for folder in folders for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return [path for path in found if WORDS in path.read_bytes() or WORD in path.name]


def open_to_others(path: Path) -> list[Path]:
    """Return what others may read or enter; what lies in a folder that they may not enter is closed to them."""
    if not path.lstat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return []
    return [path, *(found for inner in path.iterdir() for found in open_to_others(inner))] if path.is_dir() else [path]


def test_h40_what_is_unpacked_to_the_disk_has_no_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(content, "SMALL_BYTES", 10)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with content.spool([WORDS, WORDS]) as file:
        found = os.fstat(file.fileno())
        assert (found.st_nlink, list(tmp_path.iterdir())) == (0, [])


def test_h40_what_is_written_can_be_read_by_its_owner_only(tmp_path: Path) -> None:
    chat = tmp_path / "WhatsApp Chat with Choir.txt"
    chat.write_text(f"13/03/2024, 08:30 - Ama: {WORD}\n13/03/2024, 08:31 - Wiktor: yes\n", encoding="utf-8")
    before = os.umask(0o022)
    try:
        for name in ("a.csv", "a.parquet", "folder/a.jsonl"):
            assert commandline.run("parse", chat, "--out", tmp_path / "out" / name).returncode == 0
        assert commandline.run("case", "new", tmp_path / "out" / "case", "--title", "t").returncode == 0
        assert commandline.run("case", "add", tmp_path / "out" / "case", chat).returncode == 0
    finally:
        os.umask(before)
    for path in (tmp_path / "out").iterdir():
        assert open_to_others(path) == []


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no such end by force")
@pytest.mark.parametrize("after_s", [1.0, 2.5, 4.0])
def test_h40_after_an_end_by_force_no_words_lie_outside_of_the_result_and_the_case(
    after_s: float, tmp_path: Path
) -> None:
    exports = write_exports(tmp_path / "exports")
    places = {name: tmp_path / name for name in ("tmp", "home", "out", "work")}
    for name in ("tmp", "home", "work"):
        places[name].mkdir()
    environment = os.environ | {"TMPDIR": str(places["tmp"]), "HOME": str(places["home"])}
    environment |= {f"XDG_{kind}_HOME": str(places["home"]) for kind in ("CACHE", "CONFIG", "DATA")}
    command = [sys.executable, "-m", "chatforensics", "analyse", str(exports), "--out", str(places["out"]), "--quiet"]
    with subprocess.Popen(command, env=environment, cwd=places["work"], stderr=subprocess.DEVNULL) as program:
        time.sleep(after_s)
        program.kill()
    time.sleep(0.2)  # what works for it ends with it
    assert holding_words(places["tmp"], places["home"], places["work"]) == []
    assert not places["out"].exists() or open_to_others(places["out"]) == []
