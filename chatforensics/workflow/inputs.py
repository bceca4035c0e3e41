"""Inputs of a run: exports found, read and parsed; what fails is listed with its reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import resources
from pathlib import Path
from typing import cast

import polars as pl

from chatforensics import schema
from chatforensics.errors import (
    ChatForensicsError,
    EvidenceError,
    UnknownExportFormat,
    UnreadableExport,
    UsageError,
)
from chatforensics.intake import ExportFile, find_exports, read_export, show_path
from chatforensics.integrity.members import build_members
from chatforensics.parsing import Parsed
from chatforensics.parsing.eras import FIRST_YEAR, LAST_YEAR
from chatforensics.schema import Indicators, Members, Sources
from chatforensics.storage import copy_folder, read_toml
from chatforensics.workflow.checks import observe
from chatforensics.workflow.run import Report, Settings, Tables
from chatforensics.workflow.single import Declared, parse_received

_TEXTS = ("dates", "timezone", "custodian", "chat")
_ONE_BY_ONE = (
    "Folders given one by one: each export counts as a phone of its own. Give the folder above them, with one "
    "sub-folder per phone."
)


def demo_folder() -> Path:
    """Return the folder of the built-in fictional case, one sub-folder per phone."""
    package = Path(str(resources.files("chatforensics")))
    for folder in (package / "exports" / "phones", package.parent / "exports" / "phones"):
        if folder.is_dir():
            return folder
    raise ChatForensicsError("The built-in case is missing from this installation.", hint="Install the package again.")


def copy_demo(out: Path) -> Path:
    """Copy the built-in case below `out`, so that its reader has the inputs beside the result."""
    target = out / "exports"
    copy_folder(demo_folder(), target)
    return target


@dataclass
class Intake:
    """What reading the inputs gave, while it is being gathered; `observing`: is each looked at by itself, too?

    `stated` has what was declared of each export, by its path; `paths` where each lies, by `source_id`.
    """

    timezone: str
    observing: bool = True
    parsed: list[Parsed] = field(default_factory=list)
    members: list[Members] = field(default_factory=list)
    observed: list[Indicators] = field(default_factory=list)
    failures: list[dict[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    stated: dict[str, Declared] = field(default_factory=dict)
    paths: dict[str, Path] = field(default_factory=dict)

    def received(self) -> Tables:
        """Return what was seen of each export before joining: the files of its container and the indicators."""
        members = pl.concat([schema.empty("members"), *self.members])
        observed = pl.concat([schema.empty("indicators"), *self.observed])
        return {
            "members": members.sort("source_id", "position", maintain_order=True),
            "indicators": observed.sort(pl.col("source_ids").list.first(), "indicator", maintain_order=True),
        }


def read_inputs(paths: Sequence[Path], settings: Settings, report: Report, *, observing: bool = True) -> Intake:
    """Read and parse every input; list those that fail, with the reason.

    Args:
        paths: files, or folders of them.
        settings: what was chosen and declared.
        report: told of progress.
        observing: look at each export by itself, too; this takes about half of the time of a small one.

    Raises:
        UnreadableExport: not one input could be read.
        UsageError: something is declared of an export that is not among them.
    """
    declared = _read_declarations(settings.declare)
    intake = Intake(settings.timezone, observing)
    exports = find_exports(paths)
    intake.warnings.extend(_warn_of_folders(paths, exports))
    seen: dict[str, str] = {}
    used: set[str] = set()
    for number, export in enumerate(exports, start=1):
        try:
            _read_one(export, declared, seen, used, intake)
        except EvidenceError as error:
            intake.failures.append({"path": show_path(export.path), "reason": str(error)})
        report("reading", number, len(exports))
    if not intake.parsed:
        reasons = "; ".join(failure["reason"] for failure in intake.failures[:3])
        raise UnreadableExport(f"None of the {len(intake.failures)} inputs could be read: {reasons}")
    if idle := sorted(set(declared) - used):
        known = ", ".join(str(parsed.sources["path"][0]) for parsed in intake.parsed[:3])
        raise UsageError(f"--declare: [{idle[0]}] is no input.", hint=f"Use a path as read, such as {known}.")
    return intake


def _warn_of_folders(paths: Sequence[Path], exports: Sequence[ExportFile]) -> list[str]:
    """Say what it means that two or more folders were given of which each holds exports itself."""
    above = {export.path.parent for export in exports if export.folder is None}
    return [_ONE_BY_ONE] if len(above & {path for path in paths if path.is_dir()}) > 1 else []


def _read_one(
    export: ExportFile, declared: Mapping[str, Declared], seen: dict[str, str], used: set[str], intake: Intake
) -> None:
    chat = read_export(export)
    if chat.sha256 in seen:
        intake.warnings.append(f"{chat.path} is the same file as {seen[chat.sha256]}; it was counted once.")
        return
    keys = [key for key in (chat.source_id, chat.path) if key in declared]
    used.update(keys)
    stated = declared[keys[0]] if keys else Declared()
    parsed = _keep_stated(parse_received(chat, stated), stated)
    _check_dated(parsed)
    intake.parsed.append(parsed)
    intake.paths[chat.source_id] = export.path
    if keys:
        intake.stated[chat.path] = stated
    if intake.observing:
        members = build_members(chat)
        intake.members.append(members)
        intake.observed.append(observe(chat, parsed, members, timezone=stated.timezone or intake.timezone))
    intake.warnings.extend(f"{chat.path}: {note}" for note in chat.notes)
    seen[chat.sha256] = chat.path


def _keep_stated(parsed: Parsed, stated: Declared) -> Parsed:
    """Add what is declared of whom and which chat the export is from, for joining."""
    columns = {"declared_custodian": stated.custodian, "declared_chat": stated.chat}
    told = [pl.lit(value, pl.String).alias(name) for name, value in columns.items()]
    return replace(parsed, sources=Sources(parsed.sources.with_columns(told)))


def _check_dated(parsed: Parsed) -> None:
    """Refuse an export of which some times are not known: they cannot be put in order with others.

    Raises:
        UnknownExportFormat: no year is printed and nothing tells it.
    """
    undated = parsed.messages["sent_local"].null_count()
    if undated:
        path = parsed.sources["path"][0]
        raise UnknownExportFormat(
            f"{path}: records print no year, and nothing tells it: {undated:,}.",
            hint=f"Declare the year of the first message: a file for --declare with ['{path}'] and year = 2014.",
        )


def _read_declarations(path: Path | None) -> Mapping[str, Declared]:
    """Read what the user declares of single exports: a TOML table per path or `source_id`."""
    tables = read_toml(path) if path else {}
    return {name: _read_declaration(values, where=f"--declare: {path}: [{name}]") for name, values in tables.items()}


def _read_declaration(values: object, *, where: str) -> Declared:
    unknown = set(values) - {*_TEXTS, "year"} if isinstance(values, dict) else {"(no table)"}
    if unknown:
        raise UsageError(f"{where} has unknown {sorted(unknown)}.", hint=f"Known: {', '.join(_TEXTS)}, year.")
    known = cast("dict[str, object]", values)
    year = known.get("year")
    if year is not None and (type(year) is not int or not FIRST_YEAR <= year <= LAST_YEAR):
        raise UsageError(f"{where}: '{year}' is no year of a message.", hint="Give a number, as in year = 2014.")
    for name in _TEXTS:
        if not isinstance(known.get(name, "-"), str) or known.get(name) == "":
            raise UsageError(f"{where}: {name} is no text.", hint="Put it in quotation marks.")
    dates, timezone, custodian, chat = (cast("str | None", known.get(name)) for name in _TEXTS)
    return Declared(dates, timezone, year, custodian, chat)
