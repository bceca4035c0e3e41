"""Single exports looked at: what each indicator is given, and that `check` and `analyse` see the same."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from chatforensics.errors import UnreadableExport
from chatforensics.integrity import CATALOGUE, Evidence, Indicator, Observation, catalogue
from chatforensics.schema import TABLES
from chatforensics.workflow import Declared, Settings, analyse, check, check_exports, demo_folder
from chatforensics.workflow.inputs import read_inputs
from chatforensics.workflow.run import silent

CHAT = "25/06/2024, 08:30 - Ama: hi\n25/06/2024, 08:31 - Ben left\n26/06/2024, 08:31 - Zoë: ok\n"
ODD = {
    "one record": "25/06/2024, 08:30 - Ama: hi",
    "notices only": "25/06/2024, 08:30 - Ama created group “Choir”\n25/06/2024, 08:31 - Ben left\n",
    "no year": "13 Mar 08:30 - Ama: hi\n14 Mar 08:31 - Ben: ok\n",
    "words before the first record": "Subject: chat\n\n25/06/2024, 08:30 - Ama: hi\n",
    "empty texts": "25/06/2024, 08:30 - Ama: \n25/06/2024, 08:30 - Ama: \n",
    "seconds": "[25/06/2024, 08:30:00] Ama: hi\r\n[25/06/2024, 08:30:01] Ama: \u200eimage omitted\r\n",
    "controls": "25/06/2024, 08:30 - A\u202ema: h\x00i\x1b[2J\n25/06/2024, 08:31 - Ama: a\u2028b\n",
    "invalid letters": "25/06/2024, 08:30 - Ama: h\udcffi\n25/06/2024, 08:31 - \udcfe: a\n",
}


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> list[Evidence]:
    """Put one indicator in the place of all, and return what it is given."""
    seen: list[Evidence] = []

    def find(evidence: Evidence) -> Iterator[Observation]:
        seen.append(evidence)
        yield Observation("info", f"{evidence.messages.height} records", [3, 1])

    monkeypatch.setattr(catalogue, "CATALOGUE", {"I-99": Indicator("Invented", find, "why", "innocent", "resolve")})
    return seen


def _write(folder: Path, text: str = CHAT, name: str = "chat.txt") -> Path:
    path = folder / name
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return path


def test_an_indicator_is_given_the_bytes_and_the_tables_of_the_export(given: list[Evidence], tmp_path: Path) -> None:
    path = _write(tmp_path)
    (row,) = check(path, timezone="Africa/Accra").to_dicts()
    (evidence,) = given
    assert bytes(evidence.content) == path.read_bytes()
    assert (evidence.messages.height, evidence.events.height, evidence.timezone) == (3, 1, "Africa/Accra")
    assert evidence.source["n_messages"] == 3
    assert row["source_ids"] == [evidence.source["source_id"]]
    assert (row["indicator"], row["lines"], row["value"]) == ("I-99", [1, 3], "3 records")
    assert (row["title"], row["explanation"], row["innocent"], row["resolve"]) == (
        "Invented",
        "why",
        "innocent",
        "resolve",
    )


def test_nobody_said_a_zone_so_there_is_none(given: list[Evidence], tmp_path: Path) -> None:
    check(_write(tmp_path))
    assert given[0].timezone is None


def test_in_a_case_the_declared_zone_of_an_export_goes_before_that_of_the_case(
    given: list[Evidence], tmp_path: Path
) -> None:
    one, two = _write(tmp_path, name="one.txt"), _write(tmp_path, CHAT + "\n", name="two.txt")
    declared = tmp_path / "declared.toml"
    declared.write_text(f"['{two}']\ntimezone = 'Asia/Dhaka'\n")
    read_inputs([one, two], Settings(timezone="Europe/London", declare=declared), silent)
    assert [evidence.timezone for evidence in given] == ["Europe/London", "Asia/Dhaka"]


@pytest.mark.slow
def test_the_result_holds_what_was_seen_of_each_export_beside_what_they_say_of_each_other(
    given: list[Evidence], tmp_path: Path
) -> None:
    outcome = analyse([demo_folder()], out=tmp_path / "out", settings=Settings(timezone="Europe/London"))
    found = outcome.tables["indicators"]
    own = found.filter(pl.col("indicator") == "I-99")
    assert own.height == len(given) == outcome.tables["sources"].height
    assert set(own["source_ids"].list.first()) == set(outcome.tables["sources"]["source_id"])
    assert found["indicator"].str.starts_with("J-").any()
    assert outcome.summary["n_indicators"]["info"] >= own.height  # type: ignore[index]


def test_a_case_sees_what_check_sees_in_any_order_of_inputs() -> None:
    paths = sorted(path for path in demo_folder().rglob("*") if path.suffix in (".txt", ".zip"))
    settings = Settings(timezone="Europe/London")
    tables = [read_inputs(order, settings, silent).received()["indicators"] for order in (paths, paths[::-1])]
    alone = pl.concat([check(path, timezone="Europe/London") for path in paths])
    key = ["indicator", "level", "value"]
    assert tables[0].equals(tables[1])
    assert (
        tables[0]
        .sort(pl.col("source_ids").list.first(), *key)
        .equals(alone.sort(pl.col("source_ids").list.first(), *key))
    )


@pytest.mark.parametrize("name", ODD)
def test_odd_texts_are_looked_at_without_an_error(name: str, tmp_path: Path) -> None:
    seen = check(_write(tmp_path, ODD[name]), timezone="Europe/London")
    assert seen.schema == TABLES["indicators"]
    assert set(seen["level"]) <= {"info", "unexplained", "contradiction"}
    assert set(seen["indicator"]) <= set(CATALOGUE)


def test_the_same_file_twice_is_looked_at_once_and_said(tmp_path: Path) -> None:
    one = _write(tmp_path)
    two = shutil.copy(one, tmp_path / "again.txt")
    checks = check_exports([one, Path(two)], Declared())
    assert len(checks.checked) == 1
    assert checks.warnings == [f"{one} is the same file as {two}; it was looked at once."]


def test_what_cannot_be_read_is_listed_and_the_rest_is_done(tmp_path: Path) -> None:
    _write(tmp_path)
    _write(tmp_path, "milk\neggs\n", name="list.txt")
    checks = check_exports([tmp_path], Declared())
    assert [one.source["n_messages"] for one in checks.checked] == [3]
    assert len(checks.failures) == 1
    assert "list.txt" in checks.failures[0]


def test_nothing_that_can_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UnreadableExport, match=r"list\.txt"):
        check_exports([_write(tmp_path, "milk\n", name="list.txt")], Declared())
