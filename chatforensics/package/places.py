"""Paths as a package prints them: where a file lay on somebody's machine is nobody else's business."""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath, PureWindowsPath

import polars as pl

from chatforensics.package.dossier import Tables

_COLUMNS = {"sources": ("path", "folder"), "sensitivity": ("value",)}


def shorten_places(
    cut: Tables, run: Mapping[str, object], *, sources: pl.DataFrame
) -> tuple[dict[str, pl.DataFrame], dict[str, object]]:
    """Return tables and run record with the paths of exports cut to the phone's folder and the file's name.

    Exports outside the package are named by their id only: the name of a file often is the name of a person.

    Args:
        cut: the tables of the package.
        run: the run record.
        sources: all exports of the case, as received.
    """
    inside = set(cut["sources"]["source_id"])
    names = _name_places(sources, inside)
    if not names:
        return dict(cut), dict(run)
    longest_first = sorted(names, key=lambda place: (-len(place), place))
    found = re.compile(rf"(?<![\w/.-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w-])")
    tables = {name: _rename(frame, _COLUMNS.get(name, ()), found, names) for name, frame in cut.items()}
    told = {key: _shorten(value, found, names) for key, value in run.items()}
    return tables, _cut_inputs(told, sources.filter(pl.col("source_id").is_in(list(inside))))


def _name_places(sources: pl.DataFrame, inside: set[str]) -> dict[str, str]:
    """Return what stands for each path and folder; those of exports inside the package have the last word."""
    has_folder = "folder" in sources.columns
    rows = sources.select("source_id", "path", folder="folder" if has_folder else pl.lit(None, pl.String)).rows()
    names: dict[str, str] = {}
    for source_id, path, folder in sorted(rows, key=lambda row: (row[0] in inside, row[0])):
        file, phone = _last(path), _last(folder)
        whole = f"{phone}/{file}" if phone else file
        if source_id not in inside:
            whole, phone = f"export {source_id}", f"phone of export {source_id}"
        told = {path: whole} | ({folder: phone, _last(folder): phone} if folder else {file: whole})
        names.update({place: name for place, name in told.items() if place})
    return names


def _last(path: str | None) -> str:
    """Return the last part of a path of any system."""
    if not path:
        return ""
    name = PurePosixPath(path).name
    return PureWindowsPath(name).name or name


def _rename(
    frame: pl.DataFrame, columns: tuple[str, ...], found: re.Pattern[str], names: Mapping[str, str]
) -> pl.DataFrame:
    there = [name for name in columns if name in frame.columns]
    return frame.with_columns(
        pl.Series(name, [_shorten(each, found, names) for each in frame[name]], dtype=pl.String) for name in there
    )


def _shorten(value: object, found: re.Pattern[str], names: Mapping[str, str]) -> object:
    """Return a value with the paths in all its texts as a package prints them."""
    if isinstance(value, str):
        return found.sub(lambda match: names[match.group()], value)
    if isinstance(value, Mapping):
        return {str(_shorten(str(key), found, names)): _shorten(each, found, names) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_shorten(each, found, names) for each in value]
    return value


def _cut_inputs(run: dict[str, object], sources: pl.DataFrame) -> dict[str, object]:
    """Return the run record with the inputs that are in the package, and names for the user's own files."""
    inputs = run.get("inputs")
    shown = set(sources["sha256"])
    if isinstance(inputs, list):
        run["inputs"] = [each for each in inputs if isinstance(each, Mapping) and each.get("sha256") in shown]
    if failures := run.get("failures"):  # names of files that are in no table, so that nothing can be known of them
        n = len(failures) if isinstance(failures, list) else 1
        run["failures"] = [{"path": "not in the package", "reason": "could not be read"}] * n
    parameters = run.get("parameters")
    if isinstance(parameters, Mapping):
        files = [name for name in ("declare", "people") if parameters.get(name)]
        own: dict[str, object] = {name: _last(str(parameters[name])) for name in files}
        listed = parameters.get("candidates")
        if isinstance(listed, Mapping):
            own["candidates"] = {**listed, "path": _last(str(listed.get("path")))}
        run["parameters"] = {**parameters, **own}
    return run
