"""Keys and signatures are minisign's own: each program reads what the other wrote."""

import shutil
import subprocess
from pathlib import Path

import pytest
from bags import key_file, make_bag, signer

from chatforensics.errors import UsageError
from chatforensics.package.checker import check_bag, check_signature, has_failed, read_key
from chatforensics.package.signing import load_signer, make_key

PHRASE = "Blue kettle"


@pytest.fixture
def minisign() -> str:
    found = shutil.which("minisign")
    if not found:
        pytest.skip("minisign is not on this machine")
    return found


def test_minisign_verifies_both_signatures_of_a_package(minisign: str, tmp_path: Path) -> None:
    public = make_key(tmp_path / "maker")
    bag = make_bag(tmp_path / "bag", sign=load_signer(tmp_path / "maker"))
    for name in ("tagmanifest-sha256.txt", "data/custody/head.json"):
        for key in (["-P", public], ["-p", str(tmp_path / "maker.pub")]):
            done = subprocess.run([minisign, "-V", *key, "-m", bag / name], capture_output=True, check=False)
            assert (done.returncode, b"comment signature verified" in done.stdout) == (0, True)
    (bag / "tagmanifest-sha256.txt").write_bytes(b"other")
    command: list[str | Path] = [minisign, "-V", "-P", public, "-m", bag / "tagmanifest-sha256.txt"]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1


@pytest.mark.parametrize("legacy", [[], ["-l"]], ids=["hashed", "legacy"])
def test_a_key_that_minisign_made_signs_here_and_what_it_signs_is_read(
    legacy: list[str], minisign: str, tmp_path: Path
) -> None:
    secret, public, content = (tmp_path / name for name in ("k", "k.pub", "content"))
    subprocess.run([minisign, "-G", "-W", "-s", secret, "-p", public], capture_output=True, check=True)
    bag = make_bag(tmp_path / "bag", sign=load_signer(secret))
    assert not has_failed(check_bag(bag, str(public)))
    content.write_bytes(b"content")
    command: list[str | Path] = [minisign, "-S", *legacy, "-W", "-s", secret, "-m", content, "-t", "a comment"]
    subprocess.run(command, capture_output=True, check=True)
    signature = (tmp_path / "content.minisig").read_bytes()
    assert check_signature(b"content", signature, read_key(str(public))) == "a comment"


def test_the_secret_key_is_for_its_owner_only_and_never_printed(tmp_path: Path) -> None:
    public = make_key(tmp_path / "keys" / "maker")
    secret = tmp_path / "keys" / "maker"
    assert secret.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "keys" / "maker.pub").read_text().splitlines()[1] == public
    shown = repr(load_signer(secret))
    assert public in shown
    assert "ecret" not in shown


def test_a_key_is_never_written_over_a_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"held")
    (tmp_path / "b.pub").write_bytes(b"held")
    for name in ("a", "b"):
        with pytest.raises(UsageError, match="there already"):
            make_key(tmp_path / name)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b.pub"]
    for name in ("a/key", "a/more/key"):
        with pytest.raises(UsageError, match=r"there already|cannot be written"):
            make_key(tmp_path / name)


def test_a_locked_key_opens_with_its_password_only(tmp_path: Path) -> None:
    public = make_key(tmp_path / "maker", passphrase=PHRASE)
    assert load_signer(tmp_path / "maker", passphrase=PHRASE).public_key == public
    with pytest.raises(UsageError, match="locked with a password"):
        load_signer(tmp_path / "maker")
    with pytest.raises(UsageError, match="does not open the key"):
        load_signer(tmp_path / "maker", passphrase=PHRASE.lower())


def test_what_is_no_secret_key_is_told_with_what_to_do(tmp_path: Path) -> None:
    make_key(tmp_path / "maker")
    (tmp_path / "text").write_text("no key")
    for name, told in (("maker.pub", "no secret minisign key"), ("text", "no secret"), ("none", "No such file")):
        with pytest.raises(UsageError, match=told):
            load_signer(tmp_path / name)


def test_signatures_are_the_same_on_every_run_and_comments_stay_on_one_line(tmp_path: Path) -> None:
    one, other = (load_signer(key_file(tmp_path)).sign(b"x", comment="a\nb \u202e") for _ in range(2))
    assert one == other
    assert check_signature(b"x", one, read_key(signer(tmp_path).public_key)) == "a?b ?"
