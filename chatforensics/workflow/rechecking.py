"""A package held to the exports that it was made from: its records and labels computed anew and compared."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from chatforensics.casefile import describe_program, hash_file
from chatforensics.errors import ChatForensicsError
from chatforensics.intake import find_exports, show_path
from chatforensics.package.checker import FAILED, OK, OPEN, Problem, Result, check_bag
from chatforensics.workflow.differing import differ_in_labels, differ_in_record, differ_in_slates
from chatforensics.workflow.recomputing import Again, compute_again, count_exports
from chatforensics.workflow.run import Report, silent
from chatforensics.workflow.stated import Row, Stated, as_row, as_text, read_stated

FILES, RECORDS, LABELS = "exports", "records computed again", "labels computed again"
AGAIN = "results computed again"
_NAMED = 5  # messages that a result names
_NEEDED = ("form", "files", "custody log")
_HOW = (
    "The package does not hold the exports. Ask its maker for them as received, and name them: --exports PATH. "
    "data/tables/sources.jsonl has the SHA-256 of each."
)
_NOT_COMPARED = (
    "Not compared: names where a pseudonym stands, times in UTC, polls, places, calls, notices and pictures beside a "
    "text, and what rests on the exports of a case together (people, chats, corroboration, spread, pairs); nor are "
    "exhibit, sheets and other tables held to messages.jsonl."
)
_OTHERWISE = "Other versions or another processor may compute otherwise; else somebody changed the records."


@dataclass
class _Exports:
    """What became of the search for the exports: where each lies, and in words what is amiss."""

    found: dict[str, Path] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass
class _Compared:
    """What came of a comparison: how many agree, which do not and in what, and which may differ for a known reason."""

    n_agree: int = 0
    n_left: int = 0
    differ: dict[int, list[str]] = field(default_factory=dict)
    excused: dict[int, list[str]] = field(default_factory=dict)


def recheck_package(folder: Path, *, exports: Sequence[Path] = (), report: Report = silent) -> list[Result]:
    """Read the exports of a package anew, label their messages, and compare with what the package says.

    Agreement shows that the records and labels are what this program makes of those exports, and not that the exports
    are what phones held. Words that were taken out cannot be compared; what stands around them is. Nothing is written
    but copies of the exports, in a place that only their reader can see and that is removed.

    Args:
        folder: the package. Where its hashes do not hold, nothing is computed.
        exports: files, or folders of them, for a package that does not hold its exports.
        report: told of progress.
    """
    if failed := [x.name for x in check_bag(folder) if x.name in _NEEDED and x.state == FAILED]:
        return [Result(AGAIN, OPEN, f"Not while the package itself fails: {', '.join(failed)}.")]
    try:
        stated = read_stated(folder)
        held = _find_exports(stated, exports)
    except Problem as problem:
        return [Result(FILES, FAILED, str(problem))]
    except OSError as error:
        return [Result(FILES, FAILED, f"{error.filename}: cannot be read ({error.strerror}).")]
    if not held.found and not held.faults and not exports:
        return [Result(AGAIN, OPEN, _HOW)]
    return [_tell_exports(stated, held), *_recheck(stated, held.found, report)]


def _recheck(stated: Stated, exports: Mapping[str, Path], report: Report) -> list[Result]:
    if not exports:
        return [Result(AGAIN, OPEN, "No export of the package is here.")]
    try:
        again = compute_again(stated, exports, report)
    except ChatForensicsError as error:
        return [Result(AGAIN, FAILED, f"The exports cannot be read as the package says: {error}")]
    return [_tell_records(stated, again, exports), _tell_labels(stated, again, exports)]


def _find_exports(stated: Stated, given: Sequence[Path]) -> _Exports:
    """Find each export by its SHA-256: in the package, else among those given."""
    held = _Exports()
    for name in stated.sources:
        try:
            path = stated.find_original(name)
        except Problem as problem:
            held.faults.append(str(problem))
            continue
        if path is not None:
            held.found[name] = path
    names = {str(row["sha256"]): name for name, row in stated.sources.items()}
    for export in find_exports(given):
        sha256 = hash_file(export.path)
        if sha256 is not None and sha256 in names:
            held.found.setdefault(names[sha256], export.path)
        else:
            held.notes.append(_tell_other(stated, export.path, sha256))
    return held


def _tell_other(stated: Stated, path: Path, sha256: str | None) -> str:
    """Say of a file that it is none of the package's exports, and what it is."""
    shown = show_path(path)
    if sha256 is None:
        return f"{shown}: cannot be read as an export."
    if sha256 in stated.wholes:
        return f"{shown}: the whole of export {stated.wholes[sha256]}, of which a case kept a part; give that part."
    return f"{shown}: no export of this package (SHA-256 {sha256}). One that was opened and saved has another hash."


def _tell_exports(stated: Stated, held: _Exports) -> Result:
    """Say which exports are here."""
    lacking = [f"{row['sha256']}: not here" for name, row in sorted(stated.sources.items()) if name not in held.found]
    details = (*held.faults, *held.notes, *lacking)
    words = f"Exports of the package that are here with the SHA-256 that it names: {len(held.found):,}"
    state = FAILED if held.faults else OPEN if lacking else OK
    return Result(FILES, state, f"{words} of {len(stated.sources):,}.", details)


def _list_here(stated: Stated, exports: Mapping[str, Path]) -> Iterator[tuple[int, Row]]:
    """Give the records of the exports that are here, by their ids."""
    for record in stated.records:
        if as_row(record["place"])["source_id"] in exports:
            yield int(str(record["message_id"])), record


def _tell_records(stated: Stated, again: Again, exports: Mapping[str, Path]) -> Result:
    """Compare the records, and whether all that belong into the package are in it."""
    found = _Compared()
    here = dict(_list_here(stated, exports))
    for number, record in here.items():
        row = again.records.get(number)
        differ = ["no such record in its export"] if row is None else differ_in_record(record, row, stated)
        if differ:
            found.differ[number] = differ
        else:
            found.n_agree += 1
    for number in sorted(again.expected - here.keys()):
        found.differ[number] = ["stands beside a ticked one in the export, and not in the package"]
    for number in sorted(here.keys() - again.expected - found.differ.keys()):
        found.differ[number] = ["stands in the package without a ticked one beside it"]
    orders = [
        f"export {name}: its dates are {order}, and not as the package says"
        for name, order in sorted(again.orders.items())
        if stated.sources[name].get("date_order") != order
    ]
    n_left = len(stated.records) - len(here)
    n_cut = sum(here[one].get("text") != again.records[one]["text"] for one in here.keys() - found.differ.keys())
    words = f"Records that agree with their exports: {found.n_agree:,} of {len(here):,}"
    words += f"; of them with words taken out, so that only what stands around these is compared: {n_cut:,}"
    words += f"; of exports that are not here: {n_left:,}. " if n_left else ". "
    declared = [name for name in exports if stated.sources[name].get("date_order_verdict") == "declared"]
    told = f"Exports of which the order of the dates is its maker's word: {', '.join(sorted(declared))}."
    details = (
        *orders,
        *again.failures,
        *_name(found.differ),
        *([told] if declared else []),
        *_compare_programs(stated),
    )
    failed = bool(found.differ or orders or again.failures)
    return Result(RECORDS, FAILED if failed else OK, words + (_OTHERWISE if failed else _NOT_COMPARED), details)


def _tell_labels(stated: Stated, again: Again, exports: Mapping[str, Path]) -> Result:
    """Compare labels and slates; what may differ for want of something is told apart."""
    found = _Compared()
    with_slates = _may_compare_slates(stated, exports)
    here = dict(_list_here(stated, exports))
    for number, record in here.items():
        row = again.records.get(number)
        if row is None:
            continue
        differ = differ_in_labels(record, row, stated)
        other = differ_in_slates(record, row, stated) if with_slates else None
        found.n_left += other is None and bool(row["slates"] or record.get("slates"))
        differ += ["slate"] if other else []
        if not differ:
            found.n_agree += 1
        elif _may_differ(stated, again, record, row, exports):
            found.excused[number] = differ
        else:
            found.differ[number] = differ
    words = f"Records of which the labels agree: {found.n_agree:,}."
    if found.n_left:
        words += (
            f" Slates not compared, for words taken out, a list of candidates or exports lacking: {found.n_left:,}."
        )
    if found.excused:
        words += (
            f" Labels that differ, and may for want of other exports of the chat, of what was declared, or of pictures "
            f"read alike: {len(found.excused):,}."
        )
    if n_stated := sum(number in stated.decisions for number in again.records if number in here):
        words += f" Decided not by the program but by somebody's statement, as the run's assumptions say: {n_stated:,}."
    state = FAILED if found.differ else OPEN if found.excused else OK
    details = (*_name(found.differ), *_name(found.excused), *(_compare_programs(stated) if state != OK else ()))
    return Result(LABELS, state, f"{words} {_OTHERWISE}" if found.differ else words, details)


def _may_compare_slates(stated: Stated, exports: Mapping[str, Path]) -> bool:
    """Tell whether all is here on which slates rest: labels of senders in every export, and no list of candidates."""
    has_list = as_row(stated.run.get("parameters")).get("candidates") is not None
    return not has_list and count_exports(stated) == len(exports)


def _may_differ(stated: Stated, again: Again, record: Row, row: Row, exports: Mapping[str, Path]) -> bool:
    """Tell whether a label may differ though nobody changed it: what one person wrote in one go is read as one text."""
    if row["group_id"] in again.groups:
        return True
    chat = stated.sources[str(as_row(record["place"])["source_id"])].get("chat_id")
    of_chat = [name for name, source in stated.sources.items() if source.get("chat_id") == chat]
    parameters = as_row(stated.run.get("parameters"))
    corrected = any(parameters.get(name) is not None for name in ("people", "corrections"))
    otherwise = record.get("group_id") != row["group_id"] and (len(of_chat) > 1 or corrected)
    return otherwise or not set(of_chat) <= exports.keys()


def _name(differ: Mapping[int, Sequence[str]]) -> Iterator[str]:
    """Name the first messages that differ, and in what; none of their words."""
    for number in sorted(differ)[:_NAMED]:
        yield f"message {number}: {', '.join(differ[number])}"
    if len(differ) > _NAMED:
        kinds = Counter(each for told in differ.values() for each in told)
        yield f"and {len(differ) - _NAMED:,} more; in all: " + ", ".join(f"{x} {n:,}" for x, n in sorted(kinds.items()))


def _compare_programs(stated: Stated) -> Iterator[str]:
    """Say what computes here that is not what computed the package, as it says itself."""
    said, here = as_row(stated.run.get("program")), describe_program()
    for name in ("version", "sha256", "python"):
        if said.get(name) != here[name]:
            yield f"program, {name}: {as_text(said.get(name))[:64]} in the package, {here[name]} here"
    packages, ours = as_row(said.get("packages")), as_row(here["packages"])
    for name, version in sorted(ours.items()):
        if packages.get(name) != version:
            yield f"package {name}: {as_text(packages.get(name))[:64]} in the package, {version} here"
