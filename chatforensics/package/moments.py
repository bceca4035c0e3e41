"""When a message stands: what its phone printed, the interval in which that lies, and the same reckoned in UTC."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from chatforensics.package.sheets import Row

_MINUTE_S, _DAY_S = 60, 86_400
_DST = {
    "gap": "This time does not exist in the zone, whose clock was put forward over it; an hour was added.",
    "fold": "The zone had this time twice, when its clock was put back; the earlier one is taken.",
}


def tell_moment(message: Row, clocks: Iterable[Row]) -> Row:
    """Return the printed time of a message, the interval it lies in, and that interval in UTC with its doubt.

    A clock that prints minutes says no more than the minute. That the phone's clock was right is not shown.

    Args:
        message: With `sent_local`, `sent_at`, `clock_step_s` and `dst`.
        clocks: The stretches of its export's clock.
    """
    step, local = message["clock_step_s"] or _MINUTE_S, message["sent_local"]
    if local is None:
        return {"printed": None}
    clock = next((row for row in clocks if _covers(row, local)), None)
    whole = timedelta(seconds=step - 1)
    return {
        "printed": local.strftime(_form(step)),
        "is_second": step == 1,
        "local": _interval(local, local + whole),
        "utc": _interval(message["sent_at"], message["sent_at"] + whole) if message["sent_at"] else None,
        "doubt": clock["uncertainty_s"] if clock else None,
        "basis": clock["basis"] if clock else None,
        "dst": _DST.get(message["dst"] or ""),
    }


def _form(step: int) -> str:
    """Return how a clock of this step prints its times, so that none is said finer than it was."""
    if step >= _DAY_S:
        return "%Y-%m-%d"
    return "%Y-%m-%d %H:%M:%S" if step < _MINUTE_S else "%Y-%m-%d %H:%M"


def _covers(clock: Row, local: datetime) -> bool:
    begin, end = clock["from_local"], clock["to_local"]
    return (begin is None or begin <= local) and (end is None or local <= end)


def _interval(begin: datetime, end: datetime) -> Row:
    return {"begin": begin.strftime("%Y-%m-%d %H:%M:%S"), "end": end.strftime("%H:%M:%S")}
