"""Measure writing, checking and sealing a package beside the tools that others check it with.

    python benchmarks/package_check.py [MEGABYTES] [FILES]

Peers: bagit (the Library of Congress's, in Python), sha256sum, minisign. Each program is run three times in turn on the
same package; medians are printed, in seconds of wall clock, and what each of them checks.
"""

import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from chatforensics.package.bag import write_bag
from chatforensics.package.checker import check_bag
from chatforensics.package.sealing import seal_folder
from chatforensics.package.signing import load_signer, make_key

HEAD = b'{"entries":1,"sha256":"%s"}\n'
LINE = (
    b'{"action":"new","actor":"Ama","at":"2026-04-01T10:00:00Z","details":{},"inputs":[],"outputs":[],'
    b'"prev":"%s","seq":1,"version":"0"}'
)
RUNS = 3
WORDS = "six words to measure with only"


def main(megabytes: int, n_files: int) -> None:
    """Make a package of so many megabytes in so many files, and time all programs on it."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        key = folder / "maker.key"
        make_key(key)
        bag, public = folder / "package", folder / "maker.key.pub"
        payload = a_payload(megabytes, n_files)
        started = time.perf_counter()
        write_bag(
            bag,
            payload=payload,
            tags={"READ-ME-FIRST.txt": b"A package to measure with.\n"},
            info={"Bagging-Date": "2026-04-01"},
            sign=load_signer(key),
        )
        taken = time.perf_counter() - started
        print(f"package of {megabytes} MB in {n_files} files; written and signed in {taken:.2f} s")
        report(
            {
                "verify.py: hashes, log, signatures": lambda: run(
                    sys.executable, "-I", str(bag / "verify.py"), str(bag), "--key", str(public)
                ),
                "in process, the same": lambda: check_bag(bag, key=str(public)),
                "bagit --validate: hashes": lambda: run(
                    sys.executable, "-m", "bagit", "--validate", "--quiet", str(bag)
                ),
                "sha256sum -c: hashes": lambda: run("sha256sum", "--quiet", "-c", "manifest-sha256.txt", cwd=bag),
                "minisign -V: one signature": lambda: run(
                    "minisign", "-q", "-V", "-p", str(public), "-m", str(bag / "tagmanifest-sha256.txt")
                ),
                "sealed with age to a passphrase": lambda: seal(bag, folder / "package.tar.age"),
            }
        )


def a_payload(megabytes: int, n_files: int) -> dict[str, bytes | Path]:
    """Return files of noise, and a custody log of one line."""
    import hashlib

    noise = random.Random(0)  # noqa: S311 - measured, not kept secret
    size = megabytes * 1_000_000 // n_files
    line = LINE % (b"0" * 64)
    files: dict[str, bytes | Path] = {f"noise/{number:05}.bin": noise.randbytes(size) for number in range(n_files)}
    head = HEAD % hashlib.sha256(line).hexdigest().encode()
    return {**files, "custody/log.jsonl": line + b"\n", "custody/head.json": head}


def seal(bag: Path, out: Path) -> None:
    """Seal the package anew."""
    out.unlink(missing_ok=True)
    seal_folder(bag, out, recipients=(), passphrase=WORDS)


def run(*command: str, cwd: Path | None = None) -> None:
    """Run a program to its end; one that finds a fault ends the measurement."""
    subprocess.run(command, check=True, capture_output=True, cwd=cwd)


def report(programs: dict[str, Callable[[], object]]) -> None:
    """Run all programs in turn, three times, and print their medians."""
    taken: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(RUNS):
        for name, program in programs.items():
            started = time.perf_counter()
            program()
            taken[name].append(time.perf_counter() - started)
    for name, seconds in taken.items():
        print(f"{name:<40} {statistics.median(seconds):7.2f} s")


if __name__ == "__main__":
    megabytes, n_files = [*map(int, sys.argv[1:]), 400, 100][:2]
    main(megabytes, n_files)
