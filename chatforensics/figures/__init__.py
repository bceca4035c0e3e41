"""Charts: tables in, pictures with their words and their numbers out."""

from collections.abc import Iterable
from datetime import date

from chatforensics.figures.coordination import sketch_coordination
from chatforensics.figures.corroboration import sketch_corroboration
from chatforensics.figures.diffusion import sketch_diffusion
from chatforensics.figures.drawing import Drawing, Sketch, draw_picture
from chatforensics.figures.events import place_events
from chatforensics.figures.facts import Tables, labelled_messages, order_families
from chatforensics.figures.forest import sketch_forests
from chatforensics.figures.hours import sketch_sender_hours
from chatforensics.figures.matrix import sketch_matrix
from chatforensics.figures.numbering import number_texts
from chatforensics.figures.reach import sketch_reach
from chatforensics.figures.sensitivity import sketch_sensitivity
from chatforensics.figures.spread import sketch_spreads
from chatforensics.figures.timeline import sketch_timeline
from chatforensics.figures.timepaths import sketch_time_paths
from chatforensics.figures.wordings import sketch_wordings

__all__ = ["Drawing", "Sketch", "draw_figures", "draw_picture", "sketch_figures"]


def draw_figures(tables: Tables, *, events: Iterable[tuple[date, str]] = (), timezone: str = "UTC") -> list[Drawing]:
    """Draw every chart that the tables allow; a chart with nothing to show is left out.

    The pictures show who sent what and when, within the evidence; they cannot show what no export holds. The keys of
    `tables` are the names of the contract, such as `shares`; missing tables count as empty. `events` are days with
    names that the user passes, such as ballot dates, in `timezone`: marked on the time axes, they are not evidence.
    """
    sketches = sketch_figures(tables, events=events, timezone=timezone)
    return [sketch.finish(draw_picture(sketch.picture)) for sketch in sketches]


def sketch_figures(tables: Tables, *, events: Iterable[tuple[date, str]] = (), timezone: str = "UTC") -> list[Sketch]:
    """Return every chart with its words and its table, ready to be drawn one by one; see `draw_figures`."""
    days, numbers = place_events(events, zone=timezone), number_texts(tables)
    order, labelled = order_families(tables), labelled_messages(tables)
    found = [
        sketch_diffusion(tables, events=days),
        *sketch_spreads(tables, order=order, events=days, numbers=numbers),
        *sketch_forests(tables, order=order, events=days, numbers=numbers),
        *sketch_wordings(tables, numbers=numbers),
        *sketch_time_paths(tables, order=order, events=days, numbers=numbers),
        sketch_reach(tables, order=order, events=days, numbers=numbers),
        sketch_timeline(tables, labelled=labelled, events=days),
        sketch_sender_hours(tables, labelled=labelled),
        sketch_coordination(tables),
        sketch_matrix(tables),
        sketch_corroboration(tables),
        *sketch_sensitivity(tables),
    ]
    return [sketch for sketch in found if sketch]
