"""A folder of evidence in the form BagIt 1.0 (RFC 8493): payload, lists of hashes, and the program that checks them."""

import hashlib
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO
from unicodedata import normalize

from chatforensics.errors import UnreadableExport, UsageError
from chatforensics.package import checker
from chatforensics.package.signing import Signer

Content = bytes | Path
HEAD = "custody/head.json"
CHECKER = "verify.py"
_CHUNK = 1 << 20
_WIDTH = 150  # bytes of a file name, so that paths stay below the 260 characters of older Windows
_UNSAFE = re.compile(
    r'[^\S ]|[\x00-\x1f\x7f-\x9f<>:"/\\|?*%\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]'
)
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")
_OWN = frozenset({"bagit.txt", "bag-info.txt", checker.PAYLOAD, *checker.UNLISTED})


def write_bag(
    out: Path,
    *,
    payload: Mapping[str, Content],
    tags: Mapping[str, bytes],
    info: Mapping[str, str],
    sign: Signer | None = None,
) -> str:
    """Write a folder of evidence that anybody can check, whole or not at all, and return the hash that stands for it.

    The folder shows what was put into it, and not that this is all there was. It is the same to the byte for the same
    arguments. `verify.py` is put into it; with `sign` so are signatures of the custody log's head and of the last list,
    which names the hash of everything else.

    Args:
        out: The folder; it must not exist yet, or be empty.
        payload: By name below `data/`, bytes or a file to copy; for names as received see `safe_name`.
        tags: Further files beside `data/`.
        info: What `bag-info.txt` states; `Bagging-Date` is also in the signed comment.
        sign: The key to sign with, from `load_signer`.

    Returns:
        The SHA-256 of `tagmanifest-sha256.txt`.

    Raises:
        UsageError: the folder holds files, or a name cannot stand in such a folder.
        UnreadableExport: a file to copy cannot be read.
    """
    if out.is_symlink() or (out.exists() and not (out.is_dir() and not any(out.iterdir()))):
        raise UsageError(f"--out: {out} is there already.", hint="Name a new folder.")
    comment = f"date {info.get('Bagging-Date', 'unknown')}, custody {_head(payload)}, file "
    if sign and isinstance(head := payload.get(HEAD), bytes):
        payload = {**payload, f"{HEAD}.minisig": sign.sign(head, comment=comment + f"data/{HEAD}")}
    named = _check_names(payload, {**tags, CHECKER: Path(checker.__file__).read_bytes()})
    out = out.resolve()
    part = out.with_name(f".{out.name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True, mode=0o700)  # what is half written is for nobody else
        listed = _write_all(part, named, info)
        if sign:
            signed = sign.sign(listed, comment=comment + checker.TAGS)
            (part / f"{checker.TAGS}.minisig").write_bytes(signed)
        if out.is_dir():
            out.rmdir()
        part.rename(out)
    except UnreadableExport:  # an OSError too, but of the file to copy
        raise
    except OSError as error:
        raise UsageError(f"{out}: cannot be written ({error.strerror}).", hint="Name another place.") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return hashlib.sha256(listed).hexdigest()


def safe_name(name: str) -> str:
    """Return a file name as received in a form that every system can hold and that spells itself in a list of hashes.

    Signs that some system refuses become `_`; two names may so become one. The name as received stays in the tables.
    """
    bare = _UNSAFE.sub("_", normalize("NFC", name)).rstrip(" .").lstrip(" ")
    bare = f"_{bare}" if not bare or _RESERVED.match(bare) or bare.startswith((".", "~")) else bare
    stem, dot, ending = bare.rpartition(".")
    ending = dot + ending if stem and len(ending) <= 10 else ""  # noqa: PLR2004 - longer is no ending but a sentence
    room = _WIDTH - len(ending.encode())
    return bare[: len(bare) - len(ending)].encode()[:room].decode(errors="ignore").rstrip(" .") + ending


def _head(payload: Mapping[str, Content]) -> str:
    """Return the hash of the custody log's last line, as the payload's own head names it."""
    head = payload.get(HEAD)
    return str(json.loads(head)["sha256"]) if isinstance(head, bytes) else "none"


def _check_names(payload: Mapping[str, Content], tags: Mapping[str, bytes]) -> dict[str, Content]:
    """Return every file by its name in the folder, in the order of the names."""
    named: dict[str, Content] = {}
    folded: set[str] = set()
    for name, content in (*((f"data/{name}", content) for name, content in payload.items()), *tags.items()):
        path = normalize("NFC", name)
        wrong = "\\" in path or "\0" in path or ":" in path[:2] or {"", ".", ".."} & set(path.split("/"))
        misplaced = path in _OWN or (path.startswith("data/") and name in tags)
        if wrong or misplaced or path.casefold() in folded or path.count("/") > checker.DEEPEST:
            raise UsageError(f"{name}: no name that a file of a package can have.", hint="Name it otherwise.")
        folded.add(path.casefold())
        named[path] = content
    return dict(sorted(named.items()))


def _write_all(folder: Path, named: Mapping[str, Content], info: Mapping[str, str]) -> bytes:
    """Write the files and their lists, and return the bytes of the last list."""
    (folder / "data").mkdir()
    written = {name: _write(folder / name, content) for name, content in named.items()}
    sizes = [size for name, (_, size) in written.items() if name.startswith("data/")]
    payload = {name: sha256 for name, (sha256, _) in written.items() if name.startswith("data/")}
    tags = {name: sha256 for name, (sha256, _) in written.items() if name not in payload}
    own = {
        "bagit.txt": checker.DECLARATION,
        "bag-info.txt": _spell_info({**info, "Payload-Oxum": f"{sum(sizes)}.{len(sizes)}"}),
        checker.PAYLOAD: _spell_list(payload),
    }
    tags |= {name: _write(folder / name, content)[0] for name, content in own.items()}
    last = _spell_list(tags)
    _write(folder / checker.TAGS, last)
    return last


def _write(path: Path, content: Content) -> tuple[str, int]:
    """Write bytes, or copy a file; return SHA-256 and size of what was written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sha256, size = hashlib.sha256(), 0
    with path.open("xb") as file:
        for chunk in [content] if isinstance(content, bytes) else _chunks(content):
            sha256.update(chunk)
            size += file.write(chunk)
    return sha256.hexdigest(), size


def _chunks(path: Path) -> Iterator[bytes]:
    try:
        file: BinaryIO = path.open("rb")
    except OSError as error:
        raise UnreadableExport(f"{path}: {error.strerror}.", hint="Check the file.") from error
    with file:
        yield from iter(lambda: file.read(_CHUNK), b"")


def _spell_list(hashes: Mapping[str, str]) -> bytes:
    """Spell a list of hashes as RFC 8493 and sha256sum read it."""
    spelt = {name: name.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A") for name in hashes}
    return "".join(f"{sha256}  {spelt[name]}\n" for name, sha256 in sorted(hashes.items())).encode()


def _spell_info(stated: Mapping[str, str]) -> bytes:
    """Spell labels and values, one pair a line: a line end in a value could pose as another label."""
    lines = [f"{label}: {' '.join(str(value).split())}" for label, value in sorted(stated.items())]
    if not all(re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*: .*", line) for line in lines):
        raise UsageError("bag-info: a label is no word.", hint="Use letters, digits and hyphens.")
    return ("\n".join(lines) + "\n").encode()
