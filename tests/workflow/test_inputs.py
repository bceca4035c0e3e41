"""Reading many exports: the same in this process and in several, also where files are there twice, or wrong."""

import shutil
from pathlib import Path

import pytest

from chatforensics.engine import HERE, Cores, Engine
from chatforensics.errors import UsageError
from chatforensics.workflow import inputs
from chatforensics.workflow.inputs import Intake, demo_folder, read_inputs
from chatforensics.workflow.run import Settings, silent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Exports of several phones; one of them twice, one that is none, and one that is cut off."""
    made = tmp_path / "phones"
    shutil.copytree(demo_folder(), made)
    export = next(path for path in sorted(made.rglob("*.txt")))
    shutil.copy(export, made / "copy.txt")
    (made / "holiday.txt").write_text("Dear Ilse,\nthe weather is fine.\n", encoding="utf-8")
    archive = next(path for path in sorted(made.rglob("*.zip")))
    (made / "cut.zip").write_bytes(archive.read_bytes()[:1000])
    return made


def read(folder: Path, settings: Settings, engine: Engine) -> Intake:
    return read_inputs([folder], settings, silent, engine=engine)


def test_reading_in_several_processes_gives_the_same(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inputs, "_MANY", 1)
    declared = tmp_path / "declared.toml"
    names = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*.txt"))]
    declared.write_text("".join(f'["{folder}/{name}"]\ntimezone = "Europe/Paris"\n' for name in names[:2]))
    settings = Settings(declare=declared)
    here, apart = read(folder, settings, HERE), read(folder, settings, Cores(2))
    assert [kept.facts for kept in here.kept] == [kept.facts for kept in apart.kept]
    for one, other in zip(here.kept, apart.kept, strict=True):
        assert one.tables.keys() == other.tables.keys()
        assert all(frame.equals(other.tables[name]) for name, frame in one.tables.items())
    told = ("failures", "warnings", "stated", "exports", "read_as", "read", "used")
    assert {name: getattr(here, name) for name in told} == {name: getattr(apart, name) for name in told}
    assert len(here.failures) == 2
    assert sum("is the same file as" in words for words in here.warnings) == 1
    assert len(here.stated) == 2


@pytest.mark.parametrize("engine", [HERE, Cores(2)])
def test_something_declared_of_no_input_is_refused_and_of_one_that_cannot_be_read_is_not(
    folder: Path, tmp_path: Path, engine: Engine
) -> None:
    declared = tmp_path / "declared.toml"
    declared.write_text(f'["{folder}/holiday.txt"]\ntimezone = "Europe/Paris"\n')
    assert read(folder, Settings(declare=declared), engine).failures
    shutil.copy(folder / "holiday.txt", folder / "seaside.txt")
    assert len(read(folder, Settings(declare=declared), engine).failures) == 3
    declared.write_text('["nowhere.txt"]\ntimezone = "Europe/Paris"\n')
    with pytest.raises(UsageError, match=r"nowhere\.txt"):
        read(folder, Settings(declare=declared), engine)
