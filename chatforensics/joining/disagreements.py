"""Messages left over on both sides of a comparison: do two of them show one message that differs in one thing?

Only pairs without a rival are joined; whatever could be paired in two ways stays apart.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import polars as pl

from chatforensics.joining.copies import SLACK_MS, match_copies, tolerance
from chatforensics.joining.tolerances import HOUR_MS

DAY_MS = 86_400_000
NEAR_MS = 60_000 + SLACK_MS
CROWD = 20  # more left-over messages of one key at one time are never paired: nothing tells them apart
AGREE = "agree"
UNTIED = "untied"  # agreement under two labels that nothing ties together
WORDLESS = "wordless"  # agreement of words with none: a caption left out, a deleted message

_KEYS = ("chat", "person", "code", "worded", "long", "t", "step_ms", "fold", "media", "before", "after")


@dataclass(frozen=True)
class Rule:
    """One way in which two copies may differ: what must agree (`by`), within which time, and a further condition."""

    name: str
    by: tuple[str, ...]
    reach_ms: int
    condition: Callable[[], pl.Expr]
    strangers: bool = False  # only where neither export knows the other's label
    inside: bool = False  # only inside the windows of both: at their edges two texts with nothing in common may meet


@dataclass(frozen=True)
class Slot:
    """A left-over message: the exports that show it and those that cover its time without showing it."""

    slot: int
    person: int
    sources: frozenset[int]
    lacks: frozenset[int]


def _same_moment() -> pl.Expr:
    return (pl.col("t") - pl.col("t_b")).abs() <= tolerance(pl.col("step_ms"), pl.col("step_ms_b"))


def _autumn_hour() -> pl.Expr:
    """Tell whether an hour that one clock shows twice explains the distance: of two readings, the first was taken."""
    apart = ((pl.col("t") - pl.col("t_b")).abs() - HOUR_MS).abs()
    return (pl.col("fold") | pl.col("fold_b")) & (apart <= tolerance(pl.col("step_ms"), pl.col("step_ms_b")))


def _same_gap() -> pl.Expr:
    """Tell whether two messages stand behind, or in front of, one message that several exports show."""
    return (pl.col("before") == pl.col("before_b")) | (pl.col("after") == pl.col("after_b"))


def _in_place(*, worded: bool) -> pl.Expr:
    words = _both_worded() if worded else ~_both_worded()
    return words & _differ("code") & _same_moment() & _same_gap()


def _differ(column: str) -> pl.Expr:
    return pl.col(column) != pl.col(f"{column}_b")


def _both_worded() -> pl.Expr:
    return pl.col("worded") & pl.col("worded_b")


RULES = (
    Rule("sender_conflict", ("chat", "code"), NEAR_MS, lambda: pl.col("long") & _differ("person") & _same_moment()),
    Rule(UNTIED, ("chat", "code"), NEAR_MS, lambda: _differ("person") & _same_moment(), strangers=True),
    Rule(AGREE, ("chat", "person", "code"), HOUR_MS + NEAR_MS, _autumn_hour),
    Rule("time_conflict", ("chat", "person", "code"), DAY_MS, lambda: pl.col("long")),
    Rule(WORDLESS, ("chat", "person"), NEAR_MS, lambda: _in_place(worded=False), inside=True),
    Rule("text_conflict", ("chat", "person"), NEAR_MS, lambda: _in_place(worded=True), inside=True),
)


def reconcile(
    rows: pl.DataFrame, missing: pl.DataFrame, inside: pl.DataFrame, *, seen: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Join left-over copies that differ in sender, time, kind or text.

    Args:
        rows: Copies with `message_id`, `slot`, `src`, `chat`, `person`, `code`, `worded`, `long`, `t`, `step_ms`,
            `fold` (the time occurs twice), `media`, `line`.
        missing: `slot`, `src` of exports that should show a message and do not, up to the edges of their windows.
        inside: The same, within their windows only.
        seen: `person`, `src` of the people whom each export names.

    Returns:
        The new slot of each slot that was joined to another (`slot`, `into`), and what differs (`slot`, `differs`): a
        conflict, or in agreement `UNTIED` or `WORDLESS`.
    """
    left = _add_neighbours(rows).join(missing, on="slot", how="semi").select("message_id", "slot", "src", *_KEYS)
    known = frozenset(seen.select("person", "src").iter_rows())
    into: dict[int, int] = {}
    found = [(a.slot, WORDLESS) for a, _ in _unite(_pair_media(left, missing), into)]
    left, missing, inside = _update(left, missing, inside, into)
    for rule in RULES:
        pairs = _without_rivals(_candidates(left, inside if rule.inside else missing, rule))
        pairs = [(a, b) for a, b in pairs if not (rule.strangers and _are_known(a, b, known))]
        found += [(a.slot, rule.name) for a, b in _unite(pairs, into) if _is_conflict(rule, a, b, known)]
        left, missing, inside = _update(left, missing, inside, into)
    moves = pl.DataFrame({"slot": sorted(into)}, schema={"slot": pl.Int64})
    differs = pl.DataFrame(found, schema={"slot": pl.Int64, "differs": pl.String}, orient="row")
    return _move(moves.with_columns(old="slot"), into).select(slot="old", into="slot"), _move(differs, into).unique()


def _update(
    left: pl.DataFrame, missing: pl.DataFrame, inside: pl.DataFrame, into: Mapping[int, int]
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    left = _move(left, into)
    gaps = [_move(part, into).unique().join(left, on=["slot", "src"], how="anti") for part in (missing, inside)]
    return left, gaps[0], gaps[1]


def _add_neighbours(rows: pl.DataFrame) -> pl.DataFrame:
    """Add the nearest slots `before` and `after` in the same file that several exports show."""
    shared = pl.when(pl.len().over("slot") > 1).then("slot")
    ordered = rows.with_columns(shared=shared).sort("src", "line")
    return ordered.with_columns(
        before=pl.col("shared").forward_fill().shift(1).over("src"),
        after=pl.col("shared").backward_fill().shift(-1).over("src"),
    ).drop("shared")


def _pair_media(left: pl.DataFrame, missing: pl.DataFrame) -> list[tuple[Slot, Slot]]:
    """Pair pictures and other media in order, as an album: one export leaves out the captions that another shows."""
    media = left.filter("media").rename({"slot": "old"}).with_columns(line=pl.col("message_id"))
    matched = match_copies(media, by=["chat", "person"]).with_columns(words=pl.when("worded").then("code"))
    fits = matched.filter((pl.col("words").drop_nulls().n_unique().over("slot") <= 1) & (pl.len().over("slot") > 1))
    lacks = missing.group_by(old="slot").agg(lacks=pl.col("src"))
    told = left.group_by(old="slot").agg(pl.col("person").first(), sources=pl.col("src")).join(lacks, on="old")
    groups = (
        fits.sort("message_id").group_by("slot", maintain_order=True).agg(pl.col("old").unique(maintain_order=True))
    )
    slots = {row[0]: _slot(row) for row in told.select("old", "person", "sources", "lacks").iter_rows()}
    pairs = [(slots[a], slots[b]) for olds in groups["old"] for a, b in pairwise(olds) if a in slots and b in slots]
    return [(a, b) for a, b in pairs if _fill_each_other(a, b)]


def _candidates(left: pl.DataFrame, missing: pl.DataFrame, rule: Rule) -> list[tuple[Slot, Slot]]:
    """Return pairs of left-over messages that the rule allows and of which each fills a gap of the other."""
    slots = left.sort("message_id").group_by("slot").agg(pl.col(_KEYS).first(), sources=pl.col("src"))
    slots = slots.join(missing.group_by("slot").agg(lacks=pl.col("src")), on="slot")
    buckets = slots.with_columns(bucket=pl.col("t") // rule.reach_ms)
    buckets = buckets.filter(pl.len().over(*rule.by, "bucket") <= CROWD)
    others = pl.concat([buckets.with_columns(bucket=pl.col("bucket") + step) for step in (-1, 0, 1)])
    right = others.select(*rule.by, "bucket", *(pl.col(name).alias(f"{name}_b") for name in slots.columns))
    near = (pl.col("t") - pl.col("t_b")).abs() <= rule.reach_ms
    pairs = (
        buckets.join(right, on=[*rule.by, "bucket"])
        .filter((pl.col("slot") < pl.col("slot_b")) & near)
        .filter(rule.condition())
        .sort("slot", "slot_b")
    )
    sides = [[f"{name}{end}" for name in ("slot", "person", "sources", "lacks")] for end in ("", "_b")]
    both = zip(*(map(_slot, pairs.select(columns).iter_rows()) for columns in sides), strict=True)
    return [(a, b) for a, b in both if _fill_each_other(a, b)]


def _slot(row: tuple[int, int, list[int], list[int]]) -> Slot:
    return Slot(row[0], row[1], frozenset(row[2]), frozenset(row[3]))


def _fill_each_other(a: Slot, b: Slot) -> bool:
    return not a.sources & b.sources and bool(a.lacks & b.sources) and bool(b.lacks & a.sources)


def _without_rivals(pairs: list[tuple[Slot, Slot]]) -> list[tuple[Slot, Slot]]:
    """Drop pairs of which one side could as well be joined to another message of the same export."""
    sides = [(one, other) for a, b in pairs for one, other in ((a, b), (b, a))]
    rivals = Counter((one.slot, src) for one, other in sides for src in other.sources)
    return [
        (a, b)
        for a, b in pairs
        if all(rivals[a.slot, src] == 1 for src in b.sources) and all(rivals[b.slot, src] == 1 for src in a.sources)
    ]


def _unite(pairs: list[tuple[Slot, Slot]], into: dict[int, int]) -> list[tuple[Slot, Slot]]:
    """Note in `into` which slots become one, never two messages of one export; return the pairs that were joined."""
    holders = {slot.slot: slot.sources for pair in pairs for slot in pair}
    joined = []
    for a, b in pairs:
        first, second = sorted((_follow(a.slot, into), _follow(b.slot, into)))
        if first != second and not holders[first] & holders[second]:
            into[second] = first
            holders[first] |= holders[second]
        if _follow(a.slot, into) == _follow(b.slot, into):
            joined.append((a, b))
    return joined


def _is_conflict(rule: Rule, a: Slot, b: Slot, known: frozenset[tuple[int, int]]) -> bool:
    """Tell whether the joined copies disagree; two labels are no conflict while nobody knows whose they are."""
    return rule.name != AGREE and (rule.name != "sender_conflict" or _are_known(a, b, known))


def _are_known(a: Slot, b: Slot, known: frozenset[tuple[int, int]]) -> bool:
    return any((a.person, src) in known for src in b.sources) or any((b.person, src) in known for src in a.sources)


def _follow(slot: int, into: Mapping[int, int]) -> int:
    while slot in into:
        slot = into[slot]
    return slot


def _move(frame: pl.DataFrame, into: Mapping[int, int]) -> pl.DataFrame:
    """Replace the slots that became part of another."""
    roots = {slot: _follow(slot, into) for slot in into}
    return frame.with_columns(pl.col("slot").replace(roots)) if roots else frame
