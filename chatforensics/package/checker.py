"""Check a folder of evidence: nothing to install, Python 3.8 or later, one file, its standard library only.

    python3 -I verify.py [FOLDER] [--key PUBLIC_KEY]      (without FOLDER: the one in which this file lies)

On Windows say python instead of python3. PUBLIC_KEY is a minisign key: a .pub file, or its line that begins with RW.
Take it from its holder, not from here. Checked are: every file against its SHA-256 in the two lists
(manifest-sha256.txt names what lies in data, tagmanifest-sha256.txt the rest and the first list), that nothing lies
here that no list names, the chain of the custody log where it is here (each line holds the SHA-256 of the line before),
and with a key the signatures of the second list and of the log.
Exit code: 0 all agrees, 4 something does not, 2 wrong usage.

This file came with the folder, and whoever could change the folder could change it too. Use a copy from elsewhere, or
ask programs that others wrote:

    sha256sum -c manifest-sha256.txt tagmanifest-sha256.txt
    minisign -V -p KEY.pub -m tagmanifest-sha256.txt
"""

from __future__ import annotations

import sys

if __name__ == "__main__" and not (sys.flags.isolated or getattr(sys.flags, "safe_path", False)):
    sys.path.pop(0)  # the folder of this file: a json.py planted in it would run in place of Python's own

import argparse
import base64
import hashlib
import json
import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import normalize

if TYPE_CHECKING:
    from collections.abc import Callable

    Point = tuple[int, int, int, int]

PAYLOAD, TAGS = "manifest-sha256.txt", "tagmanifest-sha256.txt"
LOG, HEAD = "data/custody/log.jsonl", "data/custody/head.json"
REQUEST, REPLY = TAGS + ".tsq", TAGS + ".tsr"
UNLISTED = {TAGS, TAGS + ".minisig", REQUEST, REPLY}  # made after the list that would have to name them
DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
OK, FAILED, OPEN = "ok", "failed", "not checked"
BIG, SMALL, LONGEST = 1 << 26, 1 << 16, 1 << 20  # caps in bytes: a list or log, a small file, a line of the log
MOST_FILES, MOST_WRONG, DEEPEST, SHOWN, NAMED = 1_000_000, 1_000, 40, 20, 3
UNSEEN = "Somebody who changed files could have rewritten the lists and the log to fit: that cannot be seen here."
OWN = "This program came with the folder: who could change one could change the other. Use a copy from elsewhere."
ADDED = "All listed files are unchanged; files that no list names were added"
UNSTATED = "and bag-info.txt states others: something was added or taken away since the lists were made."
INNOCENT = (
    "A failure may have harmless causes: a computer adds files of its own (.DS_Store, Thumbs.db), a mail program "
    "changes line ends, a copy is cut short, the key is that of another case. Ask for a fresh copy first."
)
LIMITS = (
    "A signature shows that the holder of that key signed, and not who that is: that you must know in another way.",
    "That files are unchanged does not show that what they say is so, nor who wrote the messages in them.",
)


class Result(NamedTuple):
    """One check: its name, how it ended (ok, failed, not checked), a sentence, and what exactly differs."""

    name: str
    state: str
    words: str
    details: tuple[str, ...] = ()


class Problem(Exception):
    """Something is not as it should be; its text says what."""


def check_bag(folder: Path, key: str | None = None) -> list[Result]:
    """Check a folder of evidence and return one result for each check; `key` is a minisign public key or its file.

    What is wrong with the folder is in the results; a Problem is raised only where the key is none.
    """
    public = None if key is None else read_key(key)
    files, folders, odd = _list_folder(folder)
    checks: dict[str, Callable[[], tuple[str, ...]]] = {
        "form": lambda: _check_form(files, odd),
        "files": lambda: _check_files(files, folders),
        "custody log": lambda: _check_log(files),
        "signature": lambda: _check_signatures(files, public),
        "timestamp": lambda: _check_timestamp(files),
    }
    results = []
    for name, check in checks.items():
        try:
            state, words, *details = check()
        except Problem as problem:
            state, words, *details = (FAILED, *problem.args)
        except OSError as error:
            state, words, details = FAILED, f"{error.filename}: cannot be read ({error.strerror}).", []
        results.append(Result(name, state, words, tuple(details)))
    return results


def _list_folder(folder: Path) -> tuple[dict[str, Path], set[str], list[str]]:
    """Return every plain file by the name that lists give it, the folders, and what is neither."""
    files: dict[str, Path] = {}
    folders, odd, waiting = set(), [], [("", folder)]
    while waiting:
        inside, place = waiting.pop()
        try:
            found = [(path, path.lstat().st_mode) for path in sorted(place.iterdir())]
        except OSError as error:
            odd.append(f"{inside or place}: cannot be read ({error.strerror})")
            continue
        for path, mode in found:
            name = normalize("NFC", inside + path.name)  # some disks take accents apart
            if stat.S_ISDIR(mode) and name.count("/") < DEEPEST:
                folders.add(name)
                waiting.append((name + "/", path))
            elif stat.S_ISREG(mode) and name not in files and len(files) < MOST_FILES:
                files[name] = path
            else:
                odd.append(f"{name}: a link or device, a second file of one name, or more than is checked")
    return files, folders, odd


def _read(files: dict[str, Path], name: str, most: int = BIG) -> bytes:
    """Return the bytes of a file that must be there and no larger than a cap."""
    if name not in files:
        raise Problem(f"{name} is missing.")
    with files[name].open("rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise Problem(f"{name} is larger than {most:,} bytes, which no such file is.")
    return content


def _check_form(files: dict[str, Path], odd: list[str]) -> tuple[str, ...]:
    """Check that the folder is of the form BagIt 1.0, of plain files, and of the size and count that it states."""
    if _read(files, "bagit.txt", SMALL) != DECLARATION:
        raise Problem("bagit.txt is not the declaration of BagIt 1.0.", *odd)
    sizes = [path.stat().st_size for name, path in files.items() if name.startswith("data/")]
    stated = re.findall(rb"^Payload-Oxum:[^\n]*$", _read(files, "bag-info.txt"), re.MULTILINE)
    if odd or stated != [b"Payload-Oxum: %d.%d" % (sum(sizes), len(sizes))]:
        found = f"In data lie {len(sizes):,} files of {sum(sizes):,} bytes in all"
        if odd:
            raise Problem(f"{found}; something here is no plain file, or cannot be read.", *odd)
        raise Problem(f"{found}, {UNSTATED}")
    return OK, f"{len(sizes):,} files of evidence, {sum(sizes):,} bytes, as stated."


def _check_files(files: dict[str, Path], folders: set[str]) -> tuple[str, ...]:
    """Check every file against the lists, and that nothing lies here that no list names."""
    wrong: list[str] = []
    listed = {**_read_list(files, PAYLOAD, wrong), **_read_list(files, TAGS, wrong)}
    for name, stated in sorted(listed.items()):
        if name not in files:
            wrong.append(f"{name}: missing")
            continue
        sha256 = hashlib.sha256()
        with files[name].open("rb") as file:
            for chunk in iter(lambda: file.read(1 << 20), b""):
                sha256.update(chunk)
        if sha256.hexdigest() != stated:
            wrong.append(f"{name}: changed")
    parents = {"data"} | {name[: cut.start()] for name in listed for cut in re.finditer("/", name)}
    added = [f"{name}: no list names it" for name in sorted(set(files) - set(listed) - UNLISTED)]
    added += [f"{name}: a folder in which no list names a file" for name in sorted(folders - parents)]
    if added and not wrong:
        raise Problem(f"{ADDED}: {len(added):,}.", *added)
    wrong += added
    if wrong:
        raise Problem(f"{len(wrong):,} difference{'s' * (len(wrong) > 1)} from the two lists.", *wrong)
    return OK, f"{len(listed):,} files agree with the two lists, and nothing else lies here."


def _read_list(files: dict[str, Path], name: str, wrong: list[str]) -> dict[str, str]:
    """Return the stated SHA-256 by name. A name is only looked up among the files that lie here, and not opened."""
    listed: dict[str, str] = {}
    *lines, rest = _read(files, name).decode("utf-8", "replace").split("\n")
    for number, line in enumerate(lines if not rest else [*lines, ""], start=1):
        sha256, path = line[:64], re.sub("%(0[AaDd]|25)", lambda code: chr(int(code[1], 16)), line[66:])
        path = normalize("NFC", path)
        inside = "\\" not in path and ":" not in path[:2] and not {"", ".", ".."} & set(path.split("/"))
        placed = path.startswith("data/") == (name == PAYLOAD) and path.count("/") <= DEEPEST and path not in listed
        if not (re.fullmatch("[0-9a-f]{64}  [^\r]+", line) and inside and placed):
            wrong.append(f"{name}, line {number}: no hash and name of a file in its place, or one named before")
            if len(wrong) > MOST_WRONG:
                raise Problem(f"{name} is no list of files: more than {MOST_WRONG:,} lines of it are none.")
        else:
            listed[path] = sha256
    return listed


def _check_log(files: dict[str, Path]) -> tuple[str, ...]:
    """Check that each line of the custody log holds the SHA-256 of the line before, and the head that of the last."""
    if LOG not in files and LOG not in _read_list(files, PAYLOAD, []):
        stated = re.fullmatch(rb'{"entries":(\d{1,9}),"sha256":"([0-9a-f]{64})"}\n', _read(files, HEAD, SMALL))
        if not stated:
            raise Problem(f"{HEAD} names no last line of a log.")
        said = f"{int(stated[1]):,} entries, SHA-256 of the last: {stated[2].decode()}"
        return OPEN, f"The log is not in this package, which names nobody who kept it; its head is here: {said}"
    *lines, rest = _read(files, LOG).split(b"\n")
    if rest or not lines:
        raise Problem(f"{LOG} is empty, or cut off within a line.")
    before = "0" * 64
    for number, line in enumerate(lines, start=1):
        try:
            entry = json.loads(line[:LONGEST].decode("utf-8"), parse_int=lambda digits: int(digits[:20]))
            spelt = json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
        except (ValueError, RecursionError):  # not JSON, or nested to exhaust us
            entry, spelt = None, ""
        if not isinstance(entry, dict) or spelt.encode("utf-8", "replace") != line:
            raise Problem(f"{LOG}, line {number}: not an entry as this log spells them.")
        if (repr(entry.get("seq")), entry.get("prev")) != (str(number), before):
            raise Problem(f"{LOG}, line {number}: does not follow the line before.")
        before = hashlib.sha256(line).hexdigest()
    if _read(files, HEAD, SMALL) != b'{"entries":%d,"sha256":"%s"}\n' % (len(lines), before.encode()):
        raise Problem(f"{HEAD} does not name the last of the {len(lines):,} lines of {LOG}.")
    return OK, f"{len(lines):,} entries, each following the one before; SHA-256 of the last: {before}"


def _check_signatures(files: dict[str, Path], public: bytes | None) -> tuple[str, ...]:
    """Check the signatures of the second list and of the head of the log, if a key was given."""
    if not public:
        signed = TAGS + ".minisig" in files
        return OPEN, f"{'No key was given to check it with.' if signed else 'The folder is not signed.'} {UNSEEN}"
    comments = []
    for name in (TAGS, HEAD):
        try:
            comments.append(check_signature(_read(files, name), _read(files, name + ".minisig", SMALL), public))
        except Problem as problem:
            told = str(problem)
            raise Problem(told if told.startswith(name) else f"{name}.minisig: {told}") from None
    return (OK, f"Signed by the key with the id {name_key(public)}.", *comments)


def _check_timestamp(files: dict[str, Path]) -> tuple[str, ...]:
    """Check that request and reply name the second list; what else they say is not for this program."""
    sha256 = hashlib.sha256(_read(files, TAGS)).digest()
    for name in {REQUEST, REPLY} & set(files):
        if sha256 not in _read(files, name, SMALL):
            raise Problem(f"{name} is for another list than the one here.")
    how = "One that names the list here was put in later, and no signature covers it. Check the rest: "
    how += f"openssl ts -verify -data {TAGS} -in {REPLY} -CAfile CERTIFICATES"
    return OPEN, how if REPLY in files else "None is attached: that the folder existed at its date is its maker's word."


# ---- minisign signatures: Ed25519, RFC 8032 --------------------------------------------------------------------------


def read_key(given: str) -> bytes:
    """Return the 42 bytes of a minisign public key, given as its file or as its line, or raise a Problem."""
    try:
        line = given
        if not given.startswith("RW") or Path(given).is_file():
            with Path(given).open("rb") as file:
                line = file.read(SMALL).decode("utf-8").strip().split("\n")[-1]
        key = base64.b64decode(line, validate=True)
    except (OSError, ValueError):
        key = b""
    if len(key) != 42 or key[:2] != b"Ed":
        raise Problem(f"{given}: no minisign public key. Give a .pub file, or its line that begins with RW.")
    return key


def name_key(key: bytes) -> str:
    """Return the id of a key, or of the key that made a signature, as minisign prints it."""
    return f"{int.from_bytes(key[2:10], 'little'):016X}"


def check_signature(content: bytes, signature: bytes, public: bytes) -> str:
    """Check a minisign signature, spelt to the byte as minisign spells it; return its trusted comment, or raise."""
    first, trusted = b"untrusted comment: signature from minisign secret key", b"trusted comment: "
    lines = signature.split(b"\n")
    try:
        inner, outer = base64.b64decode(lines[1], validate=True), base64.b64decode(lines[3], validate=True)
        comment = lines[2][len(trusted) :].decode("utf-8")
    except (IndexError, ValueError):
        inner, outer, comment = b"", b"", ""
    spelt = [first, base64.b64encode(inner), trusted + comment.encode(), base64.b64encode(outer), b""]
    if lines != spelt or inner[:2] not in (b"Ed", b"ED") or (len(inner), len(outer)) != (74, 64):
        raise Problem("not a signature as minisign writes it.")
    ids = [name_key(key) for key in (inner, public)]
    if ids[0] != ids[1]:
        raise Problem(f"made with another key ({ids[0]}) than the one given ({ids[1]}).")
    message = hashlib.blake2b(content).digest() if inner[:2] == b"ED" else content
    if not verify_ed25519(public[10:], message, inner[10:]):
        raise Problem("it does not fit the file.")
    if not verify_ed25519(public[10:], inner[10:] + comment.encode(), outer):
        raise Problem("it does not fit its trusted comment.")
    return comment


# A point of the curve is four numbers X, Y, Z, T: it lies at x = X/Z, y = Y/Z, and T = x*y*Z (RFC 8032, 5.1.4).
_P, _L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P


def verify_ed25519(public: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether a signature is the key's for the message (RFC 8032, 5.1.7, the equation without cofactor).

    Refused as well, as minisign does: S beyond the order of the group, a point not spelt in its one form, and a key of
    small order, for which anybody could sign.
    """
    key, base, zero = _decode(public), _decode(b"\x58" + b"\x66" * 31), (0, 1, 1, 0)
    number = int.from_bytes(signature[32:], "little")
    if not key or not base or len(signature) != 64 or number >= _L:
        return False
    hashed = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % _L
    minus = (-key[0] % _P, key[1], 1, -key[3] % _P)
    terms, total, small = (zero, base, minus, _add(base, minus)), zero, key
    for bit in range(252, -1, -1):  # number * base - hashed * key, both in one pass
        total = _add(_add(total, total), terms[(number >> bit & 1) + 2 * (hashed >> bit & 1)])
    for _ in range(3):
        small = _add(small, small)
    inverse = pow(total[2], _P - 2, _P)
    x, y = total[0] * inverse % _P, total[1] * inverse % _P
    return small[0] != 0 and (y | (x & 1) << 255).to_bytes(32, "little") == signature[:32]


def _add(one: Point, other: Point) -> Point:
    a, b = (one[1] - one[0]) * (other[1] - other[0]) % _P, (one[1] + one[0]) * (other[1] + other[0]) % _P
    c, d = 2 * one[3] * other[3] * _D % _P, 2 * one[2] * other[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _decode(spelt: bytes) -> Point | None:
    """Return the point that 32 bytes spell (RFC 8032, 5.1.3), or None if they spell none in its one form."""
    sign, y = divmod(int.from_bytes(spelt, "little"), 1 << 255)
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if x * x % _P != square:
        x = x * pow(2, (_P - 1) // 4, _P) % _P
    if len(spelt) != 32 or y >= _P or x * x % _P != square or (x == 0 and sign):
        return None
    x = _P - x if x & 1 != sign else x
    return x, y, 1, x * y % _P


def has_failed(results: list[Result]) -> bool:
    """Return whether any check failed."""
    return any(result.state == FAILED for result in results)


def summarise(results: list[Result]) -> str:
    """Return one plain line for a reader who knows nothing of hashes."""
    states = {result.name: result.state for result in results}
    failed = {result.name: result.words for result in results if result.state == FAILED}
    if failed.pop("files", "").startswith(ADDED) and failed.pop("form", UNSTATED).endswith(UNSTATED) and not failed:
        return f"FAILED: {_tell_added(results)}"
    if has_failed(results):
        names = ", ".join(name for name, state in states.items() if state == FAILED)
        return f"FAILED: {names}. Something here, or the key that was given, is not what it should be; see below."
    if states.get("signature") == OK:
        return "OK: every file here is as it was when the holder of the key that you gave signed."
    if "signature" in states:
        return f"OK as far as it goes: every file agrees with the lists, and no signature was checked. {UNSEEN}"
    return "OK: whatever was checked agrees."


def _tell_added(results: list[Result]) -> str:
    """Say that files were added and nothing else was found, with the first of their names."""
    added = [told.rsplit(": ", 1)[0] for result in results if result.name == "files" for told in result.details]
    named = ", ".join(added[:NAMED]) + (", and more" if len(added) > NAMED else "")
    is_signed = any((result.name, result.state) == ("signature", OK) for result in results)
    unseen = "" if is_signed else f" No signature was checked. {UNSEEN}"
    return f"{ADDED[0].lower() + ADDED[1:]}: {named}. Take them away, and check again.{unseen}"


def describe(results: list[Result]) -> list[str]:
    """Return the plain line, then each check, then what they do not show, safe to print on any terminal."""
    lines = [summarise(results), ""]
    for result in results:
        lines += [
            f"[{result.state}] {result.name}: {result.words}",
            *(f"    {told}" for told in result.details[:SHOWN]),
        ]
        lines += [f"    and {len(result.details) - SHOWN:,} more"] if len(result.details) > SHOWN else []
    lines += ["", *([INNOCENT] if has_failed(results) else []), *LIMITS]
    return ["".join(sign if sign.isprintable() else f"[U+{ord(sign):04X}]" for sign in line) for line in lines]


def main(words: list[str] | None = None) -> int:
    """Check a folder, print what was found, and return the exit code."""
    parser = argparse.ArgumentParser(description="Check a folder of evidence against its lists and signatures.")
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument(
        "--key", help="minisign public key, from its holder: a .pub file or its line that begins with RW"
    )
    given = parser.parse_args(words)
    if not given.folder.is_dir():
        parser.error(f"{given.folder} is no folder.")
    try:
        results = check_bag(given.folder, given.key)
    except Problem as problem:
        parser.error(str(problem))
    code = sys.stdout.encoding or "ascii"
    try:
        print("\n".join([*describe(results), OWN]).encode(code, "backslashreplace").decode(code), flush=True)
    except BrokenPipeError:  # whoever reads this has read enough; Python would complain once more at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 4 if has_failed(results) else 0


if __name__ == "__main__":
    sys.exit(main())
