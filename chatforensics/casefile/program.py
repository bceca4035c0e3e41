"""What computes the results: version, hash of the package's own files, packages, Python."""

import hashlib
import platform
from collections.abc import Iterator
from functools import cache
from importlib import metadata, resources
from pathlib import Path

from chatforensics.version import __version__

PACKAGES = (
    "anyascii", "imagehash", "matplotlib", "networkx", "numpy", "pillow", "polars", "rapidfuzz", "regex",
    "scikit-learn", "scipy", "typst",
)  # fmt: skip
_LEFT_OUT = ("__pycache__", "exports")  # what Python adds, and the sample exports, which a checkout keeps elsewhere


@cache
def describe_program() -> dict[str, object]:
    """Say what computes the results: two runs with an equal description and equal inputs give equal bytes.

    It cannot show that the files were not changed between being hashed and being run, nor which processor computed:
    another one may round the last digit otherwise.

    Returns:
        `version`, `sha256` of all files of the package (see `hash_package`), `packages` with their versions, `python`.
    """
    return {
        "version": __version__,
        "sha256": hash_package(),
        "packages": {name: metadata.version(name) for name in PACKAGES},
        "python": platform.python_version(),
    }


def hash_package(folder: Path | None = None) -> str:
    """Return the SHA-256 over all files of this package, code and data, each line its hash and name as sha256sum does.

    Anybody can compute it: in the folder of the package, `LC_ALL=C`, list the files (without `__pycache__`, names that
    begin with a dot and the sample exports) in the order of their names, hash each, and hash the list.
    """
    folder = folder or Path(str(resources.files("chatforensics")))
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {name}\n" for name, path in _list_files(folder)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _list_files(folder: Path) -> Iterator[tuple[str, Path]]:
    named = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*")}
    for name, path in sorted(named.items(), key=lambda item: item[0].encode()):
        parts = name.split("/")
        left_out = parts[0] in _LEFT_OUT or "__pycache__" in parts or any(part.startswith(".") for part in parts)
        if not left_out and path.is_file():
            yield name, path
