"""Right of reply: who is named, which recorded reply is whose, and that none is ever lost."""

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from types import ModuleType

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report.invented import Tables, a_table, tiny_case

from chatforensics.casefile import By, Case, list_replies, new_case, open_case
from chatforensics.errors import UsageError
from chatforensics.package.sheets import fill_tables
from chatforensics.workflow.replying import Answer, add_reply, match_replies, named_people, read_replies

BY = By("R. Okafor-Lindqvist", datetime(2031, 4, 1, 9, 0, tzinfo=UTC))
CHIOMA, IFEOMA, WIKTOR = "person-Chioma", "person-Ifeoma", "person-Wiktor"
_REPLIES = st.lists(
    st.fixed_dictionaries(
        {
            "person_id": st.sampled_from([CHIOMA, "gone", ""]),
            "label": st.sampled_from(["Chioma", "wiktor ", "Somchai", ""]),
            "status": st.sampled_from(["pack made", "offered", "replied", "declined"]),
            "text": st.sampled_from([None, "Not me."]),
        }
    ),
    max_size=8,
)


def _case(**more: pl.DataFrame) -> Tables:
    return fill_tables(tiny_case() | more)


def _recorded(label: str, status: str, *, person_id: str = "gone", **more: object) -> dict[str, object]:
    return {"person_id": person_id, "label": label, "status": status, **more}


def test_senders_of_flagged_and_unsure_messages_and_people_in_clusters_are_named() -> None:
    assert named_people(_case()) == [CHIOMA, IFEOMA, WIKTOR]
    tables = _case(labels=a_table("labels", []))
    assert named_people(tables) == []
    tables["clusters"] = a_table("clusters", [{"cluster_id": "c", "person_ids": [WIKTOR, IFEOMA]}])
    assert named_people(tables) == [IFEOMA, WIKTOR]


def test_everybody_named_has_a_row_and_is_not_offered_until_something_is_recorded() -> None:
    rows = match_replies(_case(), [_recorded("Chioma", "offered", person_id=CHIOMA, happened_on="2031-03-05")])
    assert [(row["person_id"], row["status"], row["named"]) for row in rows] == [
        (CHIOMA, "offered", True),
        (IFEOMA, "not offered", True),
        (WIKTOR, "not offered", True),
    ]
    offer = {"status": "offered", "text": None, "on": "2031-03-05", "recorded_on": None, "how": None}
    assert rows[0]["entries"] == [offer]


def test_a_reply_whose_number_is_gone_is_matched_by_the_only_person_of_that_printed_name() -> None:
    (row,) = [row for row in match_replies(_case(), [_recorded("IFEOMA ", "declined")]) if row["status"] == "declined"]
    assert (row["person_id"], row["matched_by"]) == (IFEOMA, "label")


def test_a_name_that_two_people_bear_matches_neither_and_the_reply_is_listed_as_it_is() -> None:
    tables = _case()
    alike = [{"person_id": f"person-{n}", "pseudonym": f"P-{n}", "labels": ["Ifeoma"]} for n in (1, 2)]
    tables["people"] = a_table("people", alike)
    last = match_replies(tables, [_recorded("Ifeoma", "replied", text="Not me.")])[-1]
    assert (last["person_id"], last["label"], last["matched_by"]) == (None, "Ifeoma", None)


def test_replies_of_two_people_who_are_gone_stay_apart() -> None:
    given_rows = [_recorded("Somchai", "replied", text="a"), _recorded("Aroha", "replied", text="b")]
    rows = [row for row in match_replies(_case(), given_rows) if row["person_id"] is None]
    assert [row["label"] for row in rows] == ["Aroha", "Somchai"]


@pytest.mark.parametrize(
    ("statuses", "status"),
    [
        (["replied", "offered"], "replied"),
        (["offered", "pack made"], "offered"),
        (["pack made"], "pack made"),
        (["offered", "declined"], "declined"),
    ],
)
def test_what_comes_later_does_not_undo_what_a_person_answered(statuses: list[str], status: str) -> None:
    rows = match_replies(_case(), [_recorded("Chioma", each, person_id=CHIOMA) for each in statuses])
    assert rows[0]["status"] == status


@settings(max_examples=40)
@given(_REPLIES)
def test_every_recorded_row_stands_in_exactly_one_row_in_its_order(recorded: list[dict[str, object]]) -> None:
    rows = match_replies(_case(), recorded)
    entries = [entry for row in rows for entry in row["entries"]]  # type: ignore[attr-defined]
    assert len(entries) == len(recorded)
    assert sorted(str(entry["status"]) for entry in entries) == sorted(str(row["status"]) for row in recorded)
    assert len({(row["person_id"], row["label"]) for row in rows if row["person_id"]}) == 3


@pytest.fixture
def case_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    casework = ModuleType("chatforensics.workflow.casework")

    def load_tables(_: Case) -> Tables:
        return _case()

    casework.load_tables = load_tables  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "chatforensics.workflow.casework", casework)
    return new_case(tmp_path / "case", title="Ward", by=BY, key=b"k" * 32).folder


def test_a_reply_enters_the_case_under_number_and_name_and_comes_back_beside_the_findings(case_folder: Path) -> None:
    answer = Answer("replied", text="It was our agreed list.", on=date(2031, 3, 9), how="by letter")
    assert add_reply(case_folder, person="p-chioma", answer=answer, by=BY) == (CHIOMA, "Chioma")
    (row,) = list_replies(open_case(case_folder))
    assert (row["person_id"], row["label"], row["happened_on"]) == (CHIOMA, "Chioma", "2031-03-09")
    rows = read_replies(open_case(case_folder), tables=_case())
    days = {"on": "2031-03-09", "recorded_on": "2031-04-01"}
    assert rows[0]["entries"] == [{"status": "replied", "text": "It was our agreed list.", "how": "by letter"} | days]


def test_a_reply_of_somebody_unknown_or_without_words_is_refused(case_folder: Path) -> None:
    with pytest.raises(UsageError, match="Nobody in these exports"):
        add_reply(case_folder, person="Solveig", answer=Answer("offered"), by=BY)
    with pytest.raises(UsageError, match="no words"):
        add_reply(case_folder, person="Chioma", answer=Answer("replied", text=" "), by=BY)
    assert list_replies(open_case(case_folder)) == []
