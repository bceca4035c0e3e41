"""Wall times and zones: what a phone's clock showed, and the instant that this was."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from chatforensics.errors import UsageError


def check_zone(zone: str, *, where: str = "") -> str:
    """Return the zone's name if it is in the time zone database.

    Args:
        zone: A name such as Europe/London.
        where: What the error begins with, such as the option that named the zone.

    Raises:
        UsageError: it is not.
    """
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(f"{where}'{zone}' is no time zone.", hint="Use a name such as Europe/London.") from error
    return zone


def to_utc(wall: pl.Expr, *, zone: str) -> pl.Expr:
    """Read wall times in a zone: an hour that occurs twice is taken the first time, one that is skipped moves on."""
    told = wall.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    later = (wall + pl.duration(hours=1)).dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return pl.coalesce(told, later).dt.convert_time_zone("UTC")


def tell_dst(wall: pl.Expr, *, zone: str) -> pl.Expr:
    """Tell wall times that the zone's clocks skip in spring ("gap") or show twice in autumn ("fold"); else null.

    A time in a gap shows that the clock was not in this zone, or was set by hand. Of a time in a fold, nothing shows
    which of the two it was.
    """
    first = wall.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    last = wall.dt.replace_time_zone(zone, ambiguous="latest", non_existent="null")
    skipped = wall.is_not_null() & first.is_null()
    return pl.when(skipped).then(pl.lit("gap")).when(first != last).then(pl.lit("fold"))
