"""Where messages mention somebody, give a phone number or link to a page.

A reference is a span of the text, in code points, and a kind: `mention`, `phone` or `link`. It says what is written
there, not that a number is in use or whose it is, and nothing is derived from a number's country or region.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import polars as pl
import regex

from chatforensics.parsing.grammar import MARKS
from chatforensics.schema import TABLES, AnyMessages, References, check

# In Polars' linear-time engine: a text without any of these has no reference.
_MAY_HOLD = r"@|://|(?i:www\.|wa\.me/|chat\.whatsapp\.com)|\p{Nd}(?:[^\p{L}\p{Nd}\n]{0,3}\p{Nd}){7}"

_LINK = regex.compile(
    r"(?<![\p{L}\p{N}@.])(?:https?://|www\.|wa\.me/|chat\.whatsapp\.com/)[^\s\x1c-\x1f<>\"\u201c\u201d\u2066-\u2069]{1,2000}",
    regex.IGNORECASE,
)
_LINK_END = ".,;:!?'*_~\u2019\u2026\u3002\u060c\u0964" + MARKS
_BRACKETS = {")": "(", "]": "[", "}": "{", "»": "«", "）": "（"}

# Phones put a mentioned name between isolates; older ones print the number.
_PRINTED = regex.compile(
    r"(?<![\p{L}\p{N}._%+-])@(?:[\u2068\u2066\u202a]+[^\u2069\u202c\r\n]{1,100}[\u2069\u202c]+|\p{Nd}{7,15}(?!\p{N}))"
)
_AT = regex.compile(r"(?<![\p{L}\p{N}._%+-])@")

# Atomic: a space must not be tried in two places, or a long row of digits would be tried in thousands of ways.
_GAP = rf"(?>[{MARKS}]?(?:[ \u00a0\u2007\u2009\u202f]?[-.\u2010\u2011\u2013()]?[ \u00a0\u202f]?)[{MARKS}]?[(]?)"
_MONEY_SIGNS = "€$£¥₦₹₵%"
_MONEY = rf"(?:[{_MONEY_SIGNS}]|(?i:USD|EUR|GBP|GHS|NGN|KES|ZAR|INR|PKR|BDT|BRL|MXN|IDR|XOF|CFA|Rs|Rp|KSh)\b\.?)"
# Neither part of a word, a price, a decimal, a time or a date. Numbers may stand on both sides of a comma or a stroke.
_BEFORE = (
    rf"(?<![\p{{L}}\p{{N}}_#@=\\{_MONEY_SIGNS}])(?<!\p{{N}}[.:-])(?<!(?<!\p{{N}})\p{{N}}{{1,4}}[,/])"
    rf"(?<!(?<!\p{{N}})/)(?<!{_MONEY} ?)"
)
_BEHIND = rf"(?![\p{{L}}\p{{N}}_])(?![.:-]\p{{N}})(?![,/]\p{{N}}{{1,4}}(?!\p{{N}}))(?! ?{_MONEY})"
_AREA = r"(?:0\p{Nd}{1,5} ?/ ?)?"
_PHONE = regex.compile(rf"(?=[+＋(\p{{Nd}}]){_BEFORE}[+＋]?[(]?[+]?{_AREA}\p{{Nd}}(?:{_GAP}\p{{Nd}}){{4,16}}{_BEHIND}")
_NUMBER = regex.compile(r"\p{Nd}+")
_DATE = regex.compile(
    r"(?<![\p{N}.\-/])(?:\p{Nd}{1,2}([.\-/])\p{Nd}{1,2}\1(?:\p{Nd}{4}|\p{Nd}{2})|\p{Nd}{4}([.\-/])\p{Nd}{1,2}\2\p{Nd}{1,2})(?![.\-/]?\p{N})"
)
_THOUSANDS = regex.compile(
    r"(?<!\p{N})(?!0)\p{Nd}{1,2}(?:[ \u00a0\u202f]\p{Nd}{3}){2,}(?!\p{N})|\p{Nd}{1,3}(?:\.\p{Nd}{3}){2,}(?:,\p{Nd}+)?"
)
_DOTTED = regex.compile(r"\p{Nd}+\.\p{Nd}+|(?!0)\p{Nd}{1,3}(?:\.\p{Nd}{1,3}){3}")  # a decimal, an internet address
_SHORTEST, _LONGEST = 8, 15  # digits; E.164 allows fifteen
_SHORTEST_INTERNATIONAL = 7
_YEARS = range(1900, 2100)
_MONTHS, _DAYS = range(1, 13), range(1, 32)
_LIST_SPAN = 50  # numbers of one length that grow by no more than this are a list
_SECONDS_PER_LETTER = 1e-4


class Reference(NamedTuple):
    """One reference: its kind and its span in code points."""

    reference: str
    start: int
    end: int


class _Labels(NamedTuple):
    """Senders' names, and their lengths, the longest first."""

    known: frozenset[str]
    lengths: tuple[int, ...]


def find_references(messages: AnyMessages) -> References:
    """Find the mentions, phone numbers and links in the texts of messages.

    A mention is what WhatsApp prints for one (a name between invisible marks, or a number) or `@` and the label of a
    sender among these messages; "@" and a label may have been typed. A phone number is told by its form, at least eight
    digits (seven behind a plus): account and order numbers of that form are found as well.

    Returns:
        One row per reference: `message_id`, `reference` (mention, phone, link), `start`, `end` (code points of `text`).
    """
    some = messages.lazy().select("message_id", "text").filter(pl.col("text").str.contains(_MAY_HOLD)).collect()
    senders = messages.lazy().select(pl.col("sender_label").drop_nulls().unique()).collect()["sender_label"]
    labels = _read_labels(senders.to_list())
    texts = some["text"].unique(maintain_order=True)
    rows = [(text, *found) for text in texts for found in _read(text, labels)]
    schema = {"text": pl.String, **{name: TABLES["references"][name] for name in ("reference", "start", "end")}}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    joined = some.join(frame, on="text", how="inner", maintain_order="left_right").drop("text")
    return References(check(joined, table="references"))


def read_references(text: str, *, labels: Sequence[str] = ()) -> list[Reference]:
    """Find the references of one text, in their order.

    Args:
        text: the text as exported.
        labels: names that follow an `@` in a mention that has no invisible marks.
    """
    return _read(text, _read_labels(labels))


def _read(text: str, labels: _Labels) -> list[Reference]:
    found = [Reference("link", *span) for span in _find_links(text)]
    found = _add_apart(found, [Reference("mention", *span) for span in _find_mentions(text, labels)])
    return _add_apart(found, [Reference("phone", *span) for span in _find_phones(text)])


def _add_apart(taken: list[Reference], others: list[Reference]) -> list[Reference]:
    """Add those of the others that overlap none of the taken, which are in order and apart from each other."""
    starts = [one.start for one in taken]
    free = []
    for other in others:
        before = bisect_left(starts, other.end) - 1  # the last that starts before the other ends
        if before < 0 or taken[before].end <= other.start:
            free.append(other)
    return sorted([*taken, *free], key=lambda one: one.start)


def _read_labels(labels: Iterable[str]) -> _Labels:
    known = frozenset(label.strip(MARKS + " ") for label in labels) - {""}
    return _Labels(known, tuple(sorted({len(label) for label in known}, reverse=True)))


def _find_links(text: str) -> Iterator[tuple[int, int]]:
    if "/" not in text and "www." not in text.lower():
        return
    for found in _LINK.finditer(text, timeout=1 + len(text) * _SECONDS_PER_LETTER):
        link = _without_end(found[0])
        if len(link) > len("https://"):
            yield found.start(), found.start() + len(link)


def _without_end(link: str) -> str:
    """Cut off what belongs to the sentence: stops, and brackets that were opened before the link."""
    while link and (link[-1] in _LINK_END or link.count(link[-1]) > link.count(_BRACKETS.get(link[-1], link[-1]))):
        link = link[:-1]
    return link


def _find_mentions(text: str, labels: _Labels) -> Iterator[tuple[int, int]]:
    if "@" not in text:
        return
    printed = [found.span() for found in _PRINTED.finditer(text, timeout=1 + len(text) * _SECONDS_PER_LETTER)]
    yield from printed
    starts = {start for start, _ in printed}
    for at in (found.start() for found in _AT.finditer(text) if found.start() not in starts):
        end = next((at + 1 + n for n in labels.lengths if text[at + 1 : at + 1 + n] in labels.known), None)
        if end is not None and not text[end : end + 1].isalnum():
            yield at, end


def _find_phones(text: str) -> Iterator[tuple[int, int]]:
    for found in _PHONE.finditer(text, timeout=1 + len(text) * _SECONDS_PER_LETTER):
        number = found[0]
        if number.rfind("(") > number.rfind(")"):
            # A bracket that nothing closes belongs to the sentence: "(ring 024 ..." and "024 ... (3 times)".
            first = number.startswith("(") and number.count("(") == 1
            number = number if first else number[: number.rfind("(")].rstrip()
        if _is_phone(number):
            yield found.start() + (number.rfind("(") == 0 and ")" not in number), found.start() + len(number)


def _is_phone(number: str) -> bool:
    """Tell a phone number from a date, a price, a list, a span of years and what is too short or too long."""
    groups = _NUMBER.findall(number)
    digits = sum(map(len, groups))
    if number.lstrip("(").startswith(("+", "＋")):
        return _SHORTEST_INTERNATIONAL <= digits <= _LONGEST
    if not _SHORTEST <= digits <= _LONGEST or _DATE.search(number) or _THOUSANDS.fullmatch(number):
        return False
    if len(groups) == 1:
        return not _is_compact_date(groups[0])
    return not _is_list(groups) and not _DOTTED.fullmatch(number)


def _is_list(groups: Sequence[str]) -> bool:
    """Tell a list of numbers, such as those of candidates, from the groups of one phone number."""
    if int(groups[0][0]) != 0 and max(map(len, groups)) <= 2:  # noqa: PLR2004 - pairs, as phones have behind a zero only
        return True
    values = [int(group) for group in groups]
    alike = len(set(map(len, groups))) == 1
    years = all(value in _YEARS for value in values)
    grows = values == sorted(set(values)) and values[-1] - values[0] <= _LIST_SPAN
    return alike and (years or grows)


def _is_compact_date(digits: str) -> bool:
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:] or 0)
    return len(digits) == len("yyyymmdd") and year in _YEARS and month in _MONTHS and day in _DAYS
