"""The words of a time stamp: months, day periods and joiners as phones print them in every locale.

What stands between the numbers of a stamp is a *gap* ("klo", "p. m.", "de março de"). A gap is read by the words that
CLDR lists for the locales of the world (`grammar/cldr.json`) and by a few older ones (`grammar/words.toml`). The same
word may mean July in one locale and June in the next; therefore the gaps of one file are read together, by the locales
that know all of them, and what they still disagree about stays unread.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache, reduce
from itertools import pairwise

import regex

from chatforensics.parsing.vocabulary import (
    HALF_DAY,
    Era,
    Meaning,
    Ranges,
    Vocabulary,
    find_word,
    fold,
    load_eras,
    load_vocabulary,
)

__all__ = ["Era", "Ranges", "WordReading", "combine_ranges", "fold", "read_words"]

_LONGEST_GAP = 60  # a longer one is no part of a stamp
# Scripts that print words without a space between them.
_UNSPACED = regex.compile(r"[\p{Han}\p{Hangul}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}]")


@dataclass(frozen=True)
class WordReading:
    """What the gaps of one file say; every gap stands in at least one of the first four.

    The place of a gap decides what its words alone do not: a gap that is a month in one locale and a day period in
    another is in `months` and in `periods`, and one that holds the mark of an era is in `eras` besides ("AP" is the
    morning in Finnish and the Persian era in English; the year shows which).
    """

    months: dict[str, int]
    periods: dict[str, Ranges]
    literals: frozenset[str]
    unknown: frozenset[str]
    eras: dict[str, Era]
    locales: tuple[str, ...]  # groups of CLDR locales that know all these words, each by its shortest name


def read_words(gaps: Collection[str]) -> WordReading:
    """Tell what the words between the numbers of one file's stamps say.

    A time is read by the one of its two readings, in the morning or twelve hours later, that lies in its word's
    ranges. A word that the locales which know all of the file's words disagree about is `unknown`: no guess is made,
    as it would shift times by half a day or dates by a month.

    Args:
        gaps: all distinct gaps of one file, folded by `fold`.

    Returns:
        Months from 1 to 12, and day periods as half-open ranges of minutes since midnight. A time of which both
        readings lie in the ranges, or neither, is not told by its word.
    """
    return _read_distinct(frozenset(gaps))


@lru_cache(maxsize=64)
def _read_distinct(gaps: frozenset[str]) -> WordReading:
    vocabulary = load_vocabulary()
    readings = {gap: _read_gap(gap) for gap in sorted(gaps)}
    known = _choose_groups([some for some in readings.values() if some], vocabulary.everyone)
    months, periods, literals = {}, {}, {""} & gaps
    for gap, some in readings.items():
        meant = _best(some, known)
        if month := _agree_month(some, meant, known & vocabulary.phones):
            months[gap] = month
        if ranges := _agree_period(some, meant, vocabulary):
            periods[gap] = ranges
        elif Meaning() in meant and all(meaning.period < 0 for meaning in meant):
            literals.add(gap)
    return WordReading(
        months=months,
        periods=periods,
        literals=frozenset(literals),
        unknown=gaps - literals - months.keys() - periods.keys(),
        eras={gap: era for gap in readings if (era := _find_era(gap))},
        locales=tuple(name for bit, name in enumerate(vocabulary.groups) if known >> bit & 1),
    )


_Readings = dict[tuple[Meaning, int], int]  # meaning and tier to the groups that read a gap so


def _read_gap(gap: str) -> _Readings:
    """Read one gap in every way in which some locale can: as a chain of words that the locale knows."""
    text, cuts = _cut(gap)
    if not text or len(text) > _LONGEST_GAP:
        return {}
    reached: dict[int, _Readings] = {0: {(Meaning(), 0): load_vocabulary().everyone}}
    for start, end in ((start, end) for k, start in enumerate(cuts) for end in cuts[k + 1 :]):
        for meaning, tier, groups in find_word(text[start:end]) if start in reached else ():
            _extend(reached[start], reached.setdefault(end, {}), (meaning, tier), groups)
    found: _Readings = {}
    for (meaning, tier), groups in reached.get(len(text), {}).items():
        if meaning.month or not meaning.beside_month:
            key = (meaning._replace(beside_month=False), tier)
            found[key] = found.get(key, 0) | groups
    return found


def _cut(gap: str) -> tuple[str, list[int]]:
    """Return the gap without spaces, and the places where a word may begin or end."""
    cuts, text = {0}, ""
    for word in gap.split(" "):
        for here, after in pairwise(word):
            text += here
            if _UNSPACED.match(here) or _UNSPACED.match(after):
                cuts.add(len(text))
        text += word[-1:]
        cuts.add(len(text))
    return text, sorted(cuts)


def _extend(before: _Readings, after: _Readings, word: tuple[Meaning, int], groups: int) -> None:
    """Append a word to all readings before it; a gap holds one month and one day period at most."""
    meaning, tier = word
    for (said, worst), knowing in before.items():
        twice = (said.month and meaning.month) or (said.period >= 0 and meaning.period >= 0)
        mixed = (said.month or meaning.month) and (said.period >= 0 or meaning.period >= 0)
        if knowing & groups and not twice and not mixed:
            joined = Meaning(
                said.month or meaning.month, max(said.period, meaning.period), said.beside_month or meaning.beside_month
            )
            key = (joined, max(worst, tier))
            after[key] = after.get(key, 0) | (knowing & groups)


def _choose_groups(readings: list[_Readings], everyone: int) -> int:
    """Return the locale groups that know all gaps, or else those that know most."""
    best = [_union(_best_only(some)) for some in readings]
    common = reduce(int.__and__, best, everyone) or reduce(int.__and__, map(_union, readings), everyone)
    if common:
        return common
    counts = [sum(groups >> bit & 1 for groups in best) for bit in range(everyone.bit_length())]
    return sum(1 << bit for bit, count in enumerate(counts) if count == max(counts))


def _union(readings: _Readings) -> int:
    return reduce(int.__or__, readings.values(), 0)


def _best_only(readings: _Readings) -> _Readings:
    best = min((tier for _, tier in readings), default=0)
    return {key: groups for key, groups in readings.items() if key[1] == best}


def _best(readings: _Readings, known: int) -> set[Meaning]:
    """Return the meanings of a gap in the chosen locales, in all where those do not know it, by the best tier."""
    chosen = {key: groups for key, groups in readings.items() if groups & known} or readings
    return {meaning for meaning, _ in _best_only(chosen)}


def _agree_month(readings: _Readings, meant: set[Meaning], phones: int) -> int:
    """Return the month on which all locales agree, or else all that phones can be set to; 0 if they do not."""
    months = {meaning.month for meaning in meant} - {0}
    if len(months) > 1:
        months &= {meaning.month for (meaning, _), groups in readings.items() if groups & phones}
    return months.pop() if len(months) == 1 else 0


def _agree_period(readings: _Readings, meant: set[Meaning], vocabulary: Vocabulary) -> Ranges:
    """Return the ranges on which all locales agree that do not take the gap for a month.

    That it merely joins in a language that phones cannot be set to does not count against them.
    """
    periods = sorted({meaning.period for meaning in meant if meaning.period >= 0})
    joins = Meaning() in meant and any(
        groups & vocabulary.phones for (meaning, _), groups in readings.items() if meaning == Meaning()
    )
    return () if joins else combine_ranges([vocabulary.ranges[period] for period in periods])


def combine_ranges(candidates: list[Ranges]) -> Ranges:
    """Combine what several locales mean by one day period; nothing where one would shift another's by twelve hours.

    Where two locales cover the same times of the clock, what both allow counts; elsewhere, what either allows.
    """
    morning = evening = 0
    half = (1 << HALF_DAY) - 1
    for candidate in candidates:
        minutes = sum((1 << end) - (1 << start) for start, end in candidate)
        early, late = minutes & half, minutes >> HALF_DAY
        both = (early | late) & (morning | evening)
        if both & ~((early & morning) | (late & evening)):
            return ()
        morning = (early & morning) | ((early | morning) & ~both)
        evening = (late & evening) | ((late | evening) & ~both)
    return tuple(_runs(morning | evening << HALF_DAY))


def _runs(minutes: int) -> Iterator[tuple[int, int]]:
    start = 0
    while minutes >> start:
        start += ((minutes >> start) & -(minutes >> start)).bit_length() - 1
        ones = minutes >> start
        end = start + (~ones & (ones + 1)).bit_length() - 1
        yield start, end
        start = end


def _find_era(gap: str) -> Era | None:
    eras = load_eras()
    words = gap.split(" ")
    spans = ["".join(words[i:j]) for i in range(len(words)) for j in range(len(words), i, -1)]
    return next((eras[span] for span in sorted(spans, key=len, reverse=True) if span in eras), None)
