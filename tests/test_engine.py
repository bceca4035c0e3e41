"""Where work runs: the same results in the same order everywhere; a process that dies takes no other item with it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from chatforensics.engine import HERE, Cores, choose_engine

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")


def double(number: int) -> int:
    time.sleep(0.02 * (number % 3))
    return 2 * number


def double_but_die_at_five(number: int) -> int:
    if number == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * number


def refuse_seven(number: int) -> int:
    if number == 7:
        raise ValueError("seven")
    return number


def count_threads(_: int) -> str:
    return os.environ.get("POLARS_MAX_THREADS", "")


def say_lost(number: int) -> int:
    return -number


def test_results_come_in_the_order_of_the_items_whoever_works() -> None:
    wanted = [2 * number for number in range(20)]
    assert list(HERE.map(double, range(20), lost=say_lost)) == wanted
    assert list(Cores(2).map(double, range(20), lost=say_lost)) == wanted
    assert list(Cores(2).map(double, [], lost=say_lost)) == []


def test_an_item_that_takes_its_process_down_is_told_and_the_others_are_done() -> None:
    told = list(Cores(2).map(double_but_die_at_five, range(30), lost=say_lost))
    assert told == [-5 if number == 5 else 2 * number for number in range(30)]


@pytest.mark.slow
def test_an_error_comes_out_as_it_would_in_this_process() -> None:
    for engine in (HERE, Cores(2)):
        with pytest.raises(ValueError, match="seven"):
            list(engine.map(refuse_seven, range(20), lost=say_lost))


@pytest.mark.slow
def test_each_process_has_one_thread() -> None:
    assert set(Cores(2).map(count_threads, range(4), lost=lambda _: "lost")) == {"1"}


def test_one_job_is_done_here_and_without_a_number_all_cores_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    assert choose_engine(1) is HERE
    assert isinstance(choose_engine(3), Cores)
    monkeypatch.setattr("chatforensics.engine._count_cores", lambda: 5)
    chosen = choose_engine(None)
    assert isinstance(chosen, Cores)
    assert chosen.n_jobs == 5


SLEEPERS = """
import time
from chatforensics.engine import Cores
if __name__ == "__main__":
    list(Cores(2).map(time.sleep, [60] * 4, lost=print))
"""


@LINUX
@pytest.mark.slow
def test_killed_it_takes_its_processes_with_it(tmp_path: Path) -> None:
    script = tmp_path / "sleepers.py"
    script.write_text(SLEEPERS, encoding="utf-8")
    with subprocess.Popen([sys.executable, str(script)], stderr=subprocess.DEVNULL) as process:
        children = _wait_for_children(process.pid)
        process.kill()
    end = time.monotonic() + 15
    while any(Path(f"/proc/{child}").exists() for child in children):
        assert time.monotonic() < end, "a process is left"
        time.sleep(0.1)


def _wait_for_children(parent: int) -> list[int]:
    end = time.monotonic() + 30
    while True:
        told = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split()
        if len(told) >= 3:
            time.sleep(1)
            return [int(each) for each in told]
        assert time.monotonic() < end, "no processes"
        time.sleep(0.1)
