"""Analyses of a case that are killed and started again, and two at once: nothing is lost, and nothing is twice."""

import importlib.util
import time
from pathlib import Path
from types import ModuleType

import pytest
from commandline import run

from chatforensics.casefile import Case
from chatforensics.workflow.adding import add_exports

BENCHMARK = Path(__file__).resolve().parents[2] / "benchmarks" / "case_kills.py"
N_EXPORTS, N_KILLS = 12, 12
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def kills() -> ModuleType:
    """The benchmark, with fewer exports and kills."""
    spec = importlib.util.spec_from_file_location("case_kills", BENCHMARK)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def calm(kills: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> tuple[Case, Path, float]:
    """A case that was analysed once and left alone, its exports, and how long it took."""
    folder = tmp_path_factory.mktemp("calm")
    kills.write_exports(folder / "in", n=N_EXPORTS, seed=5)
    case = kills.make_case(folder / "case")
    took = kills.finish(case, folder / "in")
    assert len(kills.list_sources(case)) == N_EXPORTS
    return case, folder / "in", took


def test_killed_analyses_end_as_one_that_was_left_alone(kills: ModuleType, calm: tuple[Case, Path, float]) -> None:
    case, exports, took = calm
    tally = kills.kill_often(case, exports, n_kills=N_KILLS, most_s=took / 4, seed=5)
    assert tally.kills == N_KILLS
    assert tally.finished
    assert tally.faults == []


def test_the_comparison_sees_what_it_is_for(kills: ModuleType, calm: tuple[Case, Path, float], tmp_path: Path) -> None:
    case, exports, _ = calm
    other = kills.make_case(tmp_path / "case")
    add_exports(other, [min(exports.rglob("*.txt"))], by=kills.AT)
    found = set(kills.compare(other, case, n_runs=1))
    assert {"lines of analyses in the log: 0, not 1", "other results", "other stages are kept"} <= found
    assert f"other exports: 1, not {N_EXPORTS}" in found


def test_of_two_analyses_at_once_the_second_is_told_or_waits(kills: ModuleType, calm: tuple[Case, Path, float]) -> None:
    case, *_ = calm
    before = kills.count_runs(case)
    (next((case.folder / "derived").glob("sensitivity-*")) / "facts.json").write_bytes(b"")  # work for the first
    first = kills.start(case)
    holder = f"process {first.pid}"
    while first.poll() is None and holder not in (case.folder / "lock").read_text(encoding="utf-8"):
        time.sleep(0.01)
    told = run("analyse", "--case", case.folder, "--quiet")
    waited = run("analyse", "--case", case.folder, "--quiet", "--wait")
    assert (told.returncode, waited.returncode, first.wait()) == (1, 0, 0)
    assert holder in told.stderr.decode()
    assert kills.count_runs(case) == before + 2
