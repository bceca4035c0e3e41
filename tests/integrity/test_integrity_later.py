"""Messages dated after the file that holds them."""

from dataclasses import replace
from datetime import UTC, datetime

import polars as pl
import pytest
from integrity.chats import Said, evidence_of_records

from chatforensics.integrity import Observation
from chatforensics.integrity.later import LATER
from chatforensics.schema import TABLES, Members

SENT = datetime(2024, 3, 13, 8, 30)
HOUR = 3600


def later(made: datetime | None, *, after_s: int = 0, verdict: str = "certain", **member: object) -> list[Observation]:
    base = evidence_of_records([Said("Ama", "hi", after_s=0), Said("Ewa", "bye", after_s=after_s)], start=SENT)
    row = {"name": "_chat.txt", "role": "chat", "modified_local": made, **member}
    members = Members(pl.DataFrame([row], schema=dict(TABLES["members"])))
    source = {**base.source, "date_order_verdict": verdict}
    return list(LATER["I-28"].find(replace(base, source=source, members=members)))


def test_messages_before_the_file_are_nothing_odd() -> None:
    assert later(datetime(2024, 3, 13, 8, 30)) == []


def test_within_two_minutes_the_steps_of_the_clocks_explain_it() -> None:
    assert later(SENT, after_s=120) == []
    assert len(later(SENT, after_s=121)) == 1


def test_what_zones_can_explain_is_information() -> None:
    (told,) = later(SENT, after_s=26 * HOUR)
    assert (told.level, told.lines) == ("info", [2])
    assert told.value == (
        "1 record dated after 2024-03-13 08:30:00 (by the packer's clock), the time of the chat text in the zip; the "
        "last by 26.0 hours, which zones can explain."
    )


def test_more_than_zones_can_explain_is_unexplained() -> None:
    (told,) = later(SENT, after_s=26 * HOUR + 1)
    assert (told.level, told.lines) == ("unexplained", [2])


def test_where_the_date_order_is_not_certain_it_is_information() -> None:
    (told,) = later(SENT, after_s=30 * 24 * HOUR, verdict="ambiguous")
    assert told.level == "info"
    assert told.value.endswith("the order of day and month is not certain here.")


def test_a_time_in_utc_is_taken_first_and_leaves_less_to_zones() -> None:
    utc = SENT.replace(tzinfo=UTC)
    far = datetime(2030, 1, 1)
    assert [told.level for told in later(far, modified_at=utc, after_s=14 * HOUR)] == ["info"]
    assert [told.level for told in later(far, modified_at=utc, after_s=14 * HOUR + 1)] == ["unexplained"]


@pytest.mark.parametrize("made", [None, datetime(1980, 1, 1)])
def test_a_zip_without_times_says_nothing(made: datetime | None) -> None:
    assert later(made, after_s=HOUR) == []


def test_the_times_of_other_files_do_not_count() -> None:
    assert later(SENT, role="sent", after_s=HOUR) == []


def test_a_text_outside_a_zip_has_no_time() -> None:
    assert list(LATER["I-28"].find(evidence_of_records([Said("Ama", "hi")]))) == []
