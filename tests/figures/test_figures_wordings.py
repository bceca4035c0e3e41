"""The tree of wordings: what it says, what it leaves out, and that all of it can be read."""

import warnings
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import polars as pl
import pytest
from drawn import draw_wordings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.text import Text

from chatforensics.families.alignment import build_variants
from chatforensics.figures import wordings
from chatforensics.figures.differences import MOST_LINES, set_changes, set_text, show_words
from chatforensics.figures.drawing import Drawing
from chatforensics.figures.fonts import measure
from chatforensics.figures.style import TEXT_PT
from chatforensics.schema import SLATE_LABEL, TABLES, Families, Messages

START = datetime(2031, 3, 3, 6, 5, tzinfo=UTC)
SLATE = "Final reminder\nSelect Rowena Adjei at step 1\nThen press submit"
FEW = [SLATE, SLATE.replace("Rowena Adjei", "Ines Okafor"), f"{SLATE}\nThank you", SLATE.replace("Then ", "")]
WIDTH_MM = 90.0
Case = dict[str, pl.DataFrame]


def table(name: str, columns: dict[str, Any]) -> pl.DataFrame:
    types = TABLES[name]
    frame = pl.DataFrame(columns, schema={column: types[column] for column in columns})
    return frame.with_columns(pl.lit(None, types[column]).alias(column) for column in types if column not in columns)


def a_case(texts: list[str], *, family: str = "fam", first_id: int = 1, flagged: bool = True) -> Case:
    """Return the tables of one family: each text a wording of its own, shared once, a minute apart."""
    n = len(texts)
    ids, names = list(range(first_id, first_id + n)), [f"{family}-{number}" for number in range(n)]
    times = [START + timedelta(minutes=number) for number in range(n)]
    common = {"message_id": ids, "text": texts, "kind": ["text"] * n}
    messages = table("messages", common | {"source_id": ["s"] * n, "byte_start": ids, "sent_at": times})
    belong = {"family_id": [family] * n, "variant_id": names}
    families = table("families", {"message_id": ids, **belong, "similarity": [1.0] * n, "tracked": [True] * n})
    variants, changes = build_variants(Messages(messages), Families(families))
    shares = {"share_id": names, **belong, "sent_at": times, "message_ids": [[number] for number in ids]}
    labels = {"message_id": ids, "label": [SLATE_LABEL] * n, "decision": ["flag" if flagged else "none"] * n}
    return {
        "variants": variants,
        "variant_changes": changes,
        "shares": table("shares", shares),
        "labels": table("labels", labels),
    }


def together(*cases: Case) -> Case:
    return {name: pl.concat([case[name] for case in cases]) for name in cases[0]}


def drawn(case: Case) -> Drawing:
    (drawing,) = draw_wordings(case)
    return drawing


def words_of(figure: Figure) -> list[str]:
    return [text.get_text() for text in texts_of(figure)]


def texts_of(figure: Figure) -> list[Text]:
    found = figure.findobj(lambda artist: isinstance(artist, Text) and artist.get_visible())
    return [text for text in found if isinstance(text, Text) and text.get_text().strip()]


def assert_readable(figure: Figure) -> None:
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts_of(figure) if text.axes is not None]
    for words, box in boxes:
        assert figure.bbox.x0 <= box.x0 <= box.x1 <= figure.bbox.x1, words
        assert figure.bbox.y0 <= box.y0 <= box.y1 <= figure.bbox.y1, words
    for (one, box), (other, near) in combinations(boxes, 2):
        wide = min(box.x1, near.x1) - max(box.x0, near.x0)
        high = min(box.y1, near.y1) - max(box.y0, near.y0)
        assert not (wide > 1 and high > 8), (one, other)


def test_each_row_says_by_signs_what_was_added_dropped_or_replaced(without_bytes: list[Figure]) -> None:
    drawn(a_case(FEW))
    words = words_of(without_bytes[0])
    assert {"Rowena Adjei", "→", "Ines Okafor", "+", "Thank you", "–", "Then"} <= set(words)
    assert {"Final reminder", "Select Rowena Adjei at step 1", "Then press submit"} <= set(words)
    assert {"A", "B", "C", "D", "3 Mar 2031, 06:05", "3 Mar 2031, 06:08"} <= set(words)


def test_the_picture_says_that_likeness_is_not_copying(without_bytes: list[Figure]) -> None:
    drawn(a_case(FEW))
    assert "That shows likeness, not who copied whom" in " ".join(words_of(without_bytes[0]))


@pytest.mark.usefixtures("without_bytes")
def test_the_words_for_those_who_do_not_see_it_tell_every_difference() -> None:
    drawing = drawn(a_case([*FEW, SLATE.replace("\nSelect", " Select")]))
    assert drawing.title == "Wordings of one text: family fam, 5 wordings in 5 messages"
    assert "nearest to A: “Rowena Adjei” became “Ines Okafor”." in drawing.alt
    assert "nearest to A: added “Thank you”." in drawing.alt
    assert "nearest to A: dropped “Then”." in drawing.alt
    assert "nearest to A: dropped a line break." in drawing.alt
    assert "the earliest in the evidence: “Final reminder ↵ Select" in drawing.alt


@pytest.mark.usefixtures("without_bytes")
def test_the_table_has_each_wording_with_its_messages() -> None:
    found = drawn(a_case(FEW)).table
    assert found.columns[-1] == "message_ids"
    assert found["message_ids"].to_list() == [[1], [2], [3], [4]]
    assert found["nearest wording not sent later"].to_list() == [None, "A", "A", "A"]
    assert found["what differs from it"].to_list() == ["", "Rowena Adjei → Ines Okafor", "+ Thank you", "– Then"]
    assert found["text"].to_list() == FEW


@pytest.mark.usefixtures("without_bytes")
def test_flagged_families_of_several_wordings_are_drawn_and_those_with_most_flags_first() -> None:
    others = [f"other text number {word}" for word in ("one", "two", "three", "four", "five")]
    case = together(
        a_case(others, family="chatter", first_id=100, flagged=False),
        a_case(FEW[:2] * 2, family="small", first_id=200),
        a_case(FEW, family="large", first_id=300),
        a_case([SLATE], family="single", first_id=400),
    )
    few = {**case, "labels": case["labels"].filter(pl.col("message_id") != 200)}
    assert [drawing.name for drawing in draw_wordings(few)] == ["wordings-large", "wordings-small"]
    none = {**case, "labels": case["labels"].clear()}
    assert draw_wordings(none)[0].name == "wordings-chatter"
    assert draw_wordings({}) == []


@pytest.mark.usefixtures("without_bytes")
def test_letters_are_those_of_the_other_charts_and_unshared_wordings_get_numbers() -> None:
    case = a_case(FEW)
    again = case["shares"].filter(pl.col("variant_id") == "fam-2").with_columns(share_id=pl.lit("again"))
    kept = case["shares"].filter(pl.col("variant_id") != "fam-1")
    drawing = drawn({**case, "shares": pl.concat([kept, again])})
    assert drawing.table["wording"].to_list() == ["A", "4", "B", "C"]


def test_wordings_without_room_are_counted_in_a_note_and_kept_in_the_table(
    without_bytes: list[Figure], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wordings, "MOST_LINES", 6)
    drawing = drawn(a_case(FEW))
    assert drawing.table["in the picture"].to_list() == [True, True, False, False]
    assert drawing.table.height == 4
    assert "2 other wordings (2 messages) found no room" in " ".join(words_of(without_bytes[0]))


def test_a_wording_is_never_drawn_without_those_it_hangs_from(
    without_bytes: list[Figure], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wordings, "MOST_LINES", 9)
    chain = [SLATE, f"{SLATE} a", f"{SLATE} a b", f"{SLATE} a b c", f"{SLATE} a b c d"]
    case = a_case(chain)
    often = pl.when(pl.col("variant_id") == "fam-3").then(9).otherwise("n_messages").cast(pl.Int64)
    drawing = drawn({**case, "variants": case["variants"].with_columns(n_messages=often)})
    assert drawing.table["in the picture"].to_list() == [True, True, True, True, False]
    assert_readable(without_bytes[0])


def test_an_unknown_time_and_equal_words_are_said_in_words(without_bytes: list[Figure]) -> None:
    case = a_case([SLATE, SLATE.upper()])
    blank = case["variants"].with_columns(
        pl.when(pl.col("n_edits") == 0).then(None).otherwise("first_at").alias("first_at")
    )
    drawing = drawn({**case, "variants": blank})
    assert {"not known", "no word differs"} <= set(words_of(without_bytes[0]))
    assert "time not known), nearest to A: no word differs." in drawing.alt


HOSTILE = [
    "کل علی رضا کو ووٹ دیں 12 بجے\nبیلٹ نمبر 4 🙏",
    "کل سارہ کو ووٹ دیں 12 بجے\nبیلٹ نمبر 4",
    "ভোট দিন কর্ত্তব্য\nکل سارہ کو ووٹ دیں 12 بجے",
    r"$\frac{1 \u202e 明日 ⟨ <b>x</b> " + "W" * 300 + " many words " * 80,
    "\n".join(["one line of many"] * 40),
    "👩🏽\u200d🔬 bell\x07 \ue000",
]


def test_texts_in_any_script_are_drawn_without_warning_and_can_be_read(without_bytes: list[Figure]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawn(a_case(HOSTILE))
        drawn(a_case(HOSTILE[::-1]))
    for figure in without_bytes:
        assert_readable(figure)
    assert "Words that found no room are left out (…); the table has them." in words_of(without_bytes[0])


def test_a_deep_tree_and_a_broad_one_stay_on_the_page(without_bytes: list[Figure]) -> None:
    drawn(a_case([" ".join(["word"] * 3 + [f"w{at}" for at in range(n)]) for n in range(30)]))
    drawn(a_case([f"{SLATE} ending {number}" for number in range(60)]))
    for figure in without_bytes:
        assert_readable(figure)
        assert figure.get_size_inches()[1] * 25.4 < 260
        assert min(text.get_fontsize() for text in texts_of(figure)) == 8


def test_an_ellipsis_of_the_text_itself_is_not_called_left_out(without_bytes: list[Figure]) -> None:
    drawn(a_case(["vote for Rowena…", "vote for Tariq…"]))
    assert "found no room" not in " ".join(words_of(without_bytes[0]))


def test_the_same_tables_give_the_same_bytes() -> None:
    one, other = drawn(a_case(FEW)), drawn(a_case(FEW))
    assert (one.svg, one.png) == (other.svg, other.png)
    assert b"Rowena" not in one.svg


def test_line_breaks_are_shown_between_words_and_named_where_they_stand_alone() -> None:
    assert show_words("\nThank you\n\nall\n") == "Thank you ↵ all"
    assert show_words("\n") == "line break"
    assert set_text("!\x00", width_mm=WIDTH_MM, most=3)[0][0].words.endswith("!⟨U+0000⟩\u2069")


CHANGES = st.lists(
    st.fixed_dictionaries(
        {
            "change": st.sampled_from(["added", "dropped", "replaced"]),
            "text": st.text("abé明 \n🙏علی", min_size=1, max_size=120),
            "parent_text": st.text("xyz \n", min_size=1, max_size=120),
        }
    ),
    min_size=1,
    max_size=9,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(changes=CHANGES)
def test_differences_never_leave_their_room_nor_cover_each_other(changes: list[dict[str, str]]) -> None:
    lines = set_changes(changes, width_mm=WIDTH_MM)
    assert 1 <= len(lines) <= MOST_LINES
    for line in lines:
        ends = [piece.left + measure(piece.words, size=TEXT_PT)[0] for piece in line]
        assert all(end <= WIDTH_MM + 0.1 for end in ends)
        assert all(end <= piece.left for end, piece in zip(ends, line[1:], strict=False))
