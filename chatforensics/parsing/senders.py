"""Where a sender's name ends and the message begins.

The first colon and blank behind the stamp divide them. Three cases need more: a name that holds a colon itself, a
colon without a blank, and a notice, which has no sender but may quote a title with a colon.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from chatforensics.intake import Content
from chatforensics.parsing.headers import NO_SENDER, UNTYPED, UNTYPED_RTL, Rows

_SURE = 3  # messages that all begin with the same words and a colon: the words belong to the name
_PROBED = 100_000
_MAX_LINE = 2000


@dataclass(frozen=True)
class Senders:
    """The rows with their senders settled, the names, and which names only seem to hold a colon.

    `doubtful` maps a name with a colon, inferred because all its messages begin alike, to the shorter one.
    """

    rows: Rows
    names: tuple[str, ...]
    doubtful: dict[int, str]


def settle_senders(rows: Rows, names: Sequence[str], content: Content, *, title: str | None) -> Senders:
    """Settle the sender of each row.

    A name holds a colon when the chat's own title is that name, when the phone's mark for "not typed" stands behind
    the longer name, when a notice names it, or when all messages of the shorter name go on with the same words.

    Args:
        rows: the own header lines.
        names: the names by number.
        content: the chat text.
        title: the chat's title, which is the partner's name in a direct chat.
    """
    names = list(names)
    rows = _divide_bare(rows, names, content)
    longer, doubtful = _find_longer(rows, names, content, title=title)
    for short, long in sorted(longer.items()):
        rows = _lengthen(rows, names, content, short=short, long=long)
    return Senders(rows, tuple(names), {names.index(long): short for long, short in doubtful.items() if long in names})


def _line(content: Content, start: int) -> str:
    return content[start : start + _MAX_LINE].partition(b"\n")[0].decode(errors="replace").rstrip("\r")


def _divide_bare(rows: Rows, names: list[str], content: Content) -> Rows:
    """Divide at a colon that ends the line, or stands right behind a name seen elsewhere."""
    open_rows = np.flatnonzero(rows.sender == NO_SENDER)
    known = {name: number for number, name in enumerate(names)}
    sender, body = rows.sender.copy(), rows.body.copy()
    for row in open_rows.tolist():
        start = int(rows.offset[row]) + int(rows.end[row])
        line = _line(content, start)
        name, colon, rest = line.partition(":")
        if not colon or not (name in known or (not rest and name)):
            continue
        if name not in known:
            known[name] = len(names)
            names.append(name)
        sender[row] = known[name]
        body[row] = rows.end[row] + len(name.encode()) + 1
    return replace(rows, sender=sender, body=body)


def _find_longer(
    rows: Rows, names: Sequence[str], content: Content, *, title: str | None
) -> tuple[dict[int, str], dict[str, str]]:
    """Find names that hold a colon: the number of the short name to the long one, and those only inferred."""
    near = np.flatnonzero(rows.second > 0)[:_PROBED]
    if not len(near):
        return {}, {}
    totals = np.bincount(rows.sender[rows.sender >= 0], minlength=len(names))
    continued: dict[int, Counter[str]] = {}
    marked: set[str] = set()
    for row in near.tolist():
        start = int(rows.offset[row]) + int(rows.end[row])
        stop = int(rows.offset[row]) + int(rows.body[row]) + int(rows.second[row])
        long = content[start:stop].decode(errors="replace")
        continued.setdefault(int(rows.sender[row]), Counter())[long] += 1
        if content[stop + 2 : stop + 2 + len(UNTYPED)] in (UNTYPED, UNTYPED_RTL):
            marked.add(long)
    notices = _notice_text(rows, content)
    longer, doubtful = {}, {}
    for short, counts in continued.items():
        long, n = max(sorted(counts.items()), key=lambda item: item[1])
        always = counts.total() == totals[short]  # else the shorter name stands alone somewhere
        told = [name for name in sorted(counts) if name == title or name in marked or (always and name in notices)]
        if told:
            longer[short] = max(told, key=len)
        elif n == totals[short] >= _SURE:
            longer[short] = long
            doubtful[long] = names[short]
    return longer, doubtful


def _notice_text(rows: Rows, content: Content) -> str:
    open_rows = np.flatnonzero(rows.sender == NO_SENDER)[:_PROBED]
    starts = (rows.offset[open_rows] + rows.end[open_rows]).tolist()
    return "\n".join(_line(content, start) for start in starts)


def _lengthen(rows: Rows, names: list[str], content: Content, *, short: int, long: str) -> Rows:
    """Give the rows of the short name that go on as the long one does to the long one."""
    size = len(long.encode())
    sender, body, mouthed = rows.sender.copy(), rows.body.copy(), rows.mouthed.copy()
    number = len(names)
    names.append(long)
    for row in np.flatnonzero((sender == short) & (rows.second > 0)).tolist():
        start = int(rows.offset[row]) + int(rows.end[row])
        if content[start : start + size + 2] == long.encode() + b": ":
            sender[row], body[row] = number, rows.end[row] + size + 2
            behind = start + size + 2
            mouthed[row] = content[behind : behind + len(UNTYPED)] in (UNTYPED, UNTYPED_RTL)
    return replace(rows, sender=sender, body=body, mouthed=mouthed)


def count_typed(rows: Rows, n_names: int) -> npt.NDArray[np.int64]:
    """Count for each name the messages that do not begin with the mark for "not typed"."""
    typed = rows.sender[(rows.sender >= 0) & ~rows.mouthed]
    return np.bincount(typed, minlength=n_names)
