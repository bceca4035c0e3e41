import io
import json
import sys
from pathlib import Path

import polars as pl
import pytest

from chatforensics.cli import families
from chatforensics.errors import UnreadableExport

LINES = [{"id": number, "text": f"text number {number}"} for number in range(20)]


def written(path: Path, lines: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_texts_read_in_portions_are_those_read_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "texts.jsonl", LINES)
    whole = families._read_texts(path)
    monkeypatch.setattr(families, "PORTION_BYTES", 50)
    assert len(list(families._read_portions(path))) > 1
    assert families._read_texts(path).equals(whole)
    assert whole.equals(pl.DataFrame(LINES))


def test_standard_input_is_read_in_portions_too(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = b"".join(json.dumps(line).encode() + b"\n" for line in LINES)
    monkeypatch.setattr(families, "PORTION_BYTES", 50)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
    assert families._read_texts(Path("-")).equals(pl.DataFrame(LINES))


def test_a_bad_line_of_a_later_portion_is_named_by_its_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "texts.jsonl", [*LINES, {"id": 20}])
    monkeypatch.setattr(families, "PORTION_BYTES", 50)
    with pytest.raises(UnreadableExport, match="line 21 "):
        families._read_texts(path)


def test_ids_of_two_kinds_in_different_portions_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "texts.jsonl", [*LINES, {"id": "last", "text": "a"}])
    monkeypatch.setattr(families, "PORTION_BYTES", 50)
    with pytest.raises(UnreadableExport, match="ids"):
        families._read_texts(path)


def test_lines_without_words_in_a_portion_of_their_own_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "texts.jsonl", [{"id": "a", "text": None}, {"id": "b", "text": "words"}])
    monkeypatch.setattr(families, "PORTION_BYTES", 1)
    assert families._read_texts(path).rows() == [("b", "words")]


def test_an_empty_file_gives_no_texts(tmp_path: Path) -> None:
    assert families._read_texts(written(tmp_path / "texts.jsonl", [])).is_empty()
