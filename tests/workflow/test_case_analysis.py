"""The analysis of a case: what is there is used, what is new is made, and the log says so once."""

import json
import os
from datetime import date
from pathlib import Path
from typing import Any

import commandline
import pytest
from casefile.cases import BY, a_case, a_file
from polars.testing import assert_frame_equal
from workflow.case_runs import a_chat, a_copy, a_filled_case, analyse, in_short, some_exports

from chatforensics.casefile import (
    Case,
    Fresh,
    Run,
    digest_outputs,
    last_run,
    list_originals,
    list_stages,
    locked,
    log_lines,
    open_case,
    record_run,
)
from chatforensics.errors import CaseError, HashMismatch, UsageError
from chatforensics.intake import ChatText, ExportFile, read_export
from chatforensics.tables import read_tables
from chatforensics.workflow import Settings, analyse_exports, casework, presenting
from chatforensics.workflow.adding import Limits, add_exports
from chatforensics.workflow.casework import load_outcome, load_tables
from chatforensics.workflow.remembered import describe, restore, settings_of, settle
from chatforensics.workflow.run import silent
from chatforensics.workflow.written import Written


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """A case of two exports, analysed once."""
    case = a_filled_case(tmp_path_factory.mktemp("case"))
    analyse(case)
    return case


def entries(case: Case, action: str = "analyse") -> list[dict[str, Any]]:
    return [entry for entry in map(json.loads, log_lines(case)) if entry["action"] == action]


def stages(case: Case) -> list[str]:
    return list_stages(case.folder / "derived")


def run_of(case: Case) -> dict[str, Any]:
    return dict(json.loads((case.folder / "result" / "run.json").read_bytes()))


@pytest.mark.slow
def test_a_case_gives_what_its_exports_give_without_one(done: Case, tmp_path: Path) -> None:
    exports = done.folder.parent / "in"
    with in_short():
        alone = analyse_exports([exports], out=tmp_path / "out", settings=Settings())
    for name, table in read_tables(done.folder / "result" / "tables").items():
        assert_frame_equal(table, alone.tables[name])
        ours, theirs = (folder / "tables" / f"{name}.parquet" for folder in (done.folder / "result", tmp_path / "out"))
        assert ours.read_bytes() == theirs.read_bytes()


def test_a_second_run_makes_nothing_gives_the_same_and_adds_its_own_line(
    done: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, stored, n_lines = last_run(done), stages(done), len(entries(done))
    for module, name in ((casework, "read_export"), (presenting, "_draw_graphs")):
        monkeypatch.setattr(module, name, lambda *_: pytest.fail("made again"))
    analyse(done)
    after = last_run(done)
    assert before
    assert after
    assert stages(done) == stored
    assert {**before.outputs, "run.json": ""} == {**after.outputs, "run.json": ""}
    assert len(entries(done)) == n_lines + 1


def test_the_line_has_inputs_outputs_and_options_and_no_names(done: Case) -> None:
    entry, run = entries(done)[-1], last_run(done)
    assert run
    assert entry["inputs"] == sorted(original.sha256 for original in list_originals(done))
    assert entry["outputs"] == [digest_outputs(run)]
    assert entry["details"].keys() >= {"run"}
    assert {name: told for name, told in entry["details"].items() if name != "run"} == {
        "timezone": "UTC", "pictures": "all", "window_s": 300.0, "events": [], "declare": None, "people": None,
        "candidates": None, "program": run_of(done)["program"]["sha256"], "n_sources": 2, "n_failed": 0, "n_damaged": 0,
    }  # fmt: skip


def test_the_record_of_a_run_names_the_program_and_the_line_of_the_log_before_it(done: Case) -> None:
    run, entry = run_of(done), entries(done)[-1]
    assert run["case"] == {"title": "Ward", "log_entries": entry["seq"] - 1, "log_head": entry["prev"]}
    assert set(run["program"]) == {"version", "sha256", "packages", "python", "os"}
    assert run["replies"] is not None
    assert set(run["hashes"]) == set(run["outputs"])


def test_another_export_leaves_those_before_as_they_are_read(
    done: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = a_copy(done, tmp_path)
    add_exports(case, [a_file(tmp_path / "new", a_chat(7), "WhatsApp Chat with Choir 7.txt")], by=BY)
    read: list[str] = []

    def note(export: ExportFile) -> ChatText:
        read.append(export.path.name)
        return read_export(export)

    monkeypatch.setattr(casework, "read_export", note)
    assert analyse(case).tables["sources"].height == 3
    assert read == ["WhatsApp Chat with Choir 7.txt"]


def test_other_settings_are_made_anew_and_what_no_run_needs_goes(done: Case, tmp_path: Path) -> None:
    case = a_copy(done, tmp_path)
    first = set(stages(case))
    analyse(case, Settings(window_s=600))
    second = set(stages(case))
    changed = {name.rpartition("-")[0] for name in second - first}
    assert changed == {"coordination", "sensitivity", "graphs", "figures", "report"}
    assert len(first) == len(second)


@pytest.mark.slow
def test_tables_are_loaded_with_the_settings_of_the_last_run_and_nothing_is_written_but_stages(
    done: Case, tmp_path: Path
) -> None:
    case = a_copy(done, tmp_path)
    analyse(case, Settings(window_s=600))
    before = {path: path.read_bytes() for path in (case.folder / "result").rglob("*") if path.is_file()}
    lines = log_lines(case)
    outcome = load_outcome(case)
    assert dict(outcome.run["parameters"])["window_s"] == 600  # type: ignore[call-overload]
    assert outcome.tables["messages"].height == 10
    assert {path: path.read_bytes() for path in before} == before
    assert log_lines(case) == lines


def test_a_changed_original_stops_the_run_and_is_named(done: Case, tmp_path: Path) -> None:
    case = a_copy(done, tmp_path)
    original = list_originals(case)[1]
    assert original.path
    original.path.chmod(0o644)
    original.path.write_bytes(a_chat(9))
    with pytest.raises(HashMismatch, match=r"Choir 1\.txt: not the file that was added"):
        analyse(case)
    original.path.unlink()
    with pytest.raises(HashMismatch, match=r"Choir 1\.txt.*cannot be read now"):
        analyse(case)
    assert len(entries(case)) == len(entries(done))


def test_media_beside_a_text_are_held_to_their_hashes_too(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    text = a_chat(1) + b"20/01/2031, 10:00 - Ama: IMG-20310120-WA0001.jpg (file attached)\n"
    a_file(tmp_path / "in", b"\xff\xd8\xff", "IMG-20310120-WA0001.jpg")
    add_exports(case, [a_file(tmp_path / "in", text)], by=BY)
    (original,) = list_originals(case)
    assert original.path
    media = original.path.with_name("IMG-20310120-WA0001.jpg")
    media.chmod(0o644)
    media.write_bytes(b"\xff\xd8\x00")
    with pytest.raises(HashMismatch, match=r"IMG-20310120-WA0001\.jpg"):
        load_tables(case)


@pytest.mark.slow
def test_a_damaged_stage_is_told_counted_in_the_log_and_leaves_the_results_as_they_were(
    done: Case, tmp_path: Path
) -> None:
    case = a_copy(done, tmp_path)
    before = last_run(case)
    (joined,) = (case.folder / "derived").glob("joining-*")
    (joined / "messages.parquet").write_bytes(b"")
    warnings = analyse(case).warnings
    after = last_run(case)
    assert before
    assert after
    assert sum("damaged and was made again" in warning for warning in warnings) == 1
    assert entries(case)[-1]["details"]["n_damaged"] == 1
    assert {**before.outputs, "run.json": ""} == {**after.outputs, "run.json": ""}


def test_a_second_run_is_told_who_holds_the_case(done: Case, tmp_path: Path) -> None:
    case = a_copy(done, tmp_path)
    with locked(case), pytest.raises(CaseError, match=f"process {os.getpid()}"):
        analyse(case)


def test_an_empty_case_has_nothing_to_analyse(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="no export in this case"):
        analyse(a_case(tmp_path))


@pytest.mark.slow
def test_files_of_a_run_killed_while_it_wrote_are_known_to_be_ours(
    done: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = a_copy(done, tmp_path)
    with monkeypatch.context() as patch:
        moved = iter([None, None])  # the third file is where the run ends, as if by force

        def move_two(made: Path, path: Path) -> None:
            next(moved)
            made.replace(path)

        patch.setattr("chatforensics.workflow.writing.move_file", move_two)
        with pytest.raises(StopIteration):
            analyse(case)
    result = case.folder / "result"
    assert run_of(case)["finished_at"] is None
    (result / "summary.json.part").write_bytes(b"{")
    analyse(case)
    listed = {*run_of(case)["outputs"], "run.json"}
    assert {path.relative_to(result).as_posix() for path in result.rglob("*") if path.is_file()} == listed
    assert len(entries(case)) == len(entries(done)) + 1


def test_settings_come_back_as_they_were_with_the_words_of_files(tmp_path: Path) -> None:
    people = tmp_path / "people.toml"
    people.write_text('[[same]]\nlabels = ["Ama", "Ama B"]\n')
    given = Settings("Europe/London", people=people, window_s=60, events=((date(2031, 1, 20), "Vote: opens"),))
    told = describe(given)
    people.unlink()
    back = restore(json.loads(json.dumps(told)))
    assert back == Settings(
        "Europe/London",
        people=Written("people.toml", b'[[same]]\nlabels = ["Ama", "Ama B"]\n'),
        window_s=60.0,
        events=((date(2031, 1, 20), "Vote: opens"),),
    )
    assert describe(back) == told


@pytest.mark.slow
def test_who_is_who_is_read_once_and_remembered(done: Case, tmp_path: Path) -> None:
    case = a_copy(done, tmp_path)
    people = tmp_path / "people.toml"
    people.write_text('[[same]]\nlabels = ["Ines", "Yasmin"]\nwho = "Kofi"\n')
    before = load_tables(case)["people"].height
    outcome = analyse(case, Settings(people=people))
    people.unlink()
    assert outcome.tables["people"].height == before - 1
    assert load_tables(case)["people"].height == before - 1
    assert dict(outcome.run["parameters"])["people"] == "people.toml"  # type: ignore[call-overload]


def test_what_is_not_given_is_as_in_the_last_run_and_told(done: Case, tmp_path: Path) -> None:
    case = a_copy(done, tmp_path)
    assert settle({"window_s": 60.0}, case) == (Settings(window_s=60.0), [])
    run = Run("", describe(Settings("Asia/Kolkata", window_s=60)), "result", {})
    record_run(case, run, by=BY, details={}, inputs=[])
    settings, told = settle({"window_s": 120.0}, case)
    assert (settings.timezone, settings.window_s, told) == ("Asia/Kolkata", 120.0, ["timezone Asia/Kolkata"])
    assert settings_of(case) == Settings(timezone="Asia/Kolkata", window_s=60.0)


@pytest.mark.parametrize(
    "damage", [{"timezone": None}, {"window_s": "x"}, {"events": [["2024-13-01", "x"]]}, {"people": {"name": "p"}}]
)
def test_damaged_settings_of_the_last_run_are_told_as_what_they_are(
    done: Case, tmp_path: Path, damage: dict[str, object]
) -> None:
    case = a_copy(done, tmp_path)
    settings = {**describe(Settings()), **damage}
    run = Run("", {name: told for name, told in settings.items() if told is not None}, "result", {})
    record_run(case, run, by=BY, details={}, inputs=[])
    with pytest.raises(CaseError, match="settings of the last run are in no known form"):
        settings_of(case)


def test_a_folder_with_other_files_is_no_place_for_a_result(done: Case, tmp_path: Path) -> None:
    case = a_copy(done, tmp_path)
    a_file(tmp_path / "out")
    with pytest.raises(UsageError, match="holds other files"):
        analyse(case, out=tmp_path / "out")


@pytest.mark.slow
def test_the_command_makes_the_case_adds_analyses_and_remembers(tmp_path: Path) -> None:
    exports, folder = some_exports(tmp_path / "in", 1), tmp_path / "ward"
    with in_short():
        made = commandline.run("analyse", exports, "--case", folder, "--tz", "Asia/Kolkata", "--by", "Ines Duarte")
        again = commandline.run("analyse", "--case", folder)
    assert made.returncode == again.returncode == 0, made.stderr + again.stderr
    assert b"Made the case" in made.stderr
    assert b"As in the last run of this case: timezone Asia/Kolkata." in again.stderr
    assert str(folder / "result" / "report.html").encode() in made.stdout
    case = open_case(folder)
    assert [json.loads(line)["action"] for line in log_lines(case)] == ["new", "add", "analyse", "analyse"]
    assert [entry["actor"] for entry in entries(case)] == ["Ines Duarte", "unknown"]
    assert run_of(case)["parameters"]["timezone"] == "Asia/Kolkata"


def test_the_command_asks_for_what_it_lacks(tmp_path: Path) -> None:
    for words, said in (
        ((tmp_path,), b"No --out given"),
        (("--out", tmp_path / "out"), b"No export given"),
        (("--case", tmp_path / "none"), b"no case here"),
    ):
        done = commandline.run("analyse", *words)
        assert done.returncode == 2
        assert said in done.stderr


def test_two_exports_that_came_by_one_path_are_told_apart(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    for number in (1, 2):
        add_exports(case, [a_file(tmp_path / "in", a_chat(number), "WhatsApp Chat with Choir.txt")], by=BY)
    intake = casework.read_case(case, Settings(), Fresh(), silent)
    sources = {row["path"]: row for row in intake.all().tables["sources"].to_dicts()}
    assert len(sources) == 2
    assert all(path.startswith(f"{row['source_id'][:6]}:") for path, row in sources.items())
    assert {row["chat_title"] for row in sources.values()} == {"Choir"}


def test_what_the_whole_showed_of_its_dates_counts_for_the_part_that_is_kept(tmp_path: Path) -> None:
    lines = [f"{day:02}/01/2031, 10:00 - Ines: rehearsal {day}\n" for day in range(1, 29)]
    exports = [a_file(tmp_path / "in", "".join(lines).encode())]
    part, whole = a_case(tmp_path / "part"), a_case(tmp_path / "whole")
    add_exports(part, exports, by=BY, limits=Limits(until=date(2031, 1, 9)))
    add_exports(whole, exports, by=BY)
    for case, verdict, n in ((part, "declared", 9), (whole, "certain", 28)):
        intake = casework.read_case(case, Settings(), Fresh(), silent)
        (source,) = intake.all().tables["sources"].to_dicts()
        assert (source["date_order"], source["date_order_verdict"], source["n_messages"]) == ("dmy", verdict, n)
        assert any("only a part of it is kept" in warning for warning in intake.warnings) == (case is part)
