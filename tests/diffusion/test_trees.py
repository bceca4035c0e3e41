import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics.diffusion import trees as module
from chatforensics.diffusion.trees import MEASURES, Integers, measure_depth, measure_trees
from chatforensics.errors import SchemaError

FORESTS = st.lists(st.lists(st.integers(0, 2**20), min_size=1, max_size=9), min_size=1, max_size=4)


def number(forest: list[list[int]]) -> tuple[Integers, Integers]:
    """Return parents and families: each share has an earlier one of its family as source, or none."""
    parents: list[int] = []
    for family in forest:
        start = len(parents)
        parents += [start + choice % (place + 1) - 1 for place, choice in enumerate(family)]
        parents[start:] = [parent if parent >= start else -1 for parent in parents[start:]]
    sizes = [len(family) for family in forest]
    return np.array(parents, dtype=np.int64), np.repeat(np.arange(len(forest)), sizes)


def measured(parents: list[int]) -> dict[str, float]:
    found = measure_trees(np.array(parents, dtype=np.int64), np.zeros(len(parents), dtype=np.int64))
    return dict(zip(MEASURES, found[:, 0].tolist(), strict=True))


def test_a_chain_is_deep_and_narrow() -> None:
    found = measured([-1, 0, 1, 2])
    assert (found["depth"], found["breadth"], found["n_trees"], found["unseen_share"]) == (3, 1, 1, 0.25)
    assert found["structural_virality"] == pytest.approx(10 / 6)  # three steps of 1, two of 2, one of 3


def test_a_broadcast_is_flat_and_wide() -> None:
    found = measured([-1, 0, 0, 0])
    assert (found["depth"], found["breadth"]) == (1, 3)
    assert found["structural_virality"] == pytest.approx(9 / 6)  # three steps of 1, three of 2


def test_trees_of_a_family_are_joined_through_one_point_outside_the_evidence() -> None:
    assert measured([-1, -1])["structural_virality"] == pytest.approx(2)


def test_one_share_has_no_distance_to_another() -> None:
    assert np.isnan(measured([-1])["structural_virality"])


@pytest.mark.parametrize("parents", [[1, 0], [1, 2, 0], [0], [-1, 2, 3, 1]])
def test_shares_that_are_each_others_source_are_refused(parents: list[int]) -> None:
    with pytest.raises(SchemaError, match="each other"):
        measure_depth(np.array(parents, dtype=np.int64))


@settings(max_examples=80, deadline=None)
@given(forest=FORESTS)
def test_measures_equal_those_of_networkx(forest: list[list[int]]) -> None:
    parents, family = number(forest)
    found = measure_trees(parents, family)
    for place in range(len(forest)):
        rows = np.flatnonzero(family == place).tolist()
        graph = nx.Graph([(row, int(parents[row])) for row in rows])
        steps = nx.single_source_shortest_path_length(graph, -1)
        depths = [steps[row] - 1 for row in rows]
        between = dict(nx.all_pairs_shortest_path_length(graph))
        lengths = [between[one][two] for one in rows for two in rows if one < two]
        wanted = {
            "n_trees": depths.count(0),
            "unseen_share": depths.count(0) / len(rows),
            "depth": max(depths),
            "breadth": max(depths.count(depth) for depth in depths),
            "structural_virality": np.mean(lengths) if lengths else np.nan,
        }
        assert found[:, place] == pytest.approx([wanted[measure] for measure in MEASURES], nan_ok=True)


@settings(max_examples=30, deadline=None)
@given(forest=FORESTS)
def test_deep_forests_are_sorted_like_shallow_ones(forest: list[list[int]]) -> None:
    parents, family = number(forest)
    shallow = measure_trees(parents, family)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_SMALL", -1)
        assert np.array_equal(measure_trees(parents, family), shallow, equal_nan=True)
