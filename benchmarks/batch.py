"""How long a whole analysis of many exports takes, how much memory, and where the time goes.

Runs `chatforensics analyse` on folders of exports as its users do, in a process of its own, and watches it and the
processes that it starts: wall and processor seconds of each stage, and the largest memory of all of them together
(private and shared pages, each shared one counted once: Pss). On Linux only.

    python benchmarks/batch.py TOWN/exports/* --out result --jobs 2
    python benchmarks/batch.py --small 20000 --records 50 --out result        exports of so many records, invented
    python benchmarks/batch.py --one-chat 3000000 --out result                one chat, invented
    python benchmarks/batch.py --hot 100000 --out result                      one text, posted so often, invented
"""

import argparse
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

PEOPLE = (
    "Ama Boateng", "Wiktor Zielinski", "Ines Duarte", "Rajesh Iyer", "Siân Pugh", "Kofi Mensah", "Yasmin Haddad",
    "Luca Ferri", "Mei Chen", "Tomasz Nowak", "Nadia Blake", "Joseph Adeyemi", "Oksana Melnyk", "Gurpreet Gill",
    "Fionnuala Byrne", "Hamza Sheikh",
)  # fmt: skip
SLATE = "Final reminder: vote for Ines Duarte as chair and Kofi Mensah as secretary, in that order, and pass this on"
ASIDES = (
    "can you bring the {} to the {} {}", "who has the {}? it was in the {} {}", "no {} at the {} {}, sorry",
    "thanks for the {}, see you at the {} {}", "the {} is still at the {}, i will fetch it {}",
    "lovely {} at the {} {}", "is the {} for the {} {}?", "i left my {} at the {} {}",
)  # fmt: skip
THINGS = ("key", "rehearsal plan", "tea", "bus card", "soup", "poster", "lamp", "bread", "lunch", "ladder", "coffee")
PLACES = ("hall", "garden", "library", "shop", "allotment", "bus stop", "school", "river")
TIMES = ("tomorrow", "tonight", "early", "after lunch", "before ten", "again", "on sunday", "next week", "at noon")
A_NEW_ONE = 0.2  # of all small talk, so much is said once only
START = datetime(2031, 1, 13, 8)  # noqa: DTZ001 - as a phone prints it


def write_chat(path: Path, *, n: int, seed: int, hot: int = 0) -> None:
    """Write an invented export of so many records; the first `hot` of every two say the same."""
    chance = random.Random(seed)  # noqa: S311 - nothing secret
    members, at = chance.sample(PEOPLE, 6), START + timedelta(hours=seed % 1000)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for number in range(n):
            at += timedelta(seconds=chance.expovariate(1 / 180))
            is_hot = number % 2 == 0 and number // 2 < hot
            words = SLATE if is_hot else make_aside(chance, number)
            file.write(f"{at:%d/%m/%Y, %H:%M} - {chance.choice(members)}: {words}\n")


def make_aside(chance: random.Random, number: int) -> str:
    """Return small talk."""
    aside = chance.choice(ASIDES).format(chance.choice(THINGS), chance.choice(PLACES), chance.choice(TIMES))
    return f"{aside} {number}" if chance.random() < A_NEW_ONE else aside


def invent(options: argparse.Namespace, folder: Path) -> list[Path]:
    """Write the inputs that were asked for; return their folders."""
    for number in range(options.small):
        name = f"phone-{number // 20:04}/WhatsApp Chat with Group {number}.txt"
        write_chat(folder / name, n=options.records, seed=number)
    if options.one_chat:
        write_chat(folder / "phone/WhatsApp Chat with Town.txt", n=options.one_chat, seed=1)
    for number in range(20 if options.hot else 0):
        name = f"phone-{number % 5}/WhatsApp Chat with Group {number}.txt"
        write_chat(folder / name, n=options.hot // 10, seed=number, hot=options.hot // 20)
    return [folder]


class Watch:
    """The largest memory of a process and those it started since it was last asked; the processor seconds of them."""

    def __init__(self, process: int) -> None:
        """Watch from now on."""
        self.largest = self.largest_of_all = 0
        self._process, self._ended = process, False
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End watching."""
        self._ended = True
        self._thread.join()

    def take(self) -> int:
        """Return the largest memory since this was last called, in bytes."""
        largest, self.largest = self.largest, 0
        return largest

    def count_processor(self) -> float:
        """Return the processor seconds until now, of those that ended as well."""
        return sum(_processor_of(each) for each in _family_of(self._process))

    def _look(self) -> None:
        while not self._ended:
            held = sum(_memory_of(each) for each in _family_of(self._process))
            self.largest, self.largest_of_all = max(self.largest, held), max(self.largest_of_all, held)
            time.sleep(0.2)


def _family_of(process: int) -> Iterator[int]:
    yield process
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text()
    except OSError:
        return
    for child in children.split():
        yield from _family_of(int(child))


def _memory_of(process: int) -> int:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def _processor_of(process: int) -> float:
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")  # its own, and of those that it has waited for


def run(inputs: list[Path], *, out: Path, more: list[str]) -> None:
    """Run the analysis and print a line for each stage."""
    command = [sys.executable, "-m", "chatforensics", "analyse", *map(str, inputs), "--out", str(out)]
    began = last = time.monotonic()
    spent_before = 0.0
    with subprocess.Popen([*command, "--progress", "json", *more], stderr=subprocess.PIPE, text=True) as process:
        watch = Watch(process.pid)
        print(f"{'stage':<14}{'wall s':>9}{'processor s':>13}{'peak MB':>10}")
        for line in process.stderr or ():
            told = json.loads(line) if line.startswith("{") else {}
            if not told or (told["stage"] in ("reading", "hashing", "pictures") and told["done"] < told["total"]):
                continue
            now, spent = time.monotonic(), watch.count_processor()
            figures = f"{now - last:>9.1f}{spent - spent_before:>13.1f}{watch.take() / 1e6:>10,.0f}"
            print(f"{told['stage']:<14}{figures}", flush=True)
            last, spent_before = now, spent
        process.wait()
        watch.stop()
    ended = os.times()
    took, processor = time.monotonic() - began, ended.children_user + ended.children_system
    print(f"{'all':<14}{took:>9.1f}{processor:>13.1f}{watch.largest_of_all / 1e6:>10,.0f}")
    told = json.loads((out / "summary.json").read_bytes())
    print(f"messages: {told['n_messages']:,}; exports: {told['n_sources']:,}; exit {process.returncode}")
    millions = told["n_messages"] / 1e6
    print(f"for a million messages: {took / millions:.1f} s wall, {processor / millions:.1f} s processor")


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("inputs", nargs="*", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--small", type=int, default=0, help="invent so many small exports")
    parser.add_argument("--records", type=int, default=50, help="records of each of these")
    parser.add_argument("--one-chat", type=int, default=0, help="invent one chat of so many records")
    parser.add_argument("--hot", type=int, default=0, help="invent chats in which one text is posted so often")
    parser.add_argument("--jobs", default="2", help="as for analyse")
    parser.add_argument("--pictures", default="none", help="as for analyse")
    parser.add_argument("--engine", default="local", help="as for analyse")
    options = parser.parse_args()
    more = ["--jobs", options.jobs, "--pictures", options.pictures, "--engine", options.engine]
    inputs = options.inputs or invent(options, options.out.with_name(options.out.name + "-inputs"))
    run(inputs, out=options.out, more=more)


if __name__ == "__main__":
    main()
