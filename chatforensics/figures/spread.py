"""How one text spread: its shares over time, in a lane per chat."""

import hashlib
import math
import re
from collections.abc import Iterator
from string import ascii_uppercase
from typing import TYPE_CHECKING

import polars as pl

from chatforensics.figures.drawing import Drawing, render
from chatforensics.figures.facts import (
    Tables,
    best_parents,
    count_of,
    is_earliest,
    name_earliest,
    table_of,
    unknown_sources,
)
from chatforensics.figures.fonts import measure
from chatforensics.figures.labels import Label, place_labels
from chatforensics.figures.marks import Dot, Line, draw_dots, draw_lines
from chatforensics.figures.names import chat_names, drawable, person_names
from chatforensics.figures.page import EDGE_MM, RIGHT_MM, Key, Layout, compose
from chatforensics.figures.style import COLOURS, DOUBLE_MM, INK, MARKERS, OTHER_COLOUR, OTHER_MARKER, TEXT_PT, settings
from chatforensics.figures.timeaxis import TimeScale, broken_scale, draw_time_axis, show_span, show_time

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_FAMILIES = 6
FEWEST_SHARES = 2
MOST_LANES = 22
MOST_NAMES = 12
_MANY = 100
_LONGEST_ID = 32
_LANE_MM = 6.4
_DOT_MM = 0.95
_SHARED_LANE_MM = 14.0
_LANE_NAME_MM = 38.0
_BAND = "#F4F4F4"
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def draw_spreads(tables: Tables) -> list[Drawing]:
    """Draw the spread of each of the largest tracked families, most shares first.

    A line is the most probable route among those in the evidence; the real one may lie outside it.
    """
    shares = table_of(tables, "shares")
    sizes = shares.drop_nulls("sent_at").group_by("family_id").len().filter(pl.col("len") >= FEWEST_SHARES)
    largest = sizes.sort("len", "family_id", descending=[True, False])["family_id"].head(MOST_FAMILIES)
    return [_draw_spread(tables, family) for family in largest]


def _draw_spread(tables: Tables, family: str) -> Drawing:
    shares = _shares(tables, family)
    lines = shares.filter(pl.col("parent_share_id").is_in(shares["share_id"].implode()) & (pl.col("rank") == 1))
    persons = person_names(tables, shares["person_id"].drop_nulls())
    chats = chat_names(tables, shares["chat_id"])
    wordings = _wordings(shares)
    safe = _safe(family)
    title = f"How one text spread: family {safe[:_LONGEST_ID]}, {_size(shares, chats)}"
    with settings():
        svg, png = _picture(shares, lines, (persons, chats, wordings), title)
    alt = _alt(shares, lines, (persons, chats, wordings))
    return Drawing(f"spread-{safe}", title, alt, svg, png, _table(shares, (persons, chats, wordings)))


def _safe(family: str) -> str:
    """Return the family's id as a file may be named; ids that only differ in unsafe letters stay apart."""
    safe = _UNSAFE.sub("_", family)
    return safe if safe == family else f"{safe}-{hashlib.sha256(family.encode()).hexdigest()[:8]}"


Names = tuple[dict[str, str], dict[str, str], dict[str, str]]


def _shares(tables: Tables, family: str) -> pl.DataFrame:
    """Return the family's shares in order of time, with the likeliest parent of each."""
    shares = table_of(tables, "shares").drop_nulls("sent_at").filter(pl.col("family_id") == family)
    unknown = unknown_sources(tables).select("share_id", pl.lit(True).alias("unknown"))
    return (
        shares.join(best_parents(tables), on="share_id", how="left")
        .join(unknown, on="share_id", how="left")
        .with_columns(pl.col("unknown").fill_null(value=False), pl.col("chat_id").fill_null("unknown"))
        .sort("sent_at", "share_id")
    )


def _size(shares: pl.DataFrame, chats: dict[str, str]) -> str:
    return f"{count_of(shares.height, 'share')} in {count_of(len(chats), 'chat')}"


def _wordings(shares: pl.DataFrame) -> dict[str, str]:
    """Name the wordings A, B, C ... by how often they were shared."""
    counted = shares.group_by("variant_id").len().sort("len", "variant_id", descending=[True, False])
    letters = [*ascii_uppercase, *(f"{letter}{other}" for letter in ascii_uppercase for other in ascii_uppercase)]
    ids = counted["variant_id"].to_list()
    return {variant: letters[at] if at < len(letters) else str(at + 1) for at, variant in enumerate(ids)}


def _picture(shares: pl.DataFrame, lines: pl.DataFrame, names: Names, title: str) -> tuple[bytes, bytes]:
    persons, chats, wordings = names
    lanes, lane_names = _lanes(shares, chats)
    left = EDGE_MM + 3 + max(measure(name, size=TEXT_PT)[0] for name in lane_names)
    heights = [_LANE_MM] * (len(lane_names) - 1) + [_LANE_MM if len(chats) == len(lane_names) else _SHARED_LANE_MM]
    height = sum(heights)
    scale = broken_scale(shares["sent_at"].to_list(), width_mm=DOUBLE_MM - left - RIGHT_MM)
    layout = Layout(
        title=title,
        panels_mm=[height],
        left_mm=left,
        below_mm=12.0,
        keys=_keys(shares, lines, wordings),
        notes=[*scale.notes, *_notes(shares, persons, len(chats) - len(lane_names))],
    )
    figure, (axes,) = compose(layout)
    axes.spines["left"].set_visible(False)
    middles = [height - sum(heights[:lane]) - heights[lane] / 2 for lane in range(len(heights))]
    axes.set_yticks(middles, labels=lane_names)
    axes.tick_params(axis="y", length=0)
    for middle, tall in list(zip(middles, heights, strict=True))[::2]:
        axes.axhspan(middle - tall / 2, middle + tall / 2, color=_BAND, linewidth=0, zorder=0)
    draw_time_axis(axes, scale)
    axes.set_xlabel("time of the share (UTC)")
    rows = {chat: _rows(middles[lane], heights[lane]) for chat, lane in lanes.items()}
    dots = _dots(shares, scale, rows, wordings)
    draw_lines(axes, _lines(lines, dots))
    draw_dots(axes, dots.values())
    _name_people(axes, shares, persons, dots)
    return render(figure)


def _lanes(shares: pl.DataFrame, chats: dict[str, str]) -> tuple[dict[str, int], list[str]]:
    """Give each chat a lane, the first reached on top; where there are too many, the small ones share the last."""
    counted = shares.group_by("chat_id").agg(pl.len(), pl.col("sent_at").min())
    own = counted.sort("len", "sent_at", "chat_id", descending=[True, False, False])["chat_id"]
    kept = set(own.head(MOST_LANES if len(own) <= MOST_LANES else MOST_LANES - 1))
    order = [chat for chat in counted.sort("sent_at", "chat_id")["chat_id"] if chat in kept]
    names = [drawable(chats[chat], width_mm=_LANE_NAME_MM) for chat in order]
    if rest := len(own) - len(order):
        names.append(f"{rest} other chats")
    return {chat: order.index(chat) if chat in kept else len(order) for chat in own}, names


def _rows(middle: float, height: float) -> list[float]:
    """Return the heights at which dots of a lane may stand, the middle first."""
    n_beside = int((height / 2 - _DOT_MM) / (2 * _DOT_MM))
    beside = [side * 2 * _DOT_MM * step for step in range(1, n_beside + 1) for side in (1, -1)]
    return [middle, *(middle + offset for offset in beside)]


def _looks(wordings: dict[str, str]) -> dict[str, tuple[str, str]]:
    own = dict(zip(wordings, zip(COLOURS, MARKERS, strict=True), strict=False))
    return {variant: own.get(variant, (OTHER_COLOUR, OTHER_MARKER)) for variant in wordings}


def _dots(
    shares: pl.DataFrame, scale: TimeScale, rows: dict[str, list[float]], wordings: dict[str, str]
) -> dict[str, Dot]:
    """Place the shares; those of one lane that would cover each other stand a little above and below."""
    looks = _looks(wordings)
    ends: dict[float, float] = {}
    dots: dict[str, Dot] = {}
    for row in shares.iter_rows(named=True):
        x, levels = scale.place(row["sent_at"]), rows[row["chat_id"]]
        free = (level for level in levels if x - ends.get(level, -math.inf) >= 2 * _DOT_MM)
        y = next(free, None) or min(levels, key=lambda level: ends.get(level, -math.inf))
        ends[y] = x
        dots[row["share_id"]] = Dot(x, y, _DOT_MM, *looks[row["variant_id"]], row["unknown"])
    return dots


def _lines(parents: pl.DataFrame, dots: dict[str, Dot]) -> Iterator[Line]:
    strength = 1.0 if len(dots) <= _MANY else 0.55
    for share, parent, probability in parents.select("share_id", "parent_share_id", "probability").iter_rows():
        start, end = dots[parent], dots[share]
        width, alpha = 0.3 + 1.1 * probability, 0.12 + 0.6 * probability
        yield Line((start.x, start.y), (end.x, end.y), strength * width, strength * alpha)


def _name_people(axes: "Axes", shares: pl.DataFrame, persons: dict[str, str], dots: dict[str, Dot]) -> None:
    """Name the earliest senders in the evidence and those from whom most others had the text."""
    followed = shares.group_by(share_id="parent_share_id").len()
    first = shares.drop_nulls("person_id").join(followed, on="share_id", how="left").with_row_index("place")
    order = first.sort(
        ~is_earliest(pl.col("sent_at")), pl.col("len").fill_null(0), "place", descending=[False, True, False]
    )
    order = order.unique("person_id", keep="first", maintain_order=True).head(MOST_NAMES)
    labels = [
        Label(drawable(persons[person], width_mm=34), dots[share].x, dots[share].y, _DOT_MM)
        for share, person in order.select("share_id", "person_id").iter_rows()
    ]
    near = _DOT_MM * 0.8
    place_labels(axes, labels, taken=[(d.x - near, d.y - near, d.x + near, d.y + near) for d in dots.values()])


def _earliest(shares: pl.DataFrame) -> pl.DataFrame:
    """Return the earliest share of each person whom the times leave as possibly the first."""
    tied = shares.filter(is_earliest(pl.col("sent_at")))
    return tied.unique("person_id", keep="first", maintain_order=True)


def _keys(shares: pl.DataFrame, lines: pl.DataFrame, wordings: dict[str, str]) -> list[Key]:
    counts = dict(shares.group_by("variant_id").len().iter_rows())
    looks = _looks(wordings)
    own = list(wordings)[: len(COLOURS)]
    keys = [Key(f"wording {wordings[variant]} ({counts[variant]})", *looks[variant]) for variant in own]
    if rest := len(wordings) - len(own):
        n_rest = sum(counts[variant] for variant in list(wordings)[len(own) :])
        keys.append(Key(f"{rest} other wordings ({n_rest})", OTHER_COLOUR, OTHER_MARKER))
    if shares["unknown"].any():
        keys.append(Key("hollow: source most probably not in the evidence", INK, "o", hollow=True))
    if not lines.is_empty():
        keys.append(Key("likeliest route in the evidence (darker: more probable)", INK, line="-"))
    return keys


def _notes(shares: pl.DataFrame, persons: dict[str, str], n_hidden: int) -> list[str]:
    tied = _earliest(shares)
    names = [drawable(persons.get(person, "unknown"), width_mm=60) for person in tied["person_id"]]
    if (rest := len(names) - MOST_NAMES) > 0:
        names = [*names[:MOST_NAMES], count_of(rest, "other")]
    first = f"{name_earliest(names)}, {show_time(tied['sent_at'][0])} UTC"
    notes = [f"{first}; earlier ones may lie outside it."]
    if shares.drop_nulls("person_id")["person_id"].is_duplicated().any():
        notes.append("A dot without a line that is not hollow: somebody sent again what they had sent before.")
    if n_hidden > 0:
        notes.append("Chats with few shares stand together in the last lane; the table names them.")
    return notes


def _alt(shares: pl.DataFrame, lines: pl.DataFrame, names: Names) -> str:
    persons, chats, wordings = names
    earliest = [
        f"{persons.get(person, 'unknown')} in {chats[chat]}"
        for person, chat in _earliest(shares).select("person_id", "chat_id").iter_rows()
    ]
    return (
        f"Spread of one text over time. {_size(shares, chats)} by {count_of(len(persons), 'person', 'people')}, "
        f"{show_span(shares['sent_at'])} UTC, in {count_of(len(wordings), 'wording')}. "
        f"{name_earliest(earliest)}. "
        f"A line joins {count_of(lines.height, 'share')} to the likeliest share before in the evidence; for "
        f"{count_of(sum(shares['unknown']), 'share')} the likeliest source is not in the evidence."
    )


def _table(shares: pl.DataFrame, names: Names) -> pl.DataFrame:
    """Return the table twin: one row per share, with the likeliest parent's sender and probability."""
    persons, chats, wordings = names
    sender = pl.col("person_id").replace_strict(persons, default=None, return_dtype=pl.String)
    parents = shares.select(parent_share_id="share_id", had_from=sender)
    return shares.join(parents, on="parent_share_id", how="left", maintain_order="left").select(
        pl.col("sent_at").alias("time (UTC)"),
        pl.col("chat_id").replace_strict(chats, return_dtype=pl.String).alias("chat"),
        sender.alias("sender"),
        pl.col("variant_id").replace_strict(wordings, return_dtype=pl.String).alias("wording"),
        pl.col("had_from").alias("likeliest sender before"),
        pl.col("probability").alias("probability of that"),
        pl.col("unknown").alias("source most probably not in the evidence"),
        "message_ids",
    )
