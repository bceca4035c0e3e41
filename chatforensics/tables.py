"""Tables: in memory or in Parquet files, to be read whole or in part."""

import io
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import polars as pl

from chatforensics.schema import TABLES, DataType
from chatforensics.storage import write_bytes, writing


def sink_table(path: Path, frames: Iterable[pl.DataFrame], *, schema: Mapping[str, DataType]) -> None:
    """Write a table to Parquet while it is being made, so that it never has to be whole in memory.

    As with `write_bytes`, no reader ever sees half of it.

    Raises:
        UsageError: the place cannot be written to.
    """
    from polars.io.plugins import register_io_source

    made = register_io_source(lambda *_: iter(frames), schema=dict(schema))
    with writing(path) as part:
        made.sink_parquet(part, compression="zstd", compression_level=1)


def write_tables(folder: Path, tables: Mapping[str, pl.DataFrame]) -> None:
    """Write each table as `<name>.parquet`."""
    for name, frame in tables.items():
        write_bytes(folder / f"{name}.parquet", encode_parquet(frame))


def read_tables(folder: Path) -> dict[str, pl.DataFrame]:
    """Read the contract's tables that lie in a folder."""
    return {
        name: pl.read_parquet(folder / f"{name}.parquet") for name in TABLES if (folder / f"{name}.parquet").exists()
    }


def encode_parquet(frame: pl.DataFrame) -> bytes:
    """Encode a table as Parquet."""
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd", statistics=True)
    return buffer.getvalue()


class Shelf(Mapping[str, pl.DataFrame]):
    """Tables by their names; one that lies in a file is read anew each time, whole: `scan` reads what is asked for."""

    def __init__(self, frames: Mapping[str, pl.DataFrame], files: Mapping[str, Path]) -> None:
        """Take tables that are in memory, and the Parquet files of others."""
        self._frames = dict(frames)
        self.files = dict(files)

    def __getitem__(self, name: str) -> pl.DataFrame:
        """Return a table whole.

        Raises:
            KeyError: there is none of this name.
        """
        return self._frames[name] if name in self._frames else pl.read_parquet(self.files[name])

    def __contains__(self, name: object) -> bool:
        """Tell whether there is a table of this name, without reading it."""
        return name in self._frames or name in self.files

    def __iter__(self) -> Iterator[str]:
        """Yield the names."""
        yield from self._frames
        yield from self.files

    def __len__(self) -> int:
        """Count the tables."""
        return len(self._frames) + len(self.files)

    def scan(self, name: str) -> pl.LazyFrame:
        """Return a table to be read in part.

        Raises:
            KeyError: there is none of this name.
        """
        return self._frames[name].lazy() if name in self._frames else pl.scan_parquet(self.files[name])


def scan(tables: Mapping[str, pl.DataFrame], name: str) -> pl.LazyFrame:
    """Return a table to be read in part, wherever it lies.

    Raises:
        KeyError: there is none of this name.
    """
    return tables.scan(name) if isinstance(tables, Shelf) else tables[name].lazy()


def file_of(tables: Mapping[str, pl.DataFrame], name: str) -> Path | None:
    """Return the file in which a table lies; None where it is in memory."""
    return tables.files.get(name) if isinstance(tables, Shelf) else None


def put_together(*several: Mapping[str, pl.DataFrame]) -> Shelf:
    """Return all tables; of two with one name, the later."""
    frames: dict[str, pl.DataFrame] = {}
    files: dict[str, Path] = {}
    for tables in several:
        for name in tables:
            path = file_of(tables, name)
            frames.pop(name, None)
            files.pop(name, None)
            if path is None:
                frames[name] = tables[name]
            else:
                files[name] = path
    return Shelf(frames, files)
