"""Files are written whole, tables come back as they were, and bad input is named."""

from pathlib import Path

import polars as pl
import pytest

from chatforensics import storage
from chatforensics.errors import UnreadableExport, UsageError
from chatforensics.schema import empty


def test_tables_come_back_as_they_were(tmp_path: Path) -> None:
    storage.write_tables(tmp_path, {"edges": empty("edges")})
    assert storage.read_tables(tmp_path)["edges"].equals(empty("edges"))


def test_values_without_a_json_form_are_a_type_error() -> None:
    with pytest.raises(TypeError, match="set"):
        list(storage.json_lines([{"a": {1}}]))
    assert list(storage.json_lines([{"a": pl.Series([1])}])) == ['{"a": [1]}']


def test_jsonl_lines_are_read_and_blank_ones_passed_over() -> None:
    rows = storage.read_jsonl(
        b'\xef\xbb\xbf{"id": 1, "text": "a"}\n\n{"id": 2, "text": "b"}', name="x", fields=("id", "text")
    )
    assert [row["id"] for row in rows] == [1, 2]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b'{"id": 1, "text": 5}', "'text' is no text"),
        (b"{", "line 1 is no JSON"),
        (b"[1]", "line 1 is no JSON object"),
        (b'{"id": 1}', "no field 'text'"),
    ],
)
def test_a_bad_jsonl_line_is_named(raw: bytes, reason: str) -> None:
    with pytest.raises(UnreadableExport, match=reason):
        storage.read_jsonl(raw, name="x", fields=("id", "text"))


def test_half_characters_show_as_replacement() -> None:
    assert storage.read_jsonl(b'{"text": "a\\ud800b"}', name="x", fields=("text",)) == [{"text": "a\ufffdb"}]


@pytest.mark.parametrize("raw", [b'{"k\\ud800": 1, "text": "a"}', b'{"text": "a", "tags": [{"t": "\\udfff"}]}'])
def test_half_characters_in_names_and_in_nested_values_can_be_written_again(raw: bytes) -> None:
    rows = storage.read_jsonl(raw, name="x", fields=("text",))
    assert "\ufffd" in "".join(storage.json_lines(rows)).encode().decode()


def test_deeply_nested_json_is_refused() -> None:
    with pytest.raises(UnreadableExport, match="no JSON"):
        storage.read_jsonl(b"[" * 100_000, name="x", fields=("text",))


def test_an_output_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    storage.check_output(tmp_path / "new")
    (tmp_path / "exports").mkdir()
    storage.check_output(tmp_path)
    (tmp_path / "precious.doc").write_text("x")
    for run in (None, "{}", "[", '{"outputs": 1}'):
        if run:
            (tmp_path / "run.json").write_text(run)
        with pytest.raises(UsageError, match="holds other files"):
            storage.check_output(tmp_path)
    with pytest.raises(UsageError, match="is a file"):
        storage.check_output(tmp_path / "precious.doc")


def test_only_what_an_earlier_run_wrote_is_removed(tmp_path: Path) -> None:
    for name in ("out/figures/ours.svg", "out/figures/theirs.svg", "outside.txt"):
        storage.write_bytes(tmp_path / name, b"x")
    outputs = ["figures/ours.svg", "../outside.txt", "figures/gone.svg", 7]
    storage.write_json(tmp_path / "out" / "run.json", {"outputs": outputs})
    storage.check_output(tmp_path / "out")
    storage.clear_output(tmp_path / "out")
    assert not (tmp_path / "out/figures/ours.svg").exists()
    assert (tmp_path / "out/figures/theirs.svg").exists()
    assert (tmp_path / "outside.txt").exists()


def test_a_place_that_cannot_be_written_is_a_wrong_option(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="cannot be written"):
        storage.write_bytes(tmp_path / "file" / "below", b"x")


def test_toml_that_cannot_be_read_is_a_wrong_option(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text('["a.txt"]\ndates = "dmy"\n')
    assert storage.read_toml(path) == {"a.txt": {"dates": "dmy"}}
    path.write_text("= nothing")
    with pytest.raises(UsageError, match="no readable TOML"):
        storage.read_toml(path)


def test_a_table_in_a_file_is_read_only_when_somebody_asks_for_its_rows(tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": [1, 2]})
    storage.write_tables(tmp_path, {"large": frame})
    shelf = storage.Shelf({"small": frame}, {"large": tmp_path / "large.parquet"})
    assert shelf["large"].equals(frame)
    assert storage.scan(shelf, "large").filter(pl.col("a") > 1).collect().rows() == [(2,)]
    (tmp_path / "large.parquet").unlink()
    assert (list(shelf), len(shelf)) == (["small", "large"], 2)
    assert "large" in shelf
    assert "other" not in shelf
    assert storage.file_of(shelf, "large") == tmp_path / "large.parquet"
    assert storage.file_of(shelf, "small") is None
    both = storage.put_together(shelf, {"large": frame})
    assert both["large"].equals(frame)
    with pytest.raises(KeyError):
        shelf["other"]
