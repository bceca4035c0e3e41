"""Copies of one message in several exports of a chat: equal rows at one time, paired one to one.

Rows here carry `t`, the middle of the clock's step on the reference clock in milliseconds.
"""

from collections.abc import Sequence

import polars as pl

SLACK_MS = 30_000  # what estimated clocks may be off by, beyond their steps
LONGEST_RUN = 400  # longer runs are paired by place: trying every pairing would take too long

Row = tuple[int, int, int]  # t, step_ms, and a message id or a slot


def tolerance(step_a: pl.Expr, step_b: pl.Expr) -> pl.Expr:
    """Return how far apart two clocks may show one moment, in milliseconds."""
    return (step_a + step_b) // 2 + SLACK_MS


def match_copies(rows: pl.DataFrame, *, by: Sequence[str]) -> pl.DataFrame:
    """Return rows with `slot`, equal for copies of one message (the smallest message id), and `alone`.

    Rows that agree in the columns `by` and follow each other within the tolerance form a run; `alone` says that no
    export has two rows in it. In a run of the same length in every export the first is paired with the first and so
    on; in other runs as many as possible are paired, in order and near in time. A slot never holds two rows of one
    export.
    """
    runs = _find_runs(rows, by)
    uneven = _find_uneven(runs)
    rest = runs.join(uneven, on="run", how="anti")
    paired = _pair_uneven(runs.join(uneven, on="run", how="semi"))
    return (
        pl.concat([rest, paired.select(rest.columns)])
        .with_columns(slot=pl.col("message_id").min().over("run", "turn"))
        .drop("run", "turn")
        .sort("message_id")
    )


def _find_runs(rows: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Number the runs, and the turn of each row among those of its export."""
    first = pl.any_horizontal(pl.col(column).ne_missing(pl.col(column).shift(1)) for column in by)
    late = pl.col("t").diff() > tolerance(pl.col("step_ms"), pl.col("step_ms").shift(1))
    return (
        rows.sort(*by, "t", "src", "line", "message_id")
        .with_columns(run=(first | late).fill_null(value=True).cum_sum().cast(pl.Int64))
        .with_columns(turn=pl.int_range(pl.len(), dtype=pl.Int64).over("run", "src"))
        .with_columns(alone=pl.col("turn").max().over("run") == 0)
    )


def _find_uneven(runs: pl.DataFrame) -> pl.DataFrame:
    """Return the runs in which pairing by place would pair rows that are too far apart, or leave some over."""
    repeated = runs.filter(~pl.col("alone"))
    turns = repeated.group_by("run", "turn").agg(
        exports=pl.len(),
        far=pl.col("t").max() - pl.col("t").min() > pl.col("step_ms").min() + SLACK_MS,
    )
    several = repeated.group_by("run").agg(n_exports=pl.col("src").n_unique(), n=pl.len())
    worth = several.filter((pl.col("n_exports") > 1) & (pl.col("n") <= LONGEST_RUN))
    uneven = (pl.col("exports") < pl.col("n_exports")) | pl.col("far")
    return turns.join(worth, on="run").filter(uneven).select(pl.col("run").unique())


def _pair_uneven(rows: pl.DataFrame) -> pl.DataFrame:
    """Set the turns of uneven runs so that rows which belong together share one."""
    turns: dict[int, int] = {}
    for run in rows.partition_by("run", maintain_order=True):
        turns |= _pair_run(run.select("src", "t", "step_ms", "message_id").rows())
    turn = pl.Series("turn", [turns[message] for message in rows["message_id"]], dtype=pl.Int64)
    return rows.with_columns(turn)


def _pair_run(rows: list[tuple[int, int, int, int]]) -> dict[int, int]:
    """Return the slot of each message id of a run: exports with more rows first, then by number."""
    exports: dict[int, list[Row]] = {}
    for src, *row in rows:
        exports.setdefault(src, []).append((row[0], row[1], row[2]))
    slots: list[Row] = []
    out: dict[int, int] = {}
    for src in sorted(exports, key=lambda src: (-len(exports[src]), src)):
        taken = _align(exports[src], slots)
        fresh = [row for place, row in enumerate(exports[src]) if place not in taken]
        out |= {exports[src][place][2]: slots[other][2] for place, other in taken.items()}
        added = [(t, step, len(out) + place) for place, (t, step, _) in enumerate(fresh)]
        out |= {row[2]: slot[2] for row, slot in zip(fresh, added, strict=True)}
        slots = sorted([*slots, *added])
    return out


def _align(rows: list[Row], slots: list[Row]) -> dict[int, int]:
    """Return which place in `rows` takes which place in `slots`: the most pairs in order, then the nearest in time."""
    best = [[(0, 0)] * (len(slots) + 1) for _ in range(len(rows) + 1)]
    for i in reversed(range(len(rows))):
        for j in reversed(range(len(slots))):
            best[i][j] = max(best[i + 1][j], best[i][j + 1], _with_pair(rows[i], slots[j], best[i + 1][j + 1]))
    taken: dict[int, int] = {}
    i = j = 0
    while i < len(rows) and j < len(slots):
        if best[i][j] == _with_pair(rows[i], slots[j], best[i + 1][j + 1]):
            taken[i] = j
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return taken


def _with_pair(row: Row, slot: Row, rest: tuple[int, int]) -> tuple[int, int]:
    """Return the number of pairs and their distance (negative) with one more pair, or -1 if that is too far apart."""
    apart = abs(row[0] - slot[0])
    near = apart <= (row[1] + slot[1]) // 2 + SLACK_MS
    return (rest[0] + 1, rest[1] - apart) if near else (-1, 0)
