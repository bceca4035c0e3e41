"""Letters without which a cue's pattern cannot match: most texts are passed over by them, at little cost.

What is read of a pattern can only be less than what it asks for, never more, so that nothing is missed.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import product

from chatforensics.labelling.patterns import NO_WIDTH, Reader, read_branches, read_pattern

_MOST = 400  # strings in one set; more are not worth their comparing
_LONG = 4  # bytes from which a longer string finds hardly fewer texts
_SHORTEST = 2
# Without capitals these are "k" and "s" to the patterns, but not to a comparison of plain letters.
FOLDED = ("\u212a", "\u017f")
_PLAIN_ESCAPES = {r"\n": "\n", r"\t": "\t", r"\r": "\r"}

Strings = frozenset[str]
_EMPTY: Strings = frozenset({""})
# What a part of a pattern may be, where these are few strings; and strings of which every match holds one.
_Read = tuple[Strings | None, Strings | None]


@lru_cache(maxsize=2_048)
def find_needs(pattern: str) -> tuple[str, ...]:
    """Return letters, in small letters, of which every text that the pattern matches holds one; none: nothing known."""
    read: _Read = read_pattern(pattern, _READER)
    return _shortest(_better(read))


def find_all_needs(branch: str) -> list[tuple[str, ...]]:
    """Return sets of letters, of each of which every match of a pattern without alternatives holds one; best first."""
    (sequence,) = read_branches(branch, _READER)
    best, sets = _better(_gather(sequence)[1]), _gather(sequence)[1]
    others = [each for each in sets if each != best and _better([each])]
    return [_shortest(each) for each in (best, *others) if each]


def _shortest(strings: Strings | None) -> tuple[str, ...]:
    """Return strings without those that hold another of them, sorted, and letters that fold to others."""
    if not strings:
        return ()
    if max(map(len, strings)) == min(map(len, strings)):
        return (*sorted(strings), *FOLDED)
    return (*sorted(each for each in strings if not any(other in each for other in strings if other != each)), *FOLDED)


def _repeat(read: _Read, times: str) -> _Read:
    whole = read[0]
    if times[0] == "?":
        return (whole | _EMPTY if whole is not None else None), None
    if times[0] == "*" or times.startswith("{0"):
        return None, None
    return None, _better(read)


def _read_one(part: str) -> Strings | None:
    """Return what one character of a pattern may be; nothing where that is not known, or has capitals beyond ASCII."""
    if part in NO_WIDTH:
        return _EMPTY
    if part[0] == "[":
        return _read_class(part[1:-1])
    if part[0] == "\\" and part not in _PLAIN_ESCAPES:
        if part[1] in "ux":
            return _letter(chr(int(f"0x{part[2:]}", 0)))
        return _letter(part[1]) if not part[1].isalnum() and len(part) == 2 else None  # noqa: PLR2004 - an escaped mark
    return None if part == "." else _letter(_PLAIN_ESCAPES.get(part, part))


def _read_class(inside: str) -> Strings | None:
    if inside.startswith("^") or "\\" in inside or "-" in inside[1:-1]:
        return None
    return _unite([_letter(each) for each in inside])


def _letter(letter: str) -> Strings | None:
    if letter.isascii():
        return frozenset({letter.lower()})
    return frozenset({letter}) if letter.lower() == letter.upper() == letter.casefold() else None


def _join(sequence: Sequence[_Read]) -> _Read:
    """Read a sequence: its neighbours as longer strings while these are few."""
    known, found = _gather(sequence)
    return (found[0], None) if known else (None, _better(found))


def _gather(sequence: Sequence[_Read]) -> tuple[bool, list[Strings]]:
    """Return sets of strings, of each of which a match holds one; and whether the one set is all that may match."""
    run, found, known = _EMPTY, list[Strings](), True
    for whole, need in sequence:
        if whole is not None and len(run) * len(whole) <= _MOST:
            run = frozenset(before + behind for before, behind in product(run, whole))
            continue
        found.append(run)
        known = False
        run = whole if whole is not None else _EMPTY
        if need:
            found.append(need)
    return known, [*found, run]


def _unite(sets: Sequence[Strings | None]) -> Strings | None:
    """Return all strings of several sets, if each is known and they are few."""
    if any(each is None for each in sets):
        return None
    united = frozenset[str]().union(*(each for each in sets if each is not None))
    return united if len(united) <= _MOST else None


def _better(sets: Sequence[Strings | None]) -> Strings | None:
    """Return the set that fewest texts hold, as far as lengths tell; nothing where all have too short a string."""
    scored = [(min(len(one.encode()) for one in each), -len(each), sorted(each)) for each in sets if each]
    able = [(min(shortest, _LONG), size, each) for shortest, size, each in scored if shortest >= _SHORTEST]
    return frozenset(max(able)[2]) if able else None


def _either(branches: Sequence[_Read]) -> _Read:
    return _unite([whole for whole, _ in branches]), _unite([_better(each) for each in branches])


_READER: Reader[_Read] = Reader(one=lambda part: (_read_one(part), None), repeat=_repeat, join=_join, either=_either)
