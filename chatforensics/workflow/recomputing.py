"""The exports of a package read and labelled anew, in a place of its own that is removed afterwards."""

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from chatforensics.casefile import By, Fresh
from chatforensics.errors import UsageError
from chatforensics.package.choosing import find_kept
from chatforensics.package.records import bound_time, sort_lists
from chatforensics.schema import Messages, Pictures
from chatforensics.workflow.casework import read_case
from chatforensics.workflow.clock import now
from chatforensics.workflow.inputs import Intake
from chatforensics.workflow.joined import join_parsed
from chatforensics.workflow.packing import case_of_exports
from chatforensics.workflow.pictures import describe_pictures, read_pictures
from chatforensics.workflow.run import Report, Settings
from chatforensics.workflow.stated import Row, Stated, as_row, as_text, is_int
from chatforensics.workflow.written import Written
from chatforensics.zones import check_zone

_ORDERS = ("dmy", "mdy", "ymd")
_LONGEST_NAME = 200
Found = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Again:
    """What was read and computed anew.

    `records` by id, with `labels`, `slates` and `files` of each; `orders` has the order of the dates of each export;
    `failures` why exports could not be read; `groups` the groups of messages with pictures whose words cannot be read
    as they were; `expected` the ids that belong into the package.
    """

    records: Mapping[int, Found]
    orders: Mapping[str, str]
    failures: tuple[str, ...]
    groups: frozenset[str]
    expected: frozenset[int]


def compute_again(stated: Stated, exports: Mapping[str, Path], report: Report) -> Again:
    """Read the exports and label their messages, as the package says that it was done.

    Raises:
        ChatForensicsError: they cannot be read, or what the package says of the reading cannot be.
    """
    settings = _settings_of(stated, exports)
    key, by = secrets.token_bytes(32), By("verify", now())
    with case_of_exports(list(exports.values()), key=key, title="verify", by=by) as (case, adding):
        intake = read_case(case, settings, Fresh(), report)
        return _compute(stated, intake, settings, adding.failures, report)


def _compute(stated: Stated, intake: Intake, settings: Settings, failures: Sequence[str], report: Report) -> Again:
    from chatforensics.labelling import decide_as_stated, extract_slates, label_messages

    pictures = Pictures(read_pictures(intake, settings, report).tables["pictures"])
    exports = intake.all()
    messages = join_parsed(exports, timezone=settings.timezone).messages
    decisions = stated.decisions
    labels = decide_as_stated(label_messages(messages, pictures), messages, decisions, pictures)
    slates = extract_slates(messages, labels, pictures)
    report("labelling", 1, 1)
    attachments = exports.tables["attachments"]
    sources = exports.tables["sources"].to_dicts()
    beside = {"labels": labels, "slates": slates, "files": attachments.filter(pl.col("message_id").is_not_null())}
    return Again(
        records=_gather(messages, beside, steps={row["source_id"]: row["clock_step_s"] for row in sources}),
        orders={row["source_id"]: row["date_order"] for row in sources},
        failures=(*failures, *(failure["reason"] for failure in intake.failures)),
        groups=_find_unlike(stated, messages, pictures, settings),
        expected=_expect(stated, messages),
    )


def _gather(messages: Messages, beside: Mapping[str, pl.DataFrame], *, steps: Mapping[str, int]) -> dict[int, Found]:
    """Return the records by their ids, each with what was computed of it."""
    found: dict[int, Found] = {}
    for row in messages.iter_rows(named=True):
        bounds = bound_time(row["sent_local"], step_s=steps[row["source_id"]])
        empty: Found = {name: [] for name in beside}
        found[row["message_id"]] = row | empty | {"bounds": bounds, "clock_step_s": steps[row["source_id"]]}
    for name, frame in beside.items():
        for row in sort_lists(frame):
            found[int(str(row.pop("message_id")))][name].append(row)
    return found


def _find_unlike(stated: Stated, messages: Messages, pictures: Pictures, settings: Settings) -> frozenset[str]:
    """Return the groups with a picture that was not given along, or that another reader read."""
    there = describe_pictures(pictures, n_media=0, settings=settings)
    said = as_row(stated.run.get("pictures"))
    alike = all(said.get(name) == there[name] for name in ("chosen", "reader", "languages"))
    unread = pictures.filter(pl.col("sha256").is_null()) if alike else pictures
    near = messages.join(unread.select("message_id"), on="message_id", how="semi")
    return frozenset(near["group_id"].drop_nulls())


def _expect(stated: Stated, messages: Messages) -> frozenset[int]:
    """Return which records belong into the package: those ticked, their copies, and those around them."""
    told = {int(str(x["message_id"])) for x in stated.records if x.get("role") in ("ticked", "copy")}
    centres = sorted(told & set(messages["message_id"]))  # others may be too large for a column
    context = int(str(as_row(stated.run.get("package"))["context"]))
    alone = messages.with_columns(canonical_id=pl.col("message_id"))
    return find_kept(alone, centres, context=context).included


def _settings_of(stated: Stated, exports: Mapping[str, Path]) -> Settings:
    """Return the settings of the run that a package records.

    Raises:
        UsageError: they are none that a run can have.
    """
    parameters = as_row(stated.run.get("parameters"))
    zone, chosen = parameters.get("timezone"), parameters.get("pictures")
    if not isinstance(zone, str) or chosen not in ("all", "none"):
        raise UsageError("data/run.json does not say in which zone and with which pictures it was computed.")
    told = "".join(_declare(name, stated.sources[name]) for name in sorted(exports))
    declare = Written("data/tables/sources.jsonl", told.encode("utf-8", "replace")) if told else None
    return Settings(timezone=check_zone(zone, where="data/run.json: "), declare=declare, pictures=str(chosen))


def _declare(source_id: str, row: Row) -> str:
    """Return what was declared of an export: where the order of dates was not, it is found again from its dates."""
    told: list[str] = []
    order, zone, chat, first = (row.get(name) for name in ("date_order", "timezone", "declared_chat", "first_at"))
    is_declared = row.get("date_order_verdict") == "declared"
    if is_declared and order in _ORDERS:
        told.append(f'dates = "{order}"')
    if isinstance(zone, str) and zone:
        told.append(f'timezone = "{check_zone(zone, where="data/tables/sources.jsonl: ")}"')
    if isinstance(chat, str) and 0 < len(chat) <= _LONGEST_NAME:
        told.append(f"chat = {json.dumps(chat, ensure_ascii=False)}")
    is_bare = as_text(row.get("date_order_evidence")).startswith("no year is printed")
    if is_declared and is_bare and isinstance(first, str) and re.match("[0-9]{4}-", first):
        told.append(f"year = {first[:4]}")
    return "\n".join([f"[{source_id}]", *told, ""]) if told else ""


def count_exports(stated: Stated) -> int | None:
    """Return how many exports the case had of which the package is a part, as it says."""
    told = as_row(stated.run.get("package")).get("n_exports_of_case")
    return int(str(told)) if is_int(told) else None
