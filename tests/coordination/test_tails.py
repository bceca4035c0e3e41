import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics.coordination.tails import adjust, upper_tails

ROWS = st.lists(st.lists(st.floats(0.001, 1), min_size=1, max_size=6), min_size=1, max_size=4)


@settings(max_examples=60, deadline=None)
@given(rows=ROWS, data=st.data())
def test_upper_tails_equal_the_sums_over_all_outcomes(rows: list[list[float]], data: st.DataObject) -> None:
    least = [data.draw(st.integers(1, len(row))) for row in rows]
    wanted = [
        math.fsum(
            math.prod(chance if hit else 1 - chance for chance, hit in zip(row, outcome, strict=True))
            for outcome in product([0, 1], repeat=len(row))
            if sum(outcome) >= at_least
        )
        for row, at_least in zip(rows, least, strict=True)
    ]
    group = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    found = upper_tails(group, np.concatenate([np.array(row) for row in rows]), np.array(least))
    assert found == pytest.approx(wanted)


def test_a_tail_far_below_the_rounding_of_one_keeps_its_digits() -> None:
    found = upper_tails(np.zeros(10, dtype=np.int64), np.full(10, 1e-5), np.array([8]))
    assert found[0] == pytest.approx(45 * 1e-40, rel=1e-3)


def test_adjusted_values_are_those_of_the_published_procedure() -> None:
    p_values = np.array([0.001, 0.008, 0.039, 0.041])
    assert adjust(p_values, n_tests=5) == pytest.approx([0.005, 0.02, 0.05125, 0.05125])
