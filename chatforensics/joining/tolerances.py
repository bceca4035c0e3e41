"""How far clocks that show one moment may stand apart, and how much of a likeness is enough."""

HOUR_MS = 3_600_000  # one phone may change its clocks in spring and autumn, the other not
QUARTER_MS = 900_000  # zones differ by multiples of a quarter of an hour
RESIDUAL_MS = 90_000  # one moment on two clocks, their distance taken off: steps, late delivery, drift
MOST_APART_MS = 27 * HOUR_MS  # the zones of the world lie at most 26 hours apart
MIN_ANCHORS = 3
HOUR_S = HOUR_MS // 1000
RESIDUAL_S = RESIDUAL_MS // 1000
