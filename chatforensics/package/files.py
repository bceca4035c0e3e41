"""Stand-ins for the names of exports, folders and files: people call them by names of people."""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

import polars as pl
import regex

from chatforensics.package.columns import FILE, what_is
from chatforensics.package.dossier import Tables
from chatforensics.package.finding import Finder
from chatforensics.package.folding import fold, list_words
from chatforensics.package.masks import SENT_NAME, find_masks
from chatforensics.package.pseudonyms import CODE, pseudonym

_GENERIC = regex.compile(
    rf"(?i:_chat\.txt)|{SENT_NAME}(?: ?\(\d{{1,3}}\))?(?:\.\w{{1,5}})?|file-P-{CODE}(?:\.\w{{1,5}})?"
)
_OURS = regex.compile(rf"(?:export|folder)-(?:[0-9]{{1,6}}|P-{CODE})(?:\.[a-z0-9]{{1,5}})?")
_ENDING = regex.compile(r"\.[A-Za-z0-9]{1,5}")
_PARTERS = regex.compile(r"[_.+\-]+")
_SHORTEST_WORD = 3
_EXPORT_ROLES = ("container", "chat", "text")
PATH_KEYS = frozenset({"path", "folder", "declare", "people", "candidates", "case", "out"})


class FileNames:
    """What stands in for each path and file name of the tables; the same name has one stand-in everywhere."""

    def __init__(self, tables: Tables, *, key: bytes, finder: Finder, parts: frozenset[str]) -> None:
        """Number the exports in the order of their ids, which are hashes.

        Args:
            tables: Of the dossier.
            key: The case's secret.
            finder: Finds names in file names.
            parts: Words of pseudonymised names; a file name that has one is replaced.
        """
        self._key, self._finder, self._parts = key, finder, parts
        self.literals: dict[str, str] = {}  # found in texts and sentences, too
        self.folders: dict[str, str] = {}  # found in sentences of this program only: they may be ordinary words
        self._files: dict[str, str] = {}
        for path, folder, number in _list_paths(tables):
            self._take_path(path, folder, number)
        for name, role in _list_files(tables):
            self._files[name] = self._name(name, role)
        self.literals |= {old: new for old, new in self._files.items() if old != new and "." in old}

    def _take_path(self, path: str, folder: str | None, number: int) -> None:
        name = PurePosixPath(path.replace("\\", "/")).name
        new = f"export-{number}{_ending(name)}"
        for old in (path, name):
            if not _OURS.fullmatch(old) and not _GENERIC.fullmatch(old):
                self.literals.setdefault(old, new)
        if folder and not _OURS.fullmatch(folder):
            told = f"folder-{sum(1 for old in self.folders if '/' in old) + 1}"
            if folder not in self.folders:
                self.folders[folder] = told
                self.folders.setdefault(PurePosixPath(folder.replace("\\", "/")).name, told)

    def path(self, path: str) -> str:
        """Return what stands in for the path of an export, a folder, or another file that a run names."""
        if _OURS.fullmatch(path):
            return path
        known = self.literals.get(path) or self.folders.get(path)
        return known or f"export-{pseudonym(self._key, namespace='file', value=path)}{_ending(path)}"

    def file(self, name: str) -> str:
        """Return what stands in for the name of a file; names that phones give to files stay."""
        return self._files.get(name) or self._name(name, "")

    def _name(self, name: str, role: str | None) -> str:
        if name in self.literals or _OURS.fullmatch(name):
            return self.literals.get(name, name)
        if _GENERIC.fullmatch(name) or not (role in _EXPORT_ROLES or self._names_somebody(name)):
            return name
        return f"file-{pseudonym(self._key, namespace='file', value=name)}{_ending(name)}"

    def _names_somebody(self, name: str) -> bool:
        """Say whether a file's name has a name or a part of one, a number or an address, as contact cards do."""
        if name.lower().endswith(".vcf"):
            return True
        plain = _PARTERS.sub(" ", name)
        hits = self._finder.find_all([name, plain])
        is_named = any(hit.entry.token for found in hits.values() for hit in found)
        return is_named or bool(self._parts & set(list_words(fold(plain)))) or bool(find_masks(name))


def list_parts(names: Iterator[str]) -> frozenset[str]:
    """Return the words of names, folded, that are long enough to tell anything."""
    return frozenset(word for name in names for word in list_words(fold(name)) if len(word) >= _SHORTEST_WORD)


def empty_cards(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a table of files without hashes and sizes of contact cards, short enough to be guessed by them."""
    named = next((name for name in ("file", "name") if name in frame.columns), None)
    gone = [name for name in ("sha256", "crc32", "size_bytes", "packed_bytes") if name in frame.columns]
    if named is None or not gone:
        return frame
    is_card = pl.col(named).str.to_lowercase().str.ends_with(".vcf").fill_null(value=False)
    return frame.with_columns(pl.when(~is_card).then(pl.col(name)).alias(name) for name in gone)


def _list_paths(tables: Tables) -> Iterator[tuple[str, str | None, int]]:
    if "sources" in tables:
        frame = tables["sources"].sort("source_id")
        folders = frame["folder"] if "folder" in frame.columns else [None] * frame.height
        for number, (path, folder) in enumerate(zip(frame["path"], folders, strict=True), 1):
            if path:
                yield path, folder, number


def _list_files(tables: Tables) -> Iterator[tuple[str, str | None]]:
    """Give each file name with its role in the container, where one is known."""
    roles: Mapping[str, str] = {}
    if "members" in tables:
        roles = dict(tables["members"].select("name", "role").drop_nulls().iter_rows())
        yield from roles.items()
    for table, frame in tables.items():
        for column in (column for column in frame.columns if what_is(table, column) == FILE):
            names = frame[column].drop_nulls().unique(maintain_order=True)
            yield from ((name, "chat" if column == "member" else roles.get(name)) for name in names)


def _ending(name: str) -> str:
    found = _ENDING.fullmatch(PurePosixPath(name.replace("\\", "/")).suffix)
    return found[0].lower() if found else ""
