from datetime import UTC, datetime, timedelta
from statistics import median_low

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joining.phones import START, Export, Said, join, talk

from chatforensics.errors import UsageError
from chatforensics.schema import LOCAL
from chatforensics.zones import tell_dst, to_utc

PEOPLE = ("Femi", "Greta", "Hoa")


def first_times(*exports: Export, timezone: str = "UTC") -> list[datetime]:
    messages = join(*exports, timezone=timezone).messages
    return [messages.filter(pl.col("source_id") == export.source_id)["sent_at"][0] for export in exports]


def test_a_lone_export_is_read_in_the_zone_of_the_case_and_says_so() -> None:
    joined = join(Export("a", talk(3, PEOPLE)), timezone="Asia/Karachi")
    assert joined.messages["sent_at"][0] == START.replace(tzinfo=UTC) - timedelta(hours=5)
    (clock,) = joined.clocks.to_dicts()
    assert (clock["utc_offset_s"], clock["uncertainty_s"]) == (18_000, 60)
    assert "assumed" in clock["basis"]
    assert joined.sources["utc_offset_s"].to_list() == [None]


def test_a_declared_zone_takes_precedence_and_holds_for_the_whole_phone() -> None:
    one = Export("a", talk(3, PEOPLE), folder="x", zone="Asia/Tokyo")
    other = Export("b", talk(3, PEOPLE, topic="other"), folder="x")
    assert first_times(one, other) == [START.replace(tzinfo=UTC) - timedelta(hours=9)] * 2


def test_copies_on_clocks_hours_apart_get_the_same_time() -> None:
    said = talk(20, PEOPLE)
    exports = [Export("a", said), Export("b", said, ahead_s=20), Export("c", said, ahead_s=5 * 3600, step_s=1)]
    times = first_times(*exports)
    assert max(times) - min(times) <= timedelta(seconds=60)
    offsets = join(*exports).sources.sort("path")["utc_offset_s"].to_list()
    assert offsets[2] - offsets[0] == pytest.approx(18_000, abs=60)


def test_an_export_in_a_declared_zone_places_the_others() -> None:
    said = talk(20, PEOPLE)
    placed = Export("a", said, ahead_s=6 * 3600, zone="Asia/Dhaka")
    assert first_times(placed, Export("b", said)) == [START.replace(tzinfo=UTC)] * 2


def test_a_wrong_declaration_is_kept_and_its_distance_shown() -> None:
    said = talk(20, PEOPLE)
    joined = join(Export("a", said, zone="UTC"), Export("b", said, ahead_s=7200, zone="UTC"))
    assert any("2 h 0 min 0 s ahead of UTC" in basis for basis in joined.clocks["basis"])


@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(-300, 300), min_size=2, max_size=6))
def test_the_median_phone_is_the_reference_to_within_a_step(errors: list[int]) -> None:
    said = talk(30, PEOPLE, every_s=307)
    exports = [Export(f"phone {i}", said, ahead_s=error) for i, error in enumerate(errors)]
    found = {row["path"]: row["utc_offset_s"] for row in join(*exports).sources.to_dicts()}
    for i, error in enumerate(errors):
        assert abs(found[f"phone {i}.txt"] - (error - median_low(errors))) <= 60


def test_another_export_of_an_aligned_phone_shares_its_clock() -> None:
    said = talk(20, PEOPLE)
    far = Export("b", said, folder="far", ahead_s=5 * 3600)
    alone = Export("c", talk(5, PEOPLE, topic="alone"), folder="far", ahead_s=5 * 3600)
    times = first_times(Export("a", said, zone="UTC"), far, alone)
    assert times == [START.replace(tzinfo=UTC)] * 3
    declared = Export("c", alone.said, folder="far", zone="Asia/Tokyo")
    assert first_times(Export("a", said), far, declared)[2] == START.replace(tzinfo=UTC) - timedelta(hours=9)


def summer_time_exports() -> list[Export]:
    """Return one chat across the spring change: London's wall clock jumps by an hour, Karachi's does not."""
    said = talk(80, PEOPLE, every_s=86_400)
    change = (datetime(2026, 3, 29, 1) - START).total_seconds()
    london = [Said(s.at_s + 3600 * (s.at_s >= change), s.label, s.text) for s in said]
    return [Export("a", london), Export("b", said, ahead_s=5 * 3600), Export("c", london, ahead_s=30)]


def test_summer_time_on_one_phone_only_is_told_apart() -> None:
    messages = join(*summer_time_exports(), timezone="Europe/London").messages
    spread = messages.group_by("canonical_id").agg(s=pl.col("sent_at").max() - pl.col("sent_at").min(), n=pl.len())
    assert spread["n"].to_list() == [3] * 80
    assert (spread["s"] <= timedelta(seconds=60)).all()


def test_an_hour_that_is_skipped_moves_on_and_one_that_occurs_twice_is_the_first() -> None:
    walls = [datetime(2026, 3, 29, 1, 30), datetime(2026, 10, 25, 1, 30)]
    told = pl.DataFrame({"wall": walls}).select(to_utc(pl.col("wall"), zone="Europe/London"))["wall"].to_list()
    assert told == [datetime(2026, 3, 29, 1, 30, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)]


def dst_of(walls: list[datetime | None], zone: str) -> list[str | None]:
    frame = pl.DataFrame({"wall": walls}, schema={"wall": LOCAL})
    return frame.select(dst=tell_dst(pl.col("wall"), zone=zone))["dst"].to_list()


def test_in_spring_the_skipped_hour_is_a_gap_from_its_first_second_to_its_last() -> None:
    spring = datetime(2026, 3, 29)
    walls = [spring + timedelta(seconds=s) for s in (3599, 3600, 7199, 7200)]
    assert dst_of([*walls], "Europe/London") == [None, "gap", "gap", None]
    assert dst_of([*walls], "Asia/Karachi") == [None] * 4


def test_in_autumn_the_hour_that_occurs_twice_is_a_fold_from_its_first_second_to_its_last() -> None:
    autumn = datetime(2026, 10, 25)
    walls = [autumn + timedelta(seconds=s) for s in (3599, 3600, 7199, 7200)]
    assert dst_of([*walls], "Europe/London") == [None, "fold", "fold", None]
    assert dst_of([None], "Europe/London") == [None]


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)))
def test_only_a_gap_changes_the_wall_time_that_the_utc_time_gives_back(wall: datetime) -> None:
    told = to_utc(pl.lit(wall), zone="Europe/London").dt.convert_time_zone("Europe/London")
    back = pl.select(told.dt.replace_time_zone(None)).item()
    assert (back != wall) == (dst_of([wall], "Europe/London") == ["gap"])


def test_a_joined_message_says_whether_its_hour_was_skipped_or_occurred_twice() -> None:
    places = [(datetime(2026, 3, 29, 1, 30) - START), (datetime(2026, 10, 25, 1, 30) - START), timedelta(0)]
    said = [Said(place.total_seconds(), "Femi", f"message {place}") for place in sorted(places)]
    messages = join(Export("a", said), timezone="Europe/London").messages.sort("sent_local")
    assert messages["dst"].to_list() == [None, "gap", "fold"]
    assert join(Export("a", said)).messages["dst"].null_count() == 3


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "", "../etc/passwd"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(UsageError, match="no time zone"):
        join(Export("a", talk(1, PEOPLE)), timezone=zone)


def test_a_clock_that_runs_behind_is_described_in_words() -> None:
    said = talk(20, PEOPLE)
    joined = join(Export("a", said), Export("b", said, ahead_s=-95, step_s=1), Export("c", said))
    assert any(" min " in basis and "behind UTC" in basis for basis in joined.clocks["basis"])
