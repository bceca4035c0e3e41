"""What the sheets of a package have in common: escaped templates, one style, marks of redaction, the step to paper."""

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import polars as pl
import regex

from chatforensics.schema import TABLES, empty

if TYPE_CHECKING:
    from jinja2 import Environment

Row = dict[str, Any]  # one row as a template reads it: cells of many types
Tables = Mapping[str, pl.DataFrame]

UNKNOWN = "unknown"
HASH_LETTERS = 16
# What redaction writes in the place of words: P-7QK2ABCDEF, [phone P-7QK2ABCDEF], [withheld 3: reason], [postcode].
_TOKEN = regex.compile(
    r"\[(?:[a-z-]{1,20} )?P-[A-Z2-7]{5,16}\]|\[(?:redacted|withheld)\b[^\]]{0,500}\]|\[postcode\]"
    r"|(?<![\w-])P-[A-Z2-7]{10}(?![\w-])"
)


@cache
def make_pages() -> "Environment":
    """Return the environment of the report with our own templates in front: every value is escaped."""
    from jinja2 import ChoiceLoader, PackageLoader

    from chatforensics.report.templating import make_environment

    report = make_environment()
    own = PackageLoader("chatforensics.package", "templates")
    pages = report.overlay(loader=ChoiceLoader([own, *([report.loader] if report.loader else [])]), cache_size=50)
    pages.filters = report.filters | {"parts": part_redactions, "short": shorten_hash}
    return pages


def render_sheet(template: str, view: Mapping[str, object]) -> str:
    """Return one sheet as a page that holds all that it needs, runs nothing and points nowhere outside itself."""
    from markupsafe import Markup

    style = _read_style()
    # Package data, none of it evidence that a browser could read as markup.
    return make_pages().get_template(template).render(view, style=Markup(style), style_hash=_hash_of(style))  # noqa: S704


def print_sheet(page: str, tables: Tables) -> bytes:
    """Return the sheet on paper (A4); what the page prints as exhibits is attached word by word."""
    from chatforensics.report.pdf import render_pdf

    return render_pdf(page, tables=fill_tables(tables))


@cache
def _read_style() -> str:
    report = resources.files("chatforensics.report").joinpath("assets", "report.css")
    own = resources.files("chatforensics.package").joinpath("templates", "sheet.css")
    return "\n".join(file.read_text(encoding="utf-8") for file in (report, own))


def _hash_of(content: str) -> str:
    """Return the hash by which the page allows its own style."""
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode("ascii")


def fill_tables(tables: Tables) -> dict[str, pl.DataFrame]:
    """Return every table of the contract; one that is missing has no rows."""
    return {name: tables[name] if name in tables else empty(name) for name in TABLES}


def part_redactions(words: object) -> list[tuple[str, bool]]:
    """Return a text in parts, each with whether it stands in the place of words that were taken out.

    A sender may have typed letters that look like such a mark; the list of redactions says which are ours.
    """
    text = str(words)
    edges = [(found.start(), found.end()) for found in find_redactions(text)]
    parts: list[tuple[str, bool]] = []
    end = 0
    for start, stop in edges:
        parts += [(text[end:start], False), (text[start:stop], True)]
        end = stop
    return [part for part in (*parts, (text[end:], False)) if part[0]]


def find_redactions(text: str) -> "Iterator[regex.Match[str]]":
    """Give each mark of redaction in a text."""
    return _TOKEN.finditer(text)


def shorten_hash(value: object) -> str:
    """Return the first letters of a hash, as many as an export's id has."""
    return str(value)[:HASH_LETTERS]


def name_file(path: object) -> str:
    """Return the last part of a path, whichever way its folders are parted."""
    return PurePosixPath(str(path).replace("\\", "/")).name if path else UNKNOWN


def as_rows(value: object) -> list[Mapping[str, object]]:
    """Return the records of a value that may be anything."""
    return [row for row in _as_list(value) if isinstance(row, Mapping)]


def as_words(value: object) -> list[str]:
    """Return the texts of a value that may be anything."""
    return [str(each) for each in _as_list(value)]


def _as_list(value: object) -> Sequence[object]:
    return value if isinstance(value, Sequence) and not isinstance(value, str | bytes) else ()


def or_unknown(value: object) -> str:
    """Return a typed answer, or the word for none."""
    words = "" if value is None else str(value).strip()
    return words or UNKNOWN
