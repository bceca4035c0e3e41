"""A package as one file: opened whichever way it was wrapped, refused where it is made to harm, and told in words."""

import io
import shutil
import stat
import tarfile
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from bags import INFO, make_bag, signer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from intake.zips import Entry, pack

from chatforensics.errors import UnreadableExport, UsageError
from chatforensics.intake import directory
from chatforensics.intake.archives import Listed
from chatforensics.package.boxes import list_folder, zip_files
from chatforensics.package.checker import FAILED, OK, OPEN
from chatforensics.package.sealing import seal_folder
from chatforensics.package.unboxing import check_sizes
from chatforensics.workflow.opening import open_package, read_public_line, verify_file

BOMB = bytes(30_000_000)
PHRASE = "plum tram lake nine"


@pytest.fixture(scope="module")
def bag(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small package, not signed."""
    return make_bag(tmp_path_factory.mktemp("bag") / "ward-package")


def a_zip(folder: Path, bag: Path, *, top: str, more: dict[str, bytes] | None = None) -> Path:
    """Zip a package as file managers do, with dates, in no order."""
    with zipfile.ZipFile(folder / "given.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (more or {}).items():
            archive.writestr(name, content)
        for path in bag.rglob("*"):
            archive.write(path, top + path.relative_to(bag).as_posix())
    return folder / "given.zip"


def verify(path: Path, **given: Any) -> dict[str, object]:
    work = path.parent / "work"
    work.mkdir(exist_ok=True)
    told = verify_file(path, name=path.name, work=work, **given)
    assert not list(work.iterdir()), "what was unpacked is removed"
    return told


def refuse(path: Path, **given: Any) -> str:
    work = path.parent / "work"
    work.mkdir(exist_ok=True)
    before = sorted(path.parent.parent.rglob("*"))
    with pytest.raises((UnreadableExport, UsageError)) as refused:
        verify_file(path, name=path.name, work=work, **given)
    assert sorted(path.parent.parent.rglob("*")) == before, "nothing is left, inside or outside of the folder"
    return str(refused.value)


@pytest.mark.parametrize("top", ["", "ward-package/", "Downloads/ward-package/", "a/b/c/"])
def test_a_zip_of_a_package_is_checked_however_many_folders_lie_around_it(top: str, bag: Path, tmp_path: Path) -> None:
    told = verify(a_zip(tmp_path, bag, top=top))
    assert (told["intact"], told["title"], told["n_beside"]) == (True, INFO["External-Description"], 0)
    assert (told["signature"], told["signed_by"]) == (OPEN, None)


def test_what_a_mac_adds_beside_the_folder_is_counted_and_does_no_harm(bag: Path, tmp_path: Path) -> None:
    more = {"__MACOSX/ward-package/._bagit.txt": b"x", "Read me.pdf": b"%PDF"}
    told = verify(a_zip(tmp_path, bag, top="ward-package/", more=more))
    assert (told["intact"], told["n_beside"]) == (True, 2)


def test_a_file_that_was_added_or_changed_is_told_with_its_place_and_harmless_causes(bag: Path, tmp_path: Path) -> None:
    added = verify(a_zip(tmp_path, bag, top="w/", more={"w/.DS_Store": b"x"}))
    assert (added["intact"], "DS_Store" in str(added["line"])) == (False, True)
    with zipfile.ZipFile(tmp_path / "given.zip", "a") as archive:
        archive.writestr("w/data/more.csv", b"1")
    assert "fresh copy" in str(verify(tmp_path / "given.zip")["innocent"])


def test_a_signature_is_checked_with_the_key_that_was_given_and_named_without_one(tmp_path: Path) -> None:
    made = signer(tmp_path)
    path = a_zip(tmp_path, make_bag(tmp_path / "p", sign=made), top="p/")
    (tmp_path / "box").mkdir()
    path = path.rename(tmp_path / "box" / "given.zip")
    signed = verify(path, key=f"untrusted comment: key\n{made.public_key}\n")
    assert (signed["signature"], signed["intact"]) == (OK, True)
    assert (verify(path)["signature"], verify(path)["signed_by"]) == (OPEN, "0101010101010101")
    other = verify(path, key=signer(tmp_path, seed=2).public_key)
    assert (other["signature"], other["intact"]) == (FAILED, False)


@pytest.mark.parametrize("said", ["", "RW", "/etc/passwd", "RW" + "A" * 53 + ".", "age1" + "q" * 52])
def test_what_is_no_line_of_a_key_is_refused_and_never_read_as_a_file(said: str) -> None:
    with pytest.raises(UsageError, match="begins with RW"):
        read_public_line(said)


def test_a_zip_of_ours_is_the_same_on_every_run_and_opens_to_the_same_bytes(bag: Path, tmp_path: Path) -> None:
    for name in ("one.zip", "two.zip"):
        zip_files(tmp_path / name, list_folder(bag, top="ward"))
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    assert stat.S_IMODE((tmp_path / "one.zip").stat().st_mode) == 0o600
    (tmp_path / "out").mkdir()
    opened = open_package(tmp_path / "one.zip", tmp_path / "out", name="one.zip").folder
    assert {path.relative_to(opened): path.read_bytes() for path in opened.rglob("*") if path.is_file()} == {
        path.relative_to(bag): path.read_bytes() for path in bag.rglob("*") if path.is_file()
    }


def test_a_zip_of_ours_with_a_file_that_packs_too_well_is_not_taken_for_a_bomb(tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "p", extra={"long.csv": BOMB})
    zip_files(tmp_path / "p.zip", list_folder(bag, top="p"))
    (tmp_path / "out").mkdir()
    assert open_package(tmp_path / "p.zip", tmp_path / "out", name="p.zip").n_beside == 0


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (Entry(b"../../out.txt"), "leads out"),
        (Entry(b"w/../../out.txt"), "leads out"),
        (Entry(b"/etc/out.txt"), "leads out"),
        (Entry(b"C:/out.txt"), "not every system"),
        (Entry(b"..\\..\\out.txt"), "leads out"),
        (Entry(b"w//out.txt"), "leads out"),
        (Entry(b"w/NUL.txt"), "of a device"),
        (Entry(b"w/com1"), "of a device"),
        (Entry(b"w/out.txt."), "not every system"),
        (Entry(b"w/out.txt\x00.csv"), "not every system"),
        (Entry("w/\u202etxt.exe".encode()), "not every system"),
        (Entry(b"w/BAGIT.TXT"), "two files"),
        (Entry(b"w/bagit.txt/x"), "lies in what is a file"),
        (Entry(b"w/" + b"d/" * 50 + b"x"), "too deep"),
        (Entry(b"w/" + b"x" * 300), "not every system"),
        (Entry(b"w/link", b"/etc/passwd", mode=stat.S_IFLNK | 0o777), "is a link"),
        (Entry(b"w/pipe", b"", mode=stat.S_IFIFO | 0o644), "device or pipe"),
        (Entry(b"w/bomb", BOMB), "200 times"),
        (Entry(b"w/lies", b"x" * 99, n_bytes=10), "over the limit of size"),
        (Entry(b"w/lies", b"x" * 99, n_bytes=2**32 - 2), "not what its directory states"),
        (Entry(b"w/lies", b"x" * 99, crc=1), "not what its directory states"),
        (Entry(b"w/two", local_name=b"w/one"), "in two ways"),
        (Entry(b"w/locked", flags=0x0801), "encrypted"),
        (Entry(b"w/odd", method=12, packed=b"BZh"), "not supported"),
    ],
)
def test_a_zip_made_to_harm_is_refused_whole_and_writes_nothing(entry: Entry, said: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / "given.zip"
    path.write_bytes(pack(Entry(b"w/bagit.txt"), Entry(b"w/tagmanifest-sha256.txt"), entry))
    assert said in refuse(path)


@pytest.mark.slow
def test_a_zip_of_a_hundred_thousand_files_is_refused_by_its_number(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / "many.zip"
    path.write_bytes(pack(*(Entry(b"w/%d" % n, b"", method=0) for n in range(100_000)), count=65_535))
    refuse(path)
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(100_000):
            archive.writestr(f"w/{number}", b"")
    assert "more than 50,000 files" in refuse(path)


def test_more_bytes_than_are_unpacked_are_refused_before_the_first(
    bag: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").mkdir()
    path = a_zip(tmp_path / "in", bag, top="")
    free = shutil.disk_usage(tmp_path)
    with pytest.raises(UnreadableExport, match="at most"):
        check_sizes([Listed("w/huge", 2**40)], folder=tmp_path, box="given.zip")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: free._replace(free=1_000))
    assert "are free on the disk" in refuse(path)


def test_without_a_process_of_its_own_a_zip_is_opened_under_the_same_limits(
    bag: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatforensics.intake.unpacking.APART", False)
    (tmp_path / "in").mkdir()
    assert verify(a_zip(tmp_path / "in", bag, top="w/"))["intact"]
    (tmp_path / "in" / "given.zip").write_bytes(pack(Entry(b"w/bagit.txt"), Entry(b"../x")))
    assert "leads out" in refuse(tmp_path / "in" / "given.zip")
    monkeypatch.setattr(directory, "MAX_MEMBERS", 1)
    assert "more than 1 files" in refuse(tmp_path / "in" / "given.zip")


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("_chat.txt", "IMG-20310401-WA0001.jpg"), "an export of a chat"),
        (("WhatsApp Chat with Choir.txt",), "an export of a chat"),
        (("ward/case.sqlite", "ward/key"), "the folder of a case"),
        (("chatforensics-case.json", "case/key"), "Bring it back from the start page"),
        (("given/package.zip",), "in a zip inside of this one"),
        (("a/bagit.txt", "b/bagit.txt"), "several packages"),
        ((), "no package in it"),
    ],
)
def test_a_zip_that_is_no_package_is_called_what_it_is(names: tuple[str, ...], said: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / "given.zip"
    path.write_bytes(pack(*(Entry(name.encode()) for name in names)))
    assert said in refuse(path)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("chat.txt", b"01/02/2031, 10:00 - Ines: hi\n", "a text, and no package"),
        ("case.sqlite", b"SQLite format 3\0" + bytes(600), "a database"),
        ("exhibit.pdf", b"%PDF-1.7", "ask for the whole"),
        ("empty.zip", b"PK\x03\x04", "damaged zip"),
        ("given.tar.age", b"age-encryption.org/v1\n-> X25519 abc\n", "for the holder of a key"),
        ("given.tar.age", b"age-encryption.org/v1\n-> scrypt " + b"A" * 22 + b" 30\n", "for the holder of a key"),
        ("given.tar.age", b"-----BEGIN AGE ENCRYPTED FILE-----\n", "cannot be opened here"),
    ],
)
def test_a_file_that_is_no_package_is_called_what_it_is(name: str, content: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / name).write_bytes(content)
    assert said in refuse(tmp_path / "in" / name)


def a_tar(*members: tarfile.TarInfo | str, content: bytes = b"x") -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for member in members:
            entry = tarfile.TarInfo(member) if isinstance(member, str) else member
            entry.size = len(content) if entry.isreg() else 0
            archive.addfile(entry, io.BytesIO(content))
    return made.getvalue()


def a_link(name: str) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
    return entry


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (a_tar("w/bagit.txt", "../out.txt"), "leads out"),
        (a_tar("w/bagit.txt", "/out.txt"), "leads out"),
        (a_tar("w/bagit.txt", a_link("w/link")), "links"),
        (a_tar("w/bagit.txt", "w/bagit.txt"), "two files"),
        (a_tar("w/bagit.txt", content=bytes(9_000))[:6_000], "cut short"),
        (a_tar("w/other.txt"), "no package in it"),
        (b"".join(a_tar("x" * 150)[:512] for _ in range(3_000)), "damaged"),
    ],
)
def test_a_tar_made_to_harm_is_refused_whole_and_writes_nothing(content: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "given.tar").write_bytes(content)
    assert said in refuse(tmp_path / "in" / "given.tar")


@pytest.mark.slow  # age makes a passphrase slow to try
def test_a_locked_package_opens_with_its_passphrase_alone(bag: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / "given.tar.age"
    seal_folder(bag, path, passphrase=PHRASE)
    assert "locked with a passphrase" in refuse(path)
    assert "does not open it" in refuse(path, passphrase=f"{PHRASE}!")
    assert verify(path, passphrase=PHRASE)["intact"]


@pytest.mark.slow
@given(at=st.integers(0, 10_000), to=st.integers(0, 255))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_zip_with_any_one_byte_changed_is_refused_or_its_content_is_judged(
    at: int, to: int, bag: Path, tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir(exist_ok=True)
    content = bytearray(a_zip(tmp_path / "in", bag, top="w/").read_bytes())
    content[at % len(content)] = to
    (tmp_path / "in" / "given.zip").write_bytes(content)
    with suppress(UnreadableExport, UsageError):
        assert verify(tmp_path / "in" / "given.zip")["line"]
