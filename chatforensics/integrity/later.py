"""Messages that are dated after the file that holds them."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

import polars as pl

from chatforensics.integrity.evidence import INFO, UNEXPLAINED, Evidence, Indicator, Observation
from chatforensics.integrity.telling import first_lines, say_count
from chatforensics.schema import LOCAL

_FIRST = datetime(2009, 1, 1)  # noqa: DTZ001 - WhatsApp's year; a zip without a time says 1980
_STEP_S = 120  # a minute of the chat's clock, two seconds of the zip's, and a while to write the file
_ZONES_S = 26 * 3600  # two wall clocks on earth are never further apart
_FROM_UTC_S = 14 * 3600  # nor one of them ahead of UTC by more


def find_later(evidence: Evidence) -> Iterator[Observation]:
    """Tell messages dated later than the time that the zip gives for the chat text.

    The time in the zip is that of whatever made the zip, which need not be the phone.
    """
    if all(
        evidence.members[name].null_count() == evidence.members.height for name in ("modified_local", "modified_at")
    ):
        return
    times = evidence.members.filter(pl.col("role") == "chat").select(
        "modified_local", utc=pl.col("modified_at").cast(LOCAL)
    )
    for stated, clock, reach_s in (
        ("utc", "in UTC", _FROM_UTC_S),
        ("modified_local", "by the packer's clock", _ZONES_S),
    ):
        made = times.select(pl.col(stated).max()).item()
        if made is not None and made > _FIRST:
            yield from _compare(evidence, made, clock=clock, reach_s=reach_s)
            return


def _compare(evidence: Evidence, made: datetime, *, clock: str, reach_s: int) -> Iterator[Observation]:
    late = evidence.messages.filter(pl.col("sent_local") > made + timedelta(seconds=_STEP_S))
    if late.is_empty():
        return
    last = late.select(pl.col("sent_local").max()).item()
    ahead_s = (last - made).total_seconds()
    beyond = late.filter(pl.col("sent_local") > made + timedelta(seconds=reach_s))
    value = (
        f"{say_count(late.height, 'record')} dated after {made:%Y-%m-%d %H:%M:%S} ({clock}), the time of the chat text "
        f"in the zip; the last by {ahead_s / 3600:.1f} hours"
    )
    if beyond.height and evidence.source["date_order_verdict"] == "ambiguous":
        yield Observation(INFO, f"{value}; the order of day and month is not certain here.", first_lines(beyond))
    elif beyond.height:
        value = f"{value}; {beyond.height:,} by more than zones can explain."
        yield Observation(UNEXPLAINED, value, first_lines(beyond))
    else:
        yield Observation(INFO, f"{value}, which zones can explain.", first_lines(late))


LATER: Mapping[str, Indicator] = {
    "I-28": Indicator(
        title="Messages dated after the file was made",
        find=find_later,
        why=(
            "A chat text cannot hold what was said after it was written. Where a message is later than the file, "
            "one of the two times is wrong or was changed."
        ),
        innocent=(
            "The phone and the zip have different zones, or one of their clocks was wrong; a program put another "
            "time into the zip; the date order was read wrongly, or a pasted line was taken for a message."
        ),
        resolve=(
            "The zip as the phone sent it; the date order of the export (declare it where it is doubtful); the "
            "zone of the phone."
        ),
    ),
}
