"""Inputs of a run: exports found, read and parsed; what fails is listed with its reason."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from importlib import resources
from pathlib import Path
from typing import cast

import polars as pl

from chatforensics import schema
from chatforensics.casefile import Fresh, Kept, Store
from chatforensics.engine import HERE, Engine
from chatforensics.errors import (
    ChatForensicsError,
    EvidenceError,
    UnknownExportFormat,
    UnreadableExport,
    UsageError,
)
from chatforensics.intake import ChatText, ExportFile, find_exports, read_export, show_path
from chatforensics.integrity.members import build_members
from chatforensics.parsing import Parsed
from chatforensics.parsing.eras import FIRST_YEAR, LAST_YEAR
from chatforensics.schema import Attachments, Events, Messages, Readings, Rejects, Sources
from chatforensics.storage import copy_folder
from chatforensics.workflow.checks import observe
from chatforensics.workflow.corrected import Effect, ExportCorrections, read_export_corrections
from chatforensics.workflow.run import Report, Settings, Tables
from chatforensics.workflow.single import Declared, parse_received
from chatforensics.workflow.written import Words, read_toml

_TEXTS = ("dates", "timezone", "custodian", "chat")
_MANY, _LARGE_BYTES = 32, 40_000_000
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


@dataclass(frozen=True)
class Given:
    """One export before it is read for its messages: what identifies it, where it lies, and how to read it.

    `path` is the one under which it was received, `beside` the SHA-256 of media beside a text, by name, where known;
    `dates` is the order of day and month where the whole export, of which this is a part, showed it.
    """

    path: str
    sha256: str
    export: ExportFile
    read: Callable[[], ChatText]
    beside: Mapping[str, str] = field(default_factory=dict)
    dates: str | None = None

    @property
    def source_id(self) -> str:
        """First 16 hex digits of the file's SHA-256."""
        return self.sha256[:16]


@dataclass
class Intake:
    """What reading the inputs gave, while it is being gathered; `observing`: is each looked at by itself, too?

    `stated` has what was declared of each export, by its path, and `read_as` that with what is corrected of it;
    `exports` where each lies, by `source_id`; `kept` what a store has of each; `corrected` what came of corrections;
    `read` has the path of each that was read, by SHA-256, and `used` the names under which something was declared.
    """

    timezone: str
    observing: bool = True
    store: Store = field(default_factory=Fresh)
    kept: list[Kept] = field(default_factory=list)
    parsed: list[Parsed] = field(default_factory=list)
    failures: list[dict[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    stated: dict[str, Declared] = field(default_factory=dict)
    exports: dict[str, ExportFile] = field(default_factory=dict)
    read_as: dict[str, Declared] = field(default_factory=dict)
    corrected: Effect = field(default_factory=Effect)
    read: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def take_in(self, one: "Intake") -> None:
        """Add what reading one export by itself gave; an export that is here already, byte for byte, is named only."""
        if any(self.is_here(sha256, path) for sha256, path in one.read.items()):
            return
        for mine, more in (
            (self.kept, one.kept),
            (self.parsed, one.parsed),
            (self.failures, one.failures),
            (self.warnings, one.warnings),
            (self.corrected.assumed, one.corrected.assumed),
        ):
            cast("list[object]", mine).extend(more)
        self.stated |= one.stated
        self.exports |= one.exports
        self.read_as |= one.read_as
        self.read |= one.read
        self.used |= one.used

    def is_here(self, sha256: str, path: str) -> bool:
        """Tell whether an export was read already; if so, say it."""
        if sha256 not in self.read:
            return False
        self.warnings.append(f"{path} is the same file as {self.read[sha256]}; it was counted once.")
        return True

    def received(self) -> Tables:
        """Return what was seen of each export before joining: the files of its container and the indicators."""
        members, observed = (
            pl.concat([schema.empty(name), *(kept.tables[name] for kept in self.kept if name in kept.tables)])
            for name in ("members", "indicators")
        )
        return {
            "members": members.sort("source_id", "position", maintain_order=True),
            "indicators": observed.sort(pl.col("source_ids").list.first(), "indicator", maintain_order=True),
        }


def read_inputs(
    paths: Sequence[Path], settings: Settings, report: Report, *, observing: bool = True, engine: Engine = HERE
) -> Intake:
    """Read and parse every input; list those that fail, with the reason.

    Args:
        paths: files, or folders of them.
        settings: what was chosen and declared.
        report: told of progress.
        observing: look at each export by itself, too; this takes about half of the time of a small one.
        engine: where exports are read; the result is the same everywhere.

    Raises:
        UnreadableExport: not one input could be read.
        UsageError: something is declared of an export that is not among them.
    """
    exports = find_exports(paths)
    intake = Intake(settings.timezone, observing, warnings=warn_of_folders(paths, exports))
    rules = _read_rules(settings)
    look = partial(_read_apart, rules=rules, timezone=settings.timezone, observing=observing)
    at = engine if _is_much(exports) else HERE
    for number, one in enumerate(at.map(look, exports, lost=_lose), start=1):
        intake.take_in(one)
        report("reading", number, len(exports))
    return _hold_to_declared(intake, rules)


def _is_much(exports: Sequence[ExportFile]) -> bool:
    """Tell whether reading takes longer than starting processes for it, about a second."""
    return len(exports) >= _MANY or sum(_size_of(export.path) for export in exports) >= _LARGE_BYTES


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # reading it says what is wrong
        return 0


def _read_apart(export: ExportFile, *, rules: "_Rules", timezone: str, observing: bool) -> Intake:
    """Read and parse one export by itself, perhaps in a process of its own."""
    one = Intake(timezone, observing)
    try:
        _read_one(_give(export), rules, one)
    except EvidenceError as error:
        one.failures.append({"path": show_path(export.path), "reason": str(error)})
    return one


def _lose(export: ExportFile) -> Intake:
    path = show_path(export.path)
    reason = f"{path}: the process that read it was ended, twice. Is there memory enough? The other exports were read."
    return Intake("", failures=[{"path": path, "reason": reason}])


def _give(export: ExportFile) -> Given:
    chat = read_export(export)
    return Given(chat.path, chat.sha256, export, lambda: chat)


def read_given(
    inputs: Sequence[tuple[str, Callable[[], Given]]], intake: Intake, settings: Settings, report: Report
) -> Intake:
    """Read and parse every input, each named by its path, into `intake`; list those that fail, with the reason.

    Raises:
        UnreadableExport: not one input could be read.
        UsageError: something is declared of an export that is not among them.
    """
    rules = _read_rules(settings)
    for number, (path, give) in enumerate(inputs, start=1):
        try:
            _read_one(give(), rules, intake)
        except EvidenceError as error:
            intake.failures.append({"path": path, "reason": str(error)})
        report("reading", number, len(inputs))
    return _hold_to_declared(intake, rules)


@dataclass(frozen=True)
class _Rules:
    """What was said of single exports: declared for this run, and corrected in the case."""

    declared: Mapping[str, Declared]
    corrected: ExportCorrections


def _read_rules(settings: Settings) -> _Rules:
    return _Rules(read_declarations(settings.declare), read_export_corrections(settings.corrections))


def _hold_to_declared(intake: Intake, rules: _Rules) -> Intake:
    """Refuse what gave nothing, or of which something was said that nobody can use."""
    if not intake.parsed:
        reasons = "; ".join(failure["reason"] for failure in intake.failures[:3])
        raise UnreadableExport(f"None of the {len(intake.failures)} inputs could be read: {reasons}")
    if idle := sorted(set(rules.declared) - intake.used):
        known = ", ".join(str(parsed.sources["path"][0]) for parsed in intake.parsed[:3])
        raise UsageError(f"--declare: [{idle[0]}] is no input.", hint=f"Use a path as read, such as {known}.")
    intake.warnings.extend(rules.corrected.warn_of_idle(list(intake.exports)))
    return intake


def read_alone(given: Given, intake: Intake, settings: Settings) -> None:
    """Read and parse one export into `intake` as it is read among others, so that a store keeps it for these.

    Raises:
        EvidenceError: it cannot be read.
    """
    _read_one(given, _read_rules(settings), intake)


def warn_of_folders(paths: Sequence[Path], exports: Sequence[ExportFile]) -> list[str]:
    """Say what it means that two or more folders were given of which each holds exports itself."""
    above = {export.path.parent for export in exports if export.folder is None}
    return [_ONE_BY_ONE] if len(above & {path for path in paths if path.is_dir()}) > 1 else []


def _read_one(given: Given, rules: _Rules, intake: Intake) -> None:
    if intake.is_here(given.sha256, given.path):
        return
    keys = [key for key in (given.source_id, given.path) if key in rules.declared]
    intake.used.update(keys)
    stated = rules.declared[keys[0]] if keys else Declared()
    if given.dates and stated.dates is None:
        stated = replace(stated, dates=given.dates)
        intake.warnings.append(
            f"{given.path}: only a part of it is kept; its dates are read as {given.dates}, which the whole showed."
        )
    intake.read_as[given.path], kept = _keep_export(given, stated, intake, rules.corrected)
    intake.kept.append(kept)
    intake.parsed.append(_rebuild(kept))
    intake.exports[given.source_id] = given.export
    if keys or given.dates:
        intake.stated[given.path] = stated
    intake.warnings.extend(str(note) for note in cast("Sequence[str]", kept.facts["notes"]))
    intake.read[given.sha256] = given.path


def _keep_export(given: Given, stated: Declared, intake: Intake, corrected: ExportCorrections) -> tuple[Declared, Kept]:
    """Return an export as read with what is corrected of it; where it cannot be read so, as it was declared."""
    read_as = corrected.apply(given.source_id, stated)
    try:
        kept = _keep_one(given, read_as, intake)
    except EvidenceError as error:
        if read_as == stated:
            raise
        intake.warnings.append(f"{given.path}: cannot be read as it was corrected, and was read without that: {error}")
        return stated, _keep_one(given, stated, intake)
    intake.corrected.assumed.extend(corrected.describe(given.source_id, given.path, stated))
    return read_as, kept


def _keep_one(given: Given, stated: Declared, intake: Intake) -> Kept:
    key = {
        "sha256": given.sha256,
        "beside": dict(given.beside),
        "path": given.path,
        "folder": given.export.folder,
        "declared": asdict(stated),
        "timezone": stated.timezone or intake.timezone,
        "observing": intake.observing,
    }
    return intake.store.keep("export", key, partial(_look_at, given, stated, intake))


def _look_at(given: Given, stated: Declared, intake: Intake) -> Kept:
    """Parse one export and look at it by itself."""
    chat = given.read()
    parsed = _keep_stated(parse_received(chat, stated), stated)
    _check_dated(parsed)
    tables: Tables = dict(vars(parsed))
    if intake.observing:
        members = build_members(chat)
        observed = observe(chat, parsed, members, timezone=stated.timezone or intake.timezone)
        tables |= {"members": members, "indicators": observed}
    return Kept(tables, {"notes": [f"{chat.path}: {note}" for note in chat.notes]})


def _rebuild(kept: Kept) -> Parsed:
    tables = kept.tables
    return Parsed(
        Sources(tables["sources"]),
        Messages(tables["messages"]),
        Events(tables["events"]),
        Rejects(tables["rejects"]),
        Readings(tables["readings"]),
        Attachments(tables["attachments"]),
    )


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


def read_declarations(path: Words | None) -> Mapping[str, Declared]:
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
