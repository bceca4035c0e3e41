"""Names of media files as witnesses of the date: `IMG-20180711-WA0001.jpg`, `00000012-PHOTO-2018-07-11-10-20-30.jpg`.

The phone wrote the day into the name by itself, year first, so that it cannot be misread. A file that was sent again
later may keep the day of its first sending; many names together still tell the order of day and month.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chatforensics.intake import Content
from chatforensics.parsing.calendar import PrintedDates

_MOST = 5000
_ANDROID = b"-WA"
_IOS = (b"-PHOTO-", b"-VIDEO-", b"-AUDIO-", b"-GIF-", b"-STICKER-")
# The end of the name, then `(file attached)` in any language, or the `>` of `<attached: ...>`.
_ATTACHED = re.compile(rb"[-A-Z0-9]{1,40}\.[a-z0-9]{2,5}(?:\xe2\x80\x8e|\xe2\x80\x8f)?(?:>| ?[(]|\xef\xbc\x88)")
_LONGEST = 64
_DAY = np.timedelta64(1, "D")


@dataclass(frozen=True)
class Witnesses:
    """Days that names of media files state, and where in the chat text these stand, in order."""

    offset: npt.NDArray[np.int64]
    day: npt.NDArray[np.datetime64]


def find_witnesses(content: Content) -> Witnesses:
    """Find the first few thousand names of media files that state a day."""
    found = [(at, content[at - 8 : at]) for at in _find_all(content, _ANDROID) if at >= 8 and _is_attached(content, at)]  # noqa: PLR2004
    for word in _IOS:
        starts = ((at, at + len(word)) for at in _find_all(content, word) if _is_attached(content, at))
        found += [(at, content[start : start + 10].replace(b"-", b"")) for at, start in starts]
    days = sorted((at, day) for at, digits in found if (day := _read_day(digits)) is not None)
    return Witnesses(
        np.array([at for at, _ in days], dtype=np.int64), np.array([day for _, day in days], dtype="datetime64[D]")
    )


def _is_attached(content: Content, at: int) -> bool:
    """Tell whether a name stands as phones print an attachment, not as somebody types it."""
    return _ATTACHED.match(content[at : at + _LONGEST]) is not None


def _find_all(content: Content, word: bytes) -> Iterator[int]:
    at = content.find(word)
    for _ in range(_MOST):
        if at < 0:
            return
        yield at
        at = content.find(word, at + 1)


def _read_day(digits: bytes) -> np.datetime64 | None:
    if len(digits) != 8 or not digits.isdigit():  # noqa: PLR2004 - year, month and day
        return None
    text = digits.decode()
    try:
        return np.datetime64(f"{text[:4]}-{text[4:6]}-{text[6:]}", "D")
    except ValueError:
        return None


def runs_of(witnesses: Witnesses, offsets: npt.NDArray[np.int64], dates: PrintedDates) -> npt.NDArray[np.int64]:
    """Return for each witness the run of dates of the message in which it stands; -1 before the first message."""
    row = np.searchsorted(offsets, witnesses.offset, side="right") - 1
    return np.where(row < 0, -1, np.searchsorted(dates.first, row, side="right") - 1)


def count_strangers(witnesses: Witnesses, offsets: npt.NDArray[np.int64], dates: PrintedDates) -> Mapping[str, int]:
    """Count per order the witnesses that bear another day than their message, though some order gives them theirs."""
    votes = np.stack((runs_of(witnesses, offsets, dates), witnesses.day.astype(np.int64)))
    runs, days_told = np.unique(votes[:, votes[0] >= 0], axis=1)  # one vote a day: a message may name a hundred files
    witnessed = days_told.astype("datetime64[D]")
    near = {order: np.abs(days[runs] - witnessed) <= _DAY for order, days in dates.days.items()}
    told = np.logical_or.reduce(list(near.values()))
    return {order: int(np.count_nonzero(told & ~close)) for order, close in near.items()}
