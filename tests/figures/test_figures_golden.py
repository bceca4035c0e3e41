"""Names in Urdu, Bengali and several scripts side by side look as somebody has seen them to be right."""

from pathlib import Path

import numpy as np
import pytest
from golden import SAMPLES, draw_sample, kept_sample
from matplotlib import get_data_path
from matplotlib.font_manager import findfont

from chatforensics.figures.fonts import covered, families
from chatforensics.fonts import FOLDER

DIFFERENT = 64  # of 255 shades of grey
FEW = 0.004  # of all pixels: another build of the font library may move the edge of a letter


def part_different(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.mean(np.abs(one - other) > DIFFERENT))


@pytest.mark.parametrize("name", SAMPLES)
def test_names_look_as_they_did_when_somebody_looked(name: str) -> None:
    drawn, kept = draw_sample(SAMPLES[name]), kept_sample(name)
    assert drawn.shape == kept.shape
    assert part_different(drawn, kept) < FEW


def test_without_isolation_times_and_numbers_stand_elsewhere() -> None:
    assert part_different(draw_sample(SAMPLES["urdu"], isolated=False), kept_sample("urdu")) > FEW


def test_letters_in_wrong_order_are_another_picture() -> None:
    backwards = [line[::-1] for line in SAMPLES["bengali"]]
    assert part_different(draw_sample(backwards), kept_sample("bengali")) > FEW


def test_no_font_of_the_machine_is_drawn_with() -> None:
    own = Path(get_data_path())
    files = [Path(findfont(name)) for name in families()]
    assert all(file.parent == FOLDER or own in file.parents for file in files)
    assert 0x660E not in covered()  # no bundled font has Chinese letters, whatever the machine has
