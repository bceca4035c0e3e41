"""Progress goes to standard error, in the form that its reader wants."""

import json
import sys

import pytest

from chatforensics.cli.progress import reporting, say_time
from chatforensics.errors import UsageError


class Clock:
    """A clock that is set by hand, in seconds."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def count_to(total: int, *, each_s: float, mode: str) -> None:
    """Report every step of a stage that takes so long for each."""
    clock = Clock()
    with reporting(mode, clock=clock) as report:
        for done in range(1, total + 1):
            clock.now += each_s
            report("reading", done, total)


def test_for_programs_it_is_an_object_a_line_with_rate_and_time_left(capsys: pytest.CaptureFixture[str]) -> None:
    count_to(100, each_s=0.25, mode="json")
    captured = capsys.readouterr()
    lines = [json.loads(line) for line in captured.err.splitlines()]
    assert lines[0] == {
        "stage": "reading", "done": 1, "total": 100, "elapsed_s": 0.2, "rate_per_s": None, "left_s": None
    }  # fmt: skip
    assert lines[30] == {
        "stage": "reading", "done": 61, "total": 100, "elapsed_s": 15.2, "rate_per_s": 4.0, "left_s": 9.8
    }  # fmt: skip
    assert lines[-2]["left_s"] == 0.0
    assert lines[-1] == {
        "stage": "done", "done": 1, "total": 1, "elapsed_s": 25.0, "rate_per_s": None, "left_s": None
    }  # fmt: skip
    assert captured.out == ""


def test_programs_get_two_lines_a_second_and_the_first_and_last_of_a_stage(capsys: pytest.CaptureFixture[str]) -> None:
    count_to(20_000, each_s=0.001, mode="json")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert 40 <= len(lines) <= 43
    assert [lines[0]["done"], lines[-2]["done"]] == [1, 20_000]


def test_stages_that_tell_only_their_end_have_no_rate(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    with reporting("json", clock=clock) as report:
        for number, stage in enumerate(("joining", "labelling", "families"), start=1):
            clock.now += 30
            report(stage, number, 8)
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["stage"] for line in lines] == ["joining", "labelling", "families", "done"]
    assert {line["rate_per_s"] for line in lines} == {None}
    assert lines[2]["elapsed_s"] == 90.0


def test_programs_are_not_told_that_all_is_done_when_it_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UsageError, match="broken"), reporting("json"):
        raise UsageError("broken")
    with reporting("json", last=False):
        pass
    assert capsys.readouterr().err == ""


def test_for_logs_it_is_a_line_per_tenth(capsys: pytest.CaptureFixture[str]) -> None:
    count_to(20_000, each_s=0.02, mode="auto")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 11
    assert lines[5] == "reading: 10,000 of 20,000, 50 a second, about 3 min left"
    assert lines[-1] == "reading: 20,000 of 20,000, 50 a second"


STAGES = ("joining", "labelling", "report")


def test_when_a_stage_has_ended_people_are_told_which_comes_now(capsys: pytest.CaptureFixture[str]) -> None:
    with reporting("auto", then=STAGES) as report:
        for step in (("reading", 1, 2), ("reading", 2, 2), ("pictures", 5, 5), ("joining", 1, 3), ("labelling", 2, 3)):
            report(*step)
        report("report", 3, 3)
    assert capsys.readouterr().err.splitlines() == [
        "reading: 1 of 2",
        "reading: 2 of 2",
        "now pictures, if there are any to read, then joining (stage 1 of 3)",
        "pictures: 5 of 5",
        "now joining (stage 1 of 3)",
        "joining: 1 of 3",
        "now labelling (stage 2 of 3)",
        "labelling: 2 of 3",
        "now report (stage 3 of 3)",
        "report: 3 of 3",
    ]


def test_programs_are_told_the_stage_that_has_ended_as_ever(capsys: pytest.CaptureFixture[str]) -> None:
    with reporting("json", then=STAGES) as report:
        report("reading", 2, 2)
        report("joining", 1, 3)
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(line["stage"], line["done"], line["total"]) for line in lines] == [
        ("reading", 2, 2), ("joining", 1, 3), ("done", 1, 1)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 s"), (119, "119 s"), (600, "10 min"), (7_100, "118 min"), (9_000, "2.5 h")]
)
def test_times_are_told_in_a_unit_that_suits_them(seconds: float, words: str) -> None:
    assert say_time(seconds) == words


def test_what_takes_long_is_counted_by_the_minute(capsys: pytest.CaptureFixture[str]) -> None:
    count_to(10, each_s=20, mode="auto")
    assert "reading: 5 of 10, 3 a minute, about 100 s left" in capsys.readouterr().err


def test_on_a_terminal_it_is_a_bar(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    with reporting("auto") as report:
        report("reading", 1, 2)
    captured = capsys.readouterr()
    assert "reading" in captured.err
    assert captured.out == ""


@pytest.mark.parametrize("mode", ["none", "quiet"])
def test_it_can_be_silent(mode: str, capsys: pytest.CaptureFixture[str]) -> None:
    with reporting(mode) as report:
        report("reading", 1, 2)
    assert capsys.readouterr() == ("", "")


def test_an_unknown_mode_is_a_wrong_option() -> None:
    with pytest.raises(UsageError, match="loud"), reporting("loud"):
        pass
