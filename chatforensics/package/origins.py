"""Where the files come from and what was done with them: exports, custody answers, replies, redactions."""

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from chatforensics.package.dossier import Dossier
from chatforensics.package.sheets import UNKNOWN, Row, Tables, as_rows, fill_tables, name_file, or_unknown
from chatforensics.report.custody import QUESTIONS, SOURCE_KINDS
from chatforensics.report.sightings import name_people, number_sources

STATUSES = {
    "pack made": "a reply pack was made, and no offer is recorded",
    "offered": "offered, no reply recorded",
    "declined": "declined to reply",
    "replied": "replied",
}
_STEPS = {"pack made": "reply pack made", "offered": "offered", "declined": "declined"}
_REACHED = {status: step for step, status in enumerate(STATUSES, 1)}
_NOT_OFFERED = "not offered"


def view_sources(dossier: Dossier) -> list[Row]:
    """Return the exports with their answers, and how many of their records are in this package."""
    tables = fill_tables(dossier.tables)
    counted = tables["messages"].group_by("source_id").agg(n_counted=pl.len())
    sources = number_sources(tables["sources"]).join(counted, on="source_id", how="left").sort("place")
    answers = {str(answer.get("source_id")): answer for answer in dossier.answers}
    return [_view_source(row, answers.get(row["source_id"], {})) for row in sources.to_dicts()]


def _view_source(row: Row, answer: Mapping[str, object]) -> Row:
    kind = or_unknown(answer.get("source_kind"))
    answered = [(words, or_unknown(answer.get(key))) for key, words in QUESTIONS.items() if key != "source_kind"]
    answered.insert(-1, ("Kind of source", SOURCE_KINDS.get(kind, kind)))
    keys: tuple[str, ...] = (
        "source",
        "source_id",
        "sha256",
        "size_bytes",
        "member",
        "platform",
        "clock_step_s",
        "n_messages",
    )
    keys += ("chat_title", "first_at", "last_at", "date_order", "date_order_verdict", "n_rejects")
    return {key: row[key] for key in keys} | {
        "file": name_file(row["path"]),
        "n_here": row.get("n_included") or row["n_counted"] or 0,
        "exported_by": or_unknown(answer.get("exported_by")),
        "kind": SOURCE_KINDS.get(kind, kind),
        "is_kind_known": kind != UNKNOWN,
        "answers": answered,
        "n_unknown": sum(words == UNKNOWN for _, words in answered),
        "minimised": answer.get("minimised"),
    }


def view_replies(dossier: Dossier, senders: Sequence[tuple[str | None, str | None]]) -> Row:
    """Return for each sender of an exhibit what was offered and answered, then the replies of others.

    A missing reply says nothing about a person: people may be advised to say nothing.

    Args:
        dossier: with the replies.
        senders: `person_id` and name as shown of those who sent an exhibit.
    """
    names = name_people(fill_tables(dossier.tables)["people"])
    entries = [*_list_entries(dossier.replies)]
    rows = [
        _view_person(person_id, names.get(person_id or "", label), entries) for person_id, label in _one_each(senders)
    ]
    taken = {id(reply) for row in rows for reply in row["given"]}
    others = [reply for reply in entries if id(reply) not in taken]
    rows += [_view_person(str(reply.get("person_id")), _label_of(reply), [reply]) for reply in others]
    return {
        "rows": rows,
        "n_texts": sum(len(row["texts"]) for row in rows),
        "n_not_offered": sum(row["is_unoffered"] for row in rows),
    }


def _list_entries(replies: Sequence[Mapping[str, object]]) -> Iterator[Mapping[str, object]]:
    """Give each thing recorded of a person by itself; some are recorded as one row with `entries`."""
    for reply in replies:
        whose = {key: reply.get(key) for key in ("person_id", "label")}
        for entry in as_rows(reply.get("entries")) or [reply]:
            yield {**entry, **whose}


def _one_each(senders: Sequence[tuple[str | None, str | None]]) -> list[tuple[str | None, str | None]]:
    first: dict[str, tuple[str | None, str | None]] = {}
    for person_id, label in senders:
        if label is not None:
            first.setdefault(person_id or label, (person_id, label))
    return list(first.values())


def _view_person(person_id: str | None, name: str | None, replies: Sequence[Mapping[str, object]]) -> Row:
    """Return the status that a person reached last, with its dates, and what was recorded before it."""
    given = [reply for reply in replies if _is_of(reply, person_id, name)]
    known = [reply for reply in given if or_unknown(reply.get("status")) not in (UNKNOWN, _NOT_OFFERED)]
    told = [_view_step(reply) for reply in known]
    status = max((step["status"] for step in told), key=lambda each: _REACHED.get(each, 0), default=_NOT_OFFERED)
    return {
        "person_id": person_id,
        "name": name or UNKNOWN,
        "given": given,
        "told": told,
        "status": STATUSES.get(status, status),
        "reached": [step for step in told if step["status"] == status],
        "earlier": [step for at, step in enumerate(told) if step["status"] != status and step not in told[:at]],
        "texts": [step for step in told if step["text"].strip()],
        "is_unoffered": all(reply.get("status") == "pack made" for reply in known),
    }


def _is_of(reply: Mapping[str, object], person_id: str | None, name: str | None) -> bool:
    if person_id is not None and reply.get("person_id") == person_id:
        return True
    return name is not None and reply.get("label") == name


def _view_step(reply: Mapping[str, object]) -> Row:
    status = or_unknown(reply.get("status"))
    return {
        "status": status,
        "words": _STEPS.get(status) or STATUSES.get(status, status),
        "text": str(reply.get("text") or ""),
        "on": reply.get("on"),
        "recorded_on": reply.get("recorded_on"),
        "how": reply.get("how"),
    }


def _label_of(reply: Mapping[str, object]) -> str:
    return or_unknown(reply.get("label") or reply.get("person_id"))


def view_redactions(rows: Sequence[Mapping[str, object]]) -> Row:
    """Return how many things were taken out in how many places, by kind and reason."""
    told: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        n_places = row.get("n_places")
        found = told.setdefault((or_unknown(row.get("kind")), or_unknown(row.get("reason"))), [])
        found.append(n_places if isinstance(n_places, int) else 1)
    listed = [
        {"kind": key[0], "reason": key[1], "n": len(told[key]), "n_places": sum(told[key])} for key in sorted(told)
    ]
    reviewers = sorted({str(row["reviewer"]) for row in rows if row.get("reviewer")})
    return {"rows": listed, "n": len(rows), "n_places": sum(map(sum, told.values())), "reviewers": reviewers}


def list_comparisons(tables: Tables) -> list[Row]:
    """Return each two exports of one chat that were compared, by their short names."""
    names = dict(number_sources(tables["sources"]).select("source_id", "source").iter_rows())
    ordered = tables["comparisons"].sort("source_a", "source_b").to_dicts()
    kept = [row for row in ordered if row["source_a"] in names and row["source_b"] in names]
    return [row | {"a": names[row["source_a"]], "b": names[row["source_b"]]} for row in kept]
