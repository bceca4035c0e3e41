"""Exports whose dates may be read in another order: read so, and the case joined again from there."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import polars as pl

from chatforensics.intake import read_export
from chatforensics.parsing import Parsed
from chatforensics.schema import Pictures, Sources
from chatforensics.workflow.corrected import correct_labels
from chatforensics.workflow.gathered import gather_parsed, put_together
from chatforensics.workflow.inputs import Intake
from chatforensics.workflow.joined import join_stated
from chatforensics.workflow.orders import list_rivals
from chatforensics.workflow.otherwise import Reread
from chatforensics.workflow.pictures import add_picture_texts
from chatforensics.workflow.run import Settings, Tables
from chatforensics.workflow.single import Declared, parse_received


def list_rereads(intake: Intake, pictures: Pictures, settings: Settings) -> list[Reread]:
    """Return each export of which nothing decides the order of dates, with every other order it allows."""
    return list(_list_rereads(intake, pictures, settings))


def _list_rereads(intake: Intake, pictures: Pictures, settings: Settings) -> Iterator[Reread]:
    exports = intake.all()
    sources = exports.tables["sources"].filter(pl.col("date_order_verdict") == "ambiguous").sort("path")
    for source in (Sources(sources[place]) for place in range(sources.height)):
        for order in list_rivals(source):
            run = partial(_join_otherwise, intake, source, order, pictures=pictures, settings=settings)
            yield Reread(str(source["path"][0]), order, run)


def _join_otherwise(intake: Intake, source: Sources, order: str, *, pictures: Pictures, settings: Settings) -> Tables:
    """Return the tables up to families of the case with one export's dates read in another order.

    Raises:
        UnknownExportFormat: the export cannot be read so.
    """
    from chatforensics.families import build_families
    from chatforensics.labelling import label_messages

    other = gather_parsed([_read_again(intake, source, order)])
    joined, _ = join_stated(put_together([intake.all().without([source["source_id"][0]]), other]), settings)
    own = label_messages(joined.messages, pictures)
    labels, _ = correct_labels(own, joined.messages, joined.sources, pictures, settings.corrections)
    return {
        "sources": joined.sources,
        "messages": joined.messages,
        "memberships": joined.memberships,
        "people": joined.people,
        "namesakes": joined.namesakes,
        "pictures": pictures,
        "labels": labels,
        "families": build_families(add_picture_texts(joined.messages, pictures), labels),
    }


def _read_again(intake: Intake, source: Sources, order: str) -> Parsed:
    row = source.row(0, named=True)
    chat = read_export(intake.exports[row["source_id"]])
    stated = replace(intake.read_as.get(row["path"], Declared()), dates=order)
    again = parse_received(chat, stated)
    told = source.select(pl.col("declared_custodian", "declared_chat"))
    return replace(again, sources=Sources(again.sources.with_columns(told)))
