"""The words of the page in its language: every sentence of ours is looked up by its English text."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import cast

from chatforensics.errors import UsageError
from chatforensics.text import show_controls

FOLDER = resources.files("chatforensics.report").joinpath("locale")
CATALOGUE = "catalogue.json"  # all sentences that a translation has to hold; made by scripts/make_catalogue.py
_DIRECTIONS = ("ltr", "rtl")
_PLACE = re.compile(r"\{(\w+)\}")


class Phrase(str):
    """An English sentence that knows its words and values, so that a page in another language can say it too."""

    __slots__ = ("english", "parts", "values")

    english: str
    values: Mapping[str, object]
    parts: tuple[str, ...]  # of a list of phrases; `english` is what stands between them, and is not looked up


def say(english: str, /, **values: object) -> Phrase:
    """Return a sentence of the page with {names} filled in; its English must stand here in full, to be collected.

    Values may be phrases themselves. Words of the evidence are values, never part of the English.
    """
    phrase = Phrase(fill(english, values))
    phrase.english, phrase.values, phrase.parts = english, values, ()
    return phrase


def say_count(n: int, one: str, many: str, /, **values: object) -> Phrase:
    """Return the sentence for one or that for many, with {n} filled in."""
    return say(one if n == 1 else many, n=f"{n:,}", **values)


def say_list(phrases: Iterable[str], between: str = ", ") -> Phrase:
    """Return phrases one after the other."""
    parts = tuple(phrases)
    phrase = Phrase(between.join(parts))
    phrase.english, phrase.values, phrase.parts = between, {}, parts
    return phrase


def fill(words: str, values: Mapping[str, object]) -> str:
    """Put values in the places of a sentence; what a value says is never read as a place."""
    return _PLACE.sub(lambda place: str(values.get(place[1], place[0])), words)


@dataclass(frozen=True, eq=False)
class Language:
    """A language of the page: its code, the direction it is written in, and its words by their English."""

    code: str = "en"
    direction: str = "ltr"
    words: Mapping[str, str] = field(default_factory=dict)

    def look_up(self, english: str) -> str:
        """Return a sentence in this language; one that nobody has translated stays English."""
        return self.words.get(english, english)

    def tell(self, value: object) -> str:
        """Return a phrase in this language, with the phrases in it; anything else, such as evidence, as it is.

        Control characters of the evidence are written out, so that none can turn what stands around it.
        """
        if not isinstance(value, Phrase) or self.code == "en":
            return show_controls(str(value))
        if value.parts:
            return value.english.join(self.isolate(self.tell(part)) for part in value.parts)
        values = {name: self.isolate(self.tell(each)) for name, each in value.values.items()}
        return fill(self.look_up(value.english), values)

    def isolate(self, value: str) -> str:
        """Return a value as it stands in a sentence: cut off from its direction where that is from right to left.

        Without the marks, a date and a time beside words from right to left would change places.
        """
        return f"\u2068{value}\u2069" if self.direction == "rtl" else str(value)


ENGLISH = Language()


def list_languages() -> list[str]:
    """Return the codes of the languages that the page can have: English, and one for each file of translations."""
    files = (file.name for file in FOLDER.iterdir())
    return ["en", *sorted(name.removesuffix(".json") for name in files if name.endswith(".json") and name != CATALOGUE)]


def find_language(code: str) -> Language:
    """Return a language by its code, such as `en`.

    Raises:
        UsageError: there is no file of translations for it, or the file is not one.
    """
    if code == ENGLISH.code:
        return ENGLISH
    known = list_languages()
    if code not in known:
        raise UsageError(f"The report has no language {code!r}. Known: {', '.join(known)}.")
    return _read_language(code)


def _read_language(code: str) -> Language:
    """Read a file of translations: the direction and the words by their English."""
    found = json.loads(FOLDER.joinpath(f"{code}.json").read_text(encoding="utf-8"))
    if found.get("dir") not in _DIRECTIONS or not isinstance(found.get("words"), dict):
        raise UsageError(f"The translation {code}.json needs 'dir' (ltr or rtl) and 'words' (English to {code}).")
    return Language(code, found["dir"], found["words"])


def read_catalogue() -> dict[str, list[str]]:
    """Return every sentence of the page in English with the files that say it."""
    return cast("dict[str, list[str]]", json.loads(FOLDER.joinpath(CATALOGUE).read_text(encoding="utf-8")))


def select_script_words(language: Language) -> dict[str, str]:
    """Return the words that the page's own script says, for a language other than English."""
    if not language.words:
        return {}
    said = (english for english, files in read_catalogue().items() if any(name.endswith(".js") for name in files))
    return {english: language.words[english] for english in said if english in language.words}
