"""What a body is: typed text, media, a deleted message, a poll and so on, and what remains as text.

WhatsApp's own wordings come from `grammar/wordings.toml`. On iOS an invisible mark (U+200E) stands before everything
that was not typed; in a file that has such marks, the same words without the mark are typed text and stay so.
"""

from dataclasses import dataclass
from functools import cache

import regex

from chatforensics.parsing.grammar import MARKS, bare, load_grammar

_FILE = r"(?P<file>[^\r\n/\\<>]{0,255}?\.[A-Za-z0-9]{1,8})"
_PAGES = regex.compile(rf"(?P<file>[^\r\n]{{1,255}}?) • [{MARKS}]*\d{{1,5}} \p{{L}}{{1,20}}$")
_DOCUMENT = regex.compile(
    r"(?P<file>[^\r\n]{1,255}\.(?:pdf|txt|csv|zip|rtf|epub|doc[xm]?|xls[xm]?|ppt[xm]?|od[tsp]))", regex.I
)
_POLL = regex.compile(r"^(POLL|UMFRAGE|SONDAGE|ENCUESTA|ENQUETE|SONDAGGIO):\s*\r?\n", regex.IGNORECASE)
_LOCATION = regex.compile(
    r"\p{L}{4,20}: https://maps\.google\.com/\?q=[\d.,-]{3,60}|.{1,300}: https://foursquare\.com/v/[0-9a-f]{20,30}",
    regex.DOTALL,
)
_LIVE_LOCATION = regex.compile(r"^(live location shared|<live location shared>)$", regex.IGNORECASE)
_CALL = regex.compile(
    r"(missed |silenced )?(group )?(voice|video) call"
    r"( at .{1,12}|[.,] .{0,3}[\d:]{1,8}( .{1,12})?|[.,] .{0,3}\p{L}{1,8} ?\p{L}{0,12})?",
    regex.IGNORECASE,
)
# The same for bodies told by their beginning, in the syntax of Polars' linear-time engine.
UNTYPED_START = (
    rf"(?i)^[{MARKS}]*"
    r"(null$|(poll|umfrage|sondage|encuesta|enquete|sondaggio):|(\w{1,10} ){0,2}(voice|video) call)"
)
_VIEW_ONCE = regex.compile(r"^(<?view once (voice message|photo|video)( omitted)?>?|null)$", regex.IGNORECASE)


@dataclass(frozen=True)
class Body:
    """What one body is. `text` is None where nothing typed is left."""

    kind: str
    text: str | None
    attachment: str | None = None
    edited: bool = False


@dataclass(frozen=True)
class Wordings:
    """The wordings of all languages, ready to match."""

    omitted: dict[str, str]  # wording to kind
    deleted: regex.Pattern[str]
    attached: regex.Pattern[str]
    edited: tuple[str, ...]
    needles: tuple[str, ...]


@cache
def load_wordings() -> Wordings:
    """Load the wordings and compile them once."""
    languages = load_grammar("wordings").values()

    def gather(kind: str) -> list[str]:
        return sorted({wording for language in languages for wording in language.get(kind, ())})

    omitted = dict.fromkeys(gather("omitted"), "media") | dict.fromkeys(gather("contact_omitted"), "contact")
    attached = gather("attached")
    deleted, edited = gather("deleted"), gather("edited")
    return Wordings(
        omitted=omitted,
        deleted=_any_of(deleted, name=r"([^\r\n]{1,100})"),
        attached=_any_of(attached, file=_FILE),
        edited=tuple(edited),
        needles=tuple(_needles([*omitted, *attached, *deleted, *edited])),
    )


def _any_of(wordings: list[str], **fields: str) -> regex.Pattern[str]:
    escaped = []
    for index, wording in enumerate(wordings):
        pattern = regex.escape(wording)
        for field, expression in fields.items():
            pattern = pattern.replace(regex.escape("{" + field + "}"), expression)
        escaped.append(pattern.replace("(?P<file>", f"(?P<file{index}>"))
    return regex.compile("|".join(f"(?:{pattern})" for pattern in escaped), regex.IGNORECASE)


def _needles(wordings: list[str]) -> list[str]:
    """Cut out of each wording the part that is always there, to find candidates fast."""
    fixed = [max(regex.split(r"\{\w+\}", wording), key=len).strip() for wording in wordings]
    return sorted({*fixed, "\u200e", "maps.google.com", "foursquare.com", "live location", "view once"})


def read_body(text: str, *, marked_file: bool) -> Body:
    """Tell what a body is.

    Args:
        text: the body as exported.
        marked_file: the file marks what was not typed with U+200E (iOS).
    """
    words = load_wordings()
    text, edited = _strip_edited(text, words)
    body = _read_untyped(text, words) if not marked_file or "\u200e" in text else None
    if body is None:  # a place is told by its link, typed or not
        body = Body("location" if _LOCATION.fullmatch(text) else "text", text or None)
    return Body(body.kind, body.text, body.attachment, edited)


def _strip_edited(text: str, words: Wordings) -> tuple[str, bool]:
    ended = text.rstrip(MARKS + " \r\n")
    for mark in words.edited:
        if ended.casefold().endswith(mark):
            return ended[: -len(mark)].rstrip(MARKS + " "), True
    return text, False


def _read_untyped(text: str, words: Wordings) -> Body | None:
    first, newline, rest = text.partition("\n")
    head = bare(first)
    found = words.deleted.fullmatch(_fold(head))
    if found and not newline:
        # A name is part of the wording, and anything can be typed as a name: then the words stay.
        return Body("deleted", text if any(found.groups()) else None)
    if _POLL.match(text.lstrip(MARKS)):
        return Body("poll", text)
    if _LOCATION.fullmatch(bare(text)):
        return Body("location", text)
    for kind, pattern in (("location", _LIVE_LOCATION), ("view_once", _VIEW_ONCE)):
        if pattern.match(head):
            return Body(kind, text)
    if _CALL.fullmatch(head) and not newline:
        return Body("call", text)
    return _read_attachment(head, rest if newline else None, words) or _read_tail(text, words)


def _read_attachment(head: str, caption: str | None, words: Wordings) -> Body | None:
    """Read the Android shape: the attachment on the first line, its caption below."""
    if kind := words.omitted.get(_fold(head)):
        return Body(kind, caption or None)
    found = words.attached.fullmatch(head)
    return _attached(found, caption) if found else None


def _read_tail(text: str, words: Wordings) -> Body | None:
    """Read the iOS shape: caption first, then a mark and the attachment at the end."""
    caption, mark, tail = text.rpartition("\u200e")
    tail = bare(tail)
    if not mark:
        return None
    if kind := words.omitted.get(_fold(tail)):
        return _document(caption) or Body(kind, bare(caption) or None)
    found = words.attached.fullmatch(tail)
    if not found:
        return None
    body, caption = _attached(found, None), bare(caption)
    paged = _PAGES.search(caption)
    # A document's name and page count stand before it again; other words there are a caption.
    named = paged and (body.attachment or "").endswith(paged["file"].strip(MARKS))
    return Body(body.kind, (caption[: paged.start()] if paged and named else caption).strip() or None, body.attachment)


def _document(caption: str) -> Body | None:
    words = bare(caption)
    paged = _PAGES.search(words)
    if paged:
        return Body("media", words[: paged.start()].strip() or None, paged["file"].strip(MARKS))
    # A file's name, or words that end like one: both readings are kept.
    named = _DOCUMENT.fullmatch(words)
    return Body("media", words, named["file"].strip(MARKS)) if named else None


def _attached(found: regex.Match[str], caption: str | None) -> Body:
    file = next(value for value in found.groupdict().values() if value).strip(MARKS + " ")
    return Body("contact" if file.lower().endswith(".vcf") else "media", caption or None, file)


def _fold(text: str) -> str:
    return bare(text).removesuffix(".").casefold()
