"""What comes into a package: the ticked messages, their neighbours, their copies, and what concerns them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest
from builders import a_case
from hypothesis import given
from hypothesis import strategies as st

from chatforensics.errors import UsageError
from chatforensics.package.choosing import (
    Choice,
    Papers,
    build_dossier,
    choose_by_word,
    find_copies,
    find_kept,
    read_ids,
)
from chatforensics.package.dossier import Dossier
from chatforensics.schema import TABLES, check, empty

AT = datetime(2031, 4, 1, tzinfo=UTC)
RUN: Mapping[str, Any] = {
    "inputs": [{"path": "/home/ifeoma/phones/kofi/chat.txt", "sha256": "one"}, {"path": "/x/Bo.txt", "sha256": "two"}],
    "warnings": ["/x/Bo.txt: the order of day and month is ambiguous."],
    "outputs": ["report.html"],
}


def a_table(name: str, *rows: dict[str, Any]) -> pl.DataFrame:
    full = [{column: row.get(column) for column in TABLES[name]} for row in rows]
    return check(pl.DataFrame(full, schema=dict(TABLES[name])), table=name)


def an_export(source: str, *numbers: int) -> list[dict[str, Any]]:
    """Write the records of one export, in the order of their places; equal last digits are copies of one message."""
    return [
        {
            "message_id": number,
            "source_id": source,
            "chat_id": "chat",
            "byte_start": place,
            "person_id": f"person-{number % 10}",
            "canonical_id": number % 10,
        }
        for place, number in enumerate(numbers)
    ]


def two_exports(**more: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return a chat of five messages that a second phone exported too, its third message left out."""
    tables = {name: empty(name) for name in TABLES}
    sources = [
        {"source_id": "one", "path": "/home/ifeoma/phones/kofi/chat.txt", "sha256": "one", "chat_id": "chat"},
        {"source_id": "two", "path": "/x/Bo.txt", "sha256": "two", "chat_id": "chat"},
    ]
    folders = pl.Series("folder", ["/home/ifeoma/phones/kofi", None], dtype=pl.String)
    tables["sources"] = a_table("sources", *sources).with_columns(folders)
    rows = [*an_export("one", 11, 12, 13, 14, 15), *an_export("two", 21, 22, 24, 25)]
    tables["messages"] = a_table("messages", *rows)
    return tables | more


def choose(tables: Mapping[str, pl.DataFrame], *ticked: int, context: int = 0) -> Dossier:
    return build_dossier(tables, choice=Choice(ticked, context), papers=Papers("A case", AT, RUN))


def ids(dossier: Dossier) -> list[int]:
    return sorted(dossier.tables["messages"]["message_id"])


def test_context_is_so_many_records_before_and_after_in_the_same_export() -> None:
    tables = two_exports()
    assert ids(choose(tables, 13)) == [13]
    assert ids(choose(tables, 13, context=1)) == [12, 13, 14]
    assert ids(choose(tables, 13, context=1000)) == [11, 12, 13, 14, 15]


def test_a_copy_in_another_export_comes_along_with_its_own_context() -> None:
    dossier = choose(two_exports(), 14, context=1)
    assert ids(dossier) == [13, 14, 15, 22, 24, 25]
    assert dossier.ticked == (14,)
    assert find_copies(dossier) == {24}


def test_an_export_that_covers_the_time_without_the_message_is_named_with_no_record() -> None:
    told = {"canonical_id": 3, "status": "one_sided", "source_ids": ["one"], "lacking": ["two"]}
    dossier = choose(two_exports(corroboration=a_table("corroboration", told)), 13)
    counted = dossier.tables["sources"].select("source_id", "n_included").rows()
    assert sorted(counted) == [("one", 1), ("two", 0)]


def test_what_is_left_out_is_counted() -> None:
    dossier = choose(two_exports(), 14, context=1)
    told = dossier.run["package"]
    assert isinstance(told, dict)
    counts = {key: told[key] for key in ("n_ticked", "n_copies", "n_context", "n_records", "n_records_of_case")}
    assert counts == {"n_ticked": 1, "n_copies": 1, "n_context": 4, "n_records": 6, "n_records_of_case": 9}


def test_unknown_ids_are_named() -> None:
    with pytest.raises(UsageError, match=r"not in this case: 7, 8 \(2 of 3\)"):
        choose(two_exports(), 7, 8, 11)


@pytest.mark.parametrize("context", [-1, 1001])
def test_a_context_out_of_range_is_refused(context: int) -> None:
    with pytest.raises(UsageError, match="--context"):
        choose(two_exports(), 11, context=context)


@given(st.data())
def test_context_agrees_with_counting_by_hand(data: st.DataObject) -> None:
    sizes = data.draw(st.lists(st.integers(1, 12), min_size=1, max_size=3))
    exports = [[1000 * (source + 1) + place for place in range(size)] for source, size in enumerate(sizes)]
    everyone = [number for export in exports for number in export]
    ticked = data.draw(st.sets(st.sampled_from(everyone), min_size=1))
    context = data.draw(st.integers(0, 5))
    rows = [
        row | {"canonical_id": row["message_id"]}
        for n, export in enumerate(exports)
        for row in an_export(f"{n}", *export)
    ]
    wanted = {
        near
        for export in exports
        for number in ticked & set(export)
        for near in export[max(export.index(number) - context, 0) : export.index(number) + context + 1]
    }
    kept = find_kept(a_table("messages", *rows), tuple(ticked), context=context)
    assert (set(kept.centres), set(kept.included)) == (ticked, wanted)


def test_the_list_that_the_reports_page_saves_can_be_read() -> None:
    assert read_ids("\ufeff13\n11\n\n# why\n12 # the third\n", where="x") == (11, 12, 13)
    assert read_ids("13,11", where="x") == (11, 13)


@pytest.mark.parametrize("text", ["", "# only a comment", "flagged", "1e3", "-4", "٤", "9" * 20])
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="no id of a message"):
        read_ids(text, where="--messages")


def test_a_word_chooses_by_the_decision_on_instructions_alone() -> None:
    labels = a_table(
        "labels",
        {"message_id": 11, "label": "slate_instruction", "decision": "flag"},
        {"message_id": 12, "label": "slate_instruction", "decision": "review"},
        {"message_id": 13, "label": "slate_instruction", "decision": "none"},
        {"message_id": 14, "label": "endorse", "decision": "flag"},
    )
    tables = two_exports(labels=labels)
    assert choose_by_word(tables, "flagged") == (11,)
    assert choose_by_word(tables, "review") == (11, 12)
    assert len(choose_by_word(tables, "all")) == 9
    with pytest.raises(UsageError, match="no message is flagged as an instruction; name ids"):
        choose_by_word(two_exports(), "flagged")


def test_paths_lose_what_lies_above_the_phone_and_exports_outside_their_names() -> None:
    dossier = choose(two_exports(), 13)
    assert dossier.tables["sources"].select("path", "folder").rows() == [("kofi/chat.txt", "kofi")]
    assert dossier.run["inputs"] == [{"path": "kofi/chat.txt", "sha256": "one"}]
    assert dossier.run["warnings"] == ["export two: the order of day and month is ambiguous."]
    assert "outputs" not in dossier.run


def test_people_stay_whom_an_id_or_a_word_of_a_name_names_anywhere_and_nobody_else() -> None:
    people = a_table(
        "people",
        {"person_id": "person-3", "pseudonym": "P-AAAA"},
        {"person_id": "person-z", "pseudonym": "P-BBBB", "labels": ["Oyelaran Brzeska"]},
        {"person_id": "person-y", "pseudonym": "P-CCCC", "labels": ["Wiktor"], "phones": ["+44 7700 900123"]},
        {"person_id": "person-x", "pseudonym": "P-DDDD", "labels": ["Ifeoma Zając"], "phones": ["+44 7700 900456"]},
    )
    tables = two_exports(people=people)
    messages = tables["messages"].with_columns(text=pl.lit("Ask BRZESKA\u2019s, or 07700900123."))
    dossier = choose(tables | {"messages": messages}, 13)
    assert dossier.tables["people"]["person_id"].to_list() == ["person-3", "person-z", "person-y"]


def test_an_answer_or_a_reply_of_nobody_here_stays_out() -> None:
    people = a_table("people", {"person_id": "person-3", "labels": ["Wiktor"]}, {"person_id": "z", "labels": ["Ama"]})
    papers = Papers(
        "A case",
        AT,
        RUN,
        answers=({"source_id": "one"}, {"source_id": "two"}),
        replies=({"person_id": "old", "label": "Wiktor"}, {"person_id": "z", "label": "Ama"}),
    )
    dossier = build_dossier(two_exports(people=people), choice=Choice((13,), 0), papers=papers)
    assert dossier.answers == ({"source_id": "one"},)
    assert [reply["label"] for reply in dossier.replies] == ["Wiktor"]


def test_no_table_holds_words_of_a_message_that_is_left_out() -> None:
    case = a_case(8)
    is_kept = case["messages"]["text"].is_not_null() & (case["messages"]["kind"] == "text")
    ticked = case["messages"].filter(is_kept)["message_id"].head(2).to_list()
    dossier = choose(case, *ticked, context=1)
    here = set(dossier.tables["messages"]["text"].drop_nulls())
    outside = {text for text in case["messages"]["text"].drop_nulls() if len(text) > 12} - here
    outside = {text for text in outside if not any(text in each for each in here)}
    told = "".join(frame.write_json() for frame in dossier.tables.values())
    assert outside
    assert [text for text in outside if text in told] == []


def test_only_ties_of_the_senders_of_ticked_messages_come_along() -> None:
    case = a_case(8)
    share = case["shares"].row(0, named=True)
    dossier = choose(case, share["message_ids"][0])
    edges = dossier.tables["edges"]
    assert edges.height
    assert set(edges["sender_id"]) == {share["person_id"]}
    assert set(edges["family_id"]) == {share["family_id"]}
    own = dossier.tables["links"]["share_id"].unique().to_list()
    parents = set(dossier.tables["links"]["parent_share_id"].drop_nulls())
    assert share["share_id"] in own
    assert parents <= set(dossier.tables["shares"]["share_id"])
