"""A workbook holds every value as text or number, nothing that runs, and says how to read it."""

import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from tablefiles.hostile import LONG, PIECES, read_sheets, rows, stored

from chatforensics.tablefiles import StoredTable, unmark, write_workbook
from chatforensics.tablefiles.cells import flatten


def read_texts(sheet: list[list[str | None]]) -> list[dict[str, str]]:
    """Return the rows of a sheet by their heads, with the parts of long texts put together and their marks read."""
    read = []
    for cells in sheet[1:]:
        row: dict[str, str] = {}
        for name, cell in zip([str(head).partition(" (")[0] for head in sheet[0]], cells, strict=False):
            if cell is not None:
                row[name] = row.get(name, "") + cell
        read.append({name: unmark(text) for name, text in row.items()})
    return read


def expected(table: StoredTable) -> list[dict[str, str]]:
    """Return the rows of a table as the texts that stand for their values, without those that are null."""
    flat = [row for frame in table.batches() for row in flatten(frame).to_dicts()]
    return [{name: str(value) for name, value in row.items() if value is not None} for row in flat]


@settings(max_examples=15, deadline=None)
@given(rows)
def test_every_value_comes_back_and_no_cell_is_a_formula_or_a_link(listed: list[dict[str, object]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        table = stored(Path(folder), listed)
        write_workbook([table], Path(folder) / "a.xlsx")
        read, want = read_texts(read_sheets(Path(folder) / "a.xlsx")["variants"]), expected(table)
        read += [{} for _ in want[len(read) :]]
        for row in [*read, *want]:  # one number may be printed in several ways
            row |= {name: repr(float(text)) for name, text in row.items() if name == "similarity"}
        assert read == want


def test_hostile_texts_come_back_one_by_one(tmp_path: Path) -> None:
    pieces = [*PIECES, *(f"<r>{piece}</r>" for piece in PIECES)]
    table = stored(tmp_path, [{"text": piece} for piece in pieces])
    write_workbook([table], tmp_path / "a.xlsx")
    assert [row["text"] for row in read_texts(read_sheets(tmp_path / "a.xlsx")["variants"])] == pieces


def test_a_text_that_is_too_long_goes_on_at_the_right_end_of_its_row(tmp_path: Path) -> None:
    table = stored(tmp_path, [{"text": "short"}, {"text": LONG, "similarity": 0.5}])
    write_workbook([table], tmp_path / "a.xlsx")
    sheet = read_sheets(tmp_path / "a.xlsx")["variants"]
    assert sheet[0][-4:] == ["similarity", "text (2)", "text (3)", "text (4)"]
    assert read_texts(sheet) == [{"text": "short"}, {"text": LONG, "similarity": "0.5"}]


def test_a_table_of_more_rows_than_a_sheet_holds_goes_on_in_further_sheets(tmp_path: Path) -> None:
    table = stored(tmp_path, [{"text": f"{number}"} for number in range(5)])
    write_workbook([table], tmp_path / "a.xlsx", sheet_rows=2)
    sheets = read_sheets(tmp_path / "a.xlsx")
    assert [*sheets] == ["about", "variants", "variants (2)", "variants (3)"]
    assert [row["text"] for name in [*sheets][1:] for row in read_texts(sheets[name])] == ["0", "1", "2", "3", "4"]


def test_ids_of_messages_are_texts_since_a_spreadsheet_rounds_numbers(tmp_path: Path) -> None:
    table = stored(tmp_path, [{"message_id": 2**53 - 1, "probability": 0.1}], table="labels")
    other = stored(tmp_path, [{"n_messages": 2**53 - 1}])
    write_workbook([table, other], tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as held:
        for number in (2, 3):
            assert b"<t>9007199254740991</t>" in held.read(f"xl/worksheets/sheet{number}.xml")
        assert b"<v>0.1</v>" in held.read("xl/worksheets/sheet2.xml")


def test_the_first_sheet_says_what_tables_and_columns_mean(tmp_path: Path) -> None:
    table = stored(tmp_path, [{"text": "a"}])
    (tmp_path / "run.json").write_text('{"warnings": ["=One clock jumps\\u0000."]}')
    write_workbook([table], tmp_path / "a.xlsx")
    sheets = read_sheets(tmp_path / "a.xlsx")
    about = sheets["about"]
    assert [row[0] for row in about[1:4]] == ["read first"] * 3
    assert ["warning", None, None, "=One clock jumps[NUL]."] in about
    whole = next(row for row in about if row[0] == "variants")
    assert (whole[4], whole[5]) == ("1", table.sha256())
    assert str(whole[3]).startswith("One row is one wording of a tracked family")
    described = {row[1]: row[2:] for row in about if row[0] == "variants" and row[1]}
    assert described["text"] == ["text", "as first sent"]
    assert [*described] == sheets["variants"][0]


def test_the_same_tables_give_the_same_bytes_and_nothing_else_is_left(tmp_path: Path) -> None:
    table = stored(tmp_path, [{"text": "a"}, {}])
    for name in ("a.xlsx", "b.xlsx"):
        write_workbook([table], tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.xlsx", "b.xlsx", "tables"]
    with zipfile.ZipFile(tmp_path / "a.xlsx") as held:
        assert held.read("docProps/core.xml").count(b"1980-01-01T00:00:00Z") == 2
        assert {one.date_time[0] for one in held.infolist()} == {1980}


def test_an_empty_table_has_its_sheet(tmp_path: Path) -> None:
    write_workbook([stored(tmp_path, [], table="rejects")], tmp_path / "a.xlsx")
    assert read_sheets(tmp_path / "a.xlsx")["rejects"] == [["source_id", "line", "byte_start", "byte_end", "reason"]]


def test_a_workbook_that_cannot_be_finished_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = stored(tmp_path / "result", [{"text": "a"}])
    monkeypatch.setattr(StoredTable, "sha256", lambda _self: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_workbook([table], tmp_path / "out" / "a.xlsx")
    assert [*(tmp_path / "out").iterdir()] == []
