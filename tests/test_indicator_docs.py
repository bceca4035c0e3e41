"""docs/indicators.md says what the catalogue says, and no level is met that it does not list."""

import re
from pathlib import Path

import polars as pl
import pytest

from chatforensics.integrity import CATALOGUE
from chatforensics.workflow import check, demo_folder

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "indicators.md"
LEFT_OUT = ("I-24", "I-27")


@pytest.fixture(scope="module")
def listed() -> dict[str, tuple[str, str, str]]:
    """Return title, purpose and levels of each indicator in the first table."""
    rows = re.findall(
        r"^\| (I-\d\d) \| (.*?) \| (.*?) \| ([a-z, ]+) \|$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE
    )
    return {number: (title, purpose, levels) for number, title, purpose, levels in rows}


def test_the_document_lists_every_indicator_by_its_title_in_order(listed: dict[str, tuple[str, str, str]]) -> None:
    assert {number: row[0] for number, row in listed.items()} == {n: one.title for n, one in CATALOGUE.items()}
    assert list(listed) == sorted(listed)


def test_what_an_indicator_looks_at_is_what_its_function_says(listed: dict[str, tuple[str, str, str]]) -> None:
    for number, indicator in CATALOGUE.items():
        said = " ".join((indicator.find.__doc__ or "").split())
        assert listed[number][1], number
        assert listed[number][1] in re.sub(r" \(I-\d\d\)", "", said), number


def test_no_number_is_missing_and_those_left_out_say_why() -> None:
    assert {*CATALOGUE, *LEFT_OUT} == {f"I-{number:02}" for number in range(1, 41)}
    text = DOCUMENT.read_text(encoding="utf-8")
    assert all(f"**{number}**" in text and number not in CATALOGUE for number in LEFT_OUT)


def test_the_demo_case_meets_no_level_that_the_document_does_not_list(listed: dict[str, tuple[str, str, str]]) -> None:
    paths = [path for path in sorted(demo_folder().rglob("*")) if path.suffix in (".txt", ".zip")]
    seen = pl.concat([check(path, timezone="Europe/London") for path in paths])
    met = set(seen.select("indicator", "level").unique().iter_rows())
    assert met
    assert [pair for pair in sorted(met) if pair[1] not in listed[pair[0]][2]] == []


def test_every_indicator_has_its_row_of_false_flags_and_the_careful_forger_has_his() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    flags = re.findall(r"^\| (I-\d\d) \|(?: [^|]+ \|){8}$", text, re.MULTILINE)
    assert flags == sorted(CATALOGUE)
    careful = text.split("### The careful forger")[1].split("<!--")[0]
    assert careful.count("\n| ") >= 5
