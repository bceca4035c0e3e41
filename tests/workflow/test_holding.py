"""What is packed is held to the originals: a kept table that was changed with its hash does not become evidence."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from casefile.cases import BY, a_case, a_file
from workflow.case_runs import a_filled_case, analyse

from chatforensics.casefile import Case, list_originals
from chatforensics.casefile.stored import hash_file
from chatforensics.errors import CaseError
from chatforensics.package.dossier import Dossier
from chatforensics.workflow import Settings
from chatforensics.workflow.adding import add_exports
from chatforensics.workflow.casework import load_outcome
from chatforensics.workflow.holding import hold_records
from chatforensics.workflow.packing import choose, pack_case
from chatforensics.workflow.wanted import Order, To


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Case:
    case = a_filled_case(tmp_path_factory.mktemp("case"))
    analyse(case)
    return case


@pytest.fixture(scope="module")
def whole(done: Case) -> Dossier:
    """What a package with one message of each export and two records around it would say."""
    outcome = load_outcome(done)
    ids = outcome.tables["messages"].filter(pl.col("text").str.contains("vote for"))["message_id"]
    return choose(done, outcome, Order(tuple(ids), 1), by=BY)


def altered(dossier: Dossier, table: str, change: Callable[[pl.DataFrame], pl.DataFrame]) -> Dossier:
    return replace(dossier, tables={**dossier.tables, table: change(dossier.tables[table])})


def test_what_the_originals_say_is_let_through(done: Case, whole: Dossier) -> None:
    assert whole.tables["messages"].height > 3
    hold_records(done, whole)
    hold_records(done, whole, Settings())


CHANGES = {
    "text": pl.lit("vote for Luca"),
    "sender_label": pl.lit("Yasmin"),
    "kind": pl.lit("deleted"),
    "sent_local": pl.lit(datetime(2031, 1, 20, 9, 0)),
    "byte_start": pl.col("byte_start") + 1,
    "source_id": pl.col("source_id").reverse(),
    "attachment": pl.lit("IMG-20310115-WA0001.jpg"),
    "edited": ~pl.col("edited"),
    "deleted_by": pl.lit("admin"),
}
SAID = {
    "sender_label": "sender",
    "sent_local": "local time",
    "byte_start": "place",
    "source_id": "export",
    "deleted_by": "deleted by",
}


@pytest.mark.parametrize("column", CHANGES)
def test_a_record_that_is_not_as_in_its_export_is_refused_and_named(column: str, done: Case, whole: Dossier) -> None:
    one = max(whole.ticked)
    dtype = whole.tables["messages"].schema[column]
    value = pl.when(pl.col("message_id") == one).then(CHANGES[column].cast(dtype)).otherwise(pl.col(column))
    forged = altered(whole, "messages", lambda table: table.with_columns(value.alias(column)))
    with pytest.raises(CaseError, match=f"message {one}: not as in its export: .*{SAID.get(column, column)}"):
        hold_records(done, forged)


def test_a_record_that_was_never_in_an_export_is_refused(done: Case, whole: Dossier) -> None:
    one = whole.tables["messages"].head(1).with_columns(message_id=pl.lit(7, pl.Int64))
    with pytest.raises(CaseError, match="message 7: its export has no such record"):
        hold_records(done, altered(whole, "messages", lambda table: pl.concat([table, one])))


def test_a_record_left_out_beside_a_chosen_one_is_refused(done: Case, whole: Dossier) -> None:
    beside = min(set(whole.tables["messages"]["message_id"]) - set(whole.ticked))
    forged = altered(whole, "messages", lambda table: table.filter(pl.col("message_id") != beside))
    with pytest.raises(CaseError, match=f"message {beside}: what stands beside"):
        hold_records(done, forged)


def test_an_invented_notice_is_refused(done: Case, whole: Dossier) -> None:
    events = pl.DataFrame([{"message_id": whole.ticked[0], "event": "removed"}])
    forged = altered(whole, "events", lambda table: pl.concat([table, events], how="diagonal"))
    with pytest.raises(CaseError, match=f"message {whole.ticked[0]}: not as in its export: notice"):
        hold_records(done, forged)


@pytest.mark.slow
def test_nothing_is_written_from_a_kept_table_that_was_changed_with_its_hash(tmp_path: Path) -> None:
    case = a_filled_case(tmp_path)
    analyse(case)
    (stage,) = (case.folder / "derived").glob("joining-*")
    table = pl.read_parquet(stage / "messages.parquet")
    renamed = pl.col("sender_label").str.replace("Wiktor", "Nadia Blake")
    table.with_columns(renamed).write_parquet(stage / "messages.parquet")
    manifest = json.loads((stage / "manifest.json").read_bytes())
    manifest["files"]["messages.parquet"] = hash_file(stage / "messages.parquet")
    (stage / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(CaseError, match=r"message \d+: not as in its export: sender"):
        pack_case(case, Order("all", 1), to=To(tmp_path / "out"), by=BY)
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_an_original_is_read_in_the_order_of_dates_that_was_declared(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    lines = [f"03/0{day}/2031, 10:00 - Rajesh: rehearsal {day} is at seven as usual\n" for day in range(1, 6)]
    add_exports(case, [a_file(tmp_path / "in", "".join(lines).encode())], by=BY)
    declared = tmp_path / "declared.toml"
    declared.write_text(f'[{list_originals(case)[0].source_id}]\ndates = "mdy"\n')
    analyse(case, Settings(declare=declared))
    dossier = choose(case, load_outcome(case), Order("all", 1), by=BY)
    hold_records(case, dossier)
    declared.write_text(declared.read_text().replace("mdy", "dmy"))
    with pytest.raises(CaseError, match="local time"):
        hold_records(case, dossier, Settings(declare=declared))
