"""Where work runs: the same results in the same order everywhere; a process that dies takes no other item with it."""

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from chatforensics.engine import HERE, Cores, choose_engine
from chatforensics.errors import UsageError

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


def say_process(_: int) -> int:
    time.sleep(0.2)
    return os.getpid()


class PanicException(BaseException):  # as libraries made with PyO3 raise it
    """It cannot be sent to another process."""

    def __reduce__(self) -> str:
        return "nothing"


def break_off(number: int) -> int:
    if number == 3:
        raise MemoryError
    if number == 5:
        raise PanicException("index out of bounds")
    return 2 * number


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


def test_an_item_for_which_there_is_no_memory_or_that_breaks_a_library_is_lost_and_the_others_are_done() -> None:
    assert list(HERE.map(break_off, range(8), lost=say_lost)) == [0, 2, 4, -3, 8, -5, 12, 14]
    with pytest.raises(ValueError, match="seven"):
        list(HERE.map(refuse_seven, range(8), lost=say_lost))


@pytest.mark.slow
def test_also_in_processes_where_neither_error_can_be_sent() -> None:
    with closing(Cores(2)) as engine:
        assert list(engine.map(break_off, range(8), lost=say_lost)) == [0, 2, 4, -3, 8, -5, 12, 14]


@pytest.mark.slow
def test_processes_stay_until_it_is_closed_and_are_started_anew_when_needed() -> None:
    engine = Cores(2)
    with closing(engine):
        first, second, third = (set(engine.map(say_process, range(8), lost=say_lost)) for _ in range(3))
        assert first == second == third
        assert len(first) == 2
    assert not first & set(engine.map(say_process, range(8), lost=say_lost))
    engine.close()
    engine.close()


@pytest.mark.slow
def test_work_asked_for_in_the_middle_of_other_work_is_done_even_where_it_takes_a_process_down() -> None:
    with closing(Cores(2)) as engine:
        outer = engine.map(double, range(12), lost=say_lost)
        assert next(outer) == 0
        assert list(engine.map(double_but_die_at_five, range(8), lost=say_lost))[5] == -5
        assert list(outer) == [2 * number for number in range(1, 12)]


@pytest.mark.slow
def test_work_that_is_left_in_the_middle_holds_nothing_up() -> None:
    with closing(Cores(2)) as engine:
        started = engine.map(double, range(1000), lost=say_lost)
        assert next(started) == 0
        started.close()  # type: ignore[attr-defined]
        assert list(engine.map(double, range(4), lost=say_lost)) == [0, 2, 4, 6]


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


@pytest.mark.parametrize(
    ("jobs", "name", "address", "said"),
    [
        (None, "dask", None, "'dask' is not offered. Use local or ray"),
        (None, "local", "10.0.0.1:6379", "Add --engine ray"),
        (2, "ray", "10.0.0.1:6379", "Leave --jobs out"),
    ],
)
def test_what_does_not_go_together_is_refused(jobs: int | None, name: str, address: str | None, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        choose_engine(jobs, name, address)


def test_nothing_of_ray_is_loaded_unless_it_is_chosen() -> None:
    script = "import sys; from chatforensics.engine import choose_engine; choose_engine(2); print('ray' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert told.stdout == "False\n"


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
