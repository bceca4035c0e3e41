"""A sealed package opens with age for whom it was sealed, and holds the same packed bytes each time."""

import io
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pyrage
import pytest
from bags import make_bag

from chatforensics.errors import UsageError
from chatforensics.package import sealing
from chatforensics.package.checker import check_bag, has_failed
from chatforensics.package.sealing import pack_folder, seal_folder

PHRASE = "seven blue kettles"


@pytest.fixture
def age() -> str:
    found = shutil.which("age")
    if not found:
        pytest.skip("age is not on this machine")
    return found


@pytest.fixture
def bag(tmp_path: Path) -> Path:
    long = "originals/" + "long " * 25 + "ঘ.txt"  # beyond the 100 bytes that a plain tar header can hold
    return make_bag(tmp_path / "bag", extra={long: b"x" * 100_000, "empty": b""})


def _identity(folder: Path) -> tuple[Path, str]:
    identity = pyrage.x25519.Identity.generate()
    path = folder / "identity"
    path.write_text(f"{identity}\n")
    return path, str(identity.to_public())


def _unpack(packed: bytes, out: Path) -> Path:
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(out, filter="data")
    return out / "bag"


def _bytes(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_age_opens_what_was_sealed_for_its_identity(age: str, bag: Path, tmp_path: Path) -> None:
    path, recipient = _identity(tmp_path)
    sealed = tmp_path / "bag.tar.age"
    seal_folder(bag, sealed, recipients=[recipient])
    assert sealed.stat().st_mode & 0o777 == 0o600
    done = subprocess.run([age, "-d", "-i", path, sealed], capture_output=True, check=True)
    opened = _unpack(done.stdout, tmp_path / "opened")
    assert _bytes(opened) == _bytes(bag)
    assert not has_failed(check_bag(opened))
    other, _ = _identity(tmp_path)
    assert subprocess.run([age, "-d", "-i", other, sealed], capture_output=True, check=False).returncode == 1


def test_tar_reads_the_packed_folder(bag: Path, tmp_path: Path) -> None:
    tar = shutil.which("tar")
    if not tar:
        pytest.skip("tar is not on this machine")
    done = subprocess.run(
        [tar, "-xf", "-"], input=b"".join(pack_folder(bag)), cwd=tmp_path.parent, capture_output=True, check=True
    )
    assert done.stderr == b""
    assert _bytes(tmp_path.parent / "bag") == _bytes(bag)
    shutil.rmtree(tmp_path.parent / "bag")


def test_the_packed_folder_depends_on_names_and_bytes_alone(bag: Path, tmp_path: Path) -> None:
    first = b"".join(pack_folder(bag))
    again = tmp_path / "again" / "bag"
    shutil.copytree(bag, again)
    for number, path in enumerate(sorted(again.rglob("*"))):
        os.utime(path, (number, number))
        path.chmod(0o700)
    (again / "link").symlink_to("/etc/passwd")
    assert b"".join(pack_folder(again)) == first
    with tarfile.open(fileobj=io.BytesIO(first)) as archive:
        entries = archive.getmembers()
    assert {(entry.uid, entry.gid, entry.uname, entry.gname, entry.mode) for entry in entries} == {
        (0, 0, "", "", 0o644)
    }
    assert {entry.mtime for entry in entries} == {315_532_800}
    assert [entry.name for entry in entries] == sorted(entry.name for entry in entries)
    assert len(first) % tarfile.RECORDSIZE == 0


def test_a_list_of_recipients_and_an_ssh_key_are_read(bag: Path, tmp_path: Path) -> None:
    _, recipient = _identity(tmp_path)
    identity = pyrage.x25519.Identity.generate()
    listed = tmp_path / "recipients.txt"
    ssh = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA8dPF7zTzzFyBSZ+lGlxjoQJCbGNVwVlGpFwVqSVLBm amina@example"
    listed.write_text(f"# who may open it\n\n{recipient}\n{identity.to_public()}\n")
    sealed = tmp_path / "bag.tar.age"
    seal_folder(bag, sealed, recipients=[str(listed), ssh])
    assert sealed.read_bytes().count(b"-> X25519 ") == 2
    assert b"-> ssh-ed25519 " in sealed.read_bytes()
    assert pyrage.decrypt(sealed.read_bytes(), [identity]) == b"".join(pack_folder(bag))


@pytest.mark.slow  # age makes every guess of a passphrase slow
def test_a_passphrase_opens_it(bag: Path, tmp_path: Path) -> None:
    sealed = tmp_path / "bag.tar.age"
    seal_folder(bag, sealed, passphrase=PHRASE)
    assert pyrage.passphrase.decrypt(sealed.read_bytes(), PHRASE) == b"".join(pack_folder(bag))
    with pytest.raises(pyrage.DecryptError):
        pyrage.passphrase.decrypt(sealed.read_bytes(), "eight blue kettles")


@pytest.mark.slow
def test_age_opens_it_with_the_passphrase_typed_in(age: str, bag: Path, tmp_path: Path) -> None:
    pexpect = pytest.importorskip("pexpect")
    sealed, opened = tmp_path / "bag.tar.age", tmp_path / "bag.tar"
    seal_folder(bag, sealed, passphrase=PHRASE)
    typed = pexpect.spawn(age, ["-d", "-o", str(opened), str(sealed)], timeout=30)
    typed.expect("passphrase")
    typed.sendline(PHRASE)
    typed.expect(pexpect.EOF)
    typed.close()
    assert typed.exitstatus == 0
    assert opened.read_bytes() == b"".join(pack_folder(bag))


def test_a_package_too_large_for_a_passphrase_is_refused(
    bag: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "MOST_BY_PASSPHRASE", 10)
    with pytest.raises(UsageError, match="too large for a passphrase"):
        seal_folder(bag, tmp_path / "x.age", passphrase=PHRASE)
    assert not list(tmp_path.glob("x.age*"))


SECRET = "AGE-SECRET-KEY-1QQPZRY9X8GF2TVDW0S3JN54KHCE6MUA7LQPZRY9X8GF2TVDW0S"  # noqa: S105 - invented, opens nothing


def test_a_secret_key_given_as_a_recipient_is_refused_and_not_repeated(bag: Path, tmp_path: Path) -> None:
    listed = tmp_path / "keys.txt"
    listed.write_text(f"# created\n{SECRET}\n")
    for given in (SECRET, str(listed)):
        with pytest.raises(UsageError, match="is a secret key") as refused:
            seal_folder(bag, tmp_path / "x.age", recipients=[given])
        assert "1QQPZ" not in str(refused.value)


@pytest.mark.parametrize(
    ("recipient", "told"),
    [
        ("age1nonsense", "no recipient that can be sealed for"),
        ("ssh-dss AAAA", "no recipient that can be sealed for"),
        ("none.txt", "neither a recipient nor a file"),
        ("a\0b", "neither a recipient nor a file"),
    ],
)
def test_what_is_no_recipient_is_told(recipient: str, told: str, bag: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=told):
        seal_folder(bag, tmp_path / "x.age", recipients=[recipient])


def test_an_empty_list_no_recipient_both_ways_and_a_file_in_the_way_are_refused(bag: Path, tmp_path: Path) -> None:
    _, recipient = _identity(tmp_path)
    (tmp_path / "empty").write_text("# none\n")
    with pytest.raises(UsageError, match="lists no recipient"):
        seal_folder(bag, tmp_path / "x.age", recipients=[str(tmp_path / "empty")])
    for words in (((), None), ([recipient], PHRASE)):
        with pytest.raises(UsageError, match="for recipients, or with a passphrase"):
            seal_folder(bag, tmp_path / "x.age", recipients=words[0], passphrase=words[1])
    (tmp_path / "x.age").write_bytes(b"held")
    with pytest.raises(UsageError, match="there already"):
        seal_folder(bag, tmp_path / "x.age", recipients=[recipient])


def test_a_file_that_shrinks_while_it_is_packed_gives_the_whole_up(bag: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = Path.stat
    told = os.stat_result((0o100644, 0, 0, 1, 0, 0, 999_999, 0, 0, 0))
    monkeypatch.setattr(
        Path, "stat", lambda path, **given: told if path.name == "exhibit.html" else held(path, **given)
    )
    with pytest.raises(UsageError, match="became shorter"):
        list(pack_folder(bag))
    _, recipient = _identity(bag.parent)
    with pytest.raises(UsageError, match="cannot be sealed"):
        seal_folder(bag, bag.parent / "x.age", recipients=[recipient])
    assert not list(bag.parent.glob("x.age*"))
