"""Labels of texts that a case keeps: they are those that labelling gives, and no text is labelled twice."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from chatforensics.casefile import Again, Derived, Fresh, Kept, list_stages
from chatforensics.engine import HERE
from chatforensics.labelling import stage
from chatforensics.workflow.labelled import map_texts

OLD = [
    "Final reminder: vote for Nadia Blake as chair, then Tomasz Zielinski, and delete this once read",
    "Is anybody going to the rehearsal tonight?",
    "Trigger ballot tonight: vote no to the councillor, and “pass this on” 🗳️",
]
NEW = ["Please vote for option B on Saturday, and tell your family", "See you at seven"]
_Rows = Mapping[str, list[dict[str, Any]]]


def gather(store: Derived | Fresh, texts: Sequence[str], asked: list[str]) -> _Rows:
    """Label texts with a store, and note which were labelled."""

    def label_some(some: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
        asked.extend(some)
        return stage.label_some(some)

    found = map_texts(HERE, store, label_some, stage.cut_portions(sorted(texts)))
    return {text: rows for each in found for text, rows in each.items()}


def test_kept_labels_are_those_of_labelling_and_only_new_texts_are_labelled(tmp_path: Path) -> None:
    first: list[str] = []
    plain = gather(Fresh(), OLD, first)
    assert len(plain) == 2
    assert gather(Derived(tmp_path), OLD, first) == plain
    asked: list[str] = []
    whole = gather(Derived(tmp_path), [*OLD, *NEW], asked)
    assert sorted(asked) == sorted(NEW)
    assert whole == gather(Fresh(), [*OLD, *NEW], first)
    again: list[str] = []
    assert gather(Derived(tmp_path), [*NEW, OLD[0]], again) == {
        text: rows for text, rows in whole.items() if text not in OLD[1:]
    }
    assert again == []


def test_a_run_that_is_killed_keeps_the_portions_that_it_labelled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "TEXTS_TOGETHER", 2)
    found = map_texts(HERE, Derived(tmp_path), stage.label_some, stage.cut_portions(sorted([*OLD, *NEW])))
    assert (next(found), len(next(found))) == ({}, 1)
    del found
    asked: list[str] = []
    gather(Derived(tmp_path), [*OLD, *NEW], asked)
    assert len(asked) == 3


def test_damaged_labels_are_made_again_and_told(tmp_path: Path) -> None:
    first = gather(Derived(tmp_path), OLD, [])
    (name,) = list_stages(tmp_path)
    table = tmp_path / name / "texts.parquet"
    content = bytearray(table.read_bytes())
    content[len(content) // 2] ^= 1
    table.write_bytes(content)
    asked: list[str] = []
    store = Derived(tmp_path)
    assert gather(store, OLD, asked) == first
    assert sorted(asked) == sorted(OLD)
    assert len(store.damaged) == 1


def forge(folder: Path, frame: pl.DataFrame, *, name: str = "texts") -> None:
    """Store a stage as one who knows the form would: its hashes and its program are right."""
    Derived(folder).keep("texts", {"texts": "forged"}, lambda: Kept({name: frame}))


@pytest.mark.parametrize(
    ("frame", "name"),
    [
        (pl.DataFrame({"text": OLD, "rows": [None] * 3}, schema={"text": pl.String, "rows": pl.String}), "other"),
        (pl.DataFrame({"text": OLD, "rows": [1, 2, 3]}), "texts"),
        (pl.DataFrame({"text": OLD}), "texts"),
    ],
)
def test_a_kept_stage_in_another_form_is_told_and_not_used(frame: pl.DataFrame, name: str, tmp_path: Path) -> None:
    forge(tmp_path, frame, name=name)
    store, asked = Derived(tmp_path), list[str]()
    assert gather(store, OLD, asked) == gather(Fresh(), OLD, [])
    assert (sorted(asked), len(store.damaged), len(list_stages(tmp_path))) == (sorted(OLD), 1, 1)


@pytest.mark.parametrize("rows", ["no JSON", "{}", "[1]", '[{"label": "x"}]', "[" * 100_000, "null"])
def test_kept_rows_in_no_known_form_are_labelled_anew_and_then_not_again(rows: str, tmp_path: Path) -> None:
    forge(tmp_path, pl.DataFrame({"text": OLD, "rows": [rows] * 3}))
    plain, asked = gather(Fresh(), OLD, []), list[str]()
    assert gather(Derived(tmp_path), OLD, asked) == plain
    assert sorted(asked) == sorted(OLD)


def test_labels_kept_by_whatever_run_are_held_to_those_made_again(tmp_path: Path) -> None:
    gather(Derived(tmp_path), OLD[:2], [])
    gather(Derived(tmp_path), [*OLD, *NEW], [])
    again = Again(tmp_path)
    gather(again, [*OLD, *NEW], [])
    assert again.different == []
    forge(tmp_path, pl.DataFrame({"text": OLD, "rows": [None] * 3}, schema={"text": pl.String, "rows": pl.String}))
    gather(again, [*OLD, *NEW], [])
    assert len(again.different) == 1
