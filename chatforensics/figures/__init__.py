"""Charts: tables in, pictures with their words and their numbers out."""

from collections.abc import Iterable
from datetime import date

from chatforensics.figures.coordination import draw_coordination
from chatforensics.figures.corroboration import draw_corroboration
from chatforensics.figures.diffusion import draw_diffusion
from chatforensics.figures.drawing import Drawing
from chatforensics.figures.events import place_events
from chatforensics.figures.facts import Tables
from chatforensics.figures.forest import draw_forests
from chatforensics.figures.hours import draw_sender_hours
from chatforensics.figures.matrix import draw_matrix
from chatforensics.figures.numbering import number_texts
from chatforensics.figures.reach import draw_reach
from chatforensics.figures.sensitivity import draw_sensitivity
from chatforensics.figures.spread import draw_spreads
from chatforensics.figures.timeline import draw_timeline
from chatforensics.figures.timepaths import draw_time_paths
from chatforensics.figures.wordings import draw_wordings

__all__ = ["Drawing", "draw_figures"]


def draw_figures(tables: Tables, *, events: Iterable[tuple[date, str]] = (), timezone: str = "UTC") -> list[Drawing]:
    """Draw every chart that the tables allow; a chart with nothing to show is left out.

    The pictures show who sent what and when, within the evidence; they cannot show what no export holds. The keys of
    `tables` are the names of the contract, such as `shares`; missing tables count as empty. `events` are days with
    names that the user passes, such as ballot dates, in `timezone`: marked on the time axes, they are not evidence.
    """
    days, numbers = place_events(events, zone=timezone), number_texts(tables)
    drawn = [
        draw_diffusion(tables, events=days),
        *draw_spreads(tables, events=days, numbers=numbers),
        *draw_forests(tables, events=days, numbers=numbers),
        *draw_wordings(tables, numbers=numbers),
        *draw_time_paths(tables, events=days, numbers=numbers),
        draw_reach(tables, events=days, numbers=numbers),
        draw_timeline(tables, events=days),
        draw_sender_hours(tables),
        draw_coordination(tables),
        draw_matrix(tables),
        draw_corroboration(tables),
        *draw_sensitivity(tables),
    ]
    return [drawing for drawing in drawn if drawing]
