import pytest

from chatforensics.report.numbers import tell_duration, tell_number, tell_range


@pytest.mark.parametrize(
    ("value", "told"), [(None, "-"), (0.0, "0"), (12.0, "12"), (1234.0, "1,234"), (0.125, "0.12"), (250.4, "250")]
)
def test_a_number_has_two_digits_at_most_behind_the_point(value: float | None, told: str) -> None:
    assert tell_number(value) == told


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (None, "-"),
        (0, "under 1 min"),
        (59.9, "under 1 min"),
        (60, "1 min"),
        (2573, "42 min"),
        (7800, "2 h 10 min"),
        (7200, "2 h"),
        (90061, "1 d 1 h"),
        (86460, "1 d"),
    ],
)
def test_a_duration_has_its_two_largest_units_and_no_seconds(seconds: float | None, told: str) -> None:
    assert tell_duration(seconds) == told


def test_a_middle_never_stands_without_its_range() -> None:
    assert tell_range(7, 5, 9) == "7 (5–9)"
    assert tell_range(0.5, 0.5, 0.5) == "0.50 (0.50–0.50)"
    assert tell_range(None, None, None) == "-"
