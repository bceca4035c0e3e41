"""Reading many exports: the same in this process and in several, also where files are there twice, or wrong."""

import shutil
from pathlib import Path

import pytest

from chatforensics.casefile import Derived, Fresh, Store
from chatforensics.engine import HERE, Cores, Engine
from chatforensics.errors import UsageError
from chatforensics.intake import find_exports
from chatforensics.workflow import gathered, inputs
from chatforensics.workflow.gathered import Gathered, put_together
from chatforensics.workflow.inputs import Intake, demo_folder, read_inputs
from chatforensics.workflow.layouts import warn_of_folders
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


def read(folder: Path, settings: Settings, engine: Engine, store: Store | None = None) -> Intake:
    return read_inputs([folder], settings, silent, engine=engine, store=store)


def assert_the_same(here: Intake, there: Intake) -> None:
    one, other = here.all(), there.all()
    assert one.tables.keys() == other.tables.keys()
    assert all(frame.equals(other.tables[name]) for name, frame in one.tables.items())
    messages = [each.scan().sort("source_id", "byte_start").collect() for each in (one, other)]
    assert messages[0].equals(messages[1])
    assert one.tables["sources"].height == one.tables["sources"]["source_id"].n_unique() > 5
    told = ("failures", "warnings", "stated", "exports", "read_as", "read", "used")
    assert {name: getattr(here, name) for name in told} == {name: getattr(there, name) for name in told}


@pytest.mark.parametrize(
    "how",
    [
        ("memory", 1, HERE),
        ("memory", 2, HERE),
        ("scratch", 2, HERE),
        ("scratch", 64, HERE),
        ("case", 2, HERE),
        ("case", 64, HERE),
        ("scratch", 2, Cores(2)),
        pytest.param(("case", 2, Cores(2)), marks=pytest.mark.slow),
        pytest.param(("memory", 1, Cores(2)), marks=pytest.mark.slow),
    ],
)
def test_reading_some_at_a_time_and_in_several_processes_gives_the_same(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: tuple[str, int, Engine]
) -> None:
    where, together, engine = how
    monkeypatch.setattr(inputs, "_MANY", 1)
    declared = tmp_path / "declared.toml"
    names = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*.txt"))]
    declared.write_text("".join(f'["{folder}/{name}"]\ntimezone = "Europe/Paris"\n' for name in names[:2]))
    settings = Settings(declare=declared)
    here = read(folder, settings, HERE)
    monkeypatch.setattr(inputs, "_TOGETHER", together)
    monkeypatch.setattr(gathered, "_ROWS_APART", 100)
    (tmp_path / "scratch").mkdir()
    stores: dict[str, Store] = {"scratch": Fresh(tmp_path / "scratch"), "case": Derived(tmp_path / "derived")}
    assert_the_same(here, read(folder, settings, engine, stores.get(where)))
    assert any((tmp_path / "scratch").iterdir()) == (where == "scratch")
    assert len(here.failures) == 2
    assert sum("is the same file as" in words for words in here.warnings) == 1
    assert len(here.stated) == 2


def test_a_store_is_asked_before_anything_is_read_and_what_is_damaged_there_is_read_again(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inputs, "_MANY", 1)
    first = read(folder, Settings(), HERE, Derived(tmp_path / "derived"))
    stage = min((tmp_path / "derived").glob("export-*"))
    (stage / "messages.parquet").write_bytes(b"nothing")
    store = Derived(tmp_path / "derived")
    assert_the_same(first, read(folder, Settings(), HERE, store))
    n_stored = len(list((tmp_path / "derived").glob("export-*")))
    assert (store.made, store.reused, len(store.damaged)) == (1, n_stored - 1, 1)


def test_exports_can_be_left_out_again(folder: Path) -> None:
    whole = read(folder, Settings(), HERE).all()
    names = whole.tables["sources"]["source_id"].to_list()
    parts = [whole.without(names[:2]), whole.without(names[2:])]
    assert_tables_equal(put_together(parts[::-1]), whole)
    assert parts[1].scan().collect()["source_id"].n_unique() == 2
    assert whole.scan(names[:3]).collect().height == whole.without(names[3:]).scan().collect().height > 0


def assert_tables_equal(one: Gathered, other: Gathered) -> None:
    for name, frame in one.tables.items():
        assert sorted(frame.rows(), key=repr) == sorted(other.tables[name].rows(), key=repr)
    assert one.scan().sort("message_id").collect().equals(other.scan().sort("message_id").collect())


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


TEXT = b"13/03/2024, 08:30 - Ama: hi\n13/03/2024, 08:31 - Ben: ok\n"


def put(folder: Path, *names: str) -> list[Path]:
    """Write exports that all differ."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(TEXT + f"13/03/2024, 08:32 - Ama: {folder.name} {name}\n".encode())
    return [folder / name for name in names]


@pytest.mark.parametrize(
    ("first", "second", "unused"),
    [
        (None, "Europe/Paris", True),
        ("Europe/Paris", None, False),
        ("Europe/Paris", "Europe/Paris", False),
        ("Europe/Paris", "Asia/Dhaka", True),
    ],
)
def test_what_is_declared_of_a_copy_of_another_input_refuses_nothing_and_is_told_where_it_is_not_used(
    tmp_path: Path, first: str | None, second: str | None, *, unused: bool
) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_bytes(TEXT)
    declared = tmp_path / "declared.toml"
    zones = {"a.txt": first, "b.txt": second}
    tables = [f'["{tmp_path}/{name}"]\ntimezone = "{zone}"\n' for name, zone in zones.items() if zone]
    declared.write_text("".join(tables))
    found = read_inputs([tmp_path], Settings(declare=declared), silent)
    assert sum("b.txt is the same file as" in words for words in found.warnings) == 1
    told = f"--declare: what is declared of {tmp_path}/b.txt was not used, for it is the same file as {tmp_path}/a.txt."
    assert any(words.startswith(told) for words in found.warnings) == unused


def test_exports_that_lie_in_no_folder_of_a_phone_are_warned_of(tmp_path: Path) -> None:
    one, other = put(tmp_path / "all" / "ama", "1.txt", "2.txt")
    (third,) = put(tmp_path / "all" / "ben", "3.txt")
    (tmp_path / "all" / "none").mkdir()

    def warned(*paths: Path, files: bool = True) -> list[str]:
        return [words[:25] for words in warn_of_folders(paths, find_exports(paths), files=files)]

    assert warned(one.parent) == ["Exports that lie in the f"]
    assert warned(one.parent, third.parent) == ["Folders given one by one:"]
    assert warned(one, other) == warned(one, third.parent) == ["Exports given one by one:"]
    assert warned(one, other, files=False) == []
    link = tmp_path / "all" / "ben" / "link.txt"
    link.symlink_to("3.txt")
    for paths in (
        [one],
        [third, link, tmp_path / "gone.txt"],
        [third.parent],
        [third.parent, tmp_path / "all" / "none"],
        [tmp_path / "all"],
    ):
        assert warned(*paths) == []
    assert warn_of_folders([demo_folder()], find_exports([demo_folder()])) == []


def test_an_input_that_fails_as_it_is_read_is_a_failure_and_the_others_are_read(tmp_path: Path) -> None:
    (path,) = put(tmp_path, "a.txt")
    found = read_inputs([path, tmp_path / ("x" * 300), Path("/proc/self/mem")], Settings(), silent)
    assert (len(found.read), len(found.failures)) == (1, 2)
