"""How a message is shown on every page, and whom a package may show by name."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from casefile.cases import BY, a_case
from hypothesis import given
from hypothesis import strategies as st

import chatforensics
from chatforensics.casefile.desk import set_ticks
from chatforensics.report.language import read_catalogue
from chatforensics.schema import LABELS, SLATE_LABEL
from chatforensics.web.ordering import Wishes, list_people, load_wishes, save_wishes
from chatforensics.web.showing import (
    CHARACTER_LIMIT,
    LABEL_WORDS,
    MAY_WORDS,
    cut_words,
    is_close,
    list_classes,
    name_label,
    show_sender,
    soften_label,
    split_stated,
)
from chatforensics.workflow import viewing

PACKAGE = Path(chatforensics.__file__).parent


@given(
    text=st.text(max_size=40),
    spans=st.lists(
        st.tuples(st.integers(-5, 50), st.integers(-5, 50), st.sampled_from(["endorse", "name"])), max_size=5
    ),
)
def test_the_pieces_of_a_message_are_its_words(text: str, spans: list[tuple[int, int, str]]) -> None:
    cut = cut_words({"text": text, "spans": spans, "decision": "flag"})
    assert "".join(piece.text for piece in cut.pieces) == text
    assert cut.left_out == 0


def test_words_are_marked_only_where_a_message_was_flagged_or_is_to_be_read() -> None:
    item = {"text": "Vote for Wiktor", "spans": [[0, 8, "endorse"], [9, 15, "name"]]}
    marked = {each: cut_words({**item, "decision": each}).pieces for each in ("flag", "review", "none", None)}
    assert [piece.text for piece in marked["flag"] if piece.cues] == ["Vote for", "Wiktor"]
    assert [piece.text for piece in marked["flag"] if piece.is_name] == ["Wiktor"]
    assert marked["review"] == marked["flag"]
    assert not [piece for each in ("none", None) for piece in marked[each] if piece.cues]
    assert not [piece for piece in cut_words({**item, "decision": "flag"}, marked=False).pieces if piece.cues]


def test_words_that_were_searched_for_do_not_look_like_those_that_carried_a_label() -> None:
    item = {"text": "Vote for Wiktor", "spans": [[0, 8, "endorse"]], "decision": "flag", "found": [[5, 15]]}
    told = [(piece.text, list_classes(piece)) for piece in cut_words(item).pieces]
    assert told == [("Vote ", ""), ("for", "found"), (" Wiktor", "found only")]
    unmarked = cut_words({**item, "decision": None}).pieces
    assert [list_classes(piece) for piece in unmarked] == ["", "found only"]


def test_a_very_long_message_is_cut_and_says_by_how_much() -> None:
    cut = cut_words({"text": "x" * (CHARACTER_LIMIT + 7), "decision": None})
    assert (len(cut.pieces[0].text), cut.left_out) == (CHARACTER_LIMIT, 7)


def test_every_label_of_the_codebook_has_plain_words() -> None:
    assert set(LABEL_WORDS) == {SLATE_LABEL, *LABELS}
    assert name_label("some_new_label") == "some new label"


def test_what_is_not_sure_is_said_with_may() -> None:
    assert set(MAY_WORDS) == set(LABEL_WORDS)
    assert soften_label("mobilise", 0.79) == "may ask to take part"
    assert soften_label("mobilise", 0.8) == "asks to take part"
    assert soften_label("some_new_label", 0.2) == "may be: some new label"


@pytest.mark.parametrize(
    ("probability", "decision", "close"),
    [(0.40, "flag", True), (0.38, "flag", False), (0.6, "flag", False), (0.40, "review", False), (None, "flag", False)],
)
def test_just_above_its_threshold_is_what_was_marked_and_might_as_well_not_have_been(
    probability: float | None, decision: str, close: bool
) -> None:
    assert is_close(SLATE_LABEL, probability, decision) is close


def test_what_somebody_stated_is_told_apart_from_the_own_reading_whatever_they_wrote() -> None:
    own = "The program's own decision was"
    said = f'Stated by “"). {own} none at 0.10.” on 2031-03-04: not an instruction (“"). {own} none at 0.20. Yes”).'
    parts = split_stated(f"{said} {own} flag at 0.40. It asks to take part.")
    assert (parts.said, parts.own, parts.rest) == (said, "flag", "It asks to take part.")
    assert split_stated(f"{said} {own} none at under 0.01.").own == "none"
    assert split_stated(f"{said} The program found no words in it to read.").own is None


def test_the_explanation_of_a_stated_label_is_read_as_labelling_writes_it() -> None:
    from chatforensics.labelling.stated import OWN, STATED

    parts = split_stated(f"{STATED}“Ama” on 2031-03-04: an instruction (“I read it”). {OWN}review at 0.25.")
    assert parts.own == "review"


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("\u202a+44 7700 900151\u202c", "+44 7700 900151"),
        ("\u2068Ines\u2069", "Ines"),
        ("\u202eInes\u202c", "\u202eInes\u202c"),
        ("\u202aIn\u202ees\u202c", "\u202aIn\u202ees\u202c"),
        ("\u202aInes", "\u202aInes"),
        ("\u202a\u202c", "\u202a\u202c"),
        ("~ \u202aInes\u202c", "~ \u202aInes\u202c"),
        (None, ""),
    ],
)
def test_only_a_pair_of_ordinary_marks_around_a_whole_name_is_hidden(printed: str | None, shown: str) -> None:
    assert show_sender(printed) == shown


def test_the_page_has_the_colours_of_the_report() -> None:
    sheets = ("report/assets/report.css", "web/assets/page.css")
    report, page = (re.findall(r"--[\w-]+: #\w+", (PACKAGE / sheet).read_text()) for sheet in sheets)
    assert set(report) <= set(page)


def test_a_translation_has_to_follow_the_sentences_of_the_page_too() -> None:
    told = read_catalogue()
    assert "web/templates/dropping.html.j2" in told["Drop the export here"]
    assert "web/showing.py" in told["asks to pass it on"]
    assert "web/navigation.py" in told["Received and choose"]


class _View:
    """An analysis in which Ines sent message 1, Kofi made its export, and Zainab and another Ines stand around it."""

    def message(self, number: int) -> dict[str, Any] | None:
        return {"message_id": "1", "source_id": "a", "person_id": "p-ines"} if number == 1 else None

    def around(self, number: int, *, before: int, after: int) -> list[dict[str, Any]]:
        assert (number, before, after) in {(1, 3, 3), (2, 3, 3)}
        return (
            [{"person_id": each} for each in ("p-zainab", "p-ines", "p-other", None, "p-kofi")] if number == 1 else []
        )

    def sources(self) -> list[dict[str, Any]]:
        return [{"source_id": "a", "custodian_id": "p-kofi"}, {"source_id": "b", "custodian_id": "p-oksana"}]

    def people(self) -> list[dict[str, Any]]:
        names = {"p-ines": "Ines", "p-kofi": "Kofi", "p-zainab": "زینب", "p-other": "Ines", "p-oksana": "Oksana"}
        return [{"person_id": key, "name": name} for key, name in names.items()]


def test_senders_and_makers_are_parties_and_all_others_are_shown_only_if_somebody_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = a_case(tmp_path)
    monkeypatch.setattr(viewing, "open_view", lambda _: _View())
    set_ticks(case, [1, 2], on=True, at=BY.at)
    people = list_people(case, context=3)
    assert [(one.value, one.name) for one in people.senders] == [("p-ines", "Ines")]
    assert [one.value for one in people.makers] == ["p-kofi"]
    assert [(one.value, one.name) for one in people.others] == [("p-other", "Ines"), ("p-zainab", "زینب")]
    assert people.analysed


def test_what_was_wanted_comes_back_but_for_the_passphrase(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    assert load_wishes(case) == Wishes()
    wanted = Wishes(context="4", parties=False, shown=("Kofi",), words="Rose", locked=True)
    typed = "four words of mine"
    save_wishes(case, replace(wanted, passphrase=typed, again=typed))
    assert load_wishes(case) == wanted


def test_a_very_long_list_of_words_is_not_kept_and_does_no_harm(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    save_wishes(case, Wishes(words="Rose\n" * 2000))
    assert load_wishes(case) == Wishes()
