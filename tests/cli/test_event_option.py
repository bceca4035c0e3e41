"""`--event DATE:LABEL`: days that the user names, read strictly."""

from datetime import date

import pytest

from chatforensics.cli.events import read_events
from chatforensics.errors import UsageError


def test_a_day_and_its_label_are_read() -> None:
    assert read_events(["2025-03-01:Ballot opens"]) == ((date(2025, 3, 1), "Ballot opens"),)


def test_a_label_may_contain_colons() -> None:
    assert read_events(["2025-03-01: Polls: 7:00 to 22:00 "]) == ((date(2025, 3, 1), "Polls: 7:00 to 22:00"),)


def test_days_are_put_in_order_and_counted_once() -> None:
    assert read_events(["2025-03-20:Close", "2025-03-01:Open", "2025-03-20:Close"]) == (
        (date(2025, 3, 1), "Open"),
        (date(2025, 3, 20), "Close"),
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("Ballot opens", "is not DATE:LABEL"),
        ("2025-03-01", "is not DATE:LABEL"),
        ("01/03/2025:Ballot opens", "is not DATE:LABEL"),
        ("20250301:Ballot opens", "is not DATE:LABEL"),
        ("2025-02-30:Ballot opens", "'2025-02-30' is not in the calendar"),
        ("1025-03-01:Ballot opens", "is not from 2000 to 2099"),
        ("2025-03-01:  ", "has no label"),
        ("2025-03-01:" + "x" * 81, "longer than 80 characters"),
    ],
)
def test_a_slip_is_named_with_what_to_write_instead(given: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read_events([given])
