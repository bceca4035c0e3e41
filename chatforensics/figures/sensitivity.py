"""How the results move when the settings do."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

import polars as pl

from chatforensics.figures.drawing import Pictures, Sketch, render
from chatforensics.figures.facts import Tables, count_of, table_of
from chatforensics.figures.fonts import measure, wrap
from chatforensics.figures.labels import write_words
from chatforensics.figures.names import drawable, plain
from chatforensics.figures.page import EDGE_MM, Key, Layout, compose
from chatforensics.figures.style import COLOURS, DOUBLE_MM, FAINT_INK, GRID, INK, TEXT_PT
from chatforensics.schema import IDS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_OUTCOMES = 9
FEW_OUTCOMES = 4
MOST_VALUES = 20
MOST_ROWS = 34
_ROW_MM = 4.4
_HEAD_MM = 5.6
_LINE_MM = 3.6
_NAME_MM = 44.0
_DOT_MM = 1.2
_BAND = "#EAF2F8"
_THOUSAND, _FEW = 1000, 10
_LONGEST_WORD = 40
_WIDEST_NOTE = 170.0
# Known results in words, and in the order of their columns.
_WORDS = {
    "n_flagged": "messages flagged",
    "n_families_tracked": "tracked families",
    "n_shares": "shares",
    "reach": "people reached by the largest family",
    "n_links_named": "shares with a source in the evidence",
    "same_parent": "part with the same source",
    "same_earliest": "same earliest sender (1: yes)",
    "n_pairs_significant": "pairs with a low q-value",
    "n_clusters": "clusters of such pairs",
}
TITLE = "How the results move when the settings do"


def sketch_sensitivity(tables: Tables) -> list[Sketch]:
    """Show what each result becomes under other values of each setting: one column per result, one row per value.

    A result that hardly moves does not hang on the setting; one that moves much must be read with it. Settings were
    changed one at a time: what happens when several change together, the picture cannot show.
    """
    table = table_of(tables, "sensitivity")
    rows = _rows(table.drop_nulls("result"))
    still = table.filter(pl.col("result").is_null().all().over("setting")).select("setting", "outcome").unique()
    pages = list(_pages(rows))
    return [
        _sketch_page(own, outcomes, _Words(_title(at, len(pages)), _unvaried(still) if at == len(pages) else []), at)
        for at, (own, outcomes) in enumerate(pages, 1)
    ]


@dataclass(frozen=True)
class _Words:
    """What a page says beside its numbers: its title, and which settings were not varied and why."""

    title: str
    unvaried: list[str]


def _title(at: int, n_pages: int) -> str:
    return TITLE if n_pages == 1 else f"{TITLE} ({at} of {n_pages})"


def _unvaried(still: pl.DataFrame) -> list[str]:
    """Say of each setting without results why it was not varied; the page breaks a plain text into lines."""
    rows = still.sort("setting", "outcome").iter_rows()
    said = [f"Not varied: {show_setting(setting)} ({plain(why)})." for setting, why in rows]
    long = {words: max(map(len, words.split(" "))) > _LONGEST_WORD or not words.isascii() for words in said}
    return [drawable(words, width_mm=_WIDEST_NOTE) if long[words] else words for words in said]


def _pages(rows: pl.DataFrame) -> Iterator[tuple[pl.DataFrame, list[str]]]:
    """Yield what stands on one page and its columns: settings together that have the same results, or few."""
    by_setting = rows.group_by("setting", maintain_order=True).agg(
        pl.col("outcome").unique().sort(), pl.col("value").filter("drawn").n_unique().alias("n")
    )
    found = by_setting.sort(pl.col("outcome").list.len(), "setting").iter_rows()
    settings_on: list[str] = []
    columns: set[str] = set()
    height = 0
    for setting, outcomes, n_values in found:
        together = columns | set(outcomes)
        fits = height + n_values <= MOST_ROWS and (len(together) <= FEW_OUTCOMES or columns == set(outcomes))
        if settings_on and not fits:
            yield from _columns(rows, settings_on, _in_order(columns))
            settings_on, together, height = [], set(outcomes), 0
        settings_on, columns, height = [*settings_on, setting], together, height + n_values
    if settings_on:
        yield from _columns(rows, settings_on, _in_order(columns))


def _in_order(outcomes: set[str]) -> list[str]:
    known = list(_WORDS)
    return sorted(outcomes, key=lambda one: (known.index(one) if one in known else len(known), one))


def _columns(
    rows: pl.DataFrame, settings_on: list[str], outcomes: list[str]
) -> Iterator[tuple[pl.DataFrame, list[str]]]:
    for start in range(0, len(outcomes), MOST_OUTCOMES):
        part = outcomes[start : start + MOST_OUTCOMES]
        kept = pl.col("setting").is_in(settings_on) & pl.col("outcome").is_in(part)
        yield rows.filter(kept), part


def _rows(found: pl.DataFrame) -> pl.DataFrame:
    """Return the results in order of settings and values, numbers by size, and whether the picture has room."""
    number = pl.col("value").cast(pl.Float64, strict=False)
    ordered = found.with_columns(number=number).sort(
        "setting", "number", ~pl.col("used"), "value", "outcome", nulls_last=True
    )
    values = ordered.unique(["setting", "value"], keep="first", maintain_order=True)
    used = found.group_by("setting", "value").agg(pl.col("used").any())
    values = values.select("setting", "value").join(used, on=["setting", "value"], maintain_order="left")
    # The values used are drawn in any case.
    place = pl.struct(~pl.col("used"), pl.int_range(pl.len()).over("setting")).rank("ordinal").over("setting")
    drawn = values.with_columns(drawn=place <= MOST_VALUES)
    return ordered.drop("used", "number").join(drawn, on=["setting", "value"], how="left", maintain_order="left")


def _sketch_page(own: pl.DataFrame, outcomes: list[str], words: _Words, at: int) -> Sketch:
    name = "sensitivity" if at == 1 else f"sensitivity-{at}"
    return Sketch(name, words.title, _alt(own, outcomes), partial(_picture, own, outcomes, words), _table(own))


def _picture(rows: pl.DataFrame, outcomes: list[str], words: _Words) -> Pictures:
    drawn = rows.filter("drawn")
    blocks = _blocks(drawn)
    height = sum(_HEAD_MM + _ROW_MM * len(values) for _, values in blocks)
    names = [drawable(_show_value(value), width_mm=_NAME_MM) for _, values in blocks for value, _ in values]
    heads = [_head(setting) for setting, _ in blocks]
    widths = [
        *(measure(name, size=TEXT_PT) for name in names),
        *(measure(head, size=TEXT_PT, weight="bold") for head in heads),
    ]
    left = EDGE_MM + 3 + max(width for width, _ in widths)
    wide = (DOUBLE_MM - left - EDGE_MM) / len(outcomes)
    titles = [wrap(show_setting(outcome), width_mm=wide - 3, size=TEXT_PT) for outcome in outcomes]
    layout = Layout(
        title=words.title,
        panels_mm=[height],
        left_mm=left,
        right_mm=EDGE_MM,
        above_mm=_LINE_MM * max(len(lines) for lines in titles) + 1,
        below_mm=1.5,
        keys=list(_keys(drawn)),
        notes=[*_notes(rows), *words.unvaried],
    )
    figure, (axes,) = compose(layout)
    axes.set_axis_off()
    places = dict(_places(axes, blocks, height))
    for at, outcome in enumerate(outcomes):
        _write_lines(axes, titles[at], (wide * at + 3, height))
        _draw_column(axes, drawn.filter(pl.col("outcome") == outcome), places, (wide * at + 3, wide - 3))
    return render(figure)


def _blocks(drawn: pl.DataFrame) -> list[tuple[str, list[tuple[str, bool]]]]:
    """Return the settings, each with its values and whether they are the ones used."""
    values = drawn.unique(["setting", "value"], keep="first", maintain_order=True)
    found = values.select("setting", "value", "used").iter_rows()
    return [
        (setting, [(value, used) for _, value, used in group]) for setting, group in groupby(found, lambda row: row[0])
    ]


def _head(setting: str) -> str:
    return drawable(show_setting(setting), width_mm=_NAME_MM - 4)  # bold letters are wider


def _places(
    axes: "Axes", blocks: list[tuple[str, list[tuple[str, bool]]]], height: float
) -> Iterator[tuple[tuple[str, str], float]]:
    """Write the settings and their values; yield the height at which each value's results stand."""
    right, y = axes.get_xlim()[1], height
    for setting, values in blocks:
        y -= _HEAD_MM
        axes.plot(
            [-axes.get_position().x0 * DOUBLE_MM + EDGE_MM, right],
            [y + _HEAD_MM - 0.6] * 2,
            color=GRID,
            lw=0.8,
            clip_on=False,
        )
        axes.text(-1.5, y + 1.9, _head(setting), ha="right", va="center_baseline", size=TEXT_PT, weight="bold")
        for value, used in values:
            y -= _ROW_MM
            if used:
                axes.axhspan(y, y + _ROW_MM, color=_BAND, linewidth=0, zorder=0)
            write_words(axes, (-1.5, y + _ROW_MM / 2), drawable(_show_value(value), width_mm=_NAME_MM), side="right")
            yield (setting, value), y + _ROW_MM / 2


def _write_lines(axes: "Axes", lines: list[str], corner: tuple[float, float]) -> None:
    for at, line in enumerate(reversed(lines)):
        middle = corner[1] + 0.8 + _LINE_MM * (at + 0.5)
        write_words(axes, (corner[0] - _DOT_MM, middle), line, colour=FAINT_INK)


def _draw_column(
    axes: "Axes", results: pl.DataFrame, places: dict[tuple[str, str], float], box: tuple[float, float]
) -> None:
    """Draw one result under all values: a dot from nought to the most, and the line from it to the value used."""
    left, wide = box
    parts = any(n != round(n) and abs(n) < _FEW for n in results["result"])
    shown = {n: f"{n:.2f}" if parts and abs(n) < _FEW else show_result(n) for n in results["result"]}
    room = wide - _DOT_MM - 3.5 - max(measure(words, size=TEXT_PT)[0] for words in shown.values())
    most = max(*results["result"], 0.0) or 1.0
    for _, own in results.group_by("setting", maintain_order=True):
        found = own.select("setting", "value", "used", "result").rows()
        ys = [places[setting, value] for setting, value, _, _ in found]
        base = next((left + room * max(n, 0) / most for _, _, used, n in found if used), None)
        axes.plot([left, left], [min(ys) - _ROW_MM / 2, max(ys) + _ROW_MM / 2], color="#C9C9C9", lw=0.6)
        for (_, _, used, result), y in zip(found, ys, strict=True):
            x = left + room * max(result, 0) / most
            if base is not None:
                axes.plot([base, x], [y, y], color=FAINT_INK, lw=0.9, zorder=2)
            face = COLOURS[0] if used else "white"
            axes.plot(x, y, "o", ms=4.2, mfc=face, mec=COLOURS[0] if used else INK, mew=0.9, zorder=4)
            spot = (left + wide - _DOT_MM, y)
            write_words(axes, spot, shown[result], side="right")


def show_setting(name: str) -> str:
    """Return the name of a setting or a result in words: `n_shares` is `shares`, `window_s` is `window in seconds`."""
    if name in _WORDS:
        return _WORDS[name]
    words = plain(name).removeprefix("n_")
    return (
        f"{words.removesuffix('_s')} in seconds".replace("_", " ") if words.endswith("_s") else words.replace("_", " ")
    )


def _show_value(value: str) -> str:
    return plain(value).replace("_", " ")


def show_result(result: float) -> str:
    """Return a result in at most seven letters: whole numbers as such, parts with two places."""
    if result == round(result) or abs(result) >= _THOUSAND:
        return f"{result:,.0f}" if abs(result) < _THOUSAND**2 else f"{result:.2g}"
    return f"{result:.2f}" if abs(result) < _FEW else f"{result:.1f}"


def _keys(drawn: pl.DataFrame) -> Iterator[Key]:
    if drawn["used"].any():
        yield Key("the value used", COLOURS[0], "o")
    yield Key(
        "another value of the same setting; the line is the difference", INK, "o", line="-", hollow=True, width=0.9
    )


def _notes(rows: pl.DataFrame) -> list[str]:
    notes = ["Each column runs from nought to its largest result. One setting was changed at a time, all others kept."]
    values = rows.unique(["setting", "value"])
    if rest := values.filter(~pl.col("drawn")).height:
        notes.append(f"{count_of(rest, 'more value')} of the settings are in the table only.")
    return notes


def _alt(rows: pl.DataFrame, outcomes: list[str]) -> str:
    parts = []
    for outcome in outcomes:
        own = rows.filter(pl.col("outcome") == outcome)
        used = own.filter("used")["result"]
        base = f", {show_result(used[0])} as used" if len(used) else ""
        lowest, highest = (show_result(float(own["result"].min())), show_result(float(own["result"].max())))  # type: ignore[arg-type] # numbers
        parts.append(f"{show_setting(outcome)} {lowest} to {highest}{base}")
    return (
        f"Results under {count_of(rows.unique(['setting', 'value']).height, 'value')} of "
        f"{count_of(rows['setting'].n_unique(), 'setting')}, one changed at a time. From the lowest to the highest: "
        f"{'; '.join(parts)}."
    )


def _table(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the table twin: one row per result; each is about the whole case, so it names no messages."""
    return rows.select(
        "setting",
        "value",
        pl.col("used").alias("as used"),
        "outcome",
        "result",
        pl.col("drawn").alias("in the picture"),
        message_ids=pl.lit([], IDS),
    )
