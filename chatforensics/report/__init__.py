"""The report: one self-contained page that a stranger can read, print and check, with no network request."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import polars as pl

from chatforensics.schema import TABLES, empty
from chatforensics.tables import put_together

if TYPE_CHECKING:
    from chatforensics.figures.drawing import Drawing

__all__ = ["render_report"]


def render_report(  # noqa: PLR0913 - what a report is made of
    tables: Mapping[str, pl.DataFrame],
    *,
    drawings: Sequence["Drawing"],
    run: Mapping[str, object],
    summary: Mapping[str, object],
    pictures: Mapping[str, bytes] | None = None,
    language: str = "en",
) -> str:
    """Return the report as one HTML page: what was received, what was found, what speaks the other way, and the limits.

    The page describes messages and their timing. It cannot show that a message was sent, who held the phone, or that
    anybody voted as told. Its linked views run a script of its own, allowed by its hash, over every message, which lie
    compressed inside the page; of more than 300,000 messages only those that tell something, and their neighbours, and
    the page says so. It points nowhere outside itself; equal arguments give equal text.

    Args:
        tables: The tables by their contract names; a missing one counts as empty.
        drawings: The figures in the order in which they are to appear.
        run: The run record: version, parameters, inputs, failures, assumptions, warnings, model. Its times are unused.
        summary: The headline counts.
        pictures: Small JPEG copies of pictures that came with the messages, by SHA-256, drawn by ourselves.
        language: The language of the page's own words; what the evidence says is never translated.

    Raises:
        UsageError: The page has no such language; the message names those it has.
    """
    from markupsafe import Markup

    from chatforensics.report.explorer import build_islands
    from chatforensics.report.explorer.page import hash_of, read_script, read_style
    from chatforensics.report.language import find_language
    from chatforensics.report.templating import make_environment
    from chatforensics.report.view import build_view

    spoken = find_language(language)
    view = build_view(tables, drawings=drawings, run=run, summary=summary, pictures=pictures or {})
    known = put_together(tables, {name: empty(name) for name in TABLES if name not in tables})
    cited, numbers = view["appendix"]["printed"], view["instructions"]["numbers"]
    islands = build_islands(known, run=run, numbers=numbers, language=spoken, cited=sorted(cited))
    style, script = read_style(), read_script()
    page = make_environment(spoken).get_template("report.html.j2")
    return page.render(
        view,
        language=spoken,
        # Package data and packed data, none of it evidence that a browser could read as markup.
        style=Markup(style),  # noqa: S704
        script=Markup(script),  # noqa: S704
        islands={name: Markup(value) for name, value in islands.named().items()},  # noqa: S704
        chosen=islands.chosen,
        chunks=[Markup(chunk) for chunk in islands.chunks],  # noqa: S704
        style_hash=hash_of(style),
        script_hash=hash_of(script),
    )
