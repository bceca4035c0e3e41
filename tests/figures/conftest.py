from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest
from builders import Case, a_case
from matplotlib.figure import Figure

from chatforensics.figures import Drawing, draw_figures

Collector = Callable[..., list[Figure]]


@contextmanager
def collecting() -> Iterator[list[Figure]]:
    """Collect the figures instead of turning them into bytes, so that tests can look at what stands in them."""
    collected: list[Figure] = []

    def collect(figure: Figure, _file: object, **_options: object) -> None:
        if figure not in collected:
            _settle(figure)
            collected.append(figure)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Figure, "savefig", collect)
        yield collected


def _settle(figure: Figure) -> None:
    """Let ticks and titles find their places, which else happens when the figure is drawn."""
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined] # the canvas is always Agg's here
    for axes in (axes for axes in figure.axes if axes.axison):
        for axis in (axes.xaxis, axes.yaxis):
            axis.get_tightbbox(renderer)


@pytest.fixture(scope="session")
def case_of() -> Callable[[int], Case]:
    return cache(a_case)


@pytest.fixture(scope="session")
def small_case(case_of: Callable[[int], Case]) -> Case:
    return case_of(5)


@pytest.fixture(scope="session")
def small_drawings(small_case: Case) -> list[Drawing]:
    return draw_figures(small_case)


@pytest.fixture(scope="session")
def figures_of(case_of: Callable[[int], Case]) -> Callable[[int], list[Figure]]:
    @cache
    def figures(n_people: int) -> list[Figure]:
        with collecting() as collected:
            draw_figures(case_of(n_people))
        return collected

    return figures


@pytest.fixture(scope="session")
def collected_from() -> Collector:
    def collected_from(case: Case, **options: Any) -> list[Figure]:
        with collecting() as collected:
            draw_figures(case, **options)
        return collected

    return collected_from


@pytest.fixture
def without_bytes() -> Iterator[list[Figure]]:
    """Leave out the slow last step, for tests that only look at words and tables."""
    with collecting() as collected:
        yield collected
