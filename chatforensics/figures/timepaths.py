"""How a text could pass from person to person in order of time: who could read it before they sent it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from chatforensics.figures.drawing import Pictures, Sketch, render
from chatforensics.figures.events import Event, EventMarks, tell_events
from chatforensics.figures.exposure import first_exposures, readers_of
from chatforensics.figures.facts import (
    Tables,
    count_of,
    is_earliest,
    name_earliest,
    of_families,
    order_families,
    table_of,
)
from chatforensics.figures.fonts import measure
from chatforensics.figures.labels import write_words
from chatforensics.figures.names import drawable, person_names
from chatforensics.figures.numbering import NO_NUMBERS, Numbers, name_text, safe_stem
from chatforensics.figures.page import EDGE_MM, Key, Layout, compose
from chatforensics.figures.style import COLOURS, DOUBLE_MM, FAINT_INK, INK, TEXT_PT
from chatforensics.figures.timeaxis import BELOW_MM, TimeScale, broken_scale, draw_time_axis, show_span
from chatforensics.figures.trees import LITTLE, keep_most, walk_trees

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_FAMILIES = 2
MOST_ROWS = 40
MOST_NAMES = 6
_ROW_MM = 4.2
_NAME_MM = 36.0
_COUNT_MM = 17.0
_BAND = "#F6F6F6"
_REPEAT = "#B9B9B9"
_UNSEEN = "#D55E00"


def sketch_time_paths(
    tables: Tables, *, order: pl.DataFrame | None = None, events: Sequence[Event] = (), numbers: Numbers = NO_NUMBERS
) -> list[Sketch]:
    """Show, for a few tracked families, which shares reached whom and when: a graph of contacts in order of time.

    A line leads from the sender at the time of a share to members who could then read it, and only where it is their
    first occasion or came before they sent the text themselves: so every way along lines runs forward in time. It shows
    possible ways, not ways taken. After the time-respecting paths of Holme and Saramäki (Temporal networks, 2012).
    """
    order = order_families(tables) if order is None else order
    return [
        _sketch_family(of_families(tables, [family]), family, name_text(family, numbers), events)
        for family in order["family_id"].head(MOST_FAMILIES)
    ]


@dataclass(frozen=True)
class _Contacts:
    """What one picture shows: people (rows), shares by them, contacts between them, and how many people there are."""

    people: pl.DataFrame
    sends: pl.DataFrame
    contacts: pl.DataFrame
    n_all: int


def _sketch_family(tables: Tables, family: str, name: str, events: Sequence[Event]) -> Sketch:
    found = _contacts(tables, family)
    names = person_names(tables, found.people["person_id"])
    safe = safe_stem(family)
    size = count_of(sum(found.people["n_sent"]), "share")
    title = f"Ways that one text could take in order of time: {name}, {size}"
    drawn = replace(
        found, people=found.people.filter("drawn"), sends=found.sends.select("share_id", "person_id", "sent_at")
    )
    picture = partial(_picture, drawn, {person: names[person] for person in drawn.people["person_id"]}, title, events)
    alt = " ".join([_alt(found, names), *tell_events(events)])
    return Sketch(f"timepaths-{safe}", title, alt, picture, _table(found, names, tables))


def _contacts(tables: Tables, family: str) -> _Contacts:
    shares = table_of(tables, "shares").filter(pl.col("family_id") == family).drop_nulls(["sent_at", "person_id"])
    people = _people(tables, shares, family)
    kept = people.filter("drawn")["person_id"].to_list()
    sends = shares.filter(pl.col("person_id").is_in(kept)).sort("sent_at", "share_id")
    contacts = readers_of(tables, sends, kept).join(
        people.select("person_id", "at", "first_sent"), on="person_id", maintain_order="left"
    )
    first = (pl.col("sent_at") == pl.col("at")) & (pl.col("at") != pl.col("first_sent")).fill_null(value=True)
    opens = (pl.col("sent_at") < pl.col("first_sent")).fill_null(value=False)
    contacts = contacts.with_columns(first=first).filter(first | opens)
    return _Contacts(people, sends, contacts, people.height)


def _people(tables: Tables, shares: pl.DataFrame, family: str) -> pl.DataFrame:
    """Return everybody who sent the text or could read it, by when they first could: the rows, top to bottom.

    Columns: `person_id, at` (first exposure or own share), `had_before` (could read it before they first sent it),
    `first_sent, last_sent, n_sent, n_first` (people whose first occasion was a share of theirs), `drawn`.
    """
    reached = first_exposures(tables, [family])
    sent = shares.group_by("person_id").agg(
        first_sent=pl.col("sent_at").min(), last_sent=pl.col("sent_at").max(), n_sent=pl.len().cast(pl.Int64)
    )
    given = reached.filter(pl.col("sender_id") != pl.col("person_id"))
    given = given.group_by(person_id="sender_id").agg(n_first=pl.len().cast(pl.Int64))
    people = (
        reached.select("person_id", "at")
        .join(sent, on="person_id", how="left")
        .join(given, on="person_id", how="left")
        .with_columns(pl.col("n_sent", "n_first").fill_null(0), had_before=pl.col("at") < pl.col("first_sent"))
    )
    people = people.sort("at", "first_sent", "person_id", nulls_last=True)
    return people.with_columns(drawn=pl.col("person_id").is_in(_kept(people, reached)))


def _kept(people: pl.DataFrame, reached: pl.DataFrame) -> list[str]:
    """Return whom to draw: those through whom most senders could first read the text, and all before them."""
    order = people["person_id"].to_list()
    from_others = reached.filter(pl.col("sender_id") != pl.col("person_id"))
    parents = {**dict.fromkeys(order), **dict(from_others.select("person_id", "sender_id").iter_rows())}
    worth = {person: 1.0 if n_sent else LITTLE for person, n_sent in people.select("person_id", "n_sent").iter_rows()}
    return sorted(keep_most(order, walk_trees(order, parents), worth, most=MOST_ROWS))


def _picture(found: _Contacts, names: dict[str, str], title: str, events: Sequence[Event]) -> Pictures:
    people = found.people.filter("drawn")
    shown = [drawable(names[person], width_mm=_NAME_MM) for person in people["person_id"]]
    height = max(12.0, _ROW_MM * people.height)
    left = EDGE_MM + 2.5 + max(measure(name, size=TEXT_PT)[0] for name in shown)
    times = [*found.sends["sent_at"], *people["at"]]
    scale = broken_scale(times, width_mm=DOUBLE_MM - left - _COUNT_MM)
    days = EventMarks(events, scale)
    layout = Layout(
        title=title,
        panels_mm=[height],
        left_mm=left,
        right_mm=_COUNT_MM,
        above_mm=4.0,
        head_mm=days.head_mm,
        below_mm=BELOW_MM,
        keys=list(_keys(found)),
        notes=[*days.notes, *scale.notes, *_notes(found, people.height)],
    )
    figure, (axes,) = compose(layout)
    axes.spines["left"].set_visible(False)
    rows = {person: height - _ROW_MM * (at + 0.5) for at, person in enumerate(people["person_id"])}
    axes.set_yticks(list(rows.values()), labels=shown)
    axes.tick_params(axis="y", length=0)
    for middle in list(rows.values())[::2]:
        axes.axhspan(middle - _ROW_MM / 2, middle + _ROW_MM / 2, color=_BAND, linewidth=0, zorder=0)
    draw_time_axis(axes, scale, name="time (UTC)", grid=False)
    days.draw(axes, lift_mm=layout.above_mm)
    _draw_contacts(axes, found.contacts, scale, rows)
    _draw_people(axes, people, scale, rows)
    _draw_sends(axes, found.sends, people, scale, rows)
    _write_counts(axes, people, rows)
    return render(figure)


def _draw_contacts(axes: "Axes", contacts: pl.DataFrame, scale: TimeScale, rows: dict[str, float]) -> None:
    from matplotlib.collections import LineCollection

    for first, colour, width, order in ((False, _REPEAT, 0.45, 2), (True, INK, 0.8, 3)):
        kept = contacts.filter(pl.col("first") == first).select("sent_at", "sender_id", "person_id")
        spots = [(scale.place(at), rows[sender], rows[reader]) for at, sender, reader in kept.iter_rows()]
        ends = [[(x, start), (x, end)] for x, start, end in spots]
        axes.add_collection(LineCollection(ends, colors=colour, linewidths=width, zorder=order))
        for down in (True, False) if first else ():
            tips = [(x, end) for x, start, end in spots if (end < start) == down]
            axes.plot([x for x, _ in tips], [y for _, y in tips], "v" if down else "^", ms=3.4, color=colour, mew=0)


def _draw_people(axes: "Axes", people: pl.DataFrame, scale: TimeScale, rows: dict[str, float]) -> None:
    """Draw each person's line from when they first could read the text until they last sent it."""
    for person, at, last in people.select("person_id", "at", "last_sent").drop_nulls().iter_rows():
        spots = [scale.place(at), scale.place(last)]
        axes.plot(spots, [rows[person]] * 2, color=COLOURS[0], lw=1.1, alpha=0.55, solid_capstyle="butt", zorder=4)


def _draw_sends(
    axes: "Axes", sends: pl.DataFrame, people: pl.DataFrame, scale: TimeScale, rows: dict[str, float]
) -> None:
    outside = set(people.filter(~pl.col("had_before"))["person_id"])
    begun: set[str] = set()
    for person, at in sends.select("person_id", "sent_at").iter_rows():
        hollow = person in outside and person not in begun
        begun.add(person)
        face, edge = ("white", _UNSEEN) if hollow else (COLOURS[0], "white")
        marker, size = ("D", 3.6) if hollow else ("o", 4.0)
        axes.plot(
            scale.place(at), rows[person], marker, ms=size, mfc=face, mec=edge, mew=1.0 if hollow else 0.4,
            zorder=7 if hollow else 6, clip_on=False,
        )  # fmt: skip


def _write_counts(axes: "Axes", people: pl.DataFrame, rows: dict[str, float]) -> None:
    right = axes.get_xlim()[1] + _COUNT_MM - EDGE_MM
    write_words(axes, (right, axes.get_ylim()[1] + 2.0), "first to reach", side="right", colour=FAINT_INK)
    for person, n_first in people.filter(pl.col("n_first") > 0).select("person_id", "n_first").iter_rows():
        write_words(axes, (right, rows[person]), f"{n_first:,}", side="right")


def _keys(found: _Contacts) -> Iterator[Key]:
    people = found.people.filter("drawn")
    yield Key("share", COLOURS[0], "o")
    if not people["had_before"].drop_nulls().all():
        yield Key("first share; in the evidence, they could not read it before", _UNSEEN, "D", hollow=True)
    if found.contacts["first"].any():
        yield Key("reached somebody who could not read it before", INK, line="-", width=0.9)
    if not found.contacts["first"].all():
        yield Key("could read it again, before sending it", _REPEAT, line="-", width=0.9)
    yield Key("from the first occasion to the last own share", "#7FB8D8", line="-", width=1.6)


def _notes(found: _Contacts, n_drawn: int) -> list[str]:
    notes = [
        "Lines are ways open in the evidence, all forward in time; exports do not show whether anybody took one.",
        "First to reach: people who could first read it through this sender's share.",
    ]
    if rest := found.n_all - n_drawn:
        notes.append(
            f"{rest:,} of {found.n_all:,} people are not drawn: those through whom fewest senders could first read it."
        )
    return notes


def _alt(found: _Contacts, names: dict[str, str]) -> str:
    people = found.people
    senders = people.filter(pl.col("n_sent") > 0)
    had = senders["had_before"].sum()
    first = people.drop_nulls("first_sent").sort("first_sent", "person_id")
    earliest = first.filter(is_earliest(pl.col("first_sent")))["person_id"].to_list()
    named = [names[person] for person in earliest[:MOST_NAMES]]
    if rest := len(earliest) - len(named):
        named.append(count_of(rest, "other"))
    return (
        f"Graph of contacts in order of time. {count_of(people.height, 'person', 'people')} sent the text or could "
        f"read it, {count_of(senders.height, 'sender')} of it, {show_span(first['first_sent'])} UTC. {had} of the "
        f"senders could read it in the evidence before they first sent it; {senders.height - had} could not, so they "
        f"had it from outside it or wrote it. {name_earliest(named)}. In the picture: {people['drawn'].sum()} people "
        f"and {count_of(found.contacts.height, 'line')}."
    )


def _table(found: _Contacts, names: dict[str, str], tables: Tables) -> pl.DataFrame:
    """Return the table twin: one row per line of the picture."""
    messages = table_of(tables, "shares").select("share_id", "message_ids")
    contacts = found.contacts.join(messages, on="share_id", maintain_order="left")
    return contacts.select(
        pl.col("sent_at").alias("time (UTC)"),
        pl.col("sender_id").replace_strict(names, return_dtype=pl.String).alias("sender"),
        pl.col("person_id").replace_strict(names, return_dtype=pl.String).alias("could read it"),
        pl.col("first").alias("first occasion"),
        pl.col("first_sent").alias("sent it first at (UTC)"),
        "message_ids",
    )
