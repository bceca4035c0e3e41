"""Stages are kept whole or not at all, found again only for the same key and program, and never used when damaged."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from chatforensics.casefile import Again, Derived, Fresh, Kept, Store, check_stage, hash_package, list_stages
from chatforensics.casefile import stored as stored_stages
from chatforensics.errors import CaseError
from chatforensics.tables import file_of

KEY = {"of": ["a"], "window_s": 300.0}
MADE = Kept({"people": pl.DataFrame({"person_id": ["p1", "p2"]})}, {"n": 2}, {"figures/one.svg": b"<svg/>"})


def refuse() -> Kept:
    pytest.fail("made again")


def keep(folder: Path, make: Callable[[], Kept] = lambda: MADE) -> tuple[Kept, Derived]:
    store = Derived(folder)
    return store.keep("joining", KEY, make), store


def the_stage(folder: Path) -> Path:
    (name,) = list_stages(folder)
    return folder / name


def test_what_was_kept_is_found_again_and_not_made_again(tmp_path: Path) -> None:
    first, store = keep(tmp_path)
    again, other = keep(tmp_path, refuse)
    for kept in (first, again):
        assert_frame_equal(kept.tables["people"], MADE.tables["people"])
        assert (kept.facts, kept.files) == (MADE.facts, MADE.files)
    assert first.id == again.id
    assert (store.made, store.reused, other.made, other.reused) == (1, 0, 0, 1)


@given(facts=st.dictionaries(st.text(max_size=8), st.none() | st.booleans() | st.integers() | st.text(max_size=8)))
def test_plain_values_of_any_kind_come_back_as_they_were(
    facts: dict[str, object], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("derived")
    assert Derived(folder).keep("joining", KEY, lambda: Kept(facts=facts)).facts == facts
    assert Derived(folder).keep("joining", KEY, refuse).facts == facts


@pytest.mark.parametrize(("stage", "key"), [("families", KEY), ("joining", {**KEY, "window_s": 60.0}), ("joining", {})])
def test_another_stage_or_key_is_another_thing(stage: str, key: dict[str, object], tmp_path: Path) -> None:
    first, _ = keep(tmp_path)
    assert Derived(tmp_path).find(stage, key) is None
    assert Derived(tmp_path).keep(stage, key, lambda: MADE).id != first.id


def test_another_program_makes_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(tmp_path)
    monkeypatch.setattr(stored_stages, "describe_program", lambda: {"version": "another"})
    assert Derived(tmp_path).find("joining", KEY) is None


def test_only_the_owner_can_read_what_is_kept(tmp_path: Path) -> None:
    keep(tmp_path / "derived")
    for path in (tmp_path / "derived").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


def change(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def claim(path: Path) -> None:
    manifest = json.loads(path.read_bytes())
    path.write_text(json.dumps({**manifest, "key": {}}))


def link(path: Path) -> None:
    copy = path.parent.parent.parent / "elsewhere"
    path.rename(copy)
    path.symlink_to(copy)


def empty(stage: Path) -> None:
    for path in sorted(stage.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()


DAMAGES: dict[str, Callable[[Path], object]] = {
    "a bit of a table": lambda stage: change(stage / "people.parquet"),
    "a bit of the values": lambda stage: change(stage / "facts.json"),
    "a file cut to nothing": lambda stage: (stage / "files" / "figures" / "one.svg").write_bytes(b""),
    "a file gone": lambda stage: (stage / "people.parquet").unlink(),
    "a file too many": lambda stage: (stage / "more.parquet").touch(),
    "a link in place of a file": lambda stage: link(stage / "people.parquet"),
    "no manifest": lambda stage: (stage / "manifest.json").unlink(),
    "a manifest that is no JSON": lambda stage: (stage / "manifest.json").write_bytes(b"{"),
    "a manifest nested too deeply": lambda stage: (stage / "manifest.json").write_bytes(b"[" * 100_000),
    "a manifest of another key": lambda stage: claim(stage / "manifest.json"),
    "an empty folder": empty,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_stage_is_told_and_made_again(damage: str, tmp_path: Path) -> None:
    folder = tmp_path / "derived"
    keep(folder)
    DAMAGES[damage](the_stage(folder))
    assert check_stage(the_stage(folder))
    kept, store = keep(folder)
    assert_frame_equal(kept.tables["people"], MADE.tables["people"])
    assert len(store.damaged) == 1
    assert "damaged" in store.damaged[0]
    assert check_stage(the_stage(folder)) is None


def test_a_whole_stage_has_no_fault(tmp_path: Path) -> None:
    keep(tmp_path)
    assert check_stage(the_stage(tmp_path)) is None


def test_a_stage_that_cannot_be_made_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> Kept:
        raise KeyError

    with pytest.raises(KeyError):
        keep(tmp_path, fail)
    with pytest.raises(TypeError):
        keep(tmp_path, lambda: Kept(facts={"n": object()}))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_to_is_a_case_error(tmp_path: Path) -> None:
    (tmp_path / "derived").write_bytes(b"")
    with pytest.raises(CaseError, match="derived"):
        keep(tmp_path / "derived")


def test_what_a_killed_run_left_is_removed_and_the_rest_stays(tmp_path: Path) -> None:
    _, store = keep(tmp_path)
    part = tmp_path / f".{os.getpid()}-0123456789abcdef.part"
    (part / "files").mkdir(parents=True)
    (part / "files" / "half").write_bytes(b"x")
    store.remove_leftovers()
    assert [path.name for path in tmp_path.iterdir()] == list_stages(tmp_path)
    assert len(list_stages(tmp_path)) == 1


def test_what_a_run_did_not_use_is_removed_but_what_is_asked_for_of_this_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for stage in ("joining", "picture"):
        Derived(tmp_path).keep(stage, {"of": ["old"]}, lambda: MADE)
    with monkeypatch.context() as other:
        other.setattr(stored_stages, "describe_program", lambda: {"version": "another"})
        Derived(tmp_path).keep("picture", KEY, lambda: MADE)
    kept, store = keep(tmp_path)
    store.remove_unused(but=("picture",))
    assert [name.rpartition("-")[0] for name in list_stages(tmp_path)] == ["joining", "picture"]
    assert f"joining-{kept.id[:16]}" in list_stages(tmp_path)


def test_without_a_store_everything_is_made_each_time() -> None:
    store: Store = Fresh()
    assert store.keep("joining", KEY, lambda: MADE) is MADE
    assert store.find("joining", KEY) is None


def test_made_again_is_compared_with_what_is_kept(tmp_path: Path) -> None:
    first, _ = keep(tmp_path)
    same, other = Again(tmp_path), Again(tmp_path)
    assert same.keep("joining", KEY, lambda: MADE).id == first.id
    assert (same.compared, same.different) == (1, [])
    other.keep("joining", KEY, lambda: Kept({"people": pl.DataFrame({"person_id": ["p3"]})}, MADE.facts))
    name = the_stage(tmp_path).name
    assert other.different == [f"derived/{name}/files/figures/one.svg", f"derived/{name}/people.parquet"]
    assert Again(tmp_path / "none").keep("joining", KEY, lambda: MADE).id == first.id


def test_the_hash_of_the_package_tells_content_and_names_and_leaves_out_what_python_adds(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_bytes(b"1")
    first = hash_package(tmp_path)
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "one.pyc").write_bytes(b"x")
    (tmp_path / ".one.py.swp").write_bytes(b"x")
    assert hash_package(tmp_path) == first
    (tmp_path / "one.py").rename(tmp_path / "two.py")
    second = hash_package(tmp_path)
    (tmp_path / "two.py").write_bytes(b"2")
    assert len({first, second, hash_package(tmp_path)}) == 3


def test_large_tables_of_a_run_that_keeps_nothing_lie_in_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert file_of(Fresh(tmp_path).keep("joining", KEY, lambda: MADE).tables, "people") is None
    monkeypatch.setattr(stored_stages, "_LARGE_FRAME", 1)
    assert file_of(Fresh().keep("joining", KEY, lambda: MADE).tables, "people") is None
    kept = Fresh(tmp_path).keep("joining", KEY, lambda: MADE)
    path = file_of(kept.tables, "people")
    assert path is not None
    assert path.parent == tmp_path
    assert_frame_equal(kept.tables["people"], MADE.tables["people"])
    assert (kept.facts, kept.files) == (MADE.facts, MADE.files)


def test_a_large_table_that_is_made_again_is_compared_with_what_is_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(tmp_path / "derived")
    monkeypatch.setattr(stored_stages, "_LARGE_FRAME", 1)
    again = Again(tmp_path / "derived", scratch=tmp_path)
    again.keep("joining", KEY, lambda: MADE)
    assert (again.compared, again.different) == (1, [])
    again.keep("joining", KEY, lambda: Kept({"people": MADE.tables["people"].head(1)}, MADE.facts, MADE.files))
    assert again.different == [f"derived/{the_stage(tmp_path / 'derived').name}/people.parquet"]


def rewrite(stage: Path, name: str, content: bytes) -> None:
    """Change a file of a stage as somebody would who knows the form: the manifest holds the new hash."""
    (stage / name).write_bytes(content)
    manifest = json.loads((stage / "manifest.json").read_bytes())
    manifest["files"][name] = stored_stages.hash_content(content)
    (stage / "manifest.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("people.parquet", b"no table"),
        ("people.parquet", b"PAR1" + b"\xff" * 64 + b"PAR1"),
        ("people.parquet", b""),
        ("facts.json", b"{"),
        ("facts.json", b"[" * 100_000),
        ("facts.json", b"[1]"),
    ],
)
@pytest.mark.parametrize("large", [0, 16_000_000])
def test_a_stage_with_right_hashes_that_nobody_can_read_is_told_and_made_again(
    name: str, content: bytes, large: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "derived"
    keep(folder)
    rewrite(the_stage(folder), name, content)
    monkeypatch.setattr(stored_stages, "_LARGE_BYTES", large)
    kept, store = keep(folder)
    assert (kept.facts, len(store.damaged)) == (MADE.facts, 1)


def test_what_stands_where_a_stage_should_is_told_and_gives_way(tmp_path: Path) -> None:
    folder = tmp_path / "derived"
    keep(folder)
    stage, elsewhere = the_stage(folder), tmp_path / "elsewhere"
    stage.rename(elsewhere)
    for put in (lambda: stage.write_bytes(b"x"), lambda: stage.symlink_to(elsewhere), lambda: stage.symlink_to("gone")):
        put()
        kept, store = keep(folder)
        assert (kept.facts, len(store.damaged), stage.is_symlink()) == (MADE.facts, 1, False)
        stored_stages.remove_stage(stage)
    assert check_stage(elsewhere.rename(stage)) is None


def test_links_and_files_among_the_stages_go_and_what_they_point_to_stays(tmp_path: Path) -> None:
    folder, theirs = tmp_path / "derived", tmp_path / "theirs"
    _, store = keep(folder)
    theirs.mkdir()
    (theirs / "letter").write_bytes(b"x")
    (folder / "x-1").symlink_to(theirs)
    (folder / ".y.part").symlink_to(theirs)
    (folder / ".x.part").write_bytes(b"x")
    store.remove_leftovers()
    store.remove_unused()
    assert [path.name for path in folder.iterdir()] == list_stages(folder) == [the_stage(folder).name]
    assert (theirs / "letter").read_bytes() == b"x"


def test_rows_made_again_are_compared_with_stages_of_other_keys(tmp_path: Path) -> None:
    texts = pl.DataFrame({"text": ["a", "b"], "rows": [None, "[]"]})
    names = [f"texts-{Derived(tmp_path).keep('texts', {'n': n}, lambda: Kept({'texts': texts})).id[:16]}" for n in "12"]
    again = Again(tmp_path)
    again.compare("texts", "texts", [texts.head(1), texts.tail(1)])
    assert again.different == []
    again.compare("texts", "texts", [texts.with_columns(rows=pl.lit("[1]"))])
    assert again.different == [f"derived/{name}/texts.parquet" for name in sorted(names)]
