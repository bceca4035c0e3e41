"""A package is a BagIt folder that others' programs accept, the same to the byte each time, whole or not there."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import bagit
import pytest
from bags import INFO, TAGS, make_bag, payload, signer
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics.errors import UnreadableExport, UsageError
from chatforensics.package.bag import safe_name, write_bag
from chatforensics.package.checker import check_bag, has_failed


def _bytes(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_bagit_and_sha256sum_accept_the_package_and_not_a_changed_one(tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "bag", sign=signer(tmp_path))
    bagit.Bag(str(bag)).validate()
    if not (sha256sum := shutil.which("sha256sum")):
        pytest.skip("sha256sum is not on this machine")
    command = [sha256sum, "-c", "--strict", "manifest-sha256.txt", "tagmanifest-sha256.txt"]
    assert subprocess.run(command, cwd=bag, capture_output=True, check=False).returncode == 0
    (bag / "data" / "exhibit.html").write_bytes(b"other")
    assert subprocess.run(command, cwd=bag, capture_output=True, check=False).returncode == 1
    with pytest.raises(bagit.BagValidationError):
        bagit.Bag(str(bag)).validate()


def test_what_is_returned_is_the_hash_of_the_list_that_stands_for_all(tmp_path: Path) -> None:
    sha256 = write_bag(tmp_path / "bag", payload=payload(), tags=TAGS, info=INFO)
    assert sha256 == hashlib.sha256((tmp_path / "bag" / "tagmanifest-sha256.txt").read_bytes()).hexdigest()


def test_the_same_arguments_in_any_order_give_the_same_bytes(tmp_path: Path) -> None:
    maker = signer(tmp_path)
    one = make_bag(tmp_path / "one", sign=maker)
    backwards = dict(reversed(payload().items()))
    write_bag(tmp_path / "two", payload=backwards, tags=TAGS, info=dict(reversed(INFO.items())), sign=maker)
    assert _bytes(one) == _bytes(tmp_path / "two")


def test_the_signed_comment_names_date_custody_head_and_file(tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "bag", sign=signer(tmp_path))
    head = bagit.Bag(str(bag)).entries["data/custody/head.json"]["sha256"]
    assert head  # the signed head is payload, so that the lists name it
    comment = (bag / "tagmanifest-sha256.txt.minisig").read_text().splitlines()[2]
    last = (bag / "data/custody/log.jsonl").read_bytes().splitlines()[-1]
    told = f"date 2026-04-01, custody {hashlib.sha256(last).hexdigest()}, file tagmanifest-sha256.txt"
    assert comment == f"trusted comment: {told}"


def test_a_file_is_copied_as_it_is_and_one_that_is_missing_leaves_nothing_behind(tmp_path: Path) -> None:
    source = tmp_path / "chat.txt"
    source.write_bytes(b"x" * 3_000_000)
    source.chmod(0o444)
    files: dict[str, bytes | Path] = {**payload(), "originals/a.txt": source}
    write_bag(tmp_path / "bag", payload=files, tags=TAGS, info=INFO)
    assert (tmp_path / "bag/data/originals/a.txt").read_bytes() == source.read_bytes()
    source.unlink()
    with pytest.raises(UnreadableExport, match=r"chat\.txt"):
        write_bag(tmp_path / "other", payload=files, tags=TAGS, info=INFO)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bag"]


def test_a_folder_that_holds_something_is_not_written_into_and_an_empty_one_is(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    make_bag(out)
    before = _bytes(out)
    for place in (out, out / "bagit.txt"):
        with pytest.raises(UsageError, match="there already"):
            make_bag(place)
    assert _bytes(out) == before
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "none")
    with pytest.raises(UsageError, match="there already"):
        make_bag(link)


def test_what_an_interrupted_run_left_is_replaced(tmp_path: Path) -> None:
    (tmp_path / ".bag.part" / "data").mkdir(parents=True)
    (tmp_path / ".bag.part" / "data" / "half").write_bytes(b"half")
    assert not has_failed(check_bag(make_bag(tmp_path / "bag")))
    assert [path.name for path in tmp_path.iterdir()] == ["bag"]


def test_the_folder_is_for_its_maker_only_until_it_is_given_away(tmp_path: Path) -> None:
    assert make_bag(tmp_path / "bag").stat().st_mode & 0o777 == 0o700


def test_a_place_that_cannot_be_written_to_is_an_error_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UsageError, match="cannot be written"):
        make_bag(tmp_path / "file" / "bag")


@pytest.mark.parametrize("name", ["../x", "/x", "a//b", "a/./b", "", "a\\b", "a\0b", "tables/../x", "d/" * 60 + "x"])
def test_a_name_that_leads_out_of_the_folder_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no name that a file of a package can have"):
        write_bag(tmp_path / "bag", payload={name: b""}, tags={}, info={})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["bagit.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt.tsr", "data/x", "../x"])
def test_a_tag_file_that_would_pose_as_another_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no name that a file of a package can have"):
        write_bag(tmp_path / "bag", payload={}, tags={name: b""}, info={})


def test_two_names_that_some_disks_take_for_one_are_refused(tmp_path: Path) -> None:
    for one, other in (("Zoë", "Zoe\u0308"), ("a.TXT", "a.txt")):
        with pytest.raises(UsageError):
            write_bag(tmp_path / "bag", payload={one: b"", other: b""}, tags={}, info={})


def test_a_value_of_many_lines_cannot_pose_as_another_label(tmp_path: Path) -> None:
    info = {"External-Description": "A case\r\nPayload-Oxum: 1.1", "Payload-Oxum": "9.9"}
    write_bag(tmp_path / "bag", payload=payload(), tags={}, info=info)
    lines = (tmp_path / "bag" / "bag-info.txt").read_text().splitlines()
    assert "External-Description: A case Payload-Oxum: 1.1" in lines
    assert sum(line.startswith("Payload-Oxum: ") for line in lines) == 1
    with pytest.raises(UsageError, match="bag-info"):
        write_bag(tmp_path / "other", payload={}, tags={}, info={"A: b\nPayload-Oxum": "1.1"})


@pytest.mark.parametrize(
    ("received", "kept"),
    [
        ("WhatsApp Chat with Zoë.txt", "WhatsApp Chat with Zoë.txt"),
        ("WhatsApp چیٹ.zip", "WhatsApp چیٹ.zip"),
        ("100%.txt", "100_.txt"),
        ("a/b\\c:d.txt", "a_b_c_d.txt"),
        ("..", "_"),
        (".hidden", "_.hidden"),
        ("", "_"),
        ("con.txt", "_con.txt"),
        ("console.txt", "console.txt"),
        ("x\u202egpj.exe", "x_gpj.exe"),
        ("line\r\nend.txt", "line__end.txt"),
        (" ends. ", "ends"),
        ("a\u2028b\u3000", "a_b_"),
        ("ঘ" * 200 + ".txt", "ঘ" * 48 + ".txt"),
    ],
)
def test_a_name_as_received_becomes_one_that_every_system_can_hold(received: str, kept: str) -> None:
    assert safe_name(received) == kept


@settings(max_examples=8, deadline=None)
@given(
    names=st.lists(st.text(max_size=12), max_size=4, unique_by=lambda name: safe_name(name).casefold()),
    content=st.binary(max_size=40),
)
def test_any_received_name_made_safe_gives_a_package_that_others_accept(
    names: list[str], content: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    out = tmp_path_factory.getbasetemp() / "any-bag"
    shutil.rmtree(out, ignore_errors=True)
    files: dict[str, bytes | Path] = {f"originals/{safe_name(name)}": content for name in names}
    write_bag(out, payload={**payload(), **files}, tags=TAGS, info=INFO)
    assert not has_failed(check_bag(out))
    bagit.Bag(str(out)).validate()
    with open(out / "manifest-sha256.txt", "rb") as listed:  # noqa: PTH123 - the list as sha256sum splits it
        assert all(os.path.exists(out / line.rstrip(b"\n")[66:].decode()) for line in listed)  # noqa: PTH110
