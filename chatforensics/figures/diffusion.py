"""Who sent the tracked texts, when first, and from whom each most probably had them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

import polars as pl

from chatforensics.figures.drawing import Pictures, Sketch, render
from chatforensics.figures.events import Event, EventMarks, tell_events
from chatforensics.figures.facts import Tables, count_of, focus_on_instructions, is_earliest, name_earliest
from chatforensics.figures.labels import Label, place_labels
from chatforensics.figures.marks import Dot, add_shape, draw_dots
from chatforensics.figures.names import chat_names, drawable, person_names
from chatforensics.figures.page import Key, Layout, compose, key_words
from chatforensics.figures.routes import build_arrows, build_senders, likeliest_parents, rows_in_tree
from chatforensics.figures.style import COLOURS, DOUBLE_MM, INK, MARKERS, OTHER_COLOUR, OTHER_MARKER
from chatforensics.figures.timeaxis import BELOW_MM, TimeScale, broken_scale, draw_time_axis, show_span, show_time

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_PEOPLE = 600
MOST_NAMES = 40
NAMES_AMONG_MANY = 16
_ROW_MM = 5.4
_HIGHEST_MM = 165.0
_SIDE_MM = 4.0
_NAME_ROOM_MM = 24.0
_BEND_MM = 3.0
_UNKNOWN_COLOUR = "#D55E00"
TITLE = "Who sent the tracked texts, and from whom they most probably had them"
TITLE_OF_INSTRUCTIONS = "Who sent the texts that tell people how to vote, and from whom they probably had them"


def sketch_diffusion(tables: Tables, *, events: Sequence[Event] = ()) -> Sketch | None:
    """Show the people who sent tracked texts from left to right by their first share, with the likeliest routes.

    An arrow is the most probable route among those in the evidence; the real one may lie outside it. Returns None
    where nobody sent a tracked text.
    """
    tables, narrowed = focus_on_instructions(tables)
    title = TITLE_OF_INSTRUCTIONS if narrowed else TITLE
    senders, arrows = build_senders(tables), build_arrows(tables)
    if senders.is_empty():
        return None
    names = person_names(tables, senders["person_id"])
    shown = senders.sort("n_recipients", "person_id", descending=[True, False]).head(MOST_PEOPLE)
    shown = shown.sort("first_at", "person_id")
    drawn = arrows.filter(pl.col("sender_id").is_in(shown["person_id"].implode()))
    drawn = drawn.filter(pl.col("recipient_id").is_in(shown["person_id"].implode()))
    own = {person: names[person] for person in shown["person_id"]}
    words = _Words(title, own, chat_names(tables, shown["chat_id"]), senders.height, events)
    picture = partial(_picture, shown.drop("message_ids", "unknown_message_ids"), drawn.drop("message_ids"), words)
    alt = " ".join([_alt(senders, arrows, names), *tell_events(events)])
    return Sketch("diffusion", title, alt, picture, _table(senders, arrows, names, shown))


@dataclass(frozen=True)
class _Words:
    """What is written beside the marks: title, names of people and chats, how many people there are, days."""

    title: str
    names: dict[str, str]
    chats: dict[str, str]
    n_all: int
    events: Sequence[Event]


def _picture(senders: pl.DataFrame, arrows: pl.DataFrame, words: _Words) -> Pictures:
    looks, keys = _looks(senders, words.chats)
    n_named = senders.height if senders.height <= MOST_NAMES else NAMES_AMONG_MANY
    height = max(30.0, min(_ROW_MM * senders.height, _HIGHEST_MM))
    times, plot_mm = senders["first_at"].to_list(), DOUBLE_MM - 2 * _SIDE_MM
    scale = broken_scale(times, width_mm=plot_mm, right_mm=_NAME_ROOM_MM)
    days = EventMarks(words.events, scale)
    layout = Layout(
        title=words.title,
        panels_mm=[height],
        left_mm=_SIDE_MM,
        right_mm=_SIDE_MM,
        head_mm=days.head_mm,
        below_mm=BELOW_MM,
        keys=[*_line_keys(senders, arrows), *keys],
        notes=[*days.notes, *scale.notes, *_notes(words.n_all, senders.height, n_named)],
    )
    figure, (axes,) = compose(layout)
    axes.spines["left"].set_visible(False)
    axes.set_yticks([])
    draw_time_axis(axes, scale, name="first share of a tracked text (UTC)")
    days.draw(axes)
    dots = _dots(senders, arrows, looks, scale, height)
    _draw_arrows(axes, arrows, dots)
    _draw_unknown(axes, senders, dots)
    draw_dots(axes, dots.values())
    _name_people(axes, senders, words.names, dots, n_named)
    return render(figure)


def _looks(senders: pl.DataFrame, chats: dict[str, str]) -> tuple[dict[str, tuple[str, str]], list[Key]]:
    """Give the chats where most people first shared a colour and a shape; the others share one.

    Where even these hold less than half of the people, colours would say little: all dots are alike.
    """
    counted = senders.group_by("chat_id").len().sort("len", "chat_id", descending=[True, False])
    common = counted["chat_id"].head(len(COLOURS)).to_list()
    looks = dict(zip(common, zip(COLOURS, MARKERS, strict=True), strict=False))
    if 2 * counted["len"].head(len(common)).sum() < senders.height:
        return dict.fromkeys(counted["chat_id"], (COLOURS[0], MARKERS[0])), []
    keys = [Key(f"first in {key_words(chats[chat])}", *looks[chat]) for chat in common]
    if rest := counted.height - len(common):
        keys.append(Key(f"first in one of {rest} other chats", OTHER_COLOUR, OTHER_MARKER))
    return looks, keys


def _line_keys(senders: pl.DataFrame, arrows: pl.DataFrame) -> list[Key]:
    likely = Key("likeliest sender in the evidence (darker: more probable)", INK, line="-")
    weak = Key("the same, but a source outside it is likelier", INK, line=":")
    unknown = Key("source not in the evidence", _UNKNOWN_COLOUR, line="--")
    kinds = [(likely, (arrows["rank"] == 1).any()), (weak, (arrows["rank"] > 1).any())]
    return [key for key, present in [*kinds, (unknown, senders["unknown"].is_not_null().any())] if present]


def _notes(n_all: int, n_shown: int, n_named: int) -> list[str]:
    notes = [
        "Height has no meaning. Larger dots reached more people; +n counts recipients who did not send it on.",
        "An arrow is the most probable route within the evidence; the real one may lie outside it.",
    ]
    if n_shown < n_all:
        notes.append(f"{n_shown} of {n_all} people are drawn, those who reached most; all are in the table.")
    if n_named < n_shown:
        notes.append(
            "Names stand where they fit: the earliest in the evidence, then those who reached most; the table has all."
        )
    return notes


def _dots(
    senders: pl.DataFrame,
    arrows: pl.DataFrame,
    looks: dict[str, tuple[str, str]],
    scale: TimeScale,
    height: float,
) -> dict[str, Dot]:
    order = senders["person_id"].to_list()
    rows = rows_in_tree(order, likeliest_parents(order, arrows))
    largest = max(0.7, min(1.5, 9 / len(order) ** 0.5))
    most = max(1, *senders["n_recipients"])
    return {
        row["person_id"]: Dot(
            scale.place(row["first_at"]),
            height * (1 - (rows[row["person_id"]] + 0.5) / len(order)),
            largest * (0.45 + 0.55 * (row["n_recipients"] / most) ** 0.5),
            *looks.get(row["chat_id"], (OTHER_COLOUR, OTHER_MARKER)),
        )
        for row in senders.iter_rows(named=True)
    }


def _draw_arrows(axes: "Axes", arrows: pl.DataFrame, dots: dict[str, Dot]) -> None:
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path

    strength = 1.0 if len(dots) <= MOST_NAMES else 0.55
    for row in arrows.iter_rows(named=True):
        arrow = FancyArrowPatch(
            path=Path(
                _bend(dots[row["sender_id"]], dots[row["recipient_id"]]), [Path.MOVETO, Path.CURVE3, Path.CURVE3]
            ),
            arrowstyle="-|>,head_length=0.45,head_width=0.2",
            mutation_scale=8 * strength,
            linewidth=strength * (0.5 + 1.0 * row["probability"]),
            linestyle="-" if row["rank"] == 1 else ":",
            color=INK,
            alpha=strength * (0.3 + 0.6 * row["probability"]),
            zorder=3,
        )
        add_shape(axes, arrow)


def _bend(start: Dot, end: Dot) -> list[tuple[float, float]]:
    """Return the arrow's three points: it enters a later dot from the left, an earlier one from above or below."""
    if end.x - start.x > _BEND_MM:
        turn = (start.x, end.y)
    elif start.x - end.x > _BEND_MM:
        turn = (end.x, start.y)
    else:
        turn = (min(start.x, end.x) - _BEND_MM, (start.y + end.y) / 2)
    ahead = (end.x - turn[0], end.y - turn[1])
    back = (end.radius + 0.25) / max(math.hypot(*ahead), 0.01)
    return [(start.x, start.y), turn, (end.x - back * ahead[0], end.y - back * ahead[1])]


def _draw_unknown(axes: "Axes", senders: pl.DataFrame, dots: dict[str, Dot]) -> None:
    for person, unknown in senders.select("person_id", "unknown").drop_nulls().iter_rows():
        dot, alpha = dots[person], 0.3 + 0.7 * unknown
        x, y = [dot.x - 3.6, dot.x], [dot.y + 1.7, dot.y]
        # The mark of the earliest sender stands left of the time axis.
        axes.plot(x, y, color=_UNKNOWN_COLOUR, lw=1.1, ls=(0, (2.2, 1.2)), alpha=alpha, zorder=4, clip_on=False)
        axes.plot(
            x[0], y[0], "D", ms=2.6, mfc="white", mec=_UNKNOWN_COLOUR, mew=0.8, alpha=alpha, zorder=4, clip_on=False
        )


def _name_people(
    axes: "Axes", senders: pl.DataFrame, names: dict[str, str], dots: dict[str, Dot], n_named: int
) -> None:
    # The earliest senders in the evidence come first, then those who reached most.
    later = ~is_earliest(pl.col("first_at"))
    first = senders.sort(later, -pl.col("n_recipients"), "first_at", "person_id")
    labels = []
    for person, silent in islice(first.select("person_id", "n_silent").iter_rows(), n_named):
        words = drawable(names[person], width_mm=36) + (f" +{silent}" if silent else "")
        labels.append(Label(words, dots[person].x, dots[person].y, dots[person].radius))
    crowded = len(dots) > MOST_NAMES
    boxes = [] if crowded else [(d.x - d.radius, d.y - d.radius, d.x + d.radius, d.y + d.radius) for d in dots.values()]
    place_labels(axes, labels, taken=boxes)


def _alt(senders: pl.DataFrame, arrows: pl.DataFrame, names: dict[str, str]) -> str:
    earliest = senders.filter(is_earliest(pl.col("first_at")))
    widest = senders.sort("n_recipients", "person_id", descending=[True, False]).row(0, named=True)
    n_unknown = senders["unknown"].count()
    return (
        f"Diffusion graph. {count_of(senders.height, 'person', 'people')} sent tracked texts, placed from left to "
        f"right by their first share, {show_span(senders['first_at'])} UTC. {count_of(arrows.height, 'arrow')} from "
        "the likeliest sender in the evidence to the recipient who sent it on. For "
        f"{count_of(n_unknown, 'person', 'people')} a source that is not in the evidence is likelier for at least one "
        "share. "
        f"{name_earliest([names[person] for person in earliest['person_id']])}, {show_time(earliest['first_at'][0])}. "
        f"Most recipients: {names[widest['person_id']]}, {widest['n_recipients']}, of whom {widest['n_silent']} "
        "did not send it on."
    )


def _table(senders: pl.DataFrame, arrows: pl.DataFrame, names: dict[str, str], shown: pl.DataFrame) -> pl.DataFrame:
    """Return the table twin: people, then arrows, then sources that are not in the evidence."""
    drawn = shown["person_id"].implode()
    person = pl.col("person_id").replace_strict(names, return_dtype=pl.String)
    people = senders.select(
        pl.lit("person").alias("mark"),
        person.alias("sender"),
        pl.col("first_at").alias("first time (UTC)"),
        pl.col("n_shares").alias("shares"),
        pl.col("n_recipients").alias("recipients"),
        pl.col("n_silent").alias("recipients who did not send it on"),
        pl.col("person_id").is_in(drawn).alias("in the picture"),
        "message_ids",
    )
    routes = arrows.select(
        pl.lit("arrow").alias("mark"),
        pl.col("sender_id").replace_strict(names, return_dtype=pl.String).alias("sender"),
        pl.col("recipient_id").replace_strict(names, return_dtype=pl.String).alias("recipient"),
        pl.col("first_at").alias("first time (UTC)"),
        pl.col("n_shares").alias("shares"),
        "probability",
        (pl.col("sender_id").is_in(drawn) & pl.col("recipient_id").is_in(drawn)).alias("in the picture"),
        "message_ids",
    )
    unknown = senders.drop_nulls("unknown").select(
        pl.lit("source not in the evidence").alias("mark"),
        person.alias("recipient"),
        pl.col("unknown").alias("probability"),
        pl.col("person_id").is_in(drawn).alias("in the picture"),
        pl.col("unknown_message_ids").alias("message_ids"),
    )
    rows = pl.concat([people, routes.reverse(), unknown], how="diagonal")
    return rows.select(
        "mark", "sender", "recipient", pl.exclude("mark", "sender", "recipient", "message_ids"), "message_ids"
    )
