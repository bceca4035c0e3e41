"""Files and contacts that a body says were sent with it: their name, and the caption that somebody typed.

Android prints the file first and the caption in the lines below, iOS the caption first and the file at the end, a
document's name and page count before it again. All is told by structure, with the words of any language between.
"""

from typing import NamedTuple

import polars as pl
import regex

from chatforensics.parsing.grammar import MARKS, bare, fold
from chatforensics.parsing.wordings import LONGEST, Wordings, trim

ENCLOSED = ("media", "contact")  # kinds of bodies with something sent beside words

_MARK = regex.compile("[\u200e\u200f]")
_BOUNDARY = regex.compile(" ")
_NAME = r"[^\r\n/\\<>]{0,255}?\.[A-Za-z0-9]{1,8}"
_ANDROID_FILE = regex.compile(rf"(?P<file>{_NAME})[{MARKS}]* ?[(（](?P<words>[^()（）<>]{{2,80}})[)）]")
_IOS_FILE = regex.compile(rf"<(?P<words>[^<>:：]{{1,80}})[:：][{MARKS} ]*(?P<file>{_NAME})[{MARKS}]*>$")
# Names that the phone itself gives, which no typed line bears.
_PHONE_NAME = r"(?:IMG|VID|AUD|PTT|STK|DOC|PTV)-[0-9]{8}-WA[0-9]{4}\.[A-Za-z0-9]{1,8}"
_IS_PHONE_NAME = regex.compile(_PHONE_NAME)
_DOCUMENT = regex.compile(
    r"[^\r\n]{1,255}\.(?:pdf|txt|csv|zip|rtf|epub|docm?|docx|xlsm?|xlsx|pptm?|pptx|ppsx?|od[tsp]|pages|numbers|key)",
    regex.IGNORECASE,
)
_PAGES = regex.compile(rf"[{MARKS} ]*[\p{{L}}\p{{M}}\p{{Nd}} ]{{1,40}}")
_LONGEST_NAME = 264
_MANY_SPACES = 3
_MOST_WORDS = 8  # of a wording for something omitted
# The commonest whole bodies, in Polars' syntax: a file of its own in either shape.
_WHOLE_IOS = (
    rf"^[\x{{200e}}\x{{200f}}]+<[^<>:：\r\n]{{1,80}}[:：][{MARKS} ]*([^\r\n/\\<>]*?\.[A-Za-z0-9]{{1,8}})[{MARKS}]*>$"
)
_WHOLE_ANDROID = rf"^([^\r\n/\\<>]*?\.[A-Za-z0-9]{{1,8}})[{MARKS}]* ?[(（]([^()（）<>\r\n]{{2,80}})[)）]$"


class Enclosure(NamedTuple):
    """What was sent: `media` or `contact`, the caption as typed, and the file's name where it is printed."""

    kind: str
    caption: str | None
    file: str | None


def typed(text: str | None) -> str | None:
    """Return what was typed; None where only spaces and marks are left."""
    return text if text and bare(text) else None


def enclose(file: str, caption: str | None) -> Enclosure:
    """Tell a contact from other files by the name's ending."""
    file = file.strip(MARKS + " ")
    return Enclosure("contact" if file.lower().endswith(".vcf") else "media", typed(caption), file)


def read_android(head: str, caption: str | None, words: Wordings, *, marked: bool) -> Enclosure | None:
    """Read the file on the first line.

    Args:
        head: the first line without marks around it.
        caption: what stands below it.
        words: the wordings of all languages.
        marked: the line began with a mark; then the words may be of a language that is not known.
    """
    found = _ANDROID_FILE.fullmatch(head)
    if not found:
        return None
    known = marked or trim(fold(found["words"])) in words.behind_file or _IS_PHONE_NAME.fullmatch(found["file"])
    if not known:
        return None
    file = enclose(found["file"], caption)
    # A name of many words may be a sentence that somebody typed: its words stay.
    if file.file is None or file.file.count(" ") < _MANY_SPACES:
        return file
    return file._replace(caption="\n".join(filter(None, (file.file, file.caption))))


def read_ios(text: str, words: Wordings, *, marked: bool) -> Enclosure | None:
    """Read the file, or the words for what was omitted, at the end: in a marked body behind a mark."""
    ended = text.rstrip(MARKS + " \r\n")
    found = _IOS_FILE.search(ended[-2 * LONGEST :]) if ended.endswith(">") else None
    if found:
        return _read_ios_file(ended[: len(ended) - len(found[0])], found, words, marked=marked)
    start, kind = _find_omitted(ended, words, marked=marked)
    if kind is None:
        return _read_pages(ended) if marked else None
    return omit(ended[:start], kind=kind) if marked else _read_document(ended[:start])


def omit(caption: str, *, kind: str) -> Enclosure:
    """Tell what stands before words for something omitted: a document's name, or a caption."""
    return _read_document(caption) or Enclosure(kind, bare(caption) or None, None)


def _read_ios_file(caption: str, found: regex.Match[str], words: Wordings, *, marked: bool) -> Enclosure | None:
    behind_mark = caption.rstrip().endswith(("\u200e", "\u200f"))
    if not (behind_mark if marked else trim(fold(found["words"])) in words.before_file):
        return None
    kind, _, file = enclose(found["file"], None)
    return Enclosure(kind, _strip_name(bare(caption), file=file or ""), file)


def _split_pages(caption: str) -> tuple[str, str] | None:
    """Split what stands before a page count into a caption and, on its last line, a document's name."""
    before, bullet, pages = caption.rpartition(" • ")
    lead, newline, name = before.rpartition("\n")
    name = bare(name)
    told = bullet and 0 < len(name) <= _LONGEST_NAME and _PAGES.fullmatch(pages)
    return (lead + newline, name) if told else None


def _strip_name(caption: str, *, file: str) -> str | None:
    """Cut off a document's name and page count, which stand before it again; other words there are a caption."""
    paged = _split_pages(caption)
    lead, name = paged or ("", caption)
    again = file.endswith(name) or (paged is not None and _DOCUMENT.fullmatch(name) is not None)
    return (bare(lead) if again else caption) or None


def _find_omitted(text: str, words: Wordings, *, marked: bool) -> tuple[int, str | None]:
    """Find where words for something omitted begin at the text's end: behind a mark, or behind a space."""
    lead = max(len(text) - LONGEST, 0)
    boundaries = (_MARK if marked else _BOUNDARY).finditer(text, lead)
    for start in [found.start() for found in boundaries][-_MOST_WORDS:]:
        kind = words.exact.get(trim(fold(text[start:])))
        if kind in ENCLOSED:
            return start, kind
    return 0, None


def _read_document(caption: str) -> Enclosure | None:
    words = bare(caption)
    paged = _split_pages(words)
    if paged:
        return Enclosure("media", bare(paged[0]) or None, paged[1])
    # A file's name, or words that end like one: both readings are kept.
    return Enclosure("media", words, words) if _DOCUMENT.fullmatch(words) else None


def _read_pages(text: str) -> Enclosure | None:
    """Read a document's name and pages, each behind a mark, before words of a language that is not known."""
    before = text[: max(text.rfind("\u200e"), text.rfind("\u200f"), 0)]
    paged = _split_pages(bare(before)) if _MARK.search(before) else None
    known = paged is not None and not bare(paged[0]) and _DOCUMENT.fullmatch(paged[1])
    return Enclosure("media", None, paged[1]) if paged and known else None


def may_be_file(text: str) -> bool:
    """Tell whether a body may be nothing but a file, by its ends: only such need to be looked at by `read_files`."""
    return "." in text and (
        text.endswith((")", "）")) or (text.endswith(">") and text.startswith(("\u200e", "\u200f")))
    )


def read_files(texts: pl.Series, words: Wordings, *, marked_file: bool) -> pl.DataFrame:
    """Read many bodies that are nothing but a file: the quick way for what exports hold most.

    Returns:
        `text`, `attachment` for those texts.
    """
    frame = texts.to_frame("text").with_columns(
        ios=pl.col("text").str.extract(_WHOLE_IOS, 1), android=pl.col("text").str.extract_groups(_WHOLE_ANDROID)
    )
    frame = frame.with_columns(name=pl.col("android").struct[0], words=pl.col("android").struct[1])
    printed = frame["words"].drop_nulls().unique()
    known = [word for word in printed if trim(fold(word)) in words.behind_file]
    believed = pl.col("words").is_in(known) | pl.col("name").str.contains(rf"^{_PHONE_NAME}$")
    marked = pl.col("text").str.contains_any(["\u200e", "\u200f"])
    # What begins with a mark, and other names in a marked file, take the slow way.
    android = pl.when(believed & ~marked & (not marked_file)).then("name")
    name = pl.coalesce("ios", android).str.strip_chars(MARKS + " ")
    return (
        frame.select("text", attachment=name).drop_nulls().filter(pl.col("attachment").str.len_chars() <= _LONGEST_NAME)
    )
