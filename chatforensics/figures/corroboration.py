"""How far the exports of one chat agree, as a table of exports by exports."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import polars as pl

from chatforensics.figures.drawing import Pictures, Sketch, render
from chatforensics.figures.facts import MOST_LISTED, Tables, count_of, scan_table, table_of
from chatforensics.figures.fonts import measure
from chatforensics.figures.hours import show_count
from chatforensics.figures.labels import write_words
from chatforensics.figures.marks import add_shape
from chatforensics.figures.names import chat_names, drawable, person_names, plain
from chatforensics.figures.page import EDGE_MM, RIGHT_MM, Key, Layout, compose
from chatforensics.figures.style import COLOURS, DOUBLE_MM, FAINT_INK, INK, SCALE, TEXT_PT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_EXPORTS = 12
MOST_ROWS = 16
_ROW_MM = 9.0
_WIDEST_MM = 20.0
_NAME_MM = 40.0
_NUMBER_MM = 5.0
_HEAD_MM = 10.0
_DARK_ABOVE = 0.45
_MOST_AT_ONCE = 500_000  # messages whose exports are compared in one go
_NONE_COLOUR = "#F3F3F3"
_DIAGONAL = "#D9D9D9"
_CONFLICT = COLOURS[1]
TITLE = "How far exports of the same chat agree"
_KINDS = {
    "n_agree": "alike in both",
    "n_only_a": "in the first only",
    "n_only_b": "in the second only",
    "n_conflict": "text, sender or time differs",
}


def sketch_corroboration(tables: Tables) -> Sketch | None:
    """Show, for each chat with several exports, exports by exports: what agrees, is in one only, or differs.

    Counted are messages from the time that both cover. Exports that agree may both lack a message, and agreement does
    not show that a message is true; a message in one only may have been deleted on the other phone. Returns None where
    no chat has two exports that can be compared.
    """
    pairs = _pairs(tables)
    if pairs.is_empty():
        return None
    blocks = _blocks(tables, pairs)
    picture = partial(_picture, blocks, pairs.height, chat_names(tables, pairs["chat_id"]))
    return Sketch("corroboration", TITLE, _alt(tables, pairs), picture, _table(tables, pairs))


def _pairs(tables: Tables) -> pl.DataFrame:
    """Return the compared exports, with how many messages differ in text, sender or time."""
    conflicts = pl.sum_horizontal("n_text", "n_sender", "n_time").cast(pl.Int64)
    pairs = table_of(tables, "comparisons").with_columns(n_conflict=conflicts)
    compared = pl.sum_horizontal("n_agree", "n_only_a", "n_only_b", "n_conflict") > 0
    return pairs.filter(compared).sort("chat_id", "source_a", "source_b")


@dataclass(frozen=True)
class _Block:
    """One chat: its exports in the order of the rows, and the pairs among them."""

    chat_id: str
    names: dict[str, str]
    sizes: dict[str, int]
    pairs: dict[frozenset[str], dict[str, Any]]


def _blocks(tables: Tables, pairs: pl.DataFrame) -> list[_Block]:
    """Return the chats that the picture has room for, those with most exports first."""
    sizes = dict(table_of(tables, "sources").select("source_id", "n_messages").iter_rows())
    names, blocks, n_rows = name_exports(tables), [], 0
    for chat, own in pairs.group_by("chat_id", maintain_order=True):
        sources = sorted({*own["source_a"], *own["source_b"]}, key=lambda source: (-sizes.get(source, 0), source))
        drawn = {source: names.get(source, source) for source in sources[:MOST_EXPORTS]}
        rows = {frozenset((row["source_a"], row["source_b"])): row for row in own.iter_rows(named=True)}
        kept = {pair: row for pair, row in rows.items() if pair <= drawn.keys()}
        blocks.append(_Block(str(chat[0]), drawn, sizes, kept))
    shown: list[_Block] = []
    for block in sorted(blocks, key=lambda block: (-len(block.names), block.chat_id)):
        n_rows += len(block.names)
        if n_rows <= MOST_ROWS or not shown:
            shown.append(block)
    return shown


def name_exports(tables: Tables) -> dict[str, str]:
    """Return a name for each export: who exported it where that is known, else its file's name."""
    sources = table_of(tables, "sources")
    persons = person_names(tables, sources["custodian_id"].drop_nulls())
    return {
        source: f"by {persons[person]}" if person else plain(PurePath(path).name)
        for source, person, path in sources.select("source_id", "custodian_id", "path").iter_rows()
    }


def _picture(blocks: list[_Block], n_all: int, chats: dict[str, str]) -> Pictures:
    shown = {source: drawable(name, width_mm=_NAME_MM) for block in blocks for source, name in block.names.items()}
    left = EDGE_MM + 1.5 + _NUMBER_MM + max(measure(name, size=TEXT_PT)[0] for name in shown.values())
    most = max(len(block.names) for block in blocks)
    wide = min(_WIDEST_MM, (DOUBLE_MM - left - RIGHT_MM) / most)
    layout = Layout(
        title=TITLE,
        panels_mm=[_ROW_MM * len(block.names) for block in blocks],
        left_mm=left,
        above_mm=_HEAD_MM,
        below_mm=1.5,
        keys=list(_keys(blocks)),
        notes=list(_notes(blocks, n_all)),
    )
    figure, panels = compose(layout)
    for axes, block in zip(panels, blocks, strict=True):
        axes.set_axis_off()
        _Grid(axes, block, wide).draw(shown, drawable(chats[block.chat_id], width_mm=DOUBLE_MM - 2 * EDGE_MM), left)
    return render(figure)


class _Grid:
    """One chat's cells, and where they lie."""

    def __init__(self, axes: "Axes", block: _Block, wide: float) -> None:
        self.axes, self.block, self.wide = axes, block, wide
        self.order = list(block.names)

    def draw(self, names: dict[str, str], chat: str, left: float) -> None:
        top = _ROW_MM * len(self.order)
        write_words(self.axes, (EDGE_MM - left, top + _HEAD_MM - 2.6), chat)
        for row, source in enumerate(self.order):
            x, y = self._middle(row, row)
            write_words(self.axes, (-_NUMBER_MM - 1.0, y), names[source], side="right")
            write_words(self.axes, (-1.2, y), f"{row + 1}", side="right", colour=FAINT_INK)
            write_words(self.axes, (x, top + 2.2), f"{row + 1}", side="center", colour=FAINT_INK)
            for column, other in enumerate(self.order):
                self._draw_cell((row, column), self.block.pairs.get(frozenset((source, other))))

    def _middle(self, row: int, column: int) -> tuple[float, float]:
        return self.wide * (column + 0.5), _ROW_MM * (len(self.order) - row - 0.5)

    def _draw_cell(self, place: tuple[int, int], pair: dict[str, Any] | None) -> None:
        row, column = place
        if row == column:
            self._fill(place, _DIAGONAL)
            size = self.block.sizes.get(self.order[row])
            write_words(self.axes, self._middle(*place), "" if size is None else show_count(size), side="center")
        elif pair is None:
            self._fill(place, _NONE_COLOUR)
        elif row > column:
            self._draw_agreement(place, pair)
        else:
            self._draw_difference(place, pair)

    def _fill(self, place: tuple[int, int], colour: str, *, edge: str = "none", style: str = "-") -> None:
        from matplotlib.patches import Rectangle

        x, y = self._middle(*place)
        gap = 0.25 if edge == "none" else 0.6
        corner = (x - self.wide / 2 + gap, y - _ROW_MM / 2 + gap)
        size = (self.wide - 2 * gap, _ROW_MM - 2 * gap)
        add_shape(self.axes, Rectangle(corner, *size, facecolor=colour, edgecolor=edge, linestyle=style, linewidth=1.2))

    def _draw_agreement(self, place: tuple[int, int], pair: dict[str, Any]) -> None:
        colour, ink = _colours(pair["n_agree"] / sum(pair[kind] for kind in _KINDS))
        self._fill(place, colour)
        if not pair["independent"]:
            self._fill(place, "none", edge="white" if ink == "white" else INK, style="--")
        write_words(self.axes, self._middle(*place), show_count(pair["n_agree"]), side="center", colour=ink)

    def _draw_difference(self, place: tuple[int, int], pair: dict[str, Any]) -> None:
        n_alone, n_conflict = pair["n_only_a"] + pair["n_only_b"], pair["n_conflict"]
        self._fill(place, "white", edge=_CONFLICT if n_conflict else "#BDBDBD")
        (x, y), apart = self._middle(*place), 1.9
        for n, marker, shift in ((n_alone, "s", apart), (n_conflict, "^", -apart)):
            colour = _CONFLICT if n and marker == "^" else INK if n else "#9A9A9A"
            face = colour if n and marker == "^" else "white"
            self.axes.plot(x - 2.6, y + shift, marker, ms=3.8, mfc=face, mec=colour, mew=0.8, clip_on=False)
            write_words(self.axes, (x - 0.8, y + shift), show_count(n), colour=INK if n else "#767676")


def _colours(strength: float) -> tuple[str, str]:
    """Return the colour of a cell and that of the number on it."""
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    return to_hex(colormaps[SCALE](strength)), "white" if strength > _DARK_ABOVE else INK


def _keys(blocks: list[_Block]) -> Iterator[Key]:
    pairs = list(chain.from_iterable(block.pairs.values() for block in blocks))
    yield Key("below: alike in both, all messages", _colours(1.0)[0])
    yield Key("a quarter of the messages", _colours(0.25)[0])
    yield Key("above: in one of the two only", INK, "s", hollow=True)
    yield Key("above: text, sender or time differs", _CONFLICT, "^")
    yield Key("grey: messages of the export", _DIAGONAL)
    if not all(pair["independent"] for pair in pairs):
        yield Key("broken frame: of one phone, person or file, so no confirmation", INK, line="--")


def _notes(blocks: list[_Block], n_all: int) -> Iterator[str]:
    yield (
        "Counted in the time that both exports cover. Agreement shows that exports agree, not that a message is true. "
        "A message in one only may have been deleted on the other phone, have disappeared, or never have reached it; "
        "a text that differs may have been edited between the exports."
    )
    n_drawn = sum(len(block.pairs) for block in blocks)
    if rest := n_all - n_drawn:
        yield f"{rest:,} of {n_all:,} pairs of exports found no room; the table has them."


def _alt(tables: Tables, pairs: pl.DataFrame) -> str:
    names, chats = name_exports(tables), chat_names(tables, pairs["chat_id"])
    total = {kind: int(pairs[kind].sum()) for kind in _KINDS}
    n_alone = pl.col("n_only_a") + pl.col("n_only_b")
    first = (
        pairs.with_columns(n_alone=n_alone)
        .sort("n_conflict", "n_agree", "source_a", descending=[True, True, False])
        .row(0, named=True)
    )
    return (
        f"Matrices of exports by exports for {count_of(pairs['chat_id'].n_unique(), 'chat')}, "
        f"{count_of(pairs.height, 'pair')} of exports, {int(pairs['independent'].sum())} of them independent. Over all "
        f"pairs: {total['n_agree']:,} alike, {total['n_only_a'] + total['n_only_b']:,} in one only, "
        f"{total['n_conflict']:,} with another text, sender or time. Pair with most differences: the exports "
        f"{names.get(first['source_a'], first['source_a'])} and {names.get(first['source_b'], first['source_b'])} of "
        f"{chats[first['chat_id']]}: {first['n_agree']:,} alike, {first['n_alone']:,} in one only, "
        f"{first['n_conflict']:,} that differ."
    )


def _table(tables: Tables, pairs: pl.DataFrame) -> pl.DataFrame:
    """Return the table twin: one row per pair of exports and kind; the messages are those that both or one hold.

    Where three exports or more hold a message, it is listed as differing for every pair of them.
    """
    names, chats = name_exports(tables), chat_names(tables, pairs["chat_id"])
    rows = pairs.unpivot(
        list(_KINDS), index=["chat_id", "source_a", "source_b", "independent"], variable_name="kind", value_name="n"
    ).filter(pl.col("n") > 0)
    order = pl.col("kind").replace_strict(list(_KINDS), range(len(_KINDS)), return_dtype=pl.Int8)
    rows = rows.sort("chat_id", "source_a", "source_b", order)
    behind = _messages_behind(tables, rows.head(MOST_LISTED))
    return rows.join(behind, on=["source_a", "source_b", "kind"], how="left", maintain_order="left").select(
        pl.col("chat_id").replace_strict(chats, return_dtype=pl.String).alias("chat"),
        pl.col("source_a").replace_strict(names, default=pl.col("source_a"), return_dtype=pl.String).alias("export"),
        pl.col("source_b").replace_strict(names, default=pl.col("source_b"), return_dtype=pl.String).alias("compared"),
        pl.col("independent").alias("independent of each other"),
        pl.col("kind").replace_strict(_KINDS, return_dtype=pl.String).alias("messages"),
        pl.col("n").alias("count"),
        pl.col("message_ids").fill_null([]),
    )


def _messages_behind(tables: Tables, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the messages of each pair of exports and kind: `source_a, source_b, kind, message_ids`.

    Messages are looked at by portions of chats, exports by number: a large case would not fit otherwise.
    """
    names = table_of(tables, "sources")["source_id"].unique().sort()
    code = pl.Enum(names)
    found = [_messages_of_chats(tables, chats, code) for chats in _portions(tables, rows)]
    by_name = pl.col("source_a", "source_b").cast(pl.String)
    return pl.concat(found).with_columns(by_name).join(rows, on=["source_a", "source_b", "kind"], how="semi")


def _portions(tables: Tables, rows: pl.DataFrame) -> Iterator[list[str]]:
    """Yield the chats of the rows, as many at a time as have few messages together, or one that has more."""
    sides = pl.concat([rows.select("chat_id", source_id=pl.col(side)) for side in ("source_a", "source_b")])
    sizes = table_of(tables, "sources").select("source_id", "n_messages")
    held = sides.unique(maintain_order=True).join(sizes, on="source_id", how="left", maintain_order="left")
    portion: list[str] = []
    n_messages = 0
    for chat_id, n in held.group_by("chat_id", maintain_order=True).agg(pl.col("n_messages").sum()).iter_rows():
        if portion and n_messages + n > _MOST_AT_ONCE:
            yield portion
            portion, n_messages = [], 0
        portion, n_messages = [*portion, chat_id], n_messages + n
    yield portion


def _messages_of_chats(tables: Tables, chats: list[str], code: pl.Enum) -> pl.DataFrame:
    told = (
        scan_table(tables, "corroboration")
        .filter(pl.col("chat_id").is_in(chats))
        .select(
            "canonical_id",
            pl.col("source_ids", "lacking").cast(pl.List(code)),
            agrees=pl.col("status").is_in(["agree", "one_sided"]),
        )
        .collect()
    )
    holding = told["source_ids"].explode().unique().drop_nulls().cast(pl.String).sort()
    copies = (
        scan_table(tables, "messages")
        .filter(pl.col("source_id").is_in(holding.implode()))
        .select(pl.col("canonical_id").fill_null(pl.col("message_id")), pl.col("source_id").cast(code), "message_id")
        .collect()
    )
    holds = told.explode("source_ids").select("canonical_id", "agrees", source_id="source_ids")
    held = holds.join(copies, on=["canonical_id", "source_id"])
    both = held.join(held, on="canonical_id", suffix="_b").filter(pl.col("source_id") < pl.col("source_id_b"))
    kind = pl.when("agrees").then(pl.lit("n_agree")).otherwise(pl.lit("n_conflict"))
    shared = both.select(
        kind=kind, source_a="source_id", source_b="source_id_b", ids=pl.concat_list("message_id", "message_id_b")
    )
    lacks = told.explode("lacking").drop_nulls("lacking").select("canonical_id", lacking="lacking")
    alone = held.join(lacks, on="canonical_id").filter(pl.col("source_id") != pl.col("lacking"))
    first = pl.col("source_id") < pl.col("lacking")
    one = alone.select(
        kind=pl.when(first).then(pl.lit("n_only_a")).otherwise(pl.lit("n_only_b")),
        source_a=pl.when(first).then("source_id").otherwise("lacking"),
        source_b=pl.when(first).then("lacking").otherwise("source_id"),
        ids=pl.concat_list("message_id"),
    )
    grouped = pl.concat([shared, one]).group_by("source_a", "source_b", "kind")
    return grouped.agg(message_ids=pl.col("ids").explode().unique().sort())
