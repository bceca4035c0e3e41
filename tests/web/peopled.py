"""A case at a desk as an analysis leaves it, without the time that one takes: what the pages of people read."""

import json
from pathlib import Path
from typing import Any

import polars as pl
from casefile.cases import a_file
from report.invented import SLATE, a_table, tiny_case
from web.desking import BY, Sat, sit_down

from chatforensics.casefile import list_originals
from chatforensics.casefile.desk import desk_folder
from chatforensics.package.sheets import fill_tables
from chatforensics.storage import encode_json
from chatforensics.workflow.adding import add_exports
from chatforensics.workflow.effects import NOW, read_facts
from chatforensics.workflow.facts import Facts, gather_facts
from chatforensics.workflow.run import Outcome

JOINED = {"person_id": "person-Chioma", "basis": "aligned messages", "n": 5, "n_against": 1}


def some_tables() -> dict[str, pl.DataFrame]:
    """Return three exports of two chats, three people, one of them joined from two labels, and a pair of namesakes."""
    joined = JOINED | {"source_a": "source-1", "label_a": "Chioma", "source_b": "source-2", "label_b": "Auntie C"}
    made = {
        "person_id": "person-Wiktor", "source_a": "source-3", "label_a": "You", "source_b": "source-3",
        "label_b": "Wiktor", "basis": "made the export: the only one who posts", "n": 1, "n_against": 0,
    }  # fmt: skip
    alike = {
        "person_a": "person-Ifeoma", "person_b": "person-Wiktor", "name": "wiktor", "n_alike": 2, "source_ids": [],
    }  # fmt: skip
    reject = {"source_id": "source-2", "line": 9, "byte_start": 800, "byte_end": 900, "reason": "no header"}
    tables = {**tiny_case(), "joins": a_table("joins", [joined, made]), "namesakes": a_table("namesakes", [alike])}
    sources = tables["sources"].with_columns(
        custodian_id=pl.when(pl.col("source_id") == "source-3").then(pl.lit("person-Wiktor")),
        n_rejects=pl.when(pl.col("source_id") == "source-2")
        .then(1)
        .otherwise(0)
        .cast(tables["sources"]["n_rejects"].dtype),
    )
    return dict(fill_tables({**tables, "sources": sources, "rejects": a_table("rejects", [reject])}))


def an_outcome(**summary: object) -> Outcome:
    """Return what an analysis of them found."""
    counts = {"n_people": 3, "n_flagged": 3, "n_indicators": {"info": 1}, "warnings": [], **summary}
    return Outcome(some_tables(), counts, [], [])


def sit_with_people(folder: Path) -> Sat:
    """Open a case with three exports at a desk, as if it had been analysed."""
    sat = sit_down(folder / "case")
    for number in (1, 2, 3):
        words = f"03/03/2031, 19:4{number} - Chioma: {SLATE}\n".encode()
        a_file(folder / "in" / f"phone-{number}", words, "WhatsApp Chat with Ward talk.txt")
    add_exports(sat.case, [folder / "in"], by=BY)
    write_facts(sat, gather_facts(an_outcome(), used=[]))
    return sat


def write_facts(sat: Sat, facts: Facts, name: str = NOW) -> None:
    """Put facts where the pages look for them, about the exports that are in the case."""
    told = encode_json(facts).decode()
    for number, original in enumerate(list_originals(sat.case), start=1):
        told = told.replace(f'"source-{number}"', json.dumps(original.source_id))
    (desk_folder(sat.case) / name).write_text(told, encoding="utf-8")


def facts_of(sat: Sat) -> dict[str, Any]:
    """Return what the pages read."""
    facts = read_facts(sat.case)
    assert facts is not None
    return facts
