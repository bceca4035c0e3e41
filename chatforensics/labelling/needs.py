"""Letters without which a cue's pattern cannot match: most texts are passed over by them, at little cost.

The patterns are read as far as they are written in `cues/*.toml`: groups, alternatives, classes, bounded repetition, no
look-around. What is read of a pattern can only be less than what it asks for, never more, so that nothing is missed.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import product

import regex

_MOST = 400  # strings in one set; more are not worth their comparing
_LONG = 4  # bytes from which a longer string finds hardly fewer texts
_SHORTEST = 2
# Without capitals these are "k" and "s" to the patterns, but not to a comparison of plain letters.
FOLDED = ("\u212a", "\u017f")
_PARTS = regex.compile(
    r"\(\?-?i?:|\(|\)|\||\\[pP]\{[^}]*\}|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}|\\.|\[\^?\]?(?:\\.|[^\]\\])*\]"
    r"|\{\d+(?:,\d*)?\}[?+]?|[*+?][?+]?|.",
    regex.DOTALL,
)
_PLAIN_ESCAPES = {r"\n": "\n", r"\t": "\t", r"\r": "\r"}
_NO_WIDTH = frozenset({"^", "$", r"\b"})

Strings = frozenset[str]
_EMPTY: Strings = frozenset({""})
# What a part of a pattern may be, where these are few strings; and strings of which every match holds one.
_Read = tuple[Strings | None, Strings | None]


@lru_cache(maxsize=2_048)
def find_needs(pattern: str) -> tuple[str, ...]:
    """Return letters, in small letters, of which every text that the pattern matches holds one; none: nothing known."""
    return _shortest(_better(_read_either(iter(read_parts(pattern)))))


def split_branches(pattern: str) -> list[str]:
    """Return the alternatives of a pattern, each a pattern."""
    branches, depth = [list[str]()], 0
    for part in read_parts(pattern):
        depth += (part[0] == "(") - (part == ")")
        if part == "|" and not depth:
            branches.append([])
        else:
            branches[-1].append(part)
    return ["".join(parts) for parts in branches]


def find_all_needs(branch: str) -> list[tuple[str, ...]]:
    """Return sets of letters, of each of which every match of a pattern without alternatives holds one; best first."""
    sequence, left = list[_Read](), iter(read_parts(branch))
    for part in left:
        _add(part, sequence, left)
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


def read_parts(pattern: str) -> list[str]:
    """Return a pattern's characters, classes, brackets and repetitions, in their order."""
    found: list[str] = _PARTS.findall(pattern)
    return found


def _read_either(parts: Iterator[str]) -> _Read:
    """Read alternatives up to the end of their group."""
    branches, sequence = [], list[_Read]()
    for part in parts:
        if part == ")":
            break
        if part == "|":
            branches.append(_join(sequence))
            sequence = []
        else:
            _add(part, sequence, parts)
    branches.append(_join(sequence))
    return _unite([whole for whole, _ in branches]), _unite([_better(each) for each in branches])


def _add(part: str, sequence: list[_Read], parts: Iterator[str]) -> None:
    if part[0] == "(":
        sequence.append(_read_either(parts))
    elif part[0] in "*+?{" and part != "{":
        sequence.append(_repeat(sequence.pop(), part))
    else:
        sequence.append((_read_one(part), None))


def _repeat(read: _Read, times: str) -> _Read:
    whole = read[0]
    if times[0] == "?":
        return (whole | _EMPTY if whole is not None else None), None
    if times[0] == "*" or times.startswith("{0"):
        return None, None
    return None, _better(read)


def _read_one(part: str) -> Strings | None:
    """Return what one character of a pattern may be; nothing where that is not known, or has capitals beyond ASCII."""
    if part in _NO_WIDTH:
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
