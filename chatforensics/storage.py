"""Files on disk, out and in, always whole or not at all; tables in files are in `tables`."""

import errno
import json
import os
import re
import shutil
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from secrets import token_hex

import polars as pl

from chatforensics.errors import UnreadableExport, UsageError

_PART = ".part-chatforensics-"  # how the names of folders begin that hold what is half made
_IS_PART = re.compile(rf"{re.escape(_PART)}[0-9a-f]{{16}}")
_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
_OS_ERROR = re.compile(r"\(os error (\d+)\)")  # how Polars tells what the system said
MAX_TOML_BYTES = 4 * 1024**2
_MAX_DOTS = 200
_SURROGATE = re.compile("[\ud800-\udfff]")  # half a character: JSON can spell it, no text can hold it


@contextmanager
def writing(path: Path) -> Iterator[Path]:
    """Yield the name under which to write; only when all is written does the file get its own name.

    The file, and folders that are made for it, are for their owner only: they may hold people's words.

    Raises:
        UsageError: the place cannot be written to, or there is no room.
    """
    part = path.with_name(path.name + ".part")
    try:
        make_folder(path.parent)
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        yield part
        part.replace(path)
    except (OSError, pl.exceptions.ComputeError) as error:
        refusal = _refusal(path, error)
        if refusal is None:
            raise
        raise refusal from error
    finally:
        _remove(part)


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it, for their owner only; one that is there stays as it is.

    Raises:
        OSError: it cannot be made.
    """
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def make_output_folder(folder: Path) -> None:
    """Make a folder of a result, for its owner only.

    Raises:
        UsageError: it cannot be made.
    """
    try:
        make_folder(folder)
    except OSError as error:
        raise UsageError(f"{folder}: cannot be written to ({error.strerror}).", hint="Name another place.") from error


def _refusal(path: Path, error: Exception) -> UsageError | None:
    """Say why a file cannot be written; None where that is not what an error of Polars is about."""
    told = _OS_ERROR.search(str(error))
    number = error.errno if isinstance(error, OSError) and error.errno else int(told[1]) if told else None
    if number in _FULL:
        return UsageError(
            f"No room in {path.parent}: the disk is full.", hint="Make room, or name another folder with --out."
        )
    if number is None and not isinstance(error, OSError):
        return None
    said = os.strerror(number) if number is not None else error
    return UsageError(f"{path}: cannot be written ({said}).", hint="Name another place.")


def _remove(part: Path) -> None:
    """Remove what was written of a file; where even that cannot be done, the first error says why."""
    try:
        part.unlink(missing_ok=True)
    except OSError:
        return


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole: under a temporary name first, so that no reader ever sees half of it.

    Raises:
        UsageError: the place cannot be written to.
    """
    with writing(path) as part:
        part.write_bytes(content)


def put_file(path: Path, content: bytes | Path) -> None:
    """Write a file whole, as `write_bytes` does; of a file, its bytes.

    Raises:
        UsageError: the place cannot be written to.
    """
    if isinstance(content, bytes):
        write_bytes(path, content)
        return
    with writing(path) as part:
        shutil.copyfile(content, part)


def move_file(made: Path, path: Path) -> None:
    """Give a finished file its place, in one step where that can be.

    Raises:
        UsageError: the place cannot be written to.
    """
    try:
        made.replace(path)
    except OSError:  # the place is on another disk, or, on Windows, the file is still read
        put_file(path, made)


def name_part() -> str:
    """Return a new name for a folder that holds what is half made."""
    return _PART + token_hex(8)


def is_part(path: Path) -> bool:
    """Tell whether this is a folder with a name that only we give: what is half made is in it, and nobody else's."""
    return _IS_PART.fullmatch(path.name) is not None and path.is_dir() and not path.is_symlink()


def copy_folder(source: Path, target: Path) -> None:
    """Copy a folder with everything in it; files that are there already are replaced."""
    shutil.copytree(source, target, dirs_exist_ok=True)


def clear_output(folder: Path) -> None:
    """Remove the files that an earlier run wrote, those that its `run.json` lists and no others."""
    for name in _earlier_outputs(folder):
        for path in (folder / name, folder / f"{name}.part"):  # the second: half-written when a run was killed
            if path.resolve().is_relative_to(folder.resolve()) and path.is_file():
                path.unlink()


def announce_output(folder: Path, names: Iterable[str]) -> None:
    """Write down in `run.json` what is about to be written, so that a killed run's files are known to be ours."""
    write_json(folder / "run.json", {"outputs": sorted({*_earlier_outputs(folder), *names}), "finished_at": None})


def force_to_disk(paths: Iterable[Path]) -> None:
    """Wait until these files are on the disk itself, where a power cut leaves them."""
    for path in paths:
        descriptor = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def check_output(folder: Path) -> None:
    """Refuse an output folder that holds other things than an earlier result.

    Raises:
        UsageError: it is a file, a folder with other people's files and no result of ours, or closed to us.
    """
    try:
        if folder.exists() and not folder.is_dir():
            raise UsageError(f"--out: {folder} is a file.", hint="Name a folder.")
        paths = list(folder.iterdir()) if folder.is_dir() else []
    except OSError as error:
        hint = "Name a folder that you may write to."
        raise UsageError(f"--out: {folder}: {error.strerror}.", hint=hint) from error
    held = {path.name for path in paths if not is_part(path)}  # of a run that was killed, or is under way
    if held - {"exports", "run.json.part"} and not _earlier_outputs(folder):
        raise UsageError(f"--out: {folder} holds other files.", hint="Name a new or empty folder.")


def _earlier_outputs(folder: Path) -> list[str]:
    try:
        run = json.loads((folder / "run.json").read_bytes())
    except (OSError, ValueError, RecursionError):
        return []
    outputs = run.get("outputs") if isinstance(run, dict) else None
    return [name for name in outputs if isinstance(name, str)] if isinstance(outputs, list) else []


def read_toml(path: Path) -> dict[str, object]:
    """Read a TOML file.

    Raises:
        UsageError: it cannot be read, or is no TOML.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: no readable TOML ({error}).", hint="Check the path and the form.") from error
    return parse_toml(content, name=str(path))


def parse_toml(content: bytes, *, name: str) -> dict[str, object]:
    """Return what is written in TOML; `name` is that of the file, for messages.

    Raises:
        UsageError: it is no TOML, or made to fill the memory.
    """
    # Python's reader takes memory by the square of the parts of a key: a line of 200 kB could fill any machine.
    if len(content) > MAX_TOML_BYTES or any(line.count(b".") > _MAX_DOTS for line in content.splitlines()):
        said = f"over {MAX_TOML_BYTES:,} bytes, or over {_MAX_DOTS} dots in one line"
        raise UsageError(f"{name}: no readable TOML ({said}).", hint="Write a shorter file, with shorter lines.")
    try:
        return tomllib.loads(content.decode())
    except (ValueError, RecursionError) as error:  # among them bytes that are no UTF-8, and numbers without end
        raise UsageError(f"{name}: no readable TOML ({error}).", hint="Check the path and the form.") from error


def read_file(path: Path, *, where: str) -> bytes:
    """Read a file that the user wrote for us; `where` is the option that named it.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{where}: {path}: {error.strerror}.", hint="Check the path.") from error


def write_json(path: Path, value: Mapping[str, object]) -> None:
    """Write JSON with sorted keys and one final newline."""
    write_bytes(path, encode_json(value))


def encode_json(value: Mapping[str, object]) -> bytes:
    """Encode a value as JSON with sorted keys and one final newline."""
    return (json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


def json_lines(rows: Iterable[Mapping[str, object]]) -> Iterable[str]:
    """Yield one line of JSON per row, times in ISO 8601."""
    return (_dump(row) for row in rows)


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=_json_value)


def _json_value(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, pl.Series):
        return value.to_list()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def read_jsonl(raw: bytes, *, name: str, fields: tuple[str, ...], first_line: int = 1) -> list[dict[str, object]]:
    """Read JSON lines, each an object with the named fields; the first of them is line `first_line` of the file.

    Raises:
        UnreadableExport: a line is no such object; the message says which.
    """
    rows = []
    for number, line in enumerate(raw.decode("utf-8-sig", errors="replace").split("\n"), start=first_line):
        if not line.strip():
            continue
        row = _read_object(line, where=f"{name}: line {number}")
        missing = [field for field in fields if field not in row]
        if missing:
            raise UnreadableExport(
                f"{name}: line {number} has no field '{missing[0]}'.", hint="See --help for the form."
            )
        if not isinstance(row.get("text", ""), str | None):
            raise UnreadableExport(f"{name}: line {number}: 'text' is no text.", hint="Put it in quotation marks.")
        rows.append(row)
    return rows


def _read_object(line: str, *, where: str) -> dict[str, object]:
    try:
        row = json.loads(line)
        plain = json.dumps(row, ensure_ascii=False) if "\\u" in line else ""
        if _SURROGATE.search(plain):  # half a character, in a value or a name at any depth: it cannot be printed
            row = json.loads(_SURROGATE.sub("\ufffd", plain))
    except (ValueError, RecursionError) as error:  # among them numbers without end
        raise UnreadableExport(f"{where} is no JSON ({error}).", hint="Give one JSON object a line.") from error
    if not isinstance(row, dict):
        raise UnreadableExport(f"{where} is no JSON object.", hint='Give one object a line, like {"text": "..."}.')
    return row
