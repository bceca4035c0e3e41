"""CSV and JSON lines hold every value, in one form, and never mix with other people's files."""

import csv
import io
import json
import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from tablefiles.hostile import LONG, plain_rows, read_moment, rows, stored

from chatforensics.errors import UnreadableExport, UsageError
from chatforensics.tablefiles import (
    CsvForm,
    StoredTable,
    copy_tables,
    encode_table,
    find_tables,
    stream_table,
    unguard,
    write_lines,
)
from chatforensics.tablefiles import stored as stored_module


def as_csv(table: StoredTable, *, raw: bool = False) -> list[dict[str, object]]:
    """Read a table back out of its CSV with the values that it had."""
    content = b"".join(stream_table(table, kind="csv", form=CsvForm(raw=raw)))
    cells = pl.read_csv(content, infer_schema=False).to_dicts()
    return [{name: value_of(table, name, cell, raw=raw) for name, cell in row.items()} for row in cells]


def value_of(table: StoredTable, name: str, cell: str | None, *, raw: bool) -> object:
    """Return the value that stands in a cell, by the type of its column."""
    if cell is None:
        return None
    dtype = table.columns[name]
    if dtype == pl.String:
        return cell if raw else unguard(cell)
    if isinstance(dtype, pl.Datetime):
        return str(read_moment(cell))
    return json.loads(cell)


@settings(max_examples=20, deadline=None)
@given(rows)
def test_csv_and_jsonl_give_back_every_value(listed: list[dict[str, object]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        table = stored(Path(folder), listed)
        want = plain_rows(table)
        assert as_csv(table) == want
        assert as_csv(table, raw=True) == want
        lines = b"".join(stream_table(table, kind="jsonl")).decode().split("\n")
        read = [json.loads(line) for line in lines[:-1]]
        for row in read:
            row["first_at"] = row["first_at"] and str(read_moment(row["first_at"]))
        assert read == want
        assert lines[-1] == ""


def test_a_cell_that_a_spreadsheet_would_run_is_disarmed_unless_raw_is_asked_for(tmp_path: Path) -> None:
    table = stored(tmp_path, [{"family_id": "=1", "text": " @x"}])
    for raw, want in ((False, ["'=1", "' @x"]), (True, ["=1", " @x"])):
        lines = b"".join(stream_table(table, kind="csv", form=CsvForm(raw=raw))).decode()
        row = next(csv.DictReader(io.StringIO(lines)))
        assert [row["family_id"], row["text"]] == want


def test_a_name_of_a_column_is_disarmed_too() -> None:
    assert encode_table(pl.DataFrame({"=1": ["a"]}), kind="csv") == b'"\'=1"\n"a"\n'


def test_texts_stand_in_quotation_marks_numbers_do_not_and_the_unknown_is_nothing() -> None:
    frame = pl.DataFrame({"text": ["0012", "", None], "n": [-1, None, 2], "flag": [True, None, False]})
    assert encode_table(frame, kind="csv").decode().splitlines()[1:] == ['"0012",-1,"true"', '"",,', ',2,"false"']


def test_jsonl_sorts_names_at_any_depth_and_keeps_what_is_unknown(tmp_path: Path) -> None:
    spans = [{"start": 1, "end": 2, "cue": "\x00"}, None]
    table = stored(tmp_path, [{"message_id": 7, "probability": 0.1, "spans": spans}, {}], table="labels")
    first, second = b"".join(stream_table(table, kind="jsonl")).splitlines()
    assert first == (
        b'{"decision":null,"explanation":null,"label":null,"message_id":7,"probability":0.1,'
        b'"spans":[{"cue":"\\u0000","end":2,"start":1},null]}'
    )
    assert set(json.loads(second).values()) == {None}


def test_a_table_in_memory_keeps_the_order_of_its_columns_in_jsonl() -> None:
    assert encode_table(pl.DataFrame({"b": [1], "a": ["=1"]}), kind="jsonl") == b'{"b": 1, "a": "=1"}\n'
    assert pl.read_parquet(encode_table(pl.DataFrame({"b": [1]}), kind="parquet")).rows() == [(1,)]
    with pytest.raises(UsageError, match="xlsx"):
        encode_table(pl.DataFrame({"b": [1]}), kind="xlsx")


def test_long_texts_and_tables_read_in_portions_are_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = stored(tmp_path, [{"text": LONG}, *({"text": f"text {number}"} for number in range(4))])
    whole = b"".join(stream_table(table, kind="csv", form=CsvForm(bom=True)))
    assert whole.startswith(b'\xef\xbb\xbf"family_id"')
    monkeypatch.setattr(stored_module, "ROWS_AT_ONCE", 2)
    assert len(list(stream_table(table, kind="csv"))) == 3
    assert b"".join(stream_table(table, kind="csv", form=CsvForm(bom=True))) == whole
    assert as_csv(table)[0]["text"] == LONG


def test_a_table_without_rows_has_its_head(tmp_path: Path) -> None:
    table = stored(tmp_path, [], table="rejects")
    assert b"".join(stream_table(table, kind="csv")) == b'"source_id","line","byte_start","byte_end","reason"\n'
    assert b"".join(stream_table(table, kind="jsonl")) == b""


def test_a_folder_may_be_written_again_and_never_with_other_files_in_it(tmp_path: Path) -> None:
    table, out = stored(tmp_path / "result", [{"text": "a"}]), tmp_path / "out"
    for _ in range(2):
        write_lines([table], out, kind="csv")
    assert [path.name for path in out.iterdir()] == ["variants.csv"]
    with pytest.raises(UsageError, match="holds other files"):
        write_lines([table], out, kind="jsonl")
    with pytest.raises(UsageError, match="is a file"):
        write_lines([table], out / "variants.csv", kind="csv")
    with pytest.raises(UsageError, match="holds the result itself"):
        copy_tables([table], table.path.parent)
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="cannot be written"):
        write_lines([table], tmp_path / "file" / "below", kind="csv")


def test_parquet_files_are_copied_byte_for_byte(tmp_path: Path) -> None:
    table = stored(tmp_path / "result", [{"text": "a"}])
    copy_tables([table], tmp_path / "out")
    assert (tmp_path / "out" / "variants.parquet").read_bytes() == table.path.read_bytes()


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableExport, match="no such folder"):
        find_tables(tmp_path / "gone")
    with pytest.raises(UnreadableExport, match="no tables"):
        find_tables(tmp_path)
    stored(tmp_path, [])
    with pytest.raises(UsageError, match=r"'links' is not in .*There are variants"):
        find_tables(tmp_path, names=["links"])
    assert find_tables(tmp_path / "tables")[0].name == "variants"
    (tmp_path / "tables" / "variants.parquet").write_bytes(b"PAR1 or so")
    with pytest.raises(UnreadableExport, match=r"variants\.parquet: no readable Parquet"):
        find_tables(tmp_path)
