"""Where the graphs put their marks: the same each time, few crossings, nobody on top of another."""

from random import Random
from typing import Any

import pytest

from chatforensics.report.explorer.forces import NEAREST, place_network
from chatforensics.report.explorer.layout import count_crossings, lay_out, order_nodes


def network(pairs: list[tuple[int, int]], q: float | None = 0.01) -> dict[str, list[object]]:
    return {"a": [a for a, _ in pairs], "b": [b for _, b in pairs], "q": [q] * len(pairs)}


def spots(pairs: list[tuple[int, int]], q: float | None = 0.01) -> dict[int, complex]:
    laid = place_network(network(pairs, q))
    return {person: complex(x, y) for person, x, y in zip(laid["person"], laid["x"], laid["y"], strict=True)}


def a_case(shares: list[tuple[Any, ...]], links: list[tuple[Any, ...]]) -> dict[str, Any]:
    """Return views of (family, chat, person, at) and (share, parent, p)."""
    names = ("family", "chat", "person", "at"), ("share", "parent", "p")
    tables = [
        {name: [row[i] for row in rows] for i, name in enumerate(part)}
        for part, rows in zip(names, (shares, links), strict=True)
    ]
    n = 1 + max((family for family, *_ in shares), default=-1)
    return {"shares": tables[0], "links": tables[1], "families": {"n": n}, "pairs": network([])}


def test_a_case_without_shares_and_pairs_has_an_empty_layout() -> None:
    laid = lay_out(a_case([], []))
    assert laid["diffusion"] == {"people": [], "chats": [], "people_by_family": [], "chats_by_family": []}
    assert laid["cosending"] == {"person": [], "x": [], "y": []}


def test_everybody_who_shared_has_one_row_for_all_texts_and_one_in_each_of_theirs() -> None:
    shares = [(0, 0, 4, 10), (0, 1, 2, 20), (1, 1, 4, 30), (1, 2, 7, 40), (1, 2, 7, 50)]
    orders = lay_out(a_case(shares, [(1, 0, 0.9), (3, 2, 0.8)]))["diffusion"]
    assert sorted(orders["people"]) == [2, 4, 7]
    assert sorted(orders["chats"]) == [0, 1, 2]
    assert [sorted(order) for order in orders["people_by_family"]] == [[2, 4], [4, 7]]
    assert [sorted(order) for order in orders["chats_by_family"]] == [[0, 1], [1, 2]]


def test_a_share_without_time_or_person_breaks_nothing() -> None:
    orders = lay_out(a_case([(0, 0, -1, 10), (0, 0, 3, None), (0, -1, 5, 20)], [(1, 0, 0.5), (2, -1, 1.0)]))
    assert sorted(orders["diffusion"]["people"]) == [3, 5]
    assert orders["diffusion"]["chats"] == [0]


@pytest.mark.parametrize("seed", range(6))
def test_arrows_of_a_tree_do_not_cross(seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - invented
    arrows = [(chance.randrange(node), node, chance.random() + 0.1) for node in range(1, 40)]
    order = order_nodes(40, arrows)
    assert sorted(order) == list(range(40))
    assert count_crossings(order, arrows) == 0


def test_arrows_beside_the_tree_cross_no_more_often_than_in_the_tree_order_of_the_likeliest() -> None:
    chance = Random(2)  # noqa: S311 - invented
    tree = [(chance.randrange(node), node, 1.0) for node in range(1, 30)]
    arrows = [*tree, *((chance.randrange(node), node, 0.1) for node in range(5, 30))]
    assert count_crossings(order_nodes(30, arrows), arrows) <= count_crossings(order_nodes(30, tree), arrows)


def test_crossings_are_counted() -> None:
    assert count_crossings([0, 1, 2, 3], [(0, 3, 1.0), (1, 2, 1.0)]) == 0
    assert count_crossings([0, 2, 1, 3], [(0, 3, 1.0), (1, 2, 1.0)]) == 1


def test_an_arrow_back_in_time_hangs_nobody_from_somebody_later() -> None:
    assert sorted(order_nodes(3, [(2, 0, 0.9), (0, 1, 0.5), (1, 2, 0.5)])) == [0, 1, 2]


def test_nobody_stands_on_top_of_another() -> None:
    star = spots([(0, other) for other in range(1, 40)])
    places = list(star.values())
    assert min(abs(a - b) for i, a in enumerate(places) for b in places[:i]) > NEAREST - 3


def test_the_ends_of_a_chain_stand_furthest_apart() -> None:
    chain = spots([(0, 1), (1, 2), (2, 3), (3, 4)])
    assert max((abs(chain[a] - chain[b]), a, b) for a in chain for b in chain if a < b)[1:] == (0, 4)


def test_a_line_that_chance_explains_is_longer() -> None:
    pair = {q: spots([(0, 1)], q) for q in (0.01, 0.9)}
    assert abs(pair[0.9][0] - pair[0.9][1]) > 1.3 * abs(pair[0.01][0] - pair[0.01][1])


def test_groups_that_no_pair_joins_do_not_overlap() -> None:
    laid = spots([(0, 1), (1, 2), (2, 0), (10, 11), (20, 21)])
    boxes = [
        (min(laid[i].real for i in group), max(laid[i].real for i in group), min(laid[i].imag for i in group))
        for group in ((0, 1, 2), (10, 11), (20, 21))
    ]
    assert all(a[1] < b[0] or b[1] < a[0] or a[2] != b[2] for i, a in enumerate(boxes) for b in boxes[:i])


@pytest.mark.parametrize("people", [30, 310])
def test_the_same_pairs_give_the_same_places(people: int) -> None:
    chance = Random(people)  # noqa: S311 - invented
    pairs = sorted({(chance.randrange(one), one) for one in range(1, people) for _ in range(3)})
    laid = spots(pairs)
    assert laid == spots(pairs)
    assert len(laid) == len({one for pair in pairs for one in pair})
    places = list(laid.values())
    assert min(abs(a - b) for i, a in enumerate(places) for b in places[:i]) > 0


def test_a_pair_without_q_value_is_drawn_as_one_that_chance_explains() -> None:
    assert spots([(0, 1)], None) == spots([(0, 1)], 0.9)
