"""A case is held to its own records: whatever is changed in it is named."""

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from casefile.cases import a_case
from workflow.case_runs import a_chat, a_copy, a_filled_case, analyse, in_short

from chatforensics import storage
from chatforensics.casefile import Case, Kept, Run, digest_outputs, list_originals, list_stages, open_derived
from chatforensics.casefile import stored as stored_stages
from chatforensics.errors import CaseError
from chatforensics.package.checker import FAILED, OK, OPEN
from chatforensics.workflow import casework, parts, verifying
from chatforensics.workflow.presenting import Presented
from chatforensics.workflow.verifying import verify_case

AGAIN = "results computed again"


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """A case of two exports, analysed once."""
    case = a_filled_case(tmp_path_factory.mktemp("case"))
    analyse(case)
    return case


def states(case: Case, *, rerun: bool = False) -> dict[str, str]:
    with in_short():
        return {result.name: result.state for result in verify_case(case.folder, rerun=rerun)}


def failing(case: Case, *, rerun: bool = False) -> dict[str, str]:
    """Return the checks that fail, and all that they say."""
    with in_short():
        results = verify_case(case.folder, rerun=rerun)
    return {x.name: " ".join((x.words, *x.details)) for x in results if x.state == FAILED}


def change(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(content)


def change_database(case: Case, *statements: str) -> None:
    with closing(sqlite3.connect(case.folder / "case.sqlite")) as database:
        for statement in statements:
            database.execute(statement)
        database.commit()


def an_original(case: Case) -> Path:
    path = list_originals(case)[0].path
    assert path
    return path


def a_stage(case: Case, stage: str) -> Path:
    (found,) = (case.folder / "derived").glob(f"{stage}-*")
    return found


def test_a_case_as_it_was_left_agrees_and_nothing_in_it_is_changed(done: Case) -> None:
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in files_of(done)}
    assert states(done, rerun=True) == dict.fromkeys(
        ("database", "custody log", "records", "originals", "nothing added", "kept stages", "results", AGAIN), OK
    )
    assert {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in files_of(done)} == before


def files_of(case: Case) -> list[Path]:
    return [path for path in case.folder.rglob("*") if path.is_file()]


def test_what_was_not_asked_for_or_not_there_is_not_checked(done: Case, tmp_path: Path) -> None:
    assert states(done)[AGAIN] == OPEN
    assert {name for name, state in states(a_case(tmp_path)).items() if state == OPEN} == {"kept stages", "results"}


def overwrite_pages(case: Case) -> None:
    """Write over the pages of the database behind the first, which holds its layout."""
    path = case.folder / "case.sqlite"
    content = bytearray(path.read_bytes())
    for at in range(4096, len(content), 4096):
        content[at : at + 16] = b"\xff" * 16
    path.write_bytes(content)


def change_record(case: Case) -> None:
    path = case.folder / "result" / "run.json"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), "warnings": ["all is well"]}))


CHANGES: dict[str, tuple[Callable[[Case], None], str, str]] = {
    "a bit of an original": (lambda case: change(an_original(case)), "originals", "not the file that was added"),
    "an original gone": (lambda case: an_original(case).unlink(), "originals", "cannot be read now"),
    "a file beside an original": (
        lambda case: (an_original(case).parent / "IMG.jpg").touch(), "nothing added", "IMG.jpg",
    ),
    "a folder among the originals": (
        lambda case: (case.folder / "originals" / "more").mkdir(), "nothing added", "originals/more",
    ),
    "a line of the log": (
        lambda case: change_database(
            case, "DROP TRIGGER log_stays", "UPDATE log SET line = replace(line, 'Ama', 'Ima') WHERE seq = 2"
        ),
        "custody log", "line 3 of the custody log does not follow",
    ),
    "an export taken out": (
        lambda case: change_database(case, "DELETE FROM sources WHERE rowid = 1"),
        "custody log", "not those that the custody log says were added",
    ),
    "the database": (overwrite_pages, "database", "case.sqlite"),
    "a bit of a kept table": (
        lambda case: change(a_stage(case, "joining") / "messages.parquet"), "kept stages", "messages.parquet",
    ),
    "a kept table gone": (
        lambda case: (a_stage(case, "spread") / "shares.parquet").unlink(), "kept stages", "shares.parquet is missing",
    ),
    "a table of the result": (
        lambda case: change(case.folder / "result" / "tables" / "people.parquet"), "results", "tables/people.parquet",
    ),
    "the record of the result": (change_record, "results", "run.json"),
    "a custodian's folder": (
        lambda case: change_database(case, "UPDATE sources SET folder = 'phone-9'"), "records", "folder",
    ),
    "an invented reply": (
        lambda case: change_database(
            case, "INSERT INTO replies VALUES (1, 'p', 'Kofi', 'replied', 'I confess.', NULL, NULL, 'Ama', '2031')"
        ),
        "records", "Replies and offers on record: 1; in the custody log: 0",
    ),
    "the title": (
        lambda case: change_database(case, "UPDATE meta SET value = 'Other' WHERE name = 'title'"), "records", "title",
    ),
    "the key": (lambda case: (case.folder / "key").unlink(), "records", "key"),
    "a column": (
        lambda case: change_database(case, "ALTER TABLE sources RENAME COLUMN shown TO seen"), "database", "no such",
    ),
    "the hashes of the last run": (
        lambda case: change_database(
            case, "UPDATE runs SET settings = replace(settings, '\"run.json\":\"', '\"run.json\":\"0')"
        ),
        "results", "not those in the custody log",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_what_was_changed_is_named(what: str, done: Case, tmp_path: Path) -> None:
    alter, name, said = CHANGES[what]
    case = a_copy(done, tmp_path)
    alter(case)
    faults = failing(case)
    assert said.casefold() in faults[name].casefold()


def test_an_interrupted_run_is_told_from_a_change(done: Case, tmp_path: Path) -> None:
    case = a_copy(done, tmp_path)
    path = case.folder / "result" / "run.json"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), "finished_at": None}))
    assert states(case)["results"] == OPEN


@pytest.mark.slow
def test_a_table_that_was_changed_with_its_hash_is_found_by_analysing_again(done: Case, tmp_path: Path) -> None:
    case = a_copy(done, tmp_path)
    stage = a_stage(case, "joining")
    table = pl.read_parquet(stage / "people.parquet")
    table.with_columns(pseudonym=pl.lit("P-other")).write_parquet(stage / "people.parquet")
    manifest = json.loads((stage / "manifest.json").read_bytes())
    manifest["files"]["people.parquet"] = stored_stages.hash_file(stage / "people.parquet")
    (stage / "manifest.json").write_text(json.dumps(manifest))
    assert failing(case) == {}
    assert f"derived/{stage.name}/people.parquet" in failing(case, rerun=True)[AGAIN]


@pytest.mark.slow
def test_results_made_from_other_originals_are_found_by_analysing_again(done: Case, tmp_path: Path) -> None:
    case, other = a_copy(done, tmp_path), a_filled_case(tmp_path / "other", 1)
    analyse(other)
    forge_results(case, other)
    assert "result/tables/messages.parquet" in failing(case, rerun=True)[AGAIN]


def forge_results(case: Case, other: Case) -> None:
    """Put the results and records of another case in place of the case's own, and write its log anew to fit."""
    with closing(sqlite3.connect(other.folder / "case.sqlite")) as theirs:
        (told,) = theirs.execute("SELECT settings FROM runs").fetchone()
    with closing(sqlite3.connect(case.folder / "case.sqlite")) as database:
        database.execute("UPDATE runs SET settings = ?", (told,))
        database.execute("DROP TRIGGER log_stays")
        (line,) = database.execute("SELECT line FROM log ORDER BY seq DESC LIMIT 1").fetchone()
        entry = {**json.loads(line), "outputs": [digest_outputs(Run("", {}, "", json.loads(told)["outputs"]))]}
        line = json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        database.execute("UPDATE log SET line = ? WHERE seq = ?", (line, entry["seq"]))
        database.commit()
    for path in (case.folder / "result").rglob("*"):
        twin = other.folder / "result" / path.relative_to(case.folder / "result")
        if path.is_file():
            path.write_bytes(twin.read_bytes())


@pytest.mark.slow
def test_results_that_differ_fail_though_another_program_made_them(
    done: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = a_copy(done, tmp_path)
    program = {"version": "0", "sha256": "0" * 64, "packages": {}, "python": "3"}
    for place in ("workflow.verifying", "casefile.stored"):
        monkeypatch.setattr(f"chatforensics.{place}.describe_program", lambda: program)
    again = casework.analyse_again
    monkeypatch.setattr(verifying, "analyse_again", lambda *given: spoil(again(*given)))
    with in_short():
        (found,) = (result for result in verify_case(case.folder, rerun=True) if result.name == AGAIN)
    assert found.state == FAILED
    assert found.words.startswith("Results differ; they were made by another version of the program")
    assert "Another version may compute otherwise" in found.details[0]
    assert list_stages(case.folder / "derived") == list_stages(done.folder / "derived")


def spoil(presented: Presented) -> Presented:
    return replace(presented, files={**presented.files, "report.html": b"otherwise"})


def test_an_original_that_is_not_what_was_added_cannot_be_analysed_again(done: Case, tmp_path: Path) -> None:
    case = a_copy(done, tmp_path)
    path = an_original(case)
    path.chmod(0o600)
    path.write_bytes(a_chat(9))
    assert "cannot be analysed as before" in failing(case, rerun=True)[AGAIN]


def test_where_there_is_no_case_nothing_is_verified(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="no case here"):
        verify_case(tmp_path, rerun=False)


def test_records_of_a_run_in_no_known_form_are_named(done: Case, tmp_path: Path) -> None:
    case = a_copy(done, tmp_path)
    change_database(case, "UPDATE runs SET settings = '[]'")
    assert "no known form" in failing(case)["results"]


def test_a_check_works_inside_of_the_case_and_removes_what_a_killed_one_left(done: Case, tmp_path: Path) -> None:
    case = a_copy(done, tmp_path)
    with verifying._scratch(case) as scratch:
        assert scratch.is_relative_to(case.folder)
        assert scratch.stat().st_mode & 0o077 == 0
        left = Path(shutil.copytree(scratch, scratch.with_name(storage.name_part())))
        (left / "messages.parquet").write_bytes(b"words")
        with verifying._scratch(case) as other:
            assert other != scratch
            assert (scratch.is_dir(), left.exists()) == (True, False)
    assert not scratch.exists()
    assert not other.exists()


def test_the_next_analysis_removes_what_a_killed_check_left(done: Case, tmp_path: Path) -> None:
    case = a_copy(done, tmp_path)
    left = case.folder / "result" / storage.name_part()
    left.mkdir()
    analyse(case)
    assert not left.exists()


def test_where_nothing_can_be_written_to_the_case_a_check_works_elsewhere(
    done: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def refuse(_folder: Path) -> None:
        raise PermissionError(30, "Read-only file system")

    monkeypatch.setattr(parts, "make_folder", refuse)
    with verifying._scratch(done) as scratch:
        assert scratch.parent == tmp_path
    assert not scratch.exists()


@pytest.mark.slow
def test_labels_that_somebody_forged_are_named_with_what_to_do(done: Case, tmp_path: Path) -> None:
    case = a_copy(done, tmp_path)
    genuine = pl.read_parquet(a_stage(case, "texts") / "texts.parquet")
    shutil.rmtree(case.folder / "derived")
    forged = Kept({"texts": genuine.with_columns(rows=pl.lit(None, pl.String))})
    name = f"texts-{open_derived(case).keep('texts', {'texts': 'forged'}, lambda: forged).id[:16]}"
    assert analyse(case).tables["slates"].is_empty()
    said = failing(case, rerun=True)[AGAIN]
    assert f"derived/{name}/texts.parquet" in said
    assert "remove the folder derived of the case" in said
    shutil.rmtree(case.folder / "derived")
    assert not analyse(case).tables["slates"].is_empty()
    assert failing(case, rerun=True) == {}
