"""How long people wait at the local page: for the first look at an export, for a view to be made, and for a search.

One line of JSON per measurement, in seconds of wall clock and of processor time, on an invented chat of many messages.

    python benchmarks/page_speed.py look 100000
    python benchmarks/page_speed.py search 1000000
    python benchmarks/page_speed.py drop 100000    # in Chromium: from the drop to the messages that were flagged
"""

import argparse
import json
import os
import random
import re
import resource
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

from chatforensics.casefile import By, Case, Kept, new_case
from chatforensics.schema import empty
from chatforensics.workflow import Settings, presenting, stages
from chatforensics.workflow.adding import add_exports
from chatforensics.workflow.casework import analyse_case
from chatforensics.workflow.clock import now
from chatforensics.workflow.looking import look, prepare
from chatforensics.workflow.run import Outcome
from chatforensics.workflow.viewing import Query, View, build_view, open_view

EVERY, EVERY_FOURTH = 5_000, 0.25
START = datetime(2021, 1, 4, 8, 0)  # noqa: DTZ001 - an export's own wall clock
PEOPLE = ("Ama", "Wiktor", "Ines", "Rajesh", "Siân", "Kofi", "Yasmin", "Luca", "Farida", "Tomasz", "Mehwish", "Owen")
WORDS = (
    "the", "of", "and", "to", "in", "is", "you", "that", "it", "he", "was", "for", "on", "are", "as", "with",
    "they", "I", "at", "be", "this", "have", "from", "or", "one", "had", "by", "word", "but", "not", "what", "all",
    "were", "we", "when", "your", "can", "said", "there", "use", "an", "each", "which", "she", "do", "how",
    "their", "if", "will", "up", "other", "about", "out", "many", "then", "them", "these", "so", "some", "her",
    "would", "make", "like", "him", "into", "time", "has", "look", "two", "more", "write", "go", "see", "number",
    "no", "way", "could", "people", "my", "than", "first", "water", "been", "call", "who", "its", "now", "find",
    "long", "down", "day", "did", "get", "come", "made", "may", "part",
)  # fmt: skip
RARE = ("😂", "👍", "শনিবার", "कल", "شام", "café", "https://example.org/x", "10:30", "- a dash")
SLATE = "Final reminder for Saturday: vote for Nadia Blake as chair and Tomasz Zielinski as secretary"
RUNS = 5
Made = TypeVar("Made")


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("look", "search", "drop"))
    parser.add_argument("n", type=int, help="messages of the chat")
    parser.add_argument("--folder", type=Path, help="keep the case there")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = asked.folder or Path(scratch)
        {"look": measure_looks, "search": measure_search, "drop": measure_drop}[asked.what](folder, asked.n)


def write_chat(folder: Path, n: int) -> Path:
    """Write an invented chat as an Android phone zips it; every 5,000th message is an instruction."""
    rng = random.Random(7)  # noqa: S311 - a chat, no secret
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "WhatsApp Chat with Ward.zip"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("WhatsApp Chat with Ward.txt", "w") as chat,
    ):
        for line in _talk(rng, n):
            chat.write(line.encode())
    return path


def _talk(rng: random.Random, n: int) -> Iterator[str]:
    at = START
    for number in range(n):
        at += timedelta(seconds=rng.randrange(1, 300))
        words = rng.choices(WORDS, k=rng.randrange(4, 19)) + ([rng.choice(RARE)] if rng.random() < EVERY_FOURTH else [])
        text = SLATE if number % EVERY == EVERY - 1 else " ".join(words)
        yield f"{at:%d/%m/%Y, %H:%M} - {rng.choice(PEOPLE)}: {text}\n"


def measure_looks(folder: Path, n: int) -> None:
    """Measure the first look at an export in a process that is warm, each time in a new case."""
    path = write_chat(folder / "in", n)
    prepare()
    for run in range(RUNS):
        case = a_case(folder / f"case-{run}")
        added = tell("add", partial(add_exports, case, [path], by=By("bench", now())), n=n, run=run)
        tell("look", partial(look, case, added.added[0].source_id), n=n, run=run)


def measure_search(folder: Path, n: int) -> None:
    """Measure how a view is made of a finished analysis, and how it is searched."""
    case = a_case(folder / "case")
    add_exports(case, [write_chat(folder / "in", n)], by=By("bench", now()))
    with without_report():
        outcome = tell("analyse, without sensitivity, figures and report", lambda: _analyse(case), n=n)
    tell("view", lambda: build_view(case, outcome), n=n)
    view = open_view(case)
    if view is None:
        raise SystemExit("no view")
    for query in list_queries(view):
        for page in (1, 100):
            times = [timed(partial(view.find, query, page)) for _ in range(RUNS)]
            wall, cpu, found = min(times, key=lambda each: each[0])
            _print("find", wall, cpu, n=n, asked=query.to_params(), page=page, found=found.n)
    shown = view.find(Query()).items[0]["message_id"]
    tell("message", lambda: view.message(int(shown)), n=n)
    tell("around", lambda: view.around(int(shown)), n=n)


def measure_drop(folder: Path, n: int) -> None:
    """Measure in a browser how long it takes from the drop of an export until flagged messages are on the screen."""
    from playwright.sync_api import sync_playwright

    path, chromium = write_chat(folder / "in", n), shutil.which("chromium")
    with _serving(folder / "cases") as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.goto(address)
        start = page.url
        time.sleep(8)  # the processes load what they need; people take as long to find their file
        for run in range(RUNS):
            page.goto(f"{start}?other=yes")
            begun = time.perf_counter()
            page.set_input_files("#files", path)
            page.wait_for_selector(".msg mark", timeout=300_000)
            _print("drop", time.perf_counter() - begun, time.process_time(), n=n, run=run)
        browser.close()


@contextmanager
def _serving(place: Path) -> Iterator[str]:
    """Run the page and give the address that opens it."""
    command = [sys.executable, "-m", "chatforensics", "serve", "--no-browser", "--place", str(place)]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        found = re.search(r"http://127\.0\.0\.1:\d+/\?token=\S+", process.stdout.readline() if process.stdout else "")
        if found is None:
            raise SystemExit("the page did not start")
        yield found[0]
    finally:
        process.terminate()
        process.wait()


def list_queries(view: View) -> list[Query]:
    """Return searches for frequent and rare words, beginnings, stretches, marks, and with filters."""
    person, chat, source = (rows[0] for rows in (view.people(), view.chats(), view.sources()))
    narrow = {"person_id": person["person_id"], "chat_id": chat["chat_id"], "source_id": source["source_id"]}
    words = ("", "the", "th", "the people", '"no way"', "শনিবার", "😂", "??", "nadia", "zzz")
    return [
        *(Query(words=each) for each in words),
        Query(words="the", **narrow, kind="text", status="single_source", decision="none"),
        Query(words="the", since="2021-06-01", until="2022-06-01"),
        Query(decision="flag"),
        Query(kind="text", person_id=person["person_id"]),
    ]


def a_case(folder: Path) -> Case:
    """Make a case."""
    return new_case(folder, title="bench", by=By("bench", now()), key=secrets.token_bytes(32))


def _analyse(case: Case) -> Outcome:
    return analyse_case(case, settings=Settings(), by=By("bench", now()))


@contextmanager
def without_report() -> Iterator[None]:
    """Leave out what no view is made of, and what takes longest."""
    kept = stages._vary, presenting._draw_figures, presenting._write_report  # noqa: SLF001

    try:
        stages._vary = lambda *_: Kept({"sensitivity": empty("sensitivity")})  # noqa: SLF001
        presenting._draw_figures = lambda tables, *_: Kept({"hours": tables["people"]}, {"drawings": []}, {})  # noqa: SLF001
        presenting._write_report = lambda *_: Kept(files={"report.html": b"<p>", "report.pdf": b"%"})  # noqa: SLF001
        yield
    finally:
        stages._vary, presenting._draw_figures, presenting._write_report = kept  # noqa: SLF001


def timed(make: Callable[[], Made]) -> tuple[float, float, Made]:
    """Return how long something took, in seconds of wall clock and of processor time, and what it gave."""
    wall, cpu = time.perf_counter(), time.process_time()
    made = make()
    return time.perf_counter() - wall, time.process_time() - cpu, made


def tell(what: str, make: Callable[[], Made], **facts: object) -> Made:
    """Do something and print how long it took."""
    wall, cpu, made = timed(make)
    _print(what, wall, cpu, **facts)
    return made


def _print(what: str, wall: float, cpu: float, **facts: object) -> None:
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    line = {"what": what, **facts, "wall_s": round(wall, 3), "cpu_s": round(cpu, 3), "peak_mb": megabytes}
    print(json.dumps(line, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
