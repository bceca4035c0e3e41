"""Where figures are drawn: those of a large case where the engine works, others here."""

from collections.abc import Callable, Iterator, Sequence

import polars as pl
import pytest

from chatforensics.engine import Here, Item, Result
from chatforensics.figures import Sketch
from chatforensics.workflow import Settings, presenting


class Counting(Here):
    """Count what is handed over."""

    n_items = 0

    def map(
        self, function: Callable[[Item], Result], items: Sequence[Item], *, lost: Callable[[Item], Result]
    ) -> Iterator[Result]:
        self.n_items += len(items)
        return super().map(function, items, lost=lost)


def a_picture() -> tuple[bytes, bytes, bytes]:
    return b"svg", b"png", b"pdf"


@pytest.mark.parametrize(("n_messages", "n_elsewhere"), [(199_999, 0), (200_000, 2)])
def test_figures_of_large_cases_are_drawn_where_the_engine_works(
    monkeypatch: pytest.MonkeyPatch, n_messages: int, n_elsewhere: int
) -> None:
    numbers = pl.DataFrame({"message_ids": [[1]]})
    sketches = [Sketch(name, name, "", a_picture, numbers) for name in ("reach", "timeline")]
    monkeypatch.setattr("chatforensics.figures.sketch_figures", lambda *_, **__: sketches)
    engine = Counting()
    sources = pl.DataFrame({"n_messages": [n_messages - 1, 1]})
    kept = presenting._draw_figures({"sources": sources}, Settings(), engine)
    assert engine.n_items == n_elsewhere
    assert list(kept.tables) == ["reach", "timeline"]
    assert kept.files["timeline.pdf"] == b"pdf"
