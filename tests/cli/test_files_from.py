"""Lists of files: long ones, with names of any kind, files named twice, and files that are not there."""

import json
from pathlib import Path

import pytest
from commandline import run

CHAT = b"13/03/2024, 08:30 - Ama: hi\n13/03/2024, 08:31 - Ben: ok\n"


def foreseen(listed: bytes, cwd: Path) -> dict[str, object]:
    done = run("analyse", "--files-from", "-", "--dry-run", "--progress", "json", stdin=listed, cwd=cwd)
    assert done.returncode == 0, done.stderr
    told: dict[str, object] = json.loads(done.stdout)
    return told


def write_chats(folder: Path, n_files: int) -> list[str]:
    folder.mkdir()
    names = [f"{folder.name}/chat-{number}.txt" for number in range(n_files)]
    for number, name in enumerate(names):
        (folder.parent / name).write_bytes(CHAT + b"13/03/2024, 08:32 - Ama: %d\n" % number)
    return names


def test_twenty_thousand_lines_are_taken_and_a_file_named_twice_is_one(tmp_path: Path) -> None:
    names = write_chats(tmp_path / "in", 2_000)
    told = foreseen("\n".join(names * 10).encode(), tmp_path)
    assert told["kinds"] == {"text": 2_000}


def test_two_spellings_of_a_path_are_one_file(tmp_path: Path) -> None:
    (name,) = write_chats(tmp_path / "in", 1)
    assert foreseen(f"{name}\n./{name}\n{tmp_path}/{name}\n\n".encode(), tmp_path)["kinds"] == {"text": 1}


@pytest.mark.parametrize("name", ["a\nb.txt", "  odd .txt", "naïve.txt", "#1.txt", "a\rb.txt"])
def test_with_nul_between_them_names_may_hold_anything(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(CHAT)
    (tmp_path / "plain.txt").write_bytes(CHAT)
    told = foreseen(f"{name}\0plain.txt\0".encode(), tmp_path)
    assert (told["kinds"], told["unread"]) == ({"text": 2}, [])


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
def test_lines_may_end_as_on_any_system_and_a_name_with_spaces_is_one_name(ending: bytes, tmp_path: Path) -> None:
    (tmp_path / "WhatsApp Chat with Ben.txt").write_bytes(CHAT)
    told = foreseen(ending.join([b"WhatsApp Chat with Ben.txt", b"", b""]), tmp_path)
    assert (told["kinds"], told["unread"]) == ({"text": 1}, [])


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_list_that_windows_wrote_with_a_mark_before_it_names_the_same_files(encoding: str, tmp_path: Path) -> None:
    names = ("Choir.txt", "naïve.txt")
    for name in names:
        (tmp_path / name).write_bytes(CHAT + name.encode())
    told = foreseen("\r\n".join([*names, ""]).encode(encoding), tmp_path)
    assert (told["kinds"], told["unread"]) == ({"text": 2}, [])


def test_a_link_in_a_list_takes_no_file_away(tmp_path: Path) -> None:
    (name,) = write_chats(tmp_path / "in", 1)
    (tmp_path / "z.txt").symlink_to(name)
    told = foreseen(f"{name}\nz.txt\n".encode(), tmp_path)
    assert told["kinds"] == {"none": 1, "text": 1}


def test_a_file_that_is_not_there_is_told_and_the_others_are_done(tmp_path: Path) -> None:
    (name,) = write_chats(tmp_path / "in", 1)
    done = run("analyse", "--files-from", "-", "--out", "out", stdin=f"gone.txt\n{name}\n".encode(), cwd=tmp_path)
    assert done.returncode == 3
    assert b"Not read: gone.txt: No such file or directory." in done.stderr
    (failure,) = [json.loads(line) for line in (tmp_path / "out" / "failures.jsonl").read_bytes().splitlines()]
    assert failure["path"] == "gone.txt"
    assert b"records: 3; exports: 1" in done.stdout


def test_of_many_that_are_not_there_some_are_told_and_all_are_in_the_list(tmp_path: Path) -> None:
    (name,) = write_chats(tmp_path / "in", 1)
    gone = [f"gone-{number}.txt" for number in range(120)]
    listed = "\n".join([*gone, name]).encode()
    done = run("analyse", "--files-from", "-", "--out", "out", stdin=listed, cwd=tmp_path)
    told = [line for line in done.stderr.decode().splitlines() if line.startswith("Not read: ")]
    assert (len(told), told[-1]) == (51, "Not read: 70 more: see out/failures.jsonl.")
    assert len((tmp_path / "out" / "failures.jsonl").read_bytes().splitlines()) == 120


def test_a_list_with_nothing_in_it_is_a_wrong_use_and_a_list_that_is_not_there_an_error(tmp_path: Path) -> None:
    empty = run("analyse", "--files-from", "-", "--out", "out", stdin=b"\n", cwd=tmp_path)
    assert (empty.returncode, b"No export given" in empty.stderr) == (2, True)
    missing = run("analyse", "--files-from", "none.lst", "--out", "out", cwd=tmp_path)
    assert (missing.returncode, b"none.lst" in missing.stderr) == (1, True)
