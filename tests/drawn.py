"""Charts of each kind, drawn at once: most tests look at a picture and at its words together."""

from collections.abc import Callable
from typing import ParamSpec

from chatforensics import figures
from chatforensics.figures import Drawing, Sketch, draw_picture

Given = ParamSpec("Given")


def drawing(sketch: Callable[Given, Sketch | None]) -> Callable[Given, Drawing | None]:
    """Let a function that sketches a chart draw it, too."""

    def draw(*args: Given.args, **options: Given.kwargs) -> Drawing | None:
        found = sketch(*args, **options)
        return None if found is None else found.finish(draw_picture(found.picture))

    return draw


def drawing_all(sketch: Callable[Given, list[Sketch]]) -> Callable[Given, list[Drawing]]:
    """Let a function that sketches several charts draw them, too."""

    def draw(*args: Given.args, **options: Given.kwargs) -> list[Drawing]:
        return [found.finish(draw_picture(found.picture)) for found in sketch(*args, **options)]

    return draw


draw_coordination = drawing(figures.coordination.sketch_coordination)
draw_corroboration = drawing(figures.corroboration.sketch_corroboration)
draw_diffusion = drawing(figures.diffusion.sketch_diffusion)
draw_forests = drawing_all(figures.forest.sketch_forests)
draw_matrix = drawing(figures.matrix.sketch_matrix)
draw_reach = drawing(figures.reach.sketch_reach)
draw_sender_hours = drawing(figures.hours.sketch_sender_hours)
draw_sensitivity = drawing_all(figures.sensitivity.sketch_sensitivity)
draw_spreads = drawing_all(figures.spread.sketch_spreads)
draw_time_paths = drawing_all(figures.timepaths.sketch_time_paths)
draw_timeline = drawing(figures.timeline.sketch_timeline)
draw_wordings = drawing_all(figures.wordings.sketch_wordings)
