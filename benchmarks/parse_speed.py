"""Parse one big export with chatforensics and its peers, in one run, whole processes, wall and CPU time.

    python benchmarks/parse_speed.py --messages 1000000

Peers are installed into a scratch folder: whatsapp-chat-parser (npm) and whatstk (PyPI). whatstk is slow, so it gets a
tenth of the messages and its rate is compared.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

GENERATOR = Path(__file__).resolve().parents[2] / "shared" / "bench" / "generate_export.py"
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
chat = WhatsAppChat.from_source(sys.argv[1])
chat.df.to_csv(sys.argv[2])
print(len(chat.df))
"""


def measure(command: list[str]) -> dict[str, float]:
    """Run a program to its end: wall and CPU seconds, and the number it prints last."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    words = done.stdout.split()
    return {
        "wall_s": wall,
        "cpu_s": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
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


def main() -> None:
    """Generate, measure in turns, print medians as JSON lines."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--messages", type=int, default=1_000_000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--scratch", type=Path, default=Path(os.environ.get("TMPDIR", "/tmp")) / "chatforensics-bench")  # noqa: S108
    chosen = options.parse_args()
    script, whatstk = set_up_peers(chosen.scratch)
    ours = [sys.executable, "-m", "chatforensics", "parse"]
    for platform in ("android", "ios"):
        big, small = (chosen.scratch / f"{platform}-{n}.txt" for n in (chosen.messages, chosen.messages // 10))
        for path, n in ((big, chosen.messages), (small, chosen.messages // 10)):
            if not path.exists():
                subprocess.run([sys.executable, str(GENERATOR), platform, str(n), str(path)], check=True)
        out = chosen.scratch / "out"
        node = ["node", "--max-old-space-size=8192", str(script), str(big), f"{out}.json"]
        slow = [str(whatstk), str(chosen.scratch / "parse_whatstk.py"), str(small), f"{out}.csv"]
        programs = {
            "chatforensics": ([*ours, str(big), "--format", "parquet", "--out", f"{out}.parquet"], chosen.messages),
            "whatsapp-chat-parser": (node, chosen.messages),
            "whatstk": (slow, chosen.messages // 10),
        }
        rounds = [{name: measure(command) for name, (command, _) in programs.items()} for _ in range(chosen.rounds)]
        for name, (_, n) in programs.items():
            runs = sorted(rounds, key=lambda turn: turn[name]["wall_s"])
            middle = runs[len(runs) // 2][name]
            rate = {"messages_per_s": round(n / middle["wall_s"]), "returned": int(middle["n"])}
            print(json.dumps({"platform": platform, "program": name, "messages": n, **middle, **rate}))


if __name__ == "__main__":
    main()
