from datetime import UTC, datetime

import polars as pl
import pytest
from report.invented import RUN, SUMMARY, Rows, Tables, a_message, a_table, read_page, tiny_case

from chatforensics.figures.numbering import instruct, number_texts
from chatforensics.report import spread
from chatforensics.report.explorer.entities import choose_families
from chatforensics.report.measures import ALL
from chatforensics.report.sightings import Row
from chatforensics.report.spread import view_spread
from chatforensics.report.templating import make_environment
from chatforensics.report.view import build_view
from chatforensics.report.wordings import mark_changes, view_wordings
from chatforensics.schema import TABLES, empty

AT = datetime(2031, 3, 3, 19, 40, tzinfo=UTC)


def _case(*families: str) -> Tables:
    """Return the small case with measures of the given families, the first of them the flagged one."""
    tables = {name: tiny_case().get(name, empty(name)) for name in TABLES}
    rows: Rows = []
    for place, family in enumerate(families):
        rows += [_measure(family, "reach", 3 + place), _measure(family, "n_shares", 2), _measure(family, "depth", None)]
        rows.append(_measure(family, "n_trees", 1) | {"low": 1.0, "high": 2.0, "middle": 2.0})
    tables["cascades"] = a_table("cascades", rows)
    return tables


def _measure(family: str, measure: str, value: float | None) -> Row:
    number = None if value is None else float(value)
    return {"family_id": family, "measure": measure, **dict.fromkeys(("value", "low", "high", "middle"), number)}


def _view(tables: Tables) -> Row:
    return view_spread(tables, numbers=number_texts(tables))


def _page(tables: Tables) -> str:
    view = build_view(tables, drawings=[], run=RUN, summary=SUMMARY, pictures={})
    return read_page(make_environment().get_template("spread.html.j2").render(view)).words


def test_what_hangs_on_links_is_printed_with_its_range_and_what_is_counted_as_it_stands() -> None:
    (row,) = _view(_case("family-1"))["rows"]
    names = [measure.key for measure in ALL]
    cells = dict(zip(names, [*row["counted"], *row["linked"]], strict=True))
    assert (cells["reach"], cells["n_shares"], cells["n_trees"]) == ("3", "2", "2 (1–2)")
    assert (cells["depth"], cells["breadth"]) == ("-", "-")


def test_flagged_texts_stand_before_others_that_reached_more() -> None:
    rows = _view(_case("family-1", "family-9"))["rows"]
    assert [(row["family_id"], row["decision"]) for row in rows] == [("family-1", "flag"), ("family-9", "none")]


def _with_small_talk() -> Tables:
    """Return the case with a text that reached and was sent more, and has one flagged message of nine."""
    tables = _case("family-1", "family-8")
    messages = [a_message(800 + n, source=3, minute=n, text="Let me know", sender="Wiktor") for n in range(9)]
    ids = [row["message_id"] for row in messages]
    members: Rows = [
        {"message_id": n, "family_id": "family-8", "variant_id": "variant-8", "similarity": 0.9, "tracked": True}
        for n in ids
    ]
    shares: Rows = [{"share_id": f"share-{n}", "family_id": "family-8", "message_ids": [n]} for n in ids]
    flag = {"message_id": ids[0], "label": "slate_instruction", "probability": 0.6, "decision": "flag"}
    named = {"message_id": ids[0], "name": "Oyelaran Brzeska", "stance": "for", "step": 1, "start": 0, "end": 3}
    more = {"messages": messages, "families": members, "shares": shares, "labels": [flag], "slates": [named]}
    return tables | {name: pl.concat([tables[name], a_table(name, rows)]) for name, rows in more.items()}


def test_small_talk_with_one_flagged_message_does_not_lead_the_report_its_numbers_or_its_views() -> None:
    tables = _with_small_talk()
    numbers = number_texts(tables)
    assert [row["family_id"] for row in _view(tables)["rows"]] == ["family-1", "family-8"]
    assert (numbers["family-1"], numbers["family-8"]) == (1, 2)
    drawn = choose_families(tables, decisions=instruct(tables["labels"]), numbers=numbers)
    assert drawn["family_id"].to_list() == ["family-1", "family-8"]


def test_ordinary_texts_are_summed_up_beside_the_flagged_ones() -> None:
    others = _view(_case("family-1", "family-8", "family-9"))["others"]
    assert (others["n"], others["cells"][0]) == (2, "4.50 (4–5)")
    assert _view(_case("family-1", "family-8"))["others"] is None


def test_each_share_tells_how_many_it_newly_reached() -> None:
    tables = _case("family-1")
    tables["exposures"] = a_table("exposures", [{"share_id": "share-1", "n_recipients": 7, "n_newly_reached": 4}])
    (block,) = _view(tables)["blocks"]
    assert [(row["message_id"], row["n_recipients"], row["n_newly_reached"]) for row in block["shares"]] == [
        (101, 7, 4),
        (310, None, None),
    ]
    assert block["cited"] == [101, 310]


def test_the_chats_with_most_members_stand_first() -> None:
    tables = _case("family-1")
    rows = [("chat-1", 2), ("chat-2", 5)]
    tables["exposed_chats"] = a_table(
        "exposed_chats",
        [{"family_id": "family-1", "chat_id": chat, "n_shares": 1, "n_members_exposed": n} for chat, n in rows],
    )
    assert [row["title"] for row in _view(tables)["blocks"][0]["chats"]] == ["Allotments", "Ward talk"]


def test_texts_beyond_the_limit_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spread, "FAMILY_LIMIT", 1)
    view = _view(_case("family-1", "family-9"))
    assert (view["cap"]["shown"], view["cap"]["total"]) == (1, 2)


def test_the_section_says_what_reach_does_not_show() -> None:
    words = _page(_case("family-1"))
    assert "It does not show that they read it, nor that nobody else did" in words
    assert "Goel, Anderson, Hofman and Watts (2016)" in words
    assert "No text was followed." in _page({})


CHANGES = [
    {"position": 1, "change": "replaced", "start": 0, "end": 5, "text": "Hello", "parent_text": "Dear"},
    {"position": 2, "change": "dropped", "start": 12, "end": 12, "text": "", "parent_text": "today"},
    {"position": 3, "change": "added", "start": 13, "end": 17, "text": "soon", "parent_text": ""},
]


def test_a_change_shows_what_was_dropped_before_what_was_added() -> None:
    parts = mark_changes("Hello member soon", CHANGES)
    assert [(part.text, part.change) for part in parts] == [
        ("Dear", "dropped"),
        ("Hello", "added"),
        (" member", "same"),
        ("today", "dropped"),
        (" ", "same"),
        ("soon", "added"),
    ]


@pytest.mark.parametrize("length", range(18))
def test_without_the_dropped_words_the_parts_are_the_wording_however_it_is_cut(length: int) -> None:
    text = "Hello member soon"[:length]
    assert "".join(part.text for part in mark_changes(text, CHANGES) if part.change != "dropped") == text


def _variants() -> Tables:
    tables = _case("family-1")
    base: Row = {"family_id": "family-1", "n_messages": 1, "first_at": AT, "text": "select Ada"}
    child = {"variant_id": "variant-1", "parent_variant_id": "variant-2", "n_edits": 1, "message_ids": [101, 201]}
    tables["variants"] = a_table(
        "variants", [base | {"variant_id": "variant-2", "message_ids": [310]}, base | child | {"text": "select Bo"}]
    )
    change = {"start": 7, "end": 9, "text": "Bo", "parent_start": 7, "parent_end": 10, "parent_text": "Ada"}
    named = {"family_id": "family-1", "variant_id": "variant-1", "position": 1, "change": "replaced"}
    tables["variant_changes"] = a_table("variant_changes", [named | change])
    return tables


def test_a_wording_stands_beside_the_one_it_hangs_from_under_the_letters_of_the_found_texts() -> None:
    tables = _variants()
    view = view_wordings(tables, family_id="family-1", number=1)
    rows = {row["name"]: row for row in view["rows"]}
    assert rows["1A"]["parent"] is None
    assert [part.change for part in rows["1A"]["parts"]] == ["same"]
    assert (rows["1B"]["parent"], rows["1B"]["n_edits"]) == ("1A", 1)
    assert [part.text for part in rows["1B"]["parts"]] == ["select ", "Ada", "Bo"]


def test_a_wording_read_in_a_picture_says_that_slips_look_like_changes() -> None:
    tables = _variants()
    assert "slip of the reader" not in _page(tables)
    tables["pictures"] = a_table("pictures", [{"message_id": 201, "file": "a.jpg", "status": "read"}])
    assert _page(tables).count("slip of the reader") == 1


def test_added_and_dropped_words_are_told_apart_without_colour() -> None:
    words = _page(_variants())
    assert "[dropped: Ada ]" in words
    assert "[added: Bo ]" in words


def test_followed_texts_that_tell_nobody_how_to_vote_are_numbered_after_the_others() -> None:
    tables = _case("family-1")
    more = a_table("families", [{"message_id": 103, "family_id": "family-7", "variant_id": "v", "tracked": True}])
    tables["families"] = pl.concat([tables["families"], more])
    numbers = number_texts(tables)
    assert numbers == {"family-1": 1, "message 11": 2, "family-7": 3}
