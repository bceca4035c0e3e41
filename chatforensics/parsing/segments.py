"""Which lines that look like headers are the file's own, and which are text that somebody pasted.

A phone writes a whole export in one form, so that the first header line decides, and lines of another kind are text,
however many: people paste chats into messages. But exports are also put together by hand, one phone's behind
another's. One law tells the two apart: nobody can paste a message before it was sent. Lines of another kind are the
file's own when none of the first kind comes after them, when they follow the last own line in time, and when they are
many or their senders wrote before. (Of lines that differ from the own ones only in how the time is printed, many may
step back by what two phones' clocks can differ.) What is taken for the file's own so may still have been pasted into
its last message: such lines are listed with both readings.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from chatforensics.parsing.lines import Flags

Moments = npt.NDArray[np.int64]
Kinds = npt.NDArray[np.int32]

_OWN_SHARE = 0.2
_MANY = 10
_ZONES_S = 26 * 3600
_NEVER_BEFORE = -np.iinfo(np.int64).max + _ZONES_S  # so that the slack can be taken off


@dataclass(frozen=True)
class Block:
    """Consecutive lines of one kind: first row, one past the last."""

    first: int
    last: int
    kind: int


def find_own(kinds: Kinds, times: Moments, *, kin: frozenset[int], is_credible: Callable[[Block], bool]) -> Flags:
    """Tell which rows are the file's own.

    Lines that were pasted in the file's own form cannot be told apart from messages.

    Args:
        kinds: the kind of each row, in file order.
        times: the seconds of each row, read as its kind's own.
        kin: the kinds that have brackets, or none, as the first kind does.
        is_credible: tells whether a block of few lines may be the file's own all the same.

    Returns:
        One flag per row.
    """
    first = int(kinds[0])
    flags: Flags = kinds == first
    if flags.all():
        return flags
    times = np.maximum(times, _NEVER_BEFORE)  # a time that is not known may be any
    last_of_first = int(np.flatnonzero(flags)[-1])
    last_own = times[0]
    for block in _blocks(kinds):
        if block.kind != first:
            many = block.last - block.first >= min(_OWN_SHARE * len(kinds), _MANY)
            slack = _ZONES_S if many and block.kind in kin else 0
            follows = times[block.first : block.last].min() >= last_own - slack
            behind = block.first > last_of_first
            flags[block.first : block.last] = behind and follows and (many or is_credible(block))
        if flags[block.first]:
            last_own = times[block.last - 1]
    return flags


def _blocks(kinds: Kinds) -> list[Block]:
    bounds = [0, *(np.flatnonzero(np.diff(kinds)) + 1).tolist(), len(kinds)]
    return [Block(a, b, int(kinds[a])) for a, b in pairwise(bounds)]
