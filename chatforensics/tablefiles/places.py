"""Where table files go: never among files of somebody else."""

from collections.abc import Iterable
from pathlib import Path

from chatforensics.errors import UsageError


def check_folder(folder: Path, *, names: Iterable[str], tables: Path) -> None:
    """Refuse a folder that holds other files than those of this name that are written again, or is that of the tables.

    Raises:
        UsageError: it does, or is a file.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"--out: {folder} is a file.", hint="Name a folder; each table is a file in it.")
    if folder.is_dir() and folder.samefile(tables):
        raise UsageError(f"--out: {folder} holds the result itself.", hint="Name a new or empty folder.")
    if folder.is_dir() and {path.name for path in folder.iterdir()} - set(names):
        raise UsageError(f"--out: {folder} holds other files.", hint="Name a new or empty folder.")
