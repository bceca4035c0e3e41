"""The custody log and the run record as actions of CASE: what was done, when, by whom as typed, with which program."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from chatforensics.package.dossier import Dossier
from chatforensics.package.exchanged import show_utc
from chatforensics.package.uconodes import Graph, Node, instant, words
from chatforensics.tablefiles.marks import mark

_ACTION = "case-investigation:InvestigativeAction"
_PROGRAM = "chatforensics"


def describe_run(graph: Graph, dossier: Dossier, *, files: Sequence[Node], results: Sequence[Node]) -> None:
    """Add the analysis of the exports as its run record tells it."""
    told = {
        "uco-action:startTime": _read_time(dossier.run.get("started_at")),
        "uco-action:endTime": _read_time(dossier.run.get("finished_at")),
        "uco-action:instrument": [_describe_program(graph, dossier.run.get("version"))],
        "uco-action:object": list(files),
        "uco-action:result": list(results),
    }
    about = words("The run of the program that read the exports and computed the labels; run.json has its parameters.")
    properties = about | {name: value for name, value in told.items() if value}
    graph.add("run", type=_ACTION, name="run", properties=properties)


def describe_custody(graph: Graph, dossier: Dossier, *, files: Mapping[str, Node]) -> None:
    """Add each line of the custody log as an action that follows the one before; one that is no JSON as it is."""
    before: list[Node] = []
    actors: dict[str, Node] = {}
    for number, line in enumerate(dossier.log, start=1):
        entry = _read_line(line)
        told: dict[str, object] = {"case-investigation:wasInformedBy": list(before)}
        if entry is not None:
            told |= _tell_entry(graph, entry, actors, files)
        about = words(
            f"Line {number} of the custody log; SHA-256 of the line: {hashlib.sha256(line.encode()).hexdigest()}",
            f"Details: {mark(_canonical(entry.get('details')))}" if entry is not None else f"Not read: {mark(line)}",
        )
        name = mark(str(entry.get("action", ""))) if entry is not None else ""
        properties = about | {key: value for key, value in told.items() if value}
        before = [graph.add("log", number, type=_ACTION, name=name, properties=properties)]


def _tell_entry(
    graph: Graph, entry: Mapping[str, object], actors: dict[str, Node], files: Mapping[str, Node]
) -> dict[str, object]:
    """Return who, when, with what, on what, with which result."""
    actor = mark(str(entry.get("actor", "unknown")))
    if actor not in actors:
        about = words("As typed by whoever used the program; nothing checked it.")
        actors[actor] = graph.add("actor", len(actors), type="uco-identity:Identity", name=actor, properties=about)
    return {
        "uco-action:performer": actors[actor],
        "uco-action:endTime": _read_time(entry.get("at")),
        "uco-action:instrument": [_describe_program(graph, entry.get("version"))],
        "uco-action:object": _find_things(graph, entry.get("inputs"), files),
        "uco-action:result": _find_things(graph, entry.get("outputs"), files),
    }


def _describe_program(graph: Graph, version: object) -> Node:
    told = mark(str(version or "unknown"))
    properties = {"uco-tool:toolType": "reads exports of chats", "uco-tool:version": told}
    return graph.add("program", told, type="uco-tool:Tool", name=_PROGRAM, properties=properties)


def _find_things(graph: Graph, hashes: object, files: Mapping[str, Node]) -> list[Node]:
    """Return the files of some hashes; one that is not in the dossier is known by its hash alone."""
    found = [str(one) for one in hashes] if isinstance(hashes, list) else []
    return [files.get(one) or _describe_content(graph, one) for one in dict.fromkeys(found)]


def _describe_content(graph: Graph, sha256: str) -> Node:
    kind = "uco-observable:ContentData"
    if not _is_sha256(sha256):
        return graph.add("content", sha256, type=kind, properties=words(f"Named in the custody log: {mark(sha256)}"))
    return graph.add("content", sha256, type=kind, facets=[("ContentDataFacet", graph.hashed(sha256, about="log"))])


def _is_sha256(text: str) -> bool:
    return len(text) == hashlib.sha256().digest_size * 2 and not set(text) - set("0123456789abcdef")


def _read_line(line: str) -> Mapping[str, object] | None:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) else None


def _read_time(text: object) -> Node | None:
    """Return a time with a zone; what is none is left out, and stands in the log itself."""
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return instant(show_utc(at)) if at.tzinfo else None


def _canonical(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
