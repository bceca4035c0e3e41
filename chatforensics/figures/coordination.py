"""Who sent the same texts close in time, and how likely that is by chance."""

import math
from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from chatforensics.figures.drawing import Pictures, Sketch, render
from chatforensics.figures.facts import MESSAGES_BEHIND, MOST_LISTED, Tables, count_of, table_of
from chatforensics.figures.fonts import measure
from chatforensics.figures.marks import add_shape
from chatforensics.figures.names import drawable, person_names
from chatforensics.figures.page import Key, Layout, compose
from chatforensics.figures.style import COLOURS, FAINT_INK, OTHER_COLOUR, TEXT_PT
from chatforensics.schema import SIGNIFICANT_Q

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_PEOPLE = 60
MOST_PAIRS = 150
_NAME_MM = 36.0
_FEW = 8
_GAP = 0.6
_WIDEST_PT = 2.6
_UPRIGHT = 1e-6
Spot = tuple[float, float]
TITLE = "Who sent the same texts close in time"


def sketch_coordination(tables: Tables) -> Sketch | None:
    """Show people on a ring and a line between two who sent the same texts close in time.

    Two people who both copy a third, or who read the same news at the same hour, are joined as well: a line shows
    common timing, not a common order. Returns None where there are no pairs.
    """
    pairs = _pairs(tables)
    if pairs.is_empty():
        return None
    names = person_names(tables, [*pairs["person_a"], *pairs["person_b"]])
    drawn = pairs.filter("drawn").drop("message_ids")
    own = {person: names[person] for person in (*drawn["person_a"], *drawn["person_b"])}
    picture = partial(_picture, drawn, own, pairs.height)
    return Sketch("coordination", TITLE, _alt(pairs, names), picture, _table(pairs, names))


def _pairs(tables: Tables) -> pl.DataFrame:
    """Return the pairs, those less likely by chance first, and whether the picture has room for each."""
    pairs = table_of(tables, "pairs").with_columns(
        (pl.col("q_value") <= SIGNIFICANT_Q).fill_null(value=False).alias("significant")
    )
    pairs = pairs.sort(~pl.col("significant"), -pl.col("n_shares"), "q_value", "person_a", "person_b")
    people: set[str] = set()
    drawn: list[bool] = []
    n_drawn = 0
    for pair in pairs.select("person_a", "person_b").iter_rows():
        fits = n_drawn < MOST_PAIRS and len(people.union(pair)) <= MOST_PEOPLE
        people.update(pair if fits else ())
        n_drawn += fits
        drawn.append(fits)
    return pairs.with_columns(pl.Series("drawn", drawn, pl.Boolean)).join(
        messages_of_pairs(tables, pairs), on=["person_a", "person_b"], how="left", maintain_order="left"
    )


def messages_of_pairs(tables: Tables, pairs: pl.DataFrame) -> pl.DataFrame:
    """Return for each pair the messages of both in the families that both sent; of very many pairs, for the first."""
    listed = pairs.head(MOST_LISTED).select("person_a", "person_b")
    people = pl.concat([listed["person_a"], listed["person_b"]]).unique()
    shares = table_of(tables, "shares").select("person_id", "family_id", "message_ids")
    sent = shares.filter(pl.col("person_id").is_in(people.implode())).explode("message_ids").drop_nulls("message_ids")
    sent = sent.group_by("person_id", "family_id").agg("message_ids")
    one = listed.join(sent, left_on="person_a", right_on="person_id")
    both = one.join(sent, left_on=["person_b", "family_id"], right_on=["person_id", "family_id"], suffix="_b")
    behind = both.select("person_a", "person_b", message_ids=pl.concat_list("message_ids", "message_ids_b"))
    return behind.group_by("person_a", "person_b").agg(MESSAGES_BEHIND)


def ring_order(weights: dict[tuple[str, str], int]) -> list[list[str]]:
    """Return the people in groups that no pair joins, those with most in common side by side.

    The largest group comes first; within it each next person is the one most joined to those placed last.
    """
    near: dict[str, dict[str, int]] = defaultdict(dict)
    for (a, b), weight in weights.items():
        near[a][b] = near[b][a] = weight
    left = set(near)
    groups = []
    while left:
        person = min(left, key=lambda one: (-sum(near[one].values()), one))
        group = [person]
        left.remove(person)
        while ahead := {other for one in group for other in near[one]} & left:
            group.append(min(ahead, key=lambda one: (-_pull(near[one], group), one)))
            left.remove(group[-1])
        groups.append(group)
    return sorted(groups, key=lambda group: (-len(group), group))


def _pull(weights: dict[str, int], group: list[str]) -> float:
    """Return how strongly the last of the group draw a person to their side: the nearer, the more."""
    return sum(weights.get(one, 0) / (1 + back) for back, one in enumerate(reversed(group)))


def _angles(groups: list[list[str]]) -> dict[str, float]:
    """Spread the people evenly around the ring from the top, clockwise, with a gap between groups."""
    gap = _GAP if len(groups) > 1 else 0
    total = sum(len(group) + gap for group in groups)
    start = math.pi if groups == [groups[0][:2]] else math.pi / 2  # two people stand side by side
    angles, place = {}, 0.0
    for group in groups:
        for person in group:
            angles[person] = start - 2 * math.pi * place / total
            place += 1
        place += gap
    return angles


def _picture(pairs: pl.DataFrame, names: dict[str, str], n_all: int) -> Pictures:
    weights = {(a, b): n for a, b, n in pairs.select("person_a", "person_b", "n_shares").iter_rows()}
    angles = _angles(ring_order(weights))
    shown = {person: drawable(names[person], width_mm=_NAME_MM) for person in angles}
    few = len(angles) <= _FEW
    radius = 10 + 1.5 * len(angles) if few else min(40.0, 20 + 0.6 * len(angles))
    beyond = 7.0 if few else 4 + max(measure(name, size=TEXT_PT)[0] for name in shown.values())
    layout = Layout(
        title=TITLE,
        panels_mm=[2 * (radius + beyond)],
        left_mm=4.0,
        below_mm=1.0,
        keys=_keys(pairs),
        notes=_notes(pairs.height, n_all),
    )
    figure, (axes,) = compose(layout)
    axes.set_axis_off()
    centre = (layout.plot_mm / 2, radius + beyond)
    spots = {p: (centre[0] + radius * math.cos(a), centre[1] + radius * math.sin(a)) for p, a in angles.items()}
    _draw_pairs(axes, pairs, spots, centre)
    joined = {person for pair in pairs.filter("significant").select("person_a", "person_b").rows() for person in pair}
    for person, (x, y) in spots.items():
        face, edge = (COLOURS[0], COLOURS[0]) if person in joined else ("white", FAINT_INK)
        axes.plot(x, y, "o", ms=5, mfc=face, mec=edge, mew=1.0, zorder=5)
        _name_person(axes, shown[person], spots[person], angles[person], level=few)
    return render(figure)


def _draw_pairs(axes: "Axes", pairs: pl.DataFrame, spots: dict[str, Spot], centre: Spot) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    most = max(pairs["n_shares"])
    for row in pairs.reverse().iter_rows(named=True):
        one, other = spots[row["person_a"]], spots[row["person_b"]]
        turn = _turn(one, other, centre)
        line = PathPatch(
            Path([one, turn, other], [Path.MOVETO, Path.CURVE3, Path.CURVE3]),
            fill=False,
            linewidth=_width(row["n_shares"], most),
            linestyle="-" if row["significant"] else (0, (3, 2)),
            edgecolor=COLOURS[0] if row["significant"] else OTHER_COLOUR,
            alpha=0.75 if row["significant"] else 0.55,
            zorder=3 if row["significant"] else 2,
        )
        add_shape(axes, line)


def _turn(one: Spot, other: Spot, centre: Spot) -> Spot:
    """Return where a line bends: a little towards the middle, so that it passes the dots between on the rim."""
    half = ((one[0] + other[0]) / 2, (one[1] + other[1]) / 2)
    inwards = max(math.dist(half, centre), 0.01)
    part = min(0.35, 0.8 * math.dist(one, other) / inwards)
    return (half[0] + part * (centre[0] - half[0]), half[1] + part * (centre[1] - half[1]))


def _name_person(axes: "Axes", name: str, spot: Spot, angle: float, *, level: bool) -> None:
    away = 2.2
    right = math.cos(angle) > -_UPRIGHT
    x, y = spot[0] + away * math.cos(angle), spot[1] + away * math.sin(angle)
    turn = 0.0 if level else math.degrees(angle) + (0 if right else 180)
    side = "left" if right else "right"
    if level and abs(math.cos(angle)) < _UPRIGHT:
        side, y = "center", y + math.copysign(1.2, math.sin(angle))
    axes.text(x, y, name, ha=side, va="center_baseline", rotation=turn, rotation_mode="anchor", size=TEXT_PT)


def _keys(pairs: pl.DataFrame) -> list[Key]:
    least, most = min(pairs["n_shares"]), max(pairs["n_shares"])
    solid = Key(f"unlikely by chance alone (q at most {SIGNIFICANT_Q})", COLOURS[0], line="-", width=1.6)
    dashed = Key("may be chance", OTHER_COLOUR, line="--", width=1.6)
    kinds = [(solid, pairs["significant"].any()), (dashed, (~pairs["significant"]).any())]
    widths = [
        Key(f"{count_of(n, 'share')} in common", FAINT_INK, line="-", width=_width(n, most))
        for n in sorted({least, most})
    ]
    return [*(key for key, present in kinds if present), *widths]


def _width(n_shares: int, most: int) -> float:
    return 0.5 + (_WIDEST_PT - 0.5) * n_shares / most


def _notes(n_drawn: int, n_all: int) -> list[str]:
    notes = [
        "A line shows common timing, not a common order: two who copy a third, or read the same news, are joined too."
    ]
    if n_drawn < n_all:
        notes.append(
            f"{n_drawn} of {n_all} pairs are drawn: those with a low q first, then by shares; all are in the table."
        )
    return notes


def _alt(pairs: pl.DataFrame, names: dict[str, str]) -> str:
    top = pairs.row(0, named=True)
    q_value = "unknown" if top["q_value"] is None else f"{top['q_value']:.3g}"
    return (
        f"Network of {count_of(len(names), 'person', 'people')} and {count_of(pairs.height, 'pair')} who sent the same "
        "texts close in time. "
        f"Unlikely by chance alone (q at most {SIGNIFICANT_Q}) and drawn solid: {pairs['significant'].sum()}; "
        f"the others are dashed. In the picture: {pairs['drawn'].sum()}. First of them: {names[top['person_a']]} and "
        f"{names[top['person_b']]}, {count_of(top['n_shares'], 'share')} in "
        f"{count_of(top['n_families'], 'family', 'families')}, q {q_value}."
    )


def _table(pairs: pl.DataFrame, names: dict[str, str]) -> pl.DataFrame:
    """Return the table twin: one row per pair."""
    return pairs.select(
        pl.col("person_a").replace_strict(names, return_dtype=pl.String).alias("one person"),
        pl.col("person_b").replace_strict(names, return_dtype=pl.String).alias("the other"),
        pl.col("n_shares").alias("shares in common"),
        pl.col("n_families").alias("families in common"),
        pl.col("median_lag_s").alias("median seconds between"),
        "p_value",
        "q_value",
        pl.col("drawn").alias("in the picture"),
        pl.col("message_ids").fill_null([]),
    )
