"""Progress on standard error: a bar on a terminal, plain lines elsewhere, JSON lines for wrappers, or nothing."""

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass

import typer

from chatforensics.errors import UsageError

QUIET = typer.Option("--quiet", "-q", help="Print no progress and no summary, only warnings and errors.")
MODE = typer.Option("--progress", help="auto, json or none.")
Report = Callable[[str, int, int], None]
Clock = Callable[[], float]
MODES = ("auto", "json", "none", "quiet")
DONE = "done"
_BETWEEN_S = 0.5  # between two lines of JSON about one stage
_DRAWN = 5  # times a second that a bar is drawn
_BEFORE = ("reading", "pictures")  # what comes before the stages that tell only their end
_SURE_S = 1.0  # shorter than this, a stage shows no rate
_MINUTE, _HOUR = 60, 3600


@dataclass(frozen=True, slots=True)
class Step:
    """Where the work is. `elapsed_s` counts from its beginning; rate and time left are those of this stage.

    These names are promised to programs that read `--progress json`: see docs/batch.md.
    """

    stage: str
    done: int
    total: int
    elapsed_s: float
    rate_per_s: float | None = None
    left_s: float | None = None


class Pace:
    """Know how fast a stage goes, once it told two of its steps; stages that tell only their end have no rate."""

    def __init__(self, clock: Clock) -> None:
        """Start now; the clock gives seconds."""
        self._clock = clock
        self._began = self._stage_began = clock()
        self._stage: tuple[str, int] = ("", 0)
        self._first = 0

    def tell(self, stage: str, done: int, total: int) -> Step:
        """Return the step with its times."""
        now = self._clock()
        if (stage, total) != self._stage:
            self._stage, self._stage_began, self._first = (stage, total), now, done
        took, n_done = now - self._stage_began, done - self._first
        rate = n_done / took if n_done > 0 and took >= _SURE_S else None
        left = round((total - done) / rate, 1) if rate else None
        return Step(stage, done, total, round(now - self._began, 1), round(rate, 3) if rate else None, left)


@contextmanager
def reporting(
    mode: str, *, last: bool = True, then: Sequence[str] = (), clock: Clock = time.monotonic
) -> Iterator[Report]:
    """Yield a function that takes stage, steps done and steps in all.

    Args:
        mode: one of `MODES`.
        last: say to programs that all is done, when it is; not where more work follows.
        then: the stages after reading, which tell only their end: people are told at that end which one comes now.
        clock: gives seconds.

    Raises:
        UsageError: no such mode.
    """
    if mode not in MODES:
        raise UsageError(f"--progress: '{mode}' is not offered.", hint="Use auto, json or none.")
    pace = Pace(clock)
    if mode == "json":
        yield _json_lines(pace, clock)
        if last:
            _say_json(pace.tell(DONE, 1, 1))
    elif mode in ("none", "quiet"):
        yield lambda _stage, _done, _total: None
    elif sys.stderr.isatty():
        with _bar(pace, then) as report:
            yield report
    else:
        yield _tenths(pace, then)


def _json_lines(pace: Pace, clock: Clock) -> Report:
    """Print a line at the first and last step of each stage, and at most two a second between them."""
    told: tuple[str, float] = ("", 0.0)

    def report(stage: str, done: int, total: int) -> None:
        nonlocal told
        step, now = pace.tell(stage, done, total), clock()
        if stage != told[0] or done >= total or now - told[1] >= _BETWEEN_S:
            told = (stage, now)
            _say_json(step)

    return report


def _say_json(step: Step) -> None:
    _say(json.dumps(asdict(step)))


def _say(line: str) -> None:
    """Print to standard error; a reader who has gone away must not stop the work."""
    with suppress(OSError):
        typer.echo(line, err=True)


def _tenths(pace: Pace, then: Sequence[str]) -> Report:
    """Print a line per stage and tenth of it, for logs, and at its end which one comes now."""
    last: dict[str, int] = {}

    def report(stage: str, done: int, total: int) -> None:
        step, tenth = pace.tell(stage, done, total), 10 * done // max(total, 1)
        if last.get(stage) != tenth:
            last[stage] = tenth
            _say(", ".join([f"{stage}: {done:,} of {total:,}", *_pace_words(step)]))
            if coming := _find_coming(step, then):
                _say(f"now {coming}")

    return report


def _find_coming(step: Step, then: Sequence[str]) -> str:
    """Return which stage is under way now that one has ended; nothing where that is not known."""
    if not then or (step.stage not in then and step.done < step.total):
        return ""
    if step.stage not in (*_BEFORE, *then[:-1]):
        return ""
    place = then.index(step.stage) + 1 if step.stage in then else 0
    pictures = "pictures, if there are any to read, then " if step.stage == "reading" else ""
    return f"{pictures}{then[place]} (stage {place + 1} of {len(then)})"


def _pace_words(step: Step) -> list[str]:
    """Say how fast it goes and how long it may still take, where that is known."""
    if step.rate_per_s is None or step.left_s is None:
        return []
    speed = f"{step.rate_per_s:,.0f} a second" if step.rate_per_s >= 1 else f"{step.rate_per_s * _MINUTE:,.0f} a minute"
    return [speed, f"about {say_time(step.left_s)} left"] if step.done < step.total else [speed]


def say_time(seconds: float) -> str:
    """Return a length of time in the unit that suits it."""
    if seconds < 2 * _MINUTE:
        return f"{max(seconds, 1):.0f} s"
    if seconds < 2 * _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    return f"{seconds / _HOUR:.1f} h"


@contextmanager
def _bar(pace: Pace, then: Sequence[str]) -> Iterator[Report]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    told = TextColumn("{task.fields[pace]}")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), told)
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, refresh_per_second=_DRAWN) as progress:
        task = progress.add_task("reading", total=None, pace="")

        def report(stage: str, done: int, total: int) -> None:
            step = pace.tell(stage, done, total)
            words, coming = ", ".join(_pace_words(step)), _find_coming(step, then)
            progress.update(task, description=coming or stage, completed=done, total=total, pace=words)

        yield report
