"""Options of an earlier run in no known form are refused, and no export is lost whose path shows as another's."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from casefile.cases import CHAT, a_file

from chatforensics.errors import UsageError
from chatforensics.workflow.earlier import Earlier, settle_as_earlier
from chatforensics.workflow.retrying import try_failed
from chatforensics.workflow.run import Settings

GOOD = {"timezone": "UTC", "window_s": 60, "pictures": "all", "events": [{"date": "2024-03-13", "label": "Vote"}]}


def earlier(parameters: Mapping[str, object], *, read: tuple[str, ...] = (), failed: tuple[str, ...] = ()) -> Earlier:
    return Earlier(
        read=read, read_hashes=(), failed=failed, failed_hashes=(), parameters=parameters, program="x"
    )  # fmt: skip


@pytest.mark.parametrize(
    "odd",
    [
        {"timezone": None},
        {"timezone": "Nowhere/Land"},
        {"window_s": "x"},
        {"window_s": "nan"},
        {"pictures": 1},
        {"events": None},
        {"events": [1]},
        {"events": [{"date": "x", "label": "Vote"}]},
        {"events": [{"label": "Vote"}]},
    ],
)
def test_options_in_no_known_form_are_refused_with_what_to_do(odd: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="in no known form"):
        settle_as_earlier({}, earlier(GOOD | odd))


def test_without_a_zone_too_and_with_all_the_settings_are_those_of_before() -> None:
    with pytest.raises(UsageError, match="in no known form"):
        settle_as_earlier({}, earlier({name: told for name, told in GOOD.items() if name != "timezone"}))
    assert settle_as_earlier({"window_s": 90.0}, earlier(GOOD)).window_s == 90


def test_of_two_paths_that_show_alike_both_are_tried_and_neither_is_lost(tmp_path: Path) -> None:
    cut, whole = (
        a_file(tmp_path / "in", content, f"chat{end}.txt") for content, end in ((b"", "\udcfe"), (CHAT, "\udcff"))
    )
    shown = str(tmp_path / "in" / "chat\ufffd.txt")
    before = earlier(GOOD, read=(shown,), failed=(shown,))
    assert try_failed([tmp_path / "in"], before, Settings()).n_failed == 2
    whole.unlink()
    with pytest.raises(UsageError, match="not among the paths given: 1"):
        try_failed([tmp_path / "in"], before, Settings())
    assert cut.exists()
