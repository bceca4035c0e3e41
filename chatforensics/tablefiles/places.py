"""Where table files go: written whole or not at all, and never among files of somebody else."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from chatforensics.errors import UsageError


@contextmanager
def writing(path: Path) -> Iterator[Path]:
    """Yield the name under which to write; only when all is written does the file get its own name.

    Raises:
        UsageError: the place cannot be written to.
    """
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        yield part
        part.replace(path)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror}).", hint="Name another place.") from error
    finally:
        _remove(part)


def _remove(part: Path) -> None:
    """Remove what was written of a file; where even that cannot be done, the first error says why."""
    try:
        part.unlink(missing_ok=True)
    except OSError:
        return


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
