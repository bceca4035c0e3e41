"""Where a sender's name ends and the message begins.

The first colon and blank behind the stamp divide them. Three cases need more: a name that holds a colon itself, a
colon without a blank, and a notice, which has no sender but may quote a title with a colon.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from chatforensics.intake import Content
from chatforensics.parsing.headers import Rows
from chatforensics.parsing.lines import take_slices
from chatforensics.parsing.sweeps import NO_SENDER, UNTYPED, UNTYPED_RTL

_SURE = 3  # messages that all begin with the same words and a colon: the words may belong to the name
_PROBED = 50_000
_MAX_LINE = 2000


@dataclass(frozen=True)
class Senders:
    """The rows with their senders settled, the names, and which names only seem to hold a colon.

    `doubtful` maps a name to a longer one that goes on to the second colon: all its messages begin with these words, so
    that they may belong to the name.
    """

    rows: Rows
    names: tuple[str, ...]
    doubtful: dict[int, str]


def settle_senders(rows: Rows, names: Sequence[str], content: Content, *, title: str | None) -> Senders:
    """Settle the sender of each row.

    A name holds a colon when the chat's own title is that name; or when every message of the shorter name goes on with
    a colon, and a notice names the longer one or the phone's mark for "not typed" stands behind it. Where they merely
    all go on with the same words, these stay the sender's words, and the longer name is named as a second reading.

    Args:
        rows: the own header lines.
        names: the names by number.
        content: the chat text.
        title: the chat's title, which is the partner's name in a direct chat.
    """
    names = list(names)
    rows = _divide_bare(rows, names, content)
    longer, doubtful = _find_longer(rows, names, content, title=title)
    if not longer:
        return Senders(rows, tuple(names), doubtful)
    numbers = {short: len(names) + place for place, short in enumerate(sorted(longer))}
    rows = _lengthen(rows, content, {short: (numbers[short], longer[short]) for short in numbers})
    names += [longer[short] for short in sorted(longer)]
    return Senders(rows, tuple(names), doubtful)


def _open_lines(rows: Rows, chosen: npt.NDArray[np.int64], content: Content) -> Iterator[bytes]:
    """Yield what stands behind the stamp in each of some rows."""
    starts = rows.offset[chosen] + rows.end[chosen]
    for raw in take_slices(content, starts, np.minimum(starts + _MAX_LINE, len(content))):
        yield raw.partition(b"\n")[0].rstrip(b"\r")


def _divide_bare(rows: Rows, names: list[str], content: Content) -> Rows:
    """Divide at a colon that ends the line, or stands right behind a name seen elsewhere."""
    open_rows = np.flatnonzero(rows.sender == NO_SENDER)
    if not len(open_rows):
        return rows
    known = {name: number for number, name in enumerate(names)}
    sender, body = rows.sender.copy(), rows.body.copy()
    for row, line in zip(open_rows.tolist(), _open_lines(rows, open_rows, content), strict=True):
        raw, colon, rest = line.partition(b":")
        name = raw.decode(errors="replace")
        if not colon or not (name in known or (not rest and name)):
            continue
        if name not in known:
            known[name] = len(names)
            names.append(name)
        sender[row] = known[name]
        body[row] = rows.end[row] + len(raw) + 1
    return replace(rows, sender=sender, body=body)


def _find_longer(
    rows: Rows, names: Sequence[str], content: Content, *, title: str | None
) -> tuple[dict[int, str], dict[int, str]]:
    """Find names that hold a colon, and those that may: the number of the short name to the long one."""
    near = np.flatnonzero(rows.second > 0)
    totals = np.bincount(rows.sender[rows.sender >= 0], minlength=len(names))
    continued = np.bincount(rows.sender[near], minlength=len(names))
    # A name whose every message goes on with a colon may be the first part of one that holds a colon.
    always = {number for number in np.flatnonzero(totals).tolist() if totals[number] == continued[number]}
    titled = {number for number, name in enumerate(names) if title and title.startswith(name + ": ")}
    looked = near[np.isin(rows.sender[near], [*always, *titled])][:_PROBED] if always or titled else near[:0]
    counts, marked = _count_longer(rows, looked, content)
    notices = _notice_text(rows, content) if always else ""
    longer: dict[int, str] = {}
    doubtful: dict[int, str] = {}
    for short, some in counts.items():
        long, n = max(sorted(some.items()), key=lambda item: item[1])
        # The mark can be typed, so that one message is not enough.
        trusted = marked if totals[short] > 1 else set()
        sure = [name for name in sorted(some) if (short, name) in trusted or name in notices] if short in always else []
        told = [title] if title is not None and title in some else sure
        if told:
            longer[short] = max(told, key=len)
        elif n == totals[short] >= _SURE:
            doubtful[short] = long
    return longer, doubtful


def _count_longer(
    rows: Rows, chosen: npt.NDArray[np.int64], content: Content
) -> tuple[dict[int, Counter[str]], set[tuple[int, str]]]:
    """Count how the messages of each name go on up to their second colon, and list what the phone's mark follows."""
    counts: dict[int, Counter[str]] = {}
    marked: set[tuple[int, str]] = set()
    for row in chosen.tolist():
        start = int(rows.offset[row]) + int(rows.end[row])
        stop = int(rows.offset[row]) + int(rows.body[row]) + int(rows.second[row])
        long = content[start:stop].decode(errors="replace")
        counts.setdefault(int(rows.sender[row]), Counter())[long] += 1
        if content[stop + 2 : stop + 2 + len(UNTYPED)] in (UNTYPED, UNTYPED_RTL):
            marked.add((int(rows.sender[row]), long))
    return counts, marked


def _notice_text(rows: Rows, content: Content) -> str:
    open_rows = np.flatnonzero(rows.sender == NO_SENDER)[:_PROBED]
    return b"\n".join(_open_lines(rows, open_rows, content)).decode(errors="replace")


def _lengthen(rows: Rows, content: Content, longer: dict[int, tuple[int, str]]) -> Rows:
    """Give the rows of each short name that go on as its longer one does to that; `longer` has its number and name."""
    sender, body, mouthed = rows.sender.copy(), rows.body.copy(), rows.mouthed.copy()
    for row in np.flatnonzero(np.isin(rows.sender, list(longer)) & (rows.second > 0)).tolist():
        number, long = longer[int(rows.sender[row])]
        start = int(rows.offset[row]) + int(rows.end[row])
        said = start + len(long.encode()) + 2
        if content[start:said] == long.encode() + b": ":
            sender[row], body[row] = number, said - int(rows.offset[row])
            mouthed[row] = content[said : said + len(UNTYPED)] in (UNTYPED, UNTYPED_RTL)
    return replace(rows, sender=sender, body=body, mouthed=mouthed)


def count_typed(rows: Rows, n_names: int) -> npt.NDArray[np.int64]:
    """Count for each name the messages that do not begin with the mark for "not typed"."""
    typed = rows.sender[(rows.sender >= 0) & ~rows.mouthed]
    return np.bincount(typed, minlength=n_names)
