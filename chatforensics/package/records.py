"""The records of a package as files: one line of canonical JSON each, a sheet for spreadsheets, and every table."""

import csv
import hashlib
import io
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import polars as pl

from chatforensics.package.canonical import canonical, encode_rows, plain
from chatforensics.package.choosing import find_copies
from chatforensics.package.dossier import Dossier
from chatforensics.package.recordsheet import as_sheet
from chatforensics.storage import encode_json
from chatforensics.tablefiles import encode_table, guard

Row = dict[str, object]
NO_CLOCK = "no stretch of the table clocks covers this time"
_START = "0" * 64
_MINUTE_S, _DAY_S = 60, 86_400


def write_records(dossier: Dossier) -> dict[str, bytes]:
    """Return the messages, the tables, the run record, custody and the list of redactions as files of a package."""
    records = list(list_records(dossier))
    return {
        "messages.jsonl": "".join(f"{canonical(record)}\n" for record in records).encode(),
        "messages.csv": encode_table(as_sheet(records), kind="csv"),
        **_write_tables(dossier),
        "run.json": encode_json(_as_mapping(plain(dossier.run))),
        **_write_custody(dossier),
        **_write_replies(dossier),
        "redactions.csv": _write_redactions(dossier.redactions),
    }


def list_records(dossier: Dossier) -> Iterator[Row]:
    """Yield every record of the package in the order of exports and places, with all that is known of it.

    `role` says whether it was ticked, is a copy of a ticked one in another export, or stands beside one (context). A
    time is what a phone printed: it lies between `local_from` and `local_to`, and in what order records of one minute
    were sent only their order in the file tells.
    """
    tables = dossier.tables
    look = _Lookup(dossier, find_copies(dossier))
    messages = tables["messages"].join(tables["sources"].select("source_id", "path"), on="source_id", how="left")
    for row in messages.sort("path", "source_id", "byte_start", nulls_last=True).iter_rows(named=True):
        yield look.describe(row)


class _Lookup:
    """The tables of a package by what their rows are of; a class, as one message needs a dozen of them."""

    def __init__(self, dossier: Dossier, copies: frozenset[int]) -> None:
        tables = dossier.tables
        self.ticked, self.copies = frozenset(dossier.ticked), copies
        self.sources = _first(tables["sources"], "source_id")
        self.chats = _first(tables["chats"], "chat_id")
        self.people = _first(tables["people"], "person_id")
        self.told = _first(tables["corroboration"], "canonical_id")
        self.clocks = _group(tables["clocks"].sort("from_local", nulls_last=False), "source_id")
        self.redacted = _group_redactions(dossier.redactions)
        names = ("labels", "slates", "attachments", "pictures", "events", "polls", "places", "calls", "references")
        self.beside = {name: _group(tables[name], "message_id") for name in names}
        self.same = defaultdict[object, list[int]](list)
        for one, canonical_id in tables["messages"].select("message_id", "canonical_id").sort("message_id").iter_rows():
            self.same[canonical_id].append(one)

    def describe(self, row: Row) -> Row:
        """Return one record with its place, its time, its sender, its words, and what was computed of it."""
        number = row["message_id"]
        chat, person = self.chats.get(row["chat_id"], {}), self.people.get(row["person_id"], {})
        return {
            "message_id": number,
            "role": "ticked" if number in self.ticked else "copy" if number in self.copies else "context",
            "copies": [one for one in self.same[row["canonical_id"]] if one != number],
            "canonical_id": row["canonical_id"],
            "group_id": row["group_id"],
            "place": self._place(row),
            "time": self._time(row),
            "chat": {"chat_id": row["chat_id"], "title": chat.get("title"), "kind": chat.get("kind")},
            "sender": {
                "label": row["sender_label"],
                "person_id": row["person_id"],
                "pseudonym": person.get("pseudonym"),
            },
            "kind": row["kind"],
            "text": row["text"],
            "edited": row["edited"],
            "deleted_by": row["deleted_by"],
            "attachment": self._attachment(row),
            "beside": {name: rows for name in _BESIDE if (rows := self._beside(name, number))},
            "labels": self._beside("labels", number),
            "slates": self._beside("slates", number),
            "corroboration": self._corroboration(row),
            "redactions": self.redacted.get(number, []),
        }

    def _place(self, row: Row) -> Row:
        source = self.sources.get(row["source_id"], {})
        return {
            "source_id": row["source_id"],
            "sha256": source.get("sha256"),
            "path": source.get("path"),
            "member": source.get("member"),
            **{name: row[name] for name in ("line", "byte_start", "byte_end")},
        }

    def _time(self, row: Row) -> Row:
        """Return the time as printed, between which times it lies, and in UTC with what that rests on."""
        local, step = row["sent_local"], self.sources.get(row["source_id"], {}).get("clock_step_s")
        first, last = bound_time(local, step_s=step) if isinstance(local, datetime) else (None, None)
        clock = _find_clock(self.clocks.get(row["source_id"], []), local)
        return {
            "local": local,
            "local_from": first,
            "local_to": last,
            "clock_step_s": step,
            "utc": row["sent_at"],
            "utc_basis": clock.get("basis", NO_CLOCK),
            "utc_offset_s": clock.get("utc_offset_s"),
            "utc_uncertainty_s": clock.get("uncertainty_s"),
            "dst": row["dst"],
        }

    def _attachment(self, row: Row) -> Row | None:
        """Return the file that the message names, with the hash of the one that came along, if it did."""
        found = self._beside("attachments", row["message_id"])
        if row["attachment"] is None and not found:
            return None
        return {"printed": row["attachment"], "files": found}

    def _corroboration(self, row: Row) -> Row:
        names = ("status", "conflicts", "n_sources", "n_independent", "source_ids", "lacking", "detail")
        told = self.told.get(row["canonical_id"], {})
        return {name: told.get(name) for name in names}

    def _beside(self, name: str, number: object) -> list[Row]:
        return [
            {column: value for column, value in row.items() if column not in ("message_id", "source_id")}
            for row in self.beside[name].get(number, [])
        ]


_BESIDE = ("events", "polls", "places", "calls", "references", "pictures")


def bound_time(local: datetime, *, step_s: object) -> tuple[datetime, datetime]:
    """Return the first and the last second between which a printed time lies: a minute's clock leaves 60 s open."""
    step = step_s if isinstance(step_s, int) and step_s > 0 else 1
    first = local.replace(microsecond=0)
    if step >= _MINUTE_S:
        first = first.replace(second=0)
    if step >= _DAY_S:
        first = first.replace(hour=0, minute=0)
    return first, first + timedelta(seconds=step - 1)


def _find_clock(stretches: Sequence[Row], local: object) -> Row:
    """Return the stretch of an export's clock that a time lies in; both of its ends belong to it."""
    if not isinstance(local, datetime):
        return {}
    for row in stretches:
        begins, ends = row["from_local"], row["to_local"]
        after = not isinstance(begins, datetime) or begins <= local
        if after and (not isinstance(ends, datetime) or local <= ends):
            return row
    return {}


def _write_tables(dossier: Dossier) -> dict[str, bytes]:
    """Return each table that has rows, as JSON lines and as CSV; run.json says of all how many rows they have."""
    files = {}
    for name, frame in sorted(dossier.tables.items()):
        if frame.height:
            files[f"tables/{name}.jsonl"] = encode_rows(frame)
            files[f"tables/{name}.csv"] = encode_table(frame, kind="csv")
    return files


def _write_custody(dossier: Dossier) -> dict[str, bytes]:
    last = hashlib.sha256(dossier.log[-1].encode()).hexdigest() if dossier.log else _START
    n, last = dossier.head or (len(dossier.log), last)
    log = {} if dossier.head else {"custody/log.jsonl": "".join(f"{line}\n" for line in dossier.log).encode()}
    return {
        "custody/answers.json": encode_json({"answers": plain(dossier.answers), "replies": plain(dossier.replies)}),
        **log,
        "custody/head.json": f"{canonical({'entries': n, 'sha256': last})}\n".encode(),
    }


def _write_replies(dossier: Dossier) -> dict[str, bytes]:
    """Return each reply in its own words, in a file named by the pseudonym of whoever it is of."""
    names = dict(dossier.tables["people"].select("person_id", "pseudonym").iter_rows())
    files: dict[str, bytes] = {}
    for reply in dossier.replies:
        if reply.get("text"):
            name = names.get(reply.get("person_id")) or "unknown"
            number = sum(each.startswith(f"replies/{name}-") for each in files) + 1
            told = [f"{key}: {reply.get(key) or 'unknown'}" for key in ("status", "on", "how")]
            words = "\n".join([f"person: {name}", *told, "", str(reply["text"])])
            files[f"replies/{name}-{number}.txt"] = f"{words}\n".encode("utf-8", "replace")
    return files


def _write_redactions(redactions: Sequence[Mapping[str, object]]) -> bytes:
    """Return the list of what was taken out as CSV; the columns are in the order of the first row."""
    columns = list(dict.fromkeys(name for row in redactions for name in row)) or ["number"]
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writerow(columns)
    for row in redactions:
        writer.writerow([_cell(row.get(name)) for name in columns])
    return buffer.getvalue().encode()


def _cell(value: object) -> object:
    if value is None or isinstance(value, int | float):
        return "" if value is None else value
    return guard(value if isinstance(value, str) else canonical(value))


def _group_redactions(redactions: Sequence[Mapping[str, object]]) -> dict[object, list[object]]:
    """Return the numbers of the redactions in each message."""
    grouped: dict[object, list[object]] = {}
    for row in redactions:
        ids = row.get("message_ids")
        for message_id in ids if isinstance(ids, list | tuple) else ():
            grouped.setdefault(message_id, []).append(row.get("number"))
    return grouped


def _first(frame: pl.DataFrame, key: str) -> dict[object, Row]:
    return {row[key]: row for row in reversed(sort_lists(frame))}


def _group(frame: pl.DataFrame, key: str) -> dict[object, list[Row]]:
    grouped: dict[object, list[Row]] = {}
    for row in sort_lists(frame):
        grouped.setdefault(row[key], []).append(row)
    return grouped


def sort_lists(frame: pl.DataFrame) -> list[Row]:
    """Return the rows of a table, numbers of single precision in their shortest form."""
    narrow = [name for name, dtype in frame.schema.items() if dtype == pl.Float32]
    return frame.with_columns(pl.col(name).cast(pl.String).cast(pl.Float64) for name in narrow).to_dicts()


def _as_mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
