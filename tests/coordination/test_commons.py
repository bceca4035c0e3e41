from collections import Counter
from itertools import combinations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics.coordination import commons
from chatforensics.schema import Shares

SENT = st.lists(st.tuples(st.sampled_from("abcdefg"), st.sampled_from("vwxyz")), max_size=30)


def sent_shares(sent: list[tuple[str, str]]) -> Shares:
    return Shares(pl.DataFrame(sent, schema={"person_id": pl.String, "family_id": pl.String}, orient="row"))


def slow_counts(sent: list[tuple[str, str]]) -> Counter[tuple[str, str]]:
    people = {family: sorted({who for who, what in sent if what == family}) for _, family in sent}
    return Counter(pair for who in people.values() for pair in combinations(who, 2))


@settings(max_examples=60, deadline=None)
@given(sent=SENT, at_least=st.integers(1, 3))
def test_pairs_with_families_in_common_are_counted_as_by_hand(sent: list[tuple[str, str]], at_least: int) -> None:
    wanted = sum(n >= at_least for n in slow_counts(sent).values())
    assert commons.count_pairs_in_common(sent_shares(sent), at_least=at_least) == wanted


@settings(max_examples=40, deadline=None)
@given(sent=SENT)
def test_the_bound_for_many_people_is_never_too_small(sent: list[tuple[str, str]]) -> None:
    exact = commons.count_pairs_in_common(sent_shares(sent), at_least=2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(commons, "MOST_MEETINGS", -1)
        assert commons.count_pairs_in_common(sent_shares(sent), at_least=2) >= exact
