"""Patterns as cues are written, made at random."""

from collections.abc import Sequence

from hypothesis import strategies as st


def patterns_of(atoms: Sequence[str], repetitions: Sequence[str], *, most: int) -> st.SearchStrategy[str]:
    """Return patterns of at most so many of these atoms, in sequence, as alternatives and repeated."""
    return st.recursive(
        st.sampled_from(atoms),
        lambda inner: st.one_of(
            st.lists(inner, min_size=1, max_size=4).map("".join),
            st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"(?:{'|'.join(parts)})"),
            st.tuples(inner, st.sampled_from(repetitions)).map(lambda two: f"(?:{two[0]}){two[1]}"),
        ),
        max_leaves=most,
    )
