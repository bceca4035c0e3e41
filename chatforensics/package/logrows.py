"""The custody log as people read it: a row an entry, in words, with hashes cut short; the log itself has all of it."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence

from chatforensics.package.sheets import Row, or_unknown, shorten_hash
from chatforensics.report.custody import QUESTIONS

ACTIONS = {
    "new": "case made",
    "add": "export added and copied",
    "answer": "custody question answered",
    "analyse": "analysed",
    "bundle": "package made",
    "save": "whole case copied into one file",
    "reply": "reply, or an offer of one, recorded",
    "correct": "correction recorded or withdrawn",
    "verify": "checked",
    "purge": "destroyed",
    "minimise": "cut down before storage",
}
LISTED = 3  # hashes or words of one entry that are printed; the log has all
_NO_HASH = "0" * 64
_LONG_HASH = re.compile(r"[0-9a-f]{32,128}")
# What the program writes of an entry, in words; what is nothing or none is left out.
_DETAILS = {
    "expires": "to be destroyed by {}",
    "kind": "kind of file: {}",
    "n_media_beside": "media files beside it: {}",
    "sha512": "SHA-512 {}",
    "size_bytes": "{} bytes",
    "received_sha256": "SHA-256 as received {}",
    "received_sha512": "SHA-512 as received {}",
    "received_bytes": "{} bytes as received",
    "candidates": "list of candidates, SHA-256 {}",
    "declare": "declarations, SHA-256 {}",
    "people": "corrections of who is who, SHA-256 {}",
    "events": "days named by the user: {}",
    "pictures": "pictures read: {}",
    "program": "SHA-256 of the program {}",
    "timezone": "clocks taken to show {}",
    "window_s": "close in time: within {} s",
    "n_sources": "exports: {}",
    "n_failed": "exports that failed: {}",
    "n_damaged": "kept steps found damaged: {}",
    "questions": "answered: {}",
    "sources": "exports {}",
    "answers": "the answers, as a keyed hash {}",
    "person": "the person, as a keyed hash {}",
    "what": "the words, as a keyed hash {}",
    "correction": "what was corrected: {}",
    "corrections": "corrections of the case, as a keyed hash {}",
    "happened_on": "for the day {}",
    "status": "{}",
    "chosen_by": "messages chosen by: {}",
    "context": "records around each: {}",
    "n_ticked": "messages: {}",
    "n_records": "records: {}",
    "n_manual": "lines of the list of redactions: {}",
    "keep": "left in: {}",
    "pseudonyms": "names under pseudonyms",
    "originals": "with the originals",
    "n_files": "files: {}",
    "sealed": "locked with a passphrase",
    "uco": "with CASE/UCO",
    "rsmf": "with RSMF",
}


def view_log(log: Sequence[str], *, head: tuple[int, str] | None = None, case: object = None) -> Row:
    """Return the lines of the custody log, its head, and whether each line names the hash of the one before.

    A chain that holds does not show that nothing was changed: who keeps a log can write it anew, hashes and all.
    Only a signature, or a head that somebody else wrote down, ties it to a time.

    Args:
        log: The lines; none where the log is kept in the case.
        head: Entries and hash of a log that was left out for the names in it.
        case: What the run record says of the case, with the head of the log before the analysis; used without both.
    """
    hashes = [hashlib.sha256(line.encode()).hexdigest() for line in log]
    entries = [_read_entry(line) for line in log]
    expected = [_NO_HASH, *hashes]
    broken = [
        number
        for number, (entry, before) in enumerate(zip(entries, expected, strict=False), 1)
        if entry.get("prev") != before or entry.get("seq") != number
    ]
    is_left_out = head is not None and not log
    return {
        "rows": [_view_entry(entry) for entry in entries],
        "head": head[1] if head and is_left_out else hashes[-1] if hashes else None,
        "n": head[0] if head and is_left_out else len(log),
        "broken": broken,
        "is_left_out": is_left_out,
        "earlier": None if log or is_left_out else _view_earlier(case),
    }


def _view_earlier(case: object) -> Row | None:
    """Return the head that a log had before the analysis, if the run record has it."""
    if not isinstance(case, Mapping) or not case.get("log_head"):
        return None
    entries = case.get("log_entries")
    return {"head": str(case["log_head"]), "n": entries if isinstance(entries, int) else None}


def _read_entry(line: str) -> Mapping[str, object]:
    try:
        entry = json.loads(line)
    except ValueError:
        return {}
    return entry if isinstance(entry, Mapping) else {}


def _view_entry(entry: Mapping[str, object]) -> Row:
    action = or_unknown(entry.get("action"))
    details = entry.get("details")
    known = details if isinstance(details, Mapping) else {}
    told = [_tell_detail(str(key), known[key]) for key in sorted(known) if known[key]]
    return {
        "seq": entry.get("seq", "?"),
        "at": or_unknown(entry.get("at")).replace("T", " ").removesuffix("Z"),
        "actor": or_unknown(entry.get("actor")),
        "action": ACTIONS.get(action, action),
        "details": "; ".join(told),
        "inputs": _cut(entry.get("inputs")),
        "outputs": _cut(entry.get("outputs")),
    }


def _tell_detail(key: str, value: object) -> str:
    """Return one detail in words; a key that is not known is printed with spaces."""
    if value is True and key in _DETAILS:
        return _DETAILS[key]
    if value == "pack made" and key == "status":
        return "reply pack made"
    words = _DETAILS.get(key)
    return words.format(_tell(value)) if words else f"{key.replace('_', ' ')}: {_tell(value)}"


def _tell(value: object) -> str:
    if isinstance(value, list):
        more = len(value) - LISTED
        told = ", ".join(_tell(each) for each in value[:LISTED])
        return f"{told} and {more} more" if more > 0 else told
    if isinstance(value, str):
        return QUESTIONS.get(value) or (f"{shorten_hash(value)}…" if _LONG_HASH.fullmatch(value) else value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{int(value):,}" if value % 1 == 0 else f"{value:,}"
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _cut(value: object) -> Row:
    """Return the first hashes of a list, cut short, and how many more there are."""
    hashes = [shorten_hash(each) for each in value] if isinstance(value, list) else []
    return {"shown": hashes[:LISTED], "more": len(hashes[LISTED:])}
