"""Progress goes to standard error, in the form that its reader wants."""

import json
import sys

import pytest

from chatforensics.cli.progress import reporting
from chatforensics.errors import UsageError


def test_for_programs_it_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    with reporting("json") as report:
        report("reading", 1, 2)
    captured = capsys.readouterr()
    assert json.loads(captured.err) == {"stage": "reading", "done": 1, "total": 2}
    assert captured.out == ""


def test_for_logs_it_is_a_line_per_tenth(capsys: pytest.CaptureFixture[str]) -> None:
    with reporting("auto") as report:
        for done in range(1, 1001):
            report("reading", done, 1000)
    assert len(capsys.readouterr().err.splitlines()) == 11


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
