"""The report: one self-contained page that a stranger can read, print and check, with no network request."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from jinja2 import Environment

    from chatforensics.figures.drawing import Drawing

__all__ = ["render_report"]


def render_report(
    tables: Mapping[str, pl.DataFrame],
    *,
    drawings: Sequence["Drawing"],
    run: Mapping[str, object],
    summary: Mapping[str, object],
    pictures: Mapping[str, bytes] | None = None,
) -> str:
    """Return the report as one HTML page: what was received, what was found, what speaks the other way, and the limits.

    The page describes messages and their timing. It cannot show that a message was sent, who held the phone, or that
    anybody voted as told. It holds no script and points nowhere outside itself; equal arguments give equal text.

    Args:
        tables: The tables by their contract names; a missing one counts as empty.
        drawings: The figures in the order in which they are to appear.
        run: The run record: version, parameters, inputs, failures, assumptions, warnings, model. Its times are unused.
        summary: The headline counts.
        pictures: Small JPEG copies of pictures that came with the messages, by SHA-256, drawn by ourselves.
    """
    from markupsafe import Markup

    from chatforensics.report.view import build_view

    style = resources.files(__name__).joinpath("assets/report.css").read_text(encoding="utf-8")
    style_hash = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    view = build_view(tables, drawings=drawings, run=run, summary=summary, pictures=pictures or {})
    page = _make_environment().get_template("report.html.j2")
    # The style sheet is package data, not evidence: the one text that is printed as it stands.
    return page.render(view, style=Markup(style), style_hash=style_hash)  # noqa: S704 - our own style sheet


@cache
def _make_environment() -> "Environment":
    """Return a template environment that escapes every value, shows control characters and refuses unknown names."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    from chatforensics.text import show_controls

    def print_value(value: object) -> object:
        return value if isinstance(value, Markup) or not isinstance(value, str) else show_controls(value)

    environment = Environment(
        loader=PackageLoader("chatforensics.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=print_value,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"count": _print_count, "probability": _print_probability}
    return environment


def _print_count(number: object) -> str:
    """Return a count with its thousands apart."""
    return f"{number:,}" if isinstance(number, int) else str(number)


def _print_probability(value: float | None) -> str:
    """Return a probability with two digits, never as certainty."""
    if value is None:
        return "-"
    return "over 0.99" if value >= 0.995 else "under 0.01" if value < 0.005 else f"{value:.2f}"  # noqa: PLR2004 - rounding
