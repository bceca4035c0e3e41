"""Build the page's d3 subset from the pinned npm packages, byte for byte: bundle and licence texts.

    python scripts/build_vendor.py [--check]

Needs node and npm. `scripts/vendor/package-lock.json` pins every package by its hash. With `--check` nothing is
written: the script fails if the bundle in the package is not the one that these packages give.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
INPUTS = ROOT / "scripts" / "vendor"
TARGET = ROOT / "chatforensics" / "report" / "assets" / "vendor"
BUNDLE, LICENCES = "d3-subset.min.js", "LICENSE.d3"


def install(folder: Path) -> None:
    """Install exactly the packages of the lock file, running none of their scripts."""
    for name in ("entry.js", "package.json", "package-lock.json"):
        shutil.copy(INPUTS / name, folder / name)
    command = ["npm", "ci", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(command, cwd=folder, check=True)


def bundle(folder: Path) -> str:
    """Return the bundle: one script that defines `d3`, without whitespace, under a line that names its parts."""
    rollup = "node_modules/@rollup/wasm-node/dist/bin/rollup"
    plain = [
        "node",
        rollup,
        "-i",
        "entry.js",
        "-f",
        "iife",
        "-n",
        "d3",
        "-p",
        "node-resolve",
        "-o",
        "plain.js",
        "--silent",
    ]
    subprocess.run(plain, cwd=folder, check=True)
    small = ["node", "node_modules/terser/bin/terser", "plain.js", "--compress", "--mangle", "--ecma", "2020"]
    done = subprocess.run(small, cwd=folder, check=True, capture_output=True, text=True)
    parts = ", ".join(f"{name} {version}" for name, version in list_parts(folder))
    return f"/* {parts}. ISC and BSD-3-Clause, see {LICENCES}. */\n{done.stdout.strip()}\n"


def list_parts(folder: Path) -> list[tuple[str, str]]:
    """List the packages inside the bundle, by name, with their versions."""
    packages = sorted((folder / "node_modules").glob("d3-*/package.json"))
    return [(path.parent.name, json.loads(path.read_text("utf-8"))["version"]) for path in packages]


def gather_licences(folder: Path) -> str:
    """Return the licence text of every package inside the bundle."""
    texts = [
        f"{name} {version}\n\n{(folder / 'node_modules' / name / 'LICENSE').read_text('utf-8').strip()}\n"
        for name, version in list_parts(folder)
    ]
    return f"\n{'-' * 72}\n\n".join(texts)


def main() -> None:
    """Build the files, and write or compare them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        install(folder)
        built = {BUNDLE: bundle(folder), LICENCES: gather_licences(folder)}
    for name, text in built.items():
        if "--check" in sys.argv[1:] and (TARGET / name).read_bytes() != text.encode():
            sys.exit(f"{TARGET / name} is not what the pinned packages give: run {Path(__file__).name} without --check")
        if "--check" not in sys.argv[1:]:
            (TARGET / name).write_bytes(text.encode())
        print(f"{sha256(text.encode()).hexdigest()}  {name}")


if __name__ == "__main__":
    main()
