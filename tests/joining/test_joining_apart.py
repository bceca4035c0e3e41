"""Exports that were not joined, and what they share all the same."""

from itertools import combinations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joining.phones import Export, Said, join, tables, talk

from chatforensics.joining import Apart, describe_apart
from chatforensics.joining.apart import MOST_LISTED
from chatforensics.schema import Sources

PEOPLE = ("Violeta", "Wiremu", "Xolani")
SAID = talk(30, PEOPLE)
LETTER = "one long text that goes round in many chats"


def in_time(*parts: list[Said]) -> list[Said]:
    return sorted((said for part in parts for said in part), key=lambda one: one.at_s)


def apart(*exports: Export) -> Apart:
    joined = join(*exports)
    return describe_apart(joined.sources, joined.messages)


def apart_by(chats: list[str], *exports: Export) -> Apart:
    """Describe exports that are said to show these chats."""
    sources, messages, _ = tables(*exports)
    return describe_apart(Sources(sources.with_columns(chat_id=pl.Series(chats))), messages)


def test_exports_of_two_chats_are_described_by_what_they_share() -> None:
    forwards = [Said(7 * 60 + 19 * 60 * i, "Yuki", SAID[i].text) for i in range(4)]
    other = in_time(talk(30, ("Yuki", "Zola"), topic="other"), forwards)
    found = apart(Export("a", SAID), Export("b", other))
    assert found.pairs.select("n_texts", "n_in_step", "n_senders", "overlap").rows() == [(4, 1, 1, True)]
    assert (found.n_sharing, found.n_other, found.n_common) == (1, 0, 0)


def test_exports_without_a_message_share_nothing() -> None:
    found = apart(Export("a", SAID), Export("b", [Said(0, None, "a notice", "system")]))
    assert (found.pairs.height, found.n_other, found.n_other_meet) == (0, 1, 0)


def test_exports_of_one_chat_are_not_described_as_apart() -> None:
    found = apart(Export("a", SAID), Export("b", SAID[:-2], labels={"Violeta": "V"}))
    assert (found.pairs.height, found.n_sharing, found.n_other, found.n_other_meet) == (0, 0, 0, 0)


@pytest.mark.parametrize(("later_s", "n_meet"), [(86_340, 1), (86_460, 0)])
def test_times_at_most_a_day_apart_meet(later_s: int, n_meet: int) -> None:
    other = talk(5, PEOPLE, start_s=29 * 300 + later_s, topic="other")
    assert apart(Export("a", SAID), Export("b", other)).n_other_meet == n_meet


def test_of_a_text_in_many_chats_each_export_is_compared_with_a_few_and_the_rest_is_owned_up_to() -> None:
    def pass_on(n: int) -> Apart:
        return apart(*(Export(f"e{i}", [*talk(2, PEOPLE, topic=f"{i}"), Said(900, "Zola", LETTER)]) for i in range(n)))

    assert (pass_on(5).n_sharing, pass_on(5).n_other, pass_on(5).n_common) == (10, 0, 0)
    assert (pass_on(8).n_sharing, pass_on(8).n_other, pass_on(8).n_common) == (4 * 4 + 3 + 2 + 1, 6, 1)


def test_the_pairs_that_share_most_are_listed_and_all_are_counted() -> None:
    exports = []
    for i in range(MOST_LISTED + 10):
        shared = talk(2 if i < 10 else 1, ("Yuki",), topic=f"shared {i}")
        exports += [Export(f"{side}{i}", [*shared, Said(900, "Zola", f"a text of {side}{i} alone")]) for side in "ab"]
    found = apart(*exports)
    assert (found.pairs.height, found.n_sharing) == (MOST_LISTED, MOST_LISTED + 10)
    assert found.pairs["n_texts"].to_list() == [2] * 10 + [1] * (MOST_LISTED - 10)


Held = tuple[str, list[tuple[int, int]]]
HELD = st.tuples(st.sampled_from("xyz"), st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4)), max_size=6))


def export_of(place: int, held: list[tuple[int, int]]) -> Export:
    """Return an export that holds texts by their numbers, each some days after the start."""
    said = [Said(86_400 * day, "Zola", f"a long text with the number {number}") for number, day in held]
    return Export(f"export {place}", in_time(said))


def go_through(cases: list[Held]) -> tuple[dict[frozenset[str], tuple[int, bool]], int, int]:
    """Compare every two exports, the slow way: what each pair shares, and how many share nothing and meet."""
    shared, n_other, n_meet = {}, 0, 0
    ids = [export_of(place, held).source_id for place, (_, held) in enumerate(cases)]
    for (i, (chat, one)), (j, (other_chat, other)) in combinations(enumerate(cases), 2):
        if chat == other_chat:
            continue
        days = [[day for _, day in held] for held in (one, other)]
        meet = all(days) and max(map(min, days)) <= min(map(max, days)) + 1
        n_texts = len({number for number, _ in one} & {number for number, _ in other})
        if n_texts:
            shared[frozenset((ids[i], ids[j]))] = (n_texts, bool(meet))
        n_other += not n_texts
        n_meet += bool(meet) and not n_texts
    return shared, n_other, n_meet


@settings(max_examples=60, deadline=None)
@given(st.lists(HELD, min_size=1, max_size=5))
def test_what_few_exports_share_is_what_comparing_every_two_finds(cases: list[Held]) -> None:
    exports = [export_of(place, held) for place, (_, held) in enumerate(cases)]
    found = apart_by([chat for chat, _ in cases], *exports)
    shared, n_other, n_meet = go_through(cases)
    told = found.pairs.select("source_a", "source_b", "n_texts", "overlap").iter_rows()
    assert {frozenset((a, b)): (n, meet) for a, b, n, meet in told} == shared
    assert (found.n_sharing, found.n_other, found.n_other_meet) == (len(shared), n_other, n_meet)
