"""Charts: tables in, pictures with their words and their numbers out."""

from chatforensics.figures.coordination import draw_coordination
from chatforensics.figures.diffusion import draw_diffusion
from chatforensics.figures.drawing import Drawing
from chatforensics.figures.facts import Tables
from chatforensics.figures.forest import draw_forests
from chatforensics.figures.hours import draw_sender_hours
from chatforensics.figures.matrix import draw_matrix
from chatforensics.figures.reach import draw_reach
from chatforensics.figures.sensitivity import draw_sensitivity
from chatforensics.figures.spread import draw_spreads
from chatforensics.figures.timeline import draw_timeline
from chatforensics.figures.timepaths import draw_time_paths
from chatforensics.figures.wordings import draw_wordings

__all__ = ["Drawing", "draw_figures"]


def draw_figures(tables: Tables) -> list[Drawing]:
    """Draw every chart that the tables allow; a chart with nothing to show is left out.

    The pictures show who sent what and when, within the evidence; they cannot show what no export holds. The keys of
    `tables` are the names of the contract, such as `shares`; missing tables count as empty.
    """
    drawn = [
        draw_diffusion(tables),
        *draw_spreads(tables),
        *draw_forests(tables),
        *draw_wordings(tables),
        *draw_time_paths(tables),
        draw_reach(tables),
        draw_timeline(tables),
        draw_sender_hours(tables),
        draw_coordination(tables),
        draw_matrix(tables),
        *draw_sensitivity(tables),
    ]
    return [drawing for drawing in drawn if drawing]
