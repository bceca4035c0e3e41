"""A hostile folder of evidence fails in plain words: nothing outside it is opened, no traceback, no endless work."""

import hashlib
import os
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from bags import head_of, log_of, make_bag, signer
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics.package import checker
from chatforensics.package.checker import check_bag, describe, has_failed


def _states(bag: Path, key: str | None = None) -> dict[str, str]:
    return {result.name: result.state for result in check_bag(bag, key)}


def _told(bag: Path) -> str:
    return "\n".join(describe(check_bag(bag)))


@pytest.mark.parametrize(
    ("line", "named"),
    [
        (f"{'0' * 64}  ../outside.txt", "line 8"),
        (f"{'0' * 64}  /etc/passwd", "line 8"),
        (f"{'0' * 64}  data/../../x", "line 8"),
        (f"{'0' * 64}  data\\x", "line 8"),
        (f"{'0' * 64}  C:/x", "line 8"),
        (f"{'0' * 64}  data//x", "line 8"),
        (f"{'0' * 64}  data/" + "a/" * 50_000 + "x", "line 8"),
        (f"{'0' * 64}  bagit.txt", "line 8"),
        (f"{'0' * 63}  data/x", "line 8"),
        (f"{'0' * 64} *data/x", "line 8"),
        (f"{'0' * 64}  data/exhibit.html", "line 8"),
        ("", "line 8"),
        (f"{'0' * 64}  data/x", "data/x: missing"),
        (f"{'0' * 64}  data/%2525", "data/%25: missing"),
        (f"{'0' * 64}  data/x\x00y", "data/x[U+0000]y: missing"),
    ],
)
def test_a_line_of_a_list_that_names_no_file_in_its_place_is_told(line: str, named: str, tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "bag")
    with (bag / checker.PAYLOAD).open("a", newline="\n") as file:
        file.write(f"{line}\n")
    assert _states(bag)["files"] == "failed"
    assert named in _told(bag)


def test_a_list_cut_off_in_its_last_line_is_told(tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "bag")
    path = bag / checker.TAGS
    path.write_bytes(path.read_bytes()[:-1])
    assert _states(bag)["files"] == "failed"


def test_names_with_accents_are_one_name_however_the_disk_spells_them(tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "bag")
    (path,) = bag.rglob("Chat with *")
    path.rename(path.with_name(unicodedata.normalize("NFD", path.name)))
    assert not has_failed(check_bag(bag))
    path.write_bytes(b"the same name to a reader")
    assert _states(bag)["form"] == "failed"


def test_percent_signs_and_line_ends_in_names_are_spelt_as_rfc_8493_says(tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "bag", extra={"100%25 \r\n.txt": b"x"})
    assert "100%2525 %0D%0A.txt" in (bag / checker.PAYLOAD).read_text()
    assert not has_failed(check_bag(bag))


def _link(bag: Path) -> None:
    (bag / "data" / "link").symlink_to("/etc/passwd")


def _folder_link(bag: Path) -> None:
    (bag / "data" / "loop").symlink_to(bag)


def _pipe(bag: Path) -> None:
    os.mkfifo(bag / "data" / "pipe")


def _deep(bag: Path) -> None:
    (bag / "data" / "/".join("d" * 200)).mkdir(parents=True)


@pytest.mark.parametrize("put", [_link, _folder_link, _pipe, _deep])
def test_links_pipes_and_endless_folders_are_told_and_not_opened(put: Callable[[Path], None], tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "bag")
    put(bag)
    assert _states(bag)["form"] == "failed"


def test_a_folder_and_a_file_that_cannot_be_read_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bag = make_bag(tmp_path / "bag")
    opened, walked = Path.open, Path.iterdir

    def refuse(path: Path, mode: str = "r") -> object:
        if path.name == "messages.csv":
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, mode)

    def hide(path: Path) -> object:
        if path.name == "tables":
            raise PermissionError(13, "Permission denied", str(path))
        return walked(path)

    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr(Path, "iterdir", hide)
    told = _told(bag)
    assert "data/messages.csv: cannot be read (Permission denied)." in told
    assert "data/tables/: cannot be read (Permission denied)" in told


DEEP = b"[" * 100_000 + b"]" * 100_000
LINE = log_of(("new",)).rstrip(b"\n")


@pytest.mark.parametrize(
    "log",
    [
        b"",
        b"\n",
        DEEP + b"\n",
        LINE[:-1] + b',"x":' + DEEP + b"}\n",
        b'{"a":' * 100_000 + b"\n",
        LINE.replace(b'"n":1', b'"n":' + b"9" * 900_000) + b"\n",
        LINE.replace(b'"n":1', b'"n":NaN') + b"\n",
        LINE.replace(b'"n":1', b'"n":1e5') + b"\n",
        LINE.replace(b'"n":1', b'"n":"\\ud800"') + b"\n",
        LINE.replace(b'"n":1', b'"n":1,"n":1') + b"\n",
        LINE.replace(b'"seq":1', b'"seq":true') + b"\n",
        LINE.replace(b'"seq":1', b'"seq":1.0') + b"\n",
        LINE.replace(b'"seq":1', b'"seq":"1"') + b"\n",
        LINE.replace(b'"seq":1', b'"seq":2') + b"\n",
        LINE.replace(b'"actor"', b'"Actor"').replace(b"{", b"{ ", 1) + b"\n",
        LINE.replace(b"Ngozi", b"\xff") + b"\n",
        LINE + b"\r\n",
        LINE,
        LINE[:-1] + b',"x":"' + b"y" * (1 << 20) + b'"}\n',
        b"1\n",
        log_of()[: log_of().index(b"\n") + 1] * 2,
    ],
    ids=range(21),
)
def test_a_log_that_this_program_does_not_write_fails_without_a_traceback(log: bytes, tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "bag")
    (bag / checker.LOG).write_bytes(log)
    (bag / checker.HEAD).write_bytes(head_of(log) if log.strip() else b"{}\n")
    assert _states(bag)["custody log"] == "failed"


def test_a_head_that_names_another_log_fails(tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "bag")
    (bag / checker.HEAD).write_bytes(head_of(log_of(("new", "add"))))
    assert _states(bag)["custody log"] == "failed"


@pytest.mark.parametrize("name", [checker.TAGS, checker.LOG])
def test_a_list_or_log_beyond_all_measure_is_refused(name: str, tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "bag")
    with (bag / name).open("r+b") as file:
        file.truncate(checker.BIG + 1)  # a hole: it takes no room on the disk
    assert "which no such file is" in _told(bag)


@settings(max_examples=15, deadline=None)
@given(content=st.binary(max_size=200), name=st.sampled_from(["bagit.txt", "bag-info.txt", *checker.UNLISTED]))
def test_whatever_stands_in_a_tag_file_is_a_result_and_no_traceback(
    content: bytes, name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp() / "any"
    if not folder.exists():
        make_bag(folder, sign=signer(folder.parent))
    held = (folder / name).read_bytes() if (folder / name).exists() else None
    (folder / name).write_bytes(content)
    try:
        assert has_failed(check_bag(folder, signer(folder.parent).public_key)) == (content != held)
    finally:
        (folder / name).unlink() if held is None else (folder / name).write_bytes(held)


def test_an_empty_folder_fails_in_every_check_that_needs_a_file(tmp_path: Path) -> None:
    assert _states(tmp_path) == dict.fromkeys(("form", "files", "custody log", "timestamp"), "failed") | {
        "signature": "not checked"
    }


def test_the_size_and_count_stated_must_be_those_of_the_payload_and_stand_once(tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "bag")
    info = (bag / "bag-info.txt").read_text()
    for changed in (info.replace("Oxum: 1", "Oxum: 2"), info + "Payload-Oxum: 1.1\n", info.replace("Payload-", "")):
        (bag / "bag-info.txt").write_text(changed)
        assert _states(bag)["form"] == "failed"


def test_with_a_key_both_signatures_must_be_there(tmp_path: Path) -> None:
    maker = signer(tmp_path)
    bag = make_bag(tmp_path / "bag", sign=maker)
    assert _states(bag, maker.public_key)["signature"] == "ok"
    for name in (checker.TAGS, checker.HEAD):
        held = bag / f"{name}.minisig"
        content = held.read_bytes()
        held.unlink()
        assert _states(bag, maker.public_key)["signature"] == "failed"
        held.write_bytes(content)
    assert _states(make_bag(tmp_path / "unsigned"), maker.public_key)["signature"] == "failed"


def test_a_timestamp_of_another_list_fails_and_one_of_this_is_left_to_openssl(tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "bag")
    (bag / checker.REPLY).write_bytes(b"..." + hashlib.sha256((bag / checker.TAGS).read_bytes()).digest())
    assert _states(bag)["timestamp"] == "not checked"
    assert "openssl ts -verify" in _told(bag)
    (bag / checker.REPLY).write_bytes(b"...")
    assert _states(bag)["timestamp"] == "failed"


def test_a_list_of_nothing_but_line_ends_is_refused_at_once(tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "bag")
    (bag / "manifest-sha256.txt").write_bytes(b"\n" * 100_000)
    (result,) = [each for each in check_bag(bag) if each.name == "files"]
    assert result.state == "failed"
    assert "no list of files" in result.words


def test_an_empty_key_is_no_key_and_not_a_check_without_one(tmp_path: Path) -> None:
    with pytest.raises(checker.Problem, match="no minisign public key"):
        check_bag(make_bag(tmp_path / "bag"), key="")
