"""The command line run inside the test's own process: what a process of its own prints, without the start of one."""

import io
import subprocess
import sys
from contextlib import chdir
from pathlib import Path

import pytest

from chatforensics.cli import main


def run(*words: str | Path, stdin: bytes = b"", cwd: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run a command and return its exit code and what it printed, in bytes."""
    command = ["chatforensics", *map(str, words)]
    streams = {"stdin": io.BytesIO(stdin), "stdout": io.BytesIO(), "stderr": io.BytesIO()}
    wrapped = {name: io.TextIOWrapper(stream, "utf-8", write_through=True) for name, stream in streams.items()}
    with pytest.MonkeyPatch.context() as patch, chdir(cwd or Path.cwd()):
        patch.setattr(sys, "argv", command)
        for name, stream in wrapped.items():
            patch.setattr(sys, name, stream)
        with pytest.raises(SystemExit) as ended:
            main()
    printed = [streams[name].getvalue() for name in ("stdout", "stderr")]
    return subprocess.CompletedProcess(command, _code(ended.value), *printed)


def _code(ended: SystemExit) -> int:
    return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
