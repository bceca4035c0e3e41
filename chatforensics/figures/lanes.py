"""Lanes of a chart: one for each chat, and where dots may stand in it."""

import polars as pl

from chatforensics.figures.names import drawable

MOST_LANES = 22
LANE_NAME_MM = 38.0


def build_lanes(shares: pl.DataFrame, chats: dict[str, str]) -> tuple[dict[str, int], list[str]]:
    """Give each chat a lane, the first reached on top; where there are too many, the small ones share the last."""
    counted = shares.group_by("chat_id").agg(pl.len(), pl.col("sent_at").min())
    own = counted.sort("len", "sent_at", "chat_id", descending=[True, False, False])["chat_id"]
    kept = set(own.head(MOST_LANES if len(own) <= MOST_LANES else MOST_LANES - 1))
    order = [chat for chat in counted.sort("sent_at", "chat_id")["chat_id"] if chat in kept]
    names = [drawable(chats[chat], width_mm=LANE_NAME_MM) for chat in order]
    if rest := len(own) - len(order):
        names.append(f"{rest} other chats")
    return {chat: order.index(chat) if chat in kept else len(order) for chat in own}, names


def rows_in_lane(middle: float, height: float, *, radius: float) -> list[float]:
    """Return the heights at which dots of a lane may stand, the middle first."""
    n_beside = int((height / 2 - radius) / (2 * radius))
    beside = [side * 2 * radius * step for step in range(1, n_beside + 1) for side in (1, -1)]
    return [middle, *(middle + offset for offset in beside)]
