"""WhatsApp's own notices as typed events: who did what to whom, with old and new value.

A notice is told by its structure first (no sender; on iOS the mark U+200E), and only then typed by its wording. A
notice with a wording that is not known is `unknown`, its text kept.
"""

from dataclasses import dataclass
from functools import cache

import regex

from chatforensics.parsing.grammar import bare, load_grammar

_QUOTES = str.maketrans({"\u201c": '"', "\u201d": '"', "\u201e": '"', "\u2019": "'", "\u2018": "'"})
_FIELD = regex.compile(r"\\\{(actor|targets|old|new|rest)\\\}")
_PLACE = regex.compile(r"\{\w+\}")
_FIELDS = {
    "actor": r"(?P<actor>[^\r\n]{1,120}?)",
    "targets": r"(?P<targets>[^\r\n]{1,4000}?)",
    "old": r"(?P<old>[^\r\n]{0,200}?)",
    "new": r"(?P<new>[^\r\n]{0,500}?)",
    "rest": r"[^\r\n]{0,500}",
}
_AND = regex.compile(r", and |, | and ")


@dataclass(frozen=True)
class Notice:
    """One typed notice; names and values as printed."""

    event: str
    actor: str | None = None
    targets: tuple[str, ...] = ()
    old: str | None = None
    new: str | None = None


@cache
def _patterns() -> list[tuple[str, str, regex.Pattern[str]]]:
    """Return event, the words that a notice of this wording always holds, and the pattern, in the order to try."""
    languages = load_grammar("notices").values()
    wordings = [(event, wording) for language in languages for event, some in language.items() for wording in some]
    return [(event, max(_PLACE.split(words), key=len).casefold(), _compile(words)) for event, words in wordings]


def _compile(wording: str) -> regex.Pattern[str]:
    pattern = _FIELD.sub(lambda field: _FIELDS[field[1]], regex.escape(wording, literal_spaces=True))
    return regex.compile(pattern + r"\.?", regex.IGNORECASE)


def read_notice(text: str) -> Notice:
    """Type one notice by its wording; `unknown` where no wording fits."""
    plain = bare(text).translate(_QUOTES)
    folded = plain.casefold()
    for event, words, pattern in _patterns():
        if words not in folded:
            continue
        found = pattern.fullmatch(plain, timeout=1)
        if found:
            return _notice(event, found.groupdict())
    return Notice("unknown")


def _notice(event: str, fields: dict[str, str | None]) -> Notice:
    targets = tuple(bare(x) for x in _AND.split(fields.get("targets") or "") if x.strip())
    actor = fields.get("actor")
    return Notice(event, bare(actor) if actor else None, targets, fields.get("old"), fields.get("new"))
