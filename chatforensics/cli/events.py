"""Days that the user names on the command line, such as ballot dates."""

import re
from collections.abc import Iterable
from datetime import date

import typer

from chatforensics.errors import UsageError

EVENT = typer.Option(
    "--event",
    metavar="DATE:LABEL",
    help="A day to mark on the figures and the timeline, such as '2025-03-01:Ballot opens'; may be given again.",
)
LONGEST_LABEL = 80
FIRST_YEAR, LAST_YEAR = 2000, 2099
_HINT = "Write it as --event '2025-03-01:Ballot opens'."
_EVENT = re.compile(r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2}):(?P<label>.*)", re.DOTALL)


def read_events(given: Iterable[str]) -> tuple[tuple[date, str], ...]:
    """Return the days with their labels, in order of time, each once; a label may contain colons.

    Raises:
        UsageError: a date or a label is missing, is no date, or is too long.
    """
    return tuple(sorted({_read(words) for words in given}))


def _read(words: str) -> tuple[date, str]:
    found = _EVENT.fullmatch(words.strip())
    if not found:
        raise UsageError(f"--event: '{words}' is not DATE:LABEL with a date like 2025-03-01.", hint=_HINT)
    try:
        day = date.fromisoformat(found["day"])
    except ValueError as error:
        raise UsageError(f"--event: '{found['day']}' is not in the calendar.", hint=_HINT) from error
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise UsageError(f"--event: the year of '{found['day']}' is not from 2000 to 2099.", hint=_HINT)
    label = " ".join(found["label"].split())
    if not label:
        raise UsageError(f"--event: '{words}' has no label after the date.", hint=_HINT)
    if len(label) > LONGEST_LABEL:
        raise UsageError(f"--event: the label of {day} is longer than {LONGEST_LABEL} characters.", hint="Shorten it.")
    return day, label
