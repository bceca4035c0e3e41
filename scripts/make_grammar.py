"""Draw the grammar of dates and times from CLDR, as Babel holds it, into `grammar/cldr.json`.

    python scripts/make_grammar.py

For every locale: month names, day periods with the hours that they cover, words inside dates and times, and the orders
of its date forms. Locales that agree share their entries. The same Babel gives the same bytes.
"""

import json
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import babel
import regex
from babel import Locale, localedata
from babel.core import get_cldr_version

from chatforensics.parsing.vocabulary import DAY, HALF_DAY, fold, fold_form

TARGET = Path(__file__).resolve().parents[1] / "chatforensics" / "parsing" / "grammar" / "cldr.json"
HALVES: dict[str, list[tuple[int, int]]] = {"am": [(0, HALF_DAY)], "pm": [(HALF_DAY, DAY)]}
DATE_SKELETONS = ("yMd", "yMMMd", "yMMMMd", "MMMd", "MMMMd", "Md", "GyMd")
TIME_SKELETONS = ("hm", "hms", "Hm", "Hms", "Bhm", "Bhms")
FIELD = regex.compile(r"'([^']*)'|([A-Za-z])\2*|[^A-Za-z']+")
GLUED_BEFORE, GLUED_AFTER = regex.compile(r"[\p{L}\p{M}]+$"), regex.compile(r"^[\p{L}\p{M}]+")
STRONG, MIDDLE, WEAK = 1, 2, 3


def key(text: str) -> str:
    """Return a word as the vocabulary holds it: folded, without spaces."""
    return fold(text).replace(" ", "")


def has_digit(text: str) -> bool:
    """Tell whether a name holds a number, as the month names of Chinese and Vietnamese do."""
    return any(char.isdigit() for char in text)


def list_months(locale: Locale) -> list[list[str]]:
    """List per month its names, wide and abbreviated, inside a date and alone, with what languages glue to them."""
    names: list[set[str]] = [set() for _ in range(12)]
    affixes = {("", ""), *list_affixes(locale)}
    for context in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            for number, name in locale.months[context][width].items():
                if not has_digit(name) and key(name):
                    names[number - 1] |= {key(before + name + after) for before, after in affixes}
    return [sorted(some) for some in names]


def list_affixes(locale: Locale) -> Iterator[tuple[str, str]]:
    """List what date forms print right before and after a month's name, without a space: Hebrew ב is "in"."""
    for pattern in patterns(locale)[0]:
        parts = [("", ""), *split_pattern(pattern, names=True), ("", "")]
        for (_, before), (kind, _), (_, after) in zip(parts, parts[1:], parts[2:], strict=False):
            if kind == "M":
                yield "".join(GLUED_BEFORE.findall(before)), "".join(GLUED_AFTER.findall(after))


def list_ranges(locale: Locale) -> dict[str, list[tuple[int, int]]]:
    """List per day period the minutes of the day that it covers."""
    ranges = dict(HALVES)
    for period, rules in (locale.day_period_rules.get(None) or {}).items():
        spans: list[tuple[int, int]] = []
        for rule in rules:
            if "at" in rule:
                spans.append((rule["at"] // 60 % DAY, rule["at"] // 60 % DAY + 1))
                continue
            start, end = rule["from"] // 60, rule["before"] // 60
            spans += [(start, end)] if start < end else [(0, end), (start, DAY)]
        ranges[period] = sorted(span for span in spans if span[0] < span[1])
    return ranges


def list_periods(locale: Locale) -> list[tuple[str, list[tuple[int, int]], int]]:
    """List words, the minutes that they cover, and how sure phones print them so (1 best)."""
    ranges = list_ranges(locale)
    words: dict[str, tuple[int, list[tuple[int, int]]]] = {}
    for context in ("format", "stand-alone"):
        for width in ("abbreviated", "wide", "narrow"):
            for period, name in locale.day_periods[context][width].items():
                if period not in ranges or not key(name) or has_digit(name):
                    continue
                main = period in HALVES and context == "format"
                tier = WEAK if width == "narrow" else STRONG if main else MIDDLE
                add_period(words, key(name), tier, ranges[period])
    return [(word, spans, tier) for word, (tier, spans) in sorted(words.items())]


def add_period(
    words: dict[str, tuple[int, list[tuple[int, int]]]], word: str, tier: int, spans: list[tuple[int, int]]
) -> None:
    """Add one meaning of a word; of several the best tier counts, and at the same tier all of them."""
    best, known = words.get(word, (WEAK + 1, []))
    if tier == best:
        spans = merge(known + spans)
    if tier <= best:
        words[word] = (tier, spans)


def merge(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join spans that touch."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def patterns(locale: Locale) -> tuple[set[str], set[str]]:
    """Return the patterns of dates, and those of times and of what joins both."""
    skeletons = locale.datetime_skeletons
    dates = {locale.date_formats[width].pattern for width in ("short", "medium", "long")}
    dates |= {skeletons[name].pattern for name in DATE_SKELETONS if name in skeletons}
    times = {locale.time_formats[width].pattern for width in ("short", "medium")}
    times |= {skeletons[name].pattern for name in TIME_SKELETONS if name in skeletons}
    # {0} is a time, {1} a date: neither is a month's name.
    times |= {str(joiner).replace("{0}", "H").replace("{1}", "y") for joiner in locale.datetime_formats.values()}
    return dates, times


def split_pattern(pattern: str, *, names: bool) -> Iterator[tuple[str, str]]:
    """Split a pattern into fields (their letters) and the words between them; M stands for a month's name."""
    for found in FIELD.finditer(pattern):
        letter = found[2]
        if not letter:
            yield "word", found[1] if found[1] is not None else found[0]
        elif letter in "ML" and len(found[0]) > 2 and names:  # noqa: PLR2004 - two letters are a number
            yield "M", found[0]
        else:
            yield {"L": "m", "M": "m"}.get(letter, letter), found[0]


def list_joiners(locale: Locale, *, names: bool) -> list[tuple[str, str]]:
    """List the words inside dates and times: n anywhere, m only beside a month's name, e after a year (its era)."""
    dates, times = patterns(locale)
    kinds: dict[str, str] = {}
    for pattern in sorted(dates | times):
        for words, beside in gaps(pattern, names=names):
            for word in words:
                kinds[word] = "m" if beside and kinds.get(word, "m") == "m" else "n"
    if not names:
        shared = [fold(regex.sub(r"\d+", " ", name)) for name in locale.months["format"]["abbreviated"].values()]
        kinds |= {word: "n" for name in shared for word in name.split(" ") if word and word != "m"}
    era = locale.eras.get("abbreviated", {}).get(1, "")
    if key(era) and not has_digit(era):
        kinds.setdefault(key(era), "e")
    return sorted(kinds.items())


def gaps(pattern: str, *, names: bool) -> Iterator[tuple[list[str], bool]]:
    """Yield the words between two numbers, and whether a month's name stands there too."""
    text, beside = "", False
    for kind, part in split_pattern(pattern, names=names):
        beside = beside or kind == "M"
        if kind == "word":
            text += part
        elif kind in "MaBbGE":
            text += "|"
        else:
            yield [key(word) for word in text.split("|") if key(word)], beside
            text, beside = "", False
    yield [key(word) for word in text.split("|") if key(word)], beside


def list_dates(locale: Locale, *, names: bool) -> list[str]:
    """List the date forms with their orders, as `vocabulary.date_orders` is asked for them."""
    forms = set()
    for pattern in patterns(locale)[0]:
        form, order = "", ""
        for kind, text in split_pattern(pattern, names=names):
            digits = "9999" if kind == "y" and len(text) != 2 else "9"  # noqa: PLR2004 - yy is a year of two digits
            form += text if kind == "word" else "M" if kind == "M" else digits if kind in "ymd" else " "
            order += kind.lower() if kind in "ymdM" else ""
        forms.add(f"{fold_form(form)}:{order}")
    return sorted(forms)


class Shared:
    """Entries that locales share, numbered in order of first use."""

    def __init__(self) -> None:
        """Start without entries."""
        self.entries: list[Any] = []
        self._numbers: dict[str, int] = {}

    def number(self, entry: Any) -> int:  # noqa: ANN401 - whatever JSON holds
        """Return the entry's number."""
        text = json.dumps(entry)
        if text not in self._numbers:
            self._numbers[text] = len(self.entries)
            self.entries.append(entry)
        return self._numbers[text]


def list_words(locale: Locale, ranges: Shared) -> list[list[str]]:
    """List the words of a locale with their meaning: m1 to m12, p with ranges and tier, j with its kind."""
    months = list_months(locale)
    names = any(months)
    return [
        [f"{word}:m{number}" for number, some in enumerate(months, start=1) for word in some],
        [f"{word}:p{ranges.number(spans)}.{tier}" for word, spans, tier in list_periods(locale)],
        [f"{word}:j{kind}" for word, kind in list_joiners(locale, names=names)],
        list_dates(locale, names=names),
    ]


def build_grammar() -> Mapping[str, object]:
    """Build the content of the file."""
    ranges, sets, groups = Shared(), [Shared() for _ in range(4)], defaultdict(list)
    for half in HALVES.values():
        ranges.number(half)
    for name in sorted(localedata.locale_identifiers()):
        # A locale that Babel loads after another may show that one's names: each starts afresh.
        localedata._cache.clear()  # noqa: SLF001
        entries = list_words(Locale.parse(name), ranges)
        numbers = (shared.number(some) for shared, some in zip(sets, entries, strict=True))
        groups[tuple(numbers)].append(name)
    zeros = "".join(chr(code) for code in range(sys.maxunicode + 1) if is_zero(chr(code)))
    members = [[" ".join(sorted(some, key=lambda x: (len(x), x))), *numbers] for numbers, some in groups.items()]
    version = {"cldr": get_cldr_version(), "babel": babel.__version__, "unicode": unicodedata.unidata_version}
    dates = ["|".join(some) for some in sets[3].entries]
    words = index_words([shared.entries for shared in sets[:3]])
    return {**version, "zeros": zeros, "ranges": ranges.entries, "words": words, "dates": dates, "groups": members}


def index_words(kinds: list[list[list[str]]]) -> str:
    """Turn the sets of words round: each word with its meanings, and each meaning with the sets that hold it.

    One text takes less space than thousands of JSON entries.
    """
    index: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for entries in kinds:
        for number, entry in enumerate(entries):
            for item in entry:
                word, meaning = item.split(":")
                index[word][meaning].append(number)
    lines = (
        f"{word}:" + ";".join(f"{meaning} {' '.join(map(str, some))}" for meaning, some in sorted(meanings.items()))
        for word, meanings in sorted(index.items())
    )
    return "|".join(lines)


def is_zero(char: str) -> bool:
    """Tell whether a character is the zero of a decimal digit system."""
    return unicodedata.category(char) == "Nd" and unicodedata.digit(char) == 0


def main() -> None:
    """Write the file."""
    text = json.dumps(build_grammar(), ensure_ascii=False, separators=(",", ":"))
    TARGET.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
