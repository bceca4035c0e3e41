"""How one text spread: its shares over time, in a lane per chat."""

import math
from collections.abc import Iterator, Sequence
from functools import partial
from string import ascii_uppercase
from typing import TYPE_CHECKING

import polars as pl

from chatforensics.figures.drawing import Pictures, Sketch, render
from chatforensics.figures.events import Event, EventMarks, tell_events
from chatforensics.figures.facts import (
    Tables,
    best_parents,
    count_of,
    is_earliest,
    name_earliest,
    of_families,
    order_families,
    show_percent,
    table_of,
    unknown_sources,
)
from chatforensics.figures.fonts import measure
from chatforensics.figures.labels import Label, place_labels
from chatforensics.figures.lanes import MOST_LANES, build_lanes, rows_in_lane
from chatforensics.figures.marks import Dot, Line, draw_dots, draw_lines
from chatforensics.figures.names import chat_names, drawable, person_names
from chatforensics.figures.numbering import NO_NUMBERS, Numbers, name_text, safe_stem
from chatforensics.figures.page import EDGE_MM, RIGHT_MM, Key, Layout, compose
from chatforensics.figures.style import COLOURS, DOUBLE_MM, INK, MARKERS, OTHER_COLOUR, OTHER_MARKER, TEXT_PT, settings
from chatforensics.figures.timeaxis import BELOW_MM, TimeScale, broken_scale, draw_time_axis, show_span, show_time

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_FAMILIES = 6
MOST_SHARES = 2000
MOST_NAMES = 12
MOST_PERCENTS = 16
_MANY = 100
_LANE_MM = 6.4
DOT_MM = 0.95
_SHARED_LANE_MM = 14.0
_BAND = "#F4F4F4"
_OF_A_MARK = ["share_id", "chat_id", "person_id", "variant_id", "sent_at", "unknown", "parent_share_id", "probability"]


def sketch_spreads(
    tables: Tables, *, order: pl.DataFrame | None = None, events: Sequence[Event] = (), numbers: Numbers = NO_NUMBERS
) -> list[Sketch]:
    """Show the spread of a few tracked families: those that tell people how to vote first, then by size.

    A line is the most probable route among those in the evidence; the real one may lie outside it. `order` is that of
    `order_families`, where it is known.
    """
    order = order_families(tables) if order is None else order
    return [
        _sketch_spread(of_families(tables, [family]), family, name_text(family, numbers), events)
        for family in order["family_id"].head(MOST_FAMILIES)
    ]


def _sketch_spread(tables: Tables, family: str, name: str, events: Sequence[Event]) -> Sketch:
    shares = _shares(tables, family)
    lines = shares.filter(pl.col("parent_share_id").is_in(shares["share_id"].implode()) & (pl.col("rank") == 1))
    persons = person_names(tables, shares["person_id"].drop_nulls())
    chats = chat_names(tables, shares["chat_id"])
    wordings = name_wordings(shares)
    safe = safe_stem(family)
    title = f"How one text spread: {name}, {_size(shares, chats)}"
    drawn, drawn_lines = _keep(shares, lines)
    with settings():
        words = title, _keys(shares, lines, wordings), _notes(shares, persons, drawn)
    marks, routes = drawn.select(_OF_A_MARK), drawn_lines.select(_OF_A_MARK)
    picture = partial(_picture, marks, routes, (persons, chats, wordings), words, events)
    alt = " ".join([_alt(shares, lines, (persons, chats, wordings)), *tell_events(events)])
    return Sketch(f"spread-{safe}", title, alt, picture, _table(shares, (persons, chats, wordings)))


Names = tuple[dict[str, str], dict[str, str], dict[str, str]]
Words = tuple[str, list[Key], list[str]]


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


def _keep(shares: pl.DataFrame, lines: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the shares that the picture has room for: those followed by most others, then the earliest."""
    followed = lines.group_by(share_id="parent_share_id").agg(n_after=pl.len().cast(pl.Int64))
    order = shares.join(followed, on="share_id", how="left").with_row_index("place")
    kept = order.sort(-pl.col("n_after").fill_null(0), "place").head(MOST_SHARES).select("share_id")
    drawn = shares.join(kept, on="share_id", how="semi", maintain_order="left")
    both = pl.all_horizontal(pl.col("share_id", "parent_share_id").is_in(drawn["share_id"].implode()))
    return drawn, lines.filter(both)


def _size(shares: pl.DataFrame, chats: dict[str, str]) -> str:
    return f"{count_of(shares.height, 'share')} in {count_of(len(chats), 'chat')}"


def name_wordings(shares: pl.DataFrame) -> dict[str, str]:
    """Name the wordings A, B, C ... in the order in which they were first shared, as the report does."""
    counted = shares.group_by("variant_id").agg(pl.col("sent_at").min()).sort("sent_at", "variant_id")
    letters = [*ascii_uppercase, *(f"{letter}{other}" for letter in ascii_uppercase for other in ascii_uppercase)]
    ids = counted["variant_id"].to_list()
    return {variant: letters[at] if at < len(letters) else str(at + 1) for at, variant in enumerate(ids)}


def _picture(
    shares: pl.DataFrame, lines: pl.DataFrame, names: Names, words: Words, events: Sequence[Event]
) -> Pictures:
    (persons, chats, wordings), (title, keys, notes) = names, words
    lanes, lane_names = build_lanes(shares, chats)
    left = EDGE_MM + 3 + max(measure(name, size=TEXT_PT)[0] for name in lane_names)
    heights = [_LANE_MM] * (len(lane_names) - 1) + [
        _LANE_MM if shares["chat_id"].n_unique() == len(lane_names) else _SHARED_LANE_MM
    ]
    height = sum(heights)
    scale = broken_scale(shares["sent_at"].to_list(), width_mm=DOUBLE_MM - left - RIGHT_MM)
    days = EventMarks(events, scale)
    room = {"left_mm": left, "head_mm": days.head_mm, "below_mm": BELOW_MM}
    told = [*days.notes, *scale.notes, *notes]
    layout = Layout(title=title, panels_mm=[height], keys=keys, notes=told, **room)
    figure, (axes,) = compose(layout)
    axes.spines["left"].set_visible(False)
    middles = [height - sum(heights[:lane]) - heights[lane] / 2 for lane in range(len(heights))]
    axes.set_yticks(middles, labels=lane_names)
    axes.tick_params(axis="y", length=0)
    for middle, tall in list(zip(middles, heights, strict=True))[::2]:
        axes.axhspan(middle - tall / 2, middle + tall / 2, color=_BAND, linewidth=0, zorder=0)
    draw_time_axis(axes, scale, name="time of the share (UTC)")
    days.draw(axes)
    rows = {chat: rows_in_lane(middles[lane], heights[lane], radius=DOT_MM) for chat, lane in lanes.items()}
    dots = _dots(shares, scale, rows, wordings)
    draw_lines(axes, _lines(lines, dots))
    draw_dots(axes, dots.values())
    _write_beside(axes, shares, persons, dots, lines)
    return render(figure)


def wording_looks(wordings: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Return each wording's colour and shape; the rarer ones share the grey."""
    own = dict(zip(wordings, zip(COLOURS, MARKERS, strict=True), strict=False))
    return {variant: own.get(variant, (OTHER_COLOUR, OTHER_MARKER)) for variant in wordings}


def _dots(
    shares: pl.DataFrame, scale: TimeScale, rows: dict[str, list[float]], wordings: dict[str, str]
) -> dict[str, Dot]:
    """Place the shares; those of one lane that would cover each other stand a little above and below."""
    looks = wording_looks(wordings)
    ends: dict[float, float] = {}
    dots: dict[str, Dot] = {}
    for row in shares.iter_rows(named=True):
        x, levels = scale.place(row["sent_at"]), rows[row["chat_id"]]
        free = (level for level in levels if x - ends.get(level, -math.inf) >= 2 * DOT_MM)
        y = next(free, None) or min(levels, key=lambda level: ends.get(level, -math.inf))
        ends[y] = x
        dots[row["share_id"]] = Dot(x, y, DOT_MM, *looks[row["variant_id"]], row["unknown"])
    return dots


def _lines(parents: pl.DataFrame, dots: dict[str, Dot]) -> Iterator[Line]:
    strength = 1.0 if len(dots) <= _MANY else 0.55
    for share, parent, probability in parents.select("share_id", "parent_share_id", "probability").iter_rows():
        start, end = dots[parent], dots[share]
        yield Line((start.x, start.y), (end.x, end.y), strength * _width(probability), strength * _alpha(probability))


def _width(probability: float) -> float:
    return 0.3 + 1.1 * probability


def _alpha(probability: float) -> float:
    return 0.12 + 0.6 * probability


def _grey(probability: float) -> str:
    """Return the colour that a line of that probability has on white."""
    ink, alpha = int(INK[1:3], 16), _alpha(probability)
    level = round(255 - alpha * (255 - ink))
    return f"#{level:02X}{level:02X}{level:02X}"


def _write_beside(
    axes: "Axes", shares: pl.DataFrame, persons: dict[str, str], dots: dict[str, Dot], lines: pl.DataFrame
) -> None:
    """Write names beside dots, and on a few lines their probabilities."""
    near = DOT_MM * 0.8
    taken = [(d.x - near, d.y - near, d.x + near, d.y + near) for d in dots.values()]
    shown = _percents(lines, dots) if lines.height <= MOST_PERCENTS else []
    place_labels(axes, [*_names(shares, persons, dots), *shown], taken=taken)


def _percents(lines: pl.DataFrame, dots: dict[str, Dot]) -> list[Label]:
    """Return the probabilities, each to stand beside its line near the later end, where one line only ends."""
    return [
        Label(
            show_percent(probability),
            0.7 * dots[share].x + 0.3 * dots[parent].x,
            0.7 * dots[share].y + 0.3 * dots[parent].y,
            radius=-0.6,
        )
        for share, parent, probability in lines.select("share_id", "parent_share_id", "probability").iter_rows()
    ]


def _names(shares: pl.DataFrame, persons: dict[str, str], dots: dict[str, Dot]) -> list[Label]:
    """Return the names of the earliest senders in the evidence and those from whom most others had the text."""
    followed = shares.group_by(share_id="parent_share_id").len()
    first = shares.drop_nulls("person_id").join(followed, on="share_id", how="left").with_row_index("place")
    order = first.sort(
        ~is_earliest(pl.col("sent_at")), pl.col("len").fill_null(0), "place", descending=[False, True, False]
    )
    order = order.unique("person_id", keep="first", maintain_order=True).head(MOST_NAMES)
    return [
        Label(drawable(persons[person], width_mm=34), dots[share].x, dots[share].y, DOT_MM)
        for share, person in order.select("share_id", "person_id").iter_rows()
    ]


def _earliest(shares: pl.DataFrame) -> pl.DataFrame:
    """Return the earliest share of each person whom the times leave as possibly the first."""
    tied = shares.filter(is_earliest(pl.col("sent_at")))
    return tied.unique("person_id", keep="first", maintain_order=True)


def _keys(shares: pl.DataFrame, lines: pl.DataFrame, wordings: dict[str, str]) -> list[Key]:
    counts = dict(shares.group_by("variant_id").len().iter_rows())
    looks = wording_looks(wordings)
    own = list(wordings)[: len(COLOURS)]
    keys = [Key(f"wording {wordings[variant]} ({counts[variant]})", *looks[variant]) for variant in own]
    if rest := len(wordings) - len(own):
        n_rest = sum(counts[variant] for variant in list(wordings)[len(own) :])
        keys.append(Key(f"{rest} other wordings ({n_rest})", OTHER_COLOUR, OTHER_MARKER))
    if shares["unknown"].any():
        keys.append(Key("hollow: source most probably not in the evidence", INK, "o", hollow=True))
    if not lines.is_empty():
        keys.append(Key("likeliest route in the evidence: 90 % probable", _grey(0.9), line="-", width=_width(0.9)))
        keys.append(Key("30 %", _grey(0.3), line="-", width=_width(0.3)))
    return keys


def _notes(shares: pl.DataFrame, persons: dict[str, str], drawn: pl.DataFrame) -> list[str]:
    tied = _earliest(shares)
    names = [drawable(persons.get(person, "unknown"), width_mm=60) for person in tied["person_id"]]
    if (rest := len(names) - MOST_NAMES) > 0:
        names = [*names[:MOST_NAMES], count_of(rest, "other")]
    first = f"{name_earliest(names)}, {show_time(tied['sent_at'][0])} UTC"
    notes = [f"{first}; earlier ones may lie outside it."]
    if shares.drop_nulls("person_id")["person_id"].is_duplicated().any():
        notes.append("A dot without a line that is not hollow: somebody sent again what they had sent before.")
    if shares.height > drawn.height:
        left_out = f"{shares.height - drawn.height:,} of {shares.height:,} shares"
        notes.append(f"{left_out} are in the table only: those followed by fewest, then later ones.")
    if drawn["chat_id"].n_unique() > MOST_LANES:
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
