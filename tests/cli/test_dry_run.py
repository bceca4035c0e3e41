"""`analyse --dry-run` says what would be done, and leaves everything as it was."""

import json
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from casefile.cases import BY, a_case_with, a_file
from commandline import run

from chatforensics.cli.dryrun import _round, _size
from chatforensics.workflow import Settings, costs
from chatforensics.workflow.casework import analyse_case

CHAT = b"13/03/2024, 08:30 - Ama: hi\n13/03/2024, 08:31 - Ben: ok\n"


def look(folder: Path) -> dict[str, int]:
    """Return every file below a folder, with the time of its last change."""
    return {str(path): path.stat().st_mtime_ns for path in sorted(folder.rglob("*"))}


def foretold(*words: str | Path, code: int = 0) -> dict[str, object]:
    done = run("analyse", *words, "--dry-run", "--progress", "json")
    assert done.returncode == code, done.stderr
    told: dict[str, object] = json.loads(done.stdout)
    return told


@pytest.fixture
def phones(tmp_path: Path) -> Path:
    """Return a folder with a text on one phone, and on another a zip with a picture and something that is no zip."""
    (tmp_path / "in" / "ama").mkdir(parents=True)
    (tmp_path / "in" / "ben").mkdir()
    (tmp_path / "in" / "ama" / "chat.txt").write_bytes(CHAT * 1_000)
    with zipfile.ZipFile(tmp_path / "in" / "ben" / "chat.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_chat.txt", CHAT * 3_000)
        archive.writestr("00000012-PHOTO-2024.jpg", b"x" * 5_000)
        archive.writestr("sticker.webp", b"x")
    (tmp_path / "in" / "ben" / "cut.zip").write_bytes(b"PK\x03\x04 cut")
    return tmp_path / "in"


def test_it_says_what_there_is_and_how_much(phones: Path) -> None:
    told = foretold(phones, "none.txt")
    assert (told["kinds"], told["n_phones"]) == ({"none": 2, "text": 1, "zip": 1}, 2)
    assert len(told["unread"]) == 2  # type: ignore[arg-type]
    n_messages = round(len(CHAT) * 4_000 / costs.BYTES_A_MESSAGE)
    read = {"n_exports": 2, "n_messages": n_messages, "n_pictures": 1}
    assert {name: told["read"][name] for name in read} == read  # type: ignore[index]
    assert told["case"] is None
    assert 0 < told["least_s"] < told["most_s"]  # type: ignore[operator]


def test_it_is_told_in_words_and_nothing_is_touched(phones: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    before = look(tmp_path)
    done = run("analyse", phones, "--out", tmp_path / "out", "--dry-run", "--jobs", "3")
    assert done.returncode == 0
    said = done.stdout.decode()
    assert "exports: 3 (text: 1; zip: 1; cannot be read: 1), " in said
    assert "about 3,000 messages in 2 exports" in said
    assert "reading in 3 processes" in said
    assert f"in {tmp_path / 'out'} (" in said
    assert "TOO LITTLE" not in said
    assert "these are estimates" in said
    assert b"cut.zip" in done.stderr
    assert look(tmp_path) == before


def test_kinds_and_what_cannot_be_read_add_up(phones: Path) -> None:
    (phones / "ben" / "letter.txt").write_bytes(b"%PDF-1.7")
    (phones / "ben" / "none.txt").write_bytes(b"")
    with zipfile.ZipFile(phones / "ben" / "album.zip", "w") as archive:
        archive.writestr("photo.jpg", b"x" * 5_000)
    told = foretold(phones)
    assert told["kinds"] == {"none": 4, "text": 1, "zip": 1}
    assert len(told["unread"]) == 4  # type: ignore[arg-type]
    assert (told["given"]["n_exports"], told["given"]["n_pictures"]) == (6, 1)  # type: ignore[index]
    assert "exports: 6 (text: 1; zip: 1; cannot be read: 4), " in run("analyse", phones, "--dry-run").stdout.decode()


def test_where_nothing_can_be_read_it_says_so_and_tells_no_time(phones: Path) -> None:
    done = run("analyse", phones / "ben" / "cut.zip", "none.txt", "--dry-run")
    said = done.stdout.decode()
    assert "exports: 2 (cannot be read: 2), " in said
    assert "nothing: not one of them can be read." in said
    assert not any(line.startswith(("Time", "Memory", "Disk")) for line in said.splitlines())
    assert done.returncode == 1
    told = foretold(phones / "ben" / "cut.zip", code=1)
    assert (told["least_s"], told["most_s"]) == (0, 0)


def test_it_warns_of_how_the_folders_lie_as_a_run_does(phones: Path) -> None:
    (phones / "ama" / "second.txt").write_bytes(CHAT)
    assert b"Warning: Exports that lie in the folder given" in run("analyse", phones / "ama", "--dry-run").stderr
    assert b"Warning" not in run("analyse", phones, "--dry-run").stderr


def test_too_little_room_is_told(phones: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=1_000))
    for words in (("--out", tmp_path / "out"), ("--case", tmp_path / "case")):
        assert b"(0.1 MB free: TOO LITTLE)" in run("analyse", phones, *words, "--dry-run").stdout
    both = run("analyse", phones, "--out", tmp_path / "out", "--case", tmp_path / "case", "--dry-run").stdout
    assert both.count(b"TOO LITTLE") == 2


def test_more_processes_and_fewer_messages_take_less_time(phones: Path) -> None:
    one, four = (foretold(phones, "--jobs", jobs)["most_s"] for jobs in ("1", "4"))
    assert four < one  # type: ignore[operator]
    assert foretold(phones / "ama")["most_s"] < foretold(phones)["most_s"]  # type: ignore[operator]


def test_options_with_a_slip_in_them_are_refused_as_in_a_run(phones: Path, tmp_path: Path) -> None:
    (tmp_path / "people.toml").write_text("[[same]]\nlabels = 3\n")
    (tmp_path / "held").mkdir()
    (tmp_path / "held" / "letter.txt").write_text("Dear Ilse")
    for words in (("--people", tmp_path / "people.toml"), ("--out", tmp_path / "held"), ("--retry-failed",)):
        assert run("analyse", phones, *words, "--dry-run").returncode == 2


def test_a_case_that_is_not_there_is_not_made(phones: Path, tmp_path: Path) -> None:
    done = run("analyse", phones, "--case", tmp_path / "case", "--dry-run")
    assert done.returncode == 0
    assert b"would be made" in done.stdout
    assert not (tmp_path / "case").exists()


def test_in_a_case_what_is_there_by_path_and_size_is_not_read_again(tmp_path: Path) -> None:
    made = a_case_with(tmp_path, CHAT, CHAT + b"13/03/2024, 09:00 - Ama: more\n")
    analyse_case(made, settings=Settings(), by=BY)
    there, changed = (tmp_path / f"phone-{number}" / "WhatsApp Chat with Choir.txt" for number in range(2))
    changed.write_bytes(CHAT * 3)
    new = a_file(tmp_path / "new", CHAT * 4)
    before = look(tmp_path)
    told = foretold(there, changed, new, "--case", made.folder)
    assert told["case"] == {"n_originals": 2, "n_there": 1, "n_changed": 1, "n_kept": 2, "is_same": True}
    assert (told["read"]["n_exports"], told["whole"]["n_exports"]) == (2, 4)  # type: ignore[index]
    assert look(tmp_path) == before
    nothing_new = foretold(there, "--case", made.folder)
    assert nothing_new["read"]["n_exports"] == 0  # type: ignore[index]
    assert nothing_new["most_s"] < told["most_s"]  # type: ignore[operator]
    otherwise = foretold(there, "--case", made.folder, "--tz", "Europe/Paris")
    assert otherwise["case"] == {"n_originals": 2, "n_there": 1, "n_changed": 0, "n_kept": 0, "is_same": False}
    said = run("analyse", there, "--case", made.folder, "--dry-run").stdout.decode()
    assert "there by path and size: 1 (their bytes were not compared)" in said


@pytest.mark.parametrize(("number", "words"), [(7, "7"), (99, "99"), (104, "100"), (3_940_112, "3,900,000"), (0, "0")])
def test_an_estimate_has_two_digits_that_mean_something(number: int, words: str) -> None:
    assert _round(number) == words


def test_sizes_are_told_in_the_unit_that_suits_them() -> None:
    assert [_size(n) for n in (0, 10, 2_300_000, 1_250_000_000)] == ["0 MB", "0.1 MB", "2.3 MB", "1.2 GB"]
