"""A package that somebody was given, as one file: opened under limits, checked, and told in plain words."""

import re
import shutil
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import mkdtemp

from chatforensics.errors import UnreadableExport, UsageError
from chatforensics.intake.archives import Listed
from chatforensics.package import checker
from chatforensics.workflow.parts import hash_file
from chatforensics.workflow.run import Report, silent

SAVED = "chatforensics-case.json"
_MARKS = ("bagit.txt", checker.PAYLOAD, checker.TAGS)
_DATABASE = "case.sqlite"
_DEEPEST = 4  # folders in which file managers may have wrapped a package
_ZIP, _TAR, _TAR_AT, _HEAD = (b"PK\x03\x04", b"PK\x05\x06"), b"ustar", 257, 512
_KEY = re.compile(r"RW[A-Za-z0-9+/]{54}")
_MOST_PLACES = 20
_TITLE = re.compile(rb"^External-Description: ([^\r\n]{1,500})", re.MULTILINE)
_CHAT = re.compile(r"(?i)_chat\.txt|.*whatsapp.*\.txt")
_FRESH = "Ask whoever made it for a fresh copy."


@dataclass(frozen=True, slots=True)
class Opened:
    """A package that was opened: its folder, and how many files lay beside it that belong to no package."""

    folder: Path
    n_beside: int


def open_package(path: Path, folder: Path, *, name: str, passphrase: str | None = None) -> Opened:
    """Unpack a package into an empty folder, under limits, and return where it begins.

    Taken are a zip as this program makes it, one that a file manager made of its folder, with folders around it or
    none, a tar of it, and a tar locked with a passphrase. Zips are unpacked by a limited process.

    Args:
        path: the file.
        folder: where to unpack it.
        name: what the file was called, for messages.
        passphrase: of a locked file.

    Raises:
        UnreadableExport: it is no such file, damaged, locked, over a limit, or made to write elsewhere.
    """
    from chatforensics.package.sealing import MOST_BY_PASSPHRASE
    from chatforensics.package.unboxing import MOST_FILES
    from chatforensics.package.unsealing import is_sealed, open_sealed

    box = _Box(folder, name)
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith(_ZIP):
        from chatforensics.intake.unpacking import read_members

        with path.open("rb") as file:
            try:
                return box.fill(read_members(file, name=name, check=box.check, most_files=MOST_FILES))
            except UnreadableExport as error:
                raise UnreadableExport(str(error.args[0]), hint=box.hint or _FRESH) from error
    if is_sealed(head):
        return box.fill_from_tar(open_sealed(path, passphrase, name=name))
    if head[_TAR_AT:].startswith(_TAR) and path.stat().st_size <= MOST_BY_PASSPHRASE:
        return box.fill_from_tar(path.read_bytes())
    raise _tell_other(head, name)


class _Box:
    """A zip or tar on its way into a folder: what it lists is judged before a byte of it is written."""

    def __init__(self, folder: Path, name: str) -> None:
        """Unpack into this folder; `name` is what the file was called."""
        self.hint = ""
        self._folder, self._name = folder, name
        self._top = ""
        self._places: list[str | None] = []

    def check(self, listed: Sequence[Listed]) -> None:
        """Judge names and sizes, and find where the package begins.

        Raises:
            UnreadableExport: there is none in it, or it must not be unpacked.
        """
        from chatforensics.package.unboxing import check_sizes, place_names

        self._places = place_names([each.name for each in listed], box=self._name)
        try:
            self._top = _find_top([place for place in self._places if place is not None], self._name)
            check_sizes(listed, folder=self._folder, box=self._name)
        except UnreadableExport as error:
            self.hint = error.hint
            raise

    def fill(self, members: Iterable[tuple[str, Iterable[bytes]]]) -> Opened:
        """Write what was judged."""
        from chatforensics.package.unboxing import write_file

        for number, (_, pieces) in enumerate(members):
            place = self._places[number]
            if place is None:
                deque(pieces, maxlen=0)
            else:
                write_file(self._folder, place, pieces)
        inside = [place for place in self._places if place is not None and place.startswith(self._top)]
        return Opened(self._folder / self._top, len(self._places) - len(inside))

    def fill_from_tar(self, content: bytes) -> Opened:
        """Write what a tar holds, once that was judged.

        Raises:
            UnreadableExport: it is none, damaged, or must not be unpacked.
        """
        from chatforensics.package.boxes import read_tar
        from chatforensics.package.unboxing import MOST_FILES

        if content.startswith(_ZIP):
            raise _tell_saved(self._name)
        listed = read_tar(content, name=self._name, most_files=MOST_FILES)
        self.check([each for each, _ in listed])
        return self.fill((each.name, [content[at : at + each.size_bytes]]) for each, at in listed)


def verify_file(  # noqa: PLR0913 - a file, what it was called, and by what it is held
    path: Path, *, name: str, work: Path, key: str | None = None, passphrase: str | None = None, report: Report = silent
) -> dict[str, object]:
    """Open a package that somebody was given, check it as `verify` does, and say in one plain line what was found.

    It shows that nothing was changed since the package was made, and not that the chats are what phones held. A package
    without a checked signature could have been rewritten whole: that is said where it is so. What was unpacked is
    removed again.

    Args:
        path: the file.
        name: what it was called.
        work: a folder in which it may be unpacked.
        key: the minisign public key of its maker, a line that begins with RW.
        passphrase: of a locked file.
        report: told of progress.

    Returns:
        `line`, `intact` (no check failed), `signature` (`ok`, `failed` or `not checked`), `signed_by` (the id of a key,
        as the signature itself has it), `title` as the package states it, `sha256` of its last list, which stands for
        all of it, `file_sha256`, `results` and what they do not show.

    Raises:
        UnreadableExport: it cannot be opened, or is something else; the words say what, and where that belongs.
        UsageError: the key is none.
    """
    public = read_public_line(key) if key else None
    folder = Path(mkdtemp(prefix="opened-", dir=work))
    try:
        report("unpacking", 0, 0)
        opened = open_package(path, folder, name=name, passphrase=passphrase)
        report("checking", 0, 0)
        told = _tell(opened, checker.check_bag(opened.folder, public))
        return {"name": name, "file_sha256": hash_file(path), **told}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def read_public_line(said: str) -> str:
    """Return the line of a public key out of what somebody typed or pasted.

    Raises:
        UsageError: no such line is in it.
    """
    for line in reversed(said.split()):
        if _KEY.fullmatch(line):
            return line
    hint = "It is a line of 56 letters and digits that begins with RW; get it from the maker of the package."
    raise UsageError("The public key is none.", hint=hint)


def _tell(opened: Opened, results: Sequence[checker.Result]) -> dict[str, object]:
    checks = list(results)
    failed = checker.has_failed(checks)
    return {
        "line": checker.summarise(checks),
        "intact": not failed,
        "signature": next((x.state for x in checks if x.name == "signature"), checker.OPEN),
        "signed_by": _read_signer(opened.folder),
        "title": _read_title(opened.folder),
        "sha256": hash_file(tags) if (tags := opened.folder / checker.TAGS).is_file() else None,
        "n_beside": opened.n_beside,
        "results": [view_result(each) for each in checks],
        "innocent": checker.INNOCENT if failed else None,
        "limits": list(checker.LIMITS),
    }


def view_result(result: checker.Result) -> dict[str, object]:
    """Return a check as plain values, with the first of the places where something differs."""
    n_more = max(0, len(result.details) - _MOST_PLACES)
    places = list(result.details[:_MOST_PLACES])
    return {"name": result.name, "state": result.state, "words": result.words, "places": places, "n_more": n_more}


def _read_signer(folder: Path) -> str | None:
    """Return the id of the key that a signature names; nothing is checked here."""
    import base64

    lines = _read_small(folder / f"{checker.TAGS}.minisig").split(b"\n")
    try:
        signature = base64.b64decode(lines[1], validate=True)
    except (IndexError, ValueError):
        return None
    return checker.name_key(signature) if len(signature) == 74 else None  # noqa: PLR2004 - of a signature


def _read_title(folder: Path) -> str | None:
    found = _TITLE.search(_read_small(folder / "bag-info.txt"))
    return found[1].decode("utf-8", "replace") if found else None


def _read_small(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(checker.SMALL)
    except OSError:
        return b""


def _find_top(places: Sequence[str], name: str) -> str:
    """Return the folder in which a package begins, with a slash at its end; empty where it begins at once."""
    names = [PurePosixPath(place) for place in places]
    found = {each.parent for each in names if each.name in _MARKS and len(each.parts) <= _DEEPEST}
    if not found:
        raise _tell_kind([each.name for each in names], name)
    nearest = min(len(folder.parts) for folder in found)
    tops = sorted(folder.as_posix() for folder in found if len(folder.parts) == nearest)
    if len(tops) > 1:
        raise UnreadableExport(f"{name}: several packages in one file.", hint="Check them one at a time.")
    return "" if tops[0] == "." else f"{tops[0]}/"


def _tell_kind(names: Sequence[str], box: str) -> UnreadableExport:
    """Say what a zip is that holds no package, and where it belongs."""
    if SAVED in names:
        return _tell_saved(box)
    if _DATABASE in names:
        hint = "Unpack it, and open that folder from the start page. To check it: chatforensics verify FOLDER."
        return UnreadableExport(f"{box}: the folder of a case, and no package.", hint=hint)
    if any(_CHAT.fullmatch(name) for name in names):
        hint = "Open a case from the start page, and add it there."
        return UnreadableExport(f"{box}: an export of a chat, and no package.", hint=hint)
    hint = "A package holds a file named bagit.txt. If it lies in a zip inside of this one, give that zip."
    return UnreadableExport(f"{box}: no package in it.", hint=hint)


def _tell_saved(box: str) -> UnreadableExport:
    hint = "Bring it back from the start page; it is checked there."
    return UnreadableExport(f"{box}: a whole case that was saved, and no package.", hint=hint)


def _tell_other(head: bytes, box: str) -> UnreadableExport:
    if head.startswith(b"SQLite format 3"):
        return UnreadableExport(f"{box}: a database, and no package.", hint="A case is opened as a folder.")
    if box.lower().endswith(".txt") and b"\0" not in head:
        hint = "If it is an export of a chat, open a case from the start page and add it there."
        return UnreadableExport(f"{box}: a text, and no package.", hint=hint)
    hint = "Packages are files named .zip or .tar.age. A single page of one cannot be checked: ask for the whole."
    return UnreadableExport(f"{box}: no package.", hint=hint)
