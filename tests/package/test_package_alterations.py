"""Each of 200 alterations of a signed package is caught; the one that nobody can see is said in words."""

import hashlib
import runpy
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from bags import head_of, log_of, make_bag, signer
from commandline import run

from chatforensics.package.checker import LOG, PAYLOAD, TAGS, UNSEEN, check_bag, has_failed

LISTS = (PAYLOAD, TAGS)
HEAD = "data/custody/head.json"


def _files(bag: Path) -> list[Path]:
    return sorted(path for path in bag.rglob("*") if path.is_file())


def _pick(bag: Path, rng: Random) -> Path:
    return rng.choice(_files(bag))


def _rehash(bag: Path) -> None:
    """Write size, count and both lists anew, as somebody would who wants no difference to be seen."""
    listed = [path for path in _files(bag) if path.relative_to(bag).parts[0] == "data"]
    oxum = f"Payload-Oxum: {sum(path.stat().st_size for path in listed)}.{len(listed)}"
    info = (bag / "bag-info.txt").read_text().splitlines()
    stated = [oxum if line.startswith("Payload-Oxum") else line for line in info]
    (bag / "bag-info.txt").write_text("\n".join(stated) + "\n")
    for name in LISTS:
        inside = [path for path in _files(bag) if (path in listed) == (name == PAYLOAD)]
        inside = [path for path in inside if not path.name.startswith(TAGS)]
        hashes = {path.relative_to(bag).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in inside}
        (bag / name).write_text("".join(f"{sha256}  {path}\n" for path, sha256 in sorted(hashes.items())))


def flip_a_bit(bag: Path, rng: Random) -> None:
    path = _pick(bag, rng)
    content = bytearray(path.read_bytes())
    content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    path.write_bytes(content)


def swap_two_files(bag: Path, rng: Random) -> None:
    one, other = rng.sample(_files(bag), 2)
    held = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(held)


def delete_a_file(bag: Path, rng: Random) -> None:
    _pick(bag, rng).unlink()


def add_a_file(bag: Path, rng: Random) -> None:
    place = rng.choice([bag, bag / "data", bag / "data" / "tables", bag / "data" / "more"])
    place.mkdir(exist_ok=True)
    (place / rng.choice([".hidden", "notes.txt", f"{TAGS}.tsr", f"{PAYLOAD}.minisig"])).write_bytes(b"more\n")


def add_an_empty_folder(bag: Path, rng: Random) -> None:
    (rng.choice([bag, bag / "data"]) / f"empty-{rng.randrange(9)}").mkdir()


def rename_a_file(bag: Path, rng: Random) -> None:
    path = _pick(bag, rng)
    path.rename(path.with_name(f"{path.name}.old"))


def put_a_link_in_its_place(bag: Path, rng: Random) -> None:
    path = _pick(bag, rng)
    moved = bag.parent / "elsewhere"
    shutil.copy(path, moved)
    path.unlink()
    path.symlink_to(moved)


def edit_the_log(bag: Path, rng: Random) -> None:
    log = (bag / LOG).read_bytes()
    (bag / LOG).write_bytes(log.replace(b"Ngozi Petrov", b"Ngozi Petrow", rng.randint(1, 5)))
    _rehash(bag)


def reorder_the_log(bag: Path, rng: Random) -> None:
    lines = (bag / LOG).read_bytes().splitlines(keepends=True)
    one, other = rng.sample(range(len(lines)), 2)
    lines[one], lines[other] = lines[other], lines[one]
    (bag / LOG).write_bytes(b"".join(lines))
    _rehash(bag)


def truncate_the_log(bag: Path, rng: Random) -> None:
    lines = (bag / LOG).read_bytes().splitlines(keepends=True)
    (bag / LOG).write_bytes(b"".join(lines[: rng.randrange(len(lines))]))
    _rehash(bag)


def chain_another_log_whole(bag: Path, rng: Random) -> None:
    log = log_of(("new", "bundle"), actor=f"Person {rng.random()}")
    (bag / LOG).write_bytes(log)
    (bag / HEAD).write_bytes(head_of(log))
    _rehash(bag)


def sign_the_head_with_another_key(bag: Path, rng: Random) -> None:
    other = signer(bag.parent, seed=rng.randint(2, 200))
    (bag / f"{HEAD}.minisig").write_bytes(other.sign((bag / HEAD).read_bytes(), comment="date 2026-04-01"))
    _rehash(bag)


def hash_all_anew(bag: Path, rng: Random) -> None:
    path = bag / "data" / rng.choice(["messages.jsonl", "messages.csv", "exhibit.html"])
    path.write_bytes(path.read_bytes().replace(b"six", rng.choice([b"two", b"ten", b"seven"])))
    _rehash(bag)


def sign_all_with_another_key(bag: Path, rng: Random) -> None:
    hash_all_anew(bag, rng)
    sign_the_head_with_another_key(bag, rng)
    other = signer(bag.parent, seed=rng.randint(2, 200))
    (bag / f"{TAGS}.minisig").write_bytes(other.sign((bag / TAGS).read_bytes(), comment="date 2026-04-01"))


def edit_the_trusted_comment(bag: Path, rng: Random) -> None:
    path = rng.choice([bag / f"{TAGS}.minisig", bag / f"{HEAD}.minisig"])
    path.write_bytes(path.read_bytes().replace(b"2026-04-01", f"2026-04-{rng.randint(10, 30)}".encode()))
    if path.parent != bag:
        _rehash(bag)


def change_line_ends(bag: Path, rng: Random) -> None:
    texts = [path for path in _files(bag) if b"\n" in path.read_bytes() and b"\r" not in path.read_bytes()]
    path = rng.choice(texts)
    path.write_bytes(path.read_bytes().replace(b"\n", rng.choice([b"\r\n", b"\r"])))


KINDS: tuple[Callable[[Path, Random], None], ...] = (
    flip_a_bit, swap_two_files, delete_a_file, add_a_file, add_an_empty_folder, rename_a_file, put_a_link_in_its_place,
    edit_the_log, reorder_the_log, truncate_the_log, chain_another_log_whole, sign_the_head_with_another_key,
    hash_all_anew, sign_all_with_another_key, edit_the_trusted_comment, change_line_ends,
)  # fmt: skip


def _altered(original: Path, place: Path, number: int) -> Path:
    """Return a copy of a package with the alteration of that number."""
    shutil.rmtree(place, ignore_errors=True)
    bag = place / "bag"
    shutil.copytree(original, bag)
    KINDS[number % len(KINDS)](bag, Random(number))  # noqa: S311 - alterations, no secrets
    return bag


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("signed")
    maker = signer(folder)
    return make_bag(folder / "bag", sign=maker), maker.public_key


def test_the_package_before_any_alteration_is_found_whole(signed: tuple[Path, str]) -> None:
    bag, key = signed
    assert [result.state for result in check_bag(bag, key)] == ["ok", "ok", "ok", "ok", "not checked"]


@pytest.mark.parametrize("kind", range(len(KINDS)), ids=[kind.__name__ for kind in KINDS])
def test_an_alteration_of_each_kind_is_caught(kind: int, signed: tuple[Path, str], tmp_path: Path) -> None:
    bag, key = signed
    assert has_failed(check_bag(_altered(bag, tmp_path / "copy", kind), key))


@pytest.mark.slow
def test_each_of_200_alterations_is_caught_by_the_command_and_by_the_program_in_the_package(
    signed: tuple[Path, str], tmp_path: Path
) -> None:
    bag, key = signed
    program = runpy.run_path(str(bag / "verify.py"))["main"]
    missed = []
    for number in range(200):
        altered = _altered(bag, tmp_path / "copy", number)
        codes = run("verify", altered, "--key", key).returncode, program([str(altered), "--key", key])
        if codes != (4, 4):
            missed.append((number, KINDS[number % len(KINDS)].__name__, codes))
    assert missed == []


@pytest.mark.slow
def test_a_process_of_its_own_catches_one_alteration_of_each_kind(signed: tuple[Path, str], tmp_path: Path) -> None:
    bag, key = signed
    for number in range(len(KINDS)):
        altered = _altered(bag, tmp_path / "copy", number)
        command: list[str | Path] = [sys.executable, "-I", bag / "verify.py", altered, "--key", key]
        done = subprocess.run(command, capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (4, b""), KINDS[number].__name__
        assert done.stdout.startswith(b"FAILED: ")


def test_an_unsigned_package_hashed_anew_passes_and_both_programs_say_that_this_cannot_be_seen(tmp_path: Path) -> None:
    bag = make_bag(tmp_path / "bag")
    hash_all_anew(bag, Random(1))  # noqa: S311 - an alteration, no secret
    by_command = run("verify", bag)
    by_program = subprocess.run([sys.executable, "-I", bag / "verify.py"], capture_output=True, check=False)
    assert (by_command.returncode, by_program.returncode) == (0, 0)
    for done in (by_command, by_program):
        first, *rest = done.stdout.decode().splitlines()
        assert first.startswith("OK as far as it goes: ")
        assert UNSEEN in first
        assert f"[not checked] signature: The folder is not signed. {UNSEEN}" in rest


def test_a_signed_package_hashed_anew_passes_only_without_its_key(signed: tuple[Path, str], tmp_path: Path) -> None:
    bag, key = signed
    altered = _altered(bag, tmp_path / "copy", KINDS.index(hash_all_anew))
    done = run("verify", altered)
    assert done.returncode == 0
    assert "No key was given" in done.stdout.decode()
    assert UNSEEN in done.stdout.decode().splitlines()[0]
    assert run("verify", altered, "--key", key).returncode == 4
