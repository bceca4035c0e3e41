"""Whether an analysis of a case that is killed again and again ends as one that was left alone, with nothing twice.

An invented case: many small exports of several phones, each chat on four of them. They are added to a case and
analysed once, left alone; then the same is done by a process that is killed (SIGKILL) at random moments and started
again, until all kills are spent. Each analysis that comes to its end is held to the one that was left alone: the
exports of the case, the files of the result, the stages that are kept, the custody log, and nothing half-made left.

    python benchmarks/case_kills.py
    python benchmarks/case_kills.py --exports 12 --kills 12 --seed 1
    python benchmarks/case_kills.py --exports 100 --records 1000 --kills 50
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from chatforensics.casefile import By, Case, check_chain, hash_file, last_run, list_originals, log_lines, new_case
from chatforensics.workflow.labelled import TEXTS
from chatforensics.workflow.verifying import verify_case

PEOPLE = (
    "Ama Boateng", "Wiktor Zielinski", "Ines Duarte", "Rajesh Iyer", "Siân Pugh", "Kofi Mensah", "Yasmin Haddad",
    "Luca Ferri", "Mei Chen", "Tomasz Nowak", "Nadia Blake", "Joseph Adeyemi", "Oksana Melnyk", "Gurpreet Gill",
    "Fionnuala Byrne", "Hamza Sheikh",
)  # fmt: skip
WORDS = (
    "the hall is free on {day}", "who has the key for {day}", "bring the chairs back by {day}", "thank you all",
    "rehearsal on {day} is at seven as usual", "the minutes of {day} are with me", "can somebody water the plants",
    "I am late, begin without me", "no, not on {day}", "yes",
)  # fmt: skip
SLATE = "Final reminder for {day}: vote for {one} as chair and {two} as secretary, in that order, and pass this on"
START = datetime(2031, 1, 13, 8, tzinfo=UTC)
AT = By("Ama Boateng", datetime(2031, 4, 1, 10, tzinfo=UTC))
PHONES_PER_CHAT, INSTRUCTION = 4, 8
ENVIRONMENT = {**os.environ, "SOURCE_DATE_EPOCH": "1932804000", "POLARS_MAX_THREADS": "1"}


def write_exports(folder: Path, *, n: int, seed: int, n_records: int = 16) -> None:
    """Write so many exports of about so many records, a folder for each phone; equal seeds give equal bytes."""
    n_chats = max(1, n // PHONES_PER_CHAT)
    for number in range(n):
        chat, copy = number % n_chats, number // n_chats
        phone = folder / f"phone-{(chat // 5 + copy * 7) % max(4, n // 10):02}-{copy}"
        phone.mkdir(parents=True, exist_ok=True)
        lines = list(_lines(chat, n_records, random.Random(f"{seed}-{chat}")))  # noqa: S311 - nothing secret
        text = "".join(lines[copy:])  # who came later has less
        (phone / f"WhatsApp Chat with Choir {chat}.txt").write_text(text, encoding="utf-8")


def _lines(chat: int, n_records: int, chance: random.Random) -> Iterator[str]:
    members = chance.sample(PEOPLE, 6)
    at = START + timedelta(minutes=chat)
    yield f'{at:%d/%m/%Y, %H:%M} - {members[0]} created group "Choir {chat}"\n'
    for number in range(n_records):
        at += timedelta(minutes=chance.randrange(20, 900))
        form = SLATE if number == INSTRUCTION else chance.choice(WORDS)
        words = form.format(day=f"{at:%A}", one=PEOPLE[chat % 3], two=PEOPLE[3 + chat % 2])
        yield f"{at:%d/%m/%Y, %H:%M} - {chance.choice(members)}: {words} {number if form is not SLATE else ''}\n"


def start(case: Case, *paths: Path) -> subprocess.Popen[bytes]:
    """Start an analysis in a process of its own, exports given added first."""
    command = [sys.executable, "-m", "chatforensics", "analyse", *map(str, paths), "--case", str(case.folder)]
    with case.folder.with_suffix(".said").open("wb") as said:
        return subprocess.Popen(
            [*command, "--quiet"], env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=said, stderr=said
        )


def finish(case: Case, *paths: Path) -> float:
    """Analyse a case to the end, and return how many seconds it took."""
    began = time.perf_counter()
    if start(case, *paths).wait():
        raise SystemExit(case.folder.with_suffix(".said").read_text(encoding="utf-8"))
    return time.perf_counter() - began


@dataclass
class Tally:
    """What became of the kills."""

    kills: int = 0
    finished: int = 0
    rounds: int = 0
    faults: list[str] = field(default_factory=list)


def make_case(folder: Path) -> Case:
    """Make an empty case."""
    return new_case(folder, title="Choirs", by=AT, key=bytes(32))


def kill_often(calm: Case, exports: Path, *, n_kills: int, most_s: float, seed: int) -> Tally:
    """Kill analyses of the same exports at random moments until all kills are spent, and hold each end to `calm`.

    Args:
        calm: a case with these exports, analysed once and left alone.
        exports: where the exports lie.
        n_kills: how often.
        most_s: each analysis is killed after a random time of at most so many seconds, if it did not end before.
        seed: of the random times.
    """
    chance, tally = random.Random(seed), Tally()  # noqa: S311 - nothing secret
    while tally.kills < n_kills:
        case = make_case(calm.folder.with_name(f"round-{tally.rounds}"))
        tally.rounds += 1
        while not count_runs(case) and tally.kills < n_kills:
            process = start(case, exports)
            try:
                process.wait(chance.uniform(0, most_s))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                tally.kills += 1
        n_runs = count_runs(case)
        finish(case, exports)
        tally.finished += n_runs + 1
        tally.faults += [f"round {tally.rounds}: {fault}" for fault in compare(case, calm, n_runs=n_runs + 1)]
        shutil.rmtree(case.folder)
    return tally


def count_runs(case: Case, action: str = "analyse") -> int:
    """Count the analyses that the custody log has, or other things that were done."""
    return sum(json.loads(line)["action"] == action for line in log_lines(case))


def compare(case: Case, calm: Case, *, n_runs: int) -> Iterator[str]:
    """Yield what is not in a case as in the one that was left alone."""
    if fault := check_chain(log_lines(case)):
        yield fault
    if count_runs(case) != n_runs:
        yield f"lines of analyses in the log: {count_runs(case)}, not {n_runs}"
    if list_sources(case) != list_sources(calm):
        yield f"other exports: {len(list_sources(case))}, not {len(list_sources(calm))}"
    if count_runs(case, "add") != count_runs(calm, "add"):
        yield f"lines of exports added in the log: {count_runs(case, 'add')}, not {count_runs(calm, 'add')}"
    if _outputs(case) != _outputs(calm):
        yield "other results"
    if hash_stages(case) != hash_stages(calm):
        yield "other stages are kept"
    if parts := [path for path in case.folder.rglob("*") if path.name.endswith(".part")]:
        yield f"left half-made: {parts[0]}"
    yield from (f"{x.name}: {x.words}" for x in verify_case(case.folder, rerun=False) if x.state == "failed")


def list_sources(case: Case) -> list[str]:
    """Return the hashes of the exports in a case."""
    return [original.sha256 for original in list_originals(case)]


def hash_stages(case: Case) -> dict[str, str | None]:
    """Return the hash of each file of the stages that are kept, by its place.

    But for the labels of texts: in which portions these are kept depends on when a run was killed.
    """
    folder = case.folder / "derived"
    files = {path.relative_to(folder): path for path in folder.rglob("*") if path.is_file()}
    return {
        name.as_posix(): hash_file(path) for name, path in files.items() if not name.parts[0].startswith(f"{TEXTS}-")
    }


def _outputs(case: Case) -> dict[str, str]:
    run = last_run(case)
    return {name: sha256 for name, sha256 in run.outputs.items() if name != "run.json"} if run else {}


def main() -> None:
    """Run, print the figures, and exit with 1 where something differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--exports", type=int, default=200)
    parser.add_argument("--records", type=int, default=16, help="records of each export")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--most", type=float, help="seconds after which a run is killed at the latest")
    given = parser.parse_args()
    with TemporaryDirectory() as folder:
        exports, calm = Path(folder) / "in", make_case(Path(folder) / "calm")
        write_exports(exports, n=given.exports, n_records=given.records, seed=given.seed)
        took = finish(calm, exports), finish(calm), finish(calm, exports)
        print(
            f"exports: {len(list_sources(calm))}; first run: {took[0]:.1f} s; with everything kept: {took[1]:.1f} s; "
        )
        print(f"with the same exports given once more: {took[2]:.1f} s", flush=True)
        most = given.most or took[0] / 3
        tally = kill_often(calm, exports, n_kills=given.kills, most_s=most, seed=given.seed)
        print(f"kills: {tally.kills}; analyses that ended: {tally.finished}; copies of the case: {tally.rounds}")
        print("\n".join(tally.faults) or "each ended as the one that was left alone")
        sys.exit(bool(tally.faults))


if __name__ == "__main__":
    main()
