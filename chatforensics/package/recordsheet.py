"""The records of a package as a sheet for spreadsheets: one row each, what is a list in JSON in words."""

from collections.abc import Callable, Mapping, Sequence

import polars as pl

from chatforensics.package.canonical import plain
from chatforensics.schema import DataType

Row = Mapping[str, object]
_Tell = Callable[[Row], object]


def as_sheet(records: Sequence[Row]) -> pl.DataFrame:
    """Return the records in columns: what is a list in JSON is words here."""
    rows = [{name: plain(tell(record)) for name, (tell, _) in _COLUMNS.items()} for record in records]
    return pl.DataFrame(rows, schema={name: dtype for name, (_, dtype) in _COLUMNS.items()})


def _at(*path: str) -> _Tell:
    def get(record: Row) -> object:
        value: object = record
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) else None
        return value

    return get


def _joined(path: tuple[str, ...], tell: Callable[[Row], str] = str) -> _Tell:
    def join(record: Row) -> object:
        found = _at(*path)(record)
        return "; ".join(tell(each) for each in found) if isinstance(found, list) and found else None

    return join


def _tell_label(row: Row) -> str:
    return f"{row['label']} {row['decision']} {row['probability']}"


def _tell_slate(row: Row) -> str:
    return f"{row['stance']} {row['name']}" + (f" ({row['contest']})" if row["contest"] else "")


def _tell_file(row: Row) -> str:
    return f"{row['status']} {row['sha256'] or 'not read'}"


_COLUMNS: Mapping[str, tuple[_Tell, DataType]] = {
    "message_id": (_at("message_id"), pl.Int64),
    "role": (_at("role"), pl.String),
    "chat": (_at("chat", "title"), pl.String),
    "source_id": (_at("place", "source_id"), pl.String),
    "source_sha256": (_at("place", "sha256"), pl.String),
    "member": (_at("place", "member"), pl.String),
    "line": (_at("place", "line"), pl.Int64),
    "byte_start": (_at("place", "byte_start"), pl.Int64),
    "byte_end": (_at("place", "byte_end"), pl.Int64),
    "local": (_at("time", "local"), pl.String),
    "local_from": (_at("time", "local_from"), pl.String),
    "local_to": (_at("time", "local_to"), pl.String),
    "utc": (_at("time", "utc"), pl.String),
    "utc_basis": (_at("time", "utc_basis"), pl.String),
    "utc_uncertainty_s": (_at("time", "utc_uncertainty_s"), pl.Int64),
    "sender": (_at("sender", "label"), pl.String),
    "person_id": (_at("sender", "person_id"), pl.String),
    "pseudonym": (_at("sender", "pseudonym"), pl.String),
    "kind": (_at("kind"), pl.String),
    "text": (_at("text"), pl.String),
    "edited": (_at("edited"), pl.Boolean),
    "attachment": (_at("attachment", "printed"), pl.String),
    "attachment_files": (_joined(("attachment", "files"), _tell_file), pl.String),
    "labels": (_joined(("labels",), _tell_label), pl.String),
    "slates": (_joined(("slates",), _tell_slate), pl.String),
    "status": (_at("corroboration", "status"), pl.String),
    "seen_in": (_joined(("corroboration", "source_ids")), pl.String),
    "lacking_in": (_joined(("corroboration", "lacking")), pl.String),
    "copies": (_joined(("copies",)), pl.String),
    "redactions": (_joined(("redactions",)), pl.String),
}
