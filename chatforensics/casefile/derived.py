"""Derived tables: what each stage made, kept under the hash of its inputs, its parameters and the program.

`CASE/derived/<stage>-<16 hex>/` holds one stage: its tables as Parquet, `facts.json`, other files below `files/`, and
`manifest.json` with the SHA-256 of each. A stage appears whole, by one rename, or not at all: a run may be killed at
any moment, and the next one makes what is missing and uses what is there. What is stored is held to its hashes each
time it is used. The hashes find damage; they cannot show that nobody who may write here changed a table with its hash:
for that the originals are analysed once more (`verify --rerun`).
"""

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Protocol

from chatforensics.casefile.folder import Case
from chatforensics.casefile.stored import (
    PART,
    Kept,
    describe_stage,
    encode_stage,
    hash_content,
    hash_file,
    is_current,
    list_files,
    list_stages,
    put_large_away,
    read_stage,
    remove_stage,
    write_stage,
)
from chatforensics.errors import CaseError

if TYPE_CHECKING:
    import polars as pl

DERIVED = "derived"
Make = Callable[[], Kept]
Known = Callable[[Kept], bool]
_STORED = " (stored)"


class Store(Protocol):
    """Where the stages of a run are kept, if anywhere; `keeps` tells whether it does something with each.

    `compares` tells whether it wants to be shown what a stage with many keys gave in all, see `compare`.
    """

    keeps: bool
    compares: bool

    def scratch(self) -> Path | None:
        """Return a folder for what a run need not hold in memory; None where it has to."""

    def holds(self, stage: str, key: Mapping[str, object]) -> bool:
        """Tell whether there seems to be something for this key; `find` says whether it is whole."""

    def keep(self, stage: str, key: Mapping[str, object], make: Make) -> Kept:
        """Return what the stage gives for this key."""

    def find(self, stage: str, key: Mapping[str, object]) -> Kept | None:
        """Return what is stored for this key, if it is."""

    def find_all(self, stage: str, *, is_known: Known) -> Iterator[Kept]:
        """Yield what this program stored of a stage, for whatever key, in no order that means anything.

        What `is_known` does not know as what such a stage holds is taken for damaged.
        """

    def compare(self, stage: str, table: str, made: "Sequence[pl.DataFrame]") -> None:
        """Hold rows that were made now to those stored of a stage, if this store does so; see `Again`."""


class Fresh:
    """Keep nothing: every stage is made; its large tables lie in the scratch folder, if there is one."""

    keeps = False
    compares = False

    def __init__(self, scratch: Path | None = None) -> None:
        """Use this folder for what need not be in memory; whoever gives it removes it."""
        self._scratch = scratch

    def scratch(self) -> Path | None:
        """Return the folder that was given."""
        return self._scratch

    def holds(self, stage: str, key: Mapping[str, object]) -> bool:  # noqa: ARG002 - as `Derived`
        """Hold nothing."""
        return False

    def keep(self, stage: str, key: Mapping[str, object], make: Make) -> Kept:  # noqa: ARG002 - as `Derived`
        """Make it."""
        made = make()
        return made if self._scratch is None else put_large_away(made, stage, self._scratch)

    def find(self, stage: str, key: Mapping[str, object]) -> Kept | None:
        """Find nothing."""

    def find_all(self, stage: str, *, is_known: Known) -> Iterator[Kept]:  # noqa: ARG002 - as `Derived`
        """Find nothing."""
        return iter(())

    def compare(self, stage: str, table: str, made: "Sequence[pl.DataFrame]") -> None:
        """Compare nothing."""


class Derived:
    """Keep every stage in a folder; use it while the case is locked, for one writer cleans up after another.

    Attributes:
        folder: Where the stages lie.
        made: How many stages were made, and `reused` how many were there.
        damaged: One sentence for each stored stage that did not hold its hashes and was made again.
    """

    keeps = True
    compares = False

    def __init__(self, folder: Path) -> None:
        """Use this folder; it is made when there is something to keep."""
        self.folder = folder
        self.made = 0
        self.reused = 0
        self.damaged: list[str] = []
        self._used: set[str] = set()
        self._scratch: Path | None = None

    def scratch(self) -> Path:
        """Return a folder beside the stages, made when it is first asked for.

        Raises:
            CaseError: it cannot be made.
        """
        if self._scratch is None:
            self._scratch = self.folder / f".{os.getpid()}-{token_hex(8)}{PART}"
            try:
                self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._scratch.mkdir(mode=0o700)
            except OSError as error:
                raise CaseError(f"{self.folder}: {error.strerror or error}.", hint="Is there room?") from error
        return self._scratch

    def clear_scratch(self) -> None:
        """Remove that folder: nothing in it is needed once the stages are made."""
        if self._scratch is not None:
            remove_stage(self._scratch)
            self._scratch = None

    def keep(self, stage: str, key: Mapping[str, object], make: Make) -> Kept:
        """Return what is stored of the stage for this key, else make and store it.

        What is returned was read from the disk in both cases, so that a resumed run works on the same bytes as one
        that was never interrupted.

        Raises:
            CaseError: it cannot be stored.
        """
        found = self.find(stage, key)
        if found is not None:
            return found
        name, described = describe_stage(stage, key)
        made = make()
        try:
            write_stage(self.folder / name, described, made)
            kept = read_stage(self.folder / name, described["id"])
        except OSError as error:
            raise CaseError(f"{self.folder}: {error.strerror or error}.", hint="Is there room on the disk?") from error
        self.made += 1
        return kept

    def holds(self, stage: str, key: Mapping[str, object]) -> bool:
        """Tell whether something is stored of the stage for this key."""
        name, _ = describe_stage(stage, key)
        return (self.folder / name).is_dir()

    def find(self, stage: str, key: Mapping[str, object]) -> Kept | None:
        """Return what is stored of the stage for this key if it is there and whole; damage is told in `damaged`."""
        name, described = describe_stage(stage, key)
        self._used.add(name)
        there = os.path.lexists(self.folder / name)  # a file or a dead link, too, would be in the way
        return self._read(name, described["id"]) if there else None

    def find_all(self, stage: str, *, is_known: Known) -> Iterator[Kept]:
        """Yield what this program stored of the stage and is whole, in the order of names; damage is told."""
        for name in _list_current(self.folder, stage):
            self._used.add(name)
            kept = self._read(name, is_known=is_known)
            if kept is not None:
                yield kept

    def compare(self, stage: str, table: str, made: "Sequence[pl.DataFrame]") -> None:
        """Compare nothing."""

    def _read(self, name: str, wanted: object = None, *, is_known: Known = lambda _: True) -> Kept | None:
        try:
            kept = read_stage(self.folder / name, wanted)
            if not is_known(kept):
                raise CaseError(f"{name}: it holds something else than such a stage does.")  # noqa: TRY301 - damage
        except (CaseError, OSError) as error:
            self.damaged.append(f"{DERIVED}/{name} was damaged and was made again: {error}")
            remove_stage(self.folder / name)
            return None
        self.reused += 1
        return kept

    def remove_leftovers(self) -> None:
        """Remove what killed runs left half-made."""
        for part in self.folder.glob(f".*{PART}"):
            remove_stage(part)

    def remove_unused(self, *, but: Collection[str] = ()) -> None:
        """Remove the stages that this run did not use: of exports, options and programs that no longer count.

        Those named in `but` stay, if the program is still the same.
        """
        for name in list_stages(self.folder):
            kept = name.rpartition("-")[0] in but and is_current(self.folder / name)
            if name not in self._used and not kept:
                remove_stage(self.folder / name)


class Again(Fresh):
    """Make every stage anew, and compare its bytes with those that a folder has of it.

    Attributes:
        folder: Where the stages lie.
        compared: How many stages were there to compare with.
        different: The place of each file that is not the same, in the order in which they were made.
    """

    keeps = True
    compares = True

    def __init__(self, folder: Path, *, scratch: Path | None = None) -> None:
        """Compare with this folder, in which nothing is written."""
        super().__init__(scratch)
        self.folder = folder
        self.compared = 0
        self.different: list[str] = []

    def keep(self, stage: str, key: Mapping[str, object], make: Make) -> Kept:
        """Make it, and note what is stored otherwise."""
        name, described = describe_stage(stage, key)
        made = super().keep(stage, key, make)
        if (self.folder / name).is_dir():
            self.compared += 1
            self._compare(name, {file: hash_content(content) for file, content in encode_stage(made)})
        return replace(made, id=str(described["id"]))

    def compare(self, stage: str, table: str, made: "Sequence[pl.DataFrame]") -> None:
        """Note each stored stage, whatever its key, whose table has another row for what stands first in a row.

        Those with the same key were compared when they were made; a case that grew has others.
        """
        for name in _list_current(self.folder, stage):
            place = f"{DERIVED}/{name}/{table}.parquet"
            if place not in self.different and not self._agrees(name, table, made):
                self.different.append(place)

    def _agrees(self, name: str, table: str, made: "Sequence[pl.DataFrame]") -> bool:
        import polars as pl

        try:
            stored = read_stage(self.folder / name).tables[table]
        except (CaseError, OSError, KeyError):
            return False
        if any(stored.schema != frame.schema for frame in made):
            return False
        first, *rest = stored.columns
        both = (frame.join(stored, on=first, suffix=_STORED) for frame in made)
        return not any(
            pairs.select(pl.any_horizontal(pl.col(x).ne_missing(pl.col(f"{x}{_STORED}")) for x in rest).any()).item()
            for pairs in both
        )

    def _compare(self, name: str, hashes: Mapping[str, str]) -> None:
        stored = self.folder / name
        for file in sorted(list_files(stored) | set(hashes)):
            if hash_file(stored / file) != hashes.get(file):
                self.different.append(f"{DERIVED}/{name}/{file}")


def _list_current(folder: Path, stage: str) -> list[str]:
    """Return the names of what this very program stored of a stage, for whatever key."""
    return [name for name in list_stages(folder) if name.rpartition("-")[0] == stage and is_current(folder / name)]


def open_derived(case: Case) -> Derived:
    """Return the store of a case."""
    return Derived(case.folder / DERIVED)
