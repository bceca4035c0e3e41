"""Section 3 of the report: each figure with its numbers and the messages behind every mark."""

import base64
import re
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl

from chatforensics.report.bases import Exports, tell_basis
from chatforensics.report.language import say, say_list
from chatforensics.report.sightings import Row, Tables, cap

if TYPE_CHECKING:
    from chatforensics.figures.drawing import Drawing

ROW_LIMIT = 100
ID_LIMIT = 4
_OF_ONE = re.compile(r"-(?:[0-9a-f]{16}|[0-9]+)$")  # what tells the figures of one kind apart


def view_figures(drawings: Sequence["Drawing"], *, tables: Tables, foremost: Collection[int]) -> list[Row]:
    """Return the figures as the page shows them: picture, description, and table with the messages of each row.

    Where a row has more messages than are shown, the foremost ones are shown, so that few bystanders are printed.
    """
    exports, first = Exports(tables), pl.Series("message_ids", sorted(foremost), dtype=pl.Int64)
    views = [_view_figure(drawing, place, first) for place, drawing in enumerate(drawings, 1)]
    behind = (drawing.table["message_ids"].explode(empty_as_null=True).cast(pl.Int64) for drawing in drawings)
    bases = [tell_basis(exports.showing(ids), tables=tables) for ids in behind]
    return [view | {"basis": basis} for view, basis in zip(views, bases, strict=True)]


def group_figures(figures: Sequence[Row]) -> list[Row]:
    """Return the figures by kind, in order: the first is drawn, the others are told in words and numbers.

    The first figure of a kind is that of the largest text; a kind in several parts has its first part drawn.
    """
    kinds: dict[str, list[Row]] = {}
    for figure in figures:
        kinds.setdefault(_OF_ONE.sub("", figure["name"]), []).append(figure)
    return [{"first": group[0], "more": group[1:]} for group in kinds.values()]


def _view_figure(drawing: "Drawing", place: int, foremost: pl.Series) -> Row:
    """Return one figure."""
    table = drawing.table
    columns = [name for name in table.columns if name != "message_ids"]
    shown = table.head(ROW_LIMIT)
    cells, behind = shown.select(columns).iter_rows(named=True), shown["message_ids"].cast(pl.List(pl.Int64))
    rows = [_view_row(row, columns, ids, foremost) for row, ids in zip(cells, behind, strict=True)]
    return {
        "number": place,
        "name": drawing.name,
        "title": drawing.title,
        "alt": drawing.alt,
        "image": base64.b64encode(drawing.svg).decode("ascii"),
        "columns": [{"name": name, "is_number": table.schema[name].is_numeric()} for name in columns],
        "rows": rows,
        "cap": cap(
            rows,
            total=table.height,
            where=say("{figure} and the tables it is drawn from", figure=f"figures/{drawing.name}"),
        ),
        "cited": [message_id for row in rows for message_id in row["ids"]],
    }


def _view_row(row: Row, columns: Sequence[str], behind: pl.Series | None, foremost: pl.Series) -> Row:
    """Return one row of a figure's table: printed cells, and the first messages behind it."""
    behind = foremost.clear() if behind is None else behind
    is_foremost = behind.is_in(foremost.implode())
    ids = [*behind.filter(is_foremost).head(ID_LIMIT), *behind.filter(~is_foremost).head(ID_LIMIT)][:ID_LIMIT]
    return {"cells": [print_cell(row[name]) for name in columns], "ids": ids, "more": behind.len() - len(ids)}


def print_cell(value: object) -> str:
    """Return a table cell as text: numbers to four digits, times to their last digit that is not zero, lists joined."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return say("yes") if value else say("no")
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, datetime):
        form = "%Y-%m-%d %H:%M:%S" if value.second else "%Y-%m-%d %H:%M"
        return value.strftime(form) + (" UTC" if value.tzinfo else "")
    if isinstance(value, list):
        return say_list(map(print_cell, value))
    return str(value)
