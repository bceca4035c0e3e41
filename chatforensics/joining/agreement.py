"""Do two exports agree on the time that both cover, so that they show one chat and not two that share forwards?"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
import polars as pl

from chatforensics.joining.slim import Records, part_arrays
from chatforensics.joining.tolerances import HOUR_MS, HOUR_S, MIN_ANCHORS, RESIDUAL_MS, RESIDUAL_S

MOST_ONE_SIDED = 0.1  # texts that one export alone shows, per shared text: deleted, altered, lost
MOST_ALTERED = 0.3  # the same, where all of them are by people whose other texts both exports show
MIN_CARRIED = 2  # short shared texts that make a sender count; one long text does
MIN_MOVED = 0.05  # share of the anchors that a second distance between two clocks must rest on
MOST_MOVES = 3
MIN_NOTICES = 2
MIN_NOTICES_HELD = 0.8
CODE_STEP = 1 << 39  # more seconds than there are between any two dates
MEMBERSHIP = ("added", "joined", "left", "removed")


@dataclass(frozen=True)
class Side:
    """What one export shows, in seconds of its own clock: its typed texts and its notices of who came and went.

    `keys` and `notices` hold text (or event) and time in one number each; `span` is the first and last second;
    `name` the name under which the group was created, null where no notice tells.
    """

    keys: np.ndarray
    t: np.ndarray
    label: np.ndarray
    long: np.ndarray
    notices: np.ndarray
    notice_t: np.ndarray
    span: tuple[int, int]
    name: str | None

    def put_back(self, offset_s: int) -> "Side":
        """Return the export as it would be had its clock not been ahead by the offset."""
        span = (self.span[0] - offset_s, self.span[1] - offset_s)
        told = replace(self, notices=self.notices - offset_s, notice_t=self.notice_t - offset_s, span=span)
        return replace(told, keys=self.keys - offset_s, t=self.t - offset_s)


def gather_sides(records: Records, notices: pl.DataFrame) -> dict[int, Side]:
    """Return what each export with dated messages shows; captions of media are no typed texts here.

    Args:
        records: Messages and notices; dated messages count.
        notices: Dated notices with `src`, `local_ms`, `event`, `name` (of a group that was created).
    """
    first = records.rows.filter(is_dated_post())["sent_local"].min()
    start_s = int(first.replace(tzinfo=UTC).timestamp()) if isinstance(first, datetime) else 0
    second = (pl.col("local_ms") // 1000 - start_s).alias("t")
    shared = _list_shared(records)
    moves = part_arrays(_list_moves(notices, second), "key", "t")
    names = dict(notices.drop_nulls("name").group_by("src").agg(pl.col("name").first()).iter_rows())
    none = (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    sides: dict[int, Side] = {}
    for portion in records.portions():
        dated = portion.filter(is_dated_post()).with_columns(second)
        spans = dated.group_by("src").agg(first=pl.col("t").min(), last=pl.col("t").max())
        typed = part_arrays(_list_typed(dated, shared), "key", "t", "label", "long")
        nothing = (*none, none[0], np.zeros(0, dtype=bool))
        for src, *span in spans.iter_rows():
            (key, t, label, long), (notice, notice_t) = typed.get(src, nothing), moves.get(src, none)
            sides[src] = Side(key, t, label, long, notice, notice_t, (span[0], span[1]), names.get(src))
    return sides


def is_dated_post() -> pl.Expr:
    """Tell which records are messages, and have a time."""
    return (pl.col("kind") != "system") & pl.col("sent_local").is_not_null()


def _is_typed() -> pl.Expr:
    return pl.col("worded") & (pl.col("kind") == "text")


def _list_shared(records: Records) -> np.ndarray:
    """Return the codes of the typed texts that several exports show, in order."""
    held = [
        portion.filter(is_dated_post() & _is_typed()).select("src", "code").unique()["code"]
        for portion in records.portions()
    ]
    codes = np.sort(pl.concat([pl.Series(dtype=pl.Int64), *held]).to_numpy())
    return np.unique(codes[1:][codes[1:] == codes[:-1]])


def _list_typed(dated: pl.DataFrame, shared: np.ndarray) -> pl.DataFrame:
    """Return the typed texts of each export with `key`, in order; what one export alone shows has one code there."""
    typed = dated.filter(_is_typed()).select("src", "code", "t", "line", "label", "long")
    code = typed["code"].to_numpy()
    place = np.searchsorted(shared, code)
    found = (shared[np.minimum(place, len(shared) - 1)] == code) if len(shared) else np.zeros(len(code), dtype=bool)
    number = np.where(found, place, len(shared) + typed["src"].to_numpy())
    key = pl.Series("key", number * CODE_STEP, dtype=pl.Int64) + typed["t"]
    label = pl.col("label").rank("dense").over("src").fill_null(0).cast(pl.Int64)
    return typed.with_columns(key, label).sort("src", "key", "line")


def _list_moves(notices: pl.DataFrame, second: pl.Expr) -> pl.DataFrame:
    """Return each export's notices of who came and went, with `key` and `t`, in order."""
    code = pl.col("event").replace_strict(MEMBERSHIP, range(len(MEMBERSHIP)), return_dtype=pl.Int64)
    moves = notices.filter(pl.col("event").is_in(MEMBERSHIP)).with_columns(second)
    return moves.select("src", "t", key=code * CODE_STEP + pl.col("t")).sort("src", "key")


def keep_agreeing(pairs: pl.DataFrame, sides: dict[int, Side], anchors: pl.DataFrame) -> pl.DataFrame:
    """Keep the pairs that agree on nearly all of the time that both cover: forwards alone are not enough.

    Args:
        pairs: `pair`, `a`, `b`, `offset_ms`, `n_anchors`.
        sides: What each export shows.
        anchors: `pair`, `distance` of all rare texts that both show.
    """
    moves = _find_moves(pairs, anchors)
    keep = [
        is_one_chat(sides[a], sides[b].put_back(offset // 1000), shifts=(0, HOUR_S, -HOUR_S, *moves.get((a, b), ())))
        for a, b, offset in pairs.select("a", "b", "offset_ms").iter_rows()
    ]
    return pairs.filter(pl.Series(keep, dtype=pl.Boolean))


def _find_moves(pairs: pl.DataFrame, anchors: pl.DataFrame) -> dict[tuple[int, int], tuple[int, ...]]:
    """Return by how many seconds else the clocks of a pair stood apart for some time, as when one phone travelled."""
    apart = anchors.select("pair", "distance").join(pairs, on="pair")
    bin_ms = 2 * RESIDUAL_MS
    moved = pl.col("distance") - pl.col("offset_ms")
    counted = apart.group_by("a", "b", "n_anchors", bin=moved // bin_ms).agg(n=pl.len(), by=moved.median())
    often = (pl.col("n") > MIN_ANCHORS) & (pl.col("n") >= MIN_MOVED * pl.col("n_anchors"))
    known = pl.any_horizontal((pl.col("by") - usual).abs() <= RESIDUAL_MS for usual in (-HOUR_MS, 0, HOUR_MS))
    best = counted.filter(~known & often).sort("a", "b", -pl.col("n").cast(pl.Int64), "bin")
    seconds = (pl.col("by").head(MOST_MOVES) / 1000).round().cast(pl.Int64)
    found = best.group_by("a", "b", maintain_order=True).agg(seconds)
    return {(a, b): tuple(shifts) for a, b, shifts in found.iter_rows()}


def is_one_chat(a: Side, b: Side, *, shifts: Sequence[int]) -> bool:
    """Tell whether two exports agree on nearly all texts of the time that both cover, by more than one sender.

    Where only one person posts, notices of who came and went must agree instead. Texts that one export lacks may all be
    of one sender: somebody's messages were deleted there. Unless the group was created under two names, more may be
    missing or altered as long as it is by people whose other texts both exports show: else whoever deletes a third of
    an export would make it another chat, in which nothing is missed.
    """
    held_a, held_b = _find_held(a.keys, b.keys, shifts), _find_held(b.keys, a.keys, [-shift for shift in shifts])
    several = _has_senders(a, held_a) and _has_senders(b, held_b)
    alike = a.name is None or b.name is None or a.name == b.name
    if not (several or (alike and _share_notices(a, b, shifts))):
        return False
    window = (max(a.span[0], b.span[0]) + RESIDUAL_S, min(a.span[1], b.span[1]) - RESIDUAL_S)
    one, other = (_look(side, held, window) for side, held in ((a, held_a), (b, held_b)))
    common = np.sort(a.t[held_a])
    choices = ((one.own, other.own), (_without_commonest(one), other.own), (one.own, _without_commonest(other)))
    if any(_nearly_agree(common, a.t[mine], b.t[theirs]) for mine, theirs in choices):
        return True
    return several and alike and _only_altered(common, one, other)


def measure_agreement(a: Side, b: Side) -> tuple[float, bool]:
    """Return which share of its texts in the common time the other export holds, the lesser of two, and by several."""
    shifts = (0, HOUR_S, -HOUR_S)
    held_a, held_b = _find_held(a.keys, b.keys, shifts), _find_held(b.keys, a.keys, shifts)
    window = (max(a.span[0], b.span[0]) - RESIDUAL_S, min(a.span[1], b.span[1]) + RESIDUAL_S)
    inside = [held[(side.t >= window[0]) & (side.t <= window[1])] for side, held in ((a, held_a), (b, held_b))]
    share = min(float(held.mean()) if held.size else 0.0 for held in inside)
    return share, _has_senders(a, held_a) and _has_senders(b, held_b)


@dataclass(frozen=True)
class _Look:
    """One side of a comparison: which of its texts the other holds, and which in the common window are its own."""

    side: Side
    held: np.ndarray
    own: np.ndarray


def _look(side: Side, held: np.ndarray, window: tuple[int, int]) -> _Look:
    return _Look(side, held, ~held & (side.t >= window[0]) & (side.t <= window[1]))


def _nearly_agree(common: np.ndarray, own_a: np.ndarray, own_b: np.ndarray) -> bool:
    """Tell whether few texts are in one export only; where the other is silent, a stretch of them counts once.

    Whoever made the silent export may have been out of the chat.
    """
    a, b = (np.bincount(np.searchsorted(common, own), minlength=len(common) + 1) for own in (own_a, own_b))
    most = max(1.0, MOST_ONE_SIDED * len(common))
    return bool(np.minimum(a, b + 1).sum() <= most and np.minimum(b, a + 1).sum() <= most)


def _only_altered(common: np.ndarray, a: _Look, b: _Look) -> bool:
    """Tell whether what is in one export only is by people who carry shared texts, and little of it on one side."""
    strange_a, strange_b = (look.own & ~_is_carrier(look.side, look.held)[look.side.label] for look in (a, b))
    few = min(a.own.sum(), b.own.sum()) <= MOST_ALTERED * len(common)
    return bool(few) and _nearly_agree(common, a.side.t[strange_a], b.side.t[strange_b])


def _without_commonest(look: _Look) -> np.ndarray:
    """Leave out the texts of the sender who has most of them."""
    counts = np.bincount(look.side.label[look.own], minlength=1)
    return np.asarray(look.own & (look.side.label != counts.argmax()))


def _find_held(mine: np.ndarray, other: np.ndarray, shifts: Sequence[int]) -> np.ndarray:
    """Tell for each key whether the other export has it at the same moment, or at the clocks' other distances."""
    ends = [mine + shift for shift in shifts]
    found = [
        np.searchsorted(other, end - RESIDUAL_S) < np.searchsorted(other, end + RESIDUAL_S, "right") for end in ends
    ]
    return np.asarray(np.logical_or.reduce(found))


def _is_carrier(side: Side, held: np.ndarray) -> np.ndarray:
    """Tell for each label whether it carries shared texts; one short text alone may meet another by chance."""
    weights, n_labels = np.where(side.long[held], MIN_CARRIED, 1), int(side.label.max(initial=0)) + 1
    weight = np.bincount(side.label[held], weights=weights, minlength=n_labels)
    return np.asarray(weight >= MIN_CARRIED)


def _has_senders(side: Side, held: np.ndarray) -> bool:
    return int(_is_carrier(side, held).sum()) > 1


def _share_notices(a: Side, b: Side, shifts: Sequence[int]) -> bool:
    """Tell whether notices of who came and went agree: at least two, and nearly all while both were there."""
    held_a, held_b = _find_held(a.notices, b.notices, shifts), _find_held(b.notices, a.notices, [-x for x in shifts])
    if min(held_a.sum(), held_b.sum()) < MIN_NOTICES:
        return False
    window = (max(a.span[0], b.span[0]) - RESIDUAL_S, min(a.span[1], b.span[1]) + RESIDUAL_S)
    inside = [
        held[(times >= window[0]) & (times <= window[1])]
        for times, held in ((a.notice_t, held_a), (b.notice_t, held_b))
    ]
    return all(held.size == 0 or held.mean() >= MIN_NOTICES_HELD for held in inside)
