"""How long the stages after families take on a big case: seconds, and the largest memory so far, stage by stage.

An invented region: 2,000 chats, 20,000 people, texts that travel as waves of forwards, 200,000 shares. The tables are
made directly, as parsing and joining would leave them.

    python benchmarks/big_case.py
    python benchmarks/big_case.py --shares 20000 --people 2000 --chats 200 --no-figures
"""

import argparse
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from chatforensics import schema
from chatforensics.coordination import build_coordination_graph, count_hours, find_pairs, list_phones
from chatforensics.diffusion import build_diffusion_graph, build_edges, build_links, build_shares
from chatforensics.diffusion.exposure import count_reached, most_exposed
from chatforensics.diffusion.forest import build_cascade_forest
from chatforensics.diffusion.measures import measure_cascades
from chatforensics.figures import draw_figures
from chatforensics.graphfiles import AnyGraph, gexf_bytes, graphml_bytes, json_bytes

START = datetime(2031, 3, 3, 6, 0, tzinfo=UTC)
Result = TypeVar("Result")
Integers = npt.NDArray[np.int64]
DAYS, MEAN_DELAY_S, EDIT_RATE, READERS_WHO_FORWARD, MOST_OF_A_FAMILY = 60, 7200.0, 0.15, 0.6, 5_000
SENT = {"family": np.int64, "chat": np.int64, "person": np.int64, "at": np.int64, "variant": np.int64}


@dataclass
class Clock:
    """What each stage took."""

    rows: list[tuple[str, float, int]] = field(default_factory=list)

    def run(self, stage: str, work: Callable[[], Result]) -> Result:
        """Do the work, print its seconds and the largest memory so far, and return its result."""
        began = time.perf_counter()
        result = work()
        seconds = time.perf_counter() - began
        size = getattr(result, "height", None)
        size = len(result) if size is None and hasattr(result, "__len__") else size
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        self.rows.append((stage, seconds, peak))
        print(f"{stage:28} {seconds:8.1f} s {peak:8,} MB {'' if size is None else format(size, ',')}", flush=True)
        return result


def spread(rng: np.random.Generator, members: list[Integers], n_people: int, n_shares: int) -> pl.DataFrame:
    """Return shares in waves: some of those who could read a text send it into some of their chats, once."""
    chats_of: list[list[int]] = [[] for _ in range(n_people)]
    for chat, people in enumerate(members):
        for person in people.tolist():
            chats_of[person].append(chat)
    n_families = max(1, n_shares // 100)
    waves: list[tuple[int, int, int, int, int]] = []
    done: set[tuple[int, int]] = set()
    started = 0
    wave: list[tuple[int, int, int, int, int]] = []
    before = 0
    while len(waves) < n_shares:
        if not wave or len(waves) - before > MOST_OF_A_FAMILY:
            before = len(waves)
            family, started = started % n_families, started + 1
            person = int(rng.integers(n_people))
            wave = send(rng, chats_of[person], (family, person, int(rng.integers(DAYS * 86400)), 0))
            done.add((family, person))
        waves += wave
        wave = [share for sent in wave for share in forward(rng, sent, members, chats_of, done)]
    columns = zip(SENT, zip(*waves[:n_shares], strict=True), strict=True)
    return pl.DataFrame({name: np.array(values, dtype=SENT[name]) for name, values in columns})


def send(
    rng: np.random.Generator, chats: list[int], what: tuple[int, int, int, int]
) -> list[tuple[int, int, int, int, int]]:
    """Return one person's shares of a family: into one to three of their chats, a minute apart."""
    family, person, at, variant = what
    chosen = rng.permutation(chats)[: int(rng.integers(1, 4))]
    return [(family, int(chat), person, at + 60 * turn, variant) for turn, chat in enumerate(chosen)]


def forward(
    rng: np.random.Generator,
    sent: tuple[int, int, int, int, int],
    members: list[Integers],
    chats_of: list[list[int]],
    done: set[tuple[int, int]],
) -> list[tuple[int, int, int, int, int]]:
    """Return what the readers of one share send on."""
    family, chat, _, at, variant = sent
    found = []
    for reader in rng.choice(members[chat], size=int(rng.poisson(READERS_WHO_FORWARD))).tolist():
        if (family, reader) not in done:
            done.add((family, reader))
            later = at + 60 + int(MEAN_DELAY_S * rng.pareto(2.0))
            wording = int(rng.integers(1, 9)) if rng.random() < EDIT_RATE else variant
            found += send(rng, chats_of[reader], (family, reader, later, wording))
    return found


def make_tables(n_people: int, n_chats: int, n_shares: int, seed: int) -> dict[str, pl.DataFrame]:
    """Return the tables that joining, labelling and families would leave."""
    rng = np.random.default_rng(seed)
    sizes = np.clip(rng.lognormal(2.9, 0.7, n_chats).astype(int), 2, min(1000, n_people))
    members = [rng.choice(n_people, size=size, replace=False) for size in sizes]
    lonely = np.setdiff1d(np.arange(n_people), np.concatenate(members))
    for person in lonely.tolist():
        chat = int(rng.integers(n_chats))
        members[chat] = np.append(members[chat], person)
    sent = spread(rng, members, n_people, n_shares).sort("at", "chat", "person").with_row_index("message_id")
    words = np.array([f"word{number}" for number in range(5000)])
    texts = {
        (family, variant): " ".join(rng.choice(words, size=15)) + (f" edit {variant}" if variant else "")
        for family, variant in sent.select("family", "variant").unique().sort("family", "variant").iter_rows()
    }
    return {**_chat_tables(members, n_people), **_message_tables(sent, texts)}


def _chat_tables(members: list[Integers], n_people: int) -> dict[str, pl.DataFrame]:
    """Return chats, people, memberships and sources: one export of each chat."""
    n_chats = len(members)
    chats = [f"chat{number:05}" for number in range(n_chats)]
    people = [f"person{number:05}" for number in range(n_people)]
    stays = [
        {"chat_id": chats[chat], "person_id": people[person], "basis": "assumed", "source_ids": [chats[chat]]}
        for chat, group in enumerate(members)
        for person in group.tolist()
    ]
    named = [
        {"person_id": person, "pseudonym": f"Person {place}", "labels": [f"Name {place}"], "phones": [], "basis": ""}
        for place, person in enumerate(people)
    ]
    exports = [{"source_id": chat, "path": f"{chat}.txt", "chat_id": chat, "clock_step_s": 60} for chat in chats]
    groups = [{"chat_id": chat, "title": chat, "kind": "group", "source_ids": [chat]} for chat in chats]
    made = {"chats": groups, "people": named, "memberships": stays, "sources": exports}
    return {name: pl.DataFrame(rows, schema=dict(schema.TABLES[name])) for name, rows in made.items()}


def _message_tables(sent: pl.DataFrame, texts: dict[tuple[int, int], str]) -> dict[str, pl.DataFrame]:
    """Return messages, one per share, their families, and the labels of every second family."""
    known = pl.DataFrame(
        [(*key, text) for key, text in texts.items()], schema=["family", "variant", "text"], orient="row"
    )
    at = (pl.lit(START) + pl.duration(seconds=pl.col("at"))).dt.truncate("1m").dt.cast_time_unit("us")
    chat = pl.format("chat{}", pl.col("chat").cast(pl.String).str.zfill(5))
    filled = sent.join(known, on=["family", "variant"], maintain_order="left").with_columns(
        pl.col("message_id").cast(pl.Int64),
        chat_id=chat,
        source_id=chat,
        person_id=pl.format("person{}", pl.col("person").cast(pl.String).str.zfill(5)),
        sent_at=at,
        family_id=pl.format("family{}", pl.col("family").cast(pl.String).str.zfill(5)),
        variant_id=pl.format("variant{}-{}", "family", "variant"),
    )
    message = {
        "canonical_id": pl.col("message_id"),
        "line": pl.col("message_id"),
        "sent_local": pl.col("sent_at").dt.replace_time_zone(None),
        "kind": pl.lit("text"),
        "sender_label": pl.col("person_id"),
    }
    label = {
        "label": pl.lit(schema.SLATE_LABEL),
        "probability": pl.lit(0.99, pl.Float32),
        "decision": pl.lit("flag"),
    }
    family = {"similarity": pl.lit(1.0, pl.Float32), "tracked": pl.lit(value=True)}
    return {
        "messages": _fill(filled.with_columns(**message), "messages"),
        "families": _fill(filled.with_columns(**family), "families"),
        "labels": _fill(filled.filter(pl.col("family") % 2 == 0).with_columns(**label), "labels"),
    }


def _fill(frame: pl.DataFrame, table: str) -> pl.DataFrame:
    """Return the frame as that table, what it lacks being empty."""
    lacking = [
        pl.lit(None, kind).alias(name) for name, kind in schema.TABLES[table].items() if name not in frame.columns
    ]
    return schema.check(frame.with_columns(lacking), table=table).select(list(schema.TABLES[table]))


def run_stages(tables: dict[str, pl.DataFrame], clock: Clock) -> None:
    """Run the stages and put what they make into the tables."""
    memberships, messages = schema.Memberships(tables["memberships"]), schema.Messages(tables["messages"])
    families = schema.Families(tables["families"])
    tables["shares"] = shares = clock.run("shares", lambda: build_shares(messages, families))
    tables["edges"] = edges = clock.run("edges", lambda: build_edges(shares, memberships))
    tables["links"] = links = clock.run("links", lambda: build_links(shares, memberships, messages))
    clock.run("newly reached", lambda: count_reached(shares, memberships))
    clock.run("most exposed chats", lambda: most_exposed(shares, memberships))
    tables["cascades"] = clock.run("measures, 200 draws", lambda: measure_cascades(shares, links, edges, seed=1))
    tables["pairs"] = clock.run("pairs", lambda: _pair(tables, shares))


def _pair(tables: dict[str, pl.DataFrame], shares: schema.Shares) -> schema.Pairs:
    hours = count_hours(schema.Messages(tables["messages"]))
    phones = list_phones(schema.People(tables["people"]), schema.Sources(tables["sources"]))
    return find_pairs(shares, schema.Memberships(tables["memberships"]), hours, phones, clock_step_s=60, window_s=300.0)


def write_graphs(tables: dict[str, pl.DataFrame], clock: Clock) -> None:
    """Build each graph and its files."""
    people, shares = schema.People(tables["people"]), schema.Shares(tables["shares"])
    links, chats = schema.Links(tables["links"]), schema.Chats(tables["chats"])
    edges, pairs = schema.Edges(tables["edges"]), schema.Pairs(tables["pairs"])
    graphs: dict[str, Callable[[], AnyGraph]] = {
        "diffusion": lambda: build_diffusion_graph(edges, people, shares, links=links),
        "cascades": lambda: build_cascade_forest(shares, links, people, chats),
        "coordination": lambda: build_coordination_graph(pairs, people),
    }
    for name, build in graphs.items():
        graph = clock.run(f"graph {name}", build)
        for ending, write in (("graphml", graphml_bytes), ("gexf", gexf_bytes), ("json", json_bytes)):
            content = clock.run(f"{name}.{ending}", lambda write=write, graph=graph: write(graph))  # type: ignore[misc]
            del content
        del graph


def main() -> None:
    """Make the case and time it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shares", type=int, default=200_000)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--chats", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-figures", action="store_true", help="leave the figures out")
    args = parser.parse_args()
    clock = Clock()
    tables = make_tables(args.people, args.chats, args.shares, args.seed)
    run_stages(tables, clock)
    write_graphs(tables, clock)
    if not args.no_figures:
        clock.run("figures", lambda: draw_figures(tables))
    print(f"{'all':28} {sum(row[1] for row in clock.rows):8.1f} s {clock.rows[-1][2]:8,} MB")


if __name__ == "__main__":
    main()
