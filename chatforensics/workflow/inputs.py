"""Inputs of a run: exports found, read and parsed; what fails is listed with its reason."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib import resources
from pathlib import Path

import polars as pl

from chatforensics.casefile import Fresh, Store
from chatforensics.engine import HERE, Engine
from chatforensics.errors import ChatForensicsError, EvidenceError, UnreadableExport, UsageError
from chatforensics.intake import ExportFile, find_exports, read_export, show_path
from chatforensics.storage import copy_folder
from chatforensics.workflow.corrected import Effect, read_export_corrections
from chatforensics.workflow.declared import read_declarations
from chatforensics.workflow.gathered import Gathered, put_together
from chatforensics.workflow.layouts import warn_of_folders
from chatforensics.workflow.reading import (
    EXPORT,
    Batch,
    Given,
    How,
    Input,
    One,
    Unread,
    introduce,
    put_in_one,
    read_batch,
    read_given,
    read_input,
)
from chatforensics.workflow.run import Report, Settings, Tables
from chatforensics.workflow.single import Declared

_MANY, _LARGE_BYTES = 32, 40_000_000
_TOGETHER, _TOGETHER_BYTES = 64, 4_000_000  # inputs that are read in one go by one process, and their bytes
Look = Callable[[Sequence[Input]], Batch]


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
    """What reading the inputs gave, while it is being gathered.

    `stated` has what was declared of each export, by its path, and `read_as` that with what is corrected of it;
    `exports` where each lies, by `source_id`; `kept` how a store names what it has of each; `corrected` what came of
    corrections; `gathered` the tables; `read` the path of each that was read, by SHA-256, and `used` the names under
    which something was declared.
    """

    store: Store = field(default_factory=Fresh)
    gathered: list[Gathered] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    failures: list[dict[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    stated: dict[str, Declared] = field(default_factory=dict)
    exports: dict[str, ExportFile] = field(default_factory=dict)
    read_as: dict[str, Declared] = field(default_factory=dict)
    corrected: Effect = field(default_factory=Effect)
    read: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def take_in(self, batch: Batch) -> None:
        """Add what reading some inputs gave; an export that is here already, byte for byte, is named only."""
        twice = {each.sha256[:16] for each in batch.read if isinstance(each, One) and each.sha256 in self.read}
        for each in batch.read:
            if isinstance(each, Unread):
                self.failures.append({"path": each.path, "reason": each.reason})
                self.used.update(each.used)
            elif each.sha256 in self.read:
                self._take_again(each)
            elif isinstance(each, One):
                self._take_one(each)
        if batch.gathered is not None:
            self.gathered.append(batch.gathered.without(twice))

    def _take_again(self, one: One) -> None:
        first = self.read[one.sha256]
        self.warnings.append(f"{one.path} is the same file as {first}; it was counted once.")
        if one.used and one.stated != self.stated.get(first, Declared()):
            self.warnings.append(
                f"--declare: what is declared of {one.path} was not used, for it is the same file as {first}. Declare "
                "it of that one."
            )
        self.used.update(one.used)

    def _take_one(self, one: One) -> None:
        source_id = one.sha256[:16]
        self.read[one.sha256] = one.path
        self.exports[source_id] = one.export
        self.read_as[one.path] = one.read_as
        self.used.update(one.used)
        if one.is_declared:
            self.stated[one.path] = one.stated
        self.kept.append(one.kept.id)
        self.warnings.extend(one.warnings)
        self.corrected.assumed.extend(one.assumed)

    def all(self) -> Gathered:
        """Return the tables of all exports."""
        if len(self.gathered) != 1:  # what is put together once stays so
            self.gathered = [put_together(self.gathered)]
        return self.gathered[0]

    def received(self) -> Tables:
        """Return what was seen of each export before joining: the files of its container and the indicators."""
        tables = self.all().tables
        source = pl.col("source_ids").list.first()
        return {
            "members": tables["members"].sort("source_id", "position", maintain_order=True),
            "indicators": tables["indicators"].sort(source, "indicator", maintain_order=True),
        }


def read_inputs(  # noqa: PLR0913 - paths and settings first, the rest by name
    paths: Sequence[Path],
    settings: Settings,
    report: Report,
    *,
    observing: bool = True,
    engine: Engine = HERE,
    store: Store | None = None,
) -> Intake:
    """Read and parse every input; list those that fail, with the reason.

    Args:
        paths: files, or folders of them.
        settings: what was chosen and declared.
        report: told of progress.
        observing: look at each export by itself, too; this takes about half of the time of a small one.
        engine: where exports are read; the result is the same everywhere.
        store: where the messages of many exports, or of large ones, lie meanwhile; without it they are kept in memory.

    Raises:
        UnreadableExport: not one input could be read.
        UsageError: something is declared of an export that is not among them.
    """
    exports = find_exports(paths)
    intake = Intake(store or Fresh(), warnings=warn_of_folders(paths, exports, files=observing))
    engine.check_paths([export.path for export in exports])
    inputs = [Input(show_path(export.path), partial(give_found, export)) for export in exports]
    sizes = [_size_of(export.path) for export in exports]
    return read_into(intake, inputs, sizes, settings, report, observing=observing, engine=engine)


def give_found(export: ExportFile) -> Given:
    """Return an export that was found as something that can be read.

    Raises:
        EvidenceError: it cannot be opened.
    """
    chat = read_export(export)
    return Given(chat.path, chat.sha256, export, lambda: chat)


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # reading it says what is wrong
        return 0


def read_into(  # noqa: PLR0913 - as above
    intake: Intake,
    inputs: Sequence[Input],
    sizes: Sequence[int],
    settings: Settings,
    report: Report,
    *,
    observing: bool = True,
    engine: Engine = HERE,
) -> Intake:
    """Read and parse every input into `intake`; list those that fail, with the reason.

    What the store has is taken from there; only this process writes to it.

    Raises:
        UnreadableExport: not one input could be read.
        UsageError: something is declared of an export that is not among them.
    """
    how = read_how(settings, observing=observing)
    is_much = len(inputs) >= _MANY or sum(sizes) >= _LARGE_BYTES
    reading = _Reading(intake, how, engine, intake.store.scratch()) if is_much else _Reading(intake, how, HERE, None)
    done = 0
    for batch in reading.read_all(inputs, sizes):
        intake.take_in(batch)
        done += len(batch.read)
        report("reading", done, len(inputs))
    return _hold_to_declared(intake, how)


def read_how(settings: Settings, *, observing: bool = True) -> How:
    """Return how the settings want exports to be read.

    Raises:
        UsageError: what is declared cannot be read.
    """
    corrected = read_export_corrections(settings.corrections)
    return How(read_declarations(settings.declare), corrected, settings.timezone, observing)


def read_alone(given: Given, intake: Intake, settings: Settings) -> None:
    """Read and parse one export into `intake` as it is read among others, so that a store keeps it for these.

    Raises:
        EvidenceError: it cannot be read.
    """
    one = read_given(given, read_how(settings), intake.store)
    intake.take_in(put_in_one([one], scratch=None))


@dataclass(frozen=True)
class _Reading:
    """How the inputs of a run are read: what the store has is taken from there, the rest is for the engine."""

    intake: Intake
    how: How
    engine: Engine
    scratch: Path | None

    def read_all(self, inputs: Sequence[Input], sizes: Sequence[int]) -> Iterator[Batch]:
        """Yield all inputs in order, some at a time."""
        batches = list(self._split(inputs, sizes))
        apart = self.intake.store.keeps or not self.engine.shares_disk
        look = partial(read_batch, how=self.how, scratch=self.scratch, apart=apart)
        left = [some for held, some in batches if not held]
        read = self.engine.map(look, left, lost=partial(_read_one_by_one, look, self.engine))
        for held, some in batches:
            yield self._find(some) if held else self._keep(next(read))

    def _split(self, inputs: Sequence[Input], sizes: Sequence[int]) -> Iterator[tuple[bool, list[Input]]]:
        """Yield inputs that are read in one go, each time with whether the store has them."""
        some: list[Input] = []
        before, n_bytes = False, 0
        for one, size in zip(inputs, sizes, strict=True):
            held = self._is_held(one)
            if some and (held != before or len(some) == _TOGETHER or n_bytes + size > _TOGETHER_BYTES):
                yield before, some
                some, n_bytes = [], 0
            some.append(one)
            before, n_bytes = held, n_bytes + size
        if some:
            yield before, some

    def _is_held(self, one: Input) -> bool:
        """Tell whether the store has what an input gives, as it would be read now."""
        if not self.intake.store.keeps:
            return False
        try:
            given = one.give()
        except EvidenceError:  # reading it says what is wrong
            return False
        read_as = introduce(given, self.how).read_as
        return self.intake.store.holds(EXPORT, self.how.key(given, read_as))

    def _find(self, inputs: Sequence[Input]) -> Batch:
        """Take inputs from the store; what is damaged there is read again."""
        return put_in_one([read_input(each, self.how, self.intake.store) for each in inputs], scratch=self.scratch)

    def _keep(self, batch: Batch) -> Batch:
        """Let the store have what was read."""
        if batch.gathered is not None:
            return batch
        for each in batch.read if self.intake.store.keeps else ():
            if isinstance(each, One):
                each.kept = self.intake.store.keep(EXPORT, each.key, partial(getattr, each, "kept"))
        return put_in_one(batch.read, scratch=self.scratch)


def _read_one_by_one(look: Look, engine: Engine, inputs: Sequence[Input]) -> Batch:
    """Read inputs of which one took the process down with which all were read: each by itself."""
    if len(inputs) == 1:
        return Batch([_lose(inputs[0])])
    found = list(engine.map(look, [[each] for each in inputs], lost=lambda one: Batch([_lose(one[0])])))
    gathered = [batch.gathered for batch in found if batch.gathered is not None]
    return Batch([each for batch in found for each in batch.read], put_together(gathered) if gathered else None)


def _lose(one: Input) -> Unread:
    reason = (
        f"{one.path}: the process that read it was ended, twice. Is there memory enough? The other exports were read."
    )
    return Unread(one.path, reason)


def _hold_to_declared(intake: Intake, how: How) -> Intake:
    """Refuse what gave nothing, or of which something was said that nobody can use."""
    if not intake.read:
        reasons = "; ".join(failure["reason"] for failure in intake.failures[:3])
        raise UnreadableExport(f"None of the {len(intake.failures)} inputs could be read: {reasons}")
    if idle := sorted(set(how.declared) - intake.used):
        known = ", ".join(list(intake.read_as)[:3])
        raise UsageError(f"--declare: [{idle[0]}] is no input.", hint=f"Use a path as read, such as {known}.")
    intake.warnings.extend(how.corrected.warn_of_idle(list(intake.exports)))
    return intake
