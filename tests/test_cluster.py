"""A Ray cluster gives the same results as this process, also when a process or a node of it dies."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from chatforensics.engine import HERE, Engine, choose_engine
from chatforensics.errors import MissingDependency, UsageError

pytestmark = pytest.mark.slow  # each of them starts Ray, which takes about ten seconds

NO_RAY = "Ray is not installed: pip install 'chatforensics[cluster]'"
SIZE = {"num_cpus": 1, "object_store_memory": 80_000_000}
OPEN = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "disabled", "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}


@pytest.fixture(scope="module")
def nodes() -> Iterator[Any]:
    """Start a cluster of two nodes on this machine, with one core each."""
    with pytest.MonkeyPatch.context() as patched:
        for name, value in OPEN.items():
            patched.setenv(name, value)
        pytest.importorskip("ray", reason=NO_RAY)
        from ray.cluster_utils import Cluster

        cluster = Cluster(initialize_head=True, head_node_args={**SIZE, "include_dashboard": False})
        cluster.add_node(**SIZE)
        yield cluster
        cluster.shutdown()


@pytest.fixture(scope="module")
def engine(nodes: Any) -> Iterator[Engine]:
    engine = choose_engine(None, name="ray", address=nodes.address)
    yield engine
    engine.close()


def make_table(number: int) -> pl.DataFrame:
    """Return a table of half a megabyte, after a while."""
    time.sleep(0.1)
    return pl.DataFrame({"n": [number] * 50_000, "text": [f"{number}"] * 50_000})


def die_at_five(number: int) -> int:
    if number == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * number


def note_and_die(place: Path) -> str:
    with place.open("a", encoding="utf-8") as notes:
        notes.write("tried\n")
    os.kill(os.getpid(), signal.SIGKILL)
    return "done"


def refuse_seven(number: int) -> int:
    if number == 7:
        raise UsageError("seven", hint="Give another.")
    return number


def describe_process(_: int) -> tuple[str, str, str]:
    return os.environ["POLARS_MAX_THREADS"], os.environ["OMP_NUM_THREADS"], str(Path.cwd())


def say_lost(number: int) -> int:
    return -number


def never(item: object) -> Any:
    raise AssertionError(f"{item} was lost")


def compare(found: Iterator[pl.DataFrame], numbers: range) -> None:
    count = 0
    for table, wanted in zip(found, HERE.map(make_table, numbers, lost=never), strict=True):
        assert_frame_equal(table, wanted)
        count += 1
    assert count == len(numbers)


def test_results_come_whole_and_in_order_with_one_thread_each(engine: Engine) -> None:
    compare(engine.map(make_table, range(30), lost=never), range(30))
    assert list(engine.map(refuse_seven, [], lost=never)) == []
    assert set(engine.map(describe_process, range(4), lost=never)) == {("1", "1", str(Path.cwd()))}
    assert not engine.shares_disk


def test_an_item_that_ends_its_process_is_tried_twice_and_told_and_the_others_are_done(
    engine: Engine, tmp_path: Path
) -> None:
    told = list(engine.map(die_at_five, range(12), lost=say_lost))
    assert told == [-5 if number == 5 else 2 * number for number in range(12)]
    assert list(engine.map(note_and_die, [tmp_path / "notes"], lost=str)) == [str(tmp_path / "notes")]
    assert (tmp_path / "notes").read_text(encoding="utf-8") == "tried\n" * 2


def test_a_node_that_is_killed_midway_changes_no_result(nodes: Any, engine: Engine) -> None:
    node = nodes.add_node(**SIZE)

    def killing() -> Iterator[pl.DataFrame]:
        for number, table in enumerate(engine.map(make_table, range(60), lost=never)):
            if number == 20:
                nodes.remove_node(node, allow_graceful=False)
                engine.check_paths([Path(__file__)])
            yield table

    compare(killing(), range(60))


def test_an_error_comes_out_as_it_would_in_this_process(engine: Engine) -> None:
    with pytest.raises(UsageError, match=r"seven Give another\."):
        list(engine.map(refuse_seven, range(20), lost=never))


def test_a_file_that_a_node_cannot_see_is_told_with_the_node(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "chat.txt"
    here.write_text("a", encoding="utf-8")
    engine.check_paths([here])
    monkeypatch.setattr("chatforensics.cluster._size_of", lambda path: len(path.name))
    with pytest.raises(UsageError, match=r"chat\.txt: no such file on node"):
        engine.check_paths([here])


def test_a_node_with_another_program_is_told(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    from chatforensics.casefile.program import describe_program

    other = {**describe_program(), "version": "0"}
    monkeypatch.setattr("chatforensics.cluster.describe_program", lambda: other)
    with pytest.raises(UsageError, match=r"another one than the one that asks: version\."):
        list(engine.map(refuse_seven, [1], lost=never))
    with pytest.raises(UsageError, match=r"Node .*: its program is another one .* Install the same"):
        engine._ask_nodes([])  # type: ignore[attr-defined]


NOWHERE = """
from chatforensics.engine import choose_engine
choose_engine(None, name="ray", address="127.0.0.1:1")
"""


def test_where_there_is_no_cluster_it_is_said() -> None:
    pytest.importorskip("ray", reason=NO_RAY)
    told = run_apart("-c", NOWHERE, RAY_AUTH_MODE="disabled")
    assert "UsageError: --address 127.0.0.1:1: no Ray cluster that can be used from here" in told.stderr
    assert "docs/cluster.md" in told.stderr


ALONE = """
import os, subprocess
from contextlib import closing
from chatforensics.engine import choose_engine
if __name__ == "__main__":
    with closing(choose_engine(2, name="ray")) as engine:
        assert engine.shares_disk
        assert list(engine.map(abs, [-1, -2, 3], lost=print)) == [1, 2, 3]
        folder = engine._folder.name
        assert os.listdir(folder)
        assert os.stat(folder).st_mode & 0o77 == 0
        print(subprocess.run(["ss", "-Hltnp"], capture_output=True, text=True, check=True).stdout)
    assert not os.path.exists(folder)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="it asks ss")
def test_started_here_it_listens_on_this_machines_own_address_and_leaves_nothing(tmp_path: Path) -> None:
    pytest.importorskip("ray", reason=NO_RAY)
    script = tmp_path / "alone.py"
    script.write_text(ALONE, encoding="utf-8")
    told = run_apart(str(script), HOME=str(tmp_path))
    assert told.returncode == 0, told.stderr
    listening = [line for line in told.stdout.splitlines() if "ray" in line or "gcs_server" in line]
    assert len(listening) > 3
    own = [line for line in listening if " 127.0.0.1:" in line or " [::ffff:127.0.0.1]:" in line]
    assert own == listening
    assert not (tmp_path / ".ray").exists()


def run_apart(*words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
    program = [sys.executable, *words]
    return subprocess.run(program, env=inherited | environment, capture_output=True, text=True, check=False)


def test_without_the_extra_the_command_to_install_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingDependency, match=r"pip install 'chatforensics\[cluster\]'"):
        choose_engine(None, name="ray")
