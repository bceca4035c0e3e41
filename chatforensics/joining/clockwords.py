"""Times and spans of clocks in words."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def word_time(wall_ms: int) -> str:
    """Return a wall time to the minute."""
    return f"{_EPOCH + timedelta(milliseconds=wall_ms):%Y-%m-%d %H:%M}"


def word_span(span_ms: int) -> str:
    """Return the length of a span of time, to the second."""
    minutes, seconds = divmod(abs(span_ms) // 1000, 60)
    parts = [f"{minutes // 60} h"] * bool(minutes // 60) + [f"{minutes % 60} min"] * (minutes > 0) + [f"{seconds} s"]
    return " ".join(parts)


def word_distance(ahead_ms: int) -> str:
    """Return how far a clock runs ahead of or behind what is named next."""
    return f"{word_span(ahead_ms)} {'ahead of' if ahead_ms >= 0 else 'behind'}"
