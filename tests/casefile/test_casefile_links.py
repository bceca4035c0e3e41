"""A link planted in a case is refused, and nothing outside of the case is written, moved or deleted."""

import os
from pathlib import Path

import pytest
from casefile.cases import BY, CHAT, a_case_with

from chatforensics.casefile import By, locked, open_case, originals_folder, purge_case, remove_leftovers
from chatforensics.casefile.originals import remove_tree
from chatforensics.errors import CaseError


@pytest.mark.parametrize("name", ["key", "lock", "derived", "originals/.part-x"])
def test_a_case_with_a_link_in_it_is_not_opened(tmp_path: Path, name: str) -> None:
    case = a_case_with(tmp_path, CHAT)
    (tmp_path / "precious").write_bytes(b"precious")
    (case.folder / name).unlink(missing_ok=True)
    (case.folder / name).symlink_to(tmp_path / "precious")
    with pytest.raises(CaseError, match="a link inside a case"):
        open_case(case.folder)


def test_purging_writes_over_no_file_elsewhere(tmp_path: Path) -> None:
    case = a_case_with(tmp_path, CHAT)
    precious = tmp_path / "precious"
    precious.write_bytes(b"precious")
    (case.folder / "key").unlink()
    (case.folder / "key").symlink_to(precious)
    with locked(case), pytest.raises(CaseError):
        purge_case(case, reason="over", by=BY)
    (case.folder / "key").unlink()
    os.link(precious, case.folder / "key")
    with locked(case):
        purge_case(case, reason="over", by=BY)
    assert precious.read_bytes() == b"precious"


def test_folders_that_links_point_at_stay_as_they_are(tmp_path: Path) -> None:
    case = a_case_with(tmp_path, CHAT)
    outside = tmp_path / "outside"
    outside.mkdir()
    outside.chmod(0o750)
    (outside / "file").write_bytes(b"x")
    (originals_folder(case) / ".part-x").symlink_to(outside)
    remove_leftovers(case)
    (tmp_path / "link").symlink_to(outside)
    remove_tree(tmp_path / "link")
    assert not (tmp_path / "link").is_symlink()
    assert (outside.stat().st_mode & 0o777, (outside / "file").read_bytes()) == (0o750, b"x")


def test_a_lock_that_is_a_link_is_not_written_through(tmp_path: Path) -> None:
    case = a_case_with(tmp_path, CHAT)
    precious = tmp_path / "precious"
    precious.write_bytes(b"precious")
    (case.folder / "lock").unlink()
    (case.folder / "lock").symlink_to(precious)
    with pytest.raises(CaseError), locked(case):
        pass
    assert precious.read_bytes() == b"precious"


def test_what_cannot_be_deleted_is_named_and_the_key_is_still_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = a_case_with(tmp_path, CHAT)

    def refuse(_folder: Path) -> None:
        raise PermissionError(13, "Permission denied", "originals")

    monkeypatch.setattr("chatforensics.casefile.purging.remove_tree", refuse)
    with locked(case), pytest.raises(CaseError, match="originals: Permission denied"):
        purge_case(case, reason="over", by=By("Ama", BY.at))
    assert len(case.key) == 32
