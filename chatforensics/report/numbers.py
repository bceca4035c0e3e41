"""Numbers as the report prints them: counts, durations and ranges, none finer than it is known."""

from chatforensics.report.language import say, say_list

_MINUTE_S = 60
_DAY_MIN, _HOUR_MIN = 1440, 60
_WHOLE = 100


def tell_number(value: float | None) -> str:
    """Return a number as text: whole numbers as such, parts with two digits; a dash where there is none."""
    if value is None:
        return "-"
    if value == round(value) or abs(value) >= _WHOLE:
        return f"{value:,.0f}"
    return f"{value:.2f}"


def tell_duration(seconds: float | None) -> str:
    """Return seconds as text in the two largest units down to minutes, as clocks mostly show no seconds."""
    if seconds is None:
        return "-"
    rest = int(seconds // _MINUTE_S)
    if rest < 1:
        return say("under 1 min")
    days, hours, minutes = rest // _DAY_MIN, rest % _DAY_MIN // _HOUR_MIN, rest % _HOUR_MIN
    parts = [
        (days, say("{n} d", n=f"{days:,}")),
        (hours, say("{n} h", n=f"{hours:,}")),
        (minutes, say("{n} min", n=f"{minutes:,}")),
    ]
    first = next(place for place, (number, _) in enumerate(parts) if number)
    return say_list((words for number, words in parts[first : first + 2] if number), " ")


def tell_range(middle: float | None, low: float | None, high: float | None) -> str:
    """Return a middle with its range, such as `7 (5–9)`; a dash where there is none."""
    if middle is None:
        return "-"
    return f"{tell_number(middle)} ({tell_number(low)}–{tell_number(high)})"
