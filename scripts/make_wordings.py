"""Compile the wordings of all languages, which people write in TOML, into `grammar/languages.json`, which a run reads.

    python scripts/make_wordings.py

Everything is folded and looked up beforehand: notices by their longest fixed words, bodies without free parts by the
whole, the others by fixed words as well, and, for the quick search, all by the bytes that they begin or end with. The
same TOML files give the same bytes.
"""

import json
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice, product
from pathlib import Path
from typing import Any

import regex

from chatforensics.parsing.grammar import fold, load_languages
from chatforensics.parsing.notices import DOTS, FIELD, cut
from chatforensics.parsing.quicksearch import LONG, SHORT, lower_bytes
from chatforensics.parsing.wordings import Pattern, cut_pattern, trim

TARGET = Path(__file__).resolve().parents[1] / "chatforensics" / "parsing" / "grammar" / "languages.json"
PEOPLE = ("actor", "targets")
# The lists of a language's file that hold whole bodies; the first that has a wording decides its kind.
KINDS = {
    "contact_omitted": "contact",
    "omitted": "media",
    "attached": "media",
    "deleted": "deleted",
    "deleted_by_admin": "deleted",
    "view_once": "view_once",
    "live_location": "location",
    "call": "call",
}
ENCLOSED = ("media", "contact")
EVERYWHERE = {"null": "view_once"}  # Android's word, in all languages, for what could be seen once
BEFORE_FILE = regex.compile(r"<\s*([^<>{}:：]+?)\s*[:：]\s*\{file\}\s*>")
BEHIND_FILE = regex.compile(r"\{file\}\s*[(（]([^(){}（）]+)[)）]")
# How one letter of a wording may be printed otherwise, capitals apart.
PRINTED = {"'": "'’‘", " ": " \u00a0\u202f", "σ": "σς"}
MOST_FORMS = 64
Languages = Mapping[str, Mapping[str, Any]]


def compile_wordings(languages: Languages) -> dict[str, Any]:
    """Return what `languages.json` holds."""
    words = {
        tag: {"and": list(language.get("and", ())), "you": list_pronouns(language)}
        for tag, language in languages.items()
    }
    return {"languages": words, "notices": index_notices(languages), "bodies": index_bodies(languages)}


def list_notices(language: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the event and the wording of each notice, in the order of the file."""
    for event, wordings in language.get("notices", {}).items():
        yield from ((event, wording) for wording in wordings)


def list_pronouns(language: Mapping[str, Any]) -> list[str]:
    """List the folded words for whoever made the export: those given, and those that notices have as a value."""
    fields = [field for _, wording in list_notices(language) for field in FIELD.findall(wording)]
    printed = [value for field, value in fields if field in PEOPLE and value]
    return sorted({fold(word) for word in [*language.get("you", ()), *printed]})


def index_notices(languages: Languages) -> dict[str, str]:
    """Return by longest fixed words the notices as lines: place in the files, language, event, folded wording."""
    listed = [(tag, *found) for tag, language in languages.items() for found in list_notices(language)]
    index = defaultdict(list)
    for place, (tag, event, wording) in enumerate(listed):
        words = fold(wording).rstrip(DOTS)
        needle = max((piece.words for piece in cut(words)[0]), key=len)
        index[needle].append(f"{place} {tag} {event} {words}")
    return join_lines(index)


def join_lines(index: Mapping[str, list[str]]) -> dict[str, str]:
    """Join what stands behind each key to one text: thousands of lists would take longer to load than all the rest."""
    return {key: "\n".join(lines) for key, lines in index.items()}


def list_bodies(languages: Languages) -> Iterator[tuple[str, str]]:
    """Yield kind and wording, list by list, so that one wording has one kind in all languages."""
    bodies = [language.get("bodies", {}) for language in languages.values()]
    for name, kind in KINDS.items():
        yield from ((kind, wording) for language in bodies for wording in language.get(name, ()))
    # A message that has not arrived yet is WhatsApp's notice in the sender's place.
    for language in languages.values():
        yield from (("system", wording) for wording in language.get("notices", {}).get("waiting", ()))


def index_bodies(languages: Languages) -> dict[str, Any]:
    """Return the wordings of bodies: by lookup where nothing in them is free, else by their longest fixed words."""
    exact, before, behind = dict(EVERYWHERE), set[str](), set[str]()
    patterns: dict[str, list[str]] = defaultdict(list)
    for kind, wording in list_bodies(languages):
        core = wording.removesuffix("{rest}")
        if found := BEFORE_FILE.fullmatch(wording):
            before.add(trim(fold(found[1])))
        elif found := BEHIND_FILE.fullmatch(wording):
            behind.add(trim(fold(found[1])))
        elif not FIELD.search(core):
            exact.setdefault(trim(fold(core)), kind)
        if FIELD.search(wording) and not found:
            written = write_pattern(kind, wording)
            patterns[cut_pattern(written).needle].append(written)
    marks = [mark for language in languages.values() for mark in language.get("bodies", {}).get("edited", ())]
    edited = {trim(fold(mark)) for mark in marks}
    index = {
        "exact": exact,
        "before_file": sorted(before),
        "behind_file": sorted(behind),
        "patterns": join_lines(patterns),
    }
    index["edited"] = sorted(edited | {mark.strip("<>") for mark in edited})
    return {**index, **list_edges(languages, exact, [line for some in patterns.values() for line in some])}


def write_pattern(kind: str, wording: str) -> str:
    """Write a wording with its kind, its fixed words folded; names are one field, a field with a value is a word."""
    named = FIELD.sub(lambda field: field[0] if field[2] is None else field[2], wording)
    words, *others = FIELD.split(named)
    pairs = zip(others[::3], others[2::3], strict=True)
    parts = ["{name}" + fold(after) if field in PEOPLE else f"{{{field}}}{fold(after)}" for field, after in pairs]
    return f"{kind} {fold(words)}{''.join(parts)}".rstrip(DOTS)


# The quick search.


def list_edges(languages: Languages, exact: Mapping[str, str], patterns: Iterable[str]) -> dict[str, Any]:
    """List how untyped bodies begin and end, where no mark and no bracket tells them.

    `forms` are whole ones beside `exact`; `starts` and `ends` the fixed words of those with free parts; `heads` and
    `tails` the first and last bytes of all, as numbers.
    """
    whole = [(kind, wording.removesuffix("{rest}").strip(DOTS)) for kind, wording in list_bodies(languages)]
    printed = {word: kind for kind, word in whole if word and "{" not in word}
    forms = {form for word in (*exact, *printed) for form in (word, word.lower()) if "<" not in word}
    edges = {find_edge(pattern) for pattern in map(cut_pattern, patterns) if pattern.is_told_unmarked()}
    starts, ends = (sorted(words for at, words in edges if at == end and words) for end in ("start", "end"))
    firsts = {first for _, word in whole if fold(first := FIELD.split(word)[0]) in starts}
    heads = {head for word in (*forms, *starts, *firsts) for head in list_heads(word)}
    sent = {word for word, kind in {**exact, **printed}.items() if kind in ENCLOSED and "<" not in word}
    tails = {tail for word in (*ends, *sent) for tail in list_tails(word)}
    return {
        "forms": sorted(form for form in forms - set(exact) if form == form.lower()),
        "starts": starts,
        "ends": ends,
        "heads": sorted(number(head) for head in heads if len(head) == LONG),
        "short_heads": sorted({number(head[:SHORT]) for head in heads if len(head) < LONG}),
        "tails": sorted(number(tail) for tail in tails if len(tail) == LONG),
    }


def find_edge(pattern: Pattern) -> tuple[str, str]:
    """Tell which end of a wording is fixed, `start` or `end`, and its words; none where brackets tell the wording.

    Raises:
        ValueError: both ends are free, so that it would have to be sought in every place of every body.
    """
    first, last = pattern.fixed[0], pattern.fixed[-1]
    if first.startswith("<") or ("file" in pattern.fields and pattern.fixed[1].lstrip().startswith(("(", "<"))):
        return "brackets", ""
    if len(first.encode()) >= SHORT:
        return "start", first
    if len(last.encode()) >= LONG:
        return "end", last
    raise ValueError(f"give this wording a longer beginning or end: {pattern.fixed}")


def list_heads(word: str) -> set[bytes]:
    """List how the first bytes of a wording may be printed; capitals among plain Latin letters do not count."""
    options = [sorted({letter, *PRINTED.get(letter, ""), *list_capitals(letter)}) for letter in word[:LONG]]
    reach = sum(1 for at in range(len(options)) if len(word[:at].encode()) < LONG)
    forms = ["".join(some) for some in islice(product(*options[:reach]), MOST_FORMS)]
    decomposed = [unicodedata.normalize("NFD", form) for form in forms]
    return {lower_bytes(form.encode()[:LONG]) for form in (*forms, *decomposed)}


def list_capitals(letter: str) -> str:
    """Return the capital of a letter beyond ASCII, if it is one letter too."""
    capital = letter.upper()
    return capital if not letter.isascii() and len(capital) == 1 else ""


def list_tails(word: str) -> set[bytes]:
    """List how the last bytes of a wording may be printed."""
    forms = {word, word.upper(), word.title(), word.replace("'", "’"), word.replace(" ", "\u00a0")}
    forms |= {unicodedata.normalize("NFD", form) for form in forms}
    return {lower_bytes(form.encode()[-LONG:]) for form in forms}


def number(some: bytes) -> int:
    """Return bytes as the number that a search compares at once."""
    return int.from_bytes(some, "little")


def main() -> None:
    """Write the file."""
    text = json.dumps(compile_wordings(load_languages()), ensure_ascii=False, separators=(",", ":"))
    TARGET.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
