"""The wordings of one text as a tree: each below the nearest one not sent later, with the words that differ."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import polars as pl

from chatforensics.figures.differences import (
    ADDED,
    DROPPED,
    LINE_BREAK,
    Change,
    Lines,
    Piece,
    set_changes,
    set_text,
    show_words,
)
from chatforensics.figures.drawing import Pictures, Sketch, render
from chatforensics.figures.facts import Tables, count_of, instructing_families, table_of
from chatforensics.figures.fonts import measure
from chatforensics.figures.marks import Dot, Line, draw_dots, draw_lines
from chatforensics.figures.numbering import NO_NUMBERS, Numbers, name_text, safe_stem
from chatforensics.figures.page import EDGE_MM, Layout, compose
from chatforensics.figures.spread import name_wordings, wording_looks
from chatforensics.figures.style import FAINT_INK, INK, TEXT_PT
from chatforensics.figures.timeaxis import show_time
from chatforensics.schema import SLATE_LABEL

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_FAMILIES = 4
FEWEST_WORDINGS = 2
MOST_LINES = 46
MOST_TOLD = 12
MOST_CHANGES_TOLD = 4
_ROOT_LINES = 12
_LONGEST_QUOTE = 90
_LINE_MM = 3.7
_AROUND_MM = 2.0
_HEAD_MM = 5.5
_STEP_MM = 5.0
_WIDEST_TREE_MM = 40.0
_FIRST_MM = 3.0
_NODE_MM = 1.1
_LETTER_MM = 2.2
_WORDS_MM = 8.0
_COUNT_MM = 141.0
_TIME_MM = 146.0
_WORDS_END_MM = 130.0
_HEAD_GAPS_MM = (3.5, 3.5, 3.5, 1.2, 1.2, 0.0)
_BRANCH_PT, _BRANCH_ALPHA = 0.9, 0.45
_BAND = "#F4F4F4"
_HEAD = (
    ("what differs from the wording above it:", FAINT_INK),
    ("+ added", ADDED),
    ("– dropped", DROPPED),
    ("old", DROPPED),
    ("→", INK),
    ("new", ADDED),
)

Wordings = Mapping[str, dict[str, Any]]
Looks = Mapping[str, tuple[str, str]]
Changes = Mapping[str, "list[Change]"]


@dataclass(frozen=True)
class _Row:
    """One wording of the picture: its letter, its depth in the tree, its lines, and where it stands."""

    wording: dict[str, Any]
    letter: str
    depth: int
    lines: Lines
    top: float = 0.0

    @property
    def height(self) -> float:
        return _LINE_MM * len(self.lines) + _AROUND_MM

    @property
    def first_line(self) -> float:
        return self.top - _AROUND_MM / 2 - _LINE_MM / 2


def sketch_wordings(tables: Tables, *, numbers: Numbers = NO_NUMBERS) -> list[Sketch]:
    """Show the wordings of a few tracked families, those that tell people how to vote, with what differs in each.

    A wording hangs from the nearest one in the evidence that was not sent later. That shows likeness, not who copied
    whom: a wording between the two may not be in the evidence, and two people may make the same change.
    """
    return [_sketch_family(tables, family, name_text(family, numbers)) for family in _families_to_draw(tables)]


def _families_to_draw(tables: Tables) -> list[str]:
    """Return families of several wordings, those with most messages flagged as telling people how to vote first."""
    shares = table_of(tables, "shares").select("family_id").unique()
    told = instructing_families(tables).to_frame()
    flagged = table_of(tables, "labels").filter(pl.col("label") == SLATE_LABEL, pl.col("decision") == "flag")
    counted = (
        table_of(tables, "variants")
        .join(shares if told.is_empty() else told, on="family_id", how="semi")
        .filter(pl.len().over("family_id") >= FEWEST_WORDINGS)
        .explode("message_ids")
        .with_columns(flagged=pl.col("message_ids").is_in(flagged["message_id"].implode()))
        .group_by("family_id")
        .agg(pl.col("flagged").sum(), pl.len())
    )
    order = counted.sort("flagged", "len", "family_id", descending=[True, True, False])
    return order["family_id"].head(MOST_FAMILIES).to_list()


def _sketch_family(tables: Tables, family: str, name: str) -> Sketch:
    own = pl.col("family_id") == family
    wordings = table_of(tables, "variants").filter(own).sort("first_at", maintain_order=True, nulls_last=True)
    changes: dict[str, list[Change]] = {}
    for row in table_of(tables, "variant_changes").filter(own).sort("variant_id", "position").iter_rows(named=True):
        changes.setdefault(row["variant_id"], []).append(row)
    letters = _letters(tables, family, wordings)
    rows = _choose_rows(wordings, changes, letters)
    safe = safe_stem(family)
    size = f"{count_of(wordings.height, 'wording')} in {count_of(sum(wordings['n_messages']), 'message')}"
    title = f"Wordings of one text: {name}, {size}"
    picture = partial(_picture, rows, wordings.select("n_messages"), wording_looks(letters), title)
    alt = _alt(wordings, changes, letters, size)
    return Sketch(f"wordings-{safe}", title, alt, picture, _table(wordings, changes, letters, rows))


def _letters(tables: Tables, family: str, wordings: pl.DataFrame) -> dict[str, str]:
    """Name the wordings as the other charts of the same text do; those that are in no share get numbers."""
    letters = name_wordings(table_of(tables, "shares").drop_nulls("sent_at").filter(pl.col("family_id") == family))
    others = [variant for variant in wordings["variant_id"] if variant not in letters]
    return letters | {variant: str(len(letters) + at) for at, variant in enumerate(others, start=1)}


def _choose_rows(wordings: pl.DataFrame, changes: Changes, letters: dict[str, str]) -> list[_Row]:
    """Return the rows that find room, top to bottom: the wordings sent most often, and those they hang from."""
    known = {row["variant_id"]: row for row in wordings.drop("message_ids").iter_rows(named=True)}
    depths = _depths(known)
    step = _step(depths.values())
    chosen: dict[str, _Row] = {}
    for variant in wordings.sort("n_messages", descending=True, maintain_order=True)["variant_id"]:
        new = [name for name in _ancestry(variant, known) if name not in chosen]
        made = {
            name: _Row(known[name], letters[name], depths[name], _lines(known[name], changes, depths[name] * step))
            for name in new
        }
        if chosen and sum(len(row.lines) + 0.5 for row in [*chosen.values(), *made.values()]) > MOST_LINES:
            break
        chosen |= made
    top = -_HEAD_MM
    placed = []
    for variant in _in_tree_order(known):
        if variant in chosen:
            placed.append(replace(chosen[variant], top=top))
            top -= chosen[variant].height
    return placed


def _ancestry(variant: str | None, known: Wordings) -> list[str]:
    """Return a wording and all above it."""
    found = []
    while variant is not None:
        found.append(variant)
        variant = known[variant]["parent_variant_id"]
    return found


def _depths(known: Wordings) -> dict[str, int]:
    depths: dict[str, int] = {}
    for variant in _in_tree_order(known):
        parent = known[variant]["parent_variant_id"]
        depths[variant] = 0 if parent is None else depths[parent] + 1
    return depths


def _in_tree_order(known: Wordings) -> Iterator[str]:
    """Yield each wording before those that hang from it, and these in order of time."""
    below: dict[str | None, list[str]] = {}
    for variant, row in known.items():
        below.setdefault(row["parent_variant_id"], []).append(variant)
    waiting = below.get(None, [])[::-1]
    while waiting:
        variant = waiting.pop()
        yield variant
        waiting += below.get(variant, [])[::-1]


def _step(depths: Iterable[int]) -> float:
    return min(_STEP_MM, _WIDEST_TREE_MM / max(1, *depths, 1))


def _lines(wording: dict[str, Any], changes: Changes, indent: float) -> Lines:
    """Return what the wording's row says: its whole text at the root, else what differs from the one above."""
    room = _WORDS_END_MM - _FIRST_MM - indent - _WORDS_MM
    if wording["parent_variant_id"] is None:
        return set_text(wording["text"], width_mm=room, most=_ROOT_LINES)
    own = changes.get(wording["variant_id"], [])
    return set_changes(own, width_mm=room) if own else [[Piece("no word differs", 0, FAINT_INK)]]


def _picture(rows: list[_Row], wordings: pl.DataFrame, looks: Looks, title: str) -> Pictures:
    height = _HEAD_MM + sum(row.height for row in rows)
    layout = Layout(
        title=title,
        panels_mm=[height],
        left_mm=EDGE_MM,
        right_mm=EDGE_MM,
        below_mm=2.0,
        notes=list(_notes(rows, wordings)),
    )
    figure, (axes,) = compose(layout)
    axes.set_axis_off()
    axes.set_ylim(-height, 0)
    step = _step(row.depth for row in rows)
    places = {row.wording["variant_id"]: (_FIRST_MM + row.depth * step, row.first_line) for row in rows}
    _write_head(axes)
    for number, row in enumerate(rows):
        if number % 2 == 0:
            axes.axhspan(row.top - row.height, row.top, color=_BAND, linewidth=0, zorder=0)
        _write_row(axes, row, places[row.wording["variant_id"]][0])
    draw_lines(axes, _branches(rows, places))
    draw_dots(axes, [Dot(*places[name], _NODE_MM, *looks[name]) for name in places])
    return render(figure)


def _write_head(axes: "Axes") -> None:
    middle = -_HEAD_MM / 2
    left = 0.0
    for (words, colour), gap in zip(_HEAD, _HEAD_GAPS_MM, strict=True):
        axes.text(left, middle, words, va="center_baseline", color=colour)
        left += measure(words, size=TEXT_PT)[0] + gap
    axes.text(_COUNT_MM, middle, "messages", va="center_baseline", ha="right", color=FAINT_INK)
    axes.text(_TIME_MM, middle, "first sent (UTC)", va="center_baseline", color=FAINT_INK)


def _write_row(axes: "Axes", row: _Row, node: float) -> None:
    axes.text(node + _LETTER_MM, row.first_line, row.letter, va="center_baseline", weight="bold")
    for number, line in enumerate(row.lines):
        for piece in line:
            place = node + _WORDS_MM + piece.left, row.first_line - number * _LINE_MM
            axes.text(*place, piece.words, va="center_baseline", color=piece.colour)
    at = row.wording["first_at"]
    axes.text(_COUNT_MM, row.first_line, f"{row.wording['n_messages']:,}", va="center_baseline", ha="right")
    axes.text(_TIME_MM, row.first_line, show_time(at) if at else "not known", va="center_baseline")


def _branches(rows: list[_Row], places: dict[str, tuple[float, float]]) -> Iterator[Line]:
    """Yield for each wording with others below it a line down, and a line from there to each of them."""
    lowest: dict[str, float] = {}
    for row in rows:
        if (parent := row.wording["parent_variant_id"]) is None:
            continue
        x, y = places[row.wording["variant_id"]]
        lowest[parent] = y
        yield Line((places[parent][0], y), (x, y), _BRANCH_PT, _BRANCH_ALPHA)
    for parent, y in lowest.items():
        yield Line(places[parent], (places[parent][0], y), _BRANCH_PT, _BRANCH_ALPHA)


def _notes(rows: list[_Row], wordings: pl.DataFrame) -> Iterator[str]:
    yield (
        "Each wording hangs from the nearest one (fewest words, emoji and line breaks changed) among those not sent "
        "later in the evidence. That shows likeness, not who copied whom: a wording in between may not be in the "
        "evidence, and two people may make the same change. Capitals, emphasis and punctuation are not compared."
    )
    if (rest := wordings.height - len(rows)) > 0:
        n_rest = sum(wordings["n_messages"]) - sum(row.wording["n_messages"] for row in rows)
        yield f"{count_of(rest, 'other wording')} ({count_of(n_rest, 'message')}) found no room; the table has them."
    if any(piece.cut for row in rows for line in row.lines for piece in line):
        yield "Words that found no room are left out (…); the table has them."


def _alt(wordings: pl.DataFrame, changes: Changes, letters: dict[str, str], size: str) -> str:
    told = [_tell(row, changes, letters) for row in wordings.head(MOST_TOLD).iter_rows(named=True)]
    rest = wordings.height - len(told)
    more = [f"{count_of(rest, 'later wording')} in the table."] if rest else []
    return " ".join([f"Tree of the wordings of one text: {size}, in order of time.", *told, *more])


def _tell(row: dict[str, Any], changes: Changes, letters: dict[str, str]) -> str:
    """Say in words what the row of a wording shows."""
    at = f"first sent {show_time(row['first_at'])} UTC" if row["first_at"] else "time not known"
    facts = f"Wording {letters[row['variant_id']]} ({count_of(row['n_messages'], 'message')}, {at})"
    if row["parent_variant_id"] is None:
        return f"{facts}, the earliest in the evidence: {_quote(row['text'])}."
    differing = changes.get(row["variant_id"], [])
    said = [_tell_change(change) for change in differing[:MOST_CHANGES_TOLD]]
    if rest := len(differing) - len(said):
        said.append(count_of(rest, "other difference"))
    return f"{facts}, nearest to {letters[row['parent_variant_id']]}: {'; '.join(said) or 'no word differs'}."


def _tell_change(change: Change) -> str:
    old, new = _quote(str(change["parent_text"])), _quote(str(change["text"]))
    return {"added": f"added {new}", "dropped": f"dropped {old}"}.get(str(change["change"]), f"{old} became {new}")


def _quote(text: str) -> str:
    if (shown := show_words(text)) == LINE_BREAK:
        return f"a {shown}"
    return f"“{shown if len(shown) <= _LONGEST_QUOTE else shown[:_LONGEST_QUOTE].rstrip() + '…'}”"


def _table(wordings: pl.DataFrame, changes: Changes, letters: dict[str, str], rows: list[_Row]) -> pl.DataFrame:
    """Return the table twin: one row per wording, in order of time."""
    shown = {row.wording["variant_id"] for row in rows}
    named = pl.col("variant_id").replace_strict(letters, return_dtype=pl.String)
    parent = pl.col("parent_variant_id").replace_strict(letters, default=None, return_dtype=pl.String)
    told = ["; ".join(_show_change(change) for change in changes.get(name, [])) for name in wordings["variant_id"]]
    return wordings.select(
        named.alias("wording"),
        parent.alias("nearest wording not sent later"),
        pl.Series("what differs from it", told, dtype=pl.String),
        pl.col("n_edits").alias("words, emoji and line breaks that differ"),
        pl.col("similarity").alias("similarity"),
        pl.col("n_messages").alias("messages"),
        pl.col("first_at").alias("first sent (UTC)"),
        pl.col("variant_id").is_in(sorted(shown)).alias("in the picture"),
        "text",
        "message_ids",
    )


def _show_change(change: Change) -> str:
    old, new = show_words(str(change["parent_text"])), show_words(str(change["text"]))
    return {"added": f"+ {new}", "dropped": f"– {old}"}.get(str(change["change"]), f"{old} → {new}")
