"""What a body is: typed text, media, a deleted message, a poll and so on, and what remains as text.

WhatsApp's own wordings come from `grammar/languages`. Polls, places, attached files and pages of a document are told
by their structure, in any language. On iOS an invisible mark (U+200E, in right-to-left languages U+200F) stands before
everything that was not typed; in a file that has such marks, the same words without the mark are typed text and stay
so. Android marks nothing: there "<Media omitted>" may have been typed, and nobody can tell.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
import regex

from chatforensics.parsing.details import find_outcome, is_call_tail, is_place, names_call, read_poll, says_length
from chatforensics.parsing.enclosures import (
    ENCLOSED,
    enclose,
    may_be_file,
    omit,
    read_android,
    read_files,
    read_ios,
    typed,
)
from chatforensics.parsing.grammar import MARKS, align, bare, fold
from chatforensics.parsing.quicksearch import find_untyped
from chatforensics.parsing.wordings import (
    LONGEST,
    Pattern,
    Spans,
    Wordings,
    load_own_deletions,
    load_wordings,
    trim,
)

__all__ = ["Body", "find_untyped", "load_wordings", "read_bodies", "read_body"]

_MARK = regex.compile("[\u200e\u200f]")
_SIGNS = ("\u200e", "\u200f")
OWNER = "You"
_FEW_LETTERS = 40  # of what has free parts, so that no sentence is taken for it
_SCHEMA = {
    "text": pl.String,
    "kind": pl.String,
    "body_text": pl.String,
    "attachment": pl.String,
    "edited": pl.Boolean,
    "deleted_by": pl.String,
}


@dataclass(frozen=True)
class Body:
    """What one body is. `text` is None where nothing typed is left; `deleted_by` is the admin's name as printed.

    It is `You` where the export says "you deleted this message": the sender is whoever made the export.
    """

    kind: str
    text: str | None
    attachment: str | None = None
    edited: bool = False
    deleted_by: str | None = None


@dataclass(frozen=True)
class _Seen:
    """A body as it is looked at: its first line, that line folded, and what stands below it."""

    text: str
    head: str
    caption: str | None
    folded: str
    marked: bool
    android: bool


def read_body(text: str, *, marked_file: bool, android: bool = False) -> Body:
    """Tell what a body is.

    Args:
        text: the body as exported.
        marked_file: the file marks what was not typed (iOS).
        android: the file comes from an Android phone, which puts what is omitted in brackets.
    """
    return _read(text, marked_file=marked_file, android=android, patterns=None)


def read_bodies(texts: pl.Series, *, marked_file: bool, android: bool = False) -> pl.DataFrame:
    """Tell what bodies are, each distinct text once.

    Args:
        texts: the bodies as exported; nulls are left out.
        marked_file: the file marks what was not typed (iOS).
        android: the file comes from an Android phone, which puts what is omitted in brackets.

    Returns:
        One row per distinct text: `text`, `kind`, `body_text` (what remains as text), `attachment`, `edited`,
        `deleted_by`.
    """
    words = load_wordings()
    distinct = texts.cast(pl.String).drop_nulls().unique(maintain_order=True).alias("text")
    likely = [may_be_file(text) for text in distinct.to_list()]
    files = read_files(distinct.filter(pl.Series(likely)), words, marked_file=marked_file) if any(likely) else None
    rest = distinct if files is None else distinct.filter(~distinct.is_in(files["text"].implode()))
    others = rest.to_list()
    fitting = words.find_patterns([_first_line(text) for text in others])
    bodies = [
        _read(text, marked_file=marked_file, android=android, patterns=some)
        for text, some in zip(others, fitting, strict=True)
    ]
    rows = [
        (text, x.kind, x.text, x.attachment, x.edited, x.deleted_by) for text, x in zip(others, bodies, strict=True)
    ]
    read = pl.DataFrame(rows, schema=_SCHEMA, orient="row")
    if files is None:
        return read
    read = pl.concat([_list_files(files), read])
    return distinct.to_frame().join(read, on="text", how="left", maintain_order="left")


def _list_files(files: pl.DataFrame) -> pl.DataFrame:
    contact = pl.col("attachment").str.to_lowercase().str.ends_with(".vcf")
    kind = pl.when(contact).then(pl.lit("contact")).otherwise(pl.lit("media"))
    nothing = [pl.lit(None, _SCHEMA[name]).alias(name) for name in ("body_text", "deleted_by")]
    return files.with_columns(kind=kind, edited=pl.lit(value=False)).with_columns(nothing).select(list(_SCHEMA))


def _first_line(text: str) -> str:
    """Fold the first line, where it is short enough to be a wording."""
    head = bare(text.partition("\n")[0])
    return trim(fold(head)) if len(head) <= LONGEST else ""


def _read(text: str, *, marked_file: bool, android: bool, patterns: Sequence[Pattern] | None) -> Body:
    words = load_wordings()
    plain, edited = _strip_edited(text, words, marked_file=marked_file)
    marked = _MARK.search(plain) is not None
    body = None
    if marked or not marked_file:
        head, newline, rest = plain.partition("\n")
        seen = _Seen(plain, bare(head), rest if newline else None, _first_line(plain), marked, android)
        # The patterns were sought in the text before its mark was cut off.
        fresh = patterns is None or edited
        body = _read_untyped(seen, words, words.find_patterns([seen.folded])[0] if fresh else patterns or ())
    if body is None:  # a place is told by its link, typed or not
        body = Body("location" if is_place(plain, marked=marked) else "text", plain or None)
    return Body(body.kind, body.text, body.attachment, edited, body.deleted_by)


def _strip_edited(text: str, words: Wordings, *, marked_file: bool) -> tuple[str, bool]:
    """Cut the mark of an edited message off the end: in brackets, or without them behind an invisible mark."""
    ended = text.rstrip(MARKS + " \r\n")
    bracket = ended.rfind("<") if ended.endswith(">") else -1
    behind = _last_mark(ended) + 1
    # In a file that marks, the brackets alone may have been typed.
    start = behind or -1 if marked_file or bracket < 0 else bracket
    if start >= 0 and len(ended) - start <= LONGEST and trim(fold(ended[start:])) in words.edited:
        return ended[:start].rstrip(MARKS + " "), True
    return text, False


def _last_mark(text: str) -> int:
    return max(text.rfind("\u200e"), text.rfind("\u200f"))


def _read_untyped(seen: _Seen, words: Wordings, patterns: Sequence[Pattern]) -> Body | None:
    return (
        _read_exact(seen, words)
        or _read_enclosure(seen, words)
        or _read_pattern(seen, patterns)
        or _read_omitted(seen, words)
        or _read_structure(seen)
    )


def _read_enclosure(seen: _Seen, words: Wordings) -> Body | None:
    found = read_android(seen.head, seen.caption, words, marked=seen.text.startswith(_SIGNS))
    found = found or read_ios(seen.text, words, marked=seen.marked)
    return Body(*found) if found else None


def _read_omitted(seen: _Seen, words: Wordings) -> Body | None:
    """Read words for something omitted that have free parts: a short end behind a mark."""
    start = _last_mark(seen.text) + 1
    tail = seen.text[start:].rstrip("\r\n")
    if not start or len(tail) > _FEW_LETTERS:
        return None
    folded = _first_line(tail)
    for pattern in words.find_patterns([folded])[0]:
        spans = pattern.match(folded) if pattern.kind in ENCLOSED and "\n" not in tail else None
        if spans is not None and "file" not in spans:
            return Body(*omit(seen.text[:start], kind=pattern.kind))
    return None


def _read_exact(seen: _Seen, words: Wordings) -> Body | None:
    """Read a body whose first line is a wording without free parts; only media have a caption below."""
    kind = words.exact.get(seen.folded)
    if kind in ENCLOSED:
        # Android prints such words in brackets only: without them somebody typed "photo omitted".
        printed = seen.marked or not seen.android or _is_bracketed(seen.folded)
        return Body(kind, typed(seen.caption)) if printed else None
    if kind is None or typed(seen.caption):
        return None
    if not seen.marked and (kind == "system" or (kind == "call" and not _says_how_it_ended(seen.folded))):
        return None
    if kind == "deleted":
        return Body(kind, None, deleted_by=OWNER if seen.folded in load_own_deletions() else None)
    return Body(kind, seen.text)


def _read_structure(seen: _Seen) -> Body | None:
    if read_poll(seen.text, marked=seen.marked):
        return Body("poll", seen.text)
    if is_place(seen.text, marked=seen.marked):
        return Body("location", seen.text)
    return None


def _read_pattern(seen: _Seen, patterns: Sequence[Pattern]) -> Body | None:
    """Read a body whose wording has free parts: names, files, times."""
    for pattern in patterns:
        spans = pattern.match(seen.folded)
        if spans is not None and _is_believable(pattern, seen, spans):
            body = _worded(seen, pattern, spans)
            if body:
                return body
    return None


def _is_believable(pattern: Pattern, seen: _Seen, spans: Spans) -> bool:
    """Tell whether a line is a wording of WhatsApp's and no sentence that has the same words."""
    if "file" in spans or (pattern.kind == "deleted" and "rest" not in spans):
        return True
    if _is_bracketed(seen.folded):
        return len(seen.folded) <= _FEW_LETTERS
    if pattern.kind in ENCLOSED:
        return False  # of those, only what stands behind a mark
    if seen.text.startswith(_SIGNS):
        return True
    free = [span for span in spans.get("rest", []) if span[0] < span[1]]
    named = pattern.kind == "call" and _says_how_it_ended(seen.folded)
    return named and all(_is_of_call(seen.folded, *span) for span in free)


def _is_of_call(folded: str, start: int, end: int) -> bool:
    """Tell whether free words of a call's wording are what phones print there; between its words any few may stand."""
    inside = start > 0 and end < len(folded)
    if inside or is_call_tail(folded[start:end]):
        return end - start <= _FEW_LETTERS
    ended = find_outcome(folded[:start] + folded[end:]) is not None
    return ended and names_call(folded[start:end])


def _is_bracketed(folded: str) -> bool:
    return folded.startswith("<") and folded.endswith(">")


def _says_how_it_ended(folded: str) -> bool:
    """Tell whether words name an outcome or a length: "video call at 7" may be anybody's proposal."""
    return find_outcome(folded) is not None or says_length(folded)


def _worded(seen: _Seen, pattern: Pattern, spans: Spans) -> Body | None:
    if "file" in spans:
        return Body(*enclose(_as_printed(seen.head, seen.folded, *spans["file"][0]), seen.caption))
    if pattern.kind in ENCLOSED:
        return Body(pattern.kind, typed(seen.caption))
    if typed(seen.caption):
        return None
    # Anything can be typed as a name or between words: then the words stay.
    if pattern.kind != "deleted" or "name" not in spans:
        return Body(pattern.kind, seen.text)
    return Body("deleted", seen.text, deleted_by=bare(_as_printed(seen.head, seen.folded, *spans["name"][0])))


def _as_printed(head: str, folded: str, start: int, end: int) -> str:
    lead = fold(head).index(folded)
    places = align(head)
    return head[places[lead + start] : places[lead + end]]
