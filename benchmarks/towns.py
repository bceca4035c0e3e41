"""How well families, shares, links, edges and pairs of simulated towns are found, with intervals over seeds.

    python benchmarks/towns.py --bench BENCH --towns towns/s1-any-1.0 towns/s2-any-1.0 --tz Europe/London
    python benchmarks/towns.py --bench BENCH --towns towns/s1-any-1.0 --front --out scored.json

A town is a folder with `exports/` and `truth/`, as `BENCH/simulate_campaign.py` makes it; `BENCH/score_campaign.py`
compares the tables with the truth. Without `--front` the main job runs on the exports. With it, the finished tables
before the families (`front/messages.parquet` and the others) are taken as they are, and only the later stages run.

Towns of one mode and coverage stand in one row. Counts are pooled over them: an F1 is that of all towns' pairs put
together. Calibration errors are averaged with the number of links as weights, which cannot be less than the error of
all links put together. Intervals are the middle 95 of 100 of 2,000 draws of as many seeds, with replacement.
"""

import argparse
import importlib
import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import polars as pl

from chatforensics.coordination import count_hours, find_pairs, list_phones
from chatforensics.diffusion import build_edges, build_links, build_shares
from chatforensics.families import build_families
from chatforensics.joining.namesakes import find_namesakes
from chatforensics.schema import Labels, Memberships, Messages, People, Sources
from chatforensics.workflow import Settings, analyse

FRONT = ("sources", "messages", "chats", "people", "memberships", "labels")
WINDOW_S, DRAWS = 300.0, 2000
SCORERS = ("score_families", "score_shares", "score_links", "score_edges", "score_pairs")
SHOWN = (
    "families_f1", "shares_count_error", "edges_f1", "links_edge_precision", "links_edge_recall", "links_edge_f1",
    "links_unseen_recall", "links_calibration_error", "pairs_precision", "pairs_recall_two_visible_actions",
    "pairs_innocent_flagged",
)  # fmt: skip
GOALS = {"families_f1": 0.97, "shares_count_error": 0.02, "edges_f1": 0.93, "links_calibration_error": 0.05}

Count: TypeAlias = tuple[float, float]  # what is divided, and by what


class Town(NamedTuple):
    """One town: what was asked of the simulation, and every metric as a numerator and a denominator."""

    seed: int
    mode: str
    coverage: float
    counts: Mapping[str, Count]


def run_back(front: Path, out: Path) -> None:
    """Run the stages from the families on, and write all tables that the scorer reads."""
    tables = {name: pl.read_parquet(front / f"{name}.parquet") for name in FRONT}
    messages, stays = Messages(tables["messages"]), Memberships(tables["memberships"])
    families = build_families(messages, Labels(tables["labels"]))
    shares = build_shares(messages, families)
    step = max(tables["sources"]["clock_step_s"].to_list())
    phones = list_phones(People(tables["people"]), Sources(tables["sources"]))
    made = {
        "families": families,
        "shares": shares,
        "edges": build_edges(shares, stays),
        "links": build_links(shares, stays, messages, namesakes=find_namesakes(People(tables["people"]), stays)),
        "pairs": find_pairs(shares, stays, count_hours(messages), phones, clock_step_s=step, window_s=WINDOW_S),
    }
    out.mkdir(parents=True, exist_ok=True)
    for name, table in {**tables, **made}.items():
        table.write_parquet(out / f"{name}.parquet")


def count(rows: Sequence[tuple[str, float | None, float | None]]) -> dict[str, Count]:
    """Return each metric of the scorer as what is divided and by what, so that towns can be put together.

    An F1 is twice the right over the found and the true; the scorer gives the found with the precision.
    """
    value = {name: (0.0 if figure is None else figure, n or 0) for name, figure, n in rows}
    counts: dict[str, Count] = {}
    for name, (figure, n) in value.items():
        if name.endswith("_f1"):
            precision, found = value[name.removesuffix("f1") + "precision"]
            counts[name] = (2 * precision * found, found + n)
        else:
            counts[name] = (figure * n, n)
    return counts


def score_town(town: Path, tables: Path, scorer: Any) -> Town:  # noqa: ANN401 - a module found at run time
    """Compare the tables of one town with its truth."""
    asked = json.loads((town / "truth" / "summary.json").read_text(encoding="utf-8"))["arguments"]
    truth = scorer.Truth(town / "truth")
    tool = scorer.Analysis(tables, truth)
    rows = [row for name in SCORERS for row in getattr(scorer, name)(truth, tool)]
    return Town(asked["seed"], asked["mode"], asked["coverage"], count(rows))


def read_towns(args: argparse.Namespace, scorer: Any) -> Iterator[Town]:  # noqa: ANN401 - a module found at run time
    """Run and score one town after the other."""
    for town in args.towns:
        with TemporaryDirectory() as scratch:
            out = (args.keep or Path(scratch)) / town.name
            if args.front:
                run_back(town / "front", out)
            else:
                settings = Settings(timezone=args.tz, pictures="none")
                analyse([town / "exports"], out=out, settings=settings)
            yield score_town(town, out, scorer)


def pool(towns: Sequence[Town], name: str) -> float:
    """Return one metric over all towns put together, NaN where there is nothing to divide by."""
    over, under = (sum(town.counts[name][part] for town in towns) for part in (0, 1))
    return over / under if under else float("nan")


def bootstrap(towns: Sequence[Town], name: str) -> tuple[float, float]:
    """Return the middle 95 of 100 pooled values over draws of as many towns, with replacement."""
    counts = np.array([town.counts[name] for town in towns])
    drawn = np.random.default_rng(0).integers(len(towns), size=(DRAWS, len(towns)))
    sums = counts[drawn].sum(axis=1)
    values = sums[sums[:, 1] > 0]
    if not values.size:
        return float("nan"), float("nan")
    low, high = np.quantile(values[:, 0] / values[:, 1], [0.025, 0.975])
    return float(low), float(high)


def say(towns: Sequence[Town]) -> Iterator[str]:
    """Yield the lines of the result, one block per mode and coverage."""
    groups: defaultdict[tuple[str, float], list[Town]] = defaultdict(list)
    for town in towns:
        groups[town.mode, town.coverage].append(town)
    for (mode, coverage), group in sorted(groups.items(), key=lambda item: (-item[0][1], item[0][0])):
        seeds = ", ".join(str(seed) for seed in sorted(town.seed for town in group))
        yield f"mode {mode}, coverage {coverage:g}, {len(group)} seeds ({seeds})"
        for name in SHOWN:
            low, high = bootstrap(group, name)
            goal = f"   goal {GOALS[name]:g}" if name in GOALS else ""
            yield f"  {name:34} {pool(group, name):7.4f}   {low:.4f} to {high:.4f}{goal}"


def main() -> None:
    """Run, score and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", type=Path, required=True, help="folder with score_campaign.py")
    parser.add_argument("--towns", type=Path, nargs="+", required=True, help="folders with exports/ and truth/")
    parser.add_argument("--front", action="store_true", help="start from the tables in front/")
    parser.add_argument("--tz", default="Europe/London", help="zone of the towns")
    parser.add_argument("--keep", type=Path, help="folder in which the tables are kept, one sub-folder per town")
    parser.add_argument("--out", type=Path, help="JSON file for the counts of every town")
    args = parser.parse_args()
    sys.path.insert(0, str(args.bench))
    towns = list(read_towns(args, importlib.import_module("score_campaign")))
    print("\n".join(say(towns)))
    if args.out:
        args.out.write_text(json.dumps([town._asdict() for town in towns], indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
