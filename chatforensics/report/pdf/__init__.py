"""The report on paper: the words and pictures of the page, set by typst as a tagged PDF."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import polars as pl

from chatforensics.report.language import ENGLISH, find_language, say
from chatforensics.report.pdf.attachment import list_messages
from chatforensics.report.pdf.blocks import print_page
from chatforensics.report.pdf.glyphs import list_font_folders, spell_missing
from chatforensics.report.pdf.links import settle_links
from chatforensics.report.pdf.page import read_page

__all__ = ["render_pdf"]

_FOLDER = Path(__file__).parent / "typst"
_MAIN = "report.typ"
# A document carries some date; the day of printing is no part of the evidence and would change the bytes.
_NO_DATE = datetime(1980, 1, 1, tzinfo=UTC)
# What paper says and the page does not; the rest is the page's own words, in its language.
_WORDS = {
    "contents": say("Contents"),
    "figures": say("Figures"),
    "page": say("page {n} of {total}"),
    "attached": say("The messages printed as exhibits, one JSON object per line, words as exported"),
}


def render_pdf(page: str, *, tables: Mapping[str, pl.DataFrame]) -> bytes:
    """Return the report as a PDF that says what the page says, with the messages of its exhibits attached.

    Paper cannot be searched or copied without error in every script: the attached `messages.jsonl` has the words.
    No standard for archives (PDF/A) is claimed. Equal arguments give equal bytes for one version of typst.

    Args:
        page: The report as `render_report` returns it.
        tables: `messages` and `sources`, for the attachment.
    """
    import typst

    files = lay_out(page, tables=tables)
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=list_font_folders())
    # Its type stubs know one file only; its root is our own folder, so that nothing else on the disk is in reach.
    set_pages = cast("Callable[..., bytes]", typst.compile)
    return set_pages(files, root=_FOLDER, font_paths=fonts, format="pdf", timestamp=_NO_DATE)


def lay_out(page: str, *, tables: Mapping[str, pl.DataFrame]) -> dict[str, bytes]:
    """Return the files that the printer reads: our template, and all words as data, so that none can be a command."""
    body = read_page(page)
    code = body.attributes.get("lang", "en")
    language = ENGLISH if code == "en" else find_language(code)
    printed = print_page(body, language=language)
    data = {
        "title": next((heading.text() for heading in body.find("h1")), ""),
        "lang": code,
        "dir": body.attributes.get("dir", "ltr"),
        "words": {name: language.tell(phrase) for name, phrase in _WORDS.items()},
        "blocks": settle_links(printed.blocks),
        "n_attached": len(printed.message_ids),
    }
    words = json.dumps(data, ensure_ascii=False)
    return {
        "main.typ": (_FOLDER / _MAIN).read_bytes(),
        "report.json": spell_missing(words).encode("utf-8", errors="replace"),
        "messages.jsonl": list_messages(tables, printed.message_ids),
        **printed.files,
    }
