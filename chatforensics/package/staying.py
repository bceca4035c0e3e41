"""What of hidden names can still be read in texts, to be told to whoever makes a package, and to nobody else."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import regex

from chatforensics.package.dossier import Tables
from chatforensics.package.files import list_parts
from chatforensics.package.finding import Entry, Finder
from chatforensics.package.folding import fold, list_words
from chatforensics.package.hidden import Stayed
from chatforensics.package.pseudonyms import CODE

_MARK = regex.compile(rf"\[(?:[a-z-]+ )?P-{CODE}\]|P-{CODE}|\[postcode\]|\[withheld [^\]]*\]")
_WORD = regex.compile(r"\S+")


def list_texts(tables: Tables) -> Iterator[str]:
    """Give each distinct text that people wrote, as messages, pictures and polls have it."""
    for table, column in (("messages", "text"), ("pictures", "text"), ("polls", "question"), ("polls", "option")):
        if table in tables:
            yield from tables[table][column].drop_nulls().unique(maintain_order=True)


def find_stayed(
    texts: Iterable[str], *, entries: Mapping[str, Entry], noted: Mapping[str, Entry]
) -> tuple[Stayed, ...]:
    """Return the hidden people of whose names words stayed in texts, the most frequent first.

    A word may be an ordinary one ("Rose"), or belong to somebody else's name; nothing here can tell. Names that are
    shown for another reason, and short words, are not counted. Equal texts count once.

    Args:
        texts: After redaction.
        entries: What was looked for in texts, by its folded form: names on slates stay.
        noted: What was looked for in notices, where a name on a slate is hidden like any other.
    """
    plain = [_MARK.sub(" ", text) for text in texts]
    counted = Counter(word for text in plain for word in list_words(fold(text)))
    hidden = {name: entry for name, entry in noted.items() if entry.kind == "name" and entry.token}
    on_slates = {name: entry for name, entry in hidden.items() if _stays(entries.get(name))}
    whole = _list_found(plain, on_slates)
    shown = list_parts(entry.printed for entry in entries.values() if entry.token is None)
    parties = list_parts(entry.printed for entry in noted.values() if entry.token is None)
    names: dict[str, str] = {}
    words: dict[str, dict[str, str]] = {}
    for name, entry in hidden.items():
        code = _code_of(entry)
        names.setdefault(code, entry.printed)
        known = parties if name in on_slates else shown
        told = words.setdefault(code, {})
        for folded, printed in _list_printed(entry.printed):
            if folded not in known:
                told.setdefault(folded, printed)
    found = [
        Stayed(code, names[code], _count(some, counted), on_slate=code in whole) for code, some in sorted(words.items())
    ]
    return tuple(sorted((one for one in found if one.words), key=lambda one: (-one.n_places, one.token)))


def _stays(entry: Entry | None) -> bool:
    """Say whether a name stays in texts as one on a slate: words to keep are of another kind."""
    return entry is not None and entry.token is None and entry.kind == "name"


def _code_of(entry: Entry) -> str:
    return (entry.token or "").strip("[]")


def _list_found(texts: list[str], entries: Mapping[str, Entry]) -> set[str]:
    """Return the stand-ins of those whose whole name stands in a text."""
    found = Finder(entries).find_all(list(dict.fromkeys(texts)))
    return {_code_of(hit.entry) for hits in found.values() for hit in hits}


def _list_printed(name: str) -> Iterator[tuple[str, str]]:
    """Give the telling words of a name, folded and as printed."""
    for printed in _WORD.findall(name):
        folded = [word for word in list_words(fold(printed)) if word in list_parts(iter([printed]))]
        yield from ((word, printed if fold(printed) == word else word) for word in folded)


def _count(words: Mapping[str, str], counted: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    """Return the words that stand anywhere, with their places, the most frequent first."""
    found = [(printed, counted[folded]) for folded, printed in words.items() if counted[folded]]
    return tuple(sorted(found, key=lambda item: (-item[1], item[0])))
