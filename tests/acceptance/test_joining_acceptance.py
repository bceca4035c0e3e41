"""Several exports of one chat, and whole towns of them: what is joined, and what is said to differ."""

import csv
import json
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import polars as pl
import pytest

from chatforensics.schema import CONFLICT_STATUSES
from chatforensics.workflow import Compared, Settings, check_exports, compare
from chatforensics.workflow.single import Declared

pytestmark = pytest.mark.acceptance
SHARED = Path(__file__).resolve().parents[3] / "shared"
FOLDER = SHARED / "acceptance" / "exports"
BENCH = SHARED / "bench"
if not FOLDER.is_dir():
    pytest.skip("other people's exports are not beside this project", allow_module_level=True)

LANGUAGES = ("english", "french", "deutch", "italian", "hindi", "arabic")
PAIRS = list(combinations(LANGUAGES, 2))
with (FOLDER / "MANIFEST.tsv").open(encoding="utf-8") as manifest:
    FILES = [row["file"] for row in csv.DictReader(manifest, delimiter="\t")]


def compare_languages(*languages: str) -> Compared:
    return compare(map(locate, languages))


def locate(language: str) -> Path:
    return FOLDER / "starkdmi+whats_json" / f"{language}_ios.txt"


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_one_conversation_in_two_languages_agrees_in_every_message(one: str, other: str) -> None:
    compared = compare_languages(one, other)
    tables = compared.tables
    assert tables["chats"].height == 1
    assert tables["corroboration"]["status"].to_list() == ["agree"] * 22
    assert compared.disagreements.is_empty()
    # Both exports were made by one person: they are no second witness.
    assert tables["corroboration"]["n_independent"].unique().to_list() == [1]


def test_two_languages_of_a_chat_in_which_several_people_type_are_joined_without_a_declaration() -> None:
    folder = FOLDER / "starkdmi+whats_json"
    compared = compare([folder / f"{language}_android.txt" for language in ("czech", "english")])
    assert compared.tables["chats"].height == 1
    assert set(compared.tables["corroboration"]["status"]) == {"agree", "outside_window"}
    assert compared.disagreements.is_empty()


def test_check_reads_every_export_and_calls_nothing_in_them_a_contradiction() -> None:
    checks = check_exports([FOLDER / file for file in FILES], Declared())
    assert checks.failures == []
    assert len(checks.checked) == len(FILES)
    seen = pl.concat([one.indicators for one in checks.checked])
    assert seen.height > len(FILES)
    assert seen.filter(pl.col("level") == "contradiction")["value"].to_list() == []


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A town whose exports were joined: its `tables` beside `exports`, six of which were altered, and `truth`."""
    script = BENCH / "simulate_campaign.py"
    if not script.is_file():
        pytest.skip(f"{script} is not there: the maker of towns is not part of this project")
    folder = tmp_path_factory.mktemp("town")
    subprocess.run([sys.executable, str(script), "--seed", "1", "--tamper", "6", "--out", str(folder)], check=True)
    compared = compare([folder / "exports"], settings=Settings(timezone="Europe/London"))
    assert compared.failures == []
    (folder / "tables").mkdir()
    for name, table in compared.tables.items():
        table.write_parquet(folder / "tables" / f"{name}.parquet")
    return folder


@pytest.fixture(scope="module")
def scores(town: Path) -> dict[str, float]:
    """Every metric of the scorer that the tables of joining give."""
    command = [sys.executable, str(BENCH / "score_campaign.py"), str(town / "truth"), str(town), "--json"]
    told = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return {name: metric["value"] for name, metric in told.items() if metric["value"] is not None}


def test_the_exports_of_each_chat_of_a_town_are_joined_and_no_others(scores: dict[str, float]) -> None:
    assert scores["chats_f1"] == 1


def test_people_of_a_town_are_joined_as_far_as_it_shows_them_and_hardly_ever_wrongly(scores: dict[str, float]) -> None:
    assert scores["people_precision"] >= 0.995
    assert scores["people_recall"] >= 0.75


def test_clocks_of_a_town_are_read_to_within_their_step(scores: dict[str, float]) -> None:
    assert scores["utc_offset_max_abs_error_s"] <= 60


def test_alterations_that_a_second_export_shows_are_found_and_little_else_is_flagged(scores: dict[str, float]) -> None:
    assert scores["tamper_recall_covered"] >= 0.95
    assert scores["tamper_false_flags_per_10000"] <= 5


def test_conflicts_of_a_town_are_shown_with_both_sides(town: Path) -> None:
    conflicts = pl.read_parquet(town / "tables" / "corroboration.parquet").filter(
        pl.col("status").is_in(CONFLICT_STATUSES)
    )
    assert conflicts.height > 0
    assert all(n >= 2 for n in conflicts["n_sources"])
