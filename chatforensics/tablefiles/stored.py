"""The tables of a result folder, read a few thousand rows at a time."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from chatforensics.errors import UnreadableExport, UsageError
from chatforensics.schema import TABLES

ROWS_AT_ONCE = 20_000


@dataclass(frozen=True)
class StoredTable:
    """A table in a Parquet file: its name, its columns with their types, and how many rows it has."""

    name: str
    path: Path
    columns: Mapping[str, pl.DataType]
    n_rows: int

    def batches(self) -> Iterator[pl.DataFrame]:
        """Yield the rows in order, some at a time; a table without rows is one empty frame.

        Raises:
            UnreadableExport: the file breaks off.
        """
        with _reading(self.path):
            for start in range(0, max(self.n_rows, 1), ROWS_AT_ONCE):
                yield _scan(self.path).slice(start, ROWS_AT_ONCE).collect()

    def sha256(self) -> str:
        """Return the SHA-256 of the Parquet file, in hex."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def find_tables(result: Path, *, names: Sequence[str] = ()) -> list[StoredTable]:
    """Find the tables that `analyse` wrote to a folder, in the order in which they are documented.

    Args:
        result: the folder of the result, or its `tables`.
        names: which tables; all of them if none is named.

    Raises:
        UnreadableExport: there is no such folder, it holds no tables, or one of them is no Parquet file.
        UsageError: it has no table of that name.
    """
    if not result.is_dir():
        raise UnreadableExport(f"{result}: no such folder.", hint="Name a folder that analyse wrote.")
    folder = result / "tables" if (result / "tables").is_dir() else result
    there = {name: folder / f"{name}.parquet" for name in TABLES if (folder / f"{name}.parquet").is_file()}
    if not there:
        raise UnreadableExport(f"{result}: no tables in this folder.", hint="Name a folder that analyse wrote.")
    for name in names:
        if name not in there:
            raise UsageError(f"--table: '{name}' is not in {folder}.", hint=f"There are {', '.join(there)}.")
    return [_describe(name, path) for name, path in there.items() if not names or name in names]


def read_notes(tables: Sequence[StoredTable]) -> list[tuple[str, str]]:
    """Return what the run that made the tables says of itself: its version, what it assumed, what it warned of.

    Nothing where its `run.json` is missing or is none.
    """
    try:
        run = json.loads((tables[0].path.parent.parent / "run.json").read_bytes())
    except (OSError, ValueError, RecursionError):
        return []
    if not isinstance(run, dict):
        return []
    version = [("version", f"Made by chatforensics {run['version']}.")] if "version" in run else []
    said = [(kind, str(one)) for kind in ("assumption", "warning") for one in run.get(f"{kind}s") or []]
    return version + said


def _describe(name: str, path: Path) -> StoredTable:
    with _reading(path):
        scan = _scan(path)
        return StoredTable(name, path, dict(scan.collect_schema()), scan.select(pl.len()).collect().item())


def _scan(path: Path) -> pl.LazyFrame:
    return pl.scan_parquet(path, glob=False, hive_partitioning=False)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except (pl.exceptions.PolarsError, OSError) as error:
        raise UnreadableExport(f"{path}: no readable Parquet file.", hint="Run analyse again.") from error
