"""A case is made whole or refused, opened as it was made, and readable by its owner only."""

import sqlite3
import stat
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from casefile.cases import AT, BY, KEY, a_case

from chatforensics.casefile import expiry_warning, is_case, new_case, open_case
from chatforensics.casefile.folder import writing
from chatforensics.errors import CaseError, UsageError


def test_a_case_is_opened_as_it_was_made(tmp_path: Path) -> None:
    made = new_case(tmp_path / "case", title="Ward Ω", by=BY, key=KEY, expires=date(2032, 1, 31))
    assert open_case(tmp_path / "case") == made
    assert made.key == KEY


def test_only_its_owner_may_enter_a_case(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (case.folder, *case.folder.iterdir())}
    assert modes == {"case": 0o700, "case.sqlite": 0o600, "key": 0o600}


def test_a_folder_with_something_in_it_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"x")
    with pytest.raises(CaseError, match="something here"):
        new_case(tmp_path, title="Ward", by=BY, key=KEY)
    assert [path.name for path in tmp_path.iterdir()] == ["photo.jpg"]


def test_a_short_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="32 random bytes"):
        new_case(tmp_path / "case", title="Ward", by=BY, key=b"short")


def test_no_case_and_a_newer_case_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="no case here"):
        open_case(tmp_path)
    case = a_case(tmp_path)
    with closing(sqlite3.connect(case.folder / "case.sqlite")) as database:
        database.execute("PRAGMA user_version = 99")
    with pytest.raises(CaseError, match="layout 99"):
        open_case(case.folder)


def test_a_damaged_database_is_told(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    (case.folder / "case.sqlite").write_bytes(b"no database" * 1000)
    with pytest.raises(CaseError, match="damaged"):
        open_case(case.folder)


def test_a_case_that_was_interrupted_while_it_was_made_has_no_name_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatforensics.casefile.log.append_to", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        a_case(tmp_path)
    assert not (tmp_path / "case").exists()
    monkeypatch.undo()
    assert open_case(a_case(tmp_path).folder).title == "Ward"


def test_an_empty_folder_that_is_there_becomes_the_case(tmp_path: Path) -> None:
    (tmp_path / "case").mkdir(mode=0o755)
    assert stat.S_IMODE(a_case(tmp_path).folder.stat().st_mode) == 0o700


def test_a_change_happens_whole_or_not_at_all(tmp_path: Path) -> None:
    case = a_case(tmp_path)

    def change_and_fail() -> None:
        with writing(case) as database:
            database.execute("UPDATE meta SET value = 'other' WHERE name = 'title'")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_and_fail()
    assert open_case(case.folder).title == "Ward"


@pytest.mark.parametrize(("days", "words"), [(60, None), (20, "is near"), (-1, "has passed")])
def test_the_end_of_a_case_is_called_to_mind_in_time(tmp_path: Path, days: int, words: str | None) -> None:
    case = replace(a_case(tmp_path), expires=AT.date() + timedelta(days=days))
    said = expiry_warning(case, today=AT.date())
    assert said is None if words is None else words in str(said)


def test_a_folder_that_cannot_be_looked_into_is_a_wrong_option(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(_path: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "is_file", refuse)
    with pytest.raises(UsageError, match=r"Permission denied\. Name a folder that you may open"):
        is_case(tmp_path / "closed" / "case")
