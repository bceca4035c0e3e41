import pytest

from chatforensics.report.pdf import layers

DRAWING = (
    b'<path style="fill: none; opacity: 0.5; stroke: #222222"/><path style="fill: #222222; opacity: 0.25"/>'
    b'<path style="fill: none; stroke-opacity: 0.1"/>'
)


def test_a_drawing_with_few_marks_to_see_through_stays_as_it_is() -> None:
    assert layers.spare_layers(DRAWING) == DRAWING


def test_of_many_marks_lines_and_insides_let_the_same_light_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers, "MOST_LAYERS", 1)
    spared = layers.spare_layers(DRAWING)
    assert b"fill: none; fill-opacity: 0.5; stroke-opacity: 0.5; stroke" in spared
    assert b'fill: #222222; fill-opacity: 0.25; stroke-opacity: 0.25"' in spared
    assert spared.count(b" opacity:") == 0
    assert spared.count(b"stroke-opacity: 0.1") == 1
