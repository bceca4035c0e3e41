"""Parse one big export with chatforensics and its peers, in one run, whole processes, wall and CPU time.

    python benchmarks/parse_speed.py --messages 1000000
    python benchmarks/parse_speed.py --grow

Peers are installed into a scratch folder: whatsapp-chat-parser (npm) and whatstk (PyPI). whatstk is slow, so it gets a
tenth of the messages and its rate is compared.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

GENERATOR = Path(__file__).resolve().parents[2] / "shared" / "bench" / "generate_export.py"
OURS = [sys.executable, "-m", "chatforensics", "parse"]
# Makes each line of the ten million longer, so that the file has more than two gigabytes.
LONGER = b" and so on, as people write in the evening when the day is done and the kettle on the hob, and on\n"
NODE_SCRIPT = """
const fs = require('fs');
const { parseString } = require('whatsapp-chat-parser');
const messages = parseString(fs.readFileSync(process.argv[2], 'utf8'));
fs.writeFileSync(process.argv[3], JSON.stringify(messages));
console.log(messages.length);
"""
WHATSTK_SCRIPT = """
import sys
from whatstk import WhatsAppChat
chat = WhatsAppChat.from_source(sys.argv[1], max_size=10**10)
chat.df.to_csv(sys.argv[2])
print(len(chat.df))
"""


def measure(command: list[str]) -> dict[str, float]:
    """Run a program to its end: wall and CPU seconds, peak memory in MB, and the number it prints last."""
    start = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        running = subprocess.Popen(command, stdout=said, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(running.pid, 0)
        wall = time.perf_counter() - start
        running.returncode = os.waitstatus_to_exitcode(status)
        if running.returncode:
            raise subprocess.CalledProcessError(running.returncode, command)
        said.seek(0)
        words = said.read().split()
    return {
        "wall_s": wall,
        "cpu_s": used.ru_utime + used.ru_stime,
        "peak_mb": used.ru_maxrss / 1024,
        "n": float(words[-1]) if words else 0,
    }


def set_up_peers(folder: Path) -> tuple[Path, Path]:
    """Install the peers; return the node script and whatstk's python."""
    folder.mkdir(parents=True, exist_ok=True)
    script = folder / "parse.cjs"
    script.write_text(NODE_SCRIPT)
    if not (folder / "node_modules").exists():
        subprocess.run(["npm", "install", "--silent", "whatsapp-chat-parser@4.0.2"], cwd=folder, check=True)
    python = folder / "venv" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", "whatstk==0.9.1"], check=True)
    (folder / "parse_whatstk.py").write_text(WHATSTK_SCRIPT)
    return script, python


def generate(scratch: Path, platform: str, n: int) -> Path:
    """Return an invented export of `n` messages, made once."""
    path = scratch / f"{platform}-{n}.txt"
    if not path.exists():
        subprocess.run([sys.executable, str(GENERATOR), platform, str(n), str(path)], check=True, capture_output=True)
    return path


def compare(scratch: Path, platform: str, *, n: int, rounds: int) -> None:
    """Measure all programs on one platform's export in turns, and print the median round of each."""
    script, whatstk = set_up_peers(scratch)
    big, small, out = generate(scratch, platform, n), generate(scratch, platform, n // 10), scratch / "out"
    programs = {
        "chatforensics": ([*OURS, str(big), "--out", f"{out}.parquet"], n),
        "whatsapp-chat-parser": (["node", "--max-old-space-size=8192", str(script), str(big), f"{out}.json"], n),
        "whatstk": ([str(whatstk), str(scratch / "parse_whatstk.py"), str(small), f"{out}.csv"], n // 10),
    }
    turns = [{name: measure(command) for name, (command, _) in programs.items()} for _ in range(rounds)]
    for name, (_, size) in programs.items():
        middle = sorted((turn[name] for turn in turns), key=lambda used: used["wall_s"])[rounds // 2]
        report = {"platform": platform, "program": name, "messages": size, **middle}
        print(json.dumps({**report, "messages_per_s": round(size / middle["wall_s"])}))


def grow(scratch: Path) -> None:
    """Measure ours alone on ten million messages, and on a file of more than two gigabytes."""
    ten = generate(scratch, "android", 10_000_000)
    huge = scratch / "android-2gb.txt"
    if not huge.exists():
        with ten.open("rb") as lines, huge.open("wb") as file:
            for line in lines:
                file.write(line.rstrip(b"\n") + LONGER)
    for path in (ten, huge):
        used = measure([*OURS, str(path), "--out", str(scratch / "out.parquet")])
        print(json.dumps({"file": path.name, "size_mb": round(path.stat().st_size / 1e6), **used}))


def main() -> None:
    """Compare with the peers, or measure growth."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--messages", type=int, default=1_000_000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--grow", action="store_true", help="ten million messages and two gigabytes, ours alone")
    options.add_argument("--scratch", type=Path, default=Path(os.environ.get("TMPDIR", "/tmp")) / "chatforensics-bench")  # noqa: S108
    chosen = options.parse_args()
    chosen.scratch.mkdir(parents=True, exist_ok=True)
    if chosen.grow:
        grow(chosen.scratch)
        return
    for platform in ("android", "ios"):
        compare(chosen.scratch, platform, n=chosen.messages, rounds=chosen.rounds)


if __name__ == "__main__":
    main()
