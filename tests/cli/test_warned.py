"""Warnings of many exports are few lines on the terminal; names with line breaks can be found."""

from pathlib import Path

import pytest

from chatforensics.cli.analyse import _six_lines
from chatforensics.cli.options import tell
from chatforensics.cli.warned import MOST, abridge, tell_warnings
from chatforensics.workflow import Outcome

PASTED = (
    "phones/c{}/chat.txt: messages that may be text somebody pasted, or have a longer sender's name: {}; see readings."
)


def test_few_warnings_are_printed_one_by_one(capsys: pytest.CaptureFixture[str]) -> None:
    said = [PASTED.format(number, number) for number in range(10)]
    tell_warnings(said, whole=Path("out/summary.json"))
    assert capsys.readouterr().err.splitlines() == [f"Warning: {words}" for words in said]


def test_of_many_warnings_those_of_a_kind_are_one_line_and_the_file_has_all(capsys: pytest.CaptureFixture[str]) -> None:
    said = [PASTED.format(number, number) for number in range(1_500)]
    other = "phones/d: who made these 2 exports is not shown."
    tell_warnings([*said, other], whole=Path("out/summary.json"))
    assert capsys.readouterr().err.splitlines() == [
        f"Warning: {said[0]} (Like this: 1,500 warnings.)",
        f"Warning: {other}",
        "Warning: and 1,499 more, of 1,501 in all: out/summary.json, warnings.",
    ]


def test_of_many_kinds_of_warnings_so_many_are_printed_as_can_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    said = [f"{'x' * number}: kind {'y' * number}" for number in range(60)]
    tell_warnings(said, whole=Path("out/summary.json"))
    told = capsys.readouterr().err.splitlines()
    assert len(told) == MOST + 1
    assert told[-1].startswith("Warning: and ")


def test_nothing_is_counted_twice_or_lost_where_kinds_are_put_together() -> None:
    said = [*(PASTED.format(n, n) for n in range(9)), *(f"{n}: some {'z' * n} other" for n in range(5)), "alone"]
    assert len(abridge(said)) == 1 + 5 + 1


def test_a_line_break_in_the_name_of_a_file_is_written_out(capsys: pytest.CaptureFixture[str]) -> None:
    tell("Warning", ["line\nbreak.txt is the same file as other.txt."])
    assert capsys.readouterr().err == "Warning: line\\nbreak.txt is the same file as other.txt.\n"


def test_large_numbers_of_the_summary_have_separators_and_one_is_told_as_one() -> None:
    counts = ("n_messages", "n_sources", "n_chats", "n_failed", "n_rejects", "n_flagged", "n_review", "n_people")
    more = ("n_families_tracked", "n_shares", "n_edges", "n_links_named", "n_pairs_significant", "n_conflicts")
    large = {**dict.fromkeys((*counts, *more), 45_095), "first_at": "2031-03-03T", "last_at": "2031-03-04T"}
    told = _six_lines(Outcome({}, dict(large), [], []), Path("out"))
    assert "45095" not in told
    assert told.count("45,095") == len(counts) + len(more)
    assert "sent once;" in _six_lines(Outcome({}, large | {"n_shares": 1}, [], []), Path("out"))
