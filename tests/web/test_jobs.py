"""What is computed: in order, one at a time; an analysis gives way; a process that breaks takes nothing with it."""

import asyncio
import json
import sys
import textwrap
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from web.apart import run_apart

from chatforensics.web.jobs import Bench, Job

# A process like the worker, of the standard library only: it does what the arguments of a job say.
WORKER = """
    import json, os, subprocess, sys, time
    for line in sys.stdin:
        request = json.loads(line)
        args = request["args"]
        with open(sys.argv[1], "a") as told:
            told.write(f"{request['kind']} {args.get('name')}\\n")
        print(json.dumps({"stage": "reading", "done": 1, "total": 2}), flush=True)
        if "child" in args:
            child = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"])
            with open(args["child"], "w") as told:
                told.write(str(child.pid))
        while "until" in args and not os.path.exists(args["until"]):
            if args.get("chatty"):
                print(json.dumps({"stage": "reading", "done": 2, "total": 2}), flush=True)
            else:
                time.sleep(0.005)
        if "die" in args:
            os._exit(9)
        print(args.get("say") or json.dumps({"result": {"name": args.get("name")}}), flush=True)
"""


@asynccontextmanager
async def working(folder: Path) -> AsyncIterator[Bench]:
    script = folder / "worker.py"
    script.write_text(textwrap.dedent(WORKER))
    bench = Bench(command=(sys.executable, "-S", "-E", str(script), str(folder / "told")))
    running = asyncio.create_task(bench.run())
    try:
        yield bench
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def until(holds: Callable[[], object], *, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come about"
        await asyncio.sleep(0.002)


async def over(*jobs: Job) -> None:
    await until(lambda: all(job.is_over for job in jobs))


def run(test: Coroutine[None, None, None]) -> None:
    run_apart(test)


def told(folder: Path) -> list[str]:
    return (folder / "told").read_text().splitlines()


def is_alive(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def test_jobs_are_done_in_the_order_in_which_they_came_and_tell_how_it_goes(tmp_path: Path) -> None:
    async def test() -> None:
        async with working(tmp_path) as bench:
            jobs = [Job(kind, "ward", {"name": n}) for n, kind in enumerate(["receive", "pack", "receive"])]
            for job in jobs:
                bench.submit(job)
            await over(*jobs)
            assert [job.describe()["result"] for job in jobs] == [{"name": 0}, {"name": 1}, {"name": 2}]
            assert [(job.stage, job.done, job.total) for job in jobs] == [("reading", 1, 2)] * 3

    run(test())
    assert told(tmp_path) == ["receive 0", "pack 1", "receive 2"]


def test_a_running_analysis_gives_way_and_is_taken_up_again(tmp_path: Path) -> None:
    async def test() -> None:
        async with working(tmp_path) as bench:
            analysis = Job("analyse", "ward", {"name": "all", "until": str(tmp_path / "go")})
            bench.submit(analysis)
            await until(lambda: analysis.stage)
            receiving = Job("receive", "ward", {"name": "new"})
            bench.submit(receiving)
            (tmp_path / "go").touch()
            await over(receiving)
            assert (analysis.state, receiving.state) == ("stopped", "done")
            again = [job for job in bench.jobs.values() if job.kind == "analyse" and job is not analysis]
            await over(*again)
            assert [(job.state, job.slug, job.result) for job in again] == [("done", "ward", {"name": "all"})]

    run(test())
    assert told(tmp_path) == ["analyse all", "receive new", "analyse all"]


def test_an_analysis_that_waits_gives_way_too(tmp_path: Path) -> None:
    async def test() -> None:
        async with working(tmp_path) as bench:
            jobs = [Job(kind, "ward", {"name": kind}) for kind in ("analyse", "receive", "pack")]
            for job in jobs:
                bench.submit(job)
            await over(*jobs)

    run(test())
    assert told(tmp_path) == ["receive receive", "pack pack", "analyse analyse"]


def test_nothing_but_an_analysis_is_ever_interrupted(tmp_path: Path) -> None:
    async def test() -> None:
        async with working(tmp_path) as bench:
            receiving = Job("receive", "ward", {"name": "first", "until": str(tmp_path / "go")})
            bench.submit(receiving)
            await until(lambda: receiving.stage)
            others = [Job("pack", "ward", {}), Job("analyse", "ward", {}), Job("receive", "ward", {})]
            for job in others:
                bench.submit(job)
            await asyncio.sleep(0.05)
            assert receiving.state == "running"
            (tmp_path / "go").touch()
            await over(receiving, *others)
            assert {job.state for job in (receiving, *others)} == {"done"}

    run(test())


def test_of_several_analyses_of_a_case_that_wait_the_last_one_is_done_and_other_cases_keep_theirs(
    tmp_path: Path,
) -> None:
    async def test() -> None:
        async with working(tmp_path) as bench:
            first = Job("pack", "ward", {"name": "p", "until": str(tmp_path / "go")})
            wanted = [Job("analyse", slug, {"name": f"{slug}{n}"}) for n in range(3) for slug in ("ward", "hall")]
            for job in (first, *wanted):
                bench.submit(job)
            (tmp_path / "go").touch()
            await over(first, *wanted)
            assert [job.state for job in wanted] == ["stopped"] * 4 + ["done"] * 2

    run(test())
    assert told(tmp_path) == ["pack p", "analyse ward2", "analyse hall2"]


def test_a_newer_analysis_replaces_one_that_runs(tmp_path: Path) -> None:
    async def test() -> None:
        async with working(tmp_path) as bench:
            older = Job("analyse", "ward", {"name": "older", "until": str(tmp_path / "never")})
            newer = Job("analyse", "ward", {"name": "newer"})
            bench.submit(older)
            await until(lambda: older.stage)
            bench.submit(newer)
            await over(newer)
            assert (older.state, newer.state) == ("stopped", "done")
            assert len(bench.jobs) == 2

    run(test())


def test_a_process_that_dies_fails_its_own_job_in_words_and_the_next_is_done_by_another(tmp_path: Path) -> None:
    async def test() -> None:
        async with working(tmp_path) as bench:
            bad, good = Job("receive", "ward", {"die": True}), Job("receive", "ward", {"name": "next"})
            bench.submit(bad)
            bench.submit(good)
            await over(bad, good)
            assert (bad.state, good.state) == ("failed", "done")
            assert "Nothing was lost" in bad.error

    run(test())


@pytest.mark.parametrize(
    "words", ["this is no JSON", "[1]", '{"stage": "s"}', '{"stage": "s", "done": "x", "total": 1}']
)
def test_an_answer_that_makes_no_sense_fails_its_own_job_only(tmp_path: Path, words: str) -> None:
    async def test() -> None:
        async with working(tmp_path) as bench:
            bad, good = Job("receive", "ward", {"say": words}), Job("receive", "ward", {"name": "next"})
            bench.submit(bad)
            bench.submit(good)
            await over(bad, good)
            assert (bad.state, good.state) == ("failed", "done")

    run(test())


def test_an_error_that_is_told_is_told_of_the_job_and_the_process_goes_on(tmp_path: Path) -> None:
    async def test() -> None:
        async with working(tmp_path) as bench:
            bad = Job("receive", "ward", {"say": json.dumps({"error": "The disk is full."})})
            good = Job("receive", "ward", {"name": "next"})
            bench.submit(bad)
            bench.submit(good)
            await over(bad, good)
            assert (bad.state, bad.error, good.state) == ("failed", "The disk is full.", "done")

    run(test())


def test_whenever_an_analysis_is_interrupted_nothing_fails_and_in_the_end_it_is_done(tmp_path: Path) -> None:
    async def test() -> None:
        async with working(tmp_path) as bench:
            go = tmp_path / "go"
            bench.submit(Job("analyse", "ward", {"name": "all", "until": str(go), "chatty": True}))
            receiving = []
            for n in range(12):  # before it starts, while it starts, while it talks
                receiving.append(Job("receive", "ward", {"name": n}))
                bench.submit(receiving[-1])
                await over(receiving[-1])
                for _ in range(n * n * 40):  # moments between two of its words
                    await asyncio.sleep(0)
            go.touch()
            await until(lambda: all(job.is_over for job in bench.jobs.values()))
            assert [job.state for job in receiving] == ["done"] * 12
            analyses = [job.state for job in bench.jobs.values() if job.kind == "analyse"]
            assert analyses[-1] == "done"
            assert set(analyses[:-1]) <= {"stopped"}

    run(test())


def test_the_latest_200_jobs_are_known_and_what_waits_is_never_forgotten(tmp_path: Path) -> None:
    async def test() -> None:
        async with working(tmp_path) as bench:
            first = Job("receive", "ward", {"name": "first", "until": str(tmp_path / "go")})
            bench.submit(first)
            await until(lambda: first.stage)
            for n in range(300):
                bench.submit(Job("analyse", "ward", {"name": n}))
            assert len(bench.jobs) <= 200
            assert bench.jobs[first.id] is first
            (tmp_path / "go").touch()
            await until(lambda: all(job.is_over for job in bench.jobs.values()))

    run(test())
    assert told(tmp_path) == ["receive first", "analyse 299"]


def test_with_the_page_end_the_process_and_all_that_it_started(tmp_path: Path) -> None:
    child = tmp_path / "child"

    async def test() -> None:
        async with working(tmp_path) as bench:
            bench.submit(Job("pack", "ward", {"child": str(child), "until": str(tmp_path / "never")}))
            await until(lambda: child.exists() and child.read_text())
            assert is_alive(int(child.read_text()))

    run(test())
    end = time.monotonic() + 5
    while is_alive(int(child.read_text())) and time.monotonic() < end:
        time.sleep(0.01)
    assert not is_alive(int(child.read_text()))
