import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforensics.families.signatures import NEIGHBOURS, _neighbours_in_buckets, hash_grams, sign_texts

LONG = st.text(st.sampled_from("abcঅ😀"), min_size=4, max_size=12)


@settings(max_examples=100, deadline=None)
@given(texts=st.lists(LONG, min_size=1, max_size=6))
def test_pieces_have_equal_hashes_exactly_when_they_are_equal(texts: list[str]) -> None:
    grams, starts = hash_grams(texts)
    pieces = [text[at : at + 4] for text in texts for at in range(len(text) - 3)]
    assert starts.tolist() == np.cumsum([0, *(len(text) - 3 for text in texts)]).tolist()
    assert len(pieces) == grams.size
    assert len(set(zip(pieces, grams.tolist(), strict=True))) == len(set(pieces)) == len(set(grams.tolist()))


def test_the_share_of_equal_hashes_estimates_the_similarity() -> None:
    numbers = np.random.default_rng(3).integers(0, 1000, size=(3, 200))
    base, tail, other = (" ".join(map(str, row)) for row in numbers)
    texts = [f"{base} {tail}", f"{base} {other}"]
    sets = [{text[at : at + 4] for at in range(len(text) - 3)} for text in texts]
    signatures = sign_texts(*hash_grams(texts), seed=0)
    assert (signatures[0] == signatures[1]).mean() == pytest.approx(
        len(sets[0] & sets[1]) / len(sets[0] | sets[1]), abs=0.13
    )


def test_another_seed_gives_other_signatures_and_the_same_seed_the_same() -> None:
    grams, starts = hash_grams(["a rather ordinary sentence"])
    assert (sign_texts(grams, starts, seed=1) == sign_texts(grams, starts, seed=1)).all()
    assert (sign_texts(grams, starts, seed=1) != sign_texts(grams, starts, seed=2)).any()


@settings(max_examples=100, deadline=None)
@given(keys=st.lists(st.integers(0, 3), min_size=1, max_size=40))
def test_texts_of_a_bucket_meet_its_first_and_their_next_neighbours(keys: list[int]) -> None:
    values = np.array(keys, dtype=np.uint64)
    order = np.argsort(values, kind="stable")
    found = _neighbours_in_buckets(order, values[order], n=len(keys))
    wanted = set()
    for key in set(keys):
        bucket = [text for text, value in enumerate(keys) if value == key]
        for at, text in enumerate(bucket):
            wanted |= {(other, text) for other in {bucket[0], *bucket[max(0, at - NEIGHBOURS) : at]} - {text}}
    assert {(code // len(keys), code % len(keys)) for code in found.tolist()} == wanted
    assert len(found) == len(wanted)
