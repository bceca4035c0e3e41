"""Words that this program prints by itself, and which may be names as well."""

import re
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

_OWN = ("package", "report", "integrity", "joining", "tablefiles", "workflow", "cli", "schema.py")
_OF_PAGES = (".j2", ".css", ".typ")
_OWN_ENDINGS = (".py", ".j2", ".js", ".css", ".typ", ".md", ".toml")
_DATES = "january february march april may june july august september october november december monday tuesday"
_MORE_DATES = "wednesday thursday friday saturday sunday"
_SPELLED = re.compile(r"(?<![A-Za-z])[a-z]{2,}(?![A-Za-z])")


def is_own_word(word: str) -> bool:
    """Say whether a folded word is one that this program prints by itself, such as "may", "mark" or "will"."""
    return word.isascii() and word in _list_own_words()


@cache
def _list_own_words() -> frozenset[str]:
    """Return the words of the program's pages, and in small letters of its code, and the names of days and months."""
    root = resources.files("chatforensics")
    words = set(f"{_DATES} {_MORE_DATES}".split())
    for name in _OWN:
        _read_words(root / name, words)
    return frozenset(words)


def _read_words(place: Traversable, words: set[str]) -> None:
    if place.is_dir():
        for inner in place.iterdir():
            _read_words(inner, words)
    elif place.name.endswith(_OWN_ENDINGS):
        text = place.read_text(encoding="utf-8")
        # What stands in a page is printed in capitals, too ("Georgia" is a typeface); code has examples of names.
        words.update(_SPELLED.findall(text.lower() if place.name.endswith(_OF_PAGES) else text))
