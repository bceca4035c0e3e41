"""The first look at one export: the same decisions as the analysis, what was received in words, and nothing twice."""

import json
import os
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from casefile.cases import BY, a_case, a_file
from workflow.case_runs import SLATE, a_chat, analyse

from chatforensics.casefile import Case, open_derived
from chatforensics.casefile.corrections import correct
from chatforensics.casefile.made import read_looks, write_look
from chatforensics.errors import CaseError, EvidenceError
from chatforensics.schema import SLATE_LABEL
from chatforensics.workflow import Settings, casework
from chatforensics.workflow.adding import add_exports
from chatforensics.workflow.looking import AROUND, list_looks, look, prepare
from chatforensics.workflow.written import Written

REVIEW = "If you have not voted yet, I would go for Nadia Blake myself"
LINES = [
    '13/01/2031, 09:00 - Wiktor created group "Ward"',
    *[
        f"{day}/01/2031, 10:0{day % 10} - {'Ama' if day % 2 else 'Wiktor'}: bread and marble {day}"
        for day in range(14, 24)
    ],
    f"24/01/2031, 10:00 - Ines: {SLATE}",
    "24/01/2031, 10:01 - Ines: do not vote for Rhys Feng",
    "24/01/2031, 10:02 - Kofi: <Media omitted>",
    "25/01/2031, 10:00 - Siân changed their phone number to a new number. Tap to message or add the new number.",
    f"26/01/2031, 11:00 - Kofi: {REVIEW}",
    "26/01/2031, 11:01 - Ama: kettle",
]
SECONDS = (
    "[13/01/2031, 09:00:05] Yasmin: Messages and calls are end-to-end encrypted.\n"
    "[14/01/2031, 09:00:41] Yasmin: Vote for Ines in the ballot\n[15/01/2031, 09:00:42] Luca: no\n"
)
AMBIGUOUS = "01/02/2031, 10:00 - Ines: ladder\n02/02/2031, 10:01 - Kofi: window\n03/02/2031, 10:01 - Kofi: river\n"


def a_case_of(folder: Path, *texts: str, name: str = "WhatsApp Chat with Ward.txt") -> tuple[Case, list[str]]:
    case = a_case(folder)
    paths = [a_file(folder / "in" / f"phone-{n}", text.encode(), name) for n, text in enumerate(texts)]
    added = [add_exports(case, [path], by=BY).added[0].source_id for path in paths]
    return case, added


@pytest.fixture(scope="module")
def looked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Case, dict[str, Any]]:
    case, (source_id,) = a_case_of(tmp_path_factory.mktemp("look"), "\n".join(LINES) + "\n")
    return case, look(case, source_id)


def decided(items: list[dict[str, Any]]) -> set[tuple[object, ...]]:
    return {(item["message_id"], item["decision"], item["probability"], item["explanation"]) for item in items}


def test_the_look_at_the_only_export_decides_as_the_analysis_does_and_its_parse_is_used_again(
    looked: tuple[Case, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    case, found = looked
    monkeypatch.setattr(casework, "read_export", lambda *_: pytest.fail("read again"))
    labels = analyse(case).tables["labels"].filter(pl.col("label") == SLATE_LABEL)
    known = labels.filter(pl.col("decision").is_in(["flag", "review"]))
    rows = known.with_columns(pl.col("message_id").cast(pl.String), pl.col("probability").cast(pl.Float64).round(4))
    assert decided(found["items"]) == set(rows.select("message_id", "decision", "probability", "explanation").rows())
    assert {item["decision"] for item in found["items"]} == {"flag", "review"}
    assert (found["n_flagged"], found["n_review"]) == tuple(
        known.filter(pl.col("decision") == kind).height for kind in ("flag", "review")
    )


def test_flagged_messages_come_first_each_between_its_neighbours(looked: tuple[Case, dict[str, Any]]) -> None:
    items = looked[1]["items"]
    decisions = [item["decision"] for item in items]
    assert decisions == sorted(decisions)
    first = next(item for item in items if item["text"] == SLATE)
    assert [other["text"] for other in first["before"]] == [f"bread and marble {day}" for day in range(19, 24)]
    assert len(first["after"]) == AROUND
    assert (first["after"][0]["text"], first["after"][1]["kind"]) == ("do not vote for Rhys Feng", "media")
    words = [first["text"][start:end] for start, end, _ in first["spans"]]
    assert any("vote for" in each for each in words)


def test_what_was_received_is_told_in_plain_json(looked: tuple[Case, dict[str, Any]]) -> None:
    case, found = looked
    told = found["received"]
    assert json.loads(json.dumps(found)) == json.loads(json.dumps(read_looks(case)[told["source_id"]]))
    assert (told["first"], told["last"]) == ("2031-01-13 09:00", "2031-01-26 11:01")
    assert (told["n_messages"], told["chat"], told["chat_kind"], told["platform"]) == (
        len(LINES),
        "Ward",
        "group",
        "android",
    )
    assert (told["date_order"], told["date_order_verdict"]) == ("dmy", "certain")
    assert told["media"] == {"n": 1, "n_files": 0, "n_missing": 0, "present": False}
    assert told["size"] == len("\n".join(LINES).encode()) + 1
    assert any("no seconds" in words for words in told["cannot"])
    assert any("without media" in words for words in told["cannot"])


def test_a_look_is_readable_by_its_owner_only(looked: tuple[Case, dict[str, Any]]) -> None:
    case, found = looked
    place = case.folder / "desk" / "looks" / f"{found['received']['source_id']}.json"
    assert place.stat().st_mode & 0o777 == 0o600
    assert place.parent.stat().st_mode & 0o777 == 0o700


def test_a_clock_that_prints_seconds_is_told_to_the_second_and_another_never_is(
    tmp_path: Path, looked: tuple[Case, dict[str, Any]]
) -> None:
    case, (source_id,) = a_case_of(tmp_path, SECONDS, name="_chat.txt")
    found = look(case, source_id)
    assert found["items"][0]["sent_local"] == "2031-01-14 09:00:41"
    assert not any("no seconds" in words for words in found["received"]["cannot"])
    assert {len(item["sent_local"]) for item in looked[1]["items"]} == {len("2031-01-24 10:00")}
    assert {len(item["sent_at"]) for item in looked[1]["items"]} == {len("2031-01-24T10:00Z")}


def test_dates_that_can_be_read_in_two_ways_are_told_and_can_be_declared(tmp_path: Path) -> None:
    case, (source_id,) = a_case_of(tmp_path, AMBIGUOUS)
    told = look(case, source_id)["received"]
    assert told["date_order_verdict"] == "ambiguous"
    assert "declare" in told["dates"]
    declared = Settings(declare=Written("d.toml", f'["{source_id}"]\ndates = "mdy"\n'.encode()))
    again = look(case, source_id, settings=declared)["received"]
    assert (again["date_order"], again["date_order_verdict"]) == ("mdy", "declared")
    assert again["first"] == "2031-01-02 10:00"


@pytest.mark.slow
def test_each_export_is_looked_at_by_itself_and_looks_are_numbered_by_the_paths_of_all(tmp_path: Path) -> None:
    case, added = a_case_of(tmp_path, a_chat(0).decode(), a_chat(1).decode())
    looks = [look(case, source_id) for source_id in added]
    assert [found["received"]["source"] for found in list_looks(case)] == ["S1", "S2"]
    assert sorted(found["received"]["source_id"] for found in looks) == sorted(added)
    assert len(list(open_derived(case).folder.glob("export-*"))) == len(added)


def test_a_file_that_is_no_export_is_told_and_leaves_no_look(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    (added,) = add_exports(case, [a_file(tmp_path / "in", b"just a letter, no chat\n")], by=BY).added
    with pytest.raises(EvidenceError):
        look(case, added.source_id)
    assert list_looks(case) == []
    with pytest.raises(CaseError, match="no such export"):
        look(case, "0" * 16)


def test_what_somebody_stated_of_a_message_counts_in_the_look_as_in_the_analysis(tmp_path: Path) -> None:
    case, (source_id,) = a_case_of(tmp_path, "\n".join(LINES) + "\n")
    before = look(case, source_id)["items"]
    flagged = next(item for item in before if item["text"] == SLATE)
    plain = flagged["before"][-1]
    for item, said in ((flagged, "not"), (plain, "instruction")):
        what = {"message_id": int(item["message_id"]), "is": said}
        correct(case, "label", what, who="Ines", why="read it", by=BY)
    after = {item["message_id"]: item for item in look(case, source_id)["items"]}
    assert flagged["message_id"] not in after
    assert after[plain["message_id"]]["decision"] == "flag"
    assert "Ines" in after[plain["message_id"]]["explanation"]


def test_what_a_killed_run_left_half_written_goes_with_the_next_look(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    write_look(case, "0" * 16, {})
    folder = case.folder / "desk" / "looks"
    for name, age in (("old", 100), ("young", 0)):
        (folder / f".1-{name}.part").write_bytes(b"{")
        at = (folder / f"{'0' * 16}.json").stat().st_mtime - age
        os.utime(folder / f".1-{name}.part", (at, at))
    write_look(case, "1" * 16, {})
    assert sorted(path.name for path in folder.iterdir()) == [".1-young.part", f"{'0' * 16}.json", f"{'1' * 16}.json"]


def test_a_damaged_look_is_passed_over(tmp_path: Path) -> None:
    case, (source_id,) = a_case_of(tmp_path, AMBIGUOUS)
    look(case, source_id)
    (case.folder / "desk" / "looks" / f"{source_id}.json").write_bytes(b"{")
    assert list_looks(case) == []


@pytest.mark.slow
def test_what_a_first_look_needs_can_be_loaded_before() -> None:
    prepare()
