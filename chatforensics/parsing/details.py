"""What polls, places and calls say: question and votes, coordinates, kind of call and its length.

All is taken from the printed text. Polls and places are read by their structure, which is the same in every language;
calls by parts of words from `grammar/calls.toml`. Anybody can type such a text or edit it in the file: what stands here
is what the export says.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import polars as pl
import regex

from chatforensics.parsing.grammar import MARKS, bare, fold, load_grammar
from chatforensics.schema import TABLES, AnyMessages, Calls, Places, Polls, check

_WORD = r"[\p{L}\p{M}][\p{L}\p{M} '’-]"
_HEADING = regex.compile(rf"[{MARKS} ]*(?P<word>{_WORD}{{1,29}}?) ?[:：][{MARKS} ]*")
_OPTION = regex.compile(
    rf"[{MARKS} ]*(?P<word>{_WORD}{{1,24}}?) ?[:：] ?(?P<option>[^\r\n]{{1,1000}}?)"
    rf" ?[(（](?P<votes>[^()（）\r\n]{{1,30}})[)）][{MARKS} ]*"
)
_MOST_OPTIONS = 50  # WhatsApp allows twelve
_LONGEST_PLACE = 1_000  # characters
_NUMBER = regex.compile(r"\p{Nd}{1,5}")

# Both for Polars' linear-time engine and for `regex`. A link's coordinates, and a foursquare link, which has none.
COORDINATES = (
    r"(?i)\b(?:maps\.google\.[a-z.]{2,6}|google\.[a-z.]{2,6}/maps|maps\.apple\.com)\S{0,300}?"
    r"(?:[?&](?:q|query|ll|sll|center|daddr|destination|coordinate)=(?:loc:)?|/@|/place/|/search/)"
    r"([-+]?[0-9]{1,2}(?:\.[0-9]{1,20})?)(?:,|%2C)(?:\+|%20)?([-+]?[0-9]{1,3}(?:\.[0-9]{1,20})?)"
)
FOURSQUARE = r"(?i)\bfoursquare\.com/v/\S{10,200}"
_HAS_COORDINATES, _HAS_VENUE = regex.compile(COORDINATES), regex.compile(FOURSQUARE)
_LINK_AT_END = regex.compile(r"(?:^|\s|[:：])(?:https?://)?[^\s:：]{1,500}$", regex.IGNORECASE)
_LABEL = regex.compile(rf"(?:{_WORD}{{1,29}}?|\p{{L}}) ?[:：]? ?")

_CLOCK = regex.compile(r"(?:\p{Nd}{1,2}:)?\p{Nd}{1,2}:\p{Nd}{2}")
_AMOUNT = regex.compile(r"(?P<n>\p{Nd}{1,5}) ?(?P<unit>[\p{L}\p{M}]{1,14}'?)")
_AMOUNT_AFTER = regex.compile(r"(?P<unit>[\p{L}\p{M}]{1,14}) (?P<n>\p{Nd}{1,5})")
_SECONDS = {"hour": 3600, "minute": 60, "second": 1}
_WHOLE_WORD_UP_TO = 2  # letters; such a short unit is no part of a word


@dataclass(frozen=True)
class Details:
    """The tables of what bodies say beside words."""

    polls: Polls
    places: Places
    calls: Calls


class Poll(NamedTuple):
    """A poll's question and its options, each with its votes (None where no number is printed)."""

    question: str
    options: tuple[tuple[str, int | None], ...]


class Call(NamedTuple):
    """A call: voice or video, of a group, how it ended, how long it was. None where the text does not say."""

    call: str | None
    group_call: bool
    outcome: str | None
    duration_s: int | None


def read_details(messages: AnyMessages) -> Details:
    """Read the polls, places and calls among messages.

    A poll's votes are those at the time of the export. A place is what was sent, not where anybody was; a live
    location has no coordinates in an export. `duration_s` is as coarse as it is printed.
    """
    told = messages.lazy().filter(pl.col("kind").is_in(["poll", "location", "call"]))
    bodies = told.select("message_id", "kind", "text").collect()
    return Details(
        polls=Polls(_read_each(bodies, kind="poll", table="polls", read=_poll_rows)),
        places=Places(_read_places(bodies)),
        calls=Calls(_read_each(bodies, kind="call", table="calls", read=lambda text: [read_call(text)])),
    )


def _read_each(
    messages: pl.DataFrame, *, kind: str, table: str, read: Callable[[str], Sequence[tuple[object, ...]]]
) -> pl.DataFrame:
    """Read each distinct text of one kind once, and join the rows to the messages."""
    some = messages.filter(pl.col("kind") == kind, pl.col("text").is_not_null()).select("message_id", "text")
    rows = [(text, *row) for text in some["text"].unique(maintain_order=True) for row in read(text)]
    names = [name for name in TABLES[table] if name != "message_id"]
    frame = pl.DataFrame(rows, schema={"text": pl.String, **{n: TABLES[table][n] for n in names}}, orient="row")
    joined = some.join(frame, on="text", how="inner", maintain_order="left_right").drop("text")
    return check(joined, table=table)


def read_poll(text: str, *, marked: bool) -> Poll | None:
    """Read a poll by its structure: a heading, the question, then options that all begin with the same word.

    Args:
        text: the body.
        marked: WhatsApp marked the body as its own. Else the heading must be in capitals, where its script has them.
    """
    heading, _, body = text.partition("\n")
    head = _HEADING.fullmatch(heading.rstrip("\r"))
    if not head or not body:
        return None
    lines = body.rstrip(MARKS + " \r\n").replace("\r\n", "\n").split("\n")
    found = [_OPTION.fullmatch(line, timeout=1) for line in lines[-_MOST_OPTIONS:]]
    first = len(lines) - next((n for n, option in enumerate(reversed(found)) if not option), len(found))
    options = [option for option in found[len(found) - len(lines) + first :] if option]
    question = bare("\n".join(lines[:first]))
    if not question or not _are_options(options) or not (marked or _shouted(head["word"], options[0]["word"])):
        return None
    return Poll(question, tuple((bare(option["option"]), _count(option["votes"])) for option in options))


def _are_options(options: Sequence[regex.Match[str]]) -> bool:
    words = {fold(option["word"]) for option in options}
    return len(words) == 1 and any(_NUMBER.search(option["votes"]) for option in options)


def _shouted(*words: str) -> bool:
    return all(word == word.upper() for word in words)


def _count(votes: str) -> int | None:
    found = _NUMBER.search(votes)
    return int(found[0]) if found else None


def _poll_rows(text: str) -> list[tuple[str, int, str, int | None]]:
    poll = read_poll(text, marked=True)
    if poll is None:
        return []
    return [(poll.question, position, *option) for position, option in enumerate(poll.options, start=1)]


def is_place(text: str, *, marked: bool) -> bool:
    """Tell whether a body is nothing but a place: a link that holds one, and a label or a name before it."""
    words = bare(text)
    link = _LINK_AT_END.search(words) if len(words) <= _LONGEST_PLACE else None
    if not link:
        return False
    before = words[: link.start()]
    if _HAS_VENUE.search(link[0]):
        return 0 < len(before) <= 300  # noqa: PLR2004 - a venue has a name, and names have bounds
    labelled = not before or bool(_LABEL.fullmatch(before))
    return bool(_HAS_COORDINATES.search(link[0])) and (labelled or marked)


def _read_places(messages: pl.DataFrame) -> pl.DataFrame:
    """Read name and coordinates; a label such as "Location" names nothing."""
    text = pl.col("text")
    places = messages.filter(pl.col("kind") == "location", text.is_not_null()).select("message_id", "text")
    places = places.with_columns(
        latitude=text.str.extract(COORDINATES, 1).cast(pl.Float64, strict=False),
        longitude=text.str.extract(COORDINATES, 2).cast(pl.Float64, strict=False),
        before=text.str.extract(r"(?s)^(.*?)\s*[:：]?\s*(?:https?://)?[^\s:：]+\s*$", 1),
        venue=text.str.contains(FOURSQUARE),
    )
    linked = pl.col("venue") | pl.col("latitude").is_not_null()
    real = pl.col("latitude").abs().le(90) & pl.col("longitude").abs().le(180)
    named = linked & (pl.col("venue") | pl.col("before").str.contains(r"[\n(（]"))
    name = pl.col("before").str.strip_chars(MARKS + " \r\n:：")
    places = places.with_columns(
        name=pl.when(named & (name != "")).then(name),
        latitude=pl.when(real).then("latitude"),
        longitude=pl.when(real).then("longitude"),
        live=~linked,
    )
    return check(places.select(list(TABLES["places"])), table="places")


@cache
def _words() -> dict[str, dict[str, tuple[str, ...]]]:
    words = load_grammar("calls")
    return {part: {name: tuple(map(fold, some)) for name, some in of.items()} for part, of in words.items()}


def read_call(text: str) -> Call:
    """Tell what kind of call a call's body speaks of, how it ended and how long it was (seconds)."""
    folded, words = fold(bare(text)), _words()
    outcome = find_outcome(folded)
    # A call that did not come about has no length: a number there is the time of day.
    duration = _read_duration(folded) if outcome in {None, "answered"} else None
    return Call(
        next((kind for kind, some in words["kind"].items() if any(word in folded for word in some)), None),
        any(word in folded for word in words["group"]["words"]),
        "answered" if outcome is None and duration is not None else outcome,
        duration,
    )


def find_outcome(folded: str) -> str | None:
    """Return how a call ended as the folded words say, for instance `missed`; None if they do not."""
    return next((name for name, some in _words()["outcome"].items() if any(word in folded for word in some)), None)


def _read_duration(folded: str) -> int | None:
    clock = _CLOCK.search(folded)
    if clock:
        # A clock behind a word ("at 10:30") is a time of day; a length stands behind a stop or a comma.
        before = folded[: clock.start()].rstrip()
        return _to_seconds(clock[0]) if before.endswith((".", ",", "،", "、", "。", "，")) else None
    for pattern in (_AMOUNT, _AMOUNT_AFTER):
        amounts = [(int(found["n"]), _unit(found["unit"])) for found in pattern.finditer(folded)]
        known = [n * _SECONDS[unit] for n, unit in amounts if unit]
        if known:
            return sum(known)
    return None


def _to_seconds(clock: str) -> int:
    seconds = 0
    for part in clock.split(":"):
        seconds = 60 * seconds + int(part)
    return seconds


def _unit(word: str) -> str | None:
    """Name the unit that a word stands for: the whole word first, then the longest beginning."""
    units = [(stem, unit) for unit, stems in _words()["unit"].items() for stem in stems]
    fitting = [
        (len(stem), unit)
        for stem, unit in units
        if word == stem or (word.startswith(stem) and (len(stem) > _WHOLE_WORD_UP_TO or stem >= "\u2e80"))
    ]
    return max(fitting)[1] if fitting else None


def names_call(folded: str) -> bool:
    """Tell whether a few folded words name a kind of call, for instance "group voice"."""
    words = (*_words()["kind"]["video"], *_words()["kind"]["voice"], *_words()["group"]["words"])
    return len(folded.split()) <= 3 and any(word in folded for word in words)  # noqa: PLR2004 - a few


def says_length(folded: str) -> bool:
    """Tell whether words name a length with its unit, such as `12 min`."""
    amounts = (*_AMOUNT.finditer(folded), *_AMOUNT_AFTER.finditer(folded))
    return any(_unit(found["unit"]) for found in amounts)


def is_call_tail(folded: str) -> bool:
    """Tell whether the words behind a call's name are what phones print there: a length, a time, an outcome."""
    words = folded.strip(" .,:،、。，：-–()（）")
    if not words or regex.fullmatch(r"\p{Nd}{1,4} ?[\p{L}\p{M}]{1,15}", words):
        return True
    if regex.fullmatch(
        r"(?:[\p{L}\p{M}]{1,9}\.? )?\p{Nd}{1,2}[:.h]\p{Nd}{2}(?::\p{Nd}{2})?(?: ?\p{L}[\p{L}. ]{0,12})?", words
    ):
        return True
    left = _AMOUNT_AFTER.sub("", _AMOUNT.sub(lambda found: "" if _unit(found["unit"]) else found[0], words))
    lasted = _read_duration(words) is not None and not regex.search(r"\p{L}", left)
    return lasted or (find_outcome(words) is not None and len(words.split()) <= 5)  # noqa: PLR2004 - a short phrase
