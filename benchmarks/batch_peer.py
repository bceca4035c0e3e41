"""How long whatstk takes merely to parse a sample of the exports that `batch.py` takes through everything.

Zips are unpacked before the clock starts, and whatstk writes nothing. It is run once on each file, in one process, on
one core; what it cannot read counts as nothing. The time for all exports is that of the sample by their bytes of text.

    python benchmarks/batch_peer.py TOWN/exports --sample 40
"""

import argparse
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PEER = """
import json, sys, time
from whatstk import WhatsAppChat
told = []
for path in sys.argv[1:]:
    began = time.process_time()
    try:
        n = len(WhatsAppChat.from_source(path, max_size=10**10).df)
    except Exception as error:
        n = None
    told.append((time.process_time() - began, n))
print(json.dumps(told))
"""


def set_up(folder: Path) -> Path:
    """Install whatstk, and return its Python."""
    python = folder / "venv" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", "whatstk==0.9.1"], check=True)
    return python


def list_texts(folder: Path) -> list[tuple[Path, int]]:
    """Return every export below a folder, and the bytes of its text."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as box:
                found.append((path, sum(each.file_size for each in box.infolist() if each.filename.endswith(".txt"))))
        elif path.suffix == ".txt":
            found.append((path, path.stat().st_size))
    return found


def unpack(path: Path, target: Path) -> Path:
    """Write the text of an export to a file."""
    if path.suffix == ".txt":
        target.write_bytes(path.read_bytes())
    else:
        with zipfile.ZipFile(path) as box:
            target.write_bytes(b"".join(box.read(name) for name in box.namelist() if name.endswith(".txt")))
    return target


def main() -> None:
    """Run and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exports", type=Path)
    parser.add_argument("--sample", type=int, default=40)
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()) / "peers")
    given = parser.parse_args()
    texts = list_texts(given.exports)
    chosen = texts[:: max(1, len(texts) // given.sample)]
    python = set_up(given.scratch)
    with tempfile.TemporaryDirectory() as folder:
        files = [unpack(path, Path(folder) / f"{number}.txt") for number, (path, _) in enumerate(chosen)]
        said = subprocess.run([str(python), "-c", PEER, *map(str, files)], capture_output=True, check=True, text=True)
    told = json.loads(said.stdout.splitlines()[-1])
    read = [(seconds, n, size) for (seconds, n), (_, size) in zip(told, chosen, strict=True) if n is not None]
    spent, n_messages, n_bytes = (sum(column) for column in zip(*read, strict=True))
    whole = sum(size for _, size in texts)
    print(f"exports: {len(texts):,}, {whole / 1e6:,.0f} MB of text; sample: {len(chosen)}, of which read: {len(read)}")
    print(f"messages: {n_messages:,}; processor: {spent:.1f} s, {spent / n_messages * 1e6:.1f} s a million")
    print(f"all exports, by bytes of text: {spent * whole / n_bytes:,.0f} s")


if __name__ == "__main__":
    main()
