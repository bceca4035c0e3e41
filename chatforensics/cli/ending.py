"""How the command line ends when somebody asks it to: in order, with one line that says what is left.

Nothing heavy is imported here: Ctrl+C may come while the rest is loaded.
"""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

_WRITER = "chatforensics.workflow.writing"  # until it is loaded, no result can have been written
_NOTHING = "Nothing was written."
_KEPT = "What was read is kept; the same command goes on from there."


class Ended(KeyboardInterrupt):
    """SIGTERM: to be answered as Ctrl+C is."""


class Interrupted(BaseException):
    """An interruption on its way through code that would make an exit code of it."""

    def __init__(self, by: KeyboardInterrupt) -> None:
        """Keep what interrupted."""
        super().__init__(*by.args)
        self.by = by


@contextmanager
def ending_in_order() -> Iterator[None]:
    """Answer SIGTERM as Ctrl+C, in the first process; nothing changes where somebody chose otherwise."""
    is_ours = (
        threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    )
    if is_ours:
        signal.signal(signal.SIGTERM, _end)
    try:
        yield
    finally:
        if is_ours:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _end(number: int, _frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_IGN)  # a second one must not disturb the clearing up
    raise Ended


def tell_interrupted(error: BaseException, words: list[str], *, loaded: bool) -> int:
    """Say on standard error what an interruption left, and return the exit code.

    Args:
        error: what interrupted.
        words: the command line.
        loaded: are the commands loaded, so that something may have been done?
    """
    by = error.by if isinstance(error, Interrupted) else error
    with suppress(OSError):
        sys.stderr.write(f"Interrupted. {_say_left(by, words, loaded=loaded)}".strip() + "\n")
        sys.stderr.flush()
    return 128 + (signal.SIGTERM if isinstance(by, Ended) else signal.SIGINT)


def _say_left(by: BaseException, words: list[str], *, loaded: bool) -> str:
    """Say what is left of the work; nothing where that is not known."""
    analysing = next((word for word in words if not word.startswith("-")), None) == "analyse"
    if not loaded or (analysing and "--dry-run" in words):
        return _NOTHING
    if analysing and any(word.partition("=")[0] == "--case" for word in words):
        return _KEPT
    if by.args:
        return str(by.args[0])
    return _NOTHING if analysing and _WRITER not in sys.modules else ""
