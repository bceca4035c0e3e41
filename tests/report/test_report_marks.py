from hypothesis import given
from hypothesis import strategies as st

from chatforensics.report.marks import Span, clip_text, mark_spans

SPANS = st.builds(Span, start=st.integers(-3, 15), end=st.integers(-3, 15), cue=st.sampled_from("abc"))


def test_a_clipped_text_tells_what_is_missing() -> None:
    assert clip_text("abcdef", limit=4) == ("abcd", 2)
    assert clip_text("abc", limit=4) == ("abc", 0)


def test_overlapping_spans_name_both_cues_where_they_overlap() -> None:
    pieces = mark_spans("abcdef", [Span(0, 4, "one"), Span(2, 6, "two", is_name=True)])
    assert [(p.text, p.cues, p.is_name) for p in pieces] == [
        ("ab", "one", False),
        ("cd", "one; two", True),
        ("ef", "two", True),
    ]


@given(st.text(max_size=12), st.lists(SPANS, max_size=5))
def test_pieces_joined_are_the_text_and_each_character_has_the_cues_that_cover_it(text: str, spans: list[Span]) -> None:
    pieces = mark_spans(text, spans)
    assert "".join(piece.text for piece in pieces) == text
    of_character = [piece.cues for piece in pieces for _ in piece.text]
    for place, cues in enumerate(of_character):
        assert cues == "; ".join(sorted({span.cue for span in spans if span.start <= place < span.end}))
