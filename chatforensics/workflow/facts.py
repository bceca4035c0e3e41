"""What the page needs of a finished analysis to show exports and people, and to say later what a correction changed."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from chatforensics.schema import SLATE_LABEL
from chatforensics.tables import scan

if TYPE_CHECKING:
    from chatforensics.workflow.run import Outcome

Facts = dict[str, Any]  # plain JSON
Tables = Mapping[str, pl.DataFrame]
MADE = "made the export"  # how the basis of a join begins that says whose phone it was
_IDLE = re.compile(r"Correction (\d+) has no effect\b")
_SPANS = 20  # unread stretches of one export that are listed
_OF_SOURCES = (
    "source_id", "source", "path", "platform", "header_format", "date_order", "date_order_verdict",
    "date_order_evidence", "clock_step_s", "timezone", "utc_offset_s", "chat_id", "chat", "custodian_id", "n_messages",
    "n_rejects", "n_doubtful", "phone",
)  # fmt: skip


def gather_facts(outcome: "Outcome", *, used: Sequence[int]) -> Facts:
    """Return the facts of one analysis as plain JSON: exports, people, what was decided of messages, and its counts.

    They say what the tables say and no more; nothing in them is a finding of its own.

    Args:
        outcome: The finished analysis.
        used: The numbers of the corrections that it used.
    """
    tables = outcome.tables
    return {
        "summary": dict(outcome.summary),
        "used": sorted(used),
        "sources": _gather_sources(tables),
        "people": _gather_people(tables),
        "namesakes": tables["namesakes"].sort("person_a", "person_b").drop("source_ids").rows(),
        "decisions": _gather_decisions(tables),
        "failures": [dict(failure) for failure in outcome.failures],
        "idle": _gather_idle(outcome.warnings),
    }


def _gather_idle(warnings: Sequence[str]) -> dict[str, str]:
    """Return what is told of each correction that changed nothing, by its number."""
    return {found[1]: words for words in warnings if (found := _IDLE.match(words))}


def _gather_sources(tables: Tables) -> dict[str, Facts]:
    from chatforensics.report.sightings import number_sources, print_times

    sources, chats = number_sources(tables["sources"]), tables["chats"].select("chat_id", "title").unique("chat_id")
    local = (
        scan(tables, "messages")
        .group_by("source_id")
        .agg(first=pl.col("sent_local").min(), last=pl.col("sent_local").max())
        .collect()
    )
    rows = (
        sources.join(chats, on="chat_id", how="left")
        .join(local, on="source_id", how="left")
        .with_columns(
            _name_phone(sources),
            chat=pl.coalesce("chat_title", "title"),
            first=print_times("first"),
            last=print_times("last"),
        )
        .sort("place")
    )
    clocks, spans, made = _gather_clocks(tables), _gather_rejects(tables), _gather_makers(tables)
    return {
        row["source_id"]: {
            **{name: row[name] for name in (*_OF_SOURCES, "first", "last")},
            "clock": clocks.get(row["source_id"], []),
            "unread": spans.get(row["source_id"], []),
            "custodian_basis": made.get(str(row["custodian_id"]), []),
        }
        for row in rows.to_dicts()
    }


def _name_phone(sources: pl.DataFrame) -> pl.Expr:
    """Return what keeps phones apart: the folder as received; an export without one counts as a phone of its own."""
    return (pl.coalesce("folder", "path") if "folder" in sources.columns else pl.col("path")).alias("phone")


def _gather_clocks(tables: Tables) -> dict[str, list[str]]:
    rows = tables["clocks"].drop_nulls("basis").sort("source_id", "from_local").select("source_id", "basis").rows()
    return _group(dict.fromkeys(rows))


def _gather_rejects(tables: Tables) -> dict[str, list[Any]]:
    rejects = tables["rejects"].sort("source_id", "byte_start").group_by("source_id", maintain_order=True).head(_SPANS)
    rows = rejects.select("source_id", "line", "byte_start", "byte_end", "reason").rows()
    return _group((row[0], row[1:]) for row in rows)


def _gather_makers(tables: Tables) -> dict[str, list[str]]:
    """Return on what basis each person was taken to have made an export."""
    told = tables["joins"].filter(pl.col("basis").str.starts_with(MADE)).sort("person_id", "source_a", "basis")
    return _group(dict.fromkeys(told.select("person_id", "basis").rows()))


def _group(rows: Iterable[tuple[Any, Any]]) -> dict[str, list[Any]]:
    grouped: dict[str, list[Any]] = {}
    for key, value in rows:
        grouped.setdefault(key, []).append(value)
    return grouped


def _gather_people(tables: Tables) -> list[Facts]:
    """Return the people by id: printed names with the exports that print each, what joined them, and their messages."""
    from chatforensics.report.replies import find_named

    own = scan(tables, "messages").filter(pl.col("kind") != "system")
    one = pl.coalesce("canonical_id", "message_id")
    counted = own.drop_nulls("person_id").group_by("person_id").agg(one.n_unique())
    counts = dict(counted.collect().iter_rows())
    places, joins, named = _gather_places(own, tables), _gather_joins(tables), set(find_named(tables))
    rows = tables["people"].sort("person_id").select("person_id", "pseudonym", "labels", "basis", "source_ids")
    return [
        {
            **row,
            "labels": row["labels"] or [],
            "source_ids": row["source_ids"] or [],
            "n_messages": counts.get(row["person_id"], 0),
            "places": places.get(row["person_id"], []),
            "joins": joins.get(row["person_id"], []),
            "is_named": row["person_id"] in named,
        }
        for row in rows.to_dicts()
    ]


def _gather_places(own: pl.LazyFrame, tables: Tables) -> dict[str, list[tuple[str, str]]]:
    """Return for each person every label with an export that prints it, by which a correction can name it."""
    from chatforensics.joining.records import plain_label

    joins, person, source = tables["joins"], pl.col("person_id"), pl.col("source_id")
    named = own.drop_nulls(["person_id", "sender_label"]).select("person_id", "sender_label", "source_id")
    sent = named.unique().collect()
    seen = [
        sent.select(person, source, label=plain_label(pl.col("sender_label"))),
        joins.select(person, source_id="source_a", label="label_a"),
        joins.select(person, source_id="source_b", label="label_b"),
    ]
    rows = pl.concat(seen).unique().select("person_id", "label", "source_id").sort(pl.all())
    return _group((row[0], (row[1], row[2])) for row in rows.rows())


def _gather_joins(tables: Tables) -> dict[str, list[Any]]:
    columns = ("person_id", "label_a", "source_a", "label_b", "source_b", "basis", "n", "n_against")
    rows = tables["joins"].sort("person_id", "label_a", "source_a", "label_b", "source_b").select(*columns).rows()
    return _group((row[0], row[1:]) for row in rows)


def _gather_decisions(tables: Tables) -> dict[str, str]:
    """Return of each message that was flagged or is to be read which of the two it is; of all others nothing was."""
    chosen = (pl.col("label") == SLATE_LABEL) & pl.col("decision").is_in(["flag", "review"])
    rows = tables["labels"].filter(chosen).sort("message_id").select("message_id", "decision").rows()
    return {str(message_id): decision for message_id, decision in rows}
