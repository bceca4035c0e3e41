"""Files are written whole, tables come back as they were, and bad input is named."""

import errno
import os
import stat
import sys
from pathlib import Path

import polars as pl
import pytest

from chatforensics import storage, tables
from chatforensics.errors import UnreadableExport, UsageError
from chatforensics.schema import empty


def test_tables_come_back_as_they_were(tmp_path: Path) -> None:
    tables.write_tables(tmp_path, {"edges": empty("edges")})
    assert tables.read_tables(tmp_path)["edges"].equals(empty("edges"))


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
    tables.write_tables(tmp_path, {"large": frame})
    shelf = tables.Shelf({"small": frame}, {"large": tmp_path / "large.parquet"})
    assert shelf["large"].equals(frame)
    assert tables.scan(shelf, "large").filter(pl.col("a") > 1).collect().rows() == [(2,)]
    (tmp_path / "large.parquet").unlink()
    assert (list(shelf), len(shelf)) == (["small", "large"], 2)
    assert "large" in shelf
    assert "other" not in shelf
    assert tables.file_of(shelf, "large") == tmp_path / "large.parquet"
    assert tables.file_of(shelf, "small") is None
    both = tables.put_together(shelf, {"large": frame})
    assert both["large"].equals(frame)
    with pytest.raises(KeyError):
        shelf["other"]


def test_only_folders_with_a_name_that_we_give_are_taken_for_half_made(tmp_path: Path) -> None:
    (tmp_path / storage.name_part()).mkdir()
    storage.check_output(tmp_path)
    (tmp_path / ".part-time-photos").mkdir()
    with pytest.raises(UsageError, match="holds other files"):
        storage.check_output(tmp_path)
    for name in (".part-abcd1234", ".part-chatforensics-mine", storage.name_part()):
        (tmp_path / name).write_text("x")
        assert not storage.is_part(tmp_path / name)


def test_an_output_below_a_closed_folder_is_a_wrong_option(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_path: Path) -> bool:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "exists", refuse)
    with pytest.raises(UsageError, match=r"--out: .*: Permission denied"):
        storage.check_output(tmp_path / "closed" / "out")


@pytest.mark.parametrize(
    "error",
    [
        pl.exceptions.ComputeError("parquet: underlying IO error: No space left on device (os error 28)"),
        OSError(errno.ENOSPC, "No space left on device"),
    ],
)
def test_a_full_disk_is_told_as_such_whoever_writes(error: Exception, tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_text("before")
    with (
        pytest.raises(UsageError, match=r"No room in .*another folder with --out"),
        storage.writing(tmp_path / "a.parquet"),
    ):
        raise error
    assert [path.name for path in tmp_path.iterdir()] == ["a.parquet"]
    assert (tmp_path / "a.parquet").read_text() == "before"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device")
def test_polars_says_that_a_disk_is_full_in_words_that_are_known_here(tmp_path: Path) -> None:
    frame = pl.DataFrame({"n": range(100)})
    with pytest.raises(UsageError, match="No room in"), storage.writing(tmp_path / "a.parquet"):
        frame.write_parquet("/dev/full")
    with pytest.raises(UsageError, match="No room in"), storage.writing(tmp_path / "a.parquet"):
        frame.lazy().sink_parquet("/dev/full")


def test_an_error_of_polars_that_is_not_about_a_file_stays_loud(tmp_path: Path) -> None:
    with pytest.raises(pl.exceptions.ComputeError, match="cannot cast"), storage.writing(tmp_path / "a.parquet"):
        raise pl.exceptions.ComputeError("cannot cast")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such modes")
def test_what_is_written_is_for_its_owner_only_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        storage.write_bytes(tmp_path / "new" / "deep" / "a", b"x")
        tables.sink_table(tmp_path / "b", [pl.DataFrame({"n": [1]})], schema={"n": pl.Int64})
        storage.put_file(tmp_path / "c", tmp_path / "b")
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")}
    assert modes == {"new": 0o700, "deep": 0o700, "a": 0o600, "b": 0o600, "c": 0o600}
