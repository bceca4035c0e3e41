"""The patterns of cues read as data: groups, alternatives, classes, bounded repetition, `^`, `$` and word boundaries.

They are read as far as they are written in `cues/*.toml`: without look-around, references or names.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Generic, NamedTuple, TypeVar

import regex

Read = TypeVar("Read")

_PARTS = regex.compile(
    r"\(\?-?i?:|\(|\)|\||\\[pP]\{[^}]*\}|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}|\\.|\[\^?\]?(?:\\.|[^\]\\])*\]"
    r"|\{\d+(?:,\d*)?\}[?+]?|[*+?][?+]?|.",
    regex.DOTALL,
)
NO_WIDTH = frozenset({"^", "$", r"\b"})
# `regex` takes these for the same letter without capitals, in one way or another; Polars' engine does not.
_LETTERS_I = "iIıİ"
_FEW = 3  # repetitions up to so many stay bounded in a loosened pattern


class Reader(NamedTuple, Generic[Read]):
    """How to read one character of a pattern, a repetition, a sequence, and alternatives."""

    one: Callable[[str], Read]
    repeat: Callable[[Read, str], Read]
    join: Callable[[Sequence[Read]], Read]
    either: Callable[[Sequence[Read]], Read]


def read_parts(pattern: str) -> list[str]:
    """Return a pattern's characters, classes, brackets and repetitions, in their order."""
    found: list[str] = _PARTS.findall(pattern)
    return found


def read_pattern(pattern: str, reader: Reader[Read]) -> Read:
    """Return what the reader makes of a pattern."""
    return reader.either([reader.join(each) for each in read_branches(pattern, reader)])


def read_branches(pattern: str, reader: Reader[Read]) -> list[list[Read]]:
    """Return what the reader makes of each part of each alternative of a pattern."""
    return _read_group(iter(read_parts(pattern)), reader)


def _read_group(parts: Iterator[str], reader: Reader[Read]) -> list[list[Read]]:
    """Read alternatives up to the end of their group."""
    branches = [list[Read]()]
    for part in parts:
        if part == ")":
            break
        if part == "|":
            branches.append([])
        elif part[0] == "(":
            inner = _read_group(parts, reader)
            branches[-1].append(reader.either([reader.join(each) for each in inner]))
        elif is_repetition(part):
            branches[-1].append(reader.repeat(branches[-1].pop(), part))
        else:
            branches[-1].append(reader.one(part))
    return branches


def is_repetition(part: str) -> bool:
    """Tell whether a part of a pattern repeats the part before it."""
    return part[0] in "*+?{" and part != "{"


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


def loosen(pattern: str) -> str:
    """Return a pattern for Polars' engine that matches every text that the pattern matches, and some more.

    Word boundaries keep that engine from its fast way on texts beyond ASCII, and long bounded repetitions make it
    large: without them it takes a tenth of the time. Ends are left out too: only `regex` ends before a last line break.
    """
    return "(?i)" + "".join(_loosen_part(part) for part in read_parts(pattern) if part not in NO_WIDTH)


def _loosen_part(part: str) -> str:
    if is_repetition(part):
        return _loosen_repetition(part)
    if len(part) == 1 and part in _LETTERS_I:
        return f"[{_LETTERS_I}]"
    if part[0] == "[" and part[1] != "^" and any(regex.match(part, each, regex.IGNORECASE) for each in _LETTERS_I):
        return f"(?:{part}|[{_LETTERS_I}])"
    return part


def _loosen_repetition(part: str) -> str:
    least, comma, most = part.strip("{}?+*").partition(",")
    if not comma or (most and int(most) <= _FEW):
        return part
    return "*" if least == "0" else f"{{{least},}}"
