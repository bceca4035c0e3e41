"""Names swapped for names of another origin change nearly nothing that the classifier says."""

import importlib.util
import sys
from collections import Counter
from functools import lru_cache
from itertools import combinations
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics.labelling.directives import NOT_NAMES
from chatforensics.labelling.model import load_model
from chatforensics.labelling.train import read_corpus

BENCHMARK = Path(__file__).resolve().parents[2] / "benchmarks" / "swap_names.py"


@lru_cache(maxsize=1)
def benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("swap_names", BENCHMARK)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["swap_names"] = module
    spec.loader.exec_module(module)
    return module


def case(decisions: list[list[str]], probabilities: list[list[float]], *, slate_instruction: bool = False) -> Any:
    slot = benchmark().Slot("vote {A}", "en", slate_instruction)
    return benchmark().Case(slot, "as written", [], np.array(probabilities), np.array(decisions))


def fresh() -> Any:
    swaps = benchmark()
    return swaps.fresh_names(swaps.read_names(), texts=[row["text"] for row in read_corpus()])


@pytest.mark.slow
def test_swapping_names_meets_the_targets() -> None:
    swaps = benchmark()
    cases = swaps.measure(swaps.read_slots(), fresh(), n_names=3)
    change = swaps.compare(cases)
    assert change.n_pairs == len(cases) * 15 * 9
    assert change.flips <= 0.005
    assert change.mean <= 0.01
    assert swaps.spread(swaps.flag_rates(cases, slate_instruction=False)) <= 0.01
    # Of three names one weighs a third: over all names the benchmark finds less.
    assert swaps.spread(swaps.flag_rates(cases, slate_instruction=True)) <= 0.02
    assert swaps.flag_rates(cases, slate_instruction=True).min() > 0.5


def test_at_least_12_names_of_each_stock_are_new_to_the_training_texts_and_to_the_lists_of_the_masking() -> None:
    names = fresh()
    assert all(len(stock) >= 12 for stock in names.values())
    assert not benchmark().name_parts(names) & (load_model().ordinary | NOT_NAMES)


def test_a_name_of_which_a_part_stands_in_a_training_text_in_any_script_is_left_out() -> None:
    names = {"one": [{"latin": "Ines Duarte", "arabic": "اینس"}, {"latin": "Yaw", "arabic": "یاو"}, {"latin": "Xi-Lu"}]}
    left = benchmark().fresh_names(names, texts=["vote INES", "ووٹ یاو"])
    assert left == {"one": [{"latin": "Xi-Lu"}]}


def test_there_are_six_stocks_of_24_names_in_five_scripts_and_no_part_is_in_two() -> None:
    names = benchmark().read_names()
    assert [len(stock) for stock in names.values()] == [24] * 6
    scripts = {"latin", "arabic", "bengali", "devanagari", "gurmukhi"}
    assert all(set(name) == scripts for stock in names.values() for name in stock)
    parts = [benchmark().name_parts({origin: stock}) for origin, stock in names.items()]
    assert not any(one & other for one, other in combinations(parts, 2))


def test_there_are_160_texts_half_of_them_instructions() -> None:
    slots = benchmark().read_slots()
    assert len({slot.text for slot in slots}) == 160
    assert sum(slot.slate_instruction for slot in slots) == 80
    assert Counter(slot.script for slot in slots) == {
        "latin": 125,
        "arabic": 10,
        "bengali": 10,
        "devanagari": 8,
        "gurmukhi": 7,
    }


def test_every_text_is_filled_in_the_script_of_its_language() -> None:
    swaps = benchmark()
    slot = swaps.Slot("{A} یا {B.first}", "ur", slate_instruction=False)
    stock = [{"latin": f"L{n} M{n}", "arabic": f"ا{n} ب{n}"} for n in range(8)]
    assert swaps.fill(slot, stock, number=0) == "ا0 ب0 یا ا7"


def test_first_and_last_names_are_those_of_the_full_name() -> None:
    swaps = benchmark()
    slot = swaps.Slot("{A.first}, {A.last}: {A}", "en", slate_instruction=False)
    assert swaps.fill(slot, [{"latin": "Ines Rosa Duarte"}], number=5) == "Ines, Duarte: Ines Rosa Duarte"


def test_names_are_compared_across_stocks_only() -> None:
    change = benchmark().compare([case([["flag", "none"], ["flag", "none"]], [[0.9, 0.1], [0.9, 0.1]])])
    assert (change.n_pairs, change.flips, change.largest) == (4, 0.5, 0.8)


def test_a_flip_between_review_and_none_is_no_flip_of_the_flag() -> None:
    change = benchmark().compare([case([["review"], ["none"]], [[0.3], [0.1]])])
    assert (change.flips, change.flag_flips) == (1, 0)


def test_one_stock_is_compared_with_all_others() -> None:
    three = case([["flag"], ["none"], ["none"]], [[0.9], [0.1], [0.1]])
    assert [benchmark().compare([three], stock=stock).flips for stock in range(3)] == [1.0, 0.5, 0.5]


def test_rates_are_those_of_each_stock_among_texts_of_one_kind() -> None:
    swaps = benchmark()
    false = case([["flag", "none"], ["none", "none"]], [[0.9, 0.1], [0.1, 0.1]])
    true = case([["flag", "flag"], ["flag", "review"]], [[0.9, 0.9], [0.9, 0.3]], slate_instruction=True)
    rates = swaps.flag_rates([false, true], slate_instruction=False)
    assert rates.tolist() == [0.5, 0.0]
    assert swaps.spread(rates) == 0.5
    assert swaps.flag_rates([false, true], slate_instruction=True).tolist() == [1.0, 0.5]


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.lists(st.sampled_from([(0.1, "none"), (0.3, "review"), (0.8, "flag")]), min_size=3, max_size=3),
        min_size=2,
        max_size=4,
    )
)
def test_changes_are_those_of_a_slow_twin(rows: list[list[tuple[float, str]]]) -> None:
    found = benchmark().compare([case([[d for _, d in row] for row in rows], [[p for p, _ in row] for row in rows])])
    pairs = [(a, b) for one, other in combinations(rows, 2) for a in one for b in other]
    moved = [abs(a[0] - b[0]) for a, b in pairs]
    assert found.n_pairs == len(pairs)
    assert found.flips == pytest.approx(np.mean([a[1] != b[1] for a, b in pairs]))
    assert found.mean == pytest.approx(np.mean(moved))
    assert found.largest == pytest.approx(max(moved))
