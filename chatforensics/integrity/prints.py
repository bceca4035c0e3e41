"""How the headers of one export are printed, without their numbers, so that those printed otherwise stand out.

A phone prints all headers of one export in one go and in one form. The stamps are masked all at once, the few distinct
prints are then taken apart one by one.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl
import regex

from chatforensics.integrity.counts import Flags, Places
from chatforensics.integrity.evidence import Evidence
from chatforensics.integrity.octets import Bytes, cut_windows, is_wide

_WIDE_WINDOW = 128  # bytes of a header in which every stamp ends; a multiple of eight
_PROBED = 64
_FEW = 1_000  # rows
_FACTOR, _SHIFT = np.uint64(0x9E3779B97F4A7C15), np.uint64(29)
_ZERO, _NINE, _OPEN, _CLOSE, _BLANK, _HYPHEN, _COLON, _DOT = b"09[] -:."
_DASH_BYTES, _COLON_BYTES = 3, 2
_LONG_DASH = " – ".encode()
_LONGEST_OPENING = 13  # bytes before the bracket or the first number
_FIRST_BEYOND_ASCII = 0x80
_AS_NINES = np.arange(256, dtype=np.uint8)
_AS_NINES[_ZERO : _NINE + 1] = _NINE
_MARKS = regex.compile("^[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]+")
_DIGITS = regex.compile(r"\p{Nd}+")
_WORD = regex.compile(r"\p{L}(?:[\p{L}\p{M}.'’/\- \u00a0\u202f]*[\p{L}\p{M}.])?")
_YEAR_BY_NAME = regex.compile(r"(?<=a)[ ,]*9999")
_FULL_YEAR = 3
# The first bytes of digits that are no ASCII, and the last byte of their zero.
_FOREIGN_ZEROS = {
    chr(code).encode()[:-1]: chr(code).encode()[-1]
    for code in range(0x80, 0xFFFF)
    if unicodedata.decimal(chr(code), 9) == 0
}

Keys: TypeAlias = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Print:
    """One distinct print of a stamp.

    `form` is the stamp with the nine of its script (9999 for a full year) for each number, and a for words; `lone` are
    the numbers of one digit, `zeroed` those of more that begin with a zero, counted from 0; `words` as printed.
    """

    form: str
    lone: frozenset[int]
    zeroed: frozenset[int]
    words: tuple[str, ...]


@dataclass(frozen=True)
class Prints:
    """The stamps of an export: `of` is the number of each message's print in `known`; -1 where no end was seen."""

    of: Places
    known: Sequence[Print]

    def choose(self, numbers: Sequence[int]) -> Flags:
        """Tell the messages that have one of some prints."""
        return np.asarray(np.isin(self.of, numbers), dtype=bool)

    def count(self) -> npt.NDArray[np.int64]:
        """Return how many messages have each print."""
        return np.bincount(self.of[self.of >= 0], minlength=len(self.known))


def read_prints(evidence: Evidence) -> Prints:
    """Read how the stamp of every message is printed; nothing where the text is in UTF-16 or UTF-32."""
    starts = evidence.messages["byte_start"].to_numpy()
    if is_wide(evidence.content):
        return Prints(np.full(len(starts), -1), ())
    size = _choose_window(evidence, starts[:_PROBED]) if len(starts) > _PROBED else _WIDE_WINDOW
    keys, samples = _read_keys(evidence, starts, size=size)
    longer = np.flatnonzero(keys == 0)
    if len(longer) and size < _WIDE_WINDOW:
        keys[longer], more = _read_keys(evidence, starts[longer], size=_WIDE_WINDOW)
        samples |= more
    samples.pop(0, None)
    known = {stamp: number for number, stamp in enumerate(sorted(set(samples.values())))}
    ordered = np.array(sorted(samples), dtype=np.uint64)
    numbers = np.array([known[samples[key]] for key in ordered.tolist()] + [-1], dtype=np.int64)
    places = np.where(keys == 0, len(ordered), np.searchsorted(ordered, keys))
    return Prints(numbers[places], [_take_apart(stamp) for stamp in known])


def _choose_window(evidence: Evidence, starts: Places) -> int:
    """Return how many bytes hold the stamps that the first ones are like."""
    longest = max(
        int(_find_ends(windows).max()) for _, windows in cut_windows(evidence.content, starts, size=_WIDE_WINDOW)
    )
    return _round_up(longest)


def _round_up(longest: int) -> int:
    return 8 * max(2, -(-longest // 8))


def _read_keys(evidence: Evidence, starts: Places, *, size: int) -> tuple[Keys, dict[int, str]]:
    """Return a key for each stamp, the same where the masked stamps are, and the stamp of each key; 0 for no end."""
    keys = np.zeros(len(starts), dtype=np.uint64)
    samples: dict[int, str] = {}
    for first, windows in cut_windows(evidence.content, starts, size=size):
        ends = _find_ends(windows)
        masked = _mask(windows[:, : _round_up(int(ends.max()))])
        masked[np.arange(masked.shape[1]) >= ends[:, None]] = 0
        found = keys[first : first + len(masked)] = _mix(masked)
        new = _list_first(found)
        samples |= {int(found[row]): masked[row].tobytes().rstrip(b"\0").decode(errors="replace") for row in new}
    return keys, samples


def _list_first(keys: Keys) -> list[int]:
    """Return a row of each key; a column of few is gone through one by one, as a sweep has a price of its own."""
    if len(keys) > _FEW:
        return pl.Series(keys).arg_unique().to_list()
    return list({key: row for row, key in enumerate(keys.tolist())}.values())


def _mix(masked: Bytes) -> Keys:
    """Return a number for each row that rows of other bytes do not have, but for a chance in many million million."""
    words = masked.view(np.uint64)
    mixed = np.zeros(len(words), dtype=np.uint64)
    for column in range(words.shape[1]):
        mixed = (mixed ^ words[:, column]) * _FACTOR
        mixed ^= mixed >> _SHIFT
    return mixed


def _mask(windows: Bytes) -> Bytes:
    """Write nine for every digit but a zero that begins a number; likewise in other scripts."""
    masked = _AS_NINES[windows]
    zeros = (windows[:, :-1] == _ZERO) & (masked[:, 1:] == _NINE)
    zeros[:, 1:] &= masked[:, :-2] != _NINE
    np.copyto(masked[:, :-1], _ZERO, where=zeros)
    present = np.bincount(masked[:_PROBED].ravel(), minlength=256) > 0
    for lead, zero in _FOREIGN_ZEROS.items() if present[_FIRST_BEYOND_ASCII:].any() else ():
        if present[lead[0]]:
            _mask_script(masked, lead, zero)
    return masked


def _mask_script(masked: Bytes, lead: bytes, zero: int) -> None:
    """Write the nine of one script for its other digits, but for zeros."""
    n = len(lead)
    rows, columns = np.nonzero(masked[:, :-n] == lead[0])
    if n > 1:
        second = masked[rows, columns + 1] == lead[1]
        rows, columns = rows[second], columns[second]
    values = masked[rows, columns + n] - np.uint8(zero)  # what is below the zero wraps around
    chosen = (values > 0) & (values < 10)  # noqa: PLR2004 - ten digits
    masked[rows[chosen], columns[chosen] + n] = zero + 9


def _find_ends(windows: Bytes) -> Places:
    """Return how many bytes each stamp has, with the sign that ends it; 0 where none is seen."""
    bracket = windows[:, 0] == _OPEN
    others = np.flatnonzero(~bracket)
    opening = windows[others, :_LONGEST_OPENING]
    # Marks of direction, none of them ASCII, may stand before a bracket.
    bracket[others] = opening[np.arange(len(others)), (opening < _FIRST_BEYOND_ASCII).argmax(axis=1)] == _OPEN
    ends = _first(windows == _CLOSE) + 1 if bracket.any() else np.zeros(len(windows), dtype=np.int64)
    others = np.flatnonzero(~bracket)
    if len(others):
        ends[others] = _find_open_ends(windows if len(others) == len(windows) else windows[others])
    return ends


def _find_open_ends(windows: Bytes) -> Places:
    """Return the bytes of stamps without brackets: to the first ` - ` with no time behind it, or to `: `."""
    blank, hyphen = windows == _BLANK, windows == _HYPHEN
    dashes = blank[:, :-2] & hyphen[:, 1:-1] & blank[:, 2:]
    dash = _first(dashes)
    joined = np.flatnonzero(_is_followed_by_time(windows, dash))  # some locales join date and time so
    dashes[joined, dash[joined]] = False
    dash[joined] = _first(dashes[joined])
    colon = _first((windows[:, :-1] == _COLON) & blank[:, 1:])
    ends = np.where(dash >= 0, dash + _DASH_BYTES, 0)
    others = np.flatnonzero((dash < 0) | ((colon >= 0) & (colon < dash)))
    until = colon[others]
    by_colon = np.where(until < 0, 0, until + _COLON_BYTES)
    long = _find_long_dashes(windows[others])
    ends[others] = np.where((long > 0) & ((long <= until) | (until < 0)), long, by_colon)
    return ends


def _find_long_dashes(windows: Bytes) -> Places:
    """Return the bytes up to and with the first dash that is no hyphen, which some programs make of one; 0 for none."""
    signs = np.frombuffer(_LONG_DASH, dtype=np.uint8)
    found = np.ones((len(windows), windows.shape[1] - len(signs) + 1), dtype=bool)
    for column, sign in enumerate(signs):
        found &= windows[:, column : column + found.shape[1]] == sign
    dash = _first(found)
    return np.where(dash >= 0, dash + len(signs), 0)


def _is_followed_by_time(windows: Bytes, dash: Places) -> Flags:
    rows, last = np.arange(len(windows)), windows.shape[1] - 1
    one, two, three = (windows[rows, np.minimum(dash + _DASH_BYTES + n, last)] for n in range(3))
    parted = _is_parting(two) | (_is_digit(two) & _is_parting(three))
    return (dash >= 0) & _is_digit(one) & parted


def _is_digit(values: Bytes) -> Flags:
    return (values >= _ZERO) & (values <= _NINE)


def _is_parting(values: Bytes) -> Flags:
    parting: Flags = (values == _COLON) | (values == _DOT)
    return parting


def _first(found: Flags) -> Places:
    """Return the first true column of each row, -1 where there is none."""
    first = found.argmax(axis=1)
    return np.where(found[np.arange(len(found)), first], first, -1)


@lru_cache(maxsize=4096)
def _take_apart(masked: str) -> Print:
    """Tell the form of one print, and which of its numbers have one digit or begin with a zero."""
    text = _MARKS.sub("", masked)
    numbers = [run[0] for run in _DIGITS.finditer(text)]
    form = _DIGITS.sub(lambda run: _nine(run[0]) * (4 if len(run[0]) >= _FULL_YEAR else 1), text)
    form = _WORD.sub("a", form)
    return Print(
        # Beside the name of a month the year of the export may be left out.
        form=_YEAR_BY_NAME.sub("", form),
        lone=frozenset(place for place, number in enumerate(numbers) if len(number) == 1),
        zeroed=frozenset(
            place for place, number in enumerate(numbers) if len(number) > 1 and not unicodedata.decimal(number[0])
        ),
        words=tuple(word[0] for word in _WORD.finditer(text)),
    )


def _nine(number: str) -> str:
    return chr(ord(number[0]) - unicodedata.decimal(number[0]) + 9)
