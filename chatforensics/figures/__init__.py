"""Charts: tables in, pictures with their words and their numbers out."""

from chatforensics.figures.coordination import draw_coordination
from chatforensics.figures.diffusion import draw_diffusion
from chatforensics.figures.drawing import Drawing
from chatforensics.figures.facts import Tables
from chatforensics.figures.hours import draw_sender_hours
from chatforensics.figures.spread import draw_spreads
from chatforensics.figures.timeline import draw_timeline

__all__ = ["Drawing", "draw_figures"]


def draw_figures(tables: Tables) -> list[Drawing]:
    """Draw every chart that the tables allow; a chart with nothing to show is left out.

    The pictures show who sent what and when, within the evidence; they cannot show what no export holds. The keys of
    `tables` are the names of the contract, such as `shares`; missing tables count as empty.
    """
    drawn = [
        draw_diffusion(tables),
        *draw_spreads(tables),
        draw_timeline(tables),
        draw_sender_hours(tables),
        draw_coordination(tables),
    ]
    return [drawing for drawing in drawn if drawing]
