"""Exports of phones in several zones, made from one conversation whose instants are known."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from joining.phones import START, Export, Said, join

from chatforensics.joining import Joined
from chatforensics.joining.against import Clock, Zones, read_against
from chatforensics.joining.clocktable import observe_clocks
from chatforensics.joining.readings import Reading, Stretch
from chatforensics.joining.shared import Sides

PEOPLE = ("Ngozi", "Oddný", "Pradeep")
ZONES = (
    *("Asia/Karachi", "Asia/Dhaka", "Asia/Kathmandu", "Europe/Warsaw", "Europe/London"),
    *("America/New_York", "Australia/Sydney"),
)
DAY = 86_400


@dataclass(frozen=True)
class Phone:
    """A phone: its zone, how wrong its clock is, what it prints."""

    zone: str
    wrong_s: int = 0
    step_s: int = 60
    declared: bool = False


def talk_at(instants: Sequence[datetime], *, topic: str = "") -> list[tuple[datetime, Said]]:
    return [
        (at, Said(0, PEOPLE[i % 3], f"{topic} a sentence that is said once, number {i:05d}"))
        for i, at in enumerate(instants)
    ]


def show(name: str, talk: Sequence[tuple[datetime, Said]], phone: Phone, *, folder: str | None = None) -> Export:
    """Return what a phone shows of a conversation."""
    zone = ZoneInfo(phone.zone)
    said = [
        Said((at.astimezone(zone).replace(tzinfo=None) - START).total_seconds() + phone.wrong_s, one.label, one.text)
        for at, one in talk
    ]
    return Export(name, said, step_s=phone.step_s, zone=phone.zone if phone.declared else None, folder=folder)


def draw_instants(seed: int, start: datetime, *, days: int, n: int = 240) -> list[datetime]:
    seconds = np.random.default_rng(seed).uniform(0, days * DAY, n)
    return [start + timedelta(seconds=s) for s in sorted(seconds.tolist())]


def ahead(zone: str, at: datetime) -> float:
    offset = at.astimezone(ZoneInfo(zone)).utcoffset()
    assert offset is not None
    return offset.total_seconds()


def offsets(joined: Joined, export: Export) -> list[dict[str, Any]]:
    return joined.clocks.filter(pl.col("source_id") == export.source_id).sort("from_local").to_dicts()


def told(joined: Joined, export: Export) -> list[tuple[str, datetime, int]]:
    """Return text, time in UTC and the uncertainty of its stretch for each message of an export."""
    rows = joined.messages.filter(pl.col("source_id") == export.source_id)
    clocks = joined.clocks.select("source_id", "from_local", "to_local", "uncertainty_s")
    within = rows.join(clocks, on="source_id").filter(pl.col("sent_local").is_between("from_local", "to_local"))
    widest = within.group_by("message_id", "text", "sent_at").agg(pl.col("uncertainty_s").max())
    return widest.sort("text").select("text", "sent_at", "uncertainty_s").rows()


def crosses_oddly(instants: Sequence[datetime], one: str, other: str) -> bool:
    """Tell whether a few messages alone stand on one side of a change of summer time: too few to tell it by."""
    apart = [ahead(one, at) - ahead(other, at) for at in instants]
    runs = [i for i in range(1, len(apart)) if apart[i] != apart[i - 1]]
    ends = [0, *runs, len(apart)]
    return any(b - a < 10 for a, b in pairwise(ends))


@settings(max_examples=15, deadline=None)
@given(
    here=st.sampled_from(ZONES),
    there=st.builds(Phone, st.sampled_from(ZONES), st.integers(-120, 120), st.sampled_from([1, 60])),
    start=st.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 1), timezones=st.just(UTC)),
    days=st.integers(10, 250),
    seed=st.integers(0, 2**32),
)
def test_offsets_between_zones_are_recovered_whatever_the_dates(
    here: str, there: Phone, start: datetime, days: int, seed: int
) -> None:
    instants = draw_instants(seed, start, days=days)
    assume(not crosses_oddly(instants, here, there.zone))
    talk = talk_at(instants)
    one, other = show("a", talk, Phone(here, declared=True)), show("b", talk, there)
    joined = join(one, other, timezone=here)
    twice = {text for export in (one, other) for text in odd_texts(joined, export)}
    pairs = zip(told(joined, one), told(joined, other), strict=True)
    for (text, at_one, u_one), (same, at_other, u_other) in pairs:
        assert text == same
        if text not in twice:
            assert abs((at_one - at_other).total_seconds()) <= 60 + u_one + u_other


def odd_texts(joined: Joined, export: Export) -> set[str]:
    """Return the texts in an hour that occurs twice or is skipped."""
    rows = joined.messages.filter((pl.col("source_id") == export.source_id) & pl.col("dst").is_not_null())
    return set(rows["text"])


@pytest.mark.parametrize("zone", ["Asia/Karachi", "America/New_York", "Australia/Sydney"])
def test_other_dates_of_summer_time_are_no_setting_of_the_clock(zone: str) -> None:
    talk = talk_at(draw_instants(5, datetime(2026, 1, 10, tzinfo=UTC), days=300, n=600))
    here, there = show("a", talk, Phone("Europe/London")), show("b", talk, Phone(zone, 20))
    joined = join(here, there, show("c", talk, Phone("Europe/London", 30)), timezone="Europe/London")
    assert not any("clock moved" in basis for basis in joined.clocks["basis"])
    assert joined.indicators.filter(pl.col("indicator") == "J-02")["title"].to_list().count("Clock set midway") == 0
    for row in offsets(joined, there):
        middle = row["from_local"] + (row["to_local"] - row["from_local"]) / 2
        assert abs(row["utc_offset_s"] - ahead(zone, middle.replace(tzinfo=ZoneInfo(zone)))) <= 60


def test_the_dates_of_summer_time_place_the_reference_where_most_phones_show_another_hour() -> None:
    talk = talk_at(draw_instants(20, datetime(2026, 1, 10, tzinfo=UTC), days=150, n=400))
    zones = ("Asia/Dhaka", "Asia/Dhaka", "Asia/Dhaka", "Europe/London")
    exports = [show(str(place), talk, Phone(zone, 10 * place)) for place, zone in enumerate(zones)]
    joined = join(*exports, timezone="Europe/London")
    assert [round(row["utc_offset_s"] / 3600) for row in offsets(joined, exports[0])] == [6]
    assert [round(row["utc_offset_s"] / 3600) for row in offsets(joined, exports[3])] == [0, 1]


def test_without_such_dates_the_zone_of_the_case_is_the_hour_that_most_phones_show() -> None:
    talk = talk_at(draw_instants(21, datetime(2026, 1, 10, tzinfo=UTC), days=30))
    zones = ("Europe/London", "Asia/Dhaka", "Asia/Dhaka", "Europe/Warsaw", "Europe/London", "Europe/London")
    exports = [show(str(place), talk, Phone(zone)) for place, zone in enumerate(zones)]
    joined = join(*exports, timezone="Europe/London")
    assert [round(offsets(joined, export)[0]["utc_offset_s"] / 3600) for export in exports] == [0, 6, 6, 1, 0, 0]


def test_an_export_in_london_over_march_has_a_row_before_and_a_row_after_the_change() -> None:
    talk = talk_at(draw_instants(1, datetime(2026, 3, 1, tzinfo=UTC), days=60))
    here = show("a", talk, Phone("Europe/London"))
    joined = join(here, timezone="Europe/London")
    rows = offsets(joined, here)
    assert [row["utc_offset_s"] for row in rows] == [0, 3600]
    assert rows[0]["to_local"] < datetime(2026, 3, 29, 1) < datetime(2026, 3, 29, 2) <= rows[1]["from_local"]


def test_a_clock_that_keeps_no_summer_time_is_told_apart_from_its_declared_zone() -> None:
    talk = talk_at(draw_instants(2, datetime(2026, 2, 1, tzinfo=UTC), days=120, n=400))
    stopped = show("b", talk, Phone("Etc/UTC", 10))
    declared = Export("b", stopped.said, zone="Europe/London")
    others = [show(name, talk, Phone("Europe/London")) for name in "ac"]
    joined = join(declared, *others, timezone="Europe/London")
    assert {round(row["utc_offset_s"], -2) for row in offsets(joined, declared)} == {0}
    assert any("clock moved back by" in row["basis"] for row in offsets(joined, declared))


def test_where_shared_texts_lie_in_winter_only_the_summer_is_uncertain_by_an_hour() -> None:
    instants = draw_instants(3, datetime(2026, 1, 5, tzinfo=UTC), days=180)
    here = show("a", talk_at(instants), Phone("Europe/London"))
    winter = [at for at in instants if at.month < 3]
    late = [*talk_at(winter), *talk_at([at for at in instants if at.month > 4], topic="late")]
    there = show("b", talk_at(winter), Phone("Asia/Karachi"), folder="x")
    far = show("c", late[len(winter) :], Phone("Asia/Karachi"), folder="x")
    joined = join(here, there, far, timezone="Europe/London")
    assert [row["uncertainty_s"] < 60 for row in offsets(joined, there)] == [True]
    (row,) = offsets(joined, far)
    assert (abs(row["utc_offset_s"] - 18_000) <= 60, row["uncertainty_s"]) == (True, 3600)
    assert "summer time not shown" in row["basis"]


def travelled(
    talk: Sequence[tuple[datetime, Said]], *, home: str, away: str, first: datetime, days: tuple[int, int]
) -> Export:
    """Return the export of a phone that printed the times of another zone for some days."""
    bounds = [first + timedelta(days=day) for day in days]
    parts = [[x for x in talk if x[0] < bounds[0]], [x for x in talk if bounds[0] <= x[0] < bounds[1]]]
    parts.append([x for x in talk if x[0] >= bounds[1]])
    said = [
        one for part, zone in zip(parts, (home, away, home), strict=True) for one in show("t", part, Phone(zone)).said
    ]
    return Export("traveller", said)


def test_a_phone_that_travelled_has_a_stretch_there_and_the_same_times_as_the_others() -> None:
    talk = talk_at(draw_instants(4, datetime(2026, 1, 5, tzinfo=UTC), days=60, n=400))
    away = travelled(talk, home="Europe/London", away="Asia/Dhaka", first=talk[0][0], days=(20, 41))
    at_home = [show("a", talk, Phone("Europe/London", 15)), show("b", talk, Phone("Europe/London", -20, 1))]
    joined = join(*at_home, away, timezone="Europe/London")
    known = [round(row["utc_offset_s"] / 3600) for row in offsets(joined, away) if row["uncertainty_s"] < 3600]
    assert sorted(known) == [0, 0, 6]
    assert all(len(offsets(joined, export)) == 1 for export in at_home)
    for (_, at, u_s), (_, there, u_there) in zip(told(joined, at_home[0]), told(joined, away), strict=True):
        assert abs((at - there).total_seconds()) <= 60 + u_s + u_there
    found = joined.indicators.filter(pl.col("title") == "Clock set midway")
    assert found["level"].to_list() == ["info", "info"]


def test_where_no_shared_text_shows_when_a_phone_set_out_its_lines_are_uncertain_by_the_change() -> None:
    talk = talk_at(draw_instants(4, datetime(2026, 1, 5, tzinfo=UTC), days=60, n=150))
    out = datetime(2026, 1, 25, tzinfo=UTC)
    brief = [(at, replace(said, text="ok") if abs((at - out).days) < 4 else said) for at, said in talk]
    away = travelled(brief, home="Europe/London", away="Asia/Dhaka", first=talk[0][0], days=(20, 41))
    here = [show(name, brief, Phone("Europe/London")) for name in "ab"]
    joined = join(*here, away, timezone="Europe/London")
    (unsure,) = [row for row in offsets(joined, away) if row["uncertainty_s"] >= 21_600]
    assert "between two settings" in unsure["basis"]
    assert unsure["from_local"] < datetime(2026, 1, 25) < unsure["to_local"]


def test_of_two_exports_the_one_whose_times_run_backwards_was_set() -> None:
    talk = talk_at(draw_instants(6, datetime(2026, 1, 5, tzinfo=UTC), days=40, n=900))
    away = travelled(talk, home="Europe/London", away="Asia/Karachi", first=talk[0][0], days=(10, 20))
    joined = join(show("a", talk, Phone("Europe/London")), away, timezone="Europe/London")
    assert len(offsets(joined, away)) > 1


def test_a_single_message_with_another_time_makes_no_stretch() -> None:
    talk = talk_at(draw_instants(7, datetime(2026, 1, 5, tzinfo=UTC), days=30))
    here, there = show("a", talk, Phone("Europe/London")), show("b", talk, Phone("Europe/London", 30))
    said = list(there.said)
    said[100] = Said(said[100].at_s + 7200, said[100].label, said[100].text)
    joined = join(here, Export("b", said), timezone="Europe/London")
    assert joined.clocks.height == 2


@pytest.mark.slow
@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32), st.permutations(range(4)), st.integers(0, 3))
def test_neither_order_nor_the_absence_of_one_export_moves_the_others_apart(
    seed: int, order: list[int], absent: int
) -> None:
    random = np.random.default_rng(seed)
    talk = talk_at(draw_instants(seed, datetime(2026, 1, 5, tzinfo=UTC), days=60, n=120))
    phones = [
        Phone(ZONES[random.integers(len(ZONES))], int(random.integers(-90, 91)), (1, 60)[random.integers(2)])
        for _ in range(4)
    ]
    exports = [show(f"phone {i}", talk, phone) for i, phone in enumerate(phones)]
    whole = join(*exports, timezone="Europe/London")
    assert join(*(exports[i] for i in order), timezone="Europe/London").clocks.equals(whole.clocks)
    rest = [export for i, export in enumerate(exports) if i != absent]
    fewer = join(*rest, timezone="Europe/London")
    for one, other in pairwise(rest):
        moved = [distance(joined, one, other) for joined in (whole, fewer)]
        assert abs(moved[0][0] - moved[1][0]) <= moved[0][1] + moved[1][1]


def distance(joined: Joined, one: Export, other: Export) -> tuple[int, int]:
    """Return how far the first message of one export is ahead of that of the other, and how uncertain that is."""
    first, second = offsets(joined, one)[0], offsets(joined, other)[0]
    return first["utc_offset_s"] - second["utc_offset_s"], first["uncertainty_s"] + second["uncertainty_s"]


def observed(joined: Joined, title: str) -> list[dict[str, Any]]:
    return joined.indicators.filter(pl.col("title") == title).to_dicts()


def sides(one: Sequence[int], other: Sequence[int]) -> Sides:
    """Return two exports whose texts, one after the other, are the same; wall times in seconds."""
    parts = [
        pl.DataFrame({"src": src, "line": range(1, len(walls) + 1), "local_ms": [1000 * s for s in walls]})
        for src, walls in enumerate((one, other))
    ]
    rows = pl.concat(parts).with_columns(code=pl.col("line"), long=pl.lit(True), kind=pl.lit("text"))
    return Sides(rows.with_columns(pl.col("src").cast(pl.Int64)), (60_000, 60_000))


@pytest.mark.parametrize(("jump_s", "odd"), [(18_000, False), (18_400, True), (-18_000, False), (-423, True)])
def test_only_a_clock_moved_by_what_lies_between_no_two_zones_is_odd(jump_s: int, odd: bool) -> None:
    walls = [i * 3 * 3600 for i in range(60)]
    moved = [wall + jump_s * (i >= 30) for i, wall in enumerate(walls)]
    known = Reading("UTC", (Stretch(0, 0, 0),), aligned=True)
    reading = read_against(known, Clock(sides(walls, moved), 1, 0, Zones(None, None, "UTC")))
    assert [(stretch.shift_ms, stretch.odd) for stretch in reading.known] == [(0, False), (1000 * jump_s, odd)]
    assert reading.known[1].from_line == 31
    numbered = pl.DataFrame({"src": [0, 1], "source_id": ["here", "there"]})
    (row,) = observe_clocks(numbered, {0: known, 1: reading}).to_dicts()
    assert row["level"] == ("unexplained" if odd else "info")
    assert row["source_ids"] == ["there", "here"]


def test_between_two_settings_lines_that_may_belong_to_either_are_uncertain_by_the_change() -> None:
    walls = [i * 8 * 3600 for i in range(60)]
    moved = [wall + 5 * 3600 * (i >= 30) for i, wall in enumerate(walls)]
    both = sides(walls, moved)
    lost = pl.when(pl.col("src").eq(1) & pl.col("line").is_between(29, 33)).then(-1).otherwise("code")
    reading = read_against(
        Reading("UTC", (Stretch(0, 0, 0),), aligned=True),
        Clock(Sides(both.dated.with_columns(code=lost), both.step_ms), 1, 0, Zones(None, None, "UTC")),
    )
    assert [(stretch.from_line, stretch.known) for stretch in reading.stretches] == [(0, True), (29, False), (34, True)]
    assert reading.stretches[1].uncertainty_ms >= 5 * 3_600_000


def joined_by_bridge(far_zone: str) -> tuple[Joined, Export, Export]:
    """Return two exports of one chat from one folder, aligned with that of a third phone, and one of a lone chat."""
    talk = talk_at(draw_instants(9, datetime(2026, 1, 5, tzinfo=UTC), days=40))
    lone = talk_at(draw_instants(10, datetime(2026, 1, 5, tzinfo=UTC), days=40), topic="lone")
    first = show("one", talk, Phone("Europe/London"), folder="two")
    second = show("other", talk, Phone(far_zone), folder="two")
    third = show("here", talk, Phone("Europe/London"), folder="here")
    alone = show("lone", lone, Phone(far_zone), folder="two")
    return join(first, second, third, alone, timezone="Europe/London"), second, alone


def test_a_folder_of_two_phones_is_told_and_its_other_exports_are_read_by_themselves() -> None:
    joined, second, alone = joined_by_bridge("Asia/Dhaka")
    assert len(observed(joined, "Exports of one folder on different clocks")) == 2
    assert [row["utc_offset_s"] for row in offsets(joined, second)] == [pytest.approx(21_600, abs=60)]
    (row,) = offsets(joined, alone)
    assert (row["utc_offset_s"], "by any amount" in row["basis"]) == (0, True)


def test_a_folder_of_one_phone_raises_nothing_and_lends_its_clock() -> None:
    joined, _, alone = joined_by_bridge("Europe/London")
    assert joined.indicators.filter(pl.col("indicator") == "J-02")["level"].to_list().count("unexplained") == 0
    assert "same phone" in offsets(joined, alone)[0]["basis"]


def test_declared_zones_that_the_shared_texts_contradict_are_told_and_change_nothing() -> None:
    talk = talk_at(draw_instants(11, datetime(2026, 1, 5, tzinfo=UTC), days=40))
    right = show("a", talk, Phone("Asia/Karachi", declared=True))
    wrong = Export("b", show("b", talk, Phone("Asia/Karachi")).said, zone="Asia/Tokyo")
    third = show("c", talk, Phone("Asia/Karachi", 10))
    joined = join(right, wrong, third, timezone="Europe/London")
    (found,) = observed(joined, "Declared zone and shared texts disagree")
    assert (found["level"], "4 h 0 min 0 s" in found["value"]) == ("unexplained", True)
    times = [[at for _, at, _ in told(joined, export)] for export in (right, wrong)]
    assert all(abs(a - b) <= timedelta(seconds=70) for a, b in zip(*times, strict=True))


def test_a_small_error_of_a_declared_clock_is_no_contradiction() -> None:
    talk = talk_at(draw_instants(12, datetime(2026, 1, 5, tzinfo=UTC), days=40))
    phones = (Phone("Asia/Karachi", declared=True), Phone("Asia/Dhaka", 200, declared=True))
    joined = join(*(show(str(i), talk, phone) for i, phone in enumerate(phones)), timezone="Europe/London")
    assert observed(joined, "Declared zone and shared texts disagree") == []


def test_a_declared_zone_carries_to_the_phones_other_exports_and_by_alignment_to_other_phones() -> None:
    start = datetime(2026, 1, 5, tzinfo=UTC)
    talk, lone = talk_at(draw_instants(13, start, days=40)), talk_at(draw_instants(14, start, days=40), topic="lone")
    declared = show("lone", lone, Phone("Asia/Kathmandu", declared=True), folder="x")
    same, other = show("a", talk, Phone("Asia/Kathmandu"), folder="x"), show("b", talk, Phone("Asia/Dhaka"))
    joined = join(declared, same, other, timezone="Europe/London")
    for export, offset_s in ((declared, 20_700), (same, 20_700), (other, 21_600)):
        assert [row["utc_offset_s"] for row in offsets(joined, export)] == [pytest.approx(offset_s, abs=30)]


def test_a_zone_declared_for_another_export_of_the_folder_gives_way_to_shared_texts() -> None:
    start = datetime(2026, 1, 5, tzinfo=UTC)
    talk, lone = talk_at(draw_instants(15, start, days=40)), talk_at(draw_instants(16, start, days=40), topic="lone")
    declared = show("lone", lone, Phone("Asia/Tokyo", declared=True), folder="x")
    same = show("a", talk, Phone("Asia/Karachi"), folder="x")
    placed = show("b", talk, Phone("Asia/Karachi", declared=True))
    joined = join(declared, same, placed, timezone="Europe/London")
    assert [row["utc_offset_s"] for row in offsets(joined, same)] == [pytest.approx(18_000, abs=30)]
    assert [row["utc_offset_s"] for row in offsets(joined, declared)] == [32_400]
    assert len(observed(joined, "Declared zone and shared texts disagree")) == 2


@pytest.mark.parametrize("days", [(0, 60), (0, 15), (45, 60), (22, 38), (30, 60), (0, 30), (60, 60)])
@pytest.mark.parametrize("journey", [("Europe/London", "Asia/Dhaka"), ("Asia/Dhaka", "Europe/London")])
def test_an_unaligned_export_of_a_phone_that_travelled_is_read_by_the_same_stretches(
    days: tuple[int, int], journey: tuple[str, str]
) -> None:
    start = datetime(2026, 1, 5, tzinfo=UTC)
    talk = talk_at(draw_instants(17, start, days=60, n=400))
    whole = talk_at(draw_instants(18, start, days=60, n=300), topic="own")
    own = [(at, said) for at, said in whole if days[0] <= (at - start).days < days[1]]
    home, away = journey
    aligned, alone = (travelled(x, home=home, away=away, first=start, days=(20, 41)) for x in (talk, own))
    aligned, alone = replace(aligned, folder="x"), replace(alone, name="alone", folder="x")
    here = [show(name, talk, Phone(home)) for name in "ab"]
    joined = join(*here, aligned, alone, timezone=home)
    true = {said.text: at for at, said in own}
    times = told(joined, alone)
    assert len(times) == len(own)
    assert [text for text, at, u_s in times if abs((at - true[text]).total_seconds()) > 60 + u_s] == []


def test_an_export_without_any_time_has_a_row_that_says_how_it_would_be_read() -> None:
    here = show("a", talk_at(draw_instants(19, datetime(2026, 1, 5, tzinfo=UTC), days=4)), Phone("Europe/London"))
    joined = join(here, Export("empty", []), timezone="Europe/London")
    (row,) = [row for row in joined.clocks.to_dicts() if row["from_local"] is None]
    assert "assumed" in row["basis"]
