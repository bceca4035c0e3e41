"""What a record of a package says held to what was read and computed anew: field by field."""

import re
from collections.abc import Mapping
from typing import Any

from chatforensics.labelling.stated import OWN
from chatforensics.package.canonical import plain
from chatforensics.package.pseudonyms import PSEUDONYM
from chatforensics.workflow.stated import Row, Stated, as_row, as_text

CLOSE = 0.005  # of a probability: what other packages or processors may round otherwise
Found = Mapping[str, Any]
_PLACE = ("line", "byte_start", "byte_end")
_SLATE = ("stance", "step", "start", "end")


def fits(shown: object, found: object, tokens: re.Pattern[str] | None) -> bool:
    """Tell whether a text is another one of which parts were taken out: what stands between them, in its order."""
    if shown == found:
        return True
    if not isinstance(shown, str) or not isinstance(found, str) or tokens is None:
        return False
    first, *rest = tokens.split(shown)
    if not rest or not found.startswith(first):
        return False
    *middle, last = rest
    at = len(first)
    for part in middle:
        place = found.find(part, at + 1)
        if place < 0:
            return False
        at = place + len(part)
    return len(found) - len(last) > at and found.endswith(last)


def differ_in_record(record: Row, found: Found, stated: Stated) -> list[str]:
    """Return in what a record of a package is not the one in its export."""
    place, time = as_row(record.get("place")), as_row(record.get("time"))
    said = (time.get("local"), time.get("local_from"), time.get("local_to"), time.get("clock_step_s"))
    times = tuple(plain(value) for value in (found["sent_local"], *found["bounds"], found["clock_step_s"]))
    checks = {
        "place": all(place.get(name) == found[name] for name in _PLACE),
        "export": place.get("source_id") == found["source_id"],
        "local time": said == times,
        "kind": record.get("kind") == found["kind"],
        "edited": record.get("edited") is found["edited"],
        "deleted by": _is_name(record.get("deleted_by"), found["deleted_by"], stated),
        "sender": _is_name(as_row(record.get("sender")).get("label"), found["sender_label"], stated),
        "text": _is_text(record, found, stated),
        "attachment": _is_attachment(record, found, stated),
    }
    return [name for name, same in checks.items() if not same]


def _is_text(record: Row, found: Found, stated: Stated) -> bool:
    if stated.is_withheld(record):
        return found["text"] is not None
    return fits(record.get("text"), found["text"], stated.tokens_of(record))


def _is_name(shown: object, found: object, stated: Stated) -> bool:
    """Tell whether a name is the printed one; what stands in for one is not compared."""
    if isinstance(shown, str) and re.fullmatch(PSEUDONYM, shown):
        return found is not None
    return fits(shown, found, stated.all_tokens)


def _is_attachment(record: Row, found: Found, stated: Stated) -> bool:
    """Tell whether a record names the file that its message names, with the hash of the one that came along."""
    said = as_row(record.get("attachment"))
    printed = said.get("printed")
    if found["attachment"] is not None and not fits(printed, found["attachment"], stated.all_tokens):
        return False
    if found["attachment"] is None and printed is not None:
        return False
    rows = said.get("files")
    shown = {as_text(as_row(row).get("sha256")) for row in rows} - {""} if isinstance(rows, list) else set()
    known = {row["sha256"] for row in found["files"]}
    return shown <= known or None in known  # the file may not have been given along


def differ_in_labels(record: Row, found: Found, stated: Stated) -> list[str]:
    """Return in which labels a record is not as computed: decision, probability, and the words in a whole text."""
    shown, here = _by_label(record.get("labels")), _by_label(found["labels"])
    if shown is None or here is None:
        return ["labels"]
    names = sorted(shown.keys() ^ here.keys())
    whole, told = record.get("text") == found["text"], stated.all_tokens is None
    names += [
        name for name in shown.keys() & here.keys() if not _is_label(shown[name], here[name], whole=whole, told=told)
    ]
    return [f"label {name}" for name in sorted(names) if name in here] + ["a label"] * any(n not in here for n in names)


def _by_label(rows: object) -> dict[str, Row] | None:
    listed = [as_row(row) for row in rows] if isinstance(rows, list) else []
    told = {as_text(row.get("label")): row for row in listed}
    return told if isinstance(rows, list) and len(told) == len(rows) else None


def _is_label(shown: Row, found: Found, *, whole: bool, told: bool) -> bool:
    """Tell whether a label is as computed; an explanation quotes, and is compared where nothing was taken out."""
    given, computed = shown.get("probability"), found["probability"]
    near = isinstance(given, int | float) and abs(given - computed) <= CLOSE
    spans = not whole or shown.get("spans") == plain(found["spans"])
    why = not told or _ends_alike(shown.get("explanation"), found["explanation"])
    return near and spans and why and shown.get("decision") == found["decision"]


def _ends_alike(shown: object, found: object) -> bool:
    """Tell whether explanations are the same, but for what somebody stated in front of the program's own."""
    if isinstance(shown, str) and isinstance(found, str) and found.startswith(OWN):
        return shown.endswith(found)
    return shown == found


def differ_in_slates(record: Row, found: Found, stated: Stated) -> bool | None:
    """Tell whether the names of a slate are others than those computed; None where words were taken out."""
    if record.get("text") != found["text"]:
        return None
    shown, here = record.get("slates"), found["slates"]
    if not isinstance(shown, list) or len(shown) != len(here):
        return True
    return not all(_is_slate(as_row(one), other, stated) for one, other in zip(shown, here, strict=True))


def _is_slate(shown: Row, found: Found, stated: Stated) -> bool:
    same = all(shown.get(name) == found[name] for name in _SLATE)
    return same and all(fits(shown.get(name), found[name], stated.all_tokens) for name in ("name", "contest"))
