"""A folder for results has one writer at a time, and nothing in it is taken for ours that is not."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chatforensics.errors import UsageError
from chatforensics.storage import check_output
from chatforensics.workflow import analyse
from chatforensics.workflow.parts import part_folder, scratch_folder

AT = datetime(2025, 3, 1, tzinfo=UTC)
LINUX = pytest.mark.skipif(sys.platform == "win32", reason="folders cannot be held there")


@LINUX
def test_a_second_run_into_one_folder_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "chat.txt").write_text("13/03/2024, 08:30 - Ama: yes\n", encoding="utf-8")
    with scratch_folder(tmp_path / "out", at=AT) as scratch:
        check_output(tmp_path / "out")
        with pytest.raises(UsageError, match="another run writes its result here"):
            analyse([tmp_path / "chat.txt"], out=tmp_path / "out")
        assert list((tmp_path / "out").iterdir()) == [scratch]


@LINUX
def test_a_link_to_the_folder_does_not_get_around_it(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "link").symlink_to("out")
    with (
        scratch_folder(tmp_path / "link", at=AT),
        pytest.raises(UsageError, match="another run"),
        scratch_folder(tmp_path / "out", at=AT),
    ):
        pass


def test_when_a_run_has_ended_nothing_is_left_that_holds_the_folder(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    for out in (tmp_path / "new", tmp_path / "there"):
        for _ in range(2):
            with scratch_folder(out, at=AT):
                pass
    assert [list(path.iterdir()) for path in tmp_path.iterdir()] == [[]]


def test_folders_of_others_stay_whatever_their_names_begin_with(tmp_path: Path) -> None:
    names = [".part-abcd1234", ".part-chatforensics-mine", ".part-time-photos"]
    for name in names:
        (tmp_path / name).mkdir()
    with part_folder(tmp_path, at=AT):
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == names
